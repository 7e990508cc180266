"""Screening of units and indicators. Oracles: counts by hand; COINr's Screen in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti
from dtindex.findings import Severity
from dtindex.spec import parse_methodology
from dtindex.spec.sheet import write_sheet
from dtindex.status import Status

TREE = """\
defaults: {coverage: {at_least: 0}}
nodes: [{id: index}, {id: left, parent: index}, {id: right, parent: index}]
indicators: [{id: a, parent: left}, {id: b, parent: left}, {id: c, parent: right}, {id: d, parent: right}]
"""
# By unit: 4 of 4 known; 3 of 4; 2 of 4, both on the left; all known, two zeros; 2 of 2 that apply.
CELLS = {
    "a": [10, 20, 30, 0, 50],
    "b": [1, 2, 3, 0, Status.NOT_APPLICABLE],
    "c": [5, 9, None, 7, Status.NOT_APPLICABLE],
    "d": [2, None, Status.WITHHELD, 4, 8],
}


def screening(text: str) -> str:
    return f"screening: {{{text}}}\n{TREE}"


def left_out(scores: dti.Scores) -> list[str]:
    assert scores.screened is not None
    return [unit for unit, out in zip(scores.units, scores.screened.out, strict=True) if out]


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("units: {at_least: 0.5}", []),
        ("units: {at_least: 0.75}", ["u2"]),
        ("units: {at_least: 0.76}", ["u1", "u2"]),
        ("units: {nonzero: 0.5}", []),
        ("units: {nonzero: 0.51}", ["u3"]),
        ("units: {at_least: 0.75, nonzero: 0.51}", ["u2", "u3"]),
        ("nodes: {right: {at_least: 0.5}}", ["u2"]),
        ("nodes: {left: {nonzero: 0.1}, right: {at_least: 0.5}}", ["u2", "u3"]),
        ("units: {at_least: 0.76}, keep: [u2], drop: [u4]", ["u1", "u4"]),
        ("drop: [u0]", ["u0"]),
    ],
)
def test_who_is_left_out(score, text, out):
    assert left_out(score(screening(text), CELLS)) == out


def test_what_is_left_out_is_neither_scored_nor_ranked_nor_fitted_on(score):
    """u3 has the smallest a; without it the ends of a are 10 and 50."""
    scores = score(screening("units: {nonzero: 0.6}"), CELLS)
    assert scores.column("a").tolist()[:3] == [0, 25, 50]
    assert np.isnan(scores.values[3]).all()
    assert set(scores.status.loc["u3"]) == {"not applicable"}
    assert scores.ranks.loc["u3"].isna().all()
    assert scores.measured.loc["u3"].tolist() == [0, 0, 7, 4]
    assert scores.ranks["index"].notna().sum() == 4


def test_screening_equals_leaving_the_rows_away(score):
    scores = score(screening("units: {at_least: 0.75}"), CELLS)
    kept = [0, 1, 3, 4]
    alone = score(TREE, {name: [cells[row] for row in kept] for name, cells in CELLS.items()})
    assert np.array_equal(scores.values[kept], alone.values, equal_nan=True)
    assert np.array_equal(scores.rank_values[kept], alone.rank_values)


def test_the_reasons_are_listed(score):
    scores = score(screening("units: {at_least: 0.75}, nodes: {right: {nonzero: 1}}, drop: [u4]"), CELLS)
    frame = scores.screening
    assert frame[["unit", "rule", "bound", "needed"]].iloc[0].tolist() == ["u2", "units", "at_least", 0.75]
    assert frame["share"].iloc[0] == 0.5
    assert frame["unit"].tolist() == ["u2", "u4"]
    said = [finding.message for finding in scores.findings if finding.code == "DT316"]
    assert said == [
        "screened out, too little is known (share, 0.75 is needed): u2 (0.50)",
        "screened out by name: u4",
    ]
    assert "DT307" not in scores.findings.codes


def test_a_weak_indicator_is_said_and_not_dropped(score):
    """d is known for 3 of 5; a for all, one of which is 0; what is not applicable is not asked for: c 3 of 4."""
    scores = score(screening("indicators: {at_least: 0.7, nonzero: 0.9}"), CELLS)
    weak = {(one.item, one.kind): one.share for one in scores.screened.weak}
    assert weak == {("a", "nonzero"): 0.8, ("b", "nonzero"): 0.75, ("d", "at_least"): 0.6}
    assert scores.findings.codes.count("DT317") == 3
    assert not np.isnan(scores.column("d")).all()


def test_an_indicator_is_judged_by_the_units_that_stay(score):
    scores = score(screening("indicators: {at_least: 0.8}, drop: [u1, u2]"), CELLS)
    assert scores.screened.weak == ()


def test_screening_comes_before_imputation(score):
    blocks = screening("units: {at_least: 0.75}").replace("defaults: {", "defaults: {impute: {method: group-mean}, ")
    scores = score(blocks, CELLS)
    assert left_out(scores) == ["u2"]
    assert scores.status.loc["u1", "d"] == "imputed"


def test_a_node_whose_value_the_table_gives_is_known(score):
    blocks = """\
        screening: {units: {at_least: 1}}
        nodes: [{id: index}, {id: left, parent: index, column: left}]
        indicators: [{id: a, parent: left}, {id: c, parent: index}]
        """
    assert left_out(score(blocks, {"a": [None, 2, None, 4], "c": [1, 2, 3, 4], "left": [None, 4, 5, None]})) == ["u0"]


def test_a_code_that_gives_a_score_is_known(score):
    blocks = """\
        screening: {units: {at_least: 1, nonzero: 1}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index, normalise: {method: none}}, {id: b, parent: index}]
        """
    cells = {"a": [1, None, None], "b": [1, 2, 3]}
    assert left_out(score(blocks, cells, coded={"a": [None, 0, None]})) == ["u2"]


def test_an_edition_screens_a_new_table(fitted, table, tmp_path):
    index = fitted(screening("units: {at_least: 0.75}, drop: [u9]"), CELLS)
    assert "DT318" in index.fitted_.findings.codes
    index.freeze("e").save(tmp_path / "e.dtindex")
    edition = dti.load_edition(tmp_path / "e.dtindex")
    assert edition.verify().holds
    new = table({"a": [10, 20], "b": [1, None], "c": [5, None], "d": [2, 3]}, units=["u9", "x"])
    scores = edition.score(new)
    assert np.isnan(scores.values).all()
    assert left_out(scores) == ["u9", "x"]
    single = edition.score_unit({"a": 10, "b": 1})
    assert single.scores["index"] is not None


def test_units_of_a_codelist_may_be_named_in_any_of_its_ways(fitted, table):
    blocks = "units: {kind: province, key: u, codelist: cn-province}\n" + screening(
        "drop: [Guangdong], keep: ['330000']"
    )
    cells = {name: [1, 2, 3] for name in "abcd"}
    index = fitted(blocks, cells, units=["广东", "浙江", "江苏"])
    assert index.score(table(cells, units=["江苏", "广东", "浙江"])).screened.out.tolist() == [False, True, False]
    assert "DT318" not in index.fitted_.findings.codes


def test_a_workbook_holds_it_too(methodology, tmp_path):
    own = methodology(screening("units: {at_least: 0.65}, nodes: {left: {at_least: 0.5}}, keep: [p], drop: [q]"))
    write_sheet(own, tmp_path / "own.xlsx")
    assert dti.load_methodology(str(tmp_path / "own.xlsx")).hash == own.hash


def test_each_period_is_screened_by_itself(score):
    blocks = "units: {kind: u, key: u, period: t}\nscreening: {units: {at_least: 1}}\n" + TREE
    cells = {"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, None, 3], "d": [1, 2, 3]}
    scores = score(blocks, cells, units=["x", "x", "y"], periods=["1", "2", "2"])
    assert scores.screening[["unit", "period"]].values.tolist() == [["x", "2"]]


def test_totals_are_not_screened(score):
    cells = {name: [*column, None] for name, column in CELLS.items()}
    scores = score(screening("units: {at_least: 0.75}"), cells, totals=[False] * 5 + [True])
    assert left_out(scores) == ["u2"]


def test_nobody_left_is_an_error(codes_of):
    assert "DT316" in codes_of(screening("units: {nonzero: 1}, drop: [u0, u1, u2, u4]"), CELLS)


def test_shuffled_rows_and_columns_change_no_byte(score):
    text = screening(
        "units: {at_least: 0.75, nonzero: 0.4}, nodes: {right: {at_least: 0.5}}, indicators: {at_least: 0.9}"
    )
    order = [3, 0, 4, 2, 1]
    names = ["d", "b", "a", "c"]
    own = score(text, CELLS)
    other = score(text, {n: [CELLS[n][r] for r in order] for n in names}, units=[f"u{r}" for r in order])
    assert own.values[order].tobytes() == other.values.tobytes()
    assert own.screening.equals(other.screening)
    assert own.screened.weak == other.screened.weak


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("nodes: {lefft: {at_least: 0.5}}", "DT024", Severity.ERROR),
        ("nodes: {a: {at_least: 0.5}}", "DT024", Severity.ERROR),
        ("units: {at_least: 0.5}, keep: [x], drop: [x]", "DT028", Severity.ERROR),
        ("keep: [x]", "DT029", Severity.WARNING),
        ("units: {}", "DT011", Severity.ERROR),
        ("units: {at_least: 65}", "DT011", Severity.ERROR),
    ],
)
def test_what_makes_no_sense_is_said(text, code, severity):
    head = "schema_version: 1\nid: x\ntitle: x\nunits: {kind: u, key: u}\n"
    _, findings = parse_methodology(head + screening(text), "x.yaml")
    assert [(finding.code, finding.severity) for finding in findings] == [(code, severity)]


def test_a_node_called_like_a_word_for_readers_counts_in_the_hash(methodology):
    """`note` and `unit` are left out of the hash of what is computed; as a node's id under `screening: nodes:` not."""
    tree = "nodes: [{id: note}]\nindicators: [{id: a, parent: note}]\n"
    hashes = {methodology(f"screening: {{nodes: {{note: {{at_least: {x}}}}}}}\n{tree}").scores_hash for x in (0.5, 0.6)}
    assert len(hashes) == 2
