"""``dtindex inspect``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.common import Language
from dtindex.cli.console import Console, new_table
from dtindex.cli.inputs import load_subject
from dtindex.cli.options import Delimiter, Encoding, HeaderRows, Sheet, TableSource, console_of, output_file
from dtindex.cli.remarks import counted, exit_code, merged, shown_path, tell_warnings, to_dict

if TYPE_CHECKING:
    from dtindex.tables.describe import ColumnSummary
    from dtindex.tables.raw import RawTable
    from dtindex.tables.survey.propose import Proposal

__all__ = ["run"]

_SAMPLE = 32
_HIDDEN = "(not shown)"
_WORDS = {
    "column": ("column", "列"),
    "kind": ("kind", "类型"),
    "filled": ("filled", "有值"),
    "of": (" of ", " / "),
    "distinct": ("distinct", "不同值"),
    "lowest": ("lowest", "最小"),
    "highest": ("highest", "最大"),
    "sample": ("sample", "示例"),
    "serves": ("serves", "用途"),
    "number": ("number", "数字"),
    "percent": ("percent", "百分数"),
    "thousands": ("thousands", "千分位数字"),
    "text": ("text", "文字"),
    "empty": ("empty", "空"),
    "nothing": ("nothing", "无"),
    "nearest": ("; nearest is ", "；最接近："),
    "not a number": ("not a number", "不是数字"),
    "taken for": ("taken for", "视为"),
    "read as": ("read as an export of {}: what each column was taken for", "按{}导出文件读取，各列视为"),
    "block": (
        "A `questions:` block to start from (--questions FILE writes it); give options their points:",
        "可作起点的 `questions:` 块（--questions FILE 可写入文件）；请为选项补上分值：",
    ),
}
"""Heads and phrases of this verb, in English and Chinese."""


def run(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow file.", show_default=False)
    ],
    methodology: Annotated[
        str | None, typer.Option("-m", "--methodology", metavar="NAME", help="Say what each column would serve.")
    ] = None,
    questions: Annotated[
        str | None,
        typer.Option(
            "-q", "--questions", metavar="FILE", help="Write the `questions:` block that is proposed (.yaml)."
        ),
    ] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
) -> int:
    """Format, encoding, delimiter, sheet and size; of each column kind, cells that are filled, range and samples.

    With --methodology also the id or the question that a column serves, or the nearest that the methodology lacks. Of
    an export of 问卷星, Qualtrics, LimeSurvey or SPSS also what each column was taken for, and a `questions:` block to
    start from; cells of columns that identify a person are not shown.
    """
    from dtindex.tables.describe import describe
    from dtindex.tables.read import read_source
    from dtindex.tables.survey.propose import propose

    console = console_of(context)
    known = None if methodology is None else load_subject(methodology).methodology
    raw = read_source(file, **TableSource(file, sheet, delimiter, encoding, header_rows).arguments())
    proposal = propose(raw)
    export = proposal.export
    described = describe(export.raw, known, frozenset(export.dialect.blanks))
    columns = tuple(_hidden(column, proposal) for column in described)
    files = [] if questions is None else [_write(proposal, questions, console.language)]
    findings = merged(raw.findings)
    is_known = known is not None
    asked = questions is not None or (not is_known and export.dialect.name != "plain")
    if console.for_people:
        _print(console, raw, columns, proposal, is_known)
        if asked:
            _print_proposal(console, proposal, questions is None)
        for path in files:
            console.say(f"wrote {shown_path(path)}", "dim")
        console.say(counted(findings))
    tell_warnings(console, findings)
    code = exit_code(console, findings)
    survey = _survey(proposal) if asked else {}
    written = {"files": [str(path) for path in files], **to_dict(findings), "exit_code": int(code)}
    console.document(_document(raw, columns, proposal) | survey | written)
    return code


def _hidden(column: ColumnSummary, proposal: Proposal) -> ColumnSummary:
    """A column that identifies a person, without what stands in it."""
    from dataclasses import replace

    header = proposal.export.raw.header
    if header.index(column.name) not in proposal.personal:
        return column
    return replace(column, low=None, high=None, sample=(_HIDDEN,), odd=())


def _write(proposal: Proposal, file: str, language: Language) -> Any:
    from dtindex.atomic import write_bytes
    from dtindex.tables.survey.propose import questions_yaml

    return write_bytes(output_file(file, ".yaml", ".yml"), questions_yaml(proposal, language).encode())


def _print(
    console: Console, raw: RawTable, columns: tuple[ColumnSummary, ...], proposal: Proposal, is_known: bool
) -> None:
    language, rows = console.language, len(proposal.export.raw)
    console.say(shown_path(raw.file), "bold")
    console.say(", ".join(f"{name}: {value}" for name, value in _found(raw, proposal).items()))
    console.say()
    table = new_table()
    for head in ("#", "column", "kind", "filled", "distinct", "lowest", "highest", "sample"):
        table.add_column(_word(head, language), justify="left" if head in ("column", "kind", "sample") else "right")
    if is_known:
        table.add_column(_word("serves", language))
    for index, column in enumerate(columns):
        table.add_row(
            *_cells(column, rows, language), *([_serves(column, index, proposal, language)] if is_known else [])
        )
    console.show(table)
    for column in columns:
        if column.odd:
            console.say(f"{column.name}: {_word('not a number', language)}: {', '.join(column.odd)}", "yellow")


def _print_proposal(console: Console, proposal: Proposal, show_block: bool) -> None:
    from dtindex.spec.base import text
    from dtindex.tables.survey.propose import questions_yaml

    language, title = console.language, proposal.export.dialect.title
    console.say()
    console.say(_word("read as", language).format(title), "bold")
    table = new_table()
    table.add_column(_word("column", language))
    table.add_column(_word("taken for", language))
    for name, role in zip(proposal.export.raw.header, proposal.roles, strict=True):
        table.add_row(name, text(role, language))
    console.show(table)
    if show_block and proposal.questions:
        console.say()
        console.say(_word("block", language), "bold")
        console.say(questions_yaml(proposal, language).rstrip())


def _word(word: str, language: Language) -> str:
    english, chinese = _WORDS.get(word, (word, word))
    return chinese if language == "zh" else english


def _cells(column: ColumnSummary, rows: int, language: Language) -> list[str]:
    ends = ["" if end is None else f"{end:.6g}" for end in (column.low, column.high)]
    sample = ", ".join(column.sample)
    shown = sample if len(sample) <= _SAMPLE else sample[: _SAMPLE - 1] + "…"
    filled = f"{column.filled:,}" if column.filled == rows else f"{column.filled:,}{_word('of', language)}{rows:,}"
    kind = _word(column.looks, language)
    return [str(column.position), column.name, kind, filled, f"{column.distinct:,}", *ends, shown]


def _serves(column: ColumnSummary, index: int, proposal: Proposal, language: Language) -> str:
    from dtindex.spec.base import text

    if column.matched:
        return column.matched
    nothing = _word("nothing", language)
    if column.nearest:
        return f"{nothing}{_word('nearest', language)}{column.nearest}"
    is_own = proposal.export.dialect.name != "plain" and index not in proposal.asked
    return f"{nothing} ({text(proposal.roles[index], language)})" if is_own else nothing


def _survey(proposal: Proposal) -> dict[str, Any]:
    from dtindex.spec.base import text

    roles = zip(proposal.export.raw.header, proposal.roles, strict=True)
    return {
        "dialect": proposal.export.dialect.name,
        "taken_for": {name: text(role) for name, role in roles},
        "survey": dict(proposal.beside),
        "questions": list(proposal.questions),
        "notes": {name: [text(note) for note in notes] for name, notes in proposal.notes.items()},
    }


def _found(raw: RawTable, proposal: Proposal) -> dict[str, str]:
    """What was found about the file; rows of headings are no rows."""
    rows = len(proposal.export.raw)
    return raw.description if rows == len(raw) else {**raw.description, "rows": str(rows)}


def _document(raw: RawTable, columns: tuple[ColumnSummary, ...], proposal: Proposal) -> dict[str, Any]:
    return {
        "verb": "inspect",
        "file": raw.file,
        "found": dict(_found(raw, proposal)),
        "sheet": raw.sheet,
        "rows": len(proposal.export.raw),
        "columns": [column.to_dict() for column in columns],
    }
