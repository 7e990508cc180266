"""CAICT computing power index 2.0: a structure whose weights and targets are unpublished.

Source: 中国算力发展指数白皮书（2023 年）, CAICT, as reproduced in 大数据发展动态 2023 no. 38 (five dimensions, first
tier); the list of indicators is secondary. Nothing here tests a published score: none is known.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import dtindex

ID = "caict-computing-power-2.0"
# Columns of the definition by dimension. The figures of the sheets below are made up; the rules are what is tested.
TREE = {
    "computing_scale": ("server_compute", "ai_compute", "super_compute", "infrastructure_compute"),
    "computing_industry": ("equipment_production", "ic_production", "software_revenue"),
    "computing_technology": ("rd_spending", "patents"),
    "environment": (
        "interprovincial_bandwidth",
        "broadband_ports",
        "long_distance_fibre",
        "five_g_coverage",
        "it_spending",
        "open_data",
    ),
    "application": ("mobile_traffic", "industrial_digitalisation", "ecommerce_sales"),
}
COLUMNS = tuple(column for below in TREE.values() for column in below)
# What an analyst finds by province in open statistics.
OPEN = (
    "software_revenue",
    "rd_spending",
    "patents",
    "broadband_ports",
    "long_distance_fibre",
    "mobile_traffic",
    "ecommerce_sales",
)
# Three provinces with every figure, one with open statistics (four dimensions), one with two dimensions only.
KNOWN = {"北京": COLUMNS, "上海": COLUMNS, "广东": COLUMNS, "贵州": OPEN, "四川": ("software_revenue", "patents")}
FIGURES = {
    province: {
        column: float(10 * row + (7 * place + 3 * row * row) % 11)
        for place, column in enumerate(COLUMNS)
        if column in known
    }
    for row, (province, known) in enumerate(KNOWN.items(), start=1)
}


def write(path: Path, figures: dict[str, dict[str, float]]) -> Path:
    """A sheet with every column of the definition, those that nobody filled in empty."""
    methodology = dtindex.load_methodology(ID)
    dimensions = [node.column for node in methodology.nodes if node.column]
    names = [*dimensions, *(indicator.id for indicator in methodology.indicators)]
    lines = [",".join(["province", *names])]
    lines += [",".join([unit, *(str(row.get(name, "")) for name in names)]) for unit, row in figures.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def score_with_equal_weights(path: Path) -> dtindex.Scores:
    methodology = dtindex.load_methodology(ID)
    table = dtindex.read_table(path, methodology)
    return dtindex.CompositeIndex(methodology, assume="equal").fit(table).score(table)


def by_hand(figures: dict[str, dict[str, float]], province: str) -> tuple[dict[str, float], float | None]:
    """Min-max, plain means of what is known; a dimension needs 30 % of its indicators, the index three of five."""
    dimensions: dict[str, float] = {}
    for dimension, below in TREE.items():
        scores = []
        for column in set(below) & set(figures[province]):
            values = [row[column] for row in figures.values() if column in row]
            scores.append(100 * (figures[province][column] - min(values)) / (max(values) - min(values)))
        if len(scores) >= 0.3 * len(below):
            dimensions[dimension] = sum(scores) / len(scores)
    return dimensions, sum(dimensions.values()) / len(dimensions) if len(dimensions) >= 3 else None


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return write(tmp_path / "provinces.csv", FIGURES)


def test_five_dimensions_in_the_order_of_the_paper() -> None:
    tree = dtindex.load_methodology(ID).tree
    names = [tree.items[node].name("zh") for node in tree.children["index"]]
    assert names == ["算力规模", "算力产业", "算力技术", "算力环境", "算力应用"]
    assert all(tree.items[item].weight == "unpublished" for item in tree.items if tree.items[item].parent)


def test_open_statistics_are_marked() -> None:
    indicators = dtindex.load_methodology(ID).indicators
    assert set(OPEN) <= {indicator.id for indicator in indicators if "open-statistics" in indicator.tags}


def test_score_refuses_and_names_the_ways_on(sheet: Path) -> None:
    methodology = dtindex.load_methodology(ID)
    with pytest.raises(dtindex.DtindexError) as caught:
        dtindex.CompositeIndex(methodology).fit(dtindex.read_table(sheet, methodology))
    refusal = [finding for finding in caught.value.findings if finding.code == "DT050"]
    assert refusal
    assert "--assume" in str(refusal[0])
    assert "rank-bounds" in str(refusal[0])


def test_the_tree_is_the_one_tested() -> None:
    methodology = dtindex.load_methodology(ID)
    assert {node: methodology.tree.children[node] for node in TREE} == TREE


def test_equal_weights_by_name_give_a_score(sheet: Path) -> None:
    result = score_with_equal_weights(sheet)
    for province in FIGURES:
        dimensions, index = by_hand(FIGURES, province)
        for dimension, expected in dimensions.items():
            assert result.scores.loc[province, dimension] == pytest.approx(expected, abs=1e-9), (province, dimension)
        if index is not None:
            assert result.scores.loc[province, "index"] == pytest.approx(index, abs=1e-9), province
    assert result.assumptions == ("equal",)


def test_two_dimensions_of_five_are_not_ranked(sheet: Path) -> None:
    result = score_with_equal_weights(sheet)
    assert by_hand(FIGURES, "四川")[1] is None
    assert pd.isna(result.ranks.loc["四川", "index"])
    assert set(by_hand(FIGURES, "四川")[0]) == {"computing_industry", "computing_technology"}
    assert pd.notna(result.scores.loc["四川", "computing_technology"])
    assert sorted(result.ranks["index"].dropna()) == [1, 2, 3, 4]


def test_a_dimension_takes_its_column_where_it_is_filled_in(tmp_path: Path) -> None:
    """A sub-index read off the paper's chart stands as the dimension's score."""
    figures = {province: dict(row) for province, row in FIGURES.items()}
    figures["贵州"]["scale_subindex"] = 42.5
    result = score_with_equal_weights(write(tmp_path / "given.csv", figures))
    assert result.scores.loc["贵州", "computing_scale"] == 42.5
    dimensions, _ = by_hand(FIGURES, "贵州")
    expected = (sum(dimensions.values()) + 42.5) / 5
    assert result.scores.loc["贵州", "index"] == pytest.approx(expected, abs=1e-9)


def test_open_statistics_alone_give_a_ranking(tmp_path: Path) -> None:
    """No province publishes its EFlops: four dimensions of five are known, which the rule of coverage accepts."""
    figures = {unit: {name: row[name] for name in OPEN} for unit, row in FIGURES.items() if unit != "四川"}
    result = score_with_equal_weights(write(tmp_path / "open.csv", figures))
    for province in figures:
        _, index = by_hand(figures, province)
        assert result.scores.loc[province, "index"] == pytest.approx(index, abs=1e-9), province
