"""Units scored with the data of one edition, the weights of another and the method of a third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from dtindex.analysis.explanation.matching import Matched
from dtindex.analysis.explanation.operands import operands_of
from dtindex.fitted import measured_of, observed_of
from dtindex.spec.methods import SumAggregate
from dtindex.spec.model import Methodology
from dtindex.status import StatusArray
from dtindex.steps.across import over_time, set_aside
from dtindex.steps.answers import Measured
from dtindex.steps.decompose import Walked
from dtindex.steps.derive import Column
from dtindex.steps.indicator import Learned
from dtindex.steps.node import Part
from dtindex.steps.plan import Parameters, Plan, Rows, magnitudes_reported
from dtindex.steps.types import FloatArray, Grouping, Sample, State

__all__ = ["Exchange", "same_method"]

SIDES = (0, 1)


@dataclass
class Exchange:
    """Scores the matched units with any mixture of the two sides' data, weights and method.

    The method is all that makes a score of a raw value but for the weights of nodes: normalisation with its goalposts,
    treatment, imputation, aggregation, coverage, rounding, and the tree. What only one side has stays with it: the data
    of an item that the other table lacks, and the weights of a node whose members are others.
    """

    matched: Matched
    _leaves: dict[tuple[int, int], tuple[dict[str, Part], Rows]] = field(default_factory=dict)
    _columns: dict[tuple[int, int], dict[str, Column]] = field(default_factory=dict)

    def state(self, data: int, weights: int, method: int) -> Walked:
        """Every item's part, one row a matched unit."""
        plan = self.plans[method]
        leaves, rows = self._scored_leaves(data, method)
        learned = self.parameters[method]
        mixed = Parameters(learned.indicators, learned.nodes, self._weights(weights, method))
        with magnitudes_reported():
            parts = plan.climb(leaves, rows, mixed)
        return Walked(plan, mixed.weights, mixed.nodes, parts)

    @cached_property
    def plans(self) -> tuple[Plan, Plan]:
        """The steps of each side."""
        return self.matched.scores[0].plan, self.matched.scores[1].plan

    @cached_property
    def parameters(self) -> tuple[Parameters, Parameters]:
        """What each side learned."""
        return self.matched.scores[0].parameters, self.matched.scores[1].parameters

    @cached_property
    def own_data(self) -> tuple[str, ...]:
        """Indicators that both score and of which the data cannot be exchanged, in the order of the second side."""
        both = set(self.plans[0].chains) & set(self.plans[1].chains)
        return tuple(item for item in self.plans[1].chains if item in both and not self._exchanged(item))

    @cached_property
    def own_weights(self) -> tuple[str, ...]:
        """Nodes of both sides whose weights cannot be exchanged, since their members are others."""
        first, second = self.parameters[0].weights, self.parameters[1].weights
        return tuple(node for node in second if node in first and not self._same_members(node))

    @cached_property
    def weights_differ(self) -> bool:
        """Whether any weights that can be exchanged are others."""
        first, second = self.parameters[0].weights, self.parameters[1].weights
        nodes = [node for node in second if node in first and self._same_members(node)]
        return any(not self._same_weights(node, first[node], self._reordered(node, 1, 0)) for node in nodes)

    def _same_weights(self, node: str, first: Sequence[float], second: Sequence[float]) -> bool:
        """Whether weights are the same but for the last bits: as shares, unless a sum looks at how large they are."""
        large = any(isinstance(plan.steps[node].settings.aggregate, SumAggregate) for plan in self.plans)
        totals = (1.0, 1.0) if large else (sum(first) or 1.0, sum(second) or 1.0)
        one, other = (np.array(own) / total for own, total in zip((first, second), totals, strict=True))
        return bool(np.allclose(one, other, rtol=1e-14, atol=0.0))

    def _same_members(self, node: str) -> bool:
        return set(self.plans[0].members.get(node, ())) == set(self.plans[1].members.get(node, ()))

    def _reordered(self, node: str, side: int, order: int) -> list[float]:
        """One side's weights of a node's members, in the other's order."""
        own = dict(zip(self.plans[side].members[node], self.parameters[side].weights[node], strict=True))
        return [own[member] for member in self.plans[order].members[node]]

    def _weights(self, side: int, method: int) -> dict[str, list[float]]:
        own, other = self.parameters[method].weights, self.parameters[side].weights
        if side == method:
            return own
        return {
            node: self._reordered(node, side, method) if node in other and self._same_members(node) else weights
            for node, weights in own.items()
        }

    # -- data --

    def _exchanged(self, item: str) -> bool:
        """Whether the data of an indicator mean the same on both sides."""
        trees = [plan.tree for plan in self.plans]
        if not all(item in tree.indicators for tree in trees):
            return False
        specs = [tree.indicators[item].spec for tree in trees]
        groups = {name for plan in self.plans if item in plan.chains for name in plan.chains[item].groups}
        if any(name not in scores.table.texts for name in groups for scores in self.matched.scores):
            return False
        if any(spec.answer is not None for spec in specs):
            return specs[0].answer == specs[1].answer and self._same_question(specs[0].answer)
        if any(spec.derive is not None for spec in specs):
            return specs[0].derive == specs[1].derive and self._derivable(item)
        given = [item in scores.table.names for scores in self.matched.scores]
        return given[0] == given[1]

    def _same_question(self, answer: object) -> bool:
        question = getattr(answer, "question", "")
        asked = [plan.tree.questions.get(question) for plan in self.plans]
        return None not in asked and _positions(asked[0]) == _positions(asked[1])

    def _derivable(self, item: str) -> bool:
        tree = self.plans[0].tree
        operands = operands_of(tree, tree.indicators[item].spec)
        return all(one != item and self._exchanged(one) for one in operands)

    def _scored_leaves(self, data: int, method: int) -> tuple[dict[str, Part], Rows]:
        if (data, method) not in self._leaves:
            plan = self.plans[method]
            rows = self._rows(data, method)
            with magnitudes_reported():
                leaves = {item: plan.leaf(item, rows, self.parameters[method]) for item in plan.chains}
            self._leaves[data, method] = leaves, rows
        return self._leaves[data, method]

    def _rows(self, data: int, method: int) -> Rows:
        """The matched rows as a plan takes them; what cannot be exchanged comes from the method's own table."""
        plan, matched = self.plans[method], self.matched
        source = {item: data if data == method or self._exchanged(item) else method for item in plan.chains}
        columns = {side: self._measured(side, method) for side in set(source.values())}
        periods = matched.scores[method].periods
        when = None if periods is None else periods[matched.rows[method]]
        samples, coded = {}, {}
        for item, chain in plan.chains.items():
            side = source[item]
            table, at = matched.scores[side].table, matched.rows[side]
            column = columns[side][item]
            samples[item] = Sample(
                column.values[at],
                column.flags[at],
                units=matched.units if chain.needs_keys else None,
                periods=when,
                groups={name: Grouping.of(table.texts[name][at]) for name in chain.groups},
            )
            if item in table.coded:
                coded[item] = table.coded[item][at]
        return Rows(len(matched), samples, coded, self._observed(data, method))

    def _measured(self, side: int, method: int) -> dict[str, Column]:
        """Raw values of all rows of a side's table, as a method reads, derives and imputes them."""
        if (side, method) not in self._columns:
            self._columns[side, method] = self._read(side, method)
        return self._columns[side, method]

    def _read(self, side: int, method: int) -> dict[str, Column]:
        scores, plan = self.matched.scores[side], self.plans[method]
        measured: Measured = measured_of(plan, scores.table)[0]
        aside = set_aside(scores.methodology, scores.table)
        filled, _ = over_time(plan.chains, scores.table, measured, scores.classified, aside)
        return {item: filled.get(item) or measured[item] for item in plan.chains}

    def _observed(self, data: int, method: int) -> dict[str, tuple[FloatArray, StatusArray]]:
        """Values of nodes that the table gives."""
        matched = self.matched
        given = [observed_of(matched.scores[method].methodology, matched.scores[side].table) for side in SIDES]
        both = set(given[0]) & set(given[1])
        found = {}
        for node in given[method]:
            side = data if node in both else method
            values, flags = given[side][node]
            found[node] = values[matched.rows[side]], flags[matched.rows[side]]
        return found


