"""Answers, scale: the value itself, turned round where a lower one is better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.questions import MatrixQuestion, ScaleQuestion
from dtindex.status import Status
from dtindex.steps.answers.scale import ScalePoints, turned_round
from dtindex.tables.answers import Answers

FIRST = st.integers(-50, 50)
COUNT = st.integers(2, 101)


def numbers(values, status=None):
    flags = np.zeros(len(values), dtype=np.uint16) if status is None else np.array(status, dtype=np.uint16)
    return Answers("number", np.array(values, dtype=float), flags)


def scale(first, count, reverse=False):
    return ScaleQuestion(id="Q", type="scale", points=count, first=first, reverse=reverse)


@given(FIRST, COUNT)
def test_turned_round_the_list_of_answers_is_read_backwards(first, count):
    """An independent definition of a reverse-coded answer: the one as far from the other end."""
    answers = list(range(first, first + count))
    assert turned_round(np.array(answers, dtype=float), first, count).tolist() == answers[::-1]
    assert ScalePoints(scale(first, count, reverse=True)).column(numbers(answers)).values.tolist() == answers[::-1]
    assert ScalePoints(scale(first, count)).column(numbers(answers)).values.tolist() == answers


@given(FIRST, COUNT)
def test_turned_round_twice_is_the_answer(first, count):
    answers = np.arange(first, first + count, dtype=float)
    assert turned_round(turned_round(answers, first, count), first, count).tobytes() == answers.tobytes()


@given(FIRST, COUNT, st.booleans())
def test_a_better_answer_never_brings_less(first, count, reverse):
    """Better is the higher one, of a reverse-coded question the lower one."""
    answers = np.arange(first, first + count, dtype=float)[:: -1 if reverse else 1]
    assert (np.diff(ScalePoints(scale(first, count, reverse)).column(numbers(answers)).values) == 1).all()


def test_likert_by_hand():
    """Likert (1932): on five points, 5 of a statement that is put the other way round counts 1."""
    found = ScalePoints(scale(1, 5, reverse=True)).column(numbers([1, 2, 3, 4, 5]))
    assert found.values.tolist() == [5, 4, 3, 2, 1]


def test_a_scale_from_zero():
    assert ScalePoints(scale(0, 11, reverse=True)).column(numbers([0, 3, 10])).values.tolist() == [10, 7, 0]


@pytest.mark.parametrize("reverse", [False, True])
def test_no_answer_has_no_value(reverse):
    found = ScalePoints(scale(1, 5, reverse)).column(numbers([np.nan, np.nan, 3], [Status.MISSING, 64, 0]))
    assert np.isnan(found.values).tolist() == [True, True, False]
    assert found.flags.tolist() == [Status.MISSING, Status.NOT_APPLICABLE, 0]


def test_a_row_of_a_matrix_may_be_reverse_coded():
    rows = ({"id": "plain"}, {"id": "turned", "reverse": True})
    matrix = MatrixQuestion(id="M", type="matrix", rows=rows, points=7)
    assert ScalePoints(matrix.row("plain")).column(numbers([2])).values.tolist() == [2]
    assert ScalePoints(matrix.row("turned")).column(numbers([2])).values.tolist() == [6]
