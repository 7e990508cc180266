"""What questions that are not asked do to the mean of a node, found by a small trial."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import SumAggregate
from dtindex.spec.model import Indicator
from dtindex.spec.questions import MultipleQuestion, NumberQuestion, RankingQuestion
from dtindex.synthetic.asked import Asked, Questionnaire
from dtindex.synthetic.asking import skip
from dtindex.synthetic.columns import Chosen, Column, Numbers, Ordered, Ticked
from dtindex.synthetic.drawing import Recipe, draw_answers
from dtindex.synthetic.expected import mapped
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.numbers import number_edges
from dtindex.synthetic.points import category_values, item_scores, place_points, tick_points
from dtindex.synthetic.shapes import option_position

__all__ = ["effect_of_skips", "skips_anything"]

_ROWS = 16_384
_SEED = 0


def skips_anything(questionnaire: Questionnaire) -> bool:
    """Whether a question that is scored may not be asked."""
    return any(asked.skip_when is not None and asked.dimension is not None for asked in questionnaire.columns)


def effect_of_skips(recipe: Recipe, items: tuple[str, ...]) -> dict[str, float]:
    """By node, its mean over a trial of 16,384 respondents less what it would be if everybody were asked everything.

    The same respondents both times, so that chance takes little part in the difference.
    """
    columns = draw_answers(recipe, _ROWS, _SEED, 1)
    whole = _means(recipe.questionnaire, columns, items)
    skip(recipe.questionnaire, columns)
    asked = _means(recipe.questionnaire, columns, items)
    return {item: asked[item] - whole[item] for item in items}


def _means(questionnaire: Questionnaire, columns: Mapping[str, Column], items: tuple[str, ...]) -> dict[str, float]:
    known: dict[str, FloatArray] = {}
    return {item: float(np.nanmean(_scores(questionnaire, columns, item, known))) for item in items}


def _scores(
    questionnaire: Questionnaire, columns: Mapping[str, Column], item: str, known: dict[str, FloatArray]
) -> FloatArray:
    """Scores ``(rows,)``: the weighted mean of what is there, NaN where nothing is."""
    if item in known:
        return known[item]
    tree = questionnaire.tree
    children = tree.children.get(item, ())
    if not children:
        known[item] = _leaf_scores(questionnaire, columns, item)
        return known[item]
    total, weight = np.zeros(_ROWS), np.zeros(_ROWS)
    for member, share in tree.given_weights(item).items():
        scores = mapped(_scores(questionnaire, columns, member, known), tree.scale(member), tree.scale(item))
        there = ~np.isnan(scores)
        total[there] += share * scores[there]
        weight[there] += share
    divisor = 1.0 if isinstance(tree.nodes[item].aggregate, SumAggregate) else weight
    known[item] = np.divide(total, divisor, out=np.full(_ROWS, np.nan), where=weight > 0)
    return known[item]


def _leaf_scores(questionnaire: Questionnaire, columns: Mapping[str, Column], leaf: str) -> FloatArray:
    name = questionnaire.column_of(leaf)
    nothing = np.full(_ROWS, np.nan)
    if name is None or name not in columns:
        return nothing
    asked, column = questionnaire.by_name[name], columns[name]
    item = questionnaire.tree.items[leaf]
    answer = item.answer if isinstance(item, Indicator) else None
    if isinstance(asked.question, RankingQuestion) and isinstance(column, Ordered) and answer is not None:
        place = column.place_of(option_position(asked, str(answer.option)))
        values = np.append(place_points(asked.question), 0.0)[place]
    elif isinstance(asked.question, MultipleQuestion) and isinstance(column, Ticked):
        points = tick_points(asked.question, answer)
        values = sum((column.has(option) * points[option] for option in range(len(points))), np.zeros(_ROWS))
        if asked.question.at_most is not None and (answer is None or answer.option is None):
            values = np.minimum(values, asked.question.at_most)
    elif isinstance(column, Chosen | Numbers):
        values = category_values(asked.question, answer)[_categories(asked, column)]
    else:
        return nothing
    different, positions = np.unique(values, return_inverse=True)
    scores = item_scores(questionnaire.methodology, leaf, different)[positions]
    return np.where(column.answered, scores, np.nan)


def _categories(asked: Asked, column: Chosen | Numbers) -> NDArray[np.intp]:
    """The position of the category of each answer ``(rows,)``."""
    if isinstance(asked.question, NumberQuestion):
        inner = number_edges(asked.question)[1:-1]
        positions: NDArray[np.intp] = np.searchsorted(inner, np.nan_to_num(column.data))
    else:
        positions = column.data.astype(np.intp)
    return positions
