"""Answers, multiple: points of all options ticked add up, at most to a bound."""

from __future__ import annotations

import functools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.spec.questions import MultipleQuestion, Option
from dtindex.status import Status
from dtindex.steps.answers import points_of
from dtindex.steps.answers.multiple import MultiplePoints, sum_of_ticked
from dtindex.tables.answers import Answers

POINT = st.floats(-1e6, 1e6) | st.integers(-5, 5).map(float) | st.sampled_from([0.1, 0.7, -0.7, 1.875, 0.0, -0.0])
POINTS = st.lists(POINT, min_size=1, max_size=15)
AT_MOST = st.none() | st.floats(-10, 10)
SHORT, LONG = 64, 65
"""Up to so many rows are summed in one call."""


def question(points, at_most=None):
    options = tuple(Option(id=f"o{at}", points=point) for at, point in enumerate(points))
    return MultipleQuestion(id="Q", type="multiple", options=options, at_most=at_most)


def ticks(ticked, status=None):
    values = np.array(ticked, dtype=bool)
    flags = np.zeros(len(values), dtype=np.uint16) if status is None else np.array(status, dtype=np.uint16)
    return Answers("ticks", values, flags)


def drawn(data, options, rows=5):
    return data.draw(
        st.lists(st.lists(st.booleans(), min_size=options, max_size=options), min_size=rows, max_size=rows)
    )


@given(POINTS, AT_MOST, st.data())
def test_against_exact_fractions(points, at_most, data):
    ticked = drawn(data, len(points))
    found = MultiplePoints(question(points, at_most)).column(ticks(ticked)).values
    for row, own in zip(found.tolist(), ticked, strict=True):
        exact = sum((Fraction(point) for point, tick in zip(points, own, strict=True) if tick), Fraction(0))
        whole = exact if at_most is None else min(exact, Fraction(at_most))
        assert row == pytest.approx(float(whole), rel=1e-12, abs=1e-8)  # fifteen terms of 1e6 may cancel


@given(POINTS, AT_MOST, st.data())
def test_one_more_positive_option_never_lowers(points, at_most, data):
    own = drawn(data, len(points), 1)[0]
    more = data.draw(st.sampled_from(range(len(points))))
    before = [*own[:more], False, *own[more + 1 :]]
    after = [*own[:more], True, *own[more + 1 :]]
    less, much = sum_of_ticked(np.array([before, after]), points, at_most)
    if points[more] >= 0:
        assert much >= less
    else:
        assert much <= less


@given(POINTS, st.none() | st.floats(0.5, 10), st.data())
def test_many_rows_and_few_have_the_same_bits(points, at_most, data):
    """In the order of the options either way, whatever the number of rows."""
    ticked = np.array(drawn(data, len(points)))
    many = np.resize(ticked, (LONG, len(points)))
    short = np.concatenate([sum_of_ticked(row[np.newaxis], points, at_most) for row in many])
    assert sum_of_ticked(many, points, at_most).tobytes() == short.tobytes()
    assert sum_of_ticked(many[:SHORT], points, at_most).tobytes() == short[:SHORT].tobytes()


def test_the_sum_runs_in_the_order_of_the_options():
    """0.1 + 0.2 + 0.3 is 0.6000000000000001, and 0.3 + 0.2 + 0.1 is 0.6."""
    all_three = np.ones((1, 3), dtype=bool)
    assert sum_of_ticked(all_three, [0.1, 0.2, 0.3], None).tolist() == [0.1 + 0.2 + 0.3]
    assert sum_of_ticked(all_three, [0.3, 0.2, 0.1], None).tolist() == [0.3 + 0.2 + 0.1]
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1


@pytest.mark.parametrize("rows", [1, SHORT, LONG, 1000])
def test_to_the_bit_in_the_order_of_the_options(rows):
    """One after the other, also of many options, which NumPy's own sum would add up in eight strands."""
    rng = np.random.default_rng(rows)
    points = rng.uniform(-1, 2, 30).round(3).tolist()
    ticked = rng.random((rows, 30)) < 0.7
    expected = [functools.reduce(lambda total, at: total + points[at], np.flatnonzero(own), 0.0) for own in ticked]
    assert sum_of_ticked(ticked, points, None).tolist() == expected


def test_points_as_published(reference_data):
    """MIIT (2024), assessment of SMEs: the sum of the options ticked, 无 none, to the maximum that is printed."""
    methodology = dti.load_methodology("miit-sme-digital-2024")
    items = json.loads((reference_data / "miit_sme_2024" / "miit_sme_2024.json").read_text("utf-8"))["items"]
    rng = np.random.default_rng(5)
    compared = 0
    for item in items:
        if item["type"] != "multi":
            continue
        indicator = next(one for one in methodology.indicators if one.from_ == item["code"])
        scores = [option["score"] for option in item["options"]]
        ticked = rng.random((200, len(scores))) < rng.random((200, 1))
        ticked[:, 0] = False
        ticked[0], ticked[1], ticked[2] = True, False, False
        ticked[0, 0], ticked[1, 0] = False, True  # everything; nothing
        found = points_of(indicator.answer, methodology.tree.questions).column(ticks(ticked)).values
        for row, own in zip(found.tolist(), ticked.tolist(), strict=True):
            expected = math.fsum(score for score, tick in zip(scores, own, strict=True) if tick)
            assert row == pytest.approx(expected, abs=1e-12)
        assert found[0] == pytest.approx(item["max_score"], abs=1e-12)
        assert found[1] == 0
        compared += 1
    assert compared == 6


def test_negative_points_and_a_bound():
    found = MultiplePoints(question([3, 4, -2], 5)).column(ticks([[1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]]))
    assert found.values.tolist() == [5, 5, -2, 0]


def test_nothing_ticked_is_an_answer_where_reading_says_so():
    found = MultiplePoints(question([1, 2])).column(ticks([[0, 0], [0, 0], [0, 0]], [0, Status.MISSING, 64]))
    assert found.values[0] == 0
    assert np.isnan(found.values[1:]).all()
    assert found.flags.tolist() == [0, Status.MISSING, Status.NOT_APPLICABLE]


def test_an_option_without_points_in_a_question_that_is_only_counted():
    """Its points are asked for by no indicator: a rule of the file refuses that."""
    own = MultipleQuestion(
        id="Q", type="multiple", options=(Option(id="a", points=2), Option(id="b", status="missing"))
    )
    assert MultiplePoints(own).points(ticks([[1, 1]])).tolist() == [2]
