"""COINr 1.1.14 on its ASEM example from raw data to ranks, every step in one methodology, to 1e-9.

`build_example_coin()`: denominate, impute by the group's mean, treat by skewness and kurtosis, min-max, weighted means
on three levels. It screens after imputing, when nothing is missing and nobody falls out; ours looks at the raw cells.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def meta(read):
    rows = read("raw/iMeta.csv", "iCode")
    return rows[rows["Type"].isin(["Indicator", "Aggregate"])]


@pytest.fixture(scope="module")
def scores(read, meta):
    raw = read("raw/iData.csv")
    leaves, nodes = meta[meta["Level"] == 1], meta[meta["Level"] > 1]
    denominators = sorted(set(leaves["Denominator"].dropna()))
    indicators = [{"id": f"den_{name}", "column": name} for name in denominators]
    for code, row in leaves.iterrows():
        scored = {"id": code, "parent": row["Parent"], "weight": float(row["Weight"])}
        scored["direction"] = "higher" if row["Direction"] == 1 else "lower"
        if isinstance(row["Denominator"], str):
            indicators.append({"id": f"raw_{code}", "column": code})
            scored["derive"] = {"method": "ratio", "of": f"raw_{code}", "to": f"den_{row['Denominator']}"}
        indicators.append(scored)
    methodology = Methodology.model_validate_json(
        json.dumps(
            {
                "schema_version": 1,
                "id": "asem",
                "title": "ASEM",
                "units": {"kind": "country", "key": "uCode", "groups": ["EurAsia_group", "GDP_group"]},
                "defaults": {
                    "impute": {"method": "group-mean", "by": "EurAsia_group"},
                    "treat": {"method": "skew-kurtosis"},
                    "normalise": {"method": "min-max"},
                },
                "nodes": [
                    {"id": code}
                    if not isinstance(row["Parent"], str)
                    else {"id": code, "parent": row["Parent"], "weight": float(row["Weight"])}
                    for code, row in nodes.iterrows()
                ],
                "indicators": indicators,
            }
        ),
        strict=True,
    )
    read_from = {one["id"]: one.get("column", one["id"]) for one in indicators if "derive" not in one}
    values = raw[list(read_from.values())].to_numpy(dtype=float)
    groups = {name: raw[name].tolist() for name in ("EurAsia_group", "GDP_group")}
    table = Table.from_arrays(raw.index.tolist(), list(read_from), values, texts=groups)
    return dti.CompositeIndex(methodology).fit(table).score(table)


def assert_same(own: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[own.index, own.columns]
    assert (own.isna() == expected.isna()).all(axis=None)
    relative = np.abs(own.to_numpy() - expected.to_numpy()) / np.maximum(1, np.abs(expected.to_numpy()))
    assert np.nanmax(relative) <= 1e-9


def test_denominated(scores, read, meta):
    codes = meta.index[meta["Level"] == 1].tolist()
    assert_same(scores.measured[codes], read("chain/Denominated.csv"))


def test_imputed(scores, read):
    imputed, expected = scores.imputed, read("chain/Imputed.csv")
    missing = read("chain/Denominated.csv").isna().sum().sum()
    assert len(imputed) == missing > 0
    own = imputed["value"].to_numpy()
    given = np.array(
        [expected.loc[unit, code] for unit, code in zip(imputed["unit"], imputed["indicator"], strict=True)]
    )
    assert np.abs(own / given - 1).max() <= 1e-9


def test_screened(read):
    assert read("chain/Screened.csv").equals(read("chain/Imputed.csv"))


def test_treated(scores, read, reference_data):
    expected = read("chain/Treated.csv")
    points = pd.read_csv(reference_data / "asem_coinr" / "chain" / "Treated_Treated_Points.csv")
    treated = scores.treated
    winsorised = treated[treated["method"] == "skew-kurtosis: winsorised"]
    marked = points.isin(["winhi", "winlo"]).sum().sum()
    assert len(winsorised) == marked > 0
    for row in treated.itertuples():
        assert row.after == pytest.approx(expected.loc[row.unit, row.indicator], rel=1e-9)


def test_normalised(scores, read, meta):
    codes = meta.index[meta["Level"] == 1].tolist()
    assert_same(scores.scores[codes], read("chain/Normalised.csv"))


def test_aggregated(scores, read, meta):
    codes = meta.index[meta["Level"] > 1].tolist()
    assert_same(scores.scores[codes], read("chain/Aggregated.csv"))


def test_results(scores, read, meta):
    codes = meta.index[meta["Level"] > 1].tolist()
    assert_same(scores.scores[codes], read("results/aggs_scores.csv"))
    ranks = read("results/aggs_ranks.csv")
    assert (scores.ranks[codes] == ranks.loc[scores.units, codes].to_numpy()).all(axis=None)
    summary = read("results/summ.csv")
    assert (scores.ranks["Index"].to_numpy() == summary.loc[scores.units, "Rank"].to_numpy()).all()


def test_ranks_within_groups(scores, read, meta):
    codes = meta.index[meta["Level"] > 1].tolist()
    expected = read("results/aggs_groupranks_GDP.csv").loc[scores.units, codes]
    assert (scores.ranks_within("GDP_group")[codes] == expected.to_numpy()).all(axis=None)


def test_a_unit_s_summary(scores, read):
    summary = read("results/unit_summary_IND.csv", "Code")
    own = scores.scores.loc["IND", summary.index]
    assert own.to_numpy(dtype=float) == pytest.approx(summary["Score"].to_numpy(), rel=1e-9)
    assert (scores.ranks.loc["IND", summary.index] == summary["Rank"].to_numpy()).all()


@pytest.mark.parametrize(
    ("file", "method"), [("get_denom_corr_0.6", "pearson"), ("get_denom_corr_0.0_spearman", "spearman")]
)
def test_correlation_with_denominators(read, file, method):
    """Raw indicators that go with a country's size."""
    from dtindex.analysis import correlation

    expected = read(f"denominate/{file}.csv", "Ind")
    raw = read("raw/iData.csv")
    names = sorted({*expected.index, *expected["Denom"]})
    own = getattr(correlation, method)(raw[names].to_numpy(dtype=float)).values
    for code, row in expected.iterrows():
        assert own[names.index(code), names.index(row["Denom"])] == pytest.approx(row["Corr"], abs=1e-9)


