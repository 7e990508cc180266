"""COINr 1.1.14 on its ASEM example: every file of `treat/` and `normalise/` that is marked exact, to 1e-9.

51 units, 49 indicators of both directions; the calls stand in MANIFEST_oracles.csv. COINr multiplies by the direction
before it normalises, so that a figure that is given for all indicators is negated here where lower is better.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.engine.spread import skew_and_kurtosis
from dtindex.spec.model import Methodology
from dtindex.steps.treat.skew_kurtosis import passes, winsorise_by_shape
from dtindex.tables.table import Table

RULE = {"method": "skew-kurtosis"}
COVERED: dict[str, list[str]] = {}
"""Files of the reference by the test that reproduces them; the last test looks for what is missing."""


def covers(*files: str):
    def mark(test):
        COVERED.setdefault(test.__name__, []).extend(files)
        return test

    return mark


@pytest.fixture(scope="module")
def read(reference_data):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def points(reference_data, raw):
    """What COINr did to each cell, in words; the files have no names of units."""

    def read(name):
        path = reference_data / "asem_coinr" / "treat" / f"{name}_points.csv"
        return pd.read_csv(path, dtype=str, keep_default_na=False).set_index(raw.index)

    return read


@pytest.fixture(scope="module")
def meta(read):
    found = read("normalise/iMeta_with_norm_params.csv", "iCode")
    return found[found["Type"] == "Indicator"]


@pytest.fixture(scope="module")
def raw(read):
    return read("raw/coin_Raw.csv")


@pytest.fixture(scope="module")
def treated(read):
    return read("chain/Treated.csv")


def scores_of(values: pd.DataFrame, settings, scale=(0, 100)) -> dti.Scores:
    """Scores of each indicator of ``values``, with the settings that ``settings`` gives it."""
    text = {
        "schema_version": 1,
        "id": "asem",
        "title": "ASEM",
        "units": {"kind": "country", "key": "uCode"},
        "scale": list(scale),
        "nodes": [{"id": "index", "coverage": {"at_least": 0}}],
        "indicators": [{"id": code, "parent": "index", **settings(code)} for code in values],
    }
    methodology = Methodology.model_validate_json(json.dumps(text), strict=True)
    table = Table.from_arrays(list(values.index), list(values), values.to_numpy())
    return dti.CompositeIndex(methodology).fit(table).score(table)


def treat(values: pd.DataFrame, spec, transform=lambda code: None) -> dti.Scores:
    """Values of ``values`` after treatment, as scores on an open scale."""

    def settings(code):
        given = {"treat": spec(code), "normalise": {"method": "none"}, "scale": "open"}
        return given if transform(code) is None else {**given, "transform": transform(code)}

    return scores_of(values, settings)


def normalise(values: pd.DataFrame, spec, meta, scale=(0, 1)) -> pd.DataFrame:
    """Scores of ``values``; ``spec`` takes the code and the sign of the direction."""

    def settings(code):
        sign = int(meta.loc[code, "Direction"])
        return {"normalise": spec(code, sign), "direction": "higher" if sign > 0 else "lower"}

    return scores_of(values, settings, scale).scores[list(values)]


def assert_same(own: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.loc[own.index, own.columns]
    assert (own.isna() == expected.isna()).all(axis=None)
    scale = np.maximum(1.0, expected.abs().to_numpy())
    assert np.nanmax(np.abs(own.to_numpy() - expected.to_numpy()) / scale) <= 1e-9


# --- treatment ---

BY_RULE = {
    "default": {},
    "winmax1": {"at_most": 1},
    "winmax2": {"at_most": 2},
    "winmax3": {"at_most": 3},
    "winmax4": {"at_most": 4},
    "winmax5": {"at_most": 5},
    "winmax10": {"at_most": 10},
    "skew1_kurt2": {"skew": 1, "kurtosis": 2},
    # With three points every indicator passes, and COINr's second function is not called.
    "winmax3_log_CT_orig": {"at_most": 3},
    "winmax3_log_CT_plus": {"at_most": 3},
    # `global_specs = "none"` is not heard: the three files are those of `default`, to the byte.
    "none": {},
}


@covers(*(f"treat/{name}_{what}.csv" for name in BY_RULE for what in ("x", "table", "points")))
@pytest.mark.parametrize("name", BY_RULE)
def test_skew_kurtosis(read, points, raw, name):
    assert_treated(read, points, raw, name, lambda code: {**RULE, **BY_RULE[name]})


def assert_treated(read, points, raw, name, spec, transform=lambda code: None):
    scores = treat(raw, spec, transform)
    own = scores.scores[list(raw)]
    assert_same(own, read(f"treat/{name}_x.csv"))
    table = read(f"treat/{name}_table.csv", "iCode")
    reported = scores.treated.set_index(["indicator", "unit"])
    for code, words in points(name).items():
        known = raw[code].dropna().index
        touched = known[own.loc[known, code] != raw.loc[known, code]]
        # COINr notes a logarithm at every unit, also where the value is missing.
        assert set(touched) == set(words.index[words != ""].intersection(known))
        if transform(code) is None:
            assert_tests(raw.loc[known, code].to_numpy(), own.loc[known, code].to_numpy(), table.loc[code], spec(code))
            cells = reported.loc[[code]].droplevel(0) if len(touched) else reported.iloc[:0]
            assert cells.index.tolist() == touched.tolist()
            assert cells["before"].tolist() == raw.loc[touched, code].tolist()
            assert cells["after"].tolist() == own.loc[touched, code].tolist()
            assert (cells["method"].str.contains("log") == words[touched].str.contains("log")).all()


def assert_tests(raw, own, row, spec):
    """Skew and kurtosis before and after, and the number of points."""
    assert skew_and_kurtosis(np.sort(raw)) == pytest.approx(
        (row["check_SkewKurt0.Skew"], row["check_SkewKurt0.Kurt"]), rel=1e-9, abs=1e-9
    )
    thresholds = {key: spec[key] for key in ("skew", "kurtosis") if key in spec}
    assert passes(skew_and_kurtosis(np.sort(raw)), **thresholds) == row["check_SkewKurt0.Pass"]
    if spec["method"] == "none" or row["check_SkewKurt0.Pass"]:
        return
    last = "2" if not np.isnan(row.get("check_SkewKurt2.Skew", np.nan)) else "1"
    if not np.isnan(row[f"check_SkewKurt{last}.Skew"]):
        assert skew_and_kurtosis(np.sort(own)) == pytest.approx(
            (row[f"check_SkewKurt{last}.Skew"], row[f"check_SkewKurt{last}.Kurt"]), rel=1e-9, abs=1e-9
        )
    if "winsorise.nwin" in row:
        limit = {"at_most": spec["at_most"]} if "at_most" in spec else {}
        found = winsorise_by_shape(raw, **thresholds, **limit)
        assert found.low + found.high == row["winsorise.nwin"]


@covers(*(f"treat/winmax1_combine_{what}.csv" for what in ("x", "table", "points")))
def test_skew_kurtosis_then_the_logarithm_of_what_is_winsorised(read, points, raw):
    """`combine_treat`: the log of the winsorised values of those indicators that one point did not help."""
    table = read("treat/winmax1_combine_table.csv", "iCode")
    failed = set(table.index[table["check_SkewKurt1.Pass"].astype(str) == "False"])
    assert len(failed) == 9
    spec = {**RULE, "at_most": 1, "otherwise": "none"}
    assert_treated(
        read,
        points,
        raw,
        "winmax1_combine",
        lambda code: spec,
        lambda code: {"method": "log-shift"} if code in failed else None,
    )


@covers(*(f"treat/log_first_{what}.csv" for what in ("x", "table", "points")))
def test_the_logarithm_first(read, points, raw):
    """COINr's `log_CT` leaves a column with gaps as it is when it comes first; here such columns are not treated."""
    whole = {**RULE, "at_most": 0}
    gaps = {"method": "none"}
    assert_treated(read, points, raw, "log_first", lambda code: gaps if raw[code].isna().any() else whole)


