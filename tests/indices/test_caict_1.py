"""CAICT computing power index 1.0 against the charts of the 2021 white paper.

Source of all expected values: 中国算力发展指数白皮书 (No. 202110), CAICT, September 2021, pp. 25-41, figures 12 to 16
(digitised, reading error 0.15 point) and the sentences of the text beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import dtindex

ID = "caict-computing-power-1.0"
DIMENSIONS = {
    "computing_scale": "scale_subindex",
    "environment": "environment_subindex",
    "application": "application_subindex",
}
FIRST_TIER = ["广东", "北京", "江苏", "上海", "山东", "浙江"]  # p. 30: six provinces of 40 and more, in this order

Rows = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def rows(rows_of: Callable[..., Rows]) -> Rows:
    return rows_of("caict-2020.csv", "province")


@pytest.fixture(scope="module")
def result(scored: Callable[[str], dtindex.Scores]) -> dtindex.Scores:
    return scored(ID)


@pytest.fixture(scope="module")
def scores(result: dtindex.Scores) -> pd.DataFrame:
    return result.scores


def leaders(scores: pd.DataFrame, column: str, count: int) -> list[str]:
    return list(scores[column].sort_values(ascending=False).index[:count])


def at_least(scores: pd.DataFrame, column: str, bound: float) -> set[str]:
    return set(scores.index[scores[column] >= bound])


# --- the tree of table 1, p. 28


def test_table_1_stands_in_the_file() -> None:
    methodology = dtindex.load_methodology(ID)
    tree = methodology.tree
    assert [tree.items[node].name("zh") for node in tree.children["index"]] == ["算力规模", "算力环境", "算力应用"]
    below = [tree.items[child].name("zh") for node in ("environment", "application") for child in tree.children[node]]
    assert below == ["网络环境", "算力投入", "消费应用水平", "行业应用水平"]
    parts = [indicator for indicator in methodology.indicators if "scale-part" in indicator.tags]
    assert len(below) + len(parts) == 7
    for part, name in zip(parts, ("基础算力", "智能算力", "超算算力"), strict=True):
        assert part.parent is None
        assert part.note is not None
        assert name in part.note.zh
    official = [indicator.name("zh") for indicator in methodology.indicators if indicator.id != "compute"]
    assert official == [
        "服务器算力规模",
        "AI 加速器算力规模",
        "超算算力规模",
        "互联网省际出口带宽",
        "5G 覆盖率",
        "IT 支出规模",
        "移动互联网月均流量",
        "产业数字化规模",
    ]


# --- figures 12 to 16


def test_the_composite_of_31_provinces(rows: Rows, scores: pd.DataFrame) -> None:
    assert len(scores) == 31
    for province, row in rows.items():
        mean = math.fsum(row[column] for column in DIMENSIONS.values()) / 3
        assert scores.loc[province, "index"] == pytest.approx(mean, abs=1e-9), province
        assert scores.loc[province, "index"] == pytest.approx(row["compute_index"], abs=0.15), province


def test_dimensions_are_taken_from_the_table(rows: Rows, result: dtindex.Scores) -> None:
    for node, column in DIMENSIONS.items():
        for province, row in rows.items():
            assert result.scores.loc[province, node] == row[column]


def test_scale_from_eflops(rows: Rows, scores: pd.DataFrame) -> None:
    """Figure 13 is figure 14 over a target of 47.0 EFlops, for each province with a reading."""
    readable = [province for province, row in rows.items() if not math.isnan(row["compute_eflops"])]
    assert len(readable) == 30
    for province in readable:
        computed = 100 * rows[province]["compute_eflops"] / 47.0
        assert scores.loc[province, "compute"] == pytest.approx(computed, abs=1e-9), province
        assert scores.loc[province, "compute"] == pytest.approx(rows[province]["scale_subindex"], abs=0.2), province


def test_tibet_has_no_reading_and_takes_its_published_subindex(scores: pd.DataFrame) -> None:
    assert math.isnan(scores.loc["西藏", "compute"])
    assert scores.loc["西藏", "computing_scale"] == 0.35
    assert scores.loc["西藏", "index"] == pytest.approx((0.35 + 7.04 + 1.97) / 3, abs=1e-9)


def test_levels_below_without_figures_have_no_score(scores: pd.DataFrame) -> None:
    unknown = ["network", "investment", "consumer_application", "industry_application", "it_spending"]
    assert scores[unknown].isna().all(axis=None)


def test_weights_are_recovered_by_least_squares(rows: Rows) -> None:
    """Without intercept: 0.3328, 0.3341, 0.3328, which is one third each."""
    design = np.array([[row[column] for column in DIMENSIONS.values()] for row in rows.values()])
    composite = np.array([row["compute_index"] for row in rows.values()])
    weights = np.linalg.solve(design.T @ design, design.T @ composite)
    assert weights == pytest.approx([1 / 3] * 3, abs=0.003)
    methodology = dtindex.load_methodology(ID)
    assert [methodology.tree.items[node].weight for node in DIMENSIONS] == [1, 1, 1]


# --- sentences of the text, pp. 30-38


def test_first_tier_is_the_six_provinces_of_40_and_more(result: dtindex.Scores) -> None:
    assert leaders(result.scores, "index", 6) == FIRST_TIER
    assert [result.ranks.loc[province, "index"] for province in FIRST_TIER] == [1, 2, 3, 4, 5, 6]
    assert at_least(result.scores, "index", 40) == set(FIRST_TIER)


def test_top_ten(scores: pd.DataFrame) -> None:
    assert set(leaders(scores, "index", 10)) == {*FIRST_TIER, "四川", "河北", "河南", "湖北"}
    assert {"河南", "湖北", "四川"} <= at_least(scores, "index", 20)


def test_sentences_on_scale(rows: Rows, scores: pd.DataFrame) -> None:
    assert at_least(scores, "computing_scale", 30) == {"北京", "广东", "上海"}
    assert {province for province, row in rows.items() if row["compute_eflops"] > 15} == {"北京", "广东", "上海"}
    following = ["江苏", "河北", "浙江", "四川", "山东", "辽宁", "内蒙古"]
    assert leaders(scores, "computing_scale", 9)[3:] == following[:6]
    assert (
        scores.loc["内蒙古", "computing_scale"] == scores["computing_scale"].nlargest(10).iloc[-1]
    )  # equal bars: 江西


def test_national_figures(rows: Rows) -> None:
    """Printed: 135 EFlops in all, of which 2 are supercomputers; three provinces hold 62 % of the other 133."""
    total = math.fsum(row["compute_eflops"] for row in rows.values() if not math.isnan(row["compute_eflops"]))
    assert total == pytest.approx(135, abs=1.5)
    three = math.fsum(rows[province]["compute_eflops"] for province in ("北京", "广东", "上海"))
    assert 100 * three / 133 == pytest.approx(62, abs=1)


def test_sentences_on_environment(scores: pd.DataFrame) -> None:
    assert at_least(scores, "environment", 60) == {"广东", "北京", "江苏", "上海"}
    following = {"山东", "浙江", "四川", "天津", "湖北", "河南"}
    assert set(leaders(scores, "environment", 10)) == {"广东", "北京", "江苏", "上海"} | following


def test_sentences_on_application(scores: pd.DataFrame) -> None:
    assert at_least(scores, "application", 60) == {"广东", "江苏", "山东", "浙江"}
    assert {"河南", "湖北", "湖南", "四川"} <= at_least(scores, "application", 35)


# --- what dtindex says about it


def test_tiers(result: dtindex.Scores) -> None:
    tier = result.tiers["index"]
    assert list(tier.index[tier == "t1"]) == [province for province in result.scores.index if province in FIRST_TIER]
    assert set(tier) == {"t1", "rest"}


def test_ties_of_the_chart_share_a_rank_at_one_decimal(scores: pd.DataFrame, result: dtindex.Scores) -> None:
    """Bars of equal height: 福建 and 湖北, 新疆 and 吉林; rounded to the printed decimal the latter two stay equal."""
    assert scores.loc["新疆", "index"] != scores.loc["吉林", "index"]
    assert result.ranks.loc["新疆", "index"] == result.ranks.loc["吉林", "index"]


def test_comparisons_name_what_is_compared(result: dtindex.Scores) -> None:
    compared = {(one.item, one.kind): one for one in result.comparisons}
    assert set(compared) == {("index", "published"), ("computing_scale", "column")}
    assert compared["index", "published"].compared == 31
    assert compared["computing_scale", "column"].compared == 30
    assert all(one.mismatches == 0 for one in compared.values())
    # The bounds that data/caict-2020.SOURCE.md states.
    assert compared["index", "published"].largest_error < 0.11
    assert compared["computing_scale", "column"].largest_error < 0.16


def test_status_says_that_a_dimension_was_given(result: dtindex.Scores) -> None:
    assert set(result.status["environment"]) == {"observed"}
    assert result.status.loc["西藏", "compute"] == "missing"
