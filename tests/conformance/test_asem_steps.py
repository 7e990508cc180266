"""COINr 1.1.14 on its ASEM example, step by step, to 1e-9: denominate, impute, treat, normalise.

51 units, 49 indicators of both directions. The files are COINr's own output (`use` exact in MANIFEST_oracles.csv).
COINr multiplies by the direction before it normalises; one pair of goalposts for all is negated where lower is better.
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

NONE = {"normalise": {"method": "none"}, "scale": "open"}


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def meta(read):
    found = read("normalise/iMeta_with_norm_params.csv", "iCode")
    return found[found["Type"] == "Indicator"]


def scores_of(values: pd.DataFrame, settings, scale=(0, 100), texts=None) -> pd.DataFrame:
    """Scores of each indicator of ``values``, with the settings that ``settings`` gives it."""
    indicators = [{"id": code, "parent": "index", **settings(code)} for code in values]
    text = {
        "schema_version": 1,
        "id": "asem",
        "title": "ASEM",
        "units": {"kind": "country", "key": "uCode"},
        "scale": list(scale),
        "nodes": [{"id": "index", "coverage": {"at_least": 0}}],
        "indicators": indicators,
    }
    methodology = Methodology.model_validate_json(json.dumps(text), strict=True)
    table = Table.from_arrays(list(values.index), list(values), values.to_numpy(), texts=texts)
    return dti.CompositeIndex(methodology).fit(table).score(table).scores[list(values)]


def assert_same(own: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[own.index, own.columns]
    assert (own.isna() == expected.isna()).all(axis=None)
    scale = np.maximum(1.0, expected.abs().to_numpy())
    assert np.nanmax(np.abs(own.to_numpy() - expected.to_numpy()) / scale) <= 1e-9


def direction(meta: pd.DataFrame, code: str) -> str:
    return "higher" if meta.loc[code, "Direction"] > 0 else "lower"


@pytest.mark.parametrize(
    ("file", "method", "scale"),
    [
        ("minmax_0_100", {"method": "min-max"}, (0, 100)),
        ("minmax_1_100", {"method": "min-max"}, (1, 100)),
        ("minmax_0_1", {"method": "min-max"}, (0, 1)),
        ("dist2max", {"method": "min-max"}, (0, 1)),
        ("zscore_0_1", {"method": "z-score"}, (0, 1)),
        ("zscore_10_2", {"method": "z-score", "mean": 10, "sd": 2}, (0, 1)),
        ("rank_average", {"method": "rank"}, (0, 1)),
        ("prank_average", {"method": "percentile"}, (0, 1)),
    ],
)
def test_normalise(read, meta, file, method, scale):
    own = scores_of(
        read("chain/Treated.csv"), lambda code: {"normalise": method, "direction": direction(meta, code)}, scale
    )
    assert_same(own, read(f"normalise/{file}.csv"))


def test_normalise_borda(read, meta):
    """Borda counts are ranks from below less one."""
    own = scores_of(
        read("chain/Treated.csv"),
        lambda code: {"normalise": {"method": "rank"}, "direction": direction(meta, code)},
    )
    assert_same(own - 1, read("normalise/borda_average.csv"))


def test_normalise_directions_flipped(read):
    own = scores_of(read("chain/Treated.csv"), lambda code: {"direction": "lower"})
    assert_same(own, read("normalise/directions_flipped.csv"))


def test_normalise_indicators_apart(read, meta):
    """`indiv_specs`: one indicator by rank (Borda), one standardised to mean 10 and sd 2, the rest by min-max."""
    special = {"LPI": {"method": "rank"}, "Flights": {"method": "z-score", "mean": 10, "sd": 2}}
    own = scores_of(
        read("chain/Treated.csv"),
        lambda code: {"normalise": special.get(code, {"method": "min-max"}), "direction": direction(meta, code)},
    )
    own["LPI"] -= 1
    assert_same(own, read("normalise/indiv_specs_mix.csv"))


@pytest.mark.parametrize(
    ("file", "worst", "best", "scale"),
    [("goalposts_10_60_100_notrunc", 10, 60, (0, 100)), ("scaled_10_50_sf1", 10, 50, (0, 1))],
)
def test_normalise_goalposts_without_clipping(read, meta, file, worst, best, scale):
    def settings(code):
        sign = int(meta.loc[code, "Direction"])
        return {"normalise": {"method": "goalposts", "worst": sign * worst, "best": sign * best, "clip": "none"}}

    assert_same(scores_of(read("chain/Treated.csv"), settings, scale), read(f"normalise/{file}.csv"))


def test_normalise_goalposts_with_truncation(read, meta):
    """Each indicator between goalposts at 10 % and 90 % of its raw range, clipped; raw data with gaps."""

    def settings(code):
        posts = [float(meta.loc[code, "goalpost_lower"]), float(meta.loc[code, "goalpost_upper"])]
        worst, best = posts if meta.loc[code, "Direction"] > 0 else reversed(posts)
        return {"normalise": {"method": "goalposts", "worst": worst, "best": best, "clip": "both"}}

    own = scores_of(read("raw/coin_Raw.csv"), settings)
    assert_same(own, read("normalise/use_iMeta_n_goalposts_Raw.csv"))


@pytest.mark.parametrize(
    ("file", "own", "given"),
    [
        ("minmax", {"scale": [1, 7]}, {"minmax_lower": 1, "minmax_upper": 7}),
        ("zscore", {"normalise": {"method": "z-score", "mean": 50, "sd": 10}}, {"zscore_mean": 50, "zscore_sd": 10}),
    ],
)
def test_normalise_raw_data_with_gaps(read, meta, file, own, given):
    """`use_iMeta`: the parameters that COINr's own metadata names."""
    assert all(set(meta[name]) == {value} for name, value in given.items())
    scores = scores_of(read("raw/coin_Raw.csv"), lambda code: {"direction": direction(meta, code), **own})
    assert_same(scores, read(f"normalise/use_iMeta_n_{file}_Raw.csv"))