@covers(*(f"treat/indiv_none_and_boxcox_{what}.csv" for what in ("x", "table", "points")))
def test_indicators_apart(read, points, raw):
    """Flights untreated, one point for Bord; LPI passes, and its Box-Cox is not called."""
    special = {"Flights": {"method": "none"}, "Bord": {**RULE, "at_most": 1}, "LPI": {**RULE, "otherwise": "box-cox"}}
    assert_treated(read, points, raw, "indiv_none_and_boxcox", lambda code: special.get(code, RULE))


@covers("treat/disabled_x.csv")
def test_no_treatment(read, raw):
    scores = treat(raw, lambda code: {"method": "none"})
    assert_same(scores.scores[list(raw)], read("treat/disabled_x.csv"))
    assert scores.treated.empty


@covers("treat/skew_kurt_Raw.csv")
def test_skew_and_kurtosis(read, raw):
    for code, row in read("treat/skew_kurt_Raw.csv", "iCode").iterrows():
        ordered = np.sort(raw[code].dropna().to_numpy())
        assert skew_and_kurtosis(ordered) == pytest.approx((row["skew"], row["kurt"]), rel=1e-9, abs=1e-9)
        assert passes(skew_and_kurtosis(ordered)) == row["pass"]


SHIFT = 1 - 0.98951
"""COINr's `boxcox` and `log_CT_orig` first add what makes the smallest value 1."""
VECTOR = {
    "win": (RULE, None),
    "win_nolimit": ({**RULE, "at_most": 1000}, None),
    "win_force3": ({"method": "winsorise", "high": 3.5 / 51}, None),
    "log_CT": (None, {"method": "log-shift"}),
    "log_CT_orig": (None, {"method": "log", "plus": SHIFT}),
    "log_CT_plus": (None, {"method": "log-shift"}),
    "log_CT_plus_neg": (None, {"method": "log-shift", "tail": "low"}),
    "boxcox0": (None, {"method": "box-cox", "lambda": 0, "plus": SHIFT}),
    "boxcox0.5": (None, {"method": "box-cox", "lambda": 0.5, "plus": SHIFT}),
    "boxcox2": (None, {"method": "box-cox", "lambda": 2, "plus": SHIFT}),
}


