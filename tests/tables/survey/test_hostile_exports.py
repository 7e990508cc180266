"""Exports made to hang or to break a reader: huge cells, thousands of columns, as many words as rows.

Each takes a fraction of a second; before, it took half a minute or did not end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pandas as pd
import pytest

import dtindex as dti
from dtindex.findings import InputError
from dtindex.spec import Methodology, parse_methodology
from dtindex.tables.read import check_table
from dtindex.tables.survey.headings import parse_heading, tails, wording
from dtindex.tables.survey.personal import is_personal
from dtindex.tables.survey.vocabulary import without_typed

SECONDS = 5.0
LONG = 30_000
DIALECTS = ("plain", "wjx", "qualtrics", "limesurvey", "spss")


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


def methodology(questions: str, indicators: str = "[{id: a, parent: index, from: Q}]") -> Methodology:
    text = f"""
schema_version: 1
id: made-up
title: Made up
units: {{kind: firm, key: id}}
defaults: {{normalise: {{method: goalposts, worst: 0, best: 10}}}}
nodes: [{{id: index}}]
indicators: {indicators}
questions: {questions}
"""
    found, findings = parse_methodology(text.encode(), "made-up.yaml")
    assert found is not None, list(findings)
    return found


OPTIONS = "options: [{id: aa, points: 1}, {id: bb, points: 0}]"
KINDS = {
    "single": f"[{{id: Q, type: single, {OPTIONS}}}]",
    "multiple": f"[{{id: Q, type: multiple, {OPTIONS}}}]",
    "scale": "[{id: Q, type: scale, points: 5}]",
    "number": "[{id: Q, type: number}]",
}


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_words_as_respondents(kind: str) -> None:
    rows = 100_000
    frame = pd.DataFrame({"id": [f"x{row}" for row in range(rows)], "Q": [f"word {row}" for row in range(rows)]})
    table, findings = check_table(frame, methodology(KINDS[kind]))
    assert table is None
    assert len(findings.errors) == 21
    assert "99,980 more" in [*findings.errors][-1].message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "cell",
    ["aa," * 10_000, "aa、" * 10_000, "〖" * LONG, "〗" + "〖" * LONG, "9" * LONG, "* " * 15_000 + "x", "1:" * 15_000],
    ids=["commas", "marks", "open", "closed", "digits", "stars", "colons"],
)
def test_a_cell_as_long_as_a_sheet_allows(kind: str, cell: str) -> None:
    table, findings = check_table(pd.DataFrame({"id": ["x"], "Q": [cell]}), methodology(KINDS[kind]))
    if table is None:
        assert len(findings.errors) == 1
    else:
        assert (kind, table.answers["Q", ""].values.tolist()) == ("multiple", [[True, False]])


HEADINGS = {
    "stars": "* " * 15_000 + "x",
    "spaces": "a" + " " * LONG + "b",
    "marks": "？：" * 15_000 + "x",
    "remarks": "(单选" * 7_500,
    "colons": "a:" * 15_000,
    "brackets": "[" * LONG + "a",
    "closed": "a[" + "b" * LONG + "]",
    "dashes": "a" + " - " * 10_000,
    "underscores": "a_" * 15_000 + "!",
    "number": "第" + "9" * 5_000 + "题(x)",
    "item": "9" * 5_000 + "、x",
    "place": "Q5[" + "9" * 5_000 + "]",
    "part": "Q5_" + "9" * 5_000,
}


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_a_heading_as_long_as_a_sheet_allows(heading: str) -> None:
    for dialect in DIALECTS:
        parse_heading(0, heading, "", dialect)
        parse_heading(0, "Q5_1", heading, dialect)
        parse_heading(0, "Q5[1]", heading, dialect)
    assert len(tails(heading)) <= 33
    wording(heading)
    without_typed(heading)
    is_personal(heading, ["x"])
    questions = f"[{{id: Q, type: multiple, label: What is it, {OPTIONS}}}]"
    table, _ = check_table(pd.DataFrame({"id": ["x"], "Q": ["aa"], heading: ["1"]}), methodology(questions))
    assert table is not None


def test_hundreds_of_questions_against_thousands_of_headings() -> None:
    numbers = range(300)
    told = "How strongly do you agree with statement number {} of these"
    questions = ", ".join(f"{{id: q{one}, type: scale, points: 5, label: {told.format(one)}}}" for one in numbers)
    indicators = ", ".join(f"{{id: i{one}, parent: index, from: q{one}}}" for one in numbers)
    wanted = methodology(f"[{questions}]", f"[{indicators}]")
    table, _ = check_table(pd.DataFrame({"id": ["x"], **{told.format(one): ["3"] for one in range(2_000)}}), wanted)
    assert table is not None
    other = "How strongly do you disagree with a claim named {} of those"
    table, findings = check_table(
        pd.DataFrame({"id": ["x"], **{other.format(one): ["3"] for one in range(2_000)}}), wanted
    )
    assert table is None
    assert [one.code for one in findings.errors] == ["DT202"] * 300
    assert "the nearest heading is 'How strongly do you disagree" in next(iter(findings.errors)).message


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_more_digits_than_python_writes(kind: str) -> None:
    wanted = methodology(KINDS[kind])
    cell = "3" if kind in ("scale", "number") else "aa"
    table, _ = check_table(pd.DataFrame({"id": ["x"], "Q": [cell]}), wanted)
    edition = dti.CompositeIndex(wanted).fit(table).freeze("made up")
    with pytest.raises(InputError, match="DT22"):
        edition.score_unit({"Q": 10**5_000})