def _positions(question: object) -> list[object]:
    """What an answer's stored positions stand for."""
    options = [getattr(option, "id", None) for option in getattr(question, "options", ())]
    rows = [_positions(row) for row in getattr(question, "rows", ())]
    return [getattr(question, "type", ""), options, rows]


def same_method(matched: Matched) -> bool:
    """Whether both sides make scores of raw values in one way, weights apart."""
    first, second = matched.scores
    if any(chain.fits_each_period for chain in second.plan.chains.values()) and _other_periods(matched):
        return False
    if first.plan is second.plan and first.parameters is second.parameters:
        return True
    own, other = (_without_weights(scores.methodology) for scores in matched.scores)
    return own == other and _equal(first.parameters, second.parameters)


def _other_periods(matched: Matched) -> bool:
    periods = [scores.periods for scores in matched.scores]
    if periods[0] is None or periods[1] is None:
        return periods[0] is not periods[1]
    return not np.array_equal(periods[0][matched.rows[0]], periods[1][matched.rows[1]])


def _without_weights(methodology: Methodology) -> tuple[object, ...]:
    """What the method is by the file, with labels and weights left out."""
    told = ("label", "note", "source", "published", "tolerance", "unit", "weight")
    bare: dict[str, object] = {**dict.fromkeys(told), "provenance": {}, "tags": ()}
    nodes = tuple(
        node.model_copy(update={**bare, "weights": None, "rank": None, "orientation": None})
        for node in methodology.nodes
    )
    indicators = tuple(item.model_copy(update=bare) for item in methodology.indicators)
    defaults = methodology.defaults.model_copy(update={"weights": None})
    rest = (methodology.scale, methodology.fit, methodology.base_period, methodology.questions)
    return (nodes, indicators, defaults, *rest)


def _equal(first: Parameters, second: Parameters) -> bool:
    def leaves(learned: Learned) -> dict[str, State]:
        return {f"{period}/{step}": state for period, steps in learned.items() for step, state in steps.items()}

    def same(one: dict[str, State], other: dict[str, State]) -> bool:
        return one.keys() == other.keys() and all(
            one[name].keys() == other[name].keys()
            and all(np.array_equal(array, other[name][key]) for key, array in one[name].items())
            for name in one
        )

    items = first.indicators.keys() == second.indicators.keys()
    return (
        items
        and all(same(leaves(first.indicators[item]), leaves(second.indicators[item])) for item in first.indicators)
        and same(first.nodes, second.nodes)
    )
