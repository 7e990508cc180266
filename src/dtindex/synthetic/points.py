"""What an indicator takes of an answer, and the score that it makes of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.model import Methodology
from dtindex.spec.questions import (
    Answer,
    MultipleQuestion,
    NumberQuestion,
    Option,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.steps.indicator import IndicatorChain, unpack
from dtindex.steps.types import Sample
from dtindex.synthetic.asked import AskedQuestion
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.numbers import number_edges

__all__ = ["category_values", "item_scores", "place_points", "tick_points"]


def category_values(question: AskedQuestion, answer: Answer | None) -> FloatArray:
    """The value that each category of an answer brings ``(categories,)``; NaN for those that bring none.

    A scale counts from its worst end; ``option`` of an answer brings 1 where it was chosen and 0 elsewhere.
    """
    if isinstance(question, SingleQuestion):
        if answer is not None and answer.option is not None:
            return np.array(
                [np.nan if one.status is not None else float(one.id == answer.option) for one in question.options]
            )
        return _option_points(question.options)
    if isinstance(question, ScaleQuestion):
        values = question.first + np.arange(question.points, dtype=np.float64)
        return values[::-1] if question.reverse else values
    assert isinstance(question, NumberQuestion)
    if question.bands is not None:
        return np.array(question.bands.points, dtype=np.float64)
    edges = number_edges(question)
    return (edges[1:] + edges[:-1]) / 2


def tick_points(question: MultipleQuestion, answer: Answer | None) -> FloatArray:
    """The points of each option ``(options,)``; of one option, 1 for it and 0 for the others."""
    if answer is not None and answer.option is not None:
        return np.array([float(option.id == answer.option) for option in question.options])
    return np.nan_to_num(_option_points(question.options))


def place_points(question: RankingQuestion) -> FloatArray:
    """The points of each place ``(options,)``; later places bring nothing."""
    points = np.zeros(len(question.options))
    given = question.points[: len(points)]
    points[: len(given)] = given
    return points


def item_scores(methodology: Methodology, item: str, values: FloatArray) -> FloatArray:
    """The score that an indicator makes of each value; of a node's column, the value itself.

    A method that learns from a table learns from these values, each once.
    """
    if methodology.tree.is_node(item):
        return values
    chain = IndicatorChain(methodology.tree.indicators[item])
    sample = Sample(values, np.zeros(len(values), dtype=np.uint16), raw=values)
    state, problems = chain.fit(sample)
    if problems:
        return _evenly(methodology, item, values)
    scores, _, _ = chain.score(sample, unpack(state))
    lost: NDArray[np.bool_] = np.isnan(scores) & ~np.isnan(values)
    return _evenly(methodology, item, values) if lost.any() else scores


def _evenly(methodology: Methodology, item: str, values: FloatArray) -> FloatArray:
    """Scores spread over the scale from the lowest to the highest value, where the method cannot say."""
    scale = methodology.tree.scale(item)
    low, high = (0.0, 1.0) if scale == "open" else scale
    known = values[~np.isnan(values)]
    width = float(np.ptp(known)) if known.size else 0.0
    return np.full(len(values), low) if width == 0 else low + (high - low) * (values - known.min()) / width


def _option_points(options: tuple[Option, ...]) -> FloatArray:
    return np.array([np.nan if option.points is None else option.points for option in options], dtype=np.float64)
