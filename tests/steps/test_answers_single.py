"""Answers, single: the points of the one option that was chosen."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.spec.questions import MatrixQuestion, Option, SingleQuestion
from dtindex.status import Status
from dtindex.steps.answers import points_of
from dtindex.steps.answers.single import SinglePoints, points_of_options
from dtindex.tables.answers import Answers

POINTS = st.lists(st.floats(-1e6, 1e6) | st.integers(-5, 5).map(float), min_size=2, max_size=9)


def question(points, **keys):
    options = tuple(Option(id=f"o{at}", points=point) for at, point in enumerate(points))
    return SingleQuestion(id="Q", type="single", options=options, **keys)


def chosen(positions, status=None):
    flags = np.zeros(len(positions), dtype=np.uint16) if status is None else np.array(status, dtype=np.uint16)
    return Answers("choice", np.array(positions, dtype=np.int16), flags)


@given(POINTS, st.data())
def test_against_a_plain_look_up(points, data):
    positions = data.draw(st.lists(st.integers(0, len(points) - 1), min_size=1, max_size=20))
    found = SinglePoints(question(points)).column(chosen(positions))
    assert found.values.tolist() == [points[at] for at in positions]
    assert not found.flags.any()


@given(POINTS)
def test_a_better_option_never_brings_less(points):
    order = sorted(range(len(points)), key=lambda at: points[at])
    brought = SinglePoints(question(points)).column(chosen(order)).values
    assert (np.diff(brought) >= 0).all()


def test_points_as_published(reference_data):
    """MIIT (2024), assessment of SMEs: the points of every option of every question of one choice."""
    methodology = dti.load_methodology("miit-sme-digital-2024")
    items = json.loads((reference_data / "miit_sme_2024" / "miit_sme_2024.json").read_text("utf-8"))["items"]
    compared = 0
    for item in items:
        indicator = next(one for one in methodology.indicators if one.from_ == item["code"])
        if methodology.tree.questions[item["code"]].type == "single":
            points = points_of(indicator.answer, methodology.tree.questions)
            every = points.column(chosen(range(len(item["options"]))))
            assert every.values.tolist() == [option["score"] for option in item["options"]]
            compared += len(item["options"])
    assert compared == 23  # 5 + 6 + 4 times 3


def test_no_answer_has_no_points():
    flags = [Status.MISSING, Status.NOT_APPLICABLE, Status.NORMAL]
    found = SinglePoints(question([1, 2])).column(chosen([-1, 1, 1], flags))
    assert np.isnan(found.values).tolist() == [True, True, False]
    assert found.flags.tolist() == flags


@pytest.mark.parametrize("status", ["missing", "not-applicable"])
def test_an_option_that_is_no_answer(status):
    """Reading keeps its position, for skip rules, and says its status."""
    options = (Option(id="yes", points=1), Option(id="no", points=0), Option(id="dk", status=status))
    own = SingleQuestion(id="Q", type="single", options=options)
    flag = Status.MISSING if status == "missing" else Status.NOT_APPLICABLE
    found = SinglePoints(own).column(chosen([0, 2], [0, flag]))
    assert found.values[0] == 1
    assert math.isnan(found.values[1])
    assert found.flags.tolist() == [0, flag]


def test_a_row_of_a_matrix_is_a_choice_of_its_own():
    options = (Option(id="low", points=-2), Option(id="high", points=7))
    rows = ({"id": "r1"}, {"id": "r2"})
    matrix = MatrixQuestion(id="M", type="matrix", rows=rows, options=options)
    found = SinglePoints(matrix.row("r2")).column(chosen([1, 0]))
    assert found.values.tolist() == [7, -2]


def test_no_position_gives_no_points():
    assert np.isnan(points_of_options(np.array([-1], dtype=np.int16), np.array([1.0, 2.0]))).all()
