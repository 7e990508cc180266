"""COINr 1.1.14 on its ASEM example: outranking matrix and Copeland scores, exactly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.engine.keys import MISSING, score_keys
from dtindex.engine.majority import copeland, margins
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table

EIGHT = ["LPI", "Flights", "Ship", "Bord", "Elec", "Gas", "ConSpeed", "Cov4G"]


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name: pd.read_csv(reference_data / "asem_coinr" / name)


@pytest.fixture(scope="module")
def keys(read) -> list[np.ndarray]:
    """The first eight indicators, min-max on 0 to 100 as COINr normalises them unless told otherwise."""
    values = read("normalise/minmax_0_100.csv")[EIGHT].to_numpy(dtype=float)
    return [score_keys(column, 100.0) for column in values.T]


def test_outranking_matrix(read, keys):
    published = read("aggregate/outrank_matrix_8inds.csv").drop(columns="row").to_numpy(dtype=float)
    found = (margins(keys, np.arange(1.0, 9.0).tolist(), MISSING, slice(None)) + 1) / 2
    np.fill_diagonal(found, 0.0)  # COINr's diagonal is 0
    np.testing.assert_allclose(found, published, atol=1e-12)


def test_copeland(read, keys):
    published = read("aggregate/copeland_8inds.csv")["value"].to_numpy()
    assert copeland(keys, np.arange(1.0, 9.0).tolist(), MISSING).tolist() == published.tolist()


def test_a_tree_of_copeland_scores(read):
    """All three levels: COINr passes the scores themselves up, from -50 to 50; places are the same."""
    meta = read("raw/iMeta.csv").set_index("iCode")
    meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
    published = read("aggregate/a_copeland_wrapped.csv").set_index("uCode")

    def block(code):
        row = meta.loc[code]
        found = {"id": code}
        if isinstance(row["Parent"], str):
            found |= {"parent": row["Parent"], "weight": float(row["Weight"])}
        if row["Level"] > 1:
            found |= {"aggregate": {"method": "copeland"}}
        return found

    nodes = meta.index[meta["Level"] > 1].tolist()
    leaves = meta.index[meta["Level"] == 1].tolist()
    text = {
        "schema_version": 1,
        "id": "asem",
        "title": "ASEM",
        "scale": [0, 100],
        "units": {"kind": "country", "key": "country"},
        "defaults": {"normalise": {"method": "none"}},
        "nodes": [block(code) for code in nodes],
        "indicators": [block(code) for code in leaves],
    }
    table = Table.from_arrays(published.index.tolist(), leaves, published[leaves].to_numpy(dtype=float))
    scores = dti.CompositeIndex(Methodology.model_validate_json(json.dumps(text))).fit(table).score()
    n = len(published)
    for node in nodes:
        found = scores.column(node) / 100 * 2 * (n - 1) - (n - 1)
        np.testing.assert_allclose(found, published[node].to_numpy(dtype=float), atol=1e-9, err_msg=node)
