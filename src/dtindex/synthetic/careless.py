"""Careless respondents, each of a kind that a rule looks for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import map_blocks
from dtindex.spec.questions import MultipleQuestion, ScaleQuestion, SingleQuestion, TextQuestion
from dtindex.spec.survey import Attention, CarelessRule, Duplicates, Incomplete, StraightLining, TestRows, TooFast
from dtindex.synthetic.asked import Questionnaire
from dtindex.synthetic.columns import Column, Texts
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.longstring import run_of
from dtindex.synthetic.streams import Purpose, block_number, stream

__all__ = ["Careless", "Respondents", "make_careless", "who_is_careless"]

_FEW = 0.8


@dataclass
class Careless:
    """Who answers carelessly, and by which rule; who is left answers honestly."""

    rows: NDArray[np.bool_]
    """``(rows,)``"""
    by_rule: dict[str, NDArray[np.intp]] = field(default_factory=dict)
    """Rows of each kind by the id of its rule."""
    complete: NDArray[np.bool_] = field(init=False)
    """Rows ``(rows,)`` of which no answer may be taken away, or they would not be found."""
    unfinished: NDArray[np.bool_] = field(init=False)
    """Rows ``(rows,)`` that break off, and answer nothing at the end."""
    copies: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None
    """Rows that repeat an earlier one, and the rows that they repeat."""
    test_word: str = ""
    tests: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """Rows whose key holds the word."""

    def __post_init__(self) -> None:
        self.complete = np.zeros(len(self.rows), dtype=bool)
        self.unfinished = np.zeros(len(self.rows), dtype=bool)


@dataclass(frozen=True)
class Respondents:
    """What careless respondents are made of: the columns, and what stands beside them."""

    questionnaire: Questionnaire
    columns: dict[str, Column]
    taken: FloatArray
    """Seconds ``(rows,)``."""

    def repeat(self, copies: tuple[NDArray[np.intp], NDArray[np.intp]] | None) -> None:
        """Give rows the answers of the rows that they repeat, once all answers stand."""
        for column in self.columns.values() if copies is not None else ():
            assert copies is not None
            column.data[copies[0]] = column.data[copies[1]]

    def break_up(self, rules: tuple[CarelessRule, ...], rows: NDArray[np.bool_]) -> None:
        """Leave no run of one answer in these rows ``(rows,)``."""
        for rule in rules:
            if isinstance(rule, StraightLining) and _possible(self, rule):
                run_of(self.questionnaire, self.columns, rule).break_up(np.flatnonzero(rows))


def who_is_careless(rows: int, share: float, seed: int, threads: int) -> tuple[NDArray[np.bool_], FloatArray]:
    """Exactly this share of the rows, by chance ``(rows,)``, and a number from 0 to 1 by which their kind is chosen."""
    chances, kinds = np.empty(rows), np.empty(rows)

    def work(block: slice) -> None:
        rng = stream(seed, block_number(block), Purpose.CARELESS)
        chances[block] = rng.random(block.stop - block.start)
        kinds[block] = rng.random(block.stop - block.start)

    map_blocks(work, rows, threads)
    found = np.zeros(rows, dtype=bool)
    found[np.argsort(chances, kind="stable")[: round(share * rows)]] = True
    return found, kinds


def make_careless(
    survey: Respondents, rules: tuple[CarelessRule, ...], chosen: NDArray[np.bool_], kinds: FloatArray
) -> Careless:
    """Change the answers of careless respondents, as many of each kind that there can be."""
    possible = [rule for rule in rules if _possible(survey, rule)]
    careless = Careless(np.zeros(len(chosen), dtype=bool))
    if not possible:
        return careless
    number = np.minimum((kinds * len(possible)).astype(np.int64), len(possible) - 1)
    part = kinds * len(possible) - number
    for position, rule in enumerate(possible):
        rows = np.flatnonzero(chosen & (number == position))
        if isinstance(rule, Duplicates):
            rows = _repeat(rows, part[rows], np.flatnonzero(~chosen), careless)
        else:
            _make(survey, rule, rows, part[rows], careless)
        careless.by_rule[rule.id] = rows
        careless.rows[rows] = True
    return careless


def _possible(survey: Respondents, rule: CarelessRule) -> bool:
    columns, asked = survey.columns, survey.questionnaire
    if isinstance(rule, StraightLining):
        run = run_of(asked, columns, rule)
        return len(run.values) > 1
    if isinstance(rule, TestRows):
        return rule.column == asked.methodology.units.key or _text_column(survey, rule.column) is not None
    if isinstance(rule, Attention):
        return bool(_wrong_answers(survey, rule))
    if isinstance(rule, Duplicates):
        return asked.methodology.units.key not in rule.by
    return True


def _make(
    survey: Respondents, rule: CarelessRule, rows: NDArray[np.intp], part: FloatArray, careless: Careless
) -> None:
    """Make careless respondents of one kind; ``part`` ``(rows,)`` runs from 0 to 1 within the kind."""
    if isinstance(rule, TooFast):
        survey.taken[rows] = np.maximum(np.ceil(rule.below * (0.1 + 0.8 * part)) - 1, 0)
    elif isinstance(rule, StraightLining):
        run = run_of(survey.questionnaire, survey.columns, rule)
        run.make(rows, np.array(run.values)[(part * len(run.values)).astype(np.int64)])
        careless.complete[rows] = True
    elif isinstance(rule, TestRows):
        _test(survey, rule, rows, careless)
    elif isinstance(rule, Incomplete):
        _break_off(survey, rule, rows)
        careless.unfinished[rows] = True
    elif isinstance(rule, Attention):
        wrong = np.array(_wrong_answers(survey, rule))
        survey.columns[rule.question].data[rows] = wrong[(part * len(wrong)).astype(np.int64)]
        careless.complete[rows] = True


def _test(survey: Respondents, rule: TestRows, rows: NDArray[np.intp], careless: Careless) -> None:
    column = _text_column(survey, rule.column)
    if column is not None:
        column.write(rows, rule.contains[0])
    else:
        careless.tests, careless.test_word = rows, rule.contains[0]


def _text_column(survey: Respondents, head: str) -> Texts | None:
    for asked in survey.questionnaire.columns:
        column = survey.columns[asked.name]
        if head in (asked.head, asked.name) and isinstance(asked.question, TextQuestion) and isinstance(column, Texts):
            return column
    return None


def _break_off(survey: Respondents, rule: Incomplete, rows: NDArray[np.intp]) -> None:
    """Only the first questions have an answer, fewer than the rule asks for."""
    asked = [one for one in survey.questionnaire.columns if one.owner is not None]
    for one in asked[int(_FEW * rule.at_least * len(asked)) :]:
        survey.columns[one.name].blank(rows)


def _wrong_answers(survey: Respondents, rule: Attention) -> list[int]:
    """Answers, as they are held, that the question does not ask for."""
    asked = survey.questionnaire.by_name.get(rule.question)
    if asked is None:
        return []
    question = asked.question
    if isinstance(question, ScaleQuestion):
        return [position for position in range(question.points) if position + question.first not in rule.answers]
    if isinstance(question, SingleQuestion | MultipleQuestion):
        wrong = [position for position, option in enumerate(question.options) if option.id not in rule.answers]
        return [1 << position for position in wrong] if isinstance(question, MultipleQuestion) else wrong
    return []


def _repeat(rows: NDArray[np.intp], part: FloatArray, honest: NDArray[np.intp], careless: Careless) -> NDArray[np.intp]:
    """Whom each row repeats: an honest respondent before; who has none before stays honest."""
    before = np.searchsorted(honest, rows)
    rows, part, before = rows[before > 0], part[before > 0], before[before > 0]
    careless.copies = (rows, honest[(part * before).astype(np.int64)])
    return rows
