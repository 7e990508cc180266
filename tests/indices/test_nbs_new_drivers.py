"""NBS index of new drivers: totals, growth and contributions, both bases.

Sources of all expected values: releases of the National Bureau of Statistics, 经济发展新动能指数, of November 2018
(2017), 22 August 2023 (2018 to 2022), August 2024 (2023) and August 2025 (2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import pytest

import dtindex

Rows = dict[str, dict[str, float]]
Scored = Callable[[str], dtindex.Scores]

BASE_2014 = dict.fromkeys(("network_economy", "innovation", "vitality", "transformation", "knowledge"), 0.2)
BASE_2022 = {"network_economy": 0.3, "innovation": 0.3, "vitality": 0.2, "transformation": 0.2}
# Sub-indices in the order above, and total, as printed.
TOTALS = {
    ("nbs-new-drivers-2014", "2017"): ((362.1, 143.3, 284.3, 132.3, 128.5), 210.1),
    ("nbs-new-drivers-2014", "2022"): ((2739.0, 336.3, 402.6, 162.8, 193.4), 766.8),
    ("nbs-new-drivers-2022", "2023"): ((122.1, 122.3, 114.5, 116.3), 119.5),
    ("nbs-new-drivers-2022", "2024"): ((142.4, 138.5, 130.9, 127.8), 136.0),
}
# Contribution to growth in per cent, as printed; growth of the sub-indices and of the total in per cent, as printed.
CONTRIBUTIONS = {
    ("nbs-new-drivers-2014", "2022"): ((91.6, 5.3, 1.6, 0.2, 1.3), (39.6, 15.5, 3.5, 1.2, 5.9), 28.4, 0.15),
    ("nbs-new-drivers-2022", "2023"): ((34.0, 34.4, 14.9, 16.7), (22.1, 22.3, 14.5, 16.3), 19.5, 0.15),
    ("nbs-new-drivers-2022", "2024"): ((35.2, 28.5, 19.6, 16.7), (16.2, 13.2, 14.5, 12.5), 14.2, 0.2),
}


def weights_of(identifier: str) -> dict[str, float]:
    return BASE_2014 if identifier.endswith("2014") else BASE_2022


@pytest.mark.parametrize(("identifier", "year"), TOTALS)
def test_total_is_the_weighted_mean_of_its_subindices(identifier: str, year: str, scored: Scored) -> None:
    subindices, printed = TOTALS[identifier, year]
    mean = math.fsum(weight * value for weight, value in zip(weights_of(identifier).values(), subindices, strict=True))
    assert mean == pytest.approx(printed, abs=0.1)
    scores = scored(identifier).scores
    assert scores.loc[("中国", year), "index"] == pytest.approx(mean, abs=1e-9)
    assert list(scores.loc[("中国", year), list(weights_of(identifier))]) == list(subindices)


@pytest.mark.parametrize("year", ["2018", "2019", "2020", "2021"])
def test_years_without_knowledge_capacity_are_listed_and_not_ranked(year: str, scored: Scored) -> None:
    result = scored("nbs-new-drivers-2014")
    assert pd.isna(result.scores.loc[("中国", year), "index"])
    assert pd.isna(result.ranks.loc[("中国", year), "index"])
    assert result.scores.loc[("中国", year), "network_economy"] > 0
    assert any(finding.code == "DT307" and f"中国 {year}" in finding.message for finding in result.findings)


@pytest.mark.parametrize(
    ("identifier", "year", "now", "before", "printed"),
    [
        ("nbs-new-drivers-2014", "2017", 210.1, 156.7, 34.1),
        ("nbs-new-drivers-2014", "2019", 325.5, 258.0, 26.2),
        ("nbs-new-drivers-2014", "2020", 442.4, 325.5, 35.9),
        ("nbs-new-drivers-2014", "2021", 597.3, 442.4, 35.0),
        ("nbs-new-drivers-2014", "2022", 766.8, 597.3, 28.4),
        ("nbs-new-drivers-2022", "2023", 119.5, 100.0, 19.5),
    ],
)
def test_growth_of_the_total(
    identifier: str, year: str, now: float, before: float, printed: float, scored: Scored
) -> None:
    growth = 100 * (now / before - 1)
    assert growth == pytest.approx(printed, abs=0.05)
    assert derived(scored(identifier), year, "total_growth") == pytest.approx(growth, abs=1e-9)


@pytest.mark.parametrize(("identifier", "year"), [("nbs-new-drivers-2014", "2018"), ("nbs-new-drivers-2022", "2024")])
def test_no_growth_across_a_revision(identifier: str, year: str, scored: Scored) -> None:
    """258.0 / 210.1 and 136.0 / 119.5 would mix releases: 22.8 and 13.8 % where 35.0 and 14.2 % are printed."""
    assert math.isnan(derived(scored(identifier), year, "total_growth"))


@pytest.mark.parametrize(("identifier", "year"), CONTRIBUTIONS)
def test_contributions_to_growth(identifier: str, year: str, scored: Scored) -> None:
    """``100 w (I - I_before) / (T - T_before)`` with ``I_before = I / (1 + g)``."""
    printed, growths, total_growth, tolerance = CONTRIBUTIONS[identifier, year]
    subindices, total = TOTALS[identifier, year]
    added = total - total / (1 + total_growth / 100)
    weights = weights_of(identifier).items()
    for (name, weight), value, growth, figure in zip(weights, subindices, growths, printed, strict=True):
        contribution = 100 * weight * (value - value / (1 + growth / 100)) / added
        assert contribution == pytest.approx(figure, abs=tolerance), name
        item = f"{name.removesuffix('_economy')}_contribution"
        assert derived(scored(identifier), year, item) == pytest.approx(contribution, abs=1e-9), name


def test_revised_2023_follows_from_the_growth_of_2024() -> None:
    """Sub-indices of 2024 taken back by their growth give 119.05, which meets the total's growth; 119.5 does not."""
    subindices, total = TOTALS["nbs-new-drivers-2022", "2024"]
    growths = CONTRIBUTIONS["nbs-new-drivers-2022", "2024"][1]
    before = math.fsum(w * v / (1 + g / 100) for w, v, g in zip(BASE_2022.values(), subindices, growths, strict=True))
    assert 100 * (total / before - 1) == pytest.approx(14.2, abs=0.05)
    assert 100 * (total / 119.5 - 1) != pytest.approx(14.2, abs=0.05)


@pytest.mark.parametrize("identifier", ["nbs-new-drivers-2014", "nbs-new-drivers-2022"])
def test_every_published_figure_is_met(identifier: str, scored: Scored) -> None:
    assert not [finding for finding in scored(identifier).findings if finding.code == "DT310"]


def derived(result: dtindex.Scores, year: str, name: str) -> float:
    return float(result.measured.loc[("中国", year), name])
