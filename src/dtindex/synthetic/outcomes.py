"""Outcomes: measured values and answers that differ between classes as a study says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import map_blocks
from dtindex.spec.questions import MultipleQuestion
from dtindex.spec.sample_plan import NormalOutcome, Outcome, SamplePlan, ShareOutcome
from dtindex.synthetic.asked import Asked, Questionnaire
from dtindex.synthetic.columns import Chosen, Column, Numbers, Ticked
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.shapes import option_position
from dtindex.synthetic.streams import Purpose, block_number, stream

__all__ = ["Draws", "Members", "bounded", "column_of_outcome", "fill_outcome", "outcome_columns", "parts_of"]

Members = Mapping[str, NDArray[np.bool_]]
"""Who is in a class ``(rows,)``, by class."""


def column_of_outcome(questionnaire: Questionnaire, outcome: Outcome) -> str:
    """The name of the column that an outcome fills."""
    if isinstance(outcome, ShareOutcome) and outcome.question is not None:
        return outcome.question
    assert outcome.item is not None
    return questionnaire.column_of(outcome.item) or ""


def bounded(questionnaire: Questionnaire, outcome: Outcome) -> Outcome:
    """The outcome, inside the range that its indicator declares where it has none of its own."""
    if not isinstance(outcome, NormalOutcome) or outcome.range is not None or outcome.item is None:
        return outcome
    settings = questionnaire.tree.indicators.get(outcome.item)
    return outcome if settings is None else outcome.model_copy(update={"range": settings.range})


def outcome_columns(questionnaire: Questionnaire, plan: SamplePlan) -> frozenset[str]:
    """The columns that outcomes fill."""
    return frozenset(column_of_outcome(questionnaire, outcome) for outcome in plan.outcomes)


def parts_of(outcome: Outcome, members: Members, honest: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Honest respondents ``(rows,)`` of each class that the outcome names, and under "" all others.

    Who is in two of them counts for the first.
    """
    left = honest.copy()
    found: dict[str, NDArray[np.bool_]] = {}
    for name in outcome.shares if isinstance(outcome, ShareOutcome) else outcome.ratios:
        found[name] = members[name] & left
        left &= ~found[name]
    return {**found, "": left}


def fill_outcome(
    column: Column, asked: Asked, outcome: Outcome, parts: Members, rest: NDArray[np.bool_], draws: Draws
) -> None:
    """Fill the rows of all parts, and of the ``rest`` ``(rows,)`` (the careless) as if they were in no class."""
    if isinstance(outcome, NormalOutcome):
        assert isinstance(column, Numbers)
        _normal(column, outcome, parts, rest, draws)
        return
    chosen = np.zeros(len(rest), dtype=bool)
    for name, rows in (*parts.items(), ("", rest)):
        share = outcome.shares.get(name, outcome.share)
        chosen[_exactly(share, np.flatnonzero(rows), draws.first)] = True
    filled = np.flatnonzero(rest | np.logical_or.reduce(list(parts.values())))
    if isinstance(column, Numbers):
        column.data[filled] = _beside(outcome, chosen[filled], draws.second[filled])
    elif isinstance(column, Chosen):
        column.data[filled] = _other(asked, str(outcome.option), chosen[filled], draws.second[filled])
    else:
        assert isinstance(column, Ticked)
        _tick(column, asked, str(outcome.option), chosen, filled, draws.second)


class Draws:
    """Two uniform numbers and a normal one a row, of one outcome."""

    def __init__(self, rows: int, seed: int, number: int, threads: int) -> None:
        self.first, self.second, self.normal = np.empty(rows), np.empty(rows), np.empty(rows)

        def work(block: slice) -> None:
            rng = stream(seed, block_number(block), Purpose.OUTCOMES, number)
            count = block.stop - block.start
            self.first[block], self.second[block] = rng.random(count), rng.random(count)
            self.normal[block] = rng.standard_normal(count)

        map_blocks(work, rows, threads)


def _normal(column: Numbers, outcome: NormalOutcome, parts: Members, rest: NDArray[np.bool_], draws: Draws) -> None:
    for name, rows in (*parts.items(), ("", rest)):
        mean = outcome.mean * outcome.ratios.get(name, 1.0)
        values: FloatArray = mean + outcome.sd * draws.normal[rows]
        if outcome.range is not None:
            np.clip(values, *outcome.range, out=values)
        column.data[rows] = np.round(values, outcome.decimals) + 0.0


def _exactly(share: float, rows: NDArray[np.intp], chances: FloatArray) -> NDArray[np.intp]:
    """As many of the rows as the share says, by chance."""
    order = np.argsort(chances[rows], kind="stable")
    return rows[order[: round(share * len(rows))]]


def _beside(outcome: ShareOutcome, chosen: NDArray[np.bool_], chances: FloatArray) -> FloatArray:
    """Numbers with one decimal, above the bound for those chosen, else at most as large."""
    assert outcome.above is not None
    assert outcome.range is not None
    low, high = outcome.range
    bound = outcome.above
    upper = np.minimum(np.floor((bound + (high - bound) * chances) * 10) / 10 + 0.1, high)
    lower = np.maximum(np.floor((low + (bound - low) * chances) * 10) / 10, low)
    found: FloatArray = np.where(chosen, upper, lower).round(6)
    return found


def _other(asked: Asked, option: str, chosen: NDArray[np.bool_], chances: FloatArray) -> NDArray[np.int64]:
    """The option for those chosen, one of the other answers in equal shares for all else."""
    position = option_position(asked, option)
    others = _answers_but(asked, position)
    return np.where(chosen, position, others[(chances * len(others)).astype(np.int64)])


def _tick(
    column: Ticked,
    asked: Asked,
    option: str,
    chosen: NDArray[np.bool_],
    filled: NDArray[np.intp],
    chances: FloatArray,
) -> None:
    """Tick the option for those chosen, and one of the others for all else."""
    position = option_position(asked, option)
    others = _answers_but(asked, position)
    bits = np.array([1 << other for other in others.tolist()], dtype=np.uint64)
    another = bits[(chances[filled] * len(others)).astype(np.int64)]
    column.data[filled] = np.where(chosen[filled], np.uint64(1 << position), another)


def _answers_but(asked: Asked, position: int) -> NDArray[np.int64]:
    question = asked.question
    options = getattr(question, "options", ())
    alone = isinstance(question, MultipleQuestion)
    return np.array(
        [
            other
            for other, option in enumerate(options)
            if other != position and option.status is None and not (alone and option.alone)
        ]
        or [position],
        dtype=np.int64,
    )
