"""Rules on settings that need, exclude or idle one another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from dtindex.spec.document import Problem
from dtindex.spec.methods import BaseIndex, Cases, LearnedTiers, QuantileTiers, ThresholdTiers
from dtindex.spec.model import Indicator, Node
from dtindex.spec.origin import EQUAL
from dtindex.spec.tree import NodeSettings
from dtindex.spec.where import Where

__all__ = ["setting_problems"]


def setting_problems(where: Where) -> Iterator[Problem]:
    """DT028 and DT029 on everything that is neither weight nor scale."""
    yield from _periods(where)
    for indicator in where.methodology.indicators:
        yield from _one_origin(where, indicator)
    for item in where.tree.items.values():
        compared = item.published is not None or (isinstance(item, Node) and item.column is not None)
        if item.tolerance is not None and not compared:
            message = "`tolerance` has no effect: no `published:` or `column:` gives a figure to compare"
            yield where.of_item("DT029", message, item.id, "tolerance")
    for node in where.tree.nodes.values():
        yield from _childless(where, node)
        yield from _cases(where, node)
    yield from _tiers(where)
    if EQUAL in where.methodology.assumptions:
        message = f"`{EQUAL}` is the name of equal weights; give the assumption another"
        yield where.problem("DT028", message, "assumptions", EQUAL, key=True)


# --- periods ---


def _periods(where: Where) -> Iterator[Problem]:
    methodology = where.methodology
    users = [name for name, settings in where.tree.indicators.items() if _needs_base(where, name)]
    if methodology.base_period is None:
        if methodology.fit == "base":
            yield where.problem("DT028", "`fit: base` needs `base_period:`", "fit")
        for name in users:
            yield from _lacks_base(where, name)
    elif not users and methodology.fit != "base":
        message = "`base_period` has no effect: nothing is fitted or based on it"
        yield where.problem("DT029", message, "base_period", key=True)
    if methodology.units.period is None:
        yield from _lacks_period(where, users)


def _needs_base(where: Where, name: str) -> bool:
    settings = where.tree.indicators[name]
    return settings.spec.fit == "base" or isinstance(settings.normalise, BaseIndex)


def _lacks_base(where: Where, name: str) -> Iterator[Problem]:
    if isinstance(where.tree.indicators[name].normalise, BaseIndex):
        yield where.of_method("DT028", "`base-index` needs `base_period:` at the top of the file", name, "normalise")
    else:
        yield where.of_item("DT028", "`fit: base` needs `base_period:` at the top of the file", name, "fit")


def _lacks_period(where: Where, users: list[str]) -> Iterator[Problem]:
    if where.methodology.fit != "pooled":
        yield where.problem("DT028", f"`fit: {where.methodology.fit}` needs `units: {{period: ...}}`", "fit")
    for name, settings in where.tree.indicators.items():
        if settings.spec.fit in ("base", "each_period"):
            message = f"`fit: {settings.spec.fit}` needs `units: {{period: ...}}`"
            yield where.of_item("DT028", message, name, "fit")
        elif name in users:
            yield where.of_method("DT028", "`base-index` needs `units: {period: ...}`", name, "normalise")


# --- items ---


def _one_origin(where: Where, indicator: Indicator) -> Iterator[Problem]:
    origins = {"column": indicator.column, "from": indicator.from_, "derive": indicator.derive}
    said = [key for key, value in origins.items() if value is not None]
    if len(said) > 1:
        message = f"{' and '.join(f'`{key}`' for key in said)} exclude each other: a value has one origin"
        yield where.of_item("DT028", message, indicator.id, said[0])


def _childless(where: Where, node: NodeSettings) -> Iterator[Problem]:
    for key in ("aggregate", "weights", "coverage") if not node.children else ():
        if getattr(node.spec, key) is not None:
            yield where.of_item("DT029", f'`{key}` has no effect: "{node.id}" has no children', node.id, key)


def _cases(where: Where, node: NodeSettings) -> Iterator[Problem]:
    if not isinstance(node.aggregate, Cases):
        return
    below = set(where.tree.walk(node.id)) - {node.id}
    always = False
    for position, case in enumerate(node.aggregate.cases):
        inside = ("aggregate", "cases", position)
        if always:
            yield where.of_item("DT029", "never reached: the case before holds always", node.id, *inside)
        if case.take not in node.children:
            message = f'"{case.take}" is not a child of "{node.id}"'
            yield where.of_item("DT028", message, node.id, *inside, "take")
        if case.when is not None and case.when.id not in below and where.tree.is_node(case.when.id):
            message = f'"{case.when.id}" is not below "{node.id}", so it may not be known yet when a case is chosen'
            yield where.of_item("DT028", message, node.id, *inside, "when", "id")
        always = always or case.when is None


# --- tiers ---


def _tiers(where: Where) -> Iterator[Problem]:
    for position, tiers in enumerate(where.methodology.tiers):
        if isinstance(tiers, LearnedTiers):
            continue
        key = "share" if isinstance(tiers, QuantileTiers) else "at_least"
        bounds = _bounds(tiers)
        for level, bound in enumerate(bounds[:-1]):
            if bound is None:
                message = f'only the last level may lack `{key}`, and "{tiers.levels[level].id}" is not the last'
                yield where.problem("DT028", message, "tiers", position, "levels", level)
        if isinstance(tiers, QuantileTiers):
            yield from _quantiles(where, position, bounds)
            continue
        for level, (before, bound) in enumerate(pairwise(bounds), start=1):
            if before is not None and bound is not None and bound >= before:
                message = f"levels go from the best down: {bound:g} is not below {before:g}"
                yield where.problem("DT028", message, "tiers", position, "levels", level, "at_least")


def _bounds(tiers: ThresholdTiers | QuantileTiers) -> list[float | None]:
    if isinstance(tiers, QuantileTiers):
        return [level.share for level in tiers.levels]
    return [level.at_least for level in tiers.levels]


def _quantiles(where: Where, position: int, bounds: list[float | None]) -> Iterator[Problem]:
    total = math.fsum(bound for bound in bounds if bound is not None)
    complete = bounds[-1] is not None
    if total > 1 + 1e-9 or (complete and abs(total - 1) > 1e-9):
        message = f"the shares of the levels sum to {total:.10g}, expected {'1' if complete else 'at most 1'}"
        yield where.problem("DT028", message, "tiers", position, "levels")
