"""Validity of whole indices: the Handbook example, what is flagged, and what cannot be computed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.flags import Thresholds
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table


def index_of(columns, tree=None, own=None, **more):
    """A methodology in which ``tree`` gives the parent of each column or node, and ``own`` settings of a column."""
    parents = tree or dict.fromkeys(columns, "index")
    text = {
        "schema_version": 1,
        "id": "example",
        "title": "Example",
        "units": {"kind": "country", "key": "unit"},
        "nodes": [
            {"id": "index", "coverage": {"at_least": 0}},
            *({"id": item, "parent": parent} for item, parent in parents.items() if item not in columns),
        ],
        "indicators": [{"id": item, "parent": parents[item], **(own or {}).get(item, {})} for item in columns],
        **more,
    }
    return Methodology.model_validate_json(json.dumps(text), strict=True)


def table_of(frame: pd.DataFrame) -> Table:
    return Table.from_arrays([str(one) for one in frame.index], list(frame), frame.to_numpy(dtype=float))


def validity_of(frame: pd.DataFrame, tree=None, methodology=None, **settings) -> dti.Validity:
    plain = {"defaults": {"normalise": {"method": "none"}}, "scale": "open"}
    index = dti.CompositeIndex(methodology or index_of(list(frame), tree, **plain)).fit(table_of(frame))
    return dti.validity(index, **settings)


@pytest.fixture(scope="module")
def handbook(tai):
    methodology = index_of(list(tai), defaults={"normalise": {"method": "z-score"}})
    return validity_of(tai, methodology=methodology)


def test_handbook_example(handbook):
    """TAI-23 on z-scores, where raw and standardised statistics are the same (METHODS, sections 0 and 3.11)."""
    reliability, sampling = handbook.reliability.loc[0], handbook.sampling.loc[0]
    assert reliability[["alpha", "alpha_standardised"]].tolist() == pytest.approx([0.7035] * 2, abs=5e-5)
    assert reliability["mean_correlation"] == pytest.approx(0.2288, abs=5e-5)
    assert sampling["kmo"] == pytest.approx(0.5006, abs=5e-5)
    assert (sampling["bartlett"], sampling["bartlett_df"]) == (pytest.approx(85.931, abs=5e-4), 28)
    items, expected = handbook.items, [0.704, 0.644, 0.635, 0.774, 0.602, 0.625, 0.662, 0.706]
    assert items["alpha_if_deleted"].tolist() == pytest.approx(expected, abs=5e-4)
    assert items["item_total"].tolist() == pytest.approx(
        [0.258, 0.531, 0.568, -0.110, 0.705, 0.608, 0.452, 0.248], abs=5e-4
    )
    found = handbook.eigenvalues["eigenvalue"].tolist()
    assert found == pytest.approx([3.3544, 1.7461, 0.9849, 0.8939, 0.4712, 0.2995, 0.1744, 0.0757], abs=5e-5)
    expected = [0.208, 0.462, 0.500, 0.012, 0.650, 0.544, 0.382, 0.201]
    assert handbook.importance["r_squared"].tolist() == pytest.approx(expected, abs=5e-4)
    assert handbook.importance["weight"].tolist() == pytest.approx([1 / 8] * 8)


def test_the_item_that_goes_against_the_others_is_flagged(handbook):
    """Exports load with the opposite sign (Handbook, factor analysis)."""
    flags = handbook.flags
    assert flags.loc[flags["flag"] == "negative-keyed", "first"].tolist() == ["exports"]
    low = flags[(flags["relation"] == "parent") & (flags["flag"] == "low")]
    assert low["first"].tolist() == ["exports"]
    assert set(flags["flag"]) == {"negative", "low", "negative-keyed"}


def test_a_direction_is_corrected_before_anything_is_asked(tai, handbook):
    turned = tai.assign(royalties=-tai["royalties"])
    own = {"royalties": {"direction": "lower"}}
    methodology = index_of(list(tai), own=own, defaults={"normalise": {"method": "z-score"}})
    found = validity_of(turned, methodology=methodology)
    assert found.reliability.loc[0, "alpha"] == pytest.approx(handbook.reliability.loc[0, "alpha"], abs=1e-12)


def test_order_of_rows_changes_no_byte(tai, handbook):
    methodology = index_of(list(tai), defaults={"normalise": {"method": "z-score"}})
    found = validity_of(tai.iloc[::-1], methodology=methodology)
    assert json.dumps(found.to_dict(), allow_nan=False) == json.dumps(handbook.to_dict(), allow_nan=False)


TREE = {"d1": "index", "d2": "index", "a": "d1", "b": "d1", "c": "d2", "d": "d2"}


@pytest.fixture(scope="module")
def deep():
    rng = np.random.default_rng(5)
    base = rng.normal(size=(40, 1))
    frame = pd.DataFrame(base + 0.05 * rng.normal(size=(40, 4)), columns=list("abcd"))
    return frame.assign(d=-frame["c"] * 0.2 + 0.01 * rng.normal(size=40))


def test_relations_by_level(deep):
    found = validity_of(deep, TREE).correlations
    assert found[["relation", "level"]].value_counts().to_dict() == {
        ("siblings", 1): 1,
        ("parent", 1): 2,
        ("siblings", 2): 2,
        ("parent", 2): 4,
        ("ancestor", 2): 4,
    }
    row = found[(found["first"] == "a") & (found["second"] == "index")].iloc[0]
    node = deep[["a", "b"]].mean(axis=1), deep[["c", "d"]].mean(axis=1)
    assert row["pearson"] == pytest.approx(np.corrcoef(deep["a"], sum(node))[0, 1])


def test_flags_both_ways(deep):
    flags = validity_of(deep, TREE).flags
    siblings = flags[(flags["relation"] == "siblings") & (flags["statistic"] == "pearson")]
    assert siblings.set_index("first")["flag"].to_dict() == {"a": "high", "c": "strongly negative", "d1": "high"}
    assert set(flags.loc[flags["first"] == "d", "flag"]) >= {"strongly negative", "negative-keyed"}


def test_thresholds_are_the_readers(deep):
    flags = validity_of(deep, TREE, thresholds=Thresholds(high=1, low=-1, negative=-1, inflation=1e9)).flags
    assert set(flags["flag"]) == {"negative-keyed"}


def test_leaves_instead_of_children(deep):
    found = validity_of(deep, TREE, of="leaves")
    assert found.reliability[["node", "items"]].to_numpy().tolist() == [["index", 4], ["d1", 2], ["d2", 2]]


def test_children_on_other_scales_are_mapped_to_the_nodes():
    frame = pd.DataFrame({"a": [10.0, 30, 20, 60], "b": [0.1, 0.2, 0.3, 0.7]})
    methodology = index_of(["a", "b"], own={"b": {"scale": [0, 1]}}, defaults={"normalise": {"method": "none"}})
    found = validity_of(frame, methodology=methodology)
    covariances = np.cov(frame["a"], 100 * frame["b"])
    assert found.reliability.loc[0, "alpha"] == pytest.approx(2 * (1 - np.trace(covariances) / covariances.sum()))


def test_gaps_complete_or_pairwise():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(30, 3)) + rng.normal(size=(30, 1)), columns=list("abc"))
    frame.iloc[:5, 0] = np.nan
    complete, pairwise = validity_of(frame), validity_of(frame, rows="pairwise")
    assert complete.reliability.loc[0, "rows"] == pairwise.reliability.loc[0, "rows"] == 25
    for found, covariances in ((complete, frame.dropna().cov()), (pairwise, frame.cov())):
        expected = 1.5 * (1 - np.trace(covariances) / covariances.to_numpy().sum())
        assert found.reliability.loc[0, "alpha"] == pytest.approx(expected, abs=1e-12)
    assert complete.correlations.loc[0, "rows"] == 25


def said(found: dti.Validity) -> str:
    assert {one.code for one in found.findings} == {"DT311"}
    assert {str(one.severity) for one in found.findings} == {"note"}
    return " | ".join(str(one) for one in found.findings)


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("used", ["complete", "pairwise"])
def test_one_unit_and_two_units(rows, used):
    frame = pd.DataFrame(np.arange(3.0 * rows).reshape(rows, 3) ** 2, columns=list("abc"))
    found = validity_of(frame, rows=used)
    assert f"correlations not computable: {rows} rows in common; 3 are needed" in said(found)
    assert found.reliability["alpha"].isna().all()
    assert found.reliability["reason"].tolist() != [""]
    assert found.flags.empty
    assert found.importance["r_squared"].isna().all()


def test_a_constant_column(tai):
    found = validity_of(tai.assign(exports=7.0))
    assert "reliability, sampling adequacy, eigenvalues and omega not computable: no variation in exports" in said(
        found
    )
    rest = found.correlations[~found.correlations[["first", "second"]].eq("exports").any(axis=1)]
    assert rest["pearson"].notna().all()
    assert (found.correlations["reason"] != "").sum() == 8


def test_fewer_rows_than_columns(tai):
    found = validity_of(tai.iloc[:8])
    assert "KMO, Bartlett's test, VIF, parallel analysis and omega not computable: 8 rows for 8 items" in said(found)
    assert found.reliability["alpha"].notna().all()
    assert found.sampling["kmo"].isna().all()
    assert found.eigenvalues["retained"].isna().all()


def test_a_singular_correlation_matrix(tai):
    found = validity_of(tai.assign(university=tai["schooling"] * 30 + tai["internet"]))
    assert "singular correlation matrix: internet, schooling, university determine each other" in said(found)
    assert found.items["vif"].isna().all()


def test_an_indicator_without_any_score_is_named_once():
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(12, 3)), columns=list("abc")).assign(b=np.nan)
    found = validity_of(frame)
    assert said(found) == "b: DT311 no scores: nothing is computable of it, nor of its siblings together"


def test_seed_is_all_that_is_random(tai):
    one, same, other = (validity_of(tai, seed=seed, runs=50) for seed in (1, 1, 2))
    assert one.eigenvalues.equals(same.eigenvalues)
    assert not one.eigenvalues.equals(other.eigenvalues)
    assert one.reliability.equals(other.reliability)


def test_an_edition_answers_as_its_index_does():
    index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    assert (
        dti.validity(index.freeze("2020")).to_dict()
        == dti.validity(index).to_dict()
        == dti.validity(index.score()).to_dict()
    )


def test_the_latest_period_unless_said(tai):
    frames = [tai.assign(year=year) * factor for year, factor in ((2019, 1), (2020, 1))]
    long = pd.concat(frames).rename_axis("unit").reset_index()
    long.loc[long["year"] == 2019, "patents"] *= -1
    methodology = index_of(
        list(tai),
        defaults={"normalise": {"method": "z-score"}},
        units={"kind": "country", "key": "unit", "period": "year"},
    )
    index = dti.CompositeIndex(methodology).fit(dti.read_table(long, methodology))
    assert (dti.validity(index).period, dti.validity(index).units) == ("2020", 23)
    assert dti.validity(index, period="all").units == 46
    assert dti.validity(index, period="2019").correlations.loc[0, "pearson"] < 0
    with pytest.raises(dti.UsageError, match="nearest is '2019'"):
        dti.validity(index, period="2109")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"of": "grandchildren"}, "of='grandchildren'"),
        ({"rows": "all"}, "rows='all'"),
        ({"methods": ["person"]}, "methods='person'"),
        ({"methods": []}, "methods=''"),
        ({"runs": 0}, "runs=0"),
        ({"period": "2020"}, "the table has no periods"),
    ],
)
def test_settings_that_do_not_exist(tai, settings, message):
    with pytest.raises(dti.UsageError, match=message):
        validity_of(tai, **settings)
