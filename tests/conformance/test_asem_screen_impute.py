"""COINr 1.1.14 on its ASEM example, to 1e-9: screening of units, availability, imputation by row and over time.

51 units, 49 indicators on four levels. The files are COINr's own output (`use` exact in MANIFEST_oracles.csv). The
panel files are called not comparable there, since COINr's tables of source years stand in another order of rows than
its data; the data themselves agree when they are compared by unit and year. Imputation by group is in test_asem_steps.
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

# What COINr calls a rule, and the bounds that say the same.
RULES = {"byNA": ("at_least",), "byzeros": ("nonzero",), "byNAandzeros": ("at_least", "nonzero")}
FILLS = {
    "latest": {"fill": "last"},
    "latest_maxtime1": {"fill": "last", "at_most": 1},
    "constant": {"fill": "constant"},
}
FILLS["linear-constant"] = {"fill": "linear-constant"}
OPEN = {"scale": "open", "defaults": {"normalise": {"method": "none"}}}


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def raw(read):
    return read("raw/coin_Raw.csv")


@pytest.fixture(scope="module")
def meta(read):
    found = read("raw/iMeta.csv", "iCode")
    return found[found["Type"].isin(["Indicator", "Aggregate"])]


def index_of(meta: pd.DataFrame, settings=lambda code: {}, **blocks) -> Methodology:
    """The ASEM tree with the settings that ``settings`` gives each indicator, and further blocks of the file."""

    def item(code):
        parent = meta.loc[code, "Parent"]
        return {"id": code} | ({"parent": parent} if isinstance(parent, str) else {})

    text = {
        "schema_version": 1,
        "id": "asem",
        "title": "ASEM",
        "units": {"kind": "country", "key": "uCode"},
        "nodes": [{**item(code), "coverage": {"at_least": 0}} for code in meta.index[meta["Level"] > 1]],
        "indicators": [{**item(code), **settings(code)} for code in meta.index[meta["Level"] == 1]],
    }
    return Methodology.model_validate_json(json.dumps(text | blocks), strict=True)


def scores_of(methodology: Methodology, values: pd.DataFrame, periods=None) -> dti.Scores:
    units = values.index if periods is None else values.index.get_level_values(0)
    table = Table.from_arrays(list(units), list(values), values.to_numpy(), periods=periods)
    return dti.CompositeIndex(methodology).fit(table).score(table)


def assert_same(own: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[own.index, own.columns]
    assert (own.isna() == expected.isna()).all(axis=None)
    scale = np.maximum(1.0, expected.abs().to_numpy())
    assert np.nanmax(np.abs(own.to_numpy() - expected.to_numpy()) / scale) <= 1e-9


# --- screening ---


def assert_included(scores: dti.Scores, expected: pd.DataFrame) -> None:
    assert scores.screened is not None
    included = pd.Series(~scores.screened.out, index=scores.units)
    assert included.loc[expected.index].tolist() == expected["Included"].tolist()
    ranked = scores.ranks["Index"].notna()
    assert ranked.loc[expected.index].tolist() == expected["Included"].tolist()
    names = {"at_least": "Dat_Avail", "nonzero": "Non_Zero"}
    by_bound = scores.screening[scores.screening["bound"] != "drop"]
    for row in by_bound.itertuples():
        assert row.share == pytest.approx(expected.loc[row.unit, names[row.bound]], abs=1e-9)


@pytest.mark.parametrize("at_least", [0.85, 0.9, 0.95])
@pytest.mark.parametrize("rule", RULES)
def test_screen(read, raw, meta, rule, at_least):
    bounds = {"at_least": at_least, "nonzero": 0.95}
    screening = {"units": {name: bounds[name] for name in RULES[rule]}}
    scores = scores_of(index_of(meta, screening=screening), raw)
    assert_included(scores, read(f"screen/Summary_{rule}_{at_least:.2f}_nz0.95.csv"))


def test_screen_by_force(read, raw, meta):
    screening = {"units": {"at_least": 0.9}, "keep": ["BRN"], "drop": ["AUT"]}
    assert_included(scores_of(index_of(meta, screening=screening), raw), read("screen/Summary_byNA_0.90_force.csv"))


def shares(scores: dti.Scores, rule: str, bound: str) -> pd.Series:
    """The share of every unit by one rule, which failed it where the share is below 1."""
    frame = scores.screening
    failed = frame[(frame["rule"] == rule) & (frame["bound"] == bound)].set_index("unit")["share"]
    return pd.Series(1.0, index=scores.units).mask(lambda ones: ones.index.isin(failed.index), failed)


def test_availability_of_units(read, raw, meta):
    expected = read("screen/data_avail_Summary.csv").loc[raw.index]
    for bound, name in (("at_least", "Dat_Avail"), ("nonzero", "Non_Zero")):
        own = shares(scores_of(index_of(meta, screening={"units": {bound: 1}}, **OPEN), raw), "units", bound)
        assert own.to_numpy() == pytest.approx(expected[name].to_numpy(), abs=1e-9)


def test_availability_of_units_by_node(read, raw, meta):
    nodes = meta.index[meta["Level"] > 1].tolist()
    scores = scores_of(index_of(meta, screening={"nodes": {node: {"at_least": 1} for node in nodes}}), raw)
    own = pd.DataFrame({node: shares(scores, node, "at_least") for node in nodes})
    assert_same(own, read("screen/data_avail_ByGroup.csv"))


@pytest.mark.parametrize(
    ("at_least", "nonzero", "flagged"), [(1.0, 1.0, False), (0.65, 0.5, True)], ids=["shares", "flags of get_stats"]
)
def test_availability_of_indicators(read, raw, meta, at_least, nonzero, flagged):
    expected = read("screen/stats_Raw_full_precision.csv", "iCode")
    weak = scores_of(
        index_of(meta, screening={"indicators": {"at_least": at_least, "nonzero": nonzero}}), raw
    ).screened.weak
    for kind, name in (("at_least", "Avail"), ("nonzero", "NonZero")):
        own = {one.item: one.share for one in weak if one.kind == kind}
        if flagged:
            assert set(own) == set(expected.index[expected[f"Flag.{name}"] != "ok"])
        else:
            printed = expected[f"Frc.{name}"]
            assert own == pytest.approx(printed[printed < 1].to_dict(), abs=1e-9)


# --- imputation ---


def ancestor(meta: pd.DataFrame, code: str, level: int) -> str:
    while meta.loc[code, "Level"] < level:
        code = meta.loc[code, "Parent"]
    return code


@pytest.mark.parametrize(
    ("file", "method", "level"),
    [
        *((f"i_{name}_row_level{level}", f"row-{name}", level) for name in ("mean", "median") for level in (2, 3, 4)),
        ("i_mean_row_all", "row-mean", 4),
    ],
)
def test_impute_by_row(read, raw, meta, file, method, level):
    """`normalise_first`: min-max scores in the indicator's direction, mapped back to raw values."""
    low, high = raw.min(), raw.max()
    positive = meta.loc[raw.columns, "Direction"] > 0

    def settings(code):
        return {
            "direction": "higher" if positive[code] else "lower",
            "impute": {"method": method, "of": ancestor(meta, code, level)},
        }

    scores = scores_of(index_of(meta, settings, scale=[0, 1]), raw).scores[list(raw)]
    # By position: pandas before 3 aligns a condition of one row with the rows, not with the columns.
    upward = scores * 0 + np.where(positive.to_numpy(), scores, 1 - scores)
    expected = read(f"impute/{file}.csv")
    assert raw.isna().sum().sum() > expected.isna().sum().sum()
    assert_same(low + upward * (high - low), expected)


def test_impute_disabled(read, raw, meta):
    scores = scores_of(index_of(meta, **OPEN), raw)
    assert_same(scores.scores[list(raw)], read("impute/disabled.csv"))


@pytest.mark.parametrize("name", FILLS)
def test_impute_panel(read, meta, name):
    """Every cell of 255 rows, 1,500 of which were taken away; no observed one changes."""
    keys = ["uCode", "Time"]
    given, expected = (read(f"impute/panel_{file}.csv", keys) for file in ("input", name))
    codes = meta.index[meta["Level"] == 1].tolist()
    given, expected = given[codes], expected[codes]
    spec = {"method": "panel", **FILLS[name]}
    units = {"kind": "country", "key": "uCode", "period": "Time"}
    methodology = index_of(meta, lambda code: {"impute": spec}, units=units, **OPEN)
    scores = scores_of(methodology, given, periods=given.index.get_level_values(1).astype(str))
    own = pd.DataFrame({code: scores.column(code) for code in codes}, index=given.index)
    assert given.isna().sum().sum() > expected.isna().sum().sum()
    assert_same(own, expected)
    known = given.notna()
    assert own[known].equals(given[known])