@covers("treat/vec_Flights.csv")
@pytest.mark.parametrize("column", VECTOR)
def test_one_column(read, column):
    """All columns but `win_treated`, which the cells below name, and `log_GII`, which is COINr's fault."""
    vector = read("treat/vec_Flights.csv", "x").reset_index()
    sign = -1.0 if column.endswith("_neg") else 1.0
    spec, transform = VECTOR[column]
    values = pd.DataFrame({"Flights": sign * vector["x"].to_numpy()}, index=[f"u{row}" for row in range(len(vector))])
    scores = treat(values, lambda code: spec or {"method": "none"}, lambda code: transform)
    assert scores.column("Flights") == pytest.approx(vector[column].to_numpy(), rel=1e-9, abs=1e-9)
    if column == "win":
        touched = vector["win_treated"].fillna("").to_numpy() != ""
        assert scores.treated["unit"].tolist() == values.index[touched].tolist()


# --- normalisation ---


ALIKE = {
    "minmax_0_100": ({"method": "min-max"}, (0, 100)),
    "minmax_1_100": ({"method": "min-max"}, (1, 100)),
    "minmax_0_1": ({"method": "min-max"}, (0, 1)),
    "dist2max": ({"method": "min-max"}, (0, 1)),
    "zscore_0_1": ({"method": "z-score"}, (0, 1)),
    "zscore_10_2": ({"method": "z-score", "mean": 10, "sd": 2}, (0, 1)),
}
TIES = {"min": "minimum", "max": "maximum", "average": "average"}


