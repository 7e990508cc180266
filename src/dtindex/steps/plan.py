"""The whole arithmetic of a methodology, in the order in which it runs, for any block of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dtindex.spec.methods import (
    Cases,
    Goalposts,
    RegisteredAggregate,
    RegisteredNormalise,
    RegisteredWeights,
    SumAggregate,
)
from dtindex.spec.model import Methodology
from dtindex.spec.tree import Tree
from dtindex.status import LEAVES_NO_VALUE, Status, StatusArray
from dtindex.steps.aggregate import METHODS as AGGREGATIONS
from dtindex.steps.aggregate import aggregator
from dtindex.steps.answers import Taken
from dtindex.steps.impute import METHODS as IMPUTATIONS
from dtindex.steps.indicator import IndicatorChain, Learned, unpack
from dtindex.steps.node import NodeStep, Part, leaf_part
from dtindex.steps.normalise import METHODS as NORMALISATIONS
from dtindex.steps.normalise import normaliser
from dtindex.steps.registered import NotRegistered
from dtindex.steps.row_stage import RowStage
from dtindex.steps.treat import METHODS as TREATMENTS
from dtindex.steps.types import FloatArray, Frozen, Problem, Sample, State, TextArray
from dtindex.steps.weight import METHODS as WEIGHTINGS
from dtindex.steps.weight import Siblings, Weighed, weighting

__all__ = ["Parameters", "Plan", "Rows", "magnitudes_reported", "unavailable"]

_NO_VALUE = np.uint16(LEAVES_NO_VALUE)
_MISSING = np.uint16(Status.MISSING)


@dataclass(frozen=True, slots=True)
class Rows:
    """Raw columns of a block of rows: indicators' samples, scores that codes gave, and nodes' values from the table."""

    count: int
    samples: Mapping[str, Sample]
    coded: Mapping[str, FloatArray]
    observed: Mapping[str, tuple[FloatArray, StatusArray]]
    taken: Mapping[str, Taken] = field(default_factory=dict)
    """Indicators that are answers; their samples lack values until they are asked for."""

    @property
    def periods(self) -> TextArray | None:
        """The period of each row; None of a table without periods."""
        return next((sample.periods for sample in self.samples.values()), None)

    def sample(self, item: str) -> Sample:
        """An indicator's sample."""
        sample = self.samples[item]
        if item not in self.taken:
            return sample
        column = self.taken[item].column()
        return replace(sample, values=column.values, flags=column.flags)

    def take(self, rows: slice | np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Rows:
        """Some of the rows; the same ones where all are asked for."""
        if not isinstance(rows, slice) and rows.all():
            return self
        count = rows.stop - rows.start if isinstance(rows, slice) else int(rows.sum())
        return Rows(
            count,
            {
                item: _beside(sample, rows) if item in self.taken else sample.take(rows)
                for item, sample in self.samples.items()
            },
            {item: scores[rows] for item, scores in self.coded.items()},
            {item: (values[rows], flags[rows]) for item, (values, flags) in self.observed.items()},
            {item: answers.take(rows) for item, answers in self.taken.items()},
        )


def _beside(sample: Sample, rows: slice | np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Sample:
    """What a sample knows of some rows beside their values."""
    return Sample(
        sample.values,
        sample.flags,
        units=None if sample.units is None else sample.units[rows],
        periods=None if sample.periods is None else sample.periods[rows],
        groups={name: grouping.take(rows) for name, grouping in sample.groups.items()},
    )


@dataclass(slots=True)
class Parameters:
    """What fit learned: arrays of each indicator and node, each node's weights over its members, bounds of tiers."""

    indicators: dict[str, Learned] = field(default_factory=dict)
    nodes: dict[str, State] = field(default_factory=dict)
    weights: dict[str, list[float]] = field(default_factory=dict)
    tiers: dict[str, list[float]] = field(default_factory=dict)
    """By node the bounds of tiers that are learned, the best tier first."""


def unavailable(methodology: Methodology) -> list[Problem]:
    """DT030 for every method that a score needs and this version lacks."""
    tree = methodology.tree
    problems: list[Problem] = []
    for item in tree.scored:
        settings = tree.indicators[item]
        for kind, spec, known in (
            ("impute", settings.impute, IMPUTATIONS),
            ("treat", settings.treat, TREATMENTS),
            ("normalise", settings.normalise, NORMALISATIONS),
        ):
            if isinstance(spec, RegisteredNormalise):
                problems += _missing(item, lambda spec=spec, own=settings: normaliser(spec, own.direction, own.scale))  # type: ignore[misc]
            elif spec.method not in known:
                problems.append(_not_yet(item, kind, spec.method, list(known)))
    for node, node_settings in tree.nodes.items():
        if isinstance(node_settings.aggregate, RegisteredAggregate):
            problems += _missing(node, lambda spec=node_settings.aggregate: aggregator(spec))  # type: ignore[misc]
        elif node_settings.aggregate.method not in AGGREGATIONS:
            problems.append(_not_yet(node, "aggregate", node_settings.aggregate.method, list(AGGREGATIONS)))
        if isinstance(node_settings.weights, RegisteredWeights):
            problems += _missing(node, lambda spec=node_settings.weights: weighting(spec))  # type: ignore[misc]
        elif node_settings.children and node_settings.weights.method not in WEIGHTINGS:
            problems.append(_not_yet(node, "weights", node_settings.weights.method, list(WEIGHTINGS)))
    return problems


def _missing(item: str, make: Callable[[], object]) -> list[Problem]:
    """DT349 where a method of another package cannot be made."""
    try:
        make()
    except NotRegistered as reason:
        return [Problem("DT349", item, reason.message)]
    return []


def _not_yet(item: str, kind: str, method: str, known: Sequence[str]) -> Problem:
    return Problem("DT030", item, f"{kind} method {method!r} is not yet available; available: {', '.join(known)}")


class Plan:
    """Built once from a methodology; fits and scores blocks of rows, and keeps no data.

    ``skipped`` are nodes whose aggregate is not computed, because something below is unpublished and the table has the
    node's value; indicators below them have no score of their own.
    """

    def __init__(self, methodology: Methodology, skipped: frozenset[str] = frozenset()) -> None:
        tree = methodology.tree
        self.methodology = methodology
        self.tree: Tree = tree
        base = None if methodology.base_period is None else str(methodology.base_period)
        self.chains = {
            item: IndicatorChain(tree.indicators[item], base) for item in tree.scored if _can_normalise(tree, item)
        }
        self.scales = {item: tree.scale(item) for item in tree.items}
        self.row_stage = RowStage(tree, self.chains, self.scales)
        self.members = {
            node: tree.members(node)
            for node in tree.nodes
            if node not in skipped and tree.weighed_by(node) not in skipped
        }
        self.steps = {node: NodeStep(tree.nodes[node], members, self.scales) for node, members in self.members.items()}
        self.order = _evaluation_order(tree, self.members)

    @property
    def items(self) -> tuple[str, ...]:
        """Ids that have scores: nodes in file order, then scored indicators."""
        return (*(node.id for node in self.methodology.nodes), *self.tree.scored)

    @property
    def frozen(self) -> dict[str, Frozen]:
        """By item, whether its methods can score what they have not seen; items that simply can are left out."""
        kinds = {item: chain.normaliser.frozen for item, chain in self.chains.items()}
        kinds |= {node: step.aggregator.frozen for node, step in self.steps.items() if self.members[node]}
        return {item: kind for item, kind in kinds.items() if kind is not Frozen.YES}

    @property
    def set_relative(self) -> bool:
        """Whether some node ranks its rows as a set, so that they have to be scored in one block."""
        return any(step.aggregator.set_relative for node, step in self.steps.items() if self.members[node])

    def fit(self, rows: Rows) -> tuple[Parameters, dict[str, Part], list[Problem]]:
        """Walk up the tree once over the reference rows: learn each step's parameters, then score with them."""
        with magnitudes_reported():
            return self._fit(rows)

    def _fit(self, rows: Rows) -> tuple[Parameters, dict[str, Part], list[Problem]]:
        learned = Parameters()
        problems: list[Problem] = []
        leaves: dict[str, Part] = {}
        for item in self.chains:
            learned.indicators[item], leaves[item], found = self.fit_leaf(item, rows)
            problems += found
        parts, found = self.fit_nodes(leaves, rows, learned)
        return learned, parts, problems + found

    def fit_leaf(self, item: str, rows: Rows) -> tuple[Learned, Part, list[Problem]]:
        """What one scored indicator learns, its part, and what stands in the way: it then has no score."""
        state, problems = self.chains[item].fit(rows.sample(item))
        learned = unpack(state)
        if problems:
            return learned, _empty(rows.count), problems
        return learned, self.leaf(item, rows, Parameters({item: learned})), problems

    def fit_nodes(
        self, leaves: Mapping[str, Part], rows: Rows, learned: Parameters
    ) -> tuple[dict[str, Part], list[Problem]]:
        """Parts of every item, each node's weights and state put into ``learned`` on the way up."""
        problems: list[Problem] = []
        parts = dict(leaves)
        self._fill_unscored(parts, rows.count)
        self.row_stage.fit(parts, rows.sample, learned.indicators)
        parts |= self.row_stage.fill(parts, rows.sample, learned.indicators)
        for node in self.order:
            step = self.steps.get(node)
            if step is not None and self.members[node]:
                weighed = self.weigh(node, parts, learned)
                learned.weights[node] = weighed.weights.tolist()
                problems += weighed.problems
                learned.nodes[node], found = step.fit(parts, learned.weights[node])
                problems += found
                if found:  # said once; what is above goes without
                    parts[node] = _empty(rows.count)
                    continue
            parts[node] = self._node(node, rows, parts, learned)
        return parts, problems

    def learn(self, rows: Rows) -> Parameters | None:
        """The parameters alone, where no node learns from scores: the scores can then be worked out block by block.

        None where a node does, or where something stands in the way; :meth:`fit` then says what.
        """
        if self.row_stage.learns or any(
            self._learns(node) for node in self.order if node in self.steps and self.members[node]
        ):
            return None
        learned = Parameters()
        with magnitudes_reported():
            for item, chain in self.chains.items():
                state, problems = chain.fit(rows.sample(item))
                if problems:
                    return None
                learned.indicators[item] = unpack(state)
        for node in self.order:
            if node in self.steps and self.members[node]:
                weighed = self.weigh(node, {}, learned)
                if weighed.problems:
                    return None
                learned.weights[node] = weighed.weights.tolist()
                learned.nodes[node] = {}
        return learned

    def _learns(self, node: str) -> bool:
        """Whether a node's weights or its aggregation are learned from scores."""
        taken = self.tree.weighed_by(node) is not None
        return taken or self.steps[node].aggregator.learns or weighting(self.tree.nodes[node].weights).learns

    def score(self, rows: Rows, learned: Parameters) -> dict[str, Part]:
        """Parts of every item for a block of rows; a row's result depends on no other row."""
        with magnitudes_reported():
            return self.climb({item: self.leaf(item, rows, learned) for item in self.chains}, rows, learned)

    def climb(self, leaves: Mapping[str, Part], rows: Rows, learned: Parameters) -> dict[str, Part]:
        """Parts of every item, the nodes computed bottom-up from parts of the leaves."""
        parts = dict(leaves)
        self._fill_unscored(parts, rows.count)
        parts |= self.row_stage.fill(parts, rows.sample, learned.indicators)
        for node in self.order:
            parts[node] = self._node(node, rows, parts, learned)
        return parts

    def effective_weights(self, weights: Mapping[str, Sequence[float]], root: str) -> dict[str, float]:
        """The product of normalised weights from ``root`` down to each indicator or node without members; sums to 1.

        Below a `sum` each member counts by its weight times the width of its scale, which a sum does not level: of
        ``(a + b) + c`` each has one third.
        """
        effective: dict[str, float] = {}

        def descend(item: str, share: float) -> None:
            own = weights.get(item)
            if own is None:
                effective[item] = effective.get(item, 0.0) + share
                return
            counts = self._counts(item, weights)
            total = sum(counts) or 1.0  # none counts below a node that takes one of them by its case
            for member, count in zip(self.members[item], counts, strict=True):
                descend(member, share * count / total)

        descend(root, 1.0)
        return effective

    def _counts(self, node: str, weights: Mapping[str, Sequence[float]]) -> list[float]:
        """What each member counts by: its weight; below a `sum`, also how far its score reaches."""
        if not isinstance(self.tree.nodes[node].aggregate, SumAggregate):
            return list(weights[node])
        pairs = zip(self.members[node], weights[node], strict=True)
        return [weight * self._reach(member, weights) for member, weight in pairs]

    def _reach(self, item: str, weights: Mapping[str, Sequence[float]]) -> float:
        if item in weights and isinstance(self.tree.nodes[item].aggregate, SumAggregate):
            return sum(self._counts(item, weights))
        scale = self.scales[item]
        return 1.0 if scale == "open" else abs(scale[1] - scale[0])

    def leaf(self, item: str, rows: Rows, learned: Parameters) -> Part:
        """The part of one scored indicator."""
        values, flags, problems = self.chains[item].score(rows.sample(item), learned.indicators[item])
        coded = rows.coded.get(item)
        if coded is not None:
            values = np.where(np.isnan(coded), values, coded)
        gaps = np.isnan(values)
        if gaps.any():
            # A value that a formula could not take is reported; the cell counts as missing from here on.
            flags = flags | np.where(gaps & (flags & _NO_VALUE == 0), _MISSING, np.uint16(0))
        return leaf_part(values, flags, problems, gaps)

    def _fill_unscored(self, parts: dict[str, Part], count: int) -> None:
        for item in self.tree.scored:
            if item not in parts:
                parts[item] = _empty(count)

    def weigh(self, node: str, parts: Mapping[str, Part], learned: Parameters) -> Weighed:
        """The weights of a node's members from the members' parts; those that are given need no part."""
        above = self.tree.weighed_by(node)
        if above is not None:
            return Weighed(self._taken(node, above, learned))
        members = self.members[node]
        widths = [1.0 if (scale := self.scales[member]) == "open" else abs(scale[1] - scale[0]) for member in members]
        scores = [parts[member].values for member in members if member in parts]

        def elsewhere(item: str) -> FloatArray | None:
            return parts[item].values if item in parts else None

        siblings = Siblings(node, members, self.tree.given_weights(node), scores, widths, elsewhere)
        return weighting(self.tree.nodes[node].weights).fit(siblings)

    def _taken(self, node: str, above: str, learned: Parameters) -> FloatArray:
        """Weights of a sum's children from the leaf weights of a node above, as shares of all of that node's leaves."""
        leaf_weights = dict(zip(self.members[above], learned.weights[above], strict=True))
        total = sum(leaf_weights.values())

        def taken(child: str) -> float:
            if self.tree.is_node(child) and child in self.members and self.tree.weighed_by(child) == above:
                return 1.0  # its own sum has the weights in it
            return sum(leaf_weights[leaf] for leaf in self.tree.leaves(child)) / total

        return np.array([taken(child) for child in self.members[node]])

    def _node(self, node: str, rows: Rows, parts: Mapping[str, Part], learned: Parameters) -> Part:
        step = self.steps.get(node)
        part = None
        if step is not None and self.members[node]:
            periods = rows.periods if step.aggregator.set_relative else None
            part = step.score(parts, learned.weights[node], learned.nodes[node], periods)
        if node in rows.observed:
            values, flags = rows.observed[node]
            observer = step or NodeStep(self.tree.nodes[node], (), self.scales)
            return observer.observe(part, values, flags, len(self.tree.leaves(node)))
        return part or _empty(rows.count)


def magnitudes_reported() -> np.errstate:
    """NumPy need not warn of numbers that grow too large: DT306 says which unit's."""
    return np.errstate(over="ignore", invalid="ignore")


def _can_normalise(tree: Tree, item: str) -> bool:
    """Whether nothing that the indicator's score needs is unpublished."""
    spec = tree.indicators[item].normalise
    return not (isinstance(spec, Goalposts) and "unpublished" in (spec.worst, spec.best))


def _evaluation_order(tree: Tree, members: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Nodes after everything that they look at: members, what the conditions of `cases` name, and whose weights they
    take.
    """
    order: dict[str, None] = {}

    def visit(node: str, path: frozenset[str]) -> None:
        if node in order or node in path:
            return
        aggregate = tree.nodes[node].aggregate
        named = [case.when.id for case in aggregate.cases if case.when] if isinstance(aggregate, Cases) else []
        above = tree.weighed_by(node) if node in members else None
        # A sum below may wait for the leaf weights of this node, which looks past it.
        needed = members.get(node, tree.children[node])
        for item in (*needed, *named, *([above] if above is not None else [])):
            if tree.is_node(item):
                visit(item, path | {node})
        order[node] = None

    for node in tree.bottom_up:
        visit(node, frozenset())
    return tuple(order)


def _empty(count: int) -> Part:
    return leaf_part(np.full(count, np.nan), np.full(count, _MISSING, dtype=np.uint16), [])
