"""Answers, ranking: the points of the place that an option was put into."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.questions import Option, RankingQuestion
from dtindex.status import Status
from dtindex.steps.answers.ranking import RankingPoints, points_of_places
from dtindex.tables.answers import Answers


def question(options, points):
    return RankingQuestion(
        id="Q", type="ranking", options=tuple(Option(id=f"o{at}") for at in range(options)), points=tuple(points)
    )


def places(orders, options, status=None):
    """Places of the options from lists of options, the first first."""
    found = np.zeros((len(orders), options), dtype=np.int16)
    for row, order in enumerate(orders):
        for place, option in enumerate(order, 1):
            found[row, option] = place
    flags = np.zeros(len(orders), dtype=np.uint16) if status is None else np.array(status, dtype=np.uint16)
    return Answers("places", found, flags)


@given(st.integers(2, 7), st.lists(st.floats(-10, 10), min_size=1, max_size=8), st.data())
def test_against_a_walk_down_the_list(options, points, data):
    order = data.draw(st.permutations(range(options)))[: data.draw(st.integers(1, options))]
    answers = places([order], options)
    for option in range(options):
        found = RankingPoints(question(options, points), f"o{option}").column(answers)
        expected = 0.0
        if option in order and order.index(option) < len(points):
            expected = points[order.index(option)]
        assert found.values.tolist() == [expected]
        assert found.flags.tolist() == [0]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=8))
def test_a_better_place_never_brings_less(points):
    """Points fall from place to place, as those of any method of scores by places do; no place is the worst."""
    falling = sorted(points, reverse=True)
    found = points_of_places(np.array([*range(1, 10), 0], dtype=np.int16), falling)
    assert (np.diff(found) <= 0).all()


def test_borda_s_own_example():
    """Borda (1781): 21 electors; A has most first places (8, 7, 6), and C most points of 3, 2, 1: 37, 42, 47."""
    ballots = [[0, 1, 2]] * 1 + [[0, 2, 1]] * 7 + [[1, 2, 0]] * 7 + [[2, 1, 0]] * 6
    answers = places(ballots, 3)
    totals = [RankingPoints(question(3, [3, 2, 1]), f"o{option}").column(answers).values.sum() for option in range(3)]
    assert totals == [37, 42, 47]


def test_later_places_and_no_place_bring_nothing():
    answers = places([[2, 0, 1], [2]], 3)
    own = question(3, [5, 3])
    assert RankingPoints(own, "o2").column(answers).values.tolist() == [5, 5]
    assert RankingPoints(own, "o0").column(answers).values.tolist() == [3, 0]
    assert RankingPoints(own, "o1").column(answers).values.tolist() == [0, 0]


@pytest.mark.parametrize("status", [Status.MISSING, Status.NOT_APPLICABLE])
def test_no_answer_is_no_last_place(status):
    found = RankingPoints(question(2, [1]), "o0").column(places([[], [0]], 2, [status, 0]))
    assert np.isnan(found.values).tolist() == [True, False]
    assert found.flags.tolist() == [status, 0]
