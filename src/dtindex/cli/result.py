"""What `score` prints: a ranking for each root and period, then what is to be known about the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.cli.console import Console
from dtindex.cli.inputs import Scored
from dtindex.cli.ranking import Ranking
from dtindex.cli.words import say
from dtindex.output import class_counts, twelve
from dtindex.scores import Comparison, Scores
from dtindex.spec.base import Language, text
from dtindex.spec.classes import SCHEME
from dtindex.spec.provenance import is_assumed, provenances
from dtindex.steps.classify import UNKNOWN

__all__ = ["print_result", "row_dicts"]

_ALL, _FIRST = 300, 100
_LISTED = 20


def print_result(console: Console, result: Scored, periods: Sequence[str | None], top: int | None) -> None:
    """The rankings, and what stands below them."""
    scores = result.scores
    names = scores.names(console.language).tolist()
    _print_title(console, result)
    order = scores.sorted_rows()
    for period in periods:
        rows = order if period is None or scores.periods is None else order[scores.periods[order] == period]
        for root in scores.methodology.tree.roots:
            ranking = Ranking(scores, root, names, rows, console.language)
            _print_ranking(console, ranking, period, top)
    for scheme, counts in class_counts(scores).items():
        console.say(_classes(scores, scheme, counts, console.language))
    for one in scores.comparisons:
        _print_comparison(console, one, scores)
    _print_origins(console, scores)
    chinese = console.language == "zh"
    for name in scores.assumptions:
        told = "得分以此为依据，该假定未经公布" if chinese else "these scores rest on it; it is not published"
        console.say(f"ASSUMPTION {name}: {told}", "bold yellow")
    if scores.synthetic is not None:
        told = "答卷为虚构" if chinese else "these answers were made up"
        console.say(f"SYNTHETIC: {told} ({scores.synthetic.removeprefix('synthetic: ')})", "bold yellow")


def row_dicts(scores: Scores, names: Sequence[str]) -> list[dict[str, Any]]:
    """One object a unit (and period), in the order of files."""
    roots = scores.methodology.tree.roots
    return [
        {
            "unit": str(scores.units[row]),
            "name": names[row],
            **({} if scores.periods is None else {"period": str(scores.periods[row])}),
            "scores": _figures(scores.items, scores.values[row]),
            "ranks": {root: int(rank) if (rank := scores.rank(root)[row]) else None for root in roots},
            "tiers": {node: str(tiers[row]) or None for node, tiers in scores.tier_values.items()},
            "classes": {scheme: str(classes[row]) or None for scheme, classes in scores.class_values.items()},
            "coverage": {root: twelve(float(scores.coverage_values[row, scores.items.index(root)])) for root in roots},
        }
        for row in scores.sorted_rows().tolist()
    ]


def _figures(items: Sequence[str], values: NDArray[np.float64]) -> dict[str, float | None]:
    return {item: twelve(value) for item, value in zip(items, values.tolist(), strict=True)}


def _print_title(console: Console, result: Scored) -> None:
    methodology, edition = result.subject.methodology, result.subject.edition
    console.say(text(methodology.title, console.language), "bold")
    known = f", edition {edition.name} {edition.hash[:12]}" if edition is not None else ""
    console.say(f"{methodology.id}{known}, hash {methodology.hash[:12]}", "dim")


def _print_ranking(console: Console, ranking: Ranking, period: str | None, top: int | None) -> None:
    language = ranking.language
    node = ranking.scores.methodology.tree.items[ranking.root]
    shown = top or (None if len(ranking.ranked) <= _ALL else _FIRST)
    facts = [node.name(language), *([period] if period else [])]
    space = "" if language == "zh" else " "
    console.say()
    console.say(f"{' '.join(facts)}: {len(ranking.ranked)}{space}{say('ranked', language)}", "bold")
    if ranking.ranked:
        console.say()
        console.show(ranking.table(console, shown))
    if shown is not None and shown < len(ranking.ranked):
        more = len(ranking.ranked) - shown
        told = f"... {more:,} more; --top prints as many as you like, -o DIR writes all"
        console.say(f"…… 另有 {more:,} 个；--top 指定显示个数，-o DIR 写出全部" if language == "zh" else told, "dim")
    _print_unranked(console, ranking)
    console.say()


def _print_unranked(console: Console, ranking: Ranking) -> None:
    language, scores = ranking.language, ranking.scores
    column = scores.items.index(ranking.root)
    if ranking.unranked:
        listed = [
            f"{ranking.names[row]} ({say('coverage', language)} {100 * scores.coverage_values[row, column]:.0f} %)"
            for row in ranking.unranked
        ]
        console.say(f"{say('not ranked', language)}: {_some(listed, language)}", "yellow")
    if ranking.screened:
        names = _some([ranking.names[row] for row in ranking.screened], language)
        console.say(f"{say('screened', language)} ({_by_rule(ranking, language)}): {names}", "yellow")
    if ranking.set_aside:
        listed = [f"{ranking.names[row]} ({ranking.printed(ranking.root, row)})" for row in ranking.set_aside]
        console.say(f"{say('set aside', language)}: {_some(listed, language)}")


def _by_rule(ranking: Ranking, language: Language) -> str:
    """How many were taken out, and by which rules: one may fail several."""
    screened = ranking.scores.screened
    assert screened is not None
    survey, here = ranking.scores.methodology.survey, set(ranking.screened)
    labels = {rule.id: text(rule.label, language, rule.id) for rule in survey.careless} if survey is not None else {}
    rows: dict[str, set[int]] = {}
    for one in screened.failures:
        rows.setdefault(labels.get(one.rule, one.rule), set()).update(here & set(map(int, one.rows)))
    told = "; ".join(f"{rule}: {len(some):,}" for rule, some in rows.items() if some)
    return f"{len(here):,}{'; ' if told else ''}{told}"


def _some(names: Sequence[str], language: Language) -> str:
    more = len(names) - _LISTED
    told = f" 等，另有 {more:,} 个" if language == "zh" else f" and {more:,} more"
    return ", ".join(names[:_LISTED]) + (told if more > 0 else "")


def _classes(scores: Scores, scheme: str, counts: Mapping[str, int], language: Language) -> str:
    """How many units are in each class, and what share of all that were put into one."""
    rules = [rule for rule in scores.methodology.classes if rule.scheme == scheme]
    labels = {rule.id: text(rule.label, language, rule.id) for rule in rules} | {UNKNOWN: say("unknown", language)}
    total = sum(counts.values()) or 1
    told = [f"{labels[one]} {count:,} ({100 * count / total:.1f} %)" for one, count in counts.items()]
    mark = f" ({say('assumed', language)})" if any(is_assumed(rule.provenance) for rule in rules) else ""
    name = say("class", language) if scheme == SCHEME else f"{say('class', language)} {scheme}"
    return f"{name}{mark}: {', '.join(told)}"


def _print_comparison(console: Console, one: Comparison, scores: Scores) -> None:
    language = console.language
    name = scores.methodology.tree.items[one.item].name(language)
    what = say("comparison" if one.kind == "published" else "given", language)
    figures = (
        f"{one.compared} {say('compared', language)}, {say('largest error', language)} {one.largest_error:.3g}, "
        f"{say('tolerance', language)} {one.tolerance:g}, {one.mismatches} {say('mismatches', language)}"
    )
    console.say(f"{what}, {name}: {figures}", "yellow" if one.mismatches else None)


def _print_origins(console: Console, scores: Scores) -> None:
    """How many parameters were not published as such."""
    origins = Counter(str(one.origin) for one in provenances(scores.methodology))
    language = console.language
    known = [origin for origin in ("recovered", "assumed", "unpublished") if origins[origin]]
    told = ", ".join(
        f"{say(origin, language)} {origins[origin]}" if language == "zh" else f"{origins[origin]} {origin}"
        for origin in known
    )
    if told:
        english = f"Parameters not published as such: {told} (dtindex show lists them)"
        console.say(f"未按原样公布的参数：{told}（dtindex show 可列出）" if language == "zh" else english)