@covers(*(f"normalise/{name}.csv" for name in ALIKE))
@pytest.mark.parametrize("name", ALIKE)
def test_one_method_for_all(read, treated, meta, name):
    spec, scale = ALIKE[name]
    assert_same(normalise(treated, lambda code, sign: spec, meta, scale), read(f"normalise/{name}.csv"))


@covers(*(f"normalise/{name}_{ties}.csv" for name in ("rank", "borda", "prank") for ties in TIES))
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize(
    ("name", "method", "less"), [("rank", "rank", 0), ("borda", "rank", 1), ("prank", "percentile", 0)]
)
def test_ranks(read, treated, meta, name, method, less, ties):
    """Borda counts are ranks from below less one."""
    own = normalise(treated, lambda code, sign: {"method": method, "ties": TIES[ties]}, meta)
    assert_same(own - less, read(f"normalise/{name}_{ties}.csv"))


@covers("normalise/none.csv")
def test_no_normalisation(read, treated, meta):
    """COINr turns the sign of what is better when lower, which dtindex leaves to the scale."""
    own = scores_of(treated, lambda code: {"normalise": {"method": "none"}, "scale": "open"}).scores[list(treated)]
    assert_same(own * meta.loc[list(treated), "Direction"], read("normalise/none.csv"))


@covers("normalise/directions_flipped.csv")
def test_directions_flipped(read, treated, meta):
    assert_same(
        normalise(treated, lambda code, sign: {"method": "min-max"}, meta.assign(Direction=-1), (0, 100)),
        read("normalise/directions_flipped.csv"),
    )


@covers("normalise/indiv_specs_mix.csv")
def test_indicators_normalised_apart(read, treated, meta):
    """One indicator by rank (Borda), one standardised to mean 10 and sd 2, the rest by min-max."""
    special = {"LPI": {"method": "rank"}, "Flights": {"method": "z-score", "mean": 10, "sd": 2}}
    own = normalise(treated, lambda code, sign: special.get(code, {"method": "min-max"}), meta, (0, 100))
    own["LPI"] -= 1
    assert_same(own, read("normalise/indiv_specs_mix.csv"))


@covers(*(f"normalise/{name}.csv" for name in ("goalposts_10_60_100_notrunc", "scaled_0_100", "scaled_10_50_sf1")))
@pytest.mark.parametrize(
    ("name", "worst", "best", "scale"),
    [
        ("goalposts_10_60_100_notrunc", 10, 60, (0, 100)),
        ("scaled_0_100", 0, 100, (0, 100)),
        ("scaled_10_50_sf1", 10, 50, (0, 1)),
    ],
)
def test_goalposts_without_clipping(read, treated, meta, name, worst, best, scale):
    own = normalise(
        treated,
        lambda code, sign: {"method": "goalposts", "worst": sign * worst, "best": sign * best, "clip": "none"},
        meta,
        scale,
    )
    assert_same(own, read(f"normalise/{name}.csv"))


@covers("normalise/dist2ref_5.csv", "normalise/dist2ref_5_cap.csv")
@pytest.mark.parametrize(("name", "clip"), [("dist2ref_5", "none"), ("dist2ref_5_cap", "best")])
def test_distance_to_the_fifth_unit(read, treated, meta, name, clip):
    """(x - min) / (x_5 - min): the target of each indicator is the value of the fifth unit, Bulgaria."""
    assert treated.index[4] == "BGR"
    own = normalise(
        treated, lambda code, sign: {"method": "target", "target": float(treated.loc["BGR", code]), "clip": clip}, meta
    )
    assert_same(own, read(f"normalise/{name}.csv"))


