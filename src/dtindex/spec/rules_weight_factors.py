"""Rules on factors that vary weights: whose they are, and that some weights keep what is said of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator

from dtindex.spec.document import Path, Problem
from dtindex.spec.judgements import connected, matrix_of
from dtindex.spec.methods import AhpWeights, Cases
from dtindex.spec.rules_varied import together_problems
from dtindex.spec.tree import NodeSettings
from dtindex.spec.uncertainty import Expert, Factor, WeightRatio, own_experts
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = ["named_problems", "weight_factor_problems", "weighted_problems"]

EXACT = 1e-9


def weight_factor_problems(where: Where, factor: Factor, path: Path) -> Iterator[Problem]:
    """DT034 and DT035 on one factor of a kind that varies weights."""
    if factor.experts == "own":
        yield from _own(where, factor, path)
    if factor.node is None:
        return
    yield from weighted_problems(where, factor.node, (*path, "node"))
    members = where.tree.members(factor.node)
    if factor.ordinal is not None:
        yield from _ordinal(where, factor.node, factor.ordinal, (*path, "ordinal"))
    elif factor.ratios is not None:
        yield from _ratios(where, factor.node, factor.ratios, (*path, "ratios"))
    elif factor.bounds is not None:
        yield from _bounds(where, factor.node, factor.bounds, (*path, "bounds"))
    elif isinstance(factor.experts, tuple):
        yield from _experts(where, factor.node, members, factor.experts, (*path, "experts"))


def weighted_problems(where: Where, node: str, path: Path) -> Iterator[Problem]:
    """DT034 for a node on which weights of its own have no bearing."""
    yield from together_problems(where, node, path)
    if isinstance(where.tree.nodes[node].aggregate, Cases):
        yield where.problem("DT034", f'"{node}" takes the first case that holds, and weighs nothing', *path)
    above = where.tree.weighed_by(node)
    if above is not None:
        yield where.problem("DT034", f'"{node}" adds up with the weights of "{above}"; name that one', *path)


def named_problems(
    where: Where, node: str, members: Collection[str], named: Iterable[str], needed: Iterable[str], path: Path
) -> Iterator[Problem]:
    """DT034 for each key of a block that is not a member of the node, and for members that it needs and lacks."""
    names = dict.fromkeys(named)
    what = "leaf" if tuple(members) != where.tree.children[node] else "child"
    for name in [name for name in names if name not in members]:
        yield where.problem("DT034", f'"{name}" is not a {what} of "{node}"', *path, name, key=True)
    yield from _lacking(where, node, what, [member for member in needed if member not in names], path)


def _ordinal(where: Where, node: str, order: tuple[str, ...], path: Path) -> Iterator[Problem]:
    members = where.tree.members(node)
    what = "leaf" if members != where.tree.children[node] else "child"
    for position, name in enumerate(order):
        if name not in members:
            yield where.problem("DT034", f'"{name}" is not a {what} of "{node}"', *path, position)
        elif name in order[:position]:
            yield where.problem("DT034", f'"{name}" stands in the order twice', *path, position)
    yield from _lacking(where, node, what, [member for member in members if member not in order], path)


def _lacking(where: Where, node: str, what: str, lacking: list[str], path: Path) -> Iterator[Problem]:
    if lacking:
        yield where.problem("DT034", f'expected each {what} of "{node}"; lacking: {listed(lacking)}', *path)


def _bounds(where: Where, node: str, bounds: dict[str, tuple[float, float]], path: Path) -> Iterator[Problem]:
    members = where.tree.members(node)
    yield from named_problems(where, node, members, bounds, members, path)
    crossed = [name for name, (low, high) in bounds.items() if low > high]
    for name in crossed:
        low, high = bounds[name]
        yield where.problem("DT034", f"the lower end {low:g} is above the upper end {high:g}", *path, name)
    if crossed or set(bounds) != set(members):
        return
    lower = math.fsum(low for low, _ in bounds.values())
    upper = math.fsum(high for _, high in bounds.values())
    if lower > 1 + EXACT or upper < 1 - EXACT:
        sums = f"the lower ends sum to {lower:.10g} and the upper ends to {upper:.10g}"
        yield where.problem("DT034", f"no weights that sum to 1 keep these bounds: {sums}", *path)
    elif lower >= 1 - EXACT or upper <= 1 + EXACT:
        yield where.problem("DT035", "nothing varies: one set of weights keeps these bounds", *path)


def _ratios(where: Where, node: str, ratios: tuple[WeightRatio, ...], path: Path) -> Iterator[Problem]:
    members = where.tree.members(node)
    what = "leaf" if members != where.tree.children[node] else "child"
    for position, one in enumerate(ratios):
        for end in ("of", "to"):
            name = getattr(one, end)
            if name not in members:
                yield where.problem("DT034", f'"{name}" is not a {what} of "{node}"', *path, position, end)
        if one.of == one.to:
            yield where.problem("DT034", f'"{one.of}" is held against itself', *path, position)
        low, high = one.ends
        if low > high:
            yield where.problem("DT034", f"the lower end {low:g} is above the upper end {high:g}", *path, position)


def _experts(
    where: Where, node: str, members: tuple[str, ...], experts: tuple[Expert, ...], path: Path
) -> Iterator[Problem]:
    names = [expert.name for expert in experts]
    for position, expert in enumerate(experts):
        yield from named_problems(where, node, members, expert.weights, (), (*path, position, "weights"))
        if not any(expert.weights.values()):
            yield where.problem("DT034", f"{expert.name} gives no weight at all", *path, position, "weights")
        if expert.name in names[:position]:
            yield where.problem("DT034", "two experts bear the same name", *path, position, "name")
    weighed = {name for expert in experts for name, weight in expert.weights.items() if weight > 0}
    lacking = [member for member in members if member not in weighed]
    if lacking:
        yield where.problem("DT034", f"no expert weighs {listed(lacking)}", *path)
    elif len(experts) == 1:
        yield where.problem("DT035", "nothing varies: there is one expert", *path)


def _own(where: Where, factor: Factor, path: Path) -> Iterator[Problem]:
    """Experts of the node's own weights, each of whom has to give weights by him- or herself."""
    place = (*path, "experts")
    nodes = factor.held(where.tree)
    if not nodes:
        yield where.problem("DT034", "no node weighs by `ahp` or `budget` with experts of its own", *place)
    for node in nodes:
        settings = where.tree.nodes[node]
        if own_experts(settings.weights) == 0:
            found = f'"{node}" weighs by `{settings.weights.method}` without experts'
            yield where.problem("DT034", f"`own` are the experts of `ahp` or `budget`, and {found}", *place)
        elif own_experts(settings.weights) == 1:
            yield where.problem("DT035", f'nothing varies: one expert weighs "{node}"', *place)
        yield from _alone(where, settings, place)


def _alone(where: Where, node: NodeSettings, path: Path) -> Iterator[Problem]:
    weights = node.weights
    if not isinstance(weights, AhpWeights):
        return
    for expert in weights.experts:
        matrix = matrix_of(len(weights.order), expert.judgements)
        if matrix is not None and len(connected(matrix)) < len(matrix):
            message = f'the judgements of {expert.name} on "{node.id}" do not connect all items by themselves'
            yield where.problem("DT034", message, *path)
