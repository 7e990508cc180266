"""What once was read as something else: a blank as a number, the column of another question, another row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.spec import Methodology, parse_methodology
from dtindex.status import Status
from dtindex.tables.read import check_table

HEAD = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators:
  - {id: a, parent: index, from: Q, normalise: {method: goalposts, worst: 0, best: 10}}
"""
NUMBER = "questions: [{id: Q, type: number}]\n"
TICKS = "questions: [{id: Q, type: multiple, options: [{id: m, points: 1}, {id: n, points: 1}]}]\n"


def methodology(more: str, head: str = HEAD) -> Methodology:
    found, findings = parse_methodology((head + more).encode(), "made-up.yaml")
    assert found is not None, list(findings)
    return found


def frame(**columns: list[object]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"id": [f"x{row}" for row in range(rows)], **columns})


def answers(table: dti.Table, question: str = "Q"):
    return table.answers[question, ""]


# --- blanks of a dialect ---


@pytest.mark.parametrize("cells", [["-3", "-2", "7"], [-3.0, -2.0, 7.0]], ids=["texts", "numbers"])
def test_blanks_of_a_platform_are_no_numbers_whatever_the_file_holds_them_as(cells) -> None:
    table, _ = check_table(frame(Q=cells), methodology(NUMBER + "survey: {dialect: wjx}"))
    np.testing.assert_array_equal(answers(table).values, [np.nan, np.nan, 7])
    assert answers(table).status.tolist() == [Status.NOT_APPLICABLE, Status.MISSING, Status.NORMAL]


@pytest.mark.parametrize("cells", [["-3", "-2", "4"], [-3.0, -2.0, 4.0]], ids=["texts", "numbers"])
@pytest.mark.parametrize("kind", ["type: number", "type: scale, points: 5"])
def test_a_declared_code_goes_before_a_blank_of_the_platform(cells, kind: str) -> None:
    codes = 'codes: {"-3": {value: 1}, "-2": {status: withheld}}'
    table, _ = check_table(
        frame(Q=cells), methodology(f"questions: [{{id: Q, {kind}, {codes}}}]\nsurvey: {{dialect: wjx}}")
    )
    np.testing.assert_array_equal(answers(table).values, [1, np.nan, 4])
    assert answers(table).status.tolist() == [Status.NORMAL, Status.WITHHELD, Status.NORMAL]


# --- columns ---


def test_q10_does_not_begin_with_q1() -> None:
    table, findings = check_table(
        frame(Q10=[3, 4], Q11=[1, 1]), methodology("questions: [{id: Q, type: number, column: Q1}]")
    )
    assert table is None
    assert [one.code for one in findings.errors] == ["DT202"]


def test_of_two_columns_that_begin_so_none_is_taken() -> None:
    wanted = methodology("questions: [{id: Q, type: number, column: Q1}]")
    table, findings = check_table(frame(Q1_a=[3, 4], Q1_b=[1, 1]), wanted)
    assert table is None
    [one] = findings.errors
    assert one.code == "DT232"
    assert "'Q1_a' and 'Q1_b'" in one.message


def test_weight_and_time_are_the_columns_that_are_spelt_so() -> None:
    rule = "careless: [{id: fast, method: too-fast, below: 60}]"
    wanted = methodology(NUMBER + f"survey: {{weight: weight, duration: time, {rule}}}")
    columns = {"Q": [1, 2], "weight": [1, 2], "Weight": [9, 9], "time": [90, 50], "Time": [1, 1]}
    for order in (list(columns), list(reversed(columns))):
        table, _ = check_table(frame(**{name: columns[name] for name in order}), wanted)
        np.testing.assert_array_equal(table.weights, [1, 2])
        np.testing.assert_array_equal(table.careless["fast"], [False, True])


def test_a_twin_of_the_key_is_looked_at_for_what_identifies_a_person() -> None:
    table, findings = check_table(frame(Q=[1, 2], ID=["13800000001", "13800000002"]), methodology(NUMBER))
    assert table.units.tolist() == ["x0", "x1"]
    assert table.texts == {}
    assert [one.code for one in findings] == ["DT236"]


def test_what_stands_in_a_strange_column_is_said_though_its_first_category_is_not_used() -> None:
    cells = pd.Categorical(["yes", "yes"], categories=["never", "yes"])
    wanted = methodology("questions: [{id: Q, type: multiple, options: [{id: a, points: 1}, {id: b, points: 1}]}]")
    _, findings = check_table(frame(**{"Q[a]": [1, 0], "Q[b]": [1, 1], "Q[c]": cells}), wanted)
    assert [one.code for one in findings.errors] == ["DT224"]
    assert "no option 'c'" in next(iter(findings.errors)).message


# --- ticks and places ---


def test_n_is_no_tick_of_the_option_n() -> None:
    table, _ = check_table(frame(**{"Q[m]": ["Y", "N"], "Q[n]": ["N", "N"]}), methodology(TICKS))
    assert answers(table).values.tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("place", [0, 3, 99_999, "9" * 5_000])
def test_a_place_that_a_ranking_does_not_have_is_refused(place: object) -> None:
    head = HEAD.replace("from: Q", "from: {question: Q, option: a}")
    ranking = "questions: [{id: Q, type: ranking, points: [2, 1], options: [{id: a}, {id: b}]}]\n"
    wanted = methodology(ranking + "survey: {dialect: limesurvey}", head)
    table, findings = check_table(frame(**{f"Q[{place}]": ["a"], "Q[2]": ["b"]}), wanted)
    assert table is None
    assert [one.code for one in findings.errors] == ["DT224"]


def test_two_reasons_for_no_answer_are_one_in_a_table_and_alone() -> None:
    options = "[{id: m, points: 1}, {id: dk, status: missing}, {id: na, status: not-applicable}]"
    wanted = methodology(f"questions: [{{id: Q, type: multiple, options: {options}}}]")
    table, _ = check_table(frame(Q=["na┋dk", "dk┋na", "m"]), wanted)
    edition = dti.CompositeIndex(wanted).fit(table).freeze("made up")
    assert answers(table).status[:2].tolist() == [Status.NOT_APPLICABLE] * 2
    for ticked in (["na", "dk"], ["dk", "na"]):
        assert edition.score_unit({"Q": ticked}).status["a"] == "not applicable"


# --- careless respondents ---


def test_times_that_cannot_be_read_are_said() -> None:
    rule = "survey: {duration: time, careless: [{id: fast, method: too-fast, below: 60, action: exclude}]}"
    wanted = methodology(NUMBER + rule)
    table, findings = check_table(frame(Q=[1, 2], time=["PT12S", "12 seconds"]), wanted)
    assert table.careless == {}
    [one] = findings
    assert one.code == "DT240"
    assert "the first is 'PT12S' of x0" in one.message
    table, findings = check_table(frame(Q=[1, 2, 3], time=["PT12S", "12", ""]), wanted)
    np.testing.assert_array_equal(table.careless["fast"], [False, True, False])
    assert [one.code for one in findings] == ["DT240", "DT235"]
