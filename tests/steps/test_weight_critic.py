"""CRITIC weights."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.engine.correlation import correlation_matrix
from dtindex.engine.sums import deviation
from dtindex.steps.weight.critic import critic

NAMES = [f"i{k}" for k in range(1, 9)]


def blocks(names=NAMES, more=""):
    indicators = ", ".join(f"{{id: {name}, parent: index}}" for name in names)
    return f"""\
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, weights: {{method: critic{more}}}}}]
        indicators: [{indicators}]
        """


def test_tai(score, tai):
    """pymcdm 1.4.0, critic_weights; OECD/JRC Handbook (2008), annex. Exports, which belong least, weigh most."""
    scores = score(blocks(), tai["columns"])
    expected = [0.119949, 0.142147, 0.122475, 0.159203, 0.089817, 0.090840, 0.139377, 0.136193]
    assert [scores.effective[name] for name in NAMES] == pytest.approx(expected, abs=5.1e-7)
    assert max(scores.effective, key=scores.effective.__getitem__) == "i4"


def test_tai_contrast_times_conflict(tai):
    """METHODS.md, section 3.5: C on min-max values, standard deviations with n - 1."""
    columns = [np.array(column) for column in tai["columns"].values()]
    shares = [(column - column.min()) / np.ptp(column) for column in columns]
    found = critic(np.array([deviation(share) for share in shares]), correlation_matrix(shares))
    expected = [1.43489, 1.700435, 1.465104, 1.904466, 1.074439, 1.086672, 1.667299, 1.629212]
    assert found == pytest.approx(expected, abs=5.1e-6)


def test_three_by_hand():
    """s = 1, 2, 3; r12 = 0.5, r13 = -1, r23 unknown: C = 1 (0.5 + 2), 2 (0.5 + 1), 3 (2 + 1)."""
    correlations = np.array([[1, 0.5, -1], [0.5, 1, np.nan], [-1, np.nan, 1]])
    assert critic(np.array([1.0, 2.0, 3.0]), correlations).tolist() == [2.5, 3, 9]


def test_correlations_are_pair_by_pair(score):
    """a and c share no gap; of b two values are missing, which touches no other pair."""
    columns = {"a": [0, 4, 10, 6, 1], "b": [0, None, 3, None, 10], "c": [10, 7, 1, 0, 9]}
    scores = score(blocks("abc"), columns)
    shares = [np.array([np.nan if x is None else x / 10 for x in column]) for column in columns.values()]
    spread = [deviation(share[~np.isnan(share)]) for share in shares]
    r = np.array([[np.corrcoef(x[k], y[k])[0, 1] for y in shares for k in [~np.isnan(x + y)]] for x in shares])
    expected = np.array(spread) * (1 - r).sum(axis=1)
    assert list(scores.effective.values()) == pytest.approx(expected / expected.sum())


def test_the_same_said_twice_weighs_nothing(score):
    """Two children that say the same have no conflict: equal weights, and a warning."""
    scores = score(blocks("ab"), {"a": [1, 2, 3], "b": [10, 20, 30]})
    assert scores.effective == {"a": 0.5, "b": 0.5}
    assert "DT341" in scores.findings.codes


def test_a_child_s_own_scale_makes_no_difference(score):
    """Deviations are of shares of the scale: five stars and a hundred points count alike."""
    text = """\
        scale: [0, 100]
        defaults: {normalise: {method: none}}
        nodes: [{id: index, weights: {method: critic}}]
        indicators: [{id: a, parent: index, scale: [0, 5]}, {id: b, parent: index}]
        """
    assert score(text, {"a": [0, 5, 2], "b": [40, 0, 100]}).effective == pytest.approx({"a": 0.5, "b": 0.5})
