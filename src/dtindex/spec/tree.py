"""The tree of a methodology: who belongs to whom, in which order, and each item's settings with defaults resolved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from dtindex.spec.methods import (
    WITHIN_ONE,
    Aggregate,
    Arithmetic,
    Cases,
    Coverage,
    EqualWeights,
    GivenWeights,
    Goalposts,
    Impute,
    ImputeNone,
    MinMax,
    Normalise,
    Percentile,
    Rank,
    Scale,
    SumAggregate,
    Transform,
    Treat,
    TreatNone,
    Weights,
    has_open_scale,
)
from dtindex.spec.model import Indicator, Methodology, Node
from dtindex.spec.questions import MatrixQuestion, Question, best_and_worst

if TYPE_CHECKING:
    from dtindex.spec.methods import CodeRule, Interval

__all__ = ["MAXIMUM_DEPTH", "IndicatorSettings", "NodeSettings", "Tree", "stated_direction"]

MAXIMUM_DEPTH = 6
Direction = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class IndicatorSettings:
    """An indicator's settings, its own or the file's defaults."""

    id: str
    column: str | None
    direction: Direction
    scale: Scale
    impute: Impute
    treat: Treat
    transform: Transform | None
    normalise: Normalise
    codes: dict[str, CodeRule]
    range: Interval | None
    round: int | None
    fit: str
    spec: Indicator


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """A node's settings, its own or the file's defaults."""

    id: str
    children: tuple[str, ...]
    scale: Scale
    weights: Weights
    aggregate: Aggregate
    coverage: Coverage
    round: int | None
    rank: Rank
    spec: Node


def stated_direction(goalposts: Goalposts) -> Direction | None:
    """The direction that two goalposts of one kind say by their order; None where they cannot be compared."""
    worst, best = goalposts.worst, goalposts.best
    if isinstance(worst, Percentile) and isinstance(best, Percentile):
        worst, best = worst.percentile, best.percentile
    if isinstance(worst, float) and isinstance(best, float):
        return "lower" if best < worst else "higher"
    return None


class Tree:
    """Lookup over a valid methodology. Order is the file's order: nodes first, then indicators."""

    def __init__(self, methodology: Methodology) -> None:
        self.methodology = methodology
        items: tuple[Node | Indicator, ...] = (*methodology.nodes, *methodology.indicators)
        self.items: dict[str, Node | Indicator] = {item.id: item for item in items}
        children: dict[str, list[str]] = {node.id: [] for node in methodology.nodes}
        for item in self.items.values():
            if item.parent is not None:
                children[item.parent].append(item.id)
        self.children: dict[str, tuple[str, ...]] = {node: tuple(ids) for node, ids in children.items()}

    @property
    def roots(self) -> tuple[str, ...]:
        """Nodes without a parent."""
        return tuple(node.id for node in self.methodology.nodes if node.parent is None)

    @cached_property
    def bottom_up(self) -> tuple[str, ...]:
        """Node ids so that every node comes after its children."""
        order: list[str] = []

        def visit(node: str) -> None:
            for child in self.children[node]:
                if child in self.children:
                    visit(child)
            order.append(node)

        for root in self.roots:
            visit(root)
        return tuple(order)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Questions by id."""
        return {question.id: question for question in self.methodology.questions}

    @cached_property
    def tagged(self) -> dict[str, tuple[str, ...]]:
        """Ids of nodes and indicators by tag, in file order."""
        tags = dict.fromkeys(tag for item in self.items.values() for tag in item.tags)
        return {tag: tuple(item.id for item in self.items.values() if tag in item.tags) for tag in tags}

    @cached_property
    def operands(self) -> frozenset[str]:
        """Ids that a scored derived indicator is computed from, directly or not."""
        refers = {item.id: _operands(item) for item in self.methodology.indicators if item.derive is not None}
        waiting = [
            item.id for item in self.methodology.indicators if item.derive is not None and item.parent is not None
        ]
        found: set[str] = set()
        while waiting:
            for operand in refers.get(waiting.pop(), ()):
                if operand not in found:
                    found.add(operand)
                    waiting.append(operand)
        return frozenset(found)

    @cached_property
    def put_together(self) -> tuple[str, ...]:
        """Nodes that put two members or more together, and not by cases, in file order."""
        settings = (self.nodes[node.id] for node in self.methodology.nodes)
        return tuple(
            node.id for node in settings if not isinstance(node.aggregate, Cases) and len(self.members(node.id)) > 1
        )

    @cached_property
    def weighing(self) -> tuple[str, ...]:
        """Those of them that weigh their members with weights of their own, in file order."""
        return tuple(node for node in self.put_together if self.weighed_by(node) is None)

    @cached_property
    def scored(self) -> tuple[str, ...]:
        """Indicators that have a parent, in file order."""
        return tuple(indicator.id for indicator in self.methodology.indicators if indicator.parent is not None)

    def is_node(self, item: str) -> bool:
        """Whether the id is a node's."""
        return item in self.children

    def leaves(self, item: str) -> tuple[str, ...]:
        """The indicators below a node in the tree's order; the item itself where it is an indicator or has no child."""
        below = self.children.get(item, ())
        return tuple(leaf for child in below for leaf in self.leaves(child)) if below else (item,)

    def members(self, node: str) -> tuple[str, ...]:
        """What a node aggregates: its children, or its leaves where it is `over: leaves`."""
        spec = self.items[node]
        assert isinstance(spec, Node)
        over = getattr(self._aggregate(spec), "over", "children")
        return self.leaves(node) if over == "leaves" and self.children[node] else self.children[node]

    def given_weights(self, node: str) -> dict[str, float]:
        """The weight of each member as the file gives it, 1 where it gives none.

        Over leaves they are products down the tree: of shares among siblings, or for a sum of weights as they stand; 1
        each where weights are equal.
        """
        members, children = self.members(node), self.children[node]
        if isinstance(self._weights(node), EqualWeights):
            return dict.fromkeys(members, 1.0)
        if members == children:
            return {child: self._number(child) for child in children}
        spec = self.items[node]
        assert isinstance(spec, Node)
        return self._products(node, 1.0, isinstance(self._aggregate(spec), SumAggregate))

    def _products(self, item: str, share: float, as_they_stand: bool) -> dict[str, float]:
        children = self.children.get(item, ())
        if not children:
            return {item: share}
        own = [self._number(child) for child in children]
        total = 1.0 if as_they_stand else sum(own)
        return {
            leaf: product
            for child, weight in zip(children, own, strict=True)
            for leaf, product in self._products(child, share * weight / total, as_they_stand).items()
        }

    def _number(self, item: str) -> float:
        weight = self.items[item].weight
        return weight if isinstance(weight, float) else 1.0

    def weighed_by(self, node: str) -> str | None:
        """The node above whose leaf weights a sum takes; None where it has its own.

        A sum without weights of its own below a node that finds weights for its leaves (by any method but `given` and
        `equal`) adds up its part of that node: ``sum w x`` with the leaf weights of the nearest node `over: leaves`.
        """
        spec = self.items[node]
        assert isinstance(spec, Node)
        aggregate = self._aggregate(spec)
        stated = spec.weights or self.methodology.defaults.weights
        weights = [self.items[child].weight for child in self.children[node]]
        if not isinstance(aggregate, SumAggregate) or aggregate.over == "leaves" or stated is not None or any(weights):
            return None
        above = spec.parent
        while above is not None:
            if self.members(above) != self.children[above]:
                return None if isinstance(self._weights(above), GivenWeights | EqualWeights) else above
            above = self.items[above].parent
        return None

    def depth(self, item: str) -> int:
        """0 for a root, 1 for its children."""
        parent = self.items[item].parent
        return 0 if parent is None else 1 + self.depth(parent)

    def walk(self, item: str | None = None) -> list[str]:
        """Ids top-down, depth first."""
        starts = self.roots if item is None else (item,)
        return [
            found
            for start in starts
            for found in (start, *(i for c in self.children.get(start, ()) for i in self.walk(c)))
        ]

    @cached_property
    def indicators(self) -> dict[str, IndicatorSettings]:
        """Settings of every indicator by id."""
        return {indicator.id: self._indicator(indicator) for indicator in self.methodology.indicators}

    @cached_property
    def nodes(self) -> dict[str, NodeSettings]:
        """Settings of every node by id."""
        return {node: self._node(node) for node in self.bottom_up}

    def scale(self, item: str) -> Scale:
        """An item's scale: its own, the sum of its children's for `sum`, open above an open child, else the file's."""
        spec = self.items[item]
        if spec.scale is not None:
            return spec.scale
        if isinstance(spec, Indicator):
            return self._indicator_scale(spec)
        if isinstance(self._aggregate(spec), WITHIN_ONE):
            return self.methodology.scale
        below = [self.scale(member) for member in self.members(item)]
        if "open" in below:
            return "open"
        if isinstance(self._aggregate(spec), SumAggregate) and below:
            return self._sum_scale(item)
        return self.methodology.scale

    def direction(self, indicator: Indicator) -> Direction:
        """Which way is better: what the goalposts say, else `direction`, else higher."""
        normalise = indicator.normalise or self.methodology.defaults.normalise
        if isinstance(normalise, Goalposts):
            said = stated_direction(normalise)
            if said is not None:
                return said
        return indicator.direction or "higher"

    def _aggregate(self, node: Node) -> Aggregate:
        return node.aggregate or self.methodology.defaults.aggregate or Arithmetic(method="arithmetic")

    def _sum_scale(self, item: str) -> Scale:
        inherits = self.weighed_by(item) is not None
        members = self.leaves(item) if inherits else self.members(item)
        scales = [(member, scale) for member in members if (scale := self.scale(member)) != "open"]
        if inherits or not isinstance(self._weights(item), GivenWeights | EqualWeights):
            # Shares of 1: a part of them, where they are a part of the leaves of a node above.
            ends = [end for _, scale in scales for end in scale] + [0.0] * inherits
            return (min(ends), max(ends))
        factors = self.given_weights(item)
        low = high = 0.0
        for member, bounds in scales:
            low, high = low + factors[member] * bounds[0], high + factors[member] * bounds[1]
        return (low, high)

    def _weights(self, item: str) -> Weights:
        node, defaults = self.items[item], self.methodology.defaults
        assert isinstance(node, Node)
        given = any(self.items[child].weight is not None for child in self.children[item])
        fallback: Weights = GivenWeights(method="given") if given else EqualWeights(method="equal")
        return node.weights or (fallback if given else defaults.weights or fallback)

    def _indicator_scale(self, indicator: Indicator) -> Scale:
        normalise = indicator.normalise or self.methodology.defaults.normalise
        return "open" if normalise is not None and has_open_scale(normalise) else self.methodology.scale

    def _indicator(self, indicator: Indicator) -> IndicatorSettings:
        defaults = self.methodology.defaults
        return IndicatorSettings(
            id=indicator.id,
            column=None if indicator.derive or indicator.from_ else indicator.column or indicator.id,
            direction=self.direction(indicator),
            scale=self.scale(indicator.id),
            impute=indicator.impute or defaults.impute or ImputeNone(method="none"),
            treat=indicator.treat or defaults.treat or TreatNone(method="none"),
            transform=indicator.transform or defaults.transform,
            normalise=indicator.normalise or defaults.normalise or self._ideal(indicator) or MinMax(method="min-max"),
            codes={**(defaults.codes or {}), **(indicator.codes or {})},
            range=indicator.range or defaults.range,
            round=indicator.round if indicator.round is not None else defaults.round,
            fit=indicator.fit or self.methodology.fit,
            spec=indicator,
        )

    def _ideal(self, indicator: Indicator) -> Goalposts | None:
        """Goalposts of an answer: the fewest and the most points that it can bring, so that the ideal scores 100."""
        answer = indicator.answer
        question = self.questions.get(answer.question) if answer is not None else None
        if answer is None or question is None:
            return None
        if isinstance(question, MatrixQuestion):
            if answer.row not in {row.id for row in question.rows}:
                return None
            question = question.row(str(answer.row))
        ends = best_and_worst(question, answer.option)
        if ends is None or ends[0] == ends[1]:
            return None
        return Goalposts(method="goalposts", worst=ends[0], best=ends[1])

    def _node(self, item: str) -> NodeSettings:
        node, defaults = self.items[item], self.methodology.defaults
        assert isinstance(node, Node)
        children = self.children[item]
        return NodeSettings(
            id=item,
            children=children,
            scale=self.scale(item),
            weights=self._weights(item),
            aggregate=self._aggregate(node),
            coverage=node.coverage or defaults.coverage or Coverage(),
            round=node.round if node.round is not None else defaults.round,
            rank=node.rank or self.methodology.rank,
            spec=node,
        )


def _operands(item: Indicator) -> tuple[str, ...]:
    block = item.derive
    names = ("of", "to", "per", "within", "since", "minus", "growth")
    values = [getattr(block, name, None) for name in names]
    return tuple(part for value in values if value for part in ((value,) if isinstance(value, str) else value))
