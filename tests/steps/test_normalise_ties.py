"""Ties of ranks and percentiles, normal scores. Oracles: scipy.stats.rankdata and norm; COINr in conformance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm, rankdata

from dtindex.steps.normalise.normal_scores import blom
from dtindex.steps.normalise.rank import rank_from_worst

TIES = {"average": "average", "minimum": "min", "maximum": "max"}
VALUES = arrays(np.float64, st.integers(1, 20), elements=st.integers(0, 8).map(float))


def one(method: str, direction: str, ties: str = "") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: {method}{ties}}}}}]"
    )


@given(VALUES, st.sampled_from(["higher", "lower"]), st.sampled_from([*TIES]))
def test_scipy_rankdata(values, direction, ties):
    expected = rankdata(values if direction == "higher" else -values, method=TIES[ties])
    assert (rank_from_worst(values, np.sort(values), direction, ties) == expected).all()


@given(VALUES, st.floats(-1, 9), st.sampled_from(["higher", "lower"]))
def test_a_new_value_takes_the_rank_between_its_counts(reference, value, direction):
    below, upto = ((reference < value).sum(), (reference <= value).sum())
    if direction == "lower":
        below, upto = ((reference > value).sum(), (reference >= value).sum())
    ranks = [rank_from_worst(np.array([value]), np.sort(reference), direction, ties)[0] for ties in TIES]
    assert ranks == [(below + 1 + upto) / 2, below + 1, upto]


def test_missing_stays_missing():
    for ties in TIES:
        assert np.isnan(rank_from_worst(np.array([np.nan]), np.array([1.0, 2.0]), "lower", ties)).all()


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_through_an_index(fitted, table, ties, direction):
    """TAI-23, telephones: ties at 2.94, 2.97, 3.00 and 3.02."""
    cells = [3.08, 3.0, 3.1, 3.0, 2.97, 3.02, 3.02, 2.94, 2.94]
    expected = rankdata(cells if direction == "higher" else np.negative(cells), method=TIES[ties])
    for method, own in (("rank", expected), ("percentile", 100 * (expected - 1) / 8)):
        index = fitted(one(method, direction, f", ties: {ties}"), {"a": cells})
        assert index.score(table({"a": cells})).column("a") == pytest.approx(own, abs=1e-12)
        far = index.score(table({"a": [0, 9]})).column("a")
        assert not np.isnan(far).any()
        assert method == "rank" or far.tolist() == ([0, 100] if direction == "higher" else [100, 0])


@pytest.mark.parametrize(("direction", "sign"), [("higher", 1), ("lower", -1)])
def test_normal_scores(score, tai, direction, sign):
    """Blom (1958): Phi^-1((r - 3/8) / (n + 1/4)), ties sharing the average rank."""
    cells = np.array(tai["columns"]["i5"])
    expected = norm.ppf((rankdata(sign * cells) - 0.375) / 23.25)
    scores = score(one("normal-scores", direction), {"a": cells})
    assert scores.column("a") == pytest.approx(expected, abs=1e-12)
    assert scores.methodology.tree.scale("index") == "open"


def test_normal_scores_stay_finite_beyond_the_reference(fitted, table):
    index = fitted(one("normal-scores", "higher"), {"a": [1, 2, 3]})
    assert index.score(table({"a": [0, 9]})).column("a") == pytest.approx(
        [norm.ppf(0.125 / 3.25), -norm.ppf(0.125 / 3.25)]
    )
    assert blom(np.array([1.0]), 1).tolist() == [0]


def test_a_constant_column_ties_at_zero(score):
    assert score(one("normal-scores", "higher"), {"a": [7, 7, None]}).column("a")[:2].tolist() == [0, 0]
