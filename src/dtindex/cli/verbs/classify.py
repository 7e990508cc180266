"""``dtindex classify``."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.inputs import Scored, scored
from dtindex.cli.options import (
    Assume,
    Delimiter,
    Encoding,
    HeaderRows,
    Layout,
    LayoutName,
    Sheet,
    SubjectName,
    TableName,
    TableSource,
    console_of,
)
from dtindex.cli.remarks import counted, exit_code, merged, shown_path, tell_warnings, to_dict

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from dtindex.analysis.classify import Classification
    from dtindex.cli.console import Console
    from dtindex.findings import Findings

__all__ = ["run"]

_OF_SCHEME = ("class", "margin", "binding", "probability", "word")


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    assume: Assume = None,
    scheme: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which classification; `class`, or the first, unless said.")
    ] = None,
    of: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Which class; the first that has a condition, unless said.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Period of a panel, or `all`; else the latest.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Draws of errors and of the reference.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Where the random numbers start.")] = 0,
    profiles: Annotated[int, typer.Option(min=0, max=20, help="Most profiles of the mixture; 0 for none.")] = 6,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap samples for the stability of profiles.")] = 50,
    target: Annotated[
        float | None, typer.Option(help="Share of the class that the calibration is to make; else the one found.")
    ] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Who is in a class, by what margin and how firmly, and how many that are.

    Shares with Wilson's and Clopper and Pearson's intervals, weighted where the table has weights; the cross table with
    a second classification; units on the border; profiles of a Gaussian mixture, as a check on the rule; and what the
    thresholds would make at other correlations. With -o DIR three files are written, all or none: classes.csv,
    crosstab.csv and classify.json.
    """
    from dtindex.analysis.classify import classify
    from dtindex.spec.classes import SCHEME
    from dtindex.steps.classify import schemes

    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    result = scored(methodology, source, assume=assume)
    known = schemes(result.scores.methodology.classes)
    found = classify(
        result.scores,
        scheme or (SCHEME if SCHEME in known else next(iter(known), SCHEME)),
        of=of,
        period=period,
        runs=runs,
        seed=seed,
        most_profiles=profiles,
        resamples=resamples,
        target=target,
    )
    findings = merged(result.findings, found.findings)
    files = [] if output is None else _write(console, output, result, found, findings)
    if console.for_people:
        from dtindex.cli.classification import print_classification

        print_classification(console, found)
        for path in files:
            console.say(f"wrote {shown_path(path)}", "dim")
        console.say(counted(findings))
    tell_warnings(console, findings)
    code = exit_code(console, findings)
    if console.common.json:
        edition = result.subject.edition
        head = {"verb": "classify", "edition": None if edition is None else _named(result)}
        body = found.to_dict() | {"files": [str(path) for path in files]}
        console.document(head | body | to_dict(findings) | {"exit_code": int(code)})
    return code


def _named(result: Scored) -> dict[str, str] | None:
    edition = result.subject.edition
    return None if edition is None else {"name": edition.name, "hash": edition.hash}


def _write(console: Console, folder: str, result: Scored, found: Classification, findings: Findings) -> list[Path]:
    from dtindex.archive import table_hash
    from dtindex.atomic import write_files
    from dtindex.output import Run, json_text, run_record

    edition = result.subject.edition
    run = Run(
        command=console.common.command,
        table_hash=table_hash(result.scores.table),
        edition=None if edition is None else (edition.name, edition.hash),
    )
    answers = found.to_dict()
    # The units are in classes.csv.
    told = {name: answers[name] for name in answers if name not in ("units", "others", "methodology", "assumptions")}
    record = run_record(result.scores, findings, run) | {"seed": found.seed} | {"classify": told}
    contents = {
        "classes.csv": _csv(_wide(found)),
        "crosstab.csv": _csv(found.crosstab),
        "classify.json": json_text(record).encode("utf-8", "surrogatepass"),
    }
    return write_files(folder, contents)


def _wide(found: Classification) -> pd.DataFrame:
    """One row a unit; what belongs to a scheme bears its name."""
    import pandas as pd

    parts = [found.units[["unit", "name", "period"]]]
    for scheme, frame in ((found.scheme, found.units), *found.others.items()):
        parts.append(frame[list(_OF_SCHEME)].rename(columns={name: f"{name}:{scheme}" for name in _OF_SCHEME}))
    return pd.concat(parts, axis=1)


def _csv(frame: pd.DataFrame) -> bytes:
    """The table as `score` writes its own: byte-order mark, 12 significant digits, no formulas, empty where missing."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([_cell(value) for value in row] for row in frame.itertuples(index=False, name=None))
    return stream.getvalue().encode("utf-8-sig", "surrogatepass")


def _cell(value: Any) -> str:
    from dtindex.output import neutral

    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return neutral(value)
    return f"{value + 0.0:.12g}" if isinstance(value, float) else str(value)
