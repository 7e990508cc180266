"""Min-max. Oracles: OECD/JRC Handbook TAI-23, closed form."""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti

INDICATORS = "nodes: [{id: index}]\nindicators:\n" + "".join(f"  - {{id: i{k}, parent: index}}\n" for k in range(1, 9))


def test_tai_23_of_the_oecd_jrc_handbook(score, tai):
    """Finland's normalised row and the six best under equal weights, recomputed from the Handbook's annex."""
    scores = score(INDICATORS, tai["columns"], units=tai["units"])
    finland = [0.181542, 0.796855, 1, 0.539755, 0.897436, 0.741935, 0.591837, 1]
    assert scores.scores.loc["Finland", list(tai["columns"])].to_numpy() / 100 == pytest.approx(finland, abs=5e-7)
    best = scores.scores["index"].sort_values(ascending=False) / 100
    assert best.index[:6].tolist() == ["Finland", "Sweden", "United_States", "Norway", "Japan", "Netherlands"]
    assert best.to_numpy()[:6] == pytest.approx([0.7187, 0.6883, 0.6803, 0.5476, 0.5440, 0.5000], abs=5e-5)


@pytest.mark.parametrize(("direction", "expected"), [("higher", [0, 25, 100]), ("lower", [100, 75, 0])])
def test_extremes_are_the_ends_of_the_scale(score, direction, expected):
    blocks = f"nodes: [{{id: index}}]\nindicators: [{{id: a, parent: index, direction: {direction}}}]"
    assert score(blocks, {"a": [2, 4, 10]}).column("a").tolist() == expected


def test_on_another_scale(score):
    blocks = "scale: [1, 7]\nnodes: [{id: index}]\nindicators: [{id: a, parent: index}]"
    assert score(blocks, {"a": [2, 4, 10]}).column("a").tolist() == [1, 2.5, 7]


@pytest.mark.parametrize(
    ("clip", "expected"), [("both", [0, 100]), ("none", [-50, 150]), ("worst", [0, 150]), ("best", [-50, 100])]
)
def test_new_values_beyond_the_fitted_range(fitted, table, clip, expected):
    blocks = (
        f"nodes: [{{id: index}}]\nindicators: [{{id: a, parent: index, normalise: {{method: min-max, clip: {clip}}}}}]"
    )
    scores = fitted(blocks, {"a": [0, 10]}).score(table({"a": [-5, 15]}))
    assert scores.column("a").tolist() == expected
    clipped = [bool(flags & dti.Status.CLIPPED) for flags in scores.flags[:, 1]]
    assert clipped == [value in (0, 100) for value in expected]


@pytest.mark.parametrize("column", [[3, 3, 3], [3, None, None], [0.3, 0.1 + 0.2, 0.3]])
def test_a_constant_column_has_no_score(codes_of, column):
    """The third column differs in its last bit only, as a quotient does; that is no spread."""
    assert codes_of("nodes: [{id: index}]\nindicators: [{id: a, parent: index}]", {"a": column}) == ["DT301"]


def test_unless_the_methodology_says_what_it_scores(score):
    blocks = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, constant: 50}, {id: b, parent: index}]"
    scores = score(blocks, {"a": [3, 3, None], "b": [0, 1, 2]})
    assert scores.column("a")[:2].tolist() == [50, 50]
    assert np.isnan(scores.column("a")[2])


def test_missing_stays_missing(score):
    scores = score("nodes: [{id: index}]\nindicators: [{id: a, parent: index}]", {"a": [0, None, 10]})
    assert np.isnan(scores.column("a")[1])
    assert scores.status["a"].tolist() == ["normal", "missing", "normal"]


def test_a_span_that_no_number_holds_is_refused(codes_of):
    assert codes_of("nodes: [{id: index}]\nindicators: [{id: a, parent: index}]", {"a": [-1e308, 0, 1e308]}) == [
        "DT306"
    ]
