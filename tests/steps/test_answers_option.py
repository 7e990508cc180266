"""Answers, option: one where it was chosen, zero where another was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.questions import Answer, MatrixQuestion, MultipleQuestion, Option, SingleQuestion
from dtindex.status import Status
from dtindex.steps.answers import points_of
from dtindex.steps.answers.option import OptionPoints
from dtindex.tables.answers import Answers

OPTIONS = tuple(Option(id=name, points=point) for name, point in (("a", 3), ("b", -1), ("c", 0)))
SINGLE = SingleQuestion(id="Q", type="single", options=OPTIONS)
MULTIPLE = MultipleQuestion(id="Q", type="multiple", options=OPTIONS)


def choice(positions, status=None):
    flags = np.zeros(len(positions), dtype=np.uint16) if status is None else np.array(status, dtype=np.uint16)
    return Answers("choice", np.array(positions, dtype=np.int16), flags)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_its_mean_is_a_share_of_those_who_answered(positions):
    """Counted one by one; the shares of all options of a choice sum to 1, whatever their points."""
    means = [OptionPoints(SINGLE, option.id).column(choice(positions)).values.mean() for option in OPTIONS]
    assert means == [positions.count(at) / len(positions) for at in range(3)]
    assert sum(means) == pytest.approx(1, abs=1e-12)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_a_tick_is_seen_beside_others(ticked):
    """Ticking one more never lowers any."""
    answers = Answers("ticks", np.array(ticked), np.zeros(len(ticked), dtype=np.uint16))
    for at, option in enumerate(OPTIONS):
        assert OptionPoints(MULTIPLE, option.id).column(answers).values.tolist() == [float(own[at]) for own in ticked]


def test_who_did_not_answer_is_in_no_share():
    found = OptionPoints(SINGLE, "b").column(choice([1, 0, -1, 1], [0, 0, Status.MISSING, Status.NOT_APPLICABLE]))
    assert found.values[:2].tolist() == [1, 0]
    assert np.isnan(found.values[2:]).all()
    assert found.flags.tolist() == [0, 0, Status.MISSING, Status.NOT_APPLICABLE]


def test_of_a_row_of_a_matrix():
    matrix = MatrixQuestion(id="M", type="matrix", rows=({"id": "r"},), options=OPTIONS)
    own = points_of(Answer(question="M", row="r", option="c"), {"M": matrix})
    assert isinstance(own, OptionPoints)
    assert own.column(choice([2, 0])).values.tolist() == [1, 0]
