"""Why a score is what it is: by itself, against a unit, the mean or the best; on real indices and random ones."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.analysis.explain import explain
from dtindex.findings import InputError, UsageError
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

TOLERANCE = 1e-9
DEFINITIONS = Path(__file__).parents[1] / "conformance"
HEAD = "schema_version: 1\nid: test-index\ntitle: t\nunits: {kind: unit, key: unit}\n"


def parsed(text: str) -> dti.Methodology:
    found, findings = parse_methodology(text, "test.yaml")
    findings.raise_errors()
    assert found is not None
    return found


def scored(blocks: str, columns: dict[str, list[float | None]], periods: list[str] | None = None) -> dti.Scores:
    head = HEAD if periods is None else HEAD.replace("key: unit", "key: unit, period: year")
    values = np.array([[np.nan if x is None else x for x in column] for column in columns.values()]).T
    table = Table.from_arrays(
        [f"u{row}" for row in range(len(values))] if periods is None else ["u"] * len(values),
        list(columns),
        values,
        periods=periods,
    )
    return dti.CompositeIndex(parsed(head + blocks)).fit(table).score()


PLAIN = "scale: [0, 10]\ndefaults: {normalise: {method: none}}\n"
TREE = (
    PLAIN
    + "nodes: [{id: index, label: {en: Whole, zh: 总指数}}, {id: p, parent: index, weight: 3}]\n"
    + "indicators:\n"
    + "  - {id: a, parent: p, weight: 2, unit: km}\n"
    + "  - {id: b, parent: p, weight: 1}\n"
    + "  - {id: c, parent: index, weight: 1}\n"
)
CELLS: dict[str, list[float | None]] = {"a": [9.0, 3.0, 6.0], "b": [6.0, 6.0, 0.0], "c": [2.0, 10.0, 3.0]}


def parts(found) -> dict[str, float]:
    return dict(zip(found.table["item"], found.table["part"], strict=True))


# --- closed forms ---


def test_by_itself_a_linear_index_is_weights_times_scores():
    found = explain(scored(TREE, CELLS), "u0")
    assert found.kind == "alone"
    assert found.total == pytest.approx(0.75 * 8 + 0.25 * 2)
    table = found.table.set_index("item")
    assert table["contribution"].to_dict() == pytest.approx({"index": 6.5, "p": 6, "a": 4.5, "b": 1.5, "c": 0.5})
    assert table["weight"].to_dict() == pytest.approx({"index": 1, "p": 0.75, "a": 0.5, "b": 0.25, "c": 0.25})
    assert table["depth"].tolist() == [0, 1, 2, 2, 1]
    assert table.loc["a", ["value", "unit", "status"]].tolist() == [9.0, "km", "normal"]
    assert [line.item for line in found.weaknesses] == ["c", "b", "a"]  # 2.5 - 0.5, 2.5 - 1.5, 5 - 4.5
    assert found.residual < TOLERANCE
    assert (found.own.rank, found.peers) == (1, 3)


def test_against_a_unit_each_part_is_weight_times_difference():
    found = explain(scored(TREE, CELLS), "u0", against="u1")
    assert parts(found) == pytest.approx({"index": 1.0, "p": 3.0, "a": 3.0, "b": 0.0, "c": -2.0})
    assert [line.item for line in found.strengths] == ["a"]
    assert [line.item for line in found.weaknesses] == ["c"]
    assert found.methods == {"index": "bennet", "p": "bennet"}


def test_against_the_mean_of_the_ranked():
    """Means of a, b, c: 6, 4, 5; of a linear index the mean of its scores."""
    scores = scored(TREE, CELLS)
    found = explain(scores, "u0", against="mean")
    assert found.other.score == pytest.approx(scores.column("index").mean())
    table = found.table.set_index("item")
    assert table.loc[["a", "b", "c"], "score_against"].tolist() == [6.0, 4.0, 5.0]
    assert table.loc[["a", "b", "c"], "part"].tolist() == pytest.approx([0.5 * 3, 0.25 * 2, 0.25 * -3])


def test_the_mean_unit_of_a_geometric_index_is_average_in_everything():
    """Not the mean of the scores: sqrt(4 * 5), of members at their means."""
    text = PLAIN + "nodes: [{id: index, aggregate: {method: geometric}}]\n"
    text += "indicators: [{id: a, parent: index}, {id: b, parent: index}]\n"
    scores = scored(text, {"a": [2.0, 6.0], "b": [9.0, 1.0]})
    found = explain(scores, "u0", against="mean")
    assert found.other.score == pytest.approx(math.sqrt(4 * 5))
    level = (math.sqrt(18) - math.sqrt(20)) / math.log(math.sqrt(18) / math.sqrt(20))
    assert parts(found)["a"] == pytest.approx(level * 0.5 * math.log(2 / 4))
    assert found.residual < TOLERANCE


def test_the_best_is_the_first_and_for_the_first_the_second():
    scores = scored(TREE, CELLS)
    assert [explain(scores, unit, against="best").other.unit for unit in ("u0", "u1", "u2")] == ["u1", "u0", "u0"]


def test_a_node_below_the_index():
    found = explain(scored(TREE, CELLS), "u0", against="u2", node="p")
    assert parts(found) == pytest.approx({"p": 4.0, "a": 2.0, "b": 2.0})


def test_a_unit_against_itself_in_another_period():
    columns = {"a": [1.0, 4.0], "b": [1.0, 1.0], "c": [1.0, 1.0]}
    scores = scored(TREE, columns, periods=["2021", "2022"])
    found = explain(scores, "u", against_period="2021")
    assert (found.own.period, found.other.period) == ("2022", "2021")
    assert parts(found)["a"] == pytest.approx(1.5)
    with pytest.raises(UsageError, match="DT396"):
        explain(scores, "u", period="2020")


# --- what is missing ---


def test_a_gap_is_a_part_of_the_weights():
    """b of u0 is missing, so a counts for all of p there."""
    scores = scored(TREE, {**CELLS, "b": [None, 6.0, 0.0]})
    found = explain(scores, "u0", against="u1")
    table = found.table.set_index("item")
    assert table.loc["b", "status"] == "missing"
    assert table.loc["b", "data"] == 0
    # p: 9 against 4; shares of b 0 and 1/3; (6 - mean(9, 4)) (0 - 1/3) in points of p, 3/4 of it in those of the index.
    assert table.loc["b", "weights"] == pytest.approx(0.75 * (6 - 6.5) * (-1 / 3))
    assert table["alone"].sum() == pytest.approx(found.total)
    assert table.loc["index", ["data", "weights", "rounding"]].sum() == pytest.approx(found.total)


def test_a_unit_without_a_score_has_its_statuses_told_and_no_parts():
    scores = scored(TREE, {"a": [None, 3.0, 6.0], "b": [None, 6.0, 0.0], "c": [2.0, 1.0, 3.0]})
    found = explain(scores, "u0", against="mean")
    assert math.isnan(found.total)
    assert found.findings.codes == ["DT396"]
    assert not found.findings.errors
    assert set(found.table["status"]) >= {"missing", "normal"}
    assert found.table["part"].isna().all()
    assert explain(scores, "u0").findings.codes == ["DT396"]
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"unit": "u9"}, "no unit 'u9'"),
        ({"unit": "u0", "against": "u9"}, "no unit 'u9'"),
        ({"unit": "u0", "node": "q"}, "no node 'q'"),
        ({"unit": "u0", "period": "2020"}, "no periods"),
    ],
)
def test_what_is_not_there(words, said):
    with pytest.raises(UsageError, match=said) as raised:
        explain(scored(TREE, CELLS), **words)
    assert raised.value.findings.codes == ["DT396"]


# --- real indices ---


@pytest.fixture(scope="module")
def caict() -> dti.Scores:
    methodology = dti.load_methodology("caict-computing-power-1.0")
    return dti.CompositeIndex(methodology).fit(methodology.data()).score()


def test_guangdong_against_beijing(caict):
    """Figures 13, 15 and 16 of the white paper, in `data/caict-2020.csv`: three dimensions of equal weight."""
    found = explain(caict, "广东", against="Beijing")
    assert found.other.unit == "北京"
    shown = parts(found)
    expected = {
        "computing_scale": (47.09 - 95.03) / 3,
        "environment": (77.99 - 74.58) / 3,
        "application": (96.54 - 29.21) / 3,
    }
    assert {item: shown[item] for item in expected} == pytest.approx(expected)
    table = found.table.set_index("item")
    # Dimensions are taken from the table: nothing below them is told, and each has its cell and its source.
    assert list(table.index) == ["index", *expected]
    assert table.loc["application", ["status", "cell", "cell_against"]].tolist() == [
        "observed",
        "caict-2020.csv:2:5",
        "caict-2020.csv:3:5",
    ]
    assert table.loc["application", "source"].startswith("White paper on China's computing power development index")
    assert found.in_language("zh").set_index("item").loc["application", "label"] == "算力应用"


def test_cells_of_a_long_table_and_of_a_sheet(tmp_path):
    methodology = parsed(HEAD + TREE)
    long = pd.DataFrame(
        [(f"u{row}", item, value) for item, column in CELLS.items() for row, value in enumerate(column)],
        columns=["unit", "indicator", "value"],
    )
    long.to_csv(tmp_path / "long.csv", index=False)
    wide = pd.DataFrame({"unit": ["u0", "u1", "u2"], **CELLS})
    wide.to_excel(tmp_path / "wide.xlsx", index=False, sheet_name="data", engine="xlsxwriter")
    cells = {}
    for name in ("long.csv", "wide.xlsx"):
        table = dti.read_table(str(tmp_path / name), methodology)
        found = explain(dti.CompositeIndex(methodology).fit(table).score(), "u1", against="u2").table
        cells[name] = found.set_index("item").loc[["a", "b", "c"], ["cell", "cell_against"]].to_numpy().tolist()
    # Lines of the long file: a of u0, u1, u2 in 2 to 4, b in 5 to 7, c in 8 to 10.
    assert cells["long.csv"] == [[f"long.csv:{line}:3", f"long.csv:{line + 1}:3"] for line in (3, 6, 9)]
    assert cells["wide.xlsx"] == [[f"wide.xlsx!data!{letter}3", f"wide.xlsx!data!{letter}4"] for letter in "BCD"]


def test_a_derived_indicator_has_the_cells_of_what_it_is_derived_from(tmp_path):
    text = (
        HEAD
        + PLAIN
        + "nodes: [{id: index}]\n"
        + "indicators:\n"
        + "  - {id: share, parent: index, derive: {method: ratio, of: part, to: whole}}\n"
        + "  - {id: part, column: some}\n"
        + "  - {id: whole, column: all}\n"
    )
    (tmp_path / "t.csv").write_text("unit,all,some\nu0,4,8\nu1,2,10\n", encoding="utf-8")
    methodology = parsed(text)
    table = dti.read_table(str(tmp_path / "t.csv"), methodology)
    found = explain(dti.CompositeIndex(methodology).fit(table).score(), "u1").table.set_index("item")
    assert found.loc["share", ["value", "cell"]].tolist() == [5.0, "t.csv:3:3; t.csv:3:2"]


def real(reference_data: Path, definition: str, file: str) -> dti.Scores:
    methodology = parsed((DEFINITIONS / definition).read_text(encoding="utf-8"))
    frame = pd.read_csv(reference_data / file, dtype=str, keep_default_na=False)
    if "iso3" in frame:
        frame = frame.assign(ranked=np.where(frame["iso3"].str.startswith("ZZ"), "no", "yes"))
    table = dti.read_table(frame.drop(columns="country", errors="ignore"), methodology)
    return dti.CompositeIndex(methodology).fit(table).score()


def test_the_human_development_index_is_told_by_logarithms(reference_data):
    """HDR 2023/24: China's index rose from 1990 to 2022; parts are L(G) / 3 * ln(x1 / x0) of the three dimensions."""
    scores = real(reference_data, "hdi.yaml", "hdi/hdr2023_24.csv")
    found = explain(scores, "CHN", period="2022", against_period="1990")
    table = found.table.set_index("item")
    later, earlier = table["score"], table["score_against"]
    level = found.total / math.log(found.own.score / found.other.score)
    for dimension in ("health", "education", "income"):
        expected = level / 3 * math.log(later[dimension] / earlier[dimension])
        assert table.loc[dimension, "part"] == pytest.approx(expected)
    assert found.methods == {"hdi": "lmdi", "health": "bennet", "education": "bennet", "income": "bennet"}
    assert found.residual < TOLERANCE


