"""Answers in an index: where the ideal stands, statuses, skipped questions, and one respondent as a row of a table."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.tables.answers import Answers
from dtindex.tables.table import Table


def index_of(*questions, taken="Q", **indicator):
    """An index of one indicator that takes the first question."""
    blocks = {
        "schema_version": 1, "id": "test", "title": "Test", "units": {"kind": "firm", "key": "firm"},
        "nodes": [{"id": "index"}],
        "indicators": [{"id": "a", "parent": "index", "from": taken, **indicator}],
        "questions": list(questions),
    }  # fmt: skip
    found, findings = parse_methodology(json.dumps(blocks), "test.yaml")
    findings.raise_errors()
    assert found is not None
    return found


def options(*points, **last):
    found = [{"id": f"o{at}", "points": point} for at, point in enumerate(points)]
    return [*found, last] if last else found


def scored(methodology, **columns):
    rows = len(next(iter(columns.values())))
    frame = pd.DataFrame({"firm": [f"f{row}" for row in range(rows)], **columns})
    table = dti.read_table(frame, methodology)
    return dti.CompositeIndex(methodology).fit(table).score(table)


SINGLE = {"id": "Q", "type": "single", "options": options(2, -1, 7)}
BANDS = {"edges": [10, 20], "closed": "right", "points": [1, 3, 9]}
# The worst answer, the best, and what another one scores: linear between the fewest and the most points.
IDEALS = {
    "single": (SINGLE, "Q", "o1", "o2", {"o0": 100 * 3 / 8}),
    "multiple": ({"id": "Q", "type": "multiple", "options": options(2, 3, 5)}, "Q", "0,0,0", "1,1,1", {"1,0,1": 70}),
    "multiple, at most": (
        {"id": "Q", "type": "multiple", "at_most": 8, "options": options(2, 3, 5)}, "Q", "0,0,0", "0,1,1",
        {"1,1,1": 100, "1,1,0": 62.5},
    ),
    "multiple, negative": (
        {"id": "Q", "type": "multiple", "options": options(2, -3, 5)}, "Q", "0,1,0", "1,0,1",
        {"0,0,0": 30, "1,1,1": 70},
    ),
    "multiple, alone": (
        {"id": "Q", "type": "multiple", "options": [*options(2, 3), {"id": "none", "points": 0, "alone": True}]}, "Q",
        "0,0,1", "1,1,0", {"1,0,0": 40},
    ),
    "scale": ({"id": "Q", "type": "scale", "points": 5}, "Q", "1", "5", {"2": 25}),
    "scale from 0": ({"id": "Q", "type": "scale", "points": 11, "first": 0}, "Q", "0", "10", {"7": 70}),
    "scale, reverse": ({"id": "Q", "type": "scale", "points": 5, "reverse": True}, "Q", "5", "1", {"2": 75}),
    "bands": ({"id": "Q", "type": "number", "bands": BANDS}, "Q", "10", "20.5", {"20": 25}),
    "range": ({"id": "Q", "type": "number", "range": [-5, 15]}, "Q", "-5", "15", {"0": 25}),
    "ranking": (
        {"id": "Q", "type": "ranking", "points": [5, 2], "options": [{"id": f"o{at}"} for at in range(3)]},
        {"question": "Q", "option": "o1"}, "o2→o0→o1", "o1→o0→o2", {"o0→o1→o2": 40},
    ),
    "option": (SINGLE, {"question": "Q", "option": "o0"}, "o2", "o0", {"o1": 0}),
}  # fmt: skip


def columns_of(question, answers):
    """Columns of answers; of ticks, one an option."""
    if question["type"] != "multiple":
        return {"Q": answers}
    return {
        f"Q[{option['id']}]": [answer.split(",")[at] for answer in answers]
        for at, option in enumerate(question["options"])
    }


@pytest.mark.parametrize("name", IDEALS)
def test_the_ideal_scores_100_and_the_worst_answer_0(name):
    """Without a word on goalposts, whoever else is in the table: also where only one answer was given."""
    question, taken, worst, best, others = IDEALS[name]
    methodology = index_of(question, taken=taken)
    for answer, score in {worst: 0, best: 100, **others}.items():
        scores = scored(methodology, **columns_of(question, [answer, answer]))
        assert scores.column("index").tolist() == pytest.approx([score, score], abs=1e-9), answer
        assert scores.status["a"].tolist() == ["normal", "normal"]


def test_a_matrix_takes_each_row_by_itself():
    matrix = {
        "id": "M", "type": "matrix", "points": 5,
        "rows": [{"id": "plain"}, {"id": "turned", "reverse": True}],
    }  # fmt: skip
    columns = {"M[plain]": ["1", "2"], "M[turned]": ["1", "4"]}
    for row, expected in {"plain": [0, 25], "turned": [100, 25]}.items():
        methodology = index_of(matrix, taken={"question": "M", "row": row})
        assert scored(methodology, **columns).column("index").tolist() == expected


def test_goalposts_of_the_file_stand_above_those_of_the_question():
    methodology = index_of(SINGLE, normalise={"method": "goalposts", "worst": 0, "best": 10, "clip": "both"})
    scores = scored(methodology, Q=["o0", "o1", "o2"])
    assert scores.column("index").tolist() == [20, 0, 70]
    assert scores.status["a"].tolist() == ["normal", "clipped", "normal"]


def test_what_is_open_is_scored_by_the_table():
    """A number without bands or range has no ideal; nor has a choice whose options bring the same."""
    methodology = index_of({"id": "Q", "type": "number"})
    assert scored(methodology, Q=["5", "10", "15"]).column("index").tolist() == [0, 50, 100]
    with pytest.raises(dti.InputError) as raised:
        scored(index_of({"id": "Q", "type": "single", "options": options(3, 3)}), Q=["o0", "o1"])
    assert raised.value.findings.errors.codes == ["DT301"]


def test_missing_and_not_applicable_and_dont_know_are_three_things():
    asked = {"id": "F", "type": "single", "options": [{"id": "yes"}, {"id": "no"}]}
    question = {
        **SINGLE, "options": options(0, 1, 2, id="dk", status="missing"),
        "skip_when": {"question": "F", "answers": ["no"]},
    }  # fmt: skip
    scores = scored(index_of(question, asked), Q=["o1", "dk", "", "", "o2"], F=["yes", "yes", "yes", "no", ""])
    assert scores.status["a"].tolist() == ["normal", "missing", "missing", "not applicable", "normal"]
    assert scores.status["index"].tolist() == ["normal", "missing", "missing", "not applicable", "normal"]
    assert scores.column("index")[[0, 4]].tolist() == [50, 100]
    assert np.isnan(scores.column("index")[1:4]).all()


def test_a_table_without_the_answers_has_none():
    """As a program may make one: what was not asked is missing, and nothing is made of it."""
    methodology = index_of(SINGLE)
    own = {("Q", ""): Answers("choice", np.array([0, 2], dtype=np.int16), np.zeros(2, dtype=np.uint16))}
    table = Table.from_arrays(["f0", "f1"], [], np.empty((2, 0)))
    index = dti.CompositeIndex(methodology).fit(replace(table, answers=own))
    scores = index.score(table)
    assert np.isnan(scores.column("index")).all()
    assert scores.status["index"].tolist() == ["missing", "missing"]


# --- one respondent ---


CODES = {
    "-3": {"status": "not-applicable"},
    "-2": {"value": 4},
    "77": {"status": "withheld"},
    "88": {"value": 5, "status": "estimated"},
}
ALONE = [*options(2, 3), {"id": "none", "points": 0, "alone": True}]
# As a cell of a table, and as the values that a program may give for it.
SAME = {
    "single": (SINGLE, {"o0": ["o0", ["o0"], "1", 1], "": ["", None, float("nan"), " "]}),
    "multiple": (
        {"id": "Q", "type": "multiple", "options": options(2, 3)},
        {"o0": ["o0", ["o0"], ["o0", "o0"], [1]], "o0;o1": ["o0;o1", ["o1", "o0"], "2┋1"], "": ["", " ", None]},
    ),
    "multiple, alone": (
        {"id": "Q", "type": "multiple", "options": ALONE},
        {"none": ["none", ["none"], [3]], "": ["", None, []]},
    ),
    "scale": (
        {"id": "Q", "type": "scale", "points": 5, "codes": CODES},
        {"5": ["5", 5, 5.0, np.int64(5)], "-3": ["-3", -3, -3.0], "77": [77, "77"], "-2": [-2, "4"], "": ["", None]},
    ),
    "number": (
        {"id": "Q", "type": "number", "range": [0, 10], "codes": CODES},
        {"7.5": ["7.5", 7.5], "-3": ["-3", -3], "77": [77, "77"], "-2": [-2, "-2"], "88": [88, "88"], "": ["", None]},
    ),
    "bands": (
        {"id": "Q", "type": "number", "bands": {**BANDS, "labels": ["few", "some", {"en": "many", "zh": "多"}]}},
        {"20": [20, "20"], "some": ["some", " Some"], "many": ["many", "多", 25]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_a_respondent_scores_as_a_row_of_a_table(name):
    question, cells = SAME[name]
    methodology = index_of(question)
    frame = pd.DataFrame({"firm": [f"f{row}" for row in range(len(cells))], "Q": list(cells)})
    table = dti.read_table(frame, methodology)
    scores = dti.CompositeIndex(methodology).fit(table).score(table, ranked_against="reference")
    edition = dti.CompositeIndex(methodology).fit(table).freeze("x")
    for row, values in enumerate(cells.values()):
        for value in values:
            found = edition.score_unit({"Q": value})
            score = scores.column("index")[row]
            assert found.scores["index"] == (None if np.isnan(score) else score), value
            assert found.status["a"] == scores.status["a"].iloc[row], value
            assert (found.ranks["index"] or 0) == scores.rank("index")[row], value


REFUSED = [
    (SINGLE, "o9", "DT224"),
    (SINGLE, ["o0", "o1"], "DT225"),
    (SINGLE, {"o0": 1}, "DT225"),
    (SINGLE, True, "DT224"),
    ({"id": "Q", "type": "multiple", "options": ALONE}, ["none", "o0"], "DT230"),
    ({"id": "Q", "type": "multiple", "options": ALONE}, ["o0", "nine"], "DT224"),
    ({"id": "Q", "type": "scale", "points": 5}, 6, "DT224"),
    ({"id": "Q", "type": "scale", "points": 5}, 2.5, "DT224"),
    ({"id": "Q", "type": "scale", "points": 5}, [1, 2], "DT225"),
    ({"id": "Q", "type": "number"}, "many", "DT220"),
    ({"id": "Q", "type": "number"}, True, "DT220"),
    ({"id": "Q", "type": "number"}, "nan", "DT222"),
    ({"id": "Q", "type": "number"}, float("inf"), "DT222"),
    ({"id": "Q", "type": "number"}, 10**400, "DT222"),
    ({"id": "Q", "type": "number", "range": [0, 10], "codes": {"-9": {"value": 99}}}, 11, "DT223"),
    ({"id": "Q", "type": "number", "range": [0, 10], "codes": {"-9": {"value": 99}}}, -9, "DT223"),
]


@pytest.mark.parametrize(("question", "value", "code"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_a_question_does_not_have_is_refused(question, value, code):
    methodology = index_of(question, normalise={"method": "none"}, scale="open")
    answers = {("Q", ""): _given(question)}
    table = replace(Table.from_arrays(["f0", "f1"], [], np.empty((2, 0))), answers=answers)
    edition = dti.CompositeIndex(methodology).fit(table).freeze("x", include_table=False)
    with pytest.raises(dti.InputError) as raised:
        edition.score_unit({"Q": value})
    assert raised.value.findings.errors.codes == [code]


def _given(question):
    kind = {"single": "choice", "multiple": "ticks"}.get(question["type"], "number")
    values = {
        "choice": np.array([0, 1], dtype=np.int16), "ticks": np.eye(2, 3, dtype=bool), "number": np.array([1.0, 2.0])
    }[kind]  # fmt: skip
    return Answers(kind, values, np.zeros(2, dtype=np.uint16))


def test_the_ranking_of_one_respondent():
    ranking = {"id": "Q", "type": "ranking", "points": [5, 2], "options": [{"id": f"o{at}"} for at in range(3)]}
    methodology = index_of(ranking, taken={"question": "Q", "option": "o1"})
    frame = pd.DataFrame({"firm": ["f0", "f1"], "Q": ["o1→o0→o2", "o0→o1→o2"]})
    edition = dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology)).freeze("x")
    for value, score in (
        (["o1", "o0"], 100),
        (["o0", "o1"], 40),
        (["o0"], 0),
        ("o0→o1→o2", 40),
        ("", None),
        ([], None),
    ):
        assert edition.score_unit({"Q": value}).scores["index"] == score, value
    with pytest.raises(dti.InputError) as raised:
        edition.score_unit({"Q": ["o0", "o0"]})
    assert raised.value.findings.errors.codes == ["DT230"]


def test_a_matrix_of_one_respondent():
    matrix = {"id": "M", "type": "matrix", "points": 5, "rows": [{"id": "r1"}, {"id": "r2"}]}
    methodology = index_of(matrix, taken={"question": "M", "row": "r1"})
    frame = pd.DataFrame({"firm": ["f0", "f1"], "M[r1]": ["1", "5"], "M[r2]": ["2", "2"]})
    edition = dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology)).freeze("x")
    assert edition.score_unit({"M": {"r1": 4}}).scores["index"] == 75
    assert edition.score_unit({"M": {"r2": 4}}).status["a"] == "missing"
    assert edition.score_unit({"M": None}).status["a"] == "missing"
    for value, code, words in (({"rr1": 1}, "DT214", "nearest is 'r1'"), (4, "DT902", "give answers by row")):
        with pytest.raises(dti.UsageError, match=words) as raised:
            edition.score_unit({"M": value})
        assert raised.value.code == code


def test_a_question_that_does_not_apply_to_one_respondent():
    asked = {"id": "F", "type": "single", "options": [{"id": "yes"}, {"id": "no"}]}
    methodology = index_of({**SINGLE, "skip_when": {"question": "F", "answers": ["no"]}}, asked)
    frame = pd.DataFrame({"firm": ["f0", "f1"], "Q": ["o0", "o1"], "F": ["yes", "yes"]})
    edition = dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology)).freeze("x")
    assert edition.score_unit({"F": "no"}).status["a"] == "not applicable"
    against = edition.score_unit({"F": "no", "Q": "o2"})
    assert against.status["a"] == "not applicable"
    assert "DT234" in against.findings.codes
    assert edition.score_unit({"F": "yes", "Q": "o2"}).scores["a"] == 100
