"""No word of an export may stand for two answers: it would be read as the first, and nobody would know."""

from __future__ import annotations

import pytest

from dtindex import load_methodology
from dtindex.spec import parse_methodology

HEAD = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators: [{id: a, parent: index, normalise: {method: goalposts, worst: 0, best: 1}}]
"""


def said(more: str) -> list[tuple[str, str, str]]:
    _, findings = parse_methodology((HEAD + more).encode(), "made-up.yaml")
    return [(one.code, one.severity.value, one.message) for one in findings]


def question(settings: str) -> str:
    return f"questions: [{{id: Q, {settings}}}]\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            question("type: single, options: [{id: a, label: Ａ b}, {id: b, label: aB}]"),
            '"b" has the label of "a", and an export of texts cannot tell them apart',
        ),
        (
            question("type: multiple, options: [{id: a, label: 其他}, {id: b, label: 其他〖请说明〗}]"),
            '"b" has the label of "a", and an export of texts cannot tell them apart',
        ),
        (
            question("type: single, options: [{id: a, label: low}, {id: low, label: high}]"),
            'the label of "a" is the id of "low", and an export cannot tell them apart',
        ),
        (
            question("type: matrix, points: 5, rows: [{id: a, label: x}, {id: b, label: X}]"),
            '"b" has the label of "a", and an export of texts cannot tell them apart',
        ),
        (
            question("type: matrix, points: 5, rows: [{id: a, code: 1}, {id: b, code: '1'}]"),
            """the code '1' stands for "a" and "b\"""",
        ),
        (
            question("type: scale, points: 3, labels: [few, some, few]"),
            '"3" has the label of "1", and an export of texts cannot tell them apart',
        ),
        (
            question("type: number, bands: {edges: [1], closed: left, points: [0, 1], labels: [few, Few]}"),
            '"band 2" has the label of "band 1", and an export of texts cannot tell them apart',
        ),
        (
            "survey: {careless: [{id: t, method: test-rows, column: id, contains: [test, '']}]}\n",
            "'' is no word that tells a test from an answer",
        ),
    ],
)
def test_refused(more: str, message: str) -> None:
    assert said(more) == [("DT028", "error", message)]


def test_a_label_that_is_the_code_of_another_is_remarked_on() -> None:
    options = "{id: a, label: '0'}, {id: b, label: '1'}"
    [(code, severity, message)] = said(question(f"type: single, options: [{options}]"))
    assert (code, severity) == ("DT028", "warning")
    assert 'a cell 1 is read as "b"' in message
    assert 'stands for "a"' in message


@pytest.mark.parametrize(
    "settings",
    [
        "type: single, options: [{id: a, label: '0', code: 0}, {id: b, label: '1', code: 1}]",
        "type: single, options: [{id: a, label: '1'}, {id: b, label: '2'}]",
        "type: single, options: [{id: a, label: <300}, {id: b, label: '>300'}]",
        "type: single, options: [{id: low, label: {en: low, zh: 低}}, {id: high, label: {en: high, zh: 高}}]",
        "type: scale, points: 2, labels: [{en: Disagree, zh: 不同意}, {en: Agree, zh: 同意}]",
    ],
)
def test_accepted(settings: str) -> None:
    assert said(question(settings)) == []


@pytest.mark.parametrize("name", ["miit-sme-digital-2024", "accenture-reinvention-2023"])
def test_questionnaires_that_ship_are_read_one_way(name: str) -> None:
    assert [one for one in load_methodology(name).findings if one.code == "DT028"] == []