def test_inform_rounds_every_node_on_the_way_up(reference_data):
    scores = real(reference_data, "inform.yaml", "inform2020/inform2020.csv")
    for unit in ("AFG", "CHE", "CHN"):
        found = explain(scores, unit, against="best")
        assert found.residual < TOLERANCE
        assert found.table.set_index("item").loc["risk", "rounding"] != 0


def test_topsis_of_34_leaves_and_its_contributions(reference_data):
    """Dimensions are looked past: theirs is what their leaves bring."""
    scores = real(reference_data, "green.yaml", "cn_green_compute/indicators_raw.csv")
    found = explain(scores, "广东", against="mean")
    assert found.methods == {"index": "shapley, sampled"}
    assert found.residual < TOLERANCE
    points = scores.contributions
    tree = scores.methodology.tree
    for node in ("index", *tree.children["index"]):
        assert points[list(tree.children[node])].sum(axis=1).to_numpy() == pytest.approx(
            points[node].to_numpy(), abs=TOLERANCE
        )
    assert points["index"].to_numpy() == pytest.approx(scores.column("index"), abs=TOLERANCE)


def test_a_respondent_of_a_survey():
    methodology = dti.load_methodology("accenture-reinvention-2023")
    table = dti.read_table(dti.sample(methodology, 200, seed=2).table, methodology)
    scores = dti.CompositeIndex(methodology, assume="instrument-v1").fit(table).score()
    ranked = scores.units[scores.rank("index") > 0]
    for unit in ranked[:5]:
        for against in (None, "mean", "best"):
            found = explain(scores, unit, against=against)
            assert found.residual < TOLERANCE
            assert {"china2023", "own_instrument"} & {
                scores.methodology.tree.items[line.item].source for line in found.lines
            }
    assert found.to_dict()["assumptions"] == ["instrument-v1"]


