"""Confidence sets for ranks of groups of a sample, of units with errors, and of estimates that are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti

ACCENTURE = "accenture-reinvention-2023"


@pytest.fixture(scope="module")
def surveyed() -> dti.Scores:
    m = dti.load_methodology(ACCENTURE)
    made = dti.sample(m, 1500, seed=1)
    return dti.CompositeIndex(m, assume="instrument-v1").fit(dti.read_table(made.table, m)).score()


def test_groups_of_a_sample_are_ranked_by_their_estimates(surveyed: dti.Scores) -> None:
    made = dti.estimate(surveyed, of="index", by="size")
    found = dti.rank_sets(surveyed, by="size")
    frame = made.frame[made.frame["item"] == "index"].set_index("size")
    assert found.sets["estimate"].to_dict() == pytest.approx(frame["estimate"].astype(float).to_dict())
    assert found.sets["se"].to_dict() == pytest.approx(frame["se"].astype(float).to_dict())
    assert found.correlation is None  # respondents drawn one by one
    assert sorted(found.sets["rank"]) == list(range(1, len(found.sets) + 1))
    assert (found.sets["low"] <= found.sets["rank"]).all()
    assert (found.sets["rank"] <= found.sets["high"]).all()
    same = dti.rank_sets(made)
    pd.testing.assert_frame_equal(same.sets, found.sets)


def test_correlations_of_groups_are_those_of_a_jackknife(surveyed: dti.Scores) -> None:
    """Clusters that reach into all groups make their means depend on each other, as the replicates of JK1 have it."""
    rng = np.random.default_rng(1)
    table, scores = surveyed.table, surveyed.column("index")
    n = len(table)
    clusters = rng.integers(0, 60, n)
    texts = dict(table.texts) | {"cluster": np.array([f"c{one}" for one in clusters], dtype=object)}
    from dataclasses import replace

    moved = replace(surveyed, table=replace(table, texts=texts))
    made = dti.estimate(moved, of="index", by="size", design={"clusters": ["cluster"]}, replicates="taylor")
    found = made.correlations("index")
    rows = moved.sorted_rows()
    taking = ~np.isnan(scores)
    for failure in moved.screened.failures if moved.screened else ():
        if failure.kind in ("careless", "drop"):
            taking[failure.rows] = False
    groups = made.frame["size"].tolist()
    size = table.texts["size"]
    means = []
    for left in range(60):
        kept = taking & (clusters != left)
        means.append([scores[kept & (size == group)].mean() for group in groups])
    jackknife = np.corrcoef(np.array(means).T)
    assert len(rows) == n
    assert found == pytest.approx(jackknife, abs=0.03)
    assert np.abs(found - np.eye(len(groups))).max() > 0.02
    assert dti.rank_sets(made).correlation is not None


def test_units_take_the_errors_of_their_figures() -> None:
    """Three dimensions of equal weight, each read off a chart to +-.15: the error of the mean is .15 / sqrt(3)."""
    found = dti.rank_sets(dti.CompositeIndex("caict-computing-power-1.0").fit())
    assert found.errors == pytest.approx(np.full(31, 0.15 / np.sqrt(3)), rel=0.03)
    sets = found.sets
    # Hubei 22.66 and Fujian 22.617 are 0.043 apart, for which the standard error is .122
    assert sets.loc[["湖北", "福建"], ["low", "high"]].to_numpy().tolist() == [[10, 11], [10, 11]]
    assert sets.loc["广东", ["low", "high", "group"]].tolist() == [1, 1, "a"]
    assert found.best(3)[["广东", "北京", "江苏"]].all()
    assert found.best(3).sum() == 3
    assert found.source == "error factors of the methodology"


def test_errors_that_are_given_replace_those_that_are_declared() -> None:
    index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    errors = pd.DataFrame(
        {"computing_scale": 30.0, "environment": 30.0, "application": 30.0}, index=index.reference_.units
    )
    found = dti.rank_sets(index, errors=errors)
    assert found.errors == pytest.approx(np.full(31, 30 / np.sqrt(3)), rel=0.03)
    assert found.sets.loc["广东", "group"] == "a"
    assert found.sets.loc["山东", "low"] == 1


def test_estimates_of_a_frame_and_their_covariance() -> None:
    frame = pd.DataFrame({"estimate": [10.0, 9.0, 5.0], "se": [1.0, 1.0, 1.0]}, index=list("abc"))
    found = dti.rank_sets(frame)
    assert found.sets[["low", "high"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]
    assert [one.code for one in found.findings] == ["DT330"]
    # measured together: the difference of a and b is known far better than either
    covariance = np.array([[1, 0.99, 0], [0.99, 1, 0], [0, 0, 1]])
    together = dti.rank_sets(frame, covariance=covariance)
    assert together.sets[["low", "high"]].to_numpy().tolist() == [[1, 1], [2, 2], [3, 3]]
    assert together.sets["group"].tolist() == ["a", "b", "c"]


def test_letters_go_from_the_best_group_down() -> None:
    frame = pd.DataFrame({"estimate": [1.0, 2.2, 3.4, 4.6], "se": 0.5}, index=list("wxyz"))
    found = dti.rank_sets(frame)
    assert found.sets["group"].to_dict() == {"w": "c", "x": "bc", "y": "ab", "z": "a"}
    assert [[found.units[unit] for unit in group] for group in found.groups or []] == [
        ["y", "z"],
        ["x", "y"],
        ["w", "x"],
    ]


def test_the_law_of_ranks_is_that_of_normal_values() -> None:
    frame = pd.DataFrame({"estimate": [1.0, 0.4], "se": [0.3, 0.8]}, index=["a", "b"])
    from scipy.stats import norm

    law = dti.rank_sets(frame).rank_probabilities
    assert law.loc["a", 1] == pytest.approx(norm.cdf(0.6 / np.hypot(0.3, 0.8)), abs=1e-9)


def test_a_bootstrap_of_ranks_is_refused_with_the_reason() -> None:
    frame = pd.DataFrame({"estimate": [1.0, 2.0], "se": 1.0})
    with pytest.raises(dti.UsageError, match=r"DT326 .* cover too rarely"):
        dti.rank_sets(frame, method="bootstrap")


def test_what_has_no_standard_error_is_left_out_and_named() -> None:
    frame = pd.DataFrame({"estimate": [1.0, 2.0, 3.0], "se": [0.1, np.nan, 0.1]}, index=list("abc"))
    found = dti.rank_sets(frame)
    assert found.units.tolist() == ["a", "c"]
    assert "DT327 left out: b" in [str(one) for one in found.findings]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pd.DataFrame({"estimate": [1.0], "se": [1.0]}), "DT329"),
        (pd.DataFrame({"estimate": [1.0, 2.0], "se": [0.0, 0.0]}), "DT329"),
        (pd.DataFrame({"estimate": [1.0, 2.0]}), "DT902"),
        (pd.DataFrame({"estimate": [1.0, 2.0], "se": [-1.0, 1.0]}), "DT902"),
        (pd.DataFrame({"estimate": [1.0, np.inf], "se": [1.0, 1.0]}), "DT902"),
    ],
)
def test_estimates_that_cannot_be_compared(frame: pd.DataFrame, code: str) -> None:
    with pytest.raises(dti.DtindexError, match=code):
        dti.rank_sets(frame)


def test_an_index_without_any_error_is_told_the_ways_on() -> None:
    index = dti.CompositeIndex("miit-telecom-regions").fit()
    with pytest.raises(dti.InputError, match=r"DT329 no standard errors: .*`by`.*`errors`"):
        dti.rank_sets(index)
    with pytest.raises(dti.UsageError, match="DT902 scores have no standard errors"):
        dti.rank_sets(index.score())


@pytest.mark.parametrize("wrong", [{"confidence": 1.0}, {"draws": 10}, {"seed": -1}, {"workers": 0}, {"method": "x"}])
def test_settings_that_cannot_be(wrong: dict[str, object]) -> None:
    frame = pd.DataFrame({"estimate": [1.0, 2.0], "se": 1.0})
    with pytest.raises(dti.UsageError, match="DT902"):
        dti.rank_sets(frame, **wrong)  # type: ignore[arg-type]


def test_a_covariance_that_is_none() -> None:
    frame = pd.DataFrame({"estimate": [1.0, 2.0]})
    with pytest.raises(dti.UsageError, match="symmetric"):
        dti.rank_sets(frame, covariance=[[1.0, 0.5], [0.2, 1.0]])


def test_a_record_holds_it_all() -> None:
    found = dti.rank_sets(pd.DataFrame({"estimate": [10.0, 9.0, 5.0], "se": 1.0}, index=list("abc")))
    record = found.to_dict()
    assert [row["unit"] for row in record["sets"]] == ["a", "b", "c"]
    assert record["groups"] == [["a", "b"], ["c"]]
    assert dti.json_text(record)
