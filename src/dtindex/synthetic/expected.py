"""The score that is to be expected of an indicator and of a node, given the shares of the answers below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from dtindex.spec.methods import Scale, SumAggregate
from dtindex.spec.model import Indicator, Methodology
from dtindex.spec.questions import MultipleQuestion, RankingQuestion
from dtindex.synthetic.asked import Asked, Questionnaire
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.points import category_values, item_scores, place_points, tick_points
from dtindex.synthetic.shapes import Shapes, option_position
from dtindex.synthetic.ticks import tick_rule

__all__ = ["Expected", "Mover", "mapped"]

Score = TypeVar("Score", float, FloatArray)


@dataclass(frozen=True)
class Mover:
    """What a shift can move: a column, or an option of a question of several answers."""

    name: str
    option: int = -1


class Expected:
    """Expected scores as functions of the shifts of the normal variables.

    Of an indicator ``sum_k p_k score(value_k)``; of a node the weighted mean of its children (their weighted sum for
    `sum`), whatever the aggregation is: exact for linear ones.
    """

    def __init__(self, methodology: Methodology, questionnaire: Questionnaire, shapes: Shapes, loading: float) -> None:
        self._methodology = methodology
        self._questionnaire = questionnaire
        self._shapes = shapes
        self._loading = loading
        self._values: dict[str, FloatArray] = {}
        self.shifts: dict[Mover, float] = {}
        """Shifts that are settled; 0 for all others."""

    def movers(self, leaf: str) -> tuple[Mover, ...]:
        """What can be shifted below an indicator."""
        name = self._questionnaire.column_of(leaf)
        if name is None:
            return ()
        if name in self._shapes.ordinals:
            return (Mover(name),) if self._shapes.ordinals[name].moves else ()
        if name not in self._shapes.ticks:
            return ()
        ticks = self._shapes.ticks[name]
        item = self._methodology.tree.items[leaf]
        asked = self._questionnaire.by_name[name]
        if isinstance(item, Indicator) and item.answer is not None and item.answer.option is not None:
            positions = [option_position(asked, item.answer.option)]
        else:
            positions = list(range(len(ticks.alone)))
        return tuple(Mover(name, position) for position in positions if ticks.moves(position))

    def ordinal_shares(self, name: str) -> FloatArray:
        """Shares of the categories of a column at the settled shifts."""
        return self._shapes.ordinals[name].shares(self.shifts.get(Mover(name), 0.0))

    def tick_shares(self, name: str) -> FloatArray:
        """Shares of the options of a column that can be ticked together, at the settled shifts."""
        ticks = self._shapes.ticks[name]
        shifts = np.array([self.shifts.get(Mover(name, position), 0.0) for position in range(len(ticks.alone))])
        return ticks.shares(shifts)

    def of(self, item: str) -> float:
        """The expected score of an indicator or node at the settled shifts; NaN where nothing below is asked."""
        tree = self._methodology.tree
        children = tree.children.get(item, ())
        if not children:
            return self._of_leaf(item)
        weights = tree.given_weights(item)
        own = tree.scale(item)
        scores = {member: self.of(member) for member in weights}
        known = [member for member in weights if not np.isnan(scores[member])]
        if isinstance(tree.nodes[item].aggregate, SumAggregate):
            return sum(weights[member] * scores[member] for member in known)
        total = sum(weights[member] for member in known)
        if total == 0:
            return float("nan")
        return sum(weights[member] * mapped(scores[member], tree.scale(member), own) for member in known) / total

    def _of_leaf(self, leaf: str) -> float:
        name = self._questionnaire.column_of(leaf)
        if name is None:
            return float("nan")
        asked = self._questionnaire.by_name.get(name)
        if asked is None:
            return float("nan")
        if name in self._shapes.ordinals:
            return self._of_ordinal(leaf, asked)
        if isinstance(asked.question, MultipleQuestion):
            return self._of_ticks(leaf, asked, asked.question)
        if isinstance(asked.question, RankingQuestion):
            return float(np.mean(item_scores(self._methodology, leaf, place_points(asked.question))))
        return float("nan")

    def _of_ordinal(self, leaf: str, asked: Asked) -> float:
        if leaf not in self._values:
            item = self._methodology.tree.items[leaf]
            answer = item.answer if isinstance(item, Indicator) else None
            values = category_values(asked.question, answer)
            self._values[leaf] = item_scores(self._methodology, leaf, values)
        scores, shares = self._values[leaf], self.ordinal_shares(asked.name)
        known = ~np.isnan(scores) & (shares > 0)
        return float(shares[known] @ scores[known] / shares[known].sum()) if known.any() else float("nan")

    def _of_ticks(self, leaf: str, asked: Asked, question: MultipleQuestion) -> float:
        item = self._methodology.tree.items[leaf]
        assert isinstance(item, Indicator)
        rule = tick_rule(self._shapes.ticks[asked.name], self.tick_shares(asked.name), self._loading)
        points = tick_points(question, item.answer)
        if item.answer is not None and item.answer.option is not None:
            share = float(rule.marginals() @ points)
            low, high = item_scores(self._methodology, leaf, np.array([0.0, 1.0])).tolist()
            return float(low + share * (high - low))
        totals, chances = rule.sums(points)
        if question.at_most is not None:
            totals = np.minimum(totals, question.at_most)
        return float(chances @ item_scores(self._methodology, leaf, totals))


def mapped(scores: Score, scale: Scale, own: Scale) -> Score:
    """A child's scores on its parent's scale."""
    if scale == "open" or own == "open" or scale == own:
        return scores
    return own[0] + (own[1] - own[0]) * (scores - scale[0]) / (scale[1] - scale[0])
