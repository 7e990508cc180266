"""Weights of a Delphi panel: `delphi`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from dtindex.steps.weight.delphi import concordance


def blocks(*rounds):
    panels = ", ".join(
        "{experts: [" + ", ".join(f"{{name: e{at}, points: {list(points)}}}" for at, points in enumerate(one)) + "]}"
        for one in rounds
    )
    return f"""\
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, weights: {{method: delphi, order: [a, b, c], rounds: [{panels}]}}}}]
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]
        """


COLUMNS = {"a": [1], "b": [2], "c": [3]}
FIRST = [(60, 30, 10), (20, 50, 30), (50, 25, 25)]
LAST = [(50, 30, 20), (46, 34, 20), (48, 32, 20)]


def test_the_mean_of_the_last_round_counts(score):
    scores = score(blocks(FIRST, LAST), COLUMNS)
    assert scores.effective == pytest.approx({"a": 0.48, "b": 0.32, "c": 0.20})
    (told,) = [one for one in scores.findings if one.code == "DT343"]
    assert "round 1: 3 experts, W 0.212" in told.message
    assert "round 2: 3 experts, W 1.000, IQR 0.020" in told.message
    assert not [one for one in scores.findings if one.code == "DT347"]


def test_no_consensus_is_a_warning_that_names_what_is_open(score):
    (told,) = [one for one in score(blocks(FIRST), COLUMNS).findings if one.code == "DT347"]
    assert told.severity == "warning"
    assert told.message == "the experts of the last round are apart on a, b, c"


def test_points_are_checked_in_every_round(codes_of):
    assert codes_of(blocks([(50, 50)], LAST), COLUMNS) == ["DT028"]


@given(st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=2, max_size=6))
def test_concordance_is_friedmans_statistic(rows):
    """W = chi2 / (K (n - 1)), ties and all."""
    points = np.array(rows, dtype=float)
    if all(len(set(row)) == 1 for row in rows):
        assert np.isnan(concordance(points))
        return
    expected = friedmanchisquare(*points.T).statistic / (len(rows) * 3)
    assert concordance(points) == pytest.approx(expected, abs=1e-9)
    assert -1e-12 <= concordance(points) <= 1 + 1e-12
