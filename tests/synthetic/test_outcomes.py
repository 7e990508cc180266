"""Outcomes by class: shares to the last respondent, means as ratios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import dtindex
from dtindex.spec import Methodology
from dtindex.spec.sample_plan import SamplePlan

ROWS = 20_000
Toy = Callable[..., Methodology]
Plan = Callable[..., SamplePlan]
FRESH = {"method": "share", "item": "fresh", "above": 50, "range": [0, 100], "share": 0.17, "shares": {"top": 0.5}}
SECTOR = {"method": "share", "question": "q_sector", "option": "steel", "share": 0.3, "shares": {"top": 0.76}}
GROWTH = {"method": "normal", "item": "growth", "mean": 8, "sd": 2, "ratios": {"top": 1.5}, "study": "paper"}


def test_shares_are_met_to_the_last_respondent(toy: Toy, plan: Plan) -> None:
    made = dtindex.sample(toy(), ROWS, seed=1, plan=plan(outcomes=[FRESH, SECTOR], careless=0.05))
    top, honest = made.shown.classed.members["top"], made.shown.honest
    fresh = made.frame["q_fresh"].to_numpy()
    steel = (made.frame["q_sector"] == "steel").to_numpy()
    assert top.sum() > 100
    assert (fresh[top] > 50).sum() == round(0.5 * top.sum())
    assert (fresh[honest & ~top] > 50).sum() == round(0.17 * (honest & ~top).sum())
    assert steel[top].sum() == round(0.76 * top.sum())
    assert steel[honest & ~top].sum() == round(0.3 * (honest & ~top).sum())


def test_classes_are_those_that_scoring_finds(toy: Toy, plan: Plan) -> None:
    methodology = toy()
    made = dtindex.sample(
        methodology, ROWS, seed=1, plan=plan(outcomes=[FRESH], classes=[{"class": "young", "share": 0.2}])
    )
    scores = dtindex.CompositeIndex(methodology).fit(made.table).score()
    assert np.array_equal(made.shown.classed.members["top"], (scores.classes["class"] == "top").to_numpy(dtype=bool))
    assert np.array_equal(made.shown.classed.members["young"], (scores.classes["age"] == "young").to_numpy(dtype=bool))
    assert np.array_equal(made.shown.classed.members["young"], made.frame["q_fresh"].to_numpy() > 50)


def test_a_normal_outcome_has_its_mean_its_deviation_and_its_ratio(toy: Toy, plan: Plan) -> None:
    made = dtindex.sample(toy(), ROWS, seed=1, plan=plan(outcomes=[GROWTH]))
    top = made.shown.classed.members["top"]
    growth = made.frame["growth_pct"].to_numpy()
    assert growth[~top].mean() == pytest.approx(8, abs=5 * 2 / np.sqrt((~top).sum()))
    assert growth[~top].std() == pytest.approx(2, rel=5 / np.sqrt(2 * (~top).sum()))
    assert growth[top].mean() == pytest.approx(12, abs=5 * 2 / np.sqrt(top.sum()))
    ratio = made.headlines.set_index("figure").loc["growth: top / others"]
    assert (ratio["target"], ratio["unit"], ratio["study"], ratio["study_title"]) == (1.5, "x", "paper", "A paper")


def test_a_normal_outcome_keeps_to_the_range_of_its_indicator(toy: Toy, plan: Plan) -> None:
    """Else the sample would be refused by the methodology that it was made for (DT223)."""
    methodology = toy()
    indicators = tuple(
        item.model_copy(update={"range": (6.0, 11.0)}) if item.id == "growth" else item
        for item in methodology.indicators
    )
    made = dtindex.sample(
        methodology.model_copy(update={"indicators": indicators}), 2_000, seed=1, plan=plan(outcomes=[GROWTH])
    )
    growth = made.frame["growth_pct"].to_numpy()
    assert (np.nanmin(growth), np.nanmax(growth)) == (6.0, 11.0)
