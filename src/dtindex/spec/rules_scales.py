"""Rules on scales: intervals that run upwards, children that fit their parents, means that meet zero."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.findings import Severity
from dtindex.spec.document import Path, Problem
from dtindex.spec.methods import (
    WITHIN_ONE,
    Aggregate,
    Geometric,
    Harmonic,
    Likert,
    Maturity,
    MinMax,
    PercentileNormalise,
    Power,
    Target,
    TopBox,
)
from dtindex.spec.tree import NodeSettings
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = ["scale_problems"]


def scale_problems(where: Where) -> Iterator[Problem]:
    """DT028 on intervals, DT040, DT041."""
    yield from _upwards(where, where.methodology.scale, ("scale",))
    yield from _upwards(where, where.methodology.defaults.range, ("defaults", "range"))
    yield from _within(where, where.methodology.defaults.aggregate, ("defaults", "aggregate"))
    for item in where.tree.items.values():
        yield from _upwards(where, item.scale, (*where.paths[item.id], "scale"))
    for indicator in where.methodology.indicators:
        yield from _upwards(where, indicator.range, (*where.paths[indicator.id], "range"))
    for node in where.tree.nodes.values():
        yield from _within(where, node.spec.aggregate, (*where.paths[node.id], "aggregate"))
        yield from _within_what(where, node)
        yield from _open_children(where, node)
        yield from _zeros(where, node)


def _upwards(where: Where, interval: object, path: Path) -> Iterator[Problem]:
    if isinstance(interval, tuple) and interval[0] >= interval[1]:
        message = f"`{path[-1]}` runs from its low to its high end, found [{interval[0]:g}, {interval[1]:g}]"
        yield where.problem("DT028", message, *path)


def _within(where: Where, aggregate: Aggregate | None, path: Path) -> Iterator[Problem]:
    within = getattr(aggregate, "within", None)
    if within is not None and (min(within) <= 0 or within[0] == within[1]):
        message = f"`within` is a positive interval with two different ends, found [{within[0]:g}, {within[1]:g}]"
        yield where.problem("DT028", message, *path, "within")


def _within_what(where: Where, node: NodeSettings) -> Iterator[Problem]:
    if node.scale == "open" and getattr(node.aggregate, "within", None) is not None:
        message = f'"{node.id}" has an open scale, which no interval `within` can be mapped from'
        yield where.of_item("DT028", message, node.id, "aggregate")


def _open_children(where: Where, node: NodeSettings) -> Iterator[Problem]:
    # Closeness to an ideal, and places in an order, lie between 0 and 1 whatever the children's scales are.
    if node.spec.scale in (None, "open") or isinstance(node.aggregate, WITHIN_ONE):
        return
    over_leaves = getattr(node.aggregate, "over", "children") == "leaves"
    parts = where.tree.leaves(node.id) if over_leaves else node.children
    unfit = [part for part in parts if part != node.id and where.tree.scale(part) == "open"]
    if unfit:
        message = f'"{node.id}" has a bounded scale, and below it are open ones: {listed(unfit)}'
        yield where.of_item("DT041", message, node.id, "scale")


def _zeros(where: Where, node: NodeSettings) -> Iterator[Problem]:
    aggregate = node.aggregate
    multiplicative = isinstance(aggregate, Geometric | Harmonic) or (isinstance(aggregate, Power) and aggregate.p <= 0)
    if not multiplicative or not node.children or node.scale == "open" or node.scale[0] > 0:
        return
    assert isinstance(aggregate, Geometric | Harmonic | Power)
    if aggregate.within is not None or aggregate.zeros == "allow":
        return
    parts = where.tree.leaves(node.id) if aggregate.over == "leaves" else node.children
    certain = [part for part in parts if _reaches_the_low_end(where, part)]
    low = f"{node.scale[0]:g}"
    if certain:
        message = f'"{node.id}" is a {aggregate.method} mean, and some unit is sure to have {low} in {listed(certain)}'
    else:
        message = f'"{node.id}" is a {aggregate.method} mean of scores that begin at {low}'
    message += "; declare `within: [1, 100]`, or `zeros: allow` if that is meant"
    severity = Severity.ERROR if certain else Severity.WARNING
    yield where.of_method("DT040", message, node.id, "aggregate", severity=severity)


def _reaches_the_low_end(where: Where, part: str) -> bool:
    """Whether the normalisation puts some unit (or some answer that is offered) at the low end."""
    settings = where.tree.indicators.get(part)
    if settings is None:
        return False
    spec = settings.normalise
    fitted = isinstance(spec, Target) and spec.base is None
    return fitted or isinstance(spec, MinMax | PercentileNormalise | Likert | Maturity | TopBox)
