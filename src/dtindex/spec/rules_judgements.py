"""Rules on weights that experts judge: pairwise comparisons and distributed points, and what counts their items."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence

from dtindex.spec.document import Path, Problem
from dtindex.spec.judgements import Matrix, connected, matrix_of, number, unreciprocal
from dtindex.spec.methods import (
    AhpPart,
    AhpWeights,
    BestWorstWeights,
    BudgetExpert,
    BudgetPart,
    BudgetWeights,
    DelphiWeights,
    ImportanceWeights,
    MixedPart,
    OecdPcaPart,
    OecdPcaWeights,
    OrdinalWeights,
    RegressionWeights,
    Weights,
)
from dtindex.spec.tree import NodeSettings
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = ["settings_problems"]

EXACT = 1e-9


def settings_problems(
    where: Where, weights: Weights | MixedPart, node: NodeSettings, weighed: tuple[str, ...], path: Path
) -> Iterator[Problem]:
    """Rules on one method, of its own or a part of a mixture."""
    if isinstance(weights, RegressionWeights):
        yield from _outcome(where, weights, node, path)
    if isinstance(weights, ImportanceWeights):
        yield from _targets(where, weights, node, weighed, path)
    if isinstance(weights, BestWorstWeights | OrdinalWeights | DelphiWeights):
        yield from _ordered(where, weights, node, weighed, path)
    if isinstance(weights, AhpWeights | AhpPart | BudgetWeights | BudgetPart):
        if set(weights.order) != set(weighed) or len(weights.order) != len(weighed):
            what = "child" if weighed == node.children else "leaf"
            message = f'`order` must name each {what} of "{node.id}" once: {listed(weighed)}'
            yield where.of_method("DT028", message, node.id, *path, "order")
        names = [expert.name for expert in weights.experts]
        if len(set(names)) < len(names):
            yield where.of_method("DT028", "two experts bear the same name", node.id, *path, "experts")
    if isinstance(weights, AhpWeights | AhpPart):
        yield from _judged(where, weights, node, path)
    if isinstance(weights, BudgetWeights | BudgetPart):
        yield from _budget(where, weights, node, path)
    if isinstance(weights, OecdPcaWeights | OecdPcaPart) and _too_many(weights.factors, weighed):
        message = f'"{node.id}" weighs {len(weighed)} items, and there are no more factors than items'
        yield where.of_method("DT028", message, node.id, *path, "factors")


def _ordered(
    where: Where,
    weights: BestWorstWeights | OrdinalWeights | DelphiWeights,
    node: NodeSettings,
    weighed: tuple[str, ...],
    path: Path,
) -> Iterator[Problem]:
    if sorted(weights.order) != sorted(weighed):
        what = "child" if weighed == node.children else "leaf"
        message = f'`order` must name each {what} of "{node.id}" once: {listed(weighed)}'
        yield where.of_method("DT028", message, node.id, *path, "order")
    elif isinstance(weights, BestWorstWeights):
        yield from _best_worst(where, weights, node, path)
    elif isinstance(weights, DelphiWeights):
        for position, one in enumerate(weights.rounds):
            yield from _points(where, one.experts, weights.order, node, (*path, "rounds", position))


def _best_worst(where: Where, weights: BestWorstWeights, node: NodeSettings, path: Path) -> Iterator[Problem]:
    size = len(weights.order)
    for name in ("best", "worst"):
        if getattr(weights, name) not in weights.order:
            yield where.of_method("DT028", f"`{name}` is none of `order`", node.id, *path, name)
            return
    if weights.best == weights.worst:
        yield where.of_method("DT028", "the best is not the worst", node.id, *path, "worst")
    for name, own in (("best_to_others", weights.best), ("others_to_worst", weights.worst)):
        values = getattr(weights, name)
        if len(values) != size:
            message = f"`{name}` has {len(values)} numbers for the {size} items of `order`"
            yield where.of_method("DT028", message, node.id, *path, name)
        elif values[weights.order.index(own)] != 1:
            yield where.of_method("DT028", f"`{name}`: {own} is to itself as 1", node.id, *path, name)


def _targets(
    where: Where, weights: ImportanceWeights, node: NodeSettings, weighed: tuple[str, ...], path: Path
) -> Iterator[Problem]:
    if weights.targets and (set(weights.targets) != set(weighed) or not sum(weights.targets.values()) > 0):
        message = f'`targets` must name everything that "{node.id}" weighs, with a share above zero: {listed(weighed)}'
        yield where.of_method("DT028", message, node.id, *path, "targets")


def _outcome(where: Where, weights: RegressionWeights, node: NodeSettings, path: Path) -> Iterator[Problem]:
    if weights.outcome not in where.tree.scored:
        message = f"{weights.outcome!r} is no indicator with a score; an outcome is one, below another root if need be"
        yield where.of_method("DT028", message, node.id, *path, "outcome")
    elif weights.outcome in where.tree.leaves(node.id):
        message = f'the outcome {weights.outcome!r} is part of "{node.id}", which would explain itself'
        yield where.of_method("DT028", message, node.id, *path, "outcome")


def _too_many(factors: int | str, weighed: tuple[str, ...]) -> bool:
    return isinstance(factors, int) and factors > len(weighed) > 0


def _judged(where: Where, weights: AhpWeights | AhpPart, node: NodeSettings, path: Path) -> Iterator[Problem]:
    if (weights.judgements is None) == (not weights.experts):
        message = "expected either `judgements` or `experts`"
        yield where.of_method("DT028", message, node.id, *path)
        return
    alone = not weights.experts or weights.group == "aip"
    found: list[Matrix] = []
    if weights.judgements is not None:
        found += yield from _matrix(where, weights, weights.judgements, alone, node, (*path, "judgements"))
    for position, expert in enumerate(weights.experts):
        place = (*path, "experts", position, "judgements")
        found += yield from _matrix(where, weights, expert.judgements, alone, node, place)
    if not alone and len(found) == len(weights.experts):
        together: Matrix = [
            [next((cell for cell in cells if cell is not None), None) for cells in zip(*rows, strict=True)]
            for rows in zip(*found, strict=True)
        ]
        yield from _unconnected(where, together, weights.order, node, (*path, "experts"))


def _matrix(
    where: Where,
    weights: AhpWeights | AhpPart,
    rows: Sequence[Sequence[float | str | None]],
    alone: bool,
    node: NodeSettings,
    path: Path,
) -> Generator[Problem, None, list[Matrix]]:
    """The matrix of one set of judgements, if it is sound; ``alone``: whether it has to connect all items by itself."""
    size = len(weights.order)
    if any(cell is not None and number(cell) <= 0 for row in rows for cell in row):
        yield where.of_method("DT028", "a judgement is more than zero", node.id, *path)
        return []
    matrix = matrix_of(size, rows)
    if matrix is None:
        expected = f"{size} rows of {size}, or the upper rows of {size - 1} down to 1"
        message = f"`judgements` must be {expected}, found rows of {[len(row) for row in rows]}"
        yield where.of_method("DT028", message, node.id, *path)
        return []
    cell = unreciprocal(matrix)
    if cell is not None:
        row, column = cell
        here, across = matrix[row][column], matrix[column][row]
        one, other = weights.order[row], weights.order[column]
        message = f"{one} to {other} is {here:.6g}, and {other} to {one} is {across:.6g}, not one over it"
        yield where.of_method("DT032", message, node.id, *path, *cell)
        return []
    if alone:
        yield from _unconnected(where, matrix, weights.order, node, path)
    return [matrix]


def _unconnected(
    where: Where, matrix: Matrix, order: tuple[str, ...], node: NodeSettings, path: Path
) -> Iterator[Problem]:
    reached = connected(matrix)
    if len(reached) < len(order):
        cut_off = listed([item for position, item in enumerate(order) if position not in reached])
        message = f"no chain of judgements leads from {order[0]} to {cut_off}"
        yield where.of_method("DT033", message, node.id, *path)


def _budget(where: Where, weights: BudgetWeights | BudgetPart, node: NodeSettings, path: Path) -> Iterator[Problem]:
    yield from _points(where, weights.experts, weights.order, node, path)


def _points(
    where: Where, experts: Sequence[BudgetExpert], order: Sequence[str], node: NodeSettings, path: Path
) -> Iterator[Problem]:
    for position, expert in enumerate(experts):
        place = (*path, "experts", position, "points")
        total = math.fsum(expert.points)
        if len(expert.points) != len(order):
            message = f"{expert.name} gives {len(expert.points)} numbers for the {len(order)} items of `order`"
            yield where.of_method("DT028", message, node.id, *place)
        elif total == 0:
            yield where.of_method("DT021", f"{expert.name} gives no points at all", node.id, *place)
        elif abs(total - 100) > 100 * EXACT:
            message = f"the points of {expert.name} sum to {total:.10g}, not 100; they are rescaled"
            yield where.of_method("DT020", message, node.id, *place)
