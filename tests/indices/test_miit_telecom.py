"""Telecommunications by region: sums, shares, pulls and the declared break.

Source of all expected values: 2023年1—8月份通信业经济运行情况, Ministry of Industry and Information Technology, as
reproduced in 大数据发展动态 2023 no. 38 (sections 1 to 5 and the closing note).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import pytest

import dtindex

ID = "miit-telecom-regions"
REGIONS = ("东部", "中部", "西部", "东北")
Rows = dict[str, dict[str, float]]

# Revenue and growth as printed in section 1: 亿元, per cent.
TOTAL = (11417, 6.2)
SERVICES = {
    # name: (revenue, growth, printed share, printed pull)
    "broadband": (1741, 7.3, 15.2, 1.1),
    "mobile_data": (4432, 0.5, 38.8, 0.2),
    "emerging": (2392, 18.9, 21.0, 3.5),
}


@pytest.fixture(scope="module")
def rows(rows_of: Callable[..., Rows]) -> Rows:
    return rows_of("miit-telecom-2023-08.csv", "region")


@pytest.fixture(scope="module")
def result(scored: Callable[[str], dtindex.Scores]) -> dtindex.Scores:
    return scored(ID)


@pytest.mark.parametrize(
    ("column", "total", "rounded"),
    [
        ("five_g_stations", 313.8, 313.8),  # 万个, section 4 prints 313.8
        ("gigabit_users", 13897.3, 13900),  # 万户, section 2 prints 1.39 亿
        ("five_g_users", 71447, 71400),  # 万户, section 2 prints 7.14 亿
        ("mobile_traffic", 1931.5, 1932),  # 亿GB, section 3 prints 1932
    ],
)
def test_the_four_regions_add_up_to_the_nation(column: str, total: float, rounded: float, rows: Rows) -> None:
    assert math.fsum(rows[region][column] for region in REGIONS) == pytest.approx(total, abs=1e-9)
    assert rows["全国"][column] == rounded
    assert total == pytest.approx(rounded, abs=50 if rounded > 10_000 else 0.5)


@pytest.mark.parametrize("service", SERVICES)
def test_shares_of_revenue(service: str, result: dtindex.Scores) -> None:
    revenue, _, printed, _ = SERVICES[service]
    share = 100 * revenue / TOTAL[0]
    assert share == pytest.approx(printed, abs=0.05)
    assert national(result, f"{service}_share") == pytest.approx(share, abs=1e-9)


def test_share_of_voice(result: dtindex.Scores) -> None:
    share = 100 * (126.4 + 759.2) / TOTAL[0]
    assert round(share, 1) == 7.8
    assert national(result, "voice_share") == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("service", SERVICES)
def test_pull_on_growth(service: str, result: dtindex.Scores) -> None:
    """What the service added, in per cent of all revenue a year before."""
    revenue, growth, _, printed = SERVICES[service]
    total, total_growth = TOTAL
    pull = 100 * (revenue - revenue / (1 + growth / 100)) / (total / (1 + total_growth / 100))
    assert round(pull, 1) == printed
    assert national(result, f"{service}_pull") == pytest.approx(pull, abs=1e-9)


def test_every_published_figure_is_met(result: dtindex.Scores) -> None:
    assert not [finding for finding in result.findings if finding.code == "DT310"]


def test_regions_are_scored_and_the_nation_is_not(rows: Rows, result: dtindex.Scores) -> None:
    assert sorted(result.ranks["index"].dropna()) == [1, 2, 3, 4]
    assert set(result.ranks["index"].dropna().index) == set(REGIONS)
    columns = {
        "five_g": ("five_g_stations", "five_g_station_share", "five_g_users", "five_g_penetration"),
        "gigabit": ("gigabit_users", "hundred_megabit_penetration"),
        "traffic": ("mobile_traffic", "mobile_traffic_growth"),
    }

    def normalised(column: str, region: str) -> float:
        values = [rows[other][column] for other in REGIONS]
        return 100 * (rows[region][column] - min(values)) / (max(values) - min(values))

    for region in REGIONS:
        dimensions = [sum(normalised(column, region) for column in below) / len(below) for below in columns.values()]
        assert result.scores.loc[region, "index"] == pytest.approx(sum(dimensions) / 3, abs=1e-9)


def test_break_of_the_station_count_shows(result: dtindex.Scores) -> None:
    """Closing note of the report: the basis of indoor stations changed in March 2023 and the past was not restated."""
    for region in REGIONS:
        assert "break" in str(result.status.loc[region, "five_g_stations"])
        assert "break" in str(result.status.loc[region, "five_g"])
        assert "break" not in str(result.status.loc[region, "five_g_users"])


def test_weights_are_labelled_as_assumed() -> None:
    methodology = dtindex.load_methodology(ID)
    assert all(item.provenance["weight"] == "assumed" for item in methodology.tree.items.values() if item.parent)


def national(result: dtindex.Scores, name: str) -> float:
    value = result.measured.loc["全国", name]
    assert pd.notna(value)
    return float(value)