# --- whatever the tree ---

MEANS = [
    "{method: arithmetic}",
    "{method: geometric, zeros: allow}",
    "{method: geometric, within: [1, 10]}",
    "{method: harmonic, zeros: allow}",
    "{method: power, p: 3}",
    "{method: sum}",
    "{method: topsis}",
]


@settings(max_examples=60)
@given(
    st.sampled_from(MEANS),
    st.sampled_from(MEANS),
    st.lists(st.lists(st.one_of(st.none(), st.floats(0.1, 10)), min_size=4, max_size=4), min_size=3, max_size=3),
    st.sampled_from([None, "u1", "mean", "best"]),
)
def test_parts_sum_to_the_total(top, below, cells, against):
    text = TREE.replace("{id: index,", f"{{id: index, coverage: {{at_least: 0}}, aggregate: {top},")
    text = text.replace("{id: p,", f"{{id: p, coverage: {{at_least: 0}}, aggregate: {below},")
    columns = {
        item: [*column, 2.0 + number, 9.0 - number]
        for number, (item, column) in enumerate(zip("abc", cells, strict=True))
    }
    try:
        scores = scored(text, columns)
    except InputError:
        reject()
    found = explain(scores, "u0", against=against)
    if math.isnan(found.total):
        assert "DT396" in found.findings.codes
        return
    assert found.residual < TOLERANCE
    if against is not None:
        root = found.table.iloc[0]
        assert root["part"] == pytest.approx(found.total, abs=TOLERANCE)
        assert root["rounding"] == 0
