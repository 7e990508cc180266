"""Rules on weights: given, mixed and capped; those on judgements stand in `rules_judgements`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from dtindex.spec.document import Path, Problem
from dtindex.spec.methods import Cases, GivenWeights, MixedWeights, SumAggregate, Weights
from dtindex.spec.model import Node
from dtindex.spec.rules_judgements import settings_problems
from dtindex.spec.tree import NodeSettings
from dtindex.spec.where import Where
from dtindex.spec.words import listed

__all__ = ["method_problems", "share_problems", "uses_given_weights", "weight_problems"]

# A sum this near to 1 (or, times 100, to 100) looks like shares of which one is mistyped.
NEAR = 0.2
EXACT = 1e-9


def weight_problems(where: Where) -> Iterator[Problem]:
    """DT020, DT021, DT023, DT028, DT029, DT032 and DT033 on weights."""
    for node in where.tree.nodes.values():
        yield from _given(where, node)
        yield from method_problems(where, node.weights, node)
        yield from share_problems(where, node.spec.weights, (*where.paths[node.id], "weights"))
    yield from share_problems(where, where.methodology.defaults.weights, ("defaults", "weights"))
    for item in where.tree.items.values():
        if item.parent is None and item.weight is not None:
            what = "root" if isinstance(item, Node) else "measured indicator without a parent"
            yield where.of_item("DT029", f'the weight of "{item.id}" has no effect: it is a {what}', item.id, "weight")


def uses_given_weights(weights: Weights) -> bool:
    """Whether the `weight:` of each child is used."""
    if isinstance(weights, MixedWeights):
        return any(part.method == "given" for part in weights.of)
    return isinstance(weights, GivenWeights)


def _given(where: Where, node: NodeSettings) -> Iterator[Problem]:
    weights = {child: where.tree.items[child].weight for child in node.children}
    numbers = {child: weight for child, weight in weights.items() if isinstance(weight, float)}
    used = uses_given_weights(node.weights) and not isinstance(node.aggregate, Cases)
    if not used:
        yield from _unused(where, node, [child for child, weight in weights.items() if weight is not None])
    negative = [child for child, weight in numbers.items() if weight < 0]
    for child in negative:
        yield where.of_item("DT021", f"a weight of zero or more is expected, found {numbers[child]:g}", child, "weight")
    if not used or negative or not node.children:
        return
    if len(numbers) == len(weights) and not any(numbers.values()):
        yield where.of_item("DT021", f'all weights below "{node.id}" are zero', node.id)
        return
    for child, weight in numbers.items():
        if weight == 0:
            yield where.of_item("DT023", f'"{child}" has a weight of zero and contributes nothing', child, "weight")
    yield from _incomplete(where, node, weights)
    if len(numbers) == len(weights) and not isinstance(node.aggregate, SumAggregate):
        yield from _rescaled(where, node, numbers)


def _unused(where: Where, node: NodeSettings, children: list[str]) -> Iterator[Problem]:
    cases = isinstance(node.aggregate, Cases)
    reason = "takes the first case that holds" if cases else f"weights by `{node.weights.method}`"
    for child in children:
        yield where.of_item("DT029", f'the weight of "{child}" has no effect: "{node.id}" {reason}', child, "weight")


def _incomplete(where: Where, node: NodeSettings, weights: Mapping[str, object]) -> Iterator[Problem]:
    lacking = [child for child, weight in weights.items() if weight is None]
    if not lacking or isinstance(node.aggregate, SumAggregate):  # a sum takes 1 where no weight is given
        return
    if len(lacking) == len(weights):
        message = f'"{node.id}" weights by what is given, and no child has a `weight:`'
        yield where.of_method("DT028", message, node.id, "weights")
        return
    named = listed(lacking)
    message = f'some children of "{node.id}" have a weight and some have none: {named}; an unknown one is `unpublished`'
    yield where.of_item("DT028", message, lacking[0])


def _rescaled(where: Where, node: NodeSettings, numbers: dict[str, float]) -> Iterator[Problem]:
    total = math.fsum(numbers.values())
    for whole in (1, 100):
        off = abs(total - whole) / whole
        if EXACT < off <= NEAR + EXACT:
            shares = listed([f"{child} {weight / total:.4g}" for child, weight in numbers.items()])
            message = f'weights below "{node.id}" sum to {total:.10g}, not {whole}; they are rescaled to {shares}'
            yield where.of_item("DT020", message, node.id)


def method_problems(where: Where, weights: Weights, node: NodeSettings) -> Iterator[Problem]:
    """What a method of weights asks of the node that it is for: order, judgements, points, caps."""
    weighed = where.tree.members(node.id)
    if isinstance(weights, MixedWeights):
        for position, part in enumerate(weights.of):
            yield from settings_problems(where, part, node, weighed, ("weights", "of", position))
    else:
        yield from settings_problems(where, weights, node, weighed, ("weights",))
    caps = getattr(weights, "at_most", {})
    if caps:
        yield from _caps(where, caps, node, weighed)


def _caps(where: Where, caps: dict[str, float], node: NodeSettings, weighted: tuple[str, ...]) -> Iterator[Problem]:
    inherited = node.spec.weights is None
    for capped in caps if not inherited else ():
        if capped not in weighted:
            message = f'the cap on "{capped}" has no effect: it is not weighted by "{node.id}"'
            yield where.of_method("DT029", message, node.id, "weights", "at_most", capped)
    if weighted and all(item in caps for item in weighted) and math.fsum(caps[item] for item in weighted) < 1 - EXACT:
        message = f'the caps on all of "{node.id}" sum to less than 1, so no weights can keep them'
        yield where.of_method("DT028", message, node.id, "weights", "at_most")


def share_problems(where: Where, weights: Weights | None, path: Path) -> Iterator[Problem]:
    """DT028 where the shares of a mixture at a path miss 1."""
    if isinstance(weights, MixedWeights):
        total = math.fsum(part.share for part in weights.of)
        if abs(total - 1) > EXACT:
            yield where.problem("DT028", f"the shares of a mixture must sum to 1, found {total:.10g}", *path, "of")
