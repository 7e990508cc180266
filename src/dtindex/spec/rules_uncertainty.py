"""Rules on `uncertainty:`: every factor and scenario can be computed, and no two factors vary the same thing."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.spec.document import Path, Problem
from dtindex.spec.methods import ThresholdTiers
from dtindex.spec.rules_scenarios import scenario_problems
from dtindex.spec.rules_varied import (
    aggregate_problems,
    excluded_problems,
    repeated_problems,
    scored_problems,
    setting_problems,
    together_problems,
)
from dtindex.spec.rules_weight_factors import weight_factor_problems
from dtindex.spec.uncertainty import WEIGHT_KINDS, Factor
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = ["uncertainty_problems"]

# What a kind varies, where two factors of it on one item would contradict each other.
_VARIED = {
    **dict.fromkeys(WEIGHT_KINDS, "the weights"),
    "normalise": "the normalisation",
    "treat": "the treatment",
    "impute": "the imputation",
    "imputation": "the imputation",
    "aggregate": "the aggregation",
    "cut": "the thresholds",
}


def uncertainty_problems(where: Where) -> Iterator[Problem]:
    """DT034 on what cannot be computed, DT035 on what does not vary."""
    block = where.methodology.uncertainty
    if block is None:
        return
    for position, factor in enumerate(block.factors):
        yield from _factor(where, factor, ("uncertainty", "factors", position))
    yield from _overlaps(where, block.factors)
    for position, scenario in enumerate(block.scenarios):
        yield from scenario_problems(where, scenario, ("uncertainty", "scenarios", position))


def _factor(where: Where, factor: Factor, path: Path) -> Iterator[Problem]:
    kind = factor.kind
    if kind in WEIGHT_KINDS:
        yield from weight_factor_problems(where, factor, path)
    elif kind == "aggregate":
        yield from _aggregations(where, factor, path)
    elif factor.exclude is not None:
        yield from excluded_problems(where, factor.exclude, False, (*path, "exclude"))
    elif factor.tiers is not None:
        yield from _cut(where, factor.tiers, (*path, "tiers"))
    else:
        yield from scored_problems(where, factor.of or (), (*path, "of"))
        if kind not in ("error", "imputation"):
            yield from _alternatives(where, factor, path)
    if not factor.held(where.tree) and factor.experts != "own":
        of_nodes = kind in WEIGHT_KINDS or kind == "aggregate"
        what = "no node has two children or more" if of_nodes else "no indicator is scored"
        what = "no indicator is imputed by `mice`" if factor.imputation else what
        yield where.problem("DT034", f"it holds for nothing: {what}", *path, "id")


def _alternatives(where: Where, factor: Factor, path: Path) -> Iterator[Problem]:
    place = (*path, factor.kind)
    alternatives = getattr(factor, factor.kind)
    indicators = factor.held(where.tree)
    yield from _varies(where, alternatives, place)
    for position, setting in enumerate(alternatives):
        yield from setting_problems(where, setting, indicators, (*place, position))


def _aggregations(where: Where, factor: Factor, path: Path) -> Iterator[Problem]:
    place = (*path, "aggregate")
    alternatives = factor.aggregate or ()
    yield from _varies(where, alternatives, place)
    yield from repeated_problems(where, factor.of or (), (*path, "of"))
    for position, node in enumerate(factor.of or ()):
        yield from together_problems(where, node, (*path, "of", position))
    if factor.node is not None:
        yield from together_problems(where, factor.node, (*path, "node"))
    for position, setting in enumerate(alternatives):
        yield from aggregate_problems(where, setting, factor.held(where.tree), (*place, position))


def _varies(where: Where, alternatives: tuple[object, ...], path: Path) -> Iterator[Problem]:
    if len(alternatives) == 1:
        message = "nothing varies: one alternative; list the methodology's own setting too if it is one"
        yield where.problem("DT035", message, *path)
    yield from repeated_problems(where, alternatives, path)


def _cut(where: Where, node: str, path: Path) -> Iterator[Problem]:
    rules = [rule for rule in where.methodology.tiers if rule.node == node]
    thresholds = [rule for rule in rules if isinstance(rule, ThresholdTiers)]
    if not thresholds:
        found = "tiers by quantiles, which have no thresholds" if rules else "no tiers"
        yield where.problem("DT034", f'"{node}" has {found}', *path)
    elif all(level.at_least is None for rule in thresholds for level in rule.levels):
        yield where.problem("DT035", f'nothing varies: the tiers of "{node}" have no threshold', *path)


def _overlaps(where: Where, factors: tuple[Factor, ...]) -> Iterator[Problem]:
    """DT034 for every factor that varies what one before it varies."""
    taken: dict[str, dict[str, str]] = {}
    for position, factor in enumerate(factors):
        varied = _VARIED.get(factor.kind)
        if varied is None:
            continue
        before = taken.setdefault(varied, {})
        items = factor.held(where.tree)
        first = next((item for item in items if item in before), None)
        if first is None:
            before |= dict.fromkeys(items, factor.id)
            continue
        both = [item for item in dict.fromkeys(items) if item in before]
        message = f'"{before[first]}" varies {varied} of {listed(both)} already; one factor varies one thing'
        yield where.problem("DT034", message, "uncertainty", "factors", position, *_place(factor, first))


def _place(factor: Factor, item: str) -> tuple[str | int, ...]:
    """Where a factor names an item, or its id where it holds for all."""
    if factor.of is not None:
        return ("of", factor.of.index(item))
    return ("node",) if factor.node is not None else ("tiers",) if factor.tiers is not None else ("id",)
