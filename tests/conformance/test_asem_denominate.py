"""COINr 1.1.14 on its ASEM example, to 1e-9: `Denominate` is `derive: {method: per}`."""

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


def per(data: pd.DataFrame, denominators: dict[str, tuple[str, float]]) -> pd.DataFrame:
    """Each column of ``denominators`` over its denominator, times its factor."""
    columns = [*dict.fromkeys([*denominators, *(by for by, _ in denominators.values())])]
    derived = [
        {"id": f"{code}.per", "parent": "index", "derive": {"method": "per", "of": code, "per": by, "times": times}}
        for code, (by, times) in denominators.items()
    ]
    text = {
        "schema_version": 1,
        "id": "asem",
        "title": "ASEM",
        "units": {"kind": "country", "key": "uCode"},
        "nodes": [{"id": "index"}],
        "indicators": [{"id": code} for code in columns] + derived,
    }
    methodology = Methodology.model_validate_json(json.dumps(text), strict=True)
    table = Table.from_arrays(list(data.index), columns, data[columns].to_numpy())
    measured = dti.CompositeIndex(methodology).fit(table).score(table).measured
    return measured[[f"{code}.per" for code in denominators]].set_axis(list(denominators), axis=1)


@pytest.mark.parametrize(
    ("file", "factors"),
    [("default", None), ("custom_scalefactor", {"Goods": ("GDP", 1.0), "Flights": ("Population", 1000.0)})],
)
def test_denominate(read, file, factors):
    """`default`: the denominators that the metadata name. What has none stays as it is."""
    data, meta = read("raw/iData.csv"), read("raw/iMeta.csv", "iCode")
    expected = read(f"denominate/{file}.csv").loc[data.index]
    if factors is None:
        named = meta.loc[meta["Type"] == "Indicator", "Denominator"].dropna()
        factors = {code: (by, 1.0) for code, by in named.items()}
    own = per(data, factors)
    assert (own.isna() == expected[list(own)].isna()).all(axis=None)
    error = (own - expected[list(own)]).abs() / expected[list(own)].abs().clip(lower=1.0)
    assert np.nanmax(error.to_numpy()) <= 1e-9
    rest = [code for code in expected if code not in own]
    assert expected[rest].equals(data[rest].astype(expected[rest].dtypes))
