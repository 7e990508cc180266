"""COINr 1.1.14 on its ASEM example: alpha, correlations, p-values and flags, every file of multivar/, to 1e-9.

`get_corr_flags("high")` lacks the strongly negative pairs (fault 11): its rows are all ours, and ours are one more.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.correlation import METHODS, pearson
from dtindex.analysis.flags import Thresholds
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def long(read):
    """A file of pairs, as a series by both names."""
    return lambda name: read(f"multivar/{name}.csv", ["Var1", "Var2"])["Correlation"]


@pytest.fixture(scope="module")
def meta(read):
    found = read("raw/iMeta.csv", "iCode")
    return found[found["Type"].isin(["Indicator", "Aggregate"])]


@pytest.fixture(scope="module")
def scored(read, meta):
    """The ASEM tree over normalised or raw values as they stand."""

    def run(file: str, scale) -> dti.Scores:
        def block(code):
            row = meta.loc[code]
            parent = {"parent": row["Parent"], "weight": float(row["Weight"])} if isinstance(row["Parent"], str) else {}
            return {"id": code, **parent, **({"coverage": {"at_least": 0}} if row["Level"] > 1 else {})}

        codes = meta.index[meta["Level"] == 1].tolist()
        text = {
            "schema_version": 1,
            "id": "asem",
            "title": "ASEM",
            "units": {"kind": "country", "key": "uCode"},
            "scale": scale,
            "defaults": {"normalise": {"method": "none"}},
            "nodes": [block(code) for code in meta.index[meta["Level"] > 1]],
            "indicators": [block(code) for code in codes],
        }
        methodology = Methodology.model_validate_json(json.dumps(text), strict=True)
        values = read(file)
        table = Table.from_arrays(list(values.index), codes, values[codes].to_numpy())
        return dti.CompositeIndex(methodology).fit(table).score(table)

    return run


@pytest.fixture(scope="module")
def normalised(scored):
    return scored("chain/Normalised.csv", [0, 100])


@pytest.fixture(scope="module")
def found(normalised):
    return dti.validity(normalised).correlations.set_index(["second", "first"])


@pytest.mark.parametrize(
    ("column", "file"), [("alpha_Normalised", "chain/Normalised.csv"), ("alpha_Raw", "raw/coin_Raw.csv")]
)
def test_alpha_of_every_group(scored, read, column, file):
    """All indicators below each of 11 groups, at three levels; raw data have gaps, covariances are pairwise."""
    expected = read("multivar/cronbach.csv", "group")
    own = dti.validity(scored(file, "open"), of="leaves", rows="pairwise", methods=["pearson"]).reliability.set_index(
        "node"
    )
    assert len(expected) == 11
    assert own.loc[expected.index, "items"].tolist() == expected["n_ind"].tolist()
    assert np.abs(own.loc[expected.index, "alpha"] - expected[column]).max() <= 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_correlations_of_all_indicators(read, long, method):
    expected = long(f"corr_L1_{method}_Normalised")
    values = read("chain/Normalised.csv")
    own = pd.DataFrame(METHODS[method](values.to_numpy()).values, values.columns, values.columns).stack()
    assert len(expected) == 49 * 49
    assert np.abs(own.loc[expected.index] - expected).max() <= 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_correlations_of_indicators_with_the_index(found, long, method):
    expected = long(f"corr_L1_L4_{method}_Aggregated")
    assert len(expected) == 49
    assert np.abs(found.loc[expected.index, method] - expected).max() <= 1e-9


def test_correlations_of_raw_indicators_with_gaps_and_directions(read, long, meta):
    expected = long("corr_L1_Raw_directions")
    values = read("raw/coin_Raw.csv")
    values = values[meta.index[meta["Level"] == 1]] * meta.loc[meta["Level"] == 1, "Direction"]
    own = pd.DataFrame(pearson(values.to_numpy()).values, values.columns, values.columns).stack()
    assert values.isna().any(axis=None)
    assert np.abs(own.loc[expected.index] - expected).max() <= 1e-9


def test_correlations_with_all_that_stands_above(found, long, meta):
    """`withparent = "family"`: each indicator with its pillar, its sub-index and the index."""
    expected = long("corr_family_L1")
    assert len(expected) == 3 * 49
    for (level, item), value in expected.items():
        above = meta.loc[item, "Parent"]
        for _ in range(["Pillar", "Sub-index", "Index"].index(level)):
            above = meta.loc[above, "Parent"]
        assert found.loc[(above, item), "pearson"] == pytest.approx(value, abs=1e-9)


def test_pillars_within_their_sub_index_where_significant(found, long):
    """COINr blanks what has p > 0.05: so ours must have, there and nowhere else."""
    expected = long("corr_L2_within_L3_p0.05")
    siblings = found[found["relation"] == "siblings"]
    own = {frozenset(pair): row for pair, row in zip(siblings.index, siblings.to_dict("records"), strict=True)}
    compared = 0
    for pair, value in expected.items():
        if len(set(pair)) == 2:
            row = own[frozenset(pair)]
            assert (row["pearson_p"] > 0.05) == np.isnan(value)
            assert np.isnan(value) or row["pearson"] == pytest.approx(value, abs=1e-9)
            compared += 1
    assert compared == 26


def test_p_values(read):
    expected = read("multivar/pvals_pearson.csv", "row")
    own = pearson(read("chain/Normalised.csv")[expected.index].to_numpy()).p_values
    off = ~np.eye(10, dtype=bool)
    assert np.abs(own - expected.to_numpy())[off].max() <= 1e-9
    assert np.abs(own / expected.to_numpy().clip(1e-300) - 1)[off].max() <= 1e-6


@pytest.mark.parametrize(
    ("file", "thresholds", "kinds"),
    [
        ("corr_flags_high0.75", Thresholds(high=0.75), {"high"}),
        ("corr_flags_low-0.4", Thresholds(negative=-0.4), {"negative", "strongly negative"}),
    ],
)
def test_flags_within_groups(normalised, read, file, thresholds, kinds):
    expected = read(f"multivar/{file}.csv", ["Ind1", "Ind2"])
    flags = dti.validity(normalised, methods=["pearson"], thresholds=thresholds).flags
    leaves = set(normalised.methodology.tree.scored)
    own = flags[(flags["relation"] == "siblings") & flags["flag"].isin(kinds) & flags["first"].isin(leaves)]
    own = own[own["statistic"] == "pearson"]
    values = {frozenset((row.first, row.second)): (row.node, row.value) for row in own.itertuples()}
    assert set(values) == {frozenset(pair) for pair in expected.index}
    for pair, row in expected.iterrows():
        assert values[frozenset(pair)] == (row["Group"], pytest.approx(row["Corr"], abs=1e-9))