@pytest.mark.parametrize("data", ["Treated", "Aggregated"])
def test_moments(read, data):
    """Type-2 skewness and kurtosis, and the plain statistics beside them."""
    from dtindex.engine.order import median
    from dtindex.engine.spread import skew_and_kurtosis
    from dtindex.engine.sums import deviation, mean

    figures, expected = read(f"chain/{data}.csv"), read(f"screen/stats_{data}_full_precision.csv", "iCode")
    for code, row in expected.iterrows():
        values = np.sort(figures[code].dropna().to_numpy(dtype=float))
        own = (values[0], values[-1], mean(values), median(values), deviation(values), *skew_and_kurtosis(values))
        given = row[["Min", "Max", "Mean", "Median", "Std", "Skew", "Kurt"]].to_numpy(dtype=float)
        assert own == pytest.approx(given, rel=1e-9, abs=1e-9, nan_ok=True), code


def test_strengths_and_weaknesses(read, meta):
    """Ranks of raw values with their direction, ties sharing the better rank, for Spain's five best and worst."""
    from dtindex.engine.keys import open_width, score_keys
    from dtindex.engine.ranks import rank_keys

    raw = read("raw/iData.csv")
    for name in ("strengths", "weaknesses"):
        listed = read(f"results/ESP_{name}.csv", "Code")
        for code, row in listed.iterrows():
            values = raw[code].to_numpy(dtype=float)
            keys = score_keys(values * meta.loc[code, "Direction"], open_width(values))
            spain = raw.index.get_loc("ESP")
            assert (rank_keys(keys)[spain], values[spain]) == (row["Rank"], pytest.approx(row["Value"], rel=1e-9)), code
