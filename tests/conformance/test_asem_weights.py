"""COINr 1.1.14 on its ASEM example: principal components of every group and of all indicators, up to sign, to 1e-9.

`get_PCA` is `prcomp` of the scaled values of each group; effective weights stand in `test_asem_aggregate.py`.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.engine.correlation import correlation_matrix
from dtindex.spec.model import Methodology
from dtindex.steps.weight.components import principal
from dtindex.tables.table import Table


@pytest.fixture(scope="module")
def read(reference_data):
    return lambda name: pd.read_csv(reference_data / "asem_coinr" / f"{name}.csv")


@pytest.fixture(scope="module")
def aggregated(read):
    return read("chain/Aggregated")


def components(table, codes):
    return principal(correlation_matrix([table[code].to_numpy() for code in codes]))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_components_of_each_group(read, aggregated, level):
    loadings = read(f"weights/PCA_loadings_level{level}")
    deviations = read(f"weights/PCA_sdev_level{level}").set_index("group")
    for group, rows in loadings.groupby("group"):
        table = rows.pivot(index="iCode", columns="pc", values="loading")
        eigenvalues, vectors = components(aggregated, table.index)
        assert np.abs(np.sqrt(eigenvalues) - deviations.loc[group, "sdev"].to_numpy()).max() <= 1e-9
        assert np.abs(eigenvalues / eigenvalues.sum() - deviations.loc[group, "prop_var"].to_numpy()).max() <= 1e-9
        signs = np.sign((vectors * table.to_numpy()).sum(axis=0))
        assert np.abs(vectors * signs - table.to_numpy()).max() <= 1e-9, group


def test_components_of_all_indicators(read, aggregated):
    weights = read("weights/PCA_weights_ungrouped")
    published = weights[weights["Level"] == 1].set_index("iCode")["Weight"]
    eigenvalues, vectors = components(aggregated, published.index)
    assert np.abs(np.sqrt(eigenvalues) - read("weights/PCA_sdev_ungrouped")["sdev"].to_numpy()).max() <= 1e-9
    sign = np.sign(vectors[:, 0] @ published.to_numpy())
    assert np.abs(sign * vectors[:, 0] - published.to_numpy()).max() <= 1e-9


@pytest.mark.parametrize("level", [1, 2, 3])
def test_weights_of_a_file(read, aggregated, level):
    """`weights: {method: pca}` on the groups of one level: the loadings that are above zero, as shares."""
    meta = read("raw/iMeta").set_index("iCode")
    weights = read(f"weights/PCA_weights_level{level}").set_index("iCode")["Weight"]
    codes = [code for code in weights.index if meta.loc[code, "Level"] == level]
    groups = {code: meta.loc[code, "Parent"] for code in codes}
    methodology = Methodology.model_validate_json(
        json.dumps(
            {
                "schema_version": 1,
                "id": "asem",
                "title": "ASEM",
                "units": {"kind": "country", "key": "uCode"},
                "defaults": {"normalise": {"method": "none"}, "weights": {"method": "pca"}},
                "nodes": [{"id": group} for group in dict.fromkeys(groups.values())],
                "indicators": [{"id": code, "parent": groups[code]} for code in codes],
            }
        ),
        strict=True,
    )
    table = Table.from_arrays(list(aggregated["uCode"]), codes, aggregated[codes].to_numpy())
    fitted = dti.CompositeIndex(methodology).fit(table).fitted_
    against = {finding.place.name for finding in fitted.findings if finding.code == "DT342"}
    for group in dict.fromkeys(groups.values()):
        own = fitted.plan.members[group]
        published = weights[list(own)].to_numpy()
        published = published * (1 if published.sum() > 0 else -1)
        assert against.intersection(own) == {code for code, loading in zip(own, published, strict=True) if loading < 0}
        expected = np.maximum(published, 0) / np.maximum(published, 0).sum()
        assert np.abs(np.array(fitted.parameters.weights[group]) - expected).max() <= 1e-9
