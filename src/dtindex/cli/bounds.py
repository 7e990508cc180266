"""What `rank-bounds` and `rank-sets` print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.cli.console import Console, new_table
from dtindex.cli.ranking import number
from dtindex.spec.base import text

if TYPE_CHECKING:
    from dtindex.analysis.rank_bounds import RankBounds
    from dtindex.analysis.rank_sets import RankSets

__all__ = ["print_bounds", "print_sets"]

_MOST = 60
_WORDS = {
    "free": ("Free weights", "可变的权重"),
    "held": ("held, under another form of mean", "保持不变（位于不同形式的均值之下）"),
    "any": ("any that sum to 1", "任何合计为 1 的权重"),
    "unpublished": ("unpublished: any that sum to 1", "未公开：任何合计为 1 的权重"),
    "chances": ("expected ranks by {law}", "期望排名按：{law}"),
    "rank": ("rank", "排名"),
    "unit": ("unit", "单元"),
    "score": ("score", "得分"),
    "attainable": ("attainable ranks", "可达排名"),
    "scores": ("attainable scores", "可达得分"),
    "expected": ("expected rank", "期望排名"),
    "radius": ("holds up to", "稳定至"),
    "observed": ("observed", "观测范围"),
    "tiers": ("tiers", "梯队"),
    "certain": ("Among the first {k} whatever the weights", "无论权重如何均在前 {k} 名"),
    "possible": ("Can be among them", "可能进入"),
    "nobody": ("nobody", "无"),
    "pairs": ("pairs in the same order whatever the weights", "对单元的先后与权重无关"),
    "stays": ("Weights may move so far before two units change places", "两个单元换位之前，权重可变动的范围"),
    "wide": ("~ perhaps too wide", "~ 可能偏宽"),
    "more": ("more units; -o DIR writes all", "个单元未显示；-o DIR 写出全部"),
    "estimate": ("estimate", "估计值"),
    "se": ("standard error", "标准误"),
    "own": ("set of its rank", "该单元的排名集"),
    "all": ("of all ranks at once", "全部排名的联合集"),
    "group": ("level with", "同组"),
    "groups": ("without a letter in common: significantly different", "没有相同字母者差异显著"),
    "best": ("Cannot be excluded from the first {k}", "不能排除在前 {k} 名之外"),
    "from": ("standard errors", "标准误来源"),
    "assumption": ("these scores rest on it; it is not published", "得分依赖于该假设；它未公开"),
    "synthetic": ("these rows were made up", "这些数据为合成数据"),
}


def _word(console: Console, key: str, **values: object) -> str:
    return _WORDS[key][1 if console.language == "zh" else 0].format(**values)


def print_bounds(console: Console, found: RankBounds, first: int) -> None:
    """The ranking with what is certain of it."""
    from dtindex.analysis.uncertainty.factors import described

    methodology = found.scores.methodology
    names = dict(zip(found.scores.units, found.scores.names(console.language), strict=True))
    period = "" if found.period is None else f", {found.period}"
    label = methodology.tree.items[found.node].name(console.language)
    console.say(f"{text(methodology.title, console.language, methodology.id)}: {label}{period}", "bold")
    console.say(f"{_word(console, 'free')}:")
    for factor in found.factors:
        told = described(factor)
        if factor.simplex or factor.dirichlet:
            told = _word(console, "unpublished" if factor.id.startswith("any-") and not found.known else "any")
            told += "" if factor.simplex else f"; {_word(console, 'chances', law=described(factor))}"
        held = f" ({_word(console, 'held')})" if factor.node in found.held else ""
        console.say(f"  {factor.node or factor.id}: {told}{held}")
    console.say()
    _bounds_table(console, found, names)
    k = min(first, len(found.units))
    among = found.first(k)
    for key in ("certain", "possible"):
        chosen = among["certain"] if key == "certain" else among["possible"] & ~among["certain"]
        units = [str(names[unit]) for unit in among.index[chosen]]
        console.say(f"{_word(console, key, k=k)}: {', '.join(units) or _word(console, 'nobody')}")
    pairs = len(found.units) * (len(found.units) - 1) // 2
    console.say(f"{int(found.ahead.sum()):,} / {pairs:,} {_word(console, 'pairs')}")
    if len(found.stability):
        console.say()
        console.say(f"{_word(console, 'stays')}:")
        tree = methodology.tree
        columns = [found.stability[column].tolist() for column in ("member", "weight", "low", "high")]
        for member, weight, low, high in zip(*columns, strict=True):
            console.say(f"  {tree.items[member].name(console.language)}: {weight:.4f} ({low:.4f} – {high:.4f})")
    _rests_on(console, found.scores.assumptions if found.known else (), found.scores.synthetic)


def _bounds_table(console: Console, found: RankBounds, names: dict[str, str]) -> None:
    table = new_table()
    frame = found.bounds
    keys = [*(["rank"] if found.known else []), "unit", *(["score"] if found.known else []), "attainable", "scores"]
    keys += ["expected"] * ("expected" in frame) + ["radius"] * found.known + ["observed"] * ("least" in frame)
    tiers = found.tiers
    keys += ["tiers"] * (tiers is not None)
    for key in keys:
        table.add_column(_word(console, key), justify="left" if key in ("unit", "tiers") else "right", no_wrap=True)
    decimals = found.scores.printed_decimals(found.node)
    best_first = (frame["rank"] if found.known else frame["best"] * (len(frame) + 1) + frame["worst"]).to_numpy()
    rule = next((one for one in found.scores.tier_rules if one.node == found.node), None)
    labels = {} if rule is None else {one.id: text(one.label, console.language, one.id) for one in rule.levels}
    wide = False
    for place in np.argsort(best_first, kind="stable")[:_MOST].tolist():
        row = frame.iloc[place]
        marks = ["" if row[f"{end}_attained"] else "~" for end in ("best", "worst")]
        wide |= any(marks)
        cells = {
            "rank": str(row["rank"]) if found.known else "",
            "unit": str(names[found.units[place]]),
            "score": number(float(row["score"]), decimals) if found.known else "",
            "attainable": _range(int(row["best"]), int(row["worst"]), marks),
            "scores": "–"
            if np.isnan(row["low"])
            else f"{number(float(row['low']), decimals)} – {number(float(row['high']), decimals)}",
            "expected": f"{row['expected']:.2f}" if "expected" in frame else "",
            "radius": f"{100 * row['radius']:.1f} %" if found.known else "",
            "observed": _range(int(row["least"]), int(row["most"]), ["", ""]) if "least" in frame else "",
            "tiers": ""
            if tiers is None
            else ", ".join(labels.get(one, one) for one in str(tiers.iloc[place]["possible"]).split()),
        }
        table.add_row(*(cells[key] for key in keys))
    console.show(table)
    if wide:
        console.say(_word(console, "wide"), "dim")
    if len(frame) > _MOST:
        console.say(f"… {len(frame) - _MOST} {_word(console, 'more')}", "dim")


def print_sets(console: Console, found: RankSets, best: int) -> None:
    """The estimates by rank, with their sets."""
    assert found.scores is not None
    methodology = found.scores.methodology
    items = methodology.tree.items
    label = items[found.what].name(console.language) if found.what in items else found.what
    names = dict(zip(found.scores.units, found.scores.names(console.language), strict=True))
    console.say(f"{text(methodology.title, console.language, methodology.id)}: {label}", "bold")
    console.say(f"{_word(console, 'from')}: {found.source}")
    console.say()
    table = new_table()
    share = f"{100 * found.confidence:g} %"
    heads = [(key, _word(console, key)) for key in ("rank", "unit", "estimate", "se")]
    heads += [("own", f"{share} {_word(console, 'own')}"), ("all", f"{share} {_word(console, 'all')}")]
    for key, head in [*heads, ("group", _word(console, "group"))]:
        table.add_column(head, justify="left" if key in ("unit", "group") else "right", no_wrap=True)
    frame = found.sets
    for place in np.argsort(frame["rank"].to_numpy(), kind="stable")[:_MOST].tolist():
        row = frame.iloc[place]
        table.add_row(
            str(row["rank"]),
            str(names.get(found.units[place], row["name"])),
            f"{row['estimate']:.2f}",
            f"{row['se']:.2f}",
            _range(int(row["low"]), int(row["high"]), ["", ""]),
            _range(int(row["all_low"]), int(row["all_high"]), ["", ""]),
            str(row["group"]),
        )
    console.show(table)
    if len(frame) > _MOST:
        console.say(f"… {len(frame) - _MOST} {_word(console, 'more')}", "dim")
    console.say(_word(console, "groups"), "dim")
    k = min(best, len(found.units))
    chosen = found.best(k)
    units = [str(names.get(unit, name)) for unit, name in zip(chosen.index, found.names, strict=True) if chosen[unit]]
    console.say(f"{_word(console, 'best', k=k)}: {', '.join(units)}")
    _rests_on(console, found.scores.assumptions, found.scores.synthetic)


def _rests_on(console: Console, assumptions: tuple[str, ...], synthetic: str | None) -> None:
    for name in assumptions:
        console.say(f"ASSUMPTION {name}: {_word(console, 'assumption')}", "bold yellow")
    if synthetic is not None:
        console.say(f"SYNTHETIC: {_word(console, 'synthetic')} ({synthetic})", "bold yellow")


def _range(low: int, high: int, marks: list[str]) -> str:
    if low == high:
        return f"{low}{marks[0] or marks[1]}"
    return f"{low}{marks[0]} – {high}{marks[1]}"
