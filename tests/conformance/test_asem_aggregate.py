"""COINr 1.1.14 on its ASEM example: every mean that this version has, on three levels, to 1e-9.

Weights, gaps and availability thresholds, which are `coverage: {of: children, by: count}`.
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

CHILDREN = {"of": "children", "by": "count"}
INPUT, GAPS = "_input_minmax_1_100", "_input_raw_minmax_1_100_with_NA"
POWER = {f"a_genmean_p{p}": {"method": "power", "p": float(p)} for p in ("-2", "-1", "0.5", "2", "3")}
MEANS = {
    "a_amean": {"method": "arithmetic"},
    "a_gmean": {"method": "geometric"},
    "a_hmean": {"method": "harmonic"},
    **POWER,
}


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def index(read):
    """Scores of the ASEM tree from normalised values, with an aggregate and a threshold for each level."""
    meta = read("raw/iMeta.csv", "iCode")
    meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]

    def run(values: str, aggregates, at_least=(0, 0, 0), weights=None) -> tuple[dti.Scores, pd.DataFrame]:
        table = read(f"aggregate/{values}.csv")

        def block(code):
            row = meta.loc[code]
            found = {"id": code, "weight": float(weights[code] if weights is not None else row["Weight"])}
            if isinstance(row["Parent"], str):
                found["parent"] = row["Parent"]
            else:
                del found["weight"]
            if row["Level"] > 1:
                level = int(row["Level"]) - 2
                found |= {"aggregate": aggregates[level], "coverage": {**CHILDREN, "at_least": at_least[level]}}
            return found

        nodes = meta.index[meta["Level"] > 1].tolist()
        # A parent stands before its children in neither file; the order of the nodes makes no difference.
        text = {
            "schema_version": 1,
            "id": "asem",
            "title": "ASEM",
            "units": {"kind": "country", "key": "uCode"},
            "scale": [1, 100],
            "defaults": {"normalise": {"method": "none"}},
            "nodes": [block(code) for code in nodes],
            "indicators": [block(code) for code in meta.index[meta["Level"] == 1]],
        }
        methodology = Methodology.model_validate_json(json.dumps(text), strict=True)
        codes = meta.index[meta["Level"] == 1].tolist()
        filled = Table.from_arrays(list(table.index), codes, table[codes].to_numpy())
        scores = dti.CompositeIndex(methodology).fit(filled).score(filled)
        return scores, scores.scores[nodes]

    return run


def assert_same(own: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[own.index, own.columns]
    assert (own.isna() == expected.isna()).all(axis=None)
    assert np.nanmax(np.abs(own.to_numpy() - expected.to_numpy())) <= 1e-9


@pytest.mark.parametrize("name", MEANS)
def test_means(read, index, name):
    _, own = index(INPUT, [MEANS[name]] * 3)
    assert_same(own, read(f"aggregate/{name}.csv"))


@pytest.mark.parametrize("name", ["a_amean", "a_gmean", "a_hmean"])
def test_means_with_weights(read, index, name):
    weights = read("aggregate/_weights_random.csv", "iCode")["Weight"]
    scores, own = index(INPUT, [MEANS[name]] * 3, weights=weights)
    assert_same(own, read(f"aggregate/{name}_weights_random.csv"))
    effective = read("weights/effective_random.csv", "iCode")
    leaves = effective[effective["Level"] == 1]["EffWeight"]
    assert scores.effective == pytest.approx(leaves.to_dict(), abs=1e-12)


@pytest.mark.parametrize("name", ["a_amean", "a_gmean", "a_hmean"])
def test_means_over_what_is_known(read, index, name):
    _, own = index(GAPS, [MEANS[name]] * 3)
    assert_same(own, read(f"aggregate/{name}_with_NA.csv"))


@pytest.mark.parametrize("threshold", ["0.50", "0.75", "0.90", "1.00"])
def test_thresholds(read, index, threshold):
    _, own = index(GAPS, [MEANS["a_amean"]] * 3, [float(threshold)] * 3)
    assert_same(own, read(f"aggregate/a_amean_with_NA_thresh{threshold}.csv"))


def test_thresholds_by_level(read, index):
    _, own = index(GAPS, [MEANS["a_amean"]] * 3, [0.9, 0.5, 1])
    assert_same(own, read("aggregate/a_amean_with_NA_thresh_by_level.csv"))


@pytest.mark.parametrize("names", [("amean", "gmean", "amean"), ("gmean", "amean", "hmean")])
def test_another_mean_at_each_level(read, index, names):
    _, own = index(INPUT, [MEANS[f"a_{name}"] for name in names])
    assert_same(own, read(f"aggregate/mixed_{'_'.join(names)}.csv"))


def test_effective_weights(read, index):
    scores, _ = index(INPUT, [MEANS["a_amean"]] * 3)
    effective = read("weights/effective.csv", "iCode")
    assert scores.effective == pytest.approx(effective[effective["Level"] == 1]["EffWeight"].to_dict(), abs=1e-12)