@pytest.mark.parametrize(
    ("file", "clip"), [("use_iMeta_n_dist2targ_Raw", "best"), ("use_iMeta_n_dist2targ_nocap_Raw", "none")]
)
def test_normalise_distance_to_target(read, meta, file, clip):
    """From the worst value of the table, the 0th or 100th percentile, to a target: a fitted and a given goalpost."""

    def settings(code):
        positive = meta.loc[code, "Direction"] > 0
        posts = {"worst": {"percentile": 0 if positive else 100}, "best": float(meta.loc[code, "Target"])}
        return {"direction": direction(meta, code), "normalise": {"method": "goalposts", **posts, "clip": clip}}

    assert_same(scores_of(read("raw/coin_Raw.csv"), settings, (0, 1)), read(f"normalise/{file}.csv"))


@pytest.mark.parametrize("method", ["mean", "median"])
@pytest.mark.parametrize("group", [None, "EurAsia_group", "GDP_group", "GDPpc_group", "Pop_group"])
def test_impute(read, method, group):
    raw = read("raw/coin_Raw.csv")
    groups = read("raw/Meta_Unit.csv").loc[raw.index]
    spec = {"method": f"group-{method}"} | ({} if group is None else {"by": group})
    own = scores_of(
        raw, lambda code: {**NONE, "impute": spec}, texts={name: groups[name].astype(str) for name in groups}
    )
    assert raw.isna().sum().sum() > 0
    file = f"impute/i_{method}_column.csv" if group is None else f"impute/i_{method}_grp_{group}.csv"
    assert_same(own, read(file))


def test_treat_winsorise_three_points(read):
    """COINr's `winsorise(x, winmax = 3, force_win = TRUE)` on Flights: the three highest become the fourth."""
    vector = read("treat/vec_Flights.csv", "x").reset_index()
    values = pd.DataFrame({"Flights": vector["x"].to_numpy()}, index=[f"u{row}" for row in range(len(vector))])
    share = 3.5 / len(vector)
    own = scores_of(values, lambda code: {**NONE, "treat": {"method": "winsorise", "high": share}})
    assert np.abs(own["Flights"].to_numpy() - vector["win_force3"].to_numpy()).max() <= 1e-9


def test_derive_per_is_denomination(read):
    """`Denominate` with a scale factor: Goods per GDP, Flights per thousand of population."""
    data = read("raw/iData.csv")
    expected = read("denominate/custom_scalefactor.csv")
    columns = ["Goods", "Flights", "GDP", "Population"]
    per = {"Goods": ("GDP", 1), "Flights": ("Population", 1000)}
    text = {
        "schema_version": 1,
        "id": "asem",
        "title": "ASEM",
        "units": {"kind": "country", "key": "uCode"},
        "nodes": [{"id": "index"}],
        "indicators": [{"id": code} for code in columns]
        + [
            {"id": f"{code}_per", "parent": "index", "derive": {"method": "per", "of": code, "per": by, "times": times}}
            for code, (by, times) in per.items()
        ],
    }
    methodology = Methodology.model_validate_json(json.dumps(text), strict=True)
    table = Table.from_arrays(list(data.index), columns, data[columns].to_numpy())
    measured = dti.CompositeIndex(methodology).fit(table).score(table).measured
    own = measured[["Goods_per", "Flights_per"]].set_axis(["Goods", "Flights"], axis=1)
    assert_same(own, expected)
