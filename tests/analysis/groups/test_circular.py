"""Which outcomes are inputs of the classes: by item, below a node, by column, by question, by derivation."""

from __future__ import annotations

import pytest

import dtindex as dti
from dtindex.analysis.groups.circular import shared_inputs
from dtindex.spec import parse_methodology

TEXT = """
schema_version: 1
id: example
title: Example
units: {kind: firm, key: firm}
nodes:
  - {id: index}
  - {id: part, parent: index, weight: 1}
  - {id: given, parent: index, weight: 1, column: from_elsewhere}
indicators:
  - {id: a, parent: part, weight: 1, tags: [counted]}
  - {id: b, parent: part, weight: 1, derive: {method: ratio, of: revenue, to: staff}}
  - {id: c, parent: part, weight: 1, from: {question: Q1, option: yes_}}
  - {id: d, parent: part, weight: 1, from: {question: Q2, row: one}}
  - {id: revenue}
  - {id: staff}
  - {id: same_column, column: a}
  - {id: elsewhere, column: from_elsewhere}
  - {id: other_option, from: {question: Q1, option: no_}}
  - {id: other_row, from: {question: Q2, row: two}}
  - {id: apart}
questions:
  - {id: Q1, type: single, options: [{id: yes_, points: 1}, {id: no_, points: 0}]}
  - {id: Q2, type: matrix, points: 5, rows: [{id: one}, {id: two}]}
classes:
  - {id: high, when: {any: [{not: {id: part, at_most: 50}}, {count: {tag: counted, at_least: 9}, at_least: 1}]}}
  - {id: low}
  - {id: big, scheme: size, when: {id: staff, at_least: 300}}
  - {id: small, scheme: size}
"""


@pytest.fixture(scope="module")
def methodology():
    found, findings = parse_methodology(TEXT, "example.yaml")
    assert found is not None, str(findings)
    return found


@pytest.mark.parametrize(
    ("outcome", "shared"),
    [
        ("part", ["part", "a", "b", "c", "d", "revenue", "staff"]),
        ("index", ["part", "a", "b", "c", "d", "revenue", "staff"]),
        ("a", ["a"]),
        ("revenue", ["revenue"]),
        ("same_column", ["column a"]),
        ("other_option", ["question Q1"]),
        ("other_row", []),
        ("given", []),
        ("elsewhere", []),
        ("apart", []),
    ],
)
def test_what_an_outcome_shares_with_the_classes(methodology, outcome, shared):
    assert shared_inputs(methodology, "class", outcome) == shared


def test_another_scheme_has_other_inputs(methodology):
    assert shared_inputs(methodology, "size", "staff") == ["staff"]
    assert shared_inputs(methodology, "size", "b") == ["staff"]
    assert shared_inputs(methodology, "size", "a") == []


def test_groups_by_an_answer(methodology):
    assert shared_inputs(methodology, "Q1", "other_option") == ["question Q1"]
    assert shared_inputs(methodology, "industry", "a") == []


def test_no_published_outcome_is_an_input_of_the_reinventors():
    methodology = dti.load_methodology("accenture-reinvention-2023")
    assert not any(shared_inputs(methodology, "class", one) for one in methodology.tree.tagged["outcome"])
    assert shared_inputs(methodology, "leadership", "new_business_share") == ["new_business_share"]
