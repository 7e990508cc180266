"""Winsorisation. Oracle: scipy.stats.mstats.winsorize; COINr's forced winsorisation in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.mstats import winsorize

import dtindex as dti
from dtindex.steps.treat.winsorise import winsorise_limits

SHARES = st.sampled_from([0, 0.05, 0.1, 0.25, 0.4, 0.49])
CLOSED = """\
    scale: [0, 1000]
    nodes: [{id: index}]
    indicators:
      - {id: a, parent: index, normalise: {method: none}, treat: {method: winsorise, low: 0.2, high: 0.2}}
    """


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40), SHARES, SHARES)
def test_scipy(values, low, high):
    array = np.array(values)
    lower, upper = winsorise_limits(array, low, high)
    assert (np.clip(array, lower, upper) == winsorize(array, limits=(low, high)).data).all()


def test_a_share_of_the_sample_is_a_whole_number_where_arithmetic_says_so():
    """0.29 * 100 is 28.999... in floating point: 29 values, where scipy takes 28."""
    values = np.arange(100.0)
    assert winsorise_limits(values, 0.29, 0.07) == (29, 92)
    assert winsorise_limits(np.zeros(0), 0.1, 0.1) == (-np.inf, np.inf)


def test_ties_at_the_limit_stay_together():
    assert winsorise_limits(np.array([1.0, 1, 1, 5, 9]), 0.2, 0.2) == (1, 5)


def test_values_and_statuses(score):
    """The lowest and the highest of five become their neighbours, and say so."""
    scores = score(CLOSED, {"a": [1, 2, 3, 4, 100, None]})
    assert scores.column("a")[:5].tolist() == [2, 2, 3, 4, 4]
    assert np.isnan(scores.column("a")[5])
    assert scores.status["a"].tolist() == ["treated", "normal", "normal", "normal", "treated", "missing"]
    assert scores.status["index"].tolist() == scores.status["a"].tolist()


def test_limits_are_those_of_the_reference(fitted, table):
    scores = fitted(CLOSED, {"a": [1, 2, 3, 4, 100]}).score(table({"a": [-50, 3.5, 50]}))
    assert scores.column("a").tolist() == [2, 3.5, 4]
    assert [int(flags) for flags in scores.flags[:, 1]] == [dti.Status.TREATED, 0, dti.Status.TREATED]


@pytest.mark.parametrize("method", ["none", "winsorise"])
def test_no_share_no_treatment(score, method):
    blocks = CLOSED.replace("{method: winsorise, low: 0.2, high: 0.2}", f"{{method: {method}}}")
    assert score(blocks, {"a": [1, 2, 100]}).column("a").tolist() == [1, 2, 100]


def test_treatment_comes_before_normalisation(score):
    """(1, 2, 3, 4, 100) winsorised to (2, 2, 3, 4, 4): min-max 0, 0, 50, 100, 100."""
    blocks = (
        "nodes: [{id: index}]\nindicators: [{id: a, parent: index, treat: {method: winsorise, low: 0.2, high: 0.2}}]"
    )
    assert score(blocks, {"a": [1, 2, 3, 4, 100]}).column("a").tolist() == [0, 0, 50, 100, 100]
