"""Answers, number: by bands with exact edges, or as it is."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.spec.questions import Bands, NumberQuestion
from dtindex.status import Status
from dtindex.steps.answers import points_of
from dtindex.steps.answers.number import NumberPoints, points_of_bands
from dtindex.tables.answers import Answers

EDGES = st.lists(st.floats(-1e6, 1e6) | st.integers(-9, 9).map(float), min_size=1, max_size=8, unique=True).map(sorted)
CLOSED = st.sampled_from(["left", "right"])


def numbers(values, status=None):
    flags = np.zeros(len(values), dtype=np.uint16) if status is None else np.array(status, dtype=np.uint16)
    return Answers("number", np.array(values, dtype=float), flags)


def band(value, edges, closed):
    """How many edges lie below a value, counted one by one; an edge itself belongs to the side that is closed."""
    return sum(edge < value if closed == "right" else edge <= value for edge in edges)


@given(EDGES, CLOSED, st.data())
def test_against_a_count_of_edges(edges, closed, data):
    points = data.draw(st.lists(st.floats(-10, 10), min_size=len(edges) + 1, max_size=len(edges) + 1))
    near = [
        beside for edge in edges for beside in (math.nextafter(edge, -math.inf), edge, math.nextafter(edge, math.inf))
    ]
    values = [*near, *data.draw(st.lists(st.floats(-1e7, 1e7), max_size=5))]
    found = points_of_bands(np.array(values), edges, points, closed)
    assert found.tolist() == [points[band(value, edges, closed)] for value in values]


@given(EDGES, CLOSED, st.data())
def test_bands_rise_where_their_points_do(edges, closed, data):
    points = sorted(data.draw(st.lists(st.floats(-10, 10), min_size=len(edges) + 1, max_size=len(edges) + 1)))
    values = np.sort(np.array([*edges, *data.draw(st.lists(st.floats(-1e7, 1e7), max_size=9))]))
    assert (np.diff(points_of_bands(values, edges, points, closed)) >= 0).all()
    assert (np.diff(points_of_bands(values, edges, points[::-1], closed)) <= 0).all()


@pytest.mark.parametrize(("closed", "expected"), [("right", [0, 0, 1, 1, 2]), ("left", [0, 1, 1, 2, 2])])
def test_an_edge_is_taken_exactly(closed, expected):
    values = [math.nextafter(10, 0), 10, math.nextafter(10, 11), 20, math.nextafter(20, 21)]
    assert points_of_bands(np.array(values), [10, 20], [0, 1, 2], closed).tolist() == expected


def test_points_as_published(reference_data):
    """MIIT (2024), assessment of SMEs: [0,10%], (10%,20%], ... and their points, at and beside every edge."""
    methodology = dti.load_methodology("miit-sme-digital-2024")
    items = json.loads((reference_data / "miit_sme_2024" / "miit_sme_2024.json").read_text("utf-8"))["items"]
    compared = 0
    for item in items:
        bands = [re.fullmatch(r"([\[(])(\d+)%?,(\d+)%\]", option["text"]) for option in item["options"]]
        if not all(bands):
            continue
        indicator = next(one for one in methodology.indicators if one.from_ == item["code"])
        for match, option in zip(bands, item["options"], strict=True):
            low, high = float(match[2]), float(match[3])
            least = low if match[1] == "[" else math.nextafter(low, 100)
            found = points_of(indicator.answer, methodology.tree.questions).column(
                numbers([least, (low + high) / 2, high])
            )
            assert found.values.tolist() == [option["score"]] * 3
            compared += 1
    assert compared == 15  # three questions of five bands


def test_without_bands_it_is_the_number():
    own = NumberPoints(NumberQuestion(id="Q", type="number"))
    assert own.column(numbers([-3.5, 0, 1e9])).values.tolist() == [-3.5, 0, 1e9]


@pytest.mark.parametrize("bands", [None, Bands(edges=(1, 2), closed="left", points=(5, 6, 7))])
def test_no_answer_is_in_no_band(bands):
    found = NumberPoints(NumberQuestion(id="Q", type="number", bands=bands)).column(
        numbers([np.nan, np.nan, 1], [Status.MISSING, Status.NOT_APPLICABLE, 0])
    )
    assert np.isnan(found.values).tolist() == [True, True, False]
    assert found.flags.tolist() == [Status.MISSING, Status.NOT_APPLICABLE, 0]


def test_a_number_that_is_none_is_missing():
    assert NumberPoints(NumberQuestion(id="Q", type="number")).column(numbers([np.nan])).flags.tolist() == [32]
