"""What `explain` prints: the tree with what each item brings, down to its cell and status, and what is to be known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from dtindex.analysis.explanation.lines import source_text
from dtindex.cli.console import Console, new_table
from dtindex.cli.ranking import number
from dtindex.spec.base import Language, text

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from dtindex.analysis.explain import Explanation, Side
    from dtindex.analysis.explanation.lines import Facts, Line
    from dtindex.spec.model import Source

__all__ = ["print_explanation"]

_WORDS = {
    "item": ("item", "项目"),
    "value": ("value", "数值"),
    "score": ("score", "得分"),
    "weight": ("weight", "权重"),
    "full": ("at best", "满分"),
    "contribution": ("points", "贡献"),
    "part": ("part", "差异贡献"),
    "data": ("by scores", "得分因素"),
    "weights": ("by weights", "权重因素"),
    "rounding": ("by rounding", "取整因素"),
    "status": ("status", "状态"),
    "cell": ("cell", "单元格"),
    "source": ("source", "资料来源"),
    "against": ("against", "对比"),
    "mean": ("the mean of the ranked units", "参与排名单元的平均水平"),
    "rank": ("rank {} of {}", "第 {} 名（共 {} 个）"),
    "not ranked": ("not ranked", "未参与排名"),
    "no score": ("no score", "无得分"),
    "difference": ("difference", "差距"),
    "strengths": ("Strengths", "优势"),
    "weaknesses": ("Weaknesses", "短板"),
    "most points": ("Most points", "贡献最大"),
    "most lost": ("Most lost", "失分最多"),
    "told": ("Told apart by", "分解方法"),
    "assumption": ("these figures rest on it; it is not published", "结果依赖于该假设；它未公开"),
}
_GUIDES = {True: ("├─ ", "└─ ", "│  "), False: ("|- ", "`- ", "|  ")}
_BAR = 12
_NORMAL = {"normal", "正常", ""}


def print_explanation(console: Console, found: Explanation) -> None:
    """Title, the two sides, the tree, strengths and weaknesses, methods."""
    language = console.language
    methodology = found.scores.methodology
    console.say(text(methodology.title, language), "bold")
    console.say(f"{methodology.id}, hash {methodology.hash[:12]}", "dim")
    console.say()
    decimals = max(2, found.scores.printed_decimals(found.node, most=4))
    console.say(_head(found, decimals, language), "bold")
    if found.scores.synthetic:
        console.say(found.scores.synthetic, "bold yellow")
    console.say()
    console.show(_fitting(console, found, decimals))
    _print_ends(console, found, decimals)
    for source in _sources(found):
        console.say(f"{_say('source', language)} {source.id}: {source_text(source, language)}", "dim")
    if found.methods:
        console.say(f"{_say('told', language)} {_methods(found, language)}", "dim")
    for name in found.scores.assumptions:
        console.say(f"ASSUMPTION {name}: {_say('assumption', language)}", "bold yellow")


def _head(found: Explanation, decimals: int, language: Language) -> str:
    """``广东 73.87 (rank 1 of 31) against 北京 66.27 (rank 2 of 31): difference 7.60``."""
    node = _name(found, found.node, language)
    own = _side(found, found.own, decimals, language)
    if found.other is None:
        return f"{node}: {own}"
    other = _side(found, found.other, decimals, language)
    gap = _figure(found.total, decimals, signed=True)
    joint = "；" if language == "zh" else "; "
    return f"{node}: {own} {_say('against', language)} {other}{joint}{_say('difference', language)} {gap}"


def _sources(found: Explanation) -> list[Source]:
    """The sources of what is shown, in the order of the file."""
    methodology = found.scores.methodology
    named = {methodology.tree.items[line.item].source for line in found.lines}
    return [source for source in methodology.sources if source.id in named]


def _methods(found: Explanation, language: Language) -> str:
    """``bennet: index; lmdi: health, income``."""
    nodes: dict[str, list[str]] = {}
    for node, method in found.methods.items():
        nodes.setdefault(method, []).append(_name(found, node, language))
    return "; ".join(f"{method}: {', '.join(names)}" for method, names in nodes.items())


def _side(found: Explanation, side: Side, decimals: int, language: Language) -> str:
    name = _say("mean", language) if found.kind == "mean" and side is found.other else side.names[language]
    when = f" {side.period}" if side.period is not None else ""
    if math.isnan(side.score):
        return f"{name}{when} ({_say('no score', language)})"
    score = _figure(side.score, decimals)
    if found.kind == "mean" and side is found.other:
        return f"{name}{when} {score}"
    rank = _say("not ranked", language) if side.rank is None else _say("rank", language).format(side.rank, found.peers)
    return f"{name}{when} {score} ({rank})"


def _fitting(console: Console, found: Explanation, decimals: int) -> RichTable:
    """The table with as many of its columns as there is room for."""
    cells = ("cell",) if any(line.own.cells for line in found.lines) else ()
    sources = ("source",) if _sources(found) else ()
    table = _table(console, found, decimals, ("weight", *cells, *sources))
    for extras in (("weight", *cells), ("weight",), ()):
        if console.fits(table):
            break
        table = _table(console, found, decimals, extras)
    return table


def _table(console: Console, found: Explanation, decimals: int, extras: Sequence[str]) -> RichTable:
    language = console.language
    table = new_table()
    two = found.other is not None
    table.add_column(_say("item", language))
    heads = ["value", "score"]
    for head in heads:
        table.add_column(_say(head, language), justify="right", no_wrap=True)
    if found.other is not None:
        name = found.other.names[language]
        for head in heads:
            table.add_column(f"{_say(head, language)} ({name})", justify="right")
    if "weight" in extras:
        table.add_column(_say("weight", language), justify="right", no_wrap=True)
    causes = _causes(found)
    figures = ([*causes, "part"] if len(causes) > 1 else ["part"]) if two else ["full", "contribution"]
    for head in figures:
        style = "bold" if head in ("part", "contribution") else None
        table.add_column(_say(head, language), justify="right", no_wrap=True, style=style)
    sides = ("left", "right") if any(line.counts < 0 for line in found.lines) else ("right",)
    for side in sides:
        inner: Literal["left", "right"] = "right" if side == "left" else "left"
        style = "red" if side == "left" else "cyan"
        table.add_column("", min_width=_BAR, max_width=_BAR, no_wrap=True, justify=inner, style=style)
    table.add_column(_say("status", language))
    for head in ("cell", "source"):
        if head in extras:
            table.add_column(_say(head, language))
    frame = found.in_language(language)
    largest = max((abs(line.counts) for line in found.lines[1:] if not math.isnan(line.counts)), default=0.0)
    for line, guide, row in zip(
        found.lines, _guides(found.lines, console.draws), frame.to_dict("records"), strict=True
    ):
        cells = [guide + str(row["label"]), _value(line.own, str(row["unit"])), _figure(line.own.score, decimals)]
        if line.other is not None:
            cells += [_value(line.other, ""), _figure(line.other.score, decimals)]
        if "weight" in extras:
            cells.append("" if math.isnan(line.weight) else f"{100 * line.weight:.1f} %")
        cells += [_figure(getattr(line, figure), decimals, signed=two) for figure in figures]
        drawn = _bar(line.counts if line.depth else 0.0, largest, "▇" if console.draws else "#")
        cells += [drawn if (line.counts < 0) == (side == "left") else "" for side in sides]
        cells.append(_statuses(line, str(row["status"]), str(row.get("status_against", ""))))
        source = found.scores.methodology.tree.items[line.item].source or ""
        cells += [cell for head, cell in (("cell", str(row["cell"])), ("source", source)) if head in extras]
        table.add_row(*cells)
    return table


def _statuses(line: Line, own: str, other: str) -> str:
    """What is not normal: of one side, of both alike, or ``own | other``."""
    shown = ["" if status in _NORMAL else status for status in (own, other)]
    if line.other is None or line.other.flags is None or shown[0] == shown[1]:
        return shown[0]
    return " | ".join(status or "–" for status in shown)


def _causes(found: Explanation) -> list[str]:
    """Which of scores, weights and rounding have a part at all."""
    return [
        name for name in ("data", "weights", "rounding") if any(abs(getattr(line, name)) > 1e-9 for line in found.lines)
    ]


def _guides(lines: Sequence[Line], draws: bool) -> list[str]:
    """Branches of the tree: who has a brother further down."""
    branch, last, bar = _GUIDES[draws]
    found = []
    for position, line in enumerate(lines):
        words = []
        for depth in range(1, line.depth + 1):
            later = (one.depth for one in lines[position + 1 :])
            more = next((one == depth for one in later if one <= depth), False)
            words.append((branch if more else last) if depth == line.depth else (bar if more else "   "))
        found.append("".join(words))
    return found


def _print_ends(console: Console, found: Explanation, decimals: int) -> None:
    language, two = console.language, found.other is not None
    for head, lines in (
        ("strengths" if two else "most points", found.strengths),
        ("weaknesses" if two else "most lost", found.weaknesses),
    ):
        if not lines or len(found.lines) == 1:
            continue
        lost = head == "most lost"
        listed = [
            f"{_name(found, line.item, language)} "
            f"{_figure(line.full - line.contribution if lost else line.counts, decimals, signed=two)}"
            for line in lines
        ]
        console.say(f"{_say(head, language)}: {('、' if language == 'zh' else ', ').join(listed)}")


def _name(found: Explanation, item: str, language: Language) -> str:
    return found.scores.methodology.tree.items[item].name(language)


def _value(facts: Facts, unit: str) -> str:
    if math.isnan(facts.value):
        return ""
    return f"{facts.value:,.6g} {unit}".rstrip()


def _figure(value: float, decimals: int, *, signed: bool = False) -> str:
    if math.isnan(value):
        return "–"
    printed = number(value, decimals, 1.0)
    return f"+{printed}" if signed and value > 0 and printed.strip("0.-") else printed


def _bar(value: float, largest: float, block: str) -> str:
    return "" if math.isnan(value) or not largest else block * round(abs(value) / largest * _BAR)


def _say(word: str, language: Language) -> str:
    return _WORDS[word][language == "zh"]
