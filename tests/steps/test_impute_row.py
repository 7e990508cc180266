"""Imputation by row. Oracles: pandas over the scores of a row; COINr's `impute_by = "row"` in tests/conformance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.status import Status
from dtindex.steps.impute.row import row_mean, row_median

CELLS = {
    "a": [10.0, None, 30.0, None, 70.0],
    "b": [20.0, 40.0, None, None, 10.0],
    "c": [60.0, 80.0, 90.0, None, 20.0],
    "d": [5.0, 15.0, 25.0, 35.0, None],
}


def tree(impute: str, more: str = "") -> str:
    return (
        "defaults: {normalise: {method: none}, impute: {" + impute + "}, coverage: {at_least: 0}}\n"
        "nodes: [{id: index}, {id: left, parent: index}, {id: right, parent: index}]\n"
        "indicators:\n"
        "  - {id: a, parent: left" + more + "}\n"
        "  - {id: b, parent: left}\n"
        "  - {id: c, parent: left}\n"
        "  - {id: d, parent: right}\n"
    )


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_pandas_by_parent(score, statistic):
    frame = pd.DataFrame(CELLS, dtype=float)
    left = frame[["a", "b", "c"]]
    # Where nothing is known pandas before 3 warns about the empty slice; the row stays as it is.
    expected = left.apply(lambda row: row.fillna(getattr(row, statistic)()) if row.notna().any() else row, axis=1)
    scores = score(tree(f"method: row-{statistic}"), CELLS)
    assert scores.scores[["a", "b", "c"]].to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True, abs=1e-12)
    assert scores.status["a"].tolist() == ["normal", "imputed", "normal", "missing", "normal"]
    assert np.isnan(scores.column("d")[4])  # it stands alone under its parent


def test_pandas_by_another_node(score):
    frame = pd.DataFrame(CELLS, dtype=float)
    expected = frame.apply(lambda row: row.fillna(row.mean()), axis=1)
    scores = score(tree("method: row-mean, of: index"), CELLS)
    assert scores.scores[list("abcd")].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)


def test_where_it_equals_renormalising(score):
    """Equal weights, arithmetic mean, the parent's indicators: the node's score is that of the known ones alone."""
    filled = score(tree("method: row-mean"), CELLS)
    plain = score(tree("method: none"), CELLS)
    assert filled.column("left") == pytest.approx(plain.column("left"), nan_ok=True, abs=1e-12)
    assert plain.coverage.loc["u1", "left"] == pytest.approx(2 / 3)
    assert filled.coverage.loc["u1", "left"] == 1
    assert plain.status.loc["u1", "left"] == "partial"
    assert filled.status.loc["u1", "left"] == "imputed"


def test_others_are_mapped_to_the_indicators_scale(score):
    scores = score(tree("method: row-mean", ", scale: [0, 10]"), {**CELLS, "a": [1, None, 3, None, 7]})
    assert scores.column("a")[1] == pytest.approx(6)  # the mean of 40 and 80 of 100
    assert scores.column("b")[2] == pytest.approx((30 + 90) / 2)


def test_the_direction_is_in_the_scores(score):
    """60 of 0..100 where lower is better scores 40, which is what the other one takes."""
    blocks = """\
        defaults: {impute: {method: row-mean}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index}, {id: b, parent: index, direction: lower}]
        """
    scores = score(blocks, {"a": [0, 100, None], "b": [0, 100, 60]})
    assert scores.column("a")[2] == 40


def test_a_filled_score_is_rounded_as_the_indicator_is(score):
    scores = score(tree("method: row-mean", ", round: 0"), {**CELLS, "b": [20, 41, 1, 1, 1]})
    assert scores.column("a")[1] == 61  # 60.5


def test_only_what_is_missing_is_filled(score):
    cells = {**CELLS, "a": [Status.WITHHELD, Status.NOT_APPLICABLE, Status.MISSING, 1, 1]}
    scores = score(tree("method: row-mean"), cells)
    assert scores.status["a"].tolist() == ["withheld", "not applicable", "imputed", "normal", "normal"]


def test_what_is_still_missing_is_named(score):
    scores = score(tree("method: row-mean"), CELLS)
    said = {finding.place.name: finding.message for finding in scores.findings if finding.code == "DT308"}
    assert said["a"] == "row-mean found no value for u3"
    assert said["d"] == "row-mean found no value for u4"


def test_filled_cells_are_recorded(score):
    frame = score(tree("method: row-mean"), CELLS).imputed
    assert frame[["unit", "indicator", "method", "score"]].values.tolist() == [
        ["u1", "a", "row-mean", 60.0],
        ["u2", "b", "row-mean", 60.0],
    ]
    assert frame["value"].isna().all()


def test_one_unit_by_itself_and_a_frozen_index_give_the_same(fitted, table, tmp_path):
    index = fitted(tree("method: row-mean"), CELLS)
    index.freeze("e").save(tmp_path / "e.dtindex")
    edition = dti.load_edition(tmp_path / "e.dtindex")
    assert edition.verify().holds
    one = edition.score_unit({"b": 40, "c": 80, "d": 15})
    assert one.scores["a"] == 60
    assert one.status["a"] == "imputed"
    scores = index.score(table(CELLS))
    assert one.scores["index"] == scores.column("index")[1]
    part = index.score(table({name: cells[1:3] for name, cells in CELLS.items()}))
    assert part.values.tobytes() == scores.values[1:3].tobytes()


rows = st.lists(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=4, max_size=4), min_size=2, max_size=6)


@given(rows, st.sampled_from(["row-mean", "row-median"]), st.randoms())
def test_observed_cells_never_change_and_shuffles_change_no_byte(score, cells, method, random):
    columns = {name: [row[place] for row in cells] for place, name in enumerate("abcd")}
    columns = {name: [50.0, *column] for name, column in columns.items()}  # no indicator is empty
    own = score(tree(f"method: {method}, of: index"), columns)
    raw = np.array([[np.nan if x is None else x for x in column] for column in columns.values()]).T
    shown = own.values[:, -4:]
    assert np.array_equal(shown[~np.isnan(raw)], raw[~np.isnan(raw)])
    known = ~np.isnan(raw).all(axis=1)
    assert not np.isnan(shown[known]).any()
    assert (shown[known].min(axis=1) >= np.nanmin(raw[known], axis=1) - 1e-9).all()
    assert (shown[known].max(axis=1) <= np.nanmax(raw[known], axis=1) + 1e-9).all()
    order = list(range(len(raw)))
    random.shuffle(order)
    names = list("abcd")
    random.shuffle(names)
    moved = {name: [columns[name][row] for row in order] for name in names}
    other = score(tree(f"method: {method}, of: index"), moved, units=[f"u{row}" for row in order])
    assert own.values[order].tobytes() == other.values.tobytes()


def test_centres_of_nothing_are_nothing():
    nothing = [np.array([np.nan, 1.0]), np.array([np.nan, 3.0])]
    assert row_mean(nothing).tolist()[1] == 2
    assert np.isnan(row_mean(nothing)[0])
    assert row_median(nothing).tolist()[1] == 2
    assert np.isnan(row_median(nothing)[0])


@pytest.mark.parametrize(
    ("impute", "more", "code"),
    [
        ("method: row-mean, of: lefft", "", "DT024"),
        ("method: row-mean, of: right", "", "DT028"),
        ("method: row-mean", ", normalise: {method: z-score}", "DT041"),
        ("method: panel", "", "DT028"),
        ("method: panel, fill: latest", "", "DT010"),
        ("method: panel, at_most: 0", "", "DT011"),
    ],
)
def test_what_makes_no_sense_is_said(impute, more, code):
    head = "schema_version: 1\nid: x\ntitle: x\nunits: {kind: u, key: u}\n"
    _, findings = parse_methodology(head + tree(impute, more), "x.yaml")
    assert code in findings.errors.codes
