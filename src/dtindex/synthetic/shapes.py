"""How each column's answers come out of normal variables: in which order, and with which given shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dtindex.spec.model import Indicator, Methodology
from dtindex.spec.questions import (
    MultipleQuestion,
    NumberQuestion,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.spec.sample_plan import SamplePlan
from dtindex.spec.survey import Attention
from dtindex.synthetic.asked import Asked, Questionnaire, name_of
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.numbers import number_edges
from dtindex.synthetic.ordinal import Ordinal
from dtindex.synthetic.points import category_values, item_scores, tick_points
from dtindex.synthetic.ticks import Ticks

__all__ = ["Shapes", "shapes_of"]


@dataclass(frozen=True)
class Shapes:
    """Columns by name: answers of one category, and answers of any number of options."""

    ordinals: dict[str, Ordinal] = field(default_factory=dict)
    ticks: dict[str, Ticks] = field(default_factory=dict)


def shapes_of(questionnaire: Questionnaire, plan: SamplePlan) -> Shapes:
    """The shape of every column but rankings and open answers."""
    shapes = Shapes()
    given = _given(plan)
    attention = _attention(questionnaire.methodology)
    for asked in questionnaire.columns:
        taken = questionnaire.taken(asked)
        pinned = given.get(asked.name, {})
        if isinstance(asked.question, MultipleQuestion):
            shapes.ticks[asked.name] = _ticks(questionnaire.methodology, asked.question, taken, pinned)
        elif isinstance(asked.question, SingleQuestion | ScaleQuestion | NumberQuestion):
            shapes.ordinals[asked.name] = _ordinal(questionnaire.methodology, asked, taken, pinned)
        if asked.name in attention:
            _answer_rightly(shapes, asked, attention[asked.name])
    return shapes


def option_position(asked: Asked, option: str) -> int:
    """The position of an option among those of a column's question."""
    question = asked.question
    assert isinstance(question, SingleQuestion | MultipleQuestion | RankingQuestion)
    return [one.id for one in question.options].index(option)


def _given(plan: SamplePlan) -> dict[str, dict[str, float]]:
    """Given shares by column and option; of strata, options that are not named have none."""
    found: dict[str, dict[str, float]] = {name: dict(shares) for name, shares in plan.strata.items()}
    for target in plan.shares:
        found.setdefault(name_of(target.question, target.row), {})[target.option] = target.share
    return found


def _attention(methodology: Methodology) -> dict[str, tuple[str | int, ...]]:
    """The answers that questions ask for which are there to see whether respondents read them."""
    rules = methodology.survey.careless if methodology.survey is not None else ()
    return {rule.question: rule.answers for rule in rules if isinstance(rule, Attention)}


def _answer_rightly(shapes: Shapes, asked: Asked, answers: tuple[str | int, ...]) -> None:
    """Everybody who is not careless gives one of the answers."""
    question = asked.question
    if isinstance(question, ScaleQuestion):
        right = [int(answer) - question.first for answer in answers]
    else:
        right = [option_position(asked, str(answer)) for answer in answers]
    if asked.name in shapes.ordinals:
        ordinal = shapes.ordinals[asked.name]
        pinned = {position: (position in right) / len(right) for position in range(ordinal.count)}
        shapes.ordinals[asked.name] = replace(ordinal, order=tuple(range(ordinal.count)), pinned=pinned)
    elif asked.name in shapes.ticks:
        ticks = shapes.ticks[asked.name]
        pinned = {int(position): float(position in right) for position in ticks.others}
        shapes.ticks[asked.name] = replace(ticks, pinned=pinned)


def _ordinal(
    methodology: Methodology, asked: Asked, taken: tuple[Indicator, ...], given: Mapping[str, float]
) -> Ordinal:
    question = asked.question
    values = category_values(question, taken[0].answer if taken else None)
    order = _order(methodology, asked, taken, values)
    pinned: dict[int, float] = {}
    if isinstance(question, SingleQuestion):
        positions = {option.id: position for position, option in enumerate(question.options)}
        pinned = {positions[option]: share for option, share in given.items()}
        answers = [position for position in order if question.options[position].status is None]
        order = answers or order
        if pinned and sum(pinned.values()) > 1 - 1e-9:
            pinned |= {position: 0.0 for position in order if position not in pinned}
    elif isinstance(question, NumberQuestion):
        # A band outside the range of the answers.
        pinned = {int(position): 0.0 for position in np.flatnonzero(np.diff(number_edges(question)) == 0)}
    return Ordinal(len(values), tuple(order), pinned)


def _order(methodology: Methodology, asked: Asked, taken: tuple[Indicator, ...], values: FloatArray) -> list[int]:
    """Categories from the worst to the best; in the order of the file where none is better."""
    scores = values
    if taken:
        scores = item_scores(methodology, taken[0].id, values)
    elif asked.owner is None and asked.dimension is None:
        scores = np.arange(len(values), dtype=np.float64)
    known = [position for position in range(len(values)) if not np.isnan(scores[position])]
    unknown = [position for position in range(len(values)) if np.isnan(scores[position])]
    if not known:
        return unknown
    ordered = sorted(known, key=lambda position: (float(scores[position]), position))
    return [*unknown, *ordered]


def _ticks(
    methodology: Methodology, question: MultipleQuestion, taken: tuple[Indicator, ...], given: Mapping[str, float]
) -> Ticks:
    signs = np.ones(len(question.options))
    for indicator in taken:
        points = tick_points(question, indicator.answer)
        low, high = item_scores(methodology, indicator.id, np.array([0.0, 1.0])).tolist()
        signs = np.where(points == 0, signs, np.sign(points) * (-1.0 if high < low else 1.0))
    positions = {option.id: position for position, option in enumerate(question.options)}
    pinned = {positions[option]: share for option, share in given.items()}
    pinned |= {
        position: 0.0
        for position, option in enumerate(question.options)
        if option.status is not None and not option.alone and position not in pinned
    }
    return Ticks(tuple(option.alone for option in question.options), signs, pinned)