def from_metadata(meta):
    """Parameters of each indicator as COINr's metadata name them."""

    def posts(code, low, high, sign, **more):
        values = [float(meta.loc[code, low]), float(meta.loc[code, high])]
        worst, best = values if sign > 0 else values[::-1]
        return {"method": "goalposts", "worst": worst, "best": best, **more}

    def target(clip):
        return lambda code, sign: {"method": "target", "target": float(meta.loc[code, "Target"]), "clip": clip}

    return {
        "minmax": (lambda code, sign: {"method": "min-max"}, (1, 7)),
        "zscore": (lambda code, sign: {"method": "z-score", "mean": 50, "sd": 10}, (0, 1)),
        # COINr negates the values, and its metadata the parameters: -scaled_upper is the worst of what is reversed.
        "scaled": (lambda code, sign: posts(code, "scaled_lower", "scaled_upper", sign, clip="none"), (0, 10)),
        "goalposts": (lambda code, sign: posts(code, "goalpost_lower", "goalpost_upper", sign), (0, 100)),
        "dist2targ": (target("best"), (0, 1)),
        "dist2targ_nocap": (target("none"), (0, 1)),
    }


FROM_METADATA = ("minmax", "zscore", "scaled", "goalposts", "dist2targ", "dist2targ_nocap")


@covers("normalise/iMeta_with_norm_params.csv", *(f"normalise/use_iMeta_n_{name}_Raw.csv" for name in FROM_METADATA))
@pytest.mark.parametrize("name", FROM_METADATA)
def test_parameters_of_each_indicator(read, points, raw, meta, name):
    spec, scale = from_metadata(meta)[name]
    assert_same(normalise(raw, spec, meta, scale), read(f"normalise/use_iMeta_n_{name}_Raw.csv"))


ONE_COLUMN = {
    "pos": ("higher", {"method": "target", "target": 100, "clip": "none"}),
    "pos_cap": ("higher", {"method": "target", "target": 100, "clip": "best"}),
    "neg": ("lower", {"method": "target", "target": 20, "clip": "none"}),
    "neg_cap": ("lower", {"method": "target", "target": 20, "clip": "best"}),
    "gp": ("higher", {"method": "goalposts", "worst": 10, "best": 120}),
    "gp_neg": ("lower", {"method": "goalposts", "worst": 120, "best": 10}),
    "gp_notrunc": ("higher", {"method": "goalposts", "worst": 10, "best": 120, "clip": "none"}),
}


@covers("normalise/vec_dist2targ.csv")
@pytest.mark.parametrize("column", ONE_COLUMN)
def test_one_column_to_a_target(read, column):
    vector = read("normalise/vec_dist2targ.csv", "x").reset_index()
    direction, spec = ONE_COLUMN[column]
    values = pd.DataFrame({"x": vector["x"].to_numpy()}, index=[f"u{row}" for row in range(len(vector))])
    scale = (0, 100) if column.startswith("gp") else (0, 1)
    own = scores_of(values, lambda code: {"normalise": spec, "direction": direction}, scale).column("x")
    assert own == pytest.approx(vector[column].to_numpy(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
def test_fraction_of_maximum(read, treated, meta, sign):
    """COINr's file is marked faulty for negative directions, where it reverses the order: there the smallest value
    leads.
    """
    codes = [code for code in treated if meta.loc[code, "Direction"] == sign and (sign > 0 or treated[code].min() > 0)]
    assert len(codes) == (35 if sign > 0 else 11)
    own = normalise(treated[codes], lambda code, _: {"method": "fraction-of-maximum", "clip": "none"}, meta)
    if sign > 0:
        assert_same(own, read("normalise/fracmax.csv"))
    else:
        assert_same(own, treated[codes].min() / treated[codes])


# --- what is missing ---


def test_every_exact_file_is_reproduced(read):
    """None is out of reach; none that is marked faulty is imitated."""
    manifest = read("MANIFEST_oracles.csv", "file")
    mine = manifest[manifest.index.str.match("(treat|normalise)/")]
    covered = {file for files in COVERED.values() for file in files}
    assert covered == set(mine.index[mine["use"] == "exact"])
