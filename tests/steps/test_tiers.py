"""Tiers by thresholds: at the boundary, rounded as ranks are."""

from __future__ import annotations

import pytest

LEVELS = "levels: [{id: t1, at_least: 40}, {id: t2, at_least: 20}, {id: rest}]"


def blocks(rank: str = "", levels: str = LEVELS, scale: str = "[0, 100]") -> str:
    return (
        f"scale: {scale}\n{rank}nodes: [{{id: index}}]\n"
        "indicators: [{id: a, parent: index, normalise: {method: none}}]\n"
        f"tiers:\n  - {{node: index, method: thresholds, {levels}}}\n"
    )


def test_the_threshold_belongs_to_the_higher_tier(score):
    scores = score(blocks(), {"a": [40, 39.999, 20, 0, None]})
    assert scores.tier_values["index"].tolist() == ["t1", "t2", "t2", "rest", ""]
    assert scores.tiers["index"].isna().tolist() == [False] * 4 + [True]


@pytest.mark.parametrize(("value", "tier"), [(39.95, "t1"), (39.949, "t2")])
def test_what_prints_as_40_0_counts_as_40(score, value, tier):
    assert score(blocks("rank: {decimals: 1}\n"), {"a": [value]}).tier_values["index"].tolist() == [tier]


def test_the_last_bits_do_not_cost_a_tier(score):
    levels = "levels: [{id: top, at_least: 0.3}, {id: rest}]"
    below = 0.3 - 1e-16
    assert below < 0.3
    assert score(blocks(levels=levels, scale="[0, 1]"), {"a": [below]}).tier_values["index"].tolist() == ["top"]


def test_without_a_level_for_the_rest(score):
    levels = "levels: [{id: t1, at_least: 40}, {id: t2, at_least: 20}]"
    assert score(blocks(levels=levels), {"a": [50, 10]}).tier_values["index"].tolist() == ["t1", ""]


def test_a_threshold_far_beyond_the_scale(score):
    levels = "levels: [{id: t1, at_least: 1.0e+12}, {id: t2, at_least: -1.0e+12}, {id: rest}]"
    assert score(blocks(levels=levels), {"a": [50, 10]}).tier_values["index"].tolist() == ["t2", "t2"]


def test_a_unit_that_is_not_ranked_has_no_tier(score):
    scores = score(blocks(), {"a": [50, 60]}, totals=[False, True])
    assert scores.tier_values["index"].tolist() == ["t1", ""]
