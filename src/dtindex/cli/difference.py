"""What `diff` prints: how much data, weights and method moved, and every unit's change by the three."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dtindex.cli.console import Console, new_table
from dtindex.cli.ranking import number
from dtindex.cli.words import kind_word
from dtindex.spec.base import Language, text

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from dtindex.analysis.diff import Difference

__all__ = ["print_difference"]

_WORDS = {
    "before": ("before", "前"),
    "after": ("after", "后"),
    "change": ("change", "变化"),
    "rank": ("rank", "排名"),
    "data": ("data", "数据"),
    "weights": ("weights", "权重"),
    "method": ("method", "方法"),
    "together": ("together", "未分解"),
    "cause": ("cause", "来源"),
    "mean": ("mean", "平均"),
    "mean_absolute": ("mean absolute", "平均绝对值"),
    "share": ("share", "占比"),
    "units": ("units in both", "个共同单元"),
    "nothing": ("nothing changed", "没有变化"),
    "changed": ("changed", "发生变化"),
    "assumption": ("these figures rest on it; it is not published", "结果依赖于该假设；它未公开"),
}
_CAUSES = ("data", "weights", "method")
_ALL, _FIRST = 300, 100


def print_difference(console: Console, found: Difference, top: int | None) -> None:
    """The two sides, the three causes, and the units by their rank afterwards."""
    language = console.language
    for side, scores in zip(("before", "after"), found.matched.scores, strict=True):
        methodology = scores.methodology
        when = "" if found.periods is None else f" {found.periods[side == 'after']}"
        title = f"{text(methodology.title, language)}{when}"
        console.say(f"{_say(side, language)}: {title} ({methodology.id}, hash {methodology.hash[:12]})", "bold")
        if scores.synthetic:
            console.say(scores.synthetic, "bold yellow")
    name = found.after.methodology.tree.items[found.node].name(language)
    what = "、" if language == "zh" else ", "
    changed = what.join(_say(cause, language) for cause in found.changed)
    told = f"{changed} {_say('changed', language)}" if changed else _say("nothing", language)
    joint = "；" if language == "zh" else "; "
    console.say(f"{name}: {len(found.matched):,} {_say('units', language)}{joint}{told}")
    console.say()
    decimals = max(2, found.after.printed_decimals(found.node, most=4))
    console.show(_summary(found, decimals, language))
    console.say()
    ranks = found.after.rank(found.node)[found.matched.rows[1]]
    order = np.lexsort((np.arange(len(ranks)), np.where(ranks == 0, np.iinfo(np.int64).max, ranks)))
    shown = order[: top or (len(order) if len(order) <= _ALL else _FIRST)]
    console.show(_units(found, shown.tolist(), decimals, language))
    if len(shown) < len(order):
        more = len(order) - len(shown)
        english = f"... {more:,} more; --top prints as many as you like, -o DIR writes all"
        console.say(f"…… 另有 {more:,} 个；--top 指定显示个数，-o DIR 写出全部" if language == "zh" else english, "dim")
    console.say()
    for name in dict.fromkeys(name for scores in found.matched.scores for name in scores.assumptions):
        console.say(f"ASSUMPTION {name}: {_say('assumption', language)}", "bold yellow")


def _summary(found: Difference, decimals: int, language: Language) -> RichTable:
    table = new_table()
    table.add_column(_say("cause", language))
    for head in ("mean", "mean_absolute", "share"):
        table.add_column(_say(head, language), justify="right")
    for row in found.summary.to_dict("records"):
        figures = (_figure(float(row["mean"]), decimals, signed=True), _figure(float(row["mean_absolute"]), decimals))
        table.add_row(_say(str(row["cause"]), language), *figures, f"{100 * float(row['share']):.1f} %")
    return table


def _units(found: Difference, shown: list[int], decimals: int, language: Language) -> RichTable:
    together = bool(np.nan_to_num(found.together).any())
    table = new_table()
    table.add_column(_say("rank", language), justify="right", no_wrap=True)
    table.add_column(kind_word(found.after.methodology.units.kind, language), no_wrap=True)
    parts = [*_CAUSES, *(["together"] if together else [])]
    for head in ("before", "after", "change", *parts):
        style = "bold" if head == "change" else None
        table.add_column(_say(head, language), justify="right", no_wrap=True, style=style)
    frame = found.in_language(language).iloc[shown]
    periods = found.keys[1]
    for row, values in zip(shown, frame.to_dict("records"), strict=True):
        name = str(values["name"]) if periods is None else f"{values['name']} {periods[row]}"
        figures = [_figure(float(values[head]), decimals) for head in ("before", "after")]
        figures += [_figure(float(values[head]), decimals, signed=True) for head in ("change", *parts)]
        table.add_row(_ranks(values["rank_before"], values["rank_after"]), name, *figures)
    return table


def _ranks(before: object, after: object) -> str:
    """``3``, or ``5 > 3`` where it moved; a unit that is not ranked has none."""
    words = [str(rank) if isinstance(rank, int) else "–" for rank in (before, after)]
    return words[1] if words[0] == words[1] else " > ".join(words)


def _figure(value: float, decimals: int, *, signed: bool = False) -> str:
    if math.isnan(value):
        return "–"
    printed = number(value, decimals, 1.0)
    return f"+{printed}" if signed and value > 0 and printed.strip("0.-") else printed


def _say(word: str, language: Language) -> str:
    return _WORDS[word][language == "zh"]
