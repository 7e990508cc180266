"""Accenture's Global Disruption Index and the structure of its transformation index.

Source: 2023 中国企业数字化转型指数, Accenture and 国家工业信息安全发展研究中心, as reproduced in 大数据发展动态 2023
no. 38: totals 30 (2017) and 89 (2022); the index is the mean of six dimensions; the reinvention edition has five.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

import dtindex

DISRUPTION = "accenture-disruption"
REINVENTION = "accenture-reinvention-2023"


def test_totals_as_printed(scored: Callable[[str], dtindex.Scores]) -> None:
    scores = scored(DISRUPTION).scores
    assert scores.loc[("世界", "2017"), "index"] == 30
    assert scores.loc[("世界", "2022"), "index"] == 89


def test_growth_of_the_total(scored: Callable[[str], dtindex.Scores]) -> None:
    measured = scored(DISRUPTION).measured
    assert measured.loc[("世界", "2022"), "total_growth"] == pytest.approx(100 * (89 - 30) / 30, abs=1e-9)
    assert round(float(measured.loc[("世界", "2022"), "total_growth"]), 1) == 196.7
    assert math.isnan(measured.loc[("世界", "2017"), "total_growth"])


def test_plain_mean_of_six_dimensions(tmp_path: Path) -> None:
    methodology = dtindex.load_methodology(DISRUPTION)
    names = [methodology.tree.items[node].name("zh") for node in methodology.tree.children["index"]]
    assert names == ["经济", "社会", "地缘政治", "气候", "消费者", "技术"]
    table = tmp_path / "made.csv"
    table.write_text(
        "area,year,economy,society,geopolitics,climate,consumer,technology\n世界,2022,81,72,64,95,99,104\n",
        encoding="utf-8",
    )
    read = dtindex.read_table(table, methodology)
    scores = dtindex.CompositeIndex(methodology).fit(read).score(read).scores
    assert scores.loc[("世界", "2022"), "index"] == pytest.approx((81 + 72 + 64 + 95 + 99 + 104) / 6, abs=1e-9)


def test_reinvention_edition_has_five_dimensions_without_weights(tmp_path: Path) -> None:
    methodology = dtindex.load_methodology(REINVENTION)
    tree = methodology.tree
    names = [tree.items[node].name("zh") for node in tree.children["index"]]
    assert names == ["开创竞争新前沿", "全局性拉通", "打造数字核心", "融入可持续", "释放人才力量"]
    assert all(tree.items[node].weight == "unpublished" for node in tree.children["index"])
    path = tmp_path / "firms.csv"
    path.write_text(
        "enterprise,industry,frontier,integration,digital_core,sustainability,talent\n"
        "A,物流,50,58,39,45,38\nB,冶金,70,60,55,62,51\n",
        encoding="utf-8",
    )
    table = dtindex.read_table(path, methodology)
    with pytest.raises(dtindex.DtindexError) as caught:
        dtindex.CompositeIndex(methodology).fit(table)
    assert "DT050" in caught.value.findings.codes
    scores = dtindex.CompositeIndex(methodology, assume="equal").fit(table).score(table).scores
    assert scores.loc["A", "index"] == pytest.approx((50 + 58 + 39 + 45 + 38) / 5, abs=1e-9)
    assert scores.loc["A", "digital_core"] == 39
