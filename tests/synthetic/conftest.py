"""A questionnaire of every kind of question, small enough to be reckoned by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtindex.spec import Methodology, parse_methodology
from dtindex.spec.sample_plan import SamplePlan

QUESTIONNAIRE = """\
schema_version: 1
id: toy
title: Toy
sources: [{id: paper, title: A paper}]
units: {kind: firm, key: firm}
nodes:
  - {id: index}
  - {id: left, parent: index, weight: 1}
  - {id: right, parent: index, weight: 1}
indicators:
  - {id: choice, parent: left, weight: 2, from: q_choice}
  - {id: ticks, parent: left, weight: 1, from: q_ticks}
  - {id: number, parent: left, weight: 1, from: q_number}
  - {id: turned, parent: right, weight: 1, from: {question: q_grid, row: turned}}
  - {id: straight, parent: right, weight: 1, from: {question: q_grid, row: straight}}
  - {id: third, parent: right, weight: 1, from: {question: q_grid, row: third}}
  - {id: fourth, parent: right, weight: 1, from: {question: q_grid, row: fourth}}
  - {id: place, parent: right, weight: 1, from: {question: q_order, option: b}}
  - {id: growth, column: growth_pct}
  - {id: fresh, from: q_fresh}
questions:
  - {id: q_sector, type: single, options: [{id: food}, {id: steel}, {id: trade}]}
  - id: q_choice
    type: single
    options: [{id: best, points: 3}, {id: none, points: 0}, {id: some, points: 1}, {id: unknown, status: missing}]
  - id: q_ticks
    type: multiple
    options: [{id: a, points: 1}, {id: b, points: 2}, {id: c, points: 1}, {id: nothing, points: 0, alone: true}]
  - {id: q_number, type: number, range: [0, 100], bands: {edges: [10, 50], closed: left, points: [0, 1, 2]}}
  - id: q_grid
    type: matrix
    points: 5
    rows: [{id: turned, reverse: true}, {id: straight}, {id: third}, {id: fourth}]
  - {id: q_order, type: ranking, points: [2, 1], options: [{id: a}, {id: b}, {id: c}]}
  - {id: q_why, type: single, skip_when: {question: q_choice, answers: [none]}, options: [{id: cost}, {id: quality}]}
  - {id: q_fresh, type: number, range: [0, 100]}
  - {id: q_word, type: text}
survey:
  weight: w
  duration: seconds
  careless:
    - {id: fast, method: too-fast, below: 90, action: exclude}
    - {id: straight, method: straight-lining, of: [q_grid], action: exclude}
    - {id: twins, method: duplicates, action: exclude}
    - {id: tests, method: test-rows, column: firm, action: exclude}
    - {id: short, method: incomplete, at_least: 0.5, action: exclude}
classes:
  - {id: top, when: {all: [{id: left, at_least: 60}, {id: right, at_least: 60}]}}
  - {id: rest}
  - {id: young, scheme: age, when: {id: fresh, above: 50}}
  - {id: old, scheme: age}
"""


@pytest.fixture
def toy() -> Callable[..., Methodology]:
    """The questionnaire, with a ``sample:`` block where one is given."""

    def parse(block: str = "") -> Methodology:
        methodology, findings = parse_methodology(QUESTIONNAIRE + block, "toy.yaml")
        assert methodology is not None, str(findings)
        return methodology

    return parse


@pytest.fixture
def plan() -> Callable[..., SamplePlan]:
    """A plan from what a file would say."""
    return lambda **values: SamplePlan.model_validate(values, strict=False)
