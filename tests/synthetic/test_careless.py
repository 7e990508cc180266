"""Careless respondents are found by the rules that they were made for, and nobody else is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import dtindex
from dtindex.spec import Methodology
from dtindex.spec.sample_plan import SamplePlan
from dtindex.synthetic.rules import careless_rules

ROWS = 20_000
Toy = Callable[..., Methodology]
Plan = Callable[..., SamplePlan]


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_every_rule_finds_its_own(toy: Toy, plan: Plan, missing: float) -> None:
    methodology = toy()
    made = dtindex.sample(methodology, ROWS, seed=1, plan=plan(careless=0.1, missing=missing))
    assert sum(len(rows) for rows in made.careless.values()) == ROWS // 10
    table = dtindex.read_table(made.table, methodology)
    for rule, rows in made.careless.items():
        assert len(rows) == pytest.approx(ROWS / 50, abs=5 * np.sqrt(ROWS / 50))
        assert table.careless[rule][rows].all(), rule


def test_honest_respondents_are_neither_fast_nor_straight(toy: Toy, plan: Plan) -> None:
    methodology = toy()
    made = dtindex.sample(methodology, ROWS, seed=2, plan=plan(careless=0.1, missing=0.1, loading=0.95))
    table = dtindex.read_table(made.table, methodology)
    honest = made.shown.honest
    assert not table.careless["fast"][honest].any()
    assert not table.careless["straight"][honest].any()


def test_breaking_runs_leaves_shares_as_they_are(toy: Toy, plan: Plan) -> None:
    """With a loading of 0.95 many would answer all four alike; their answers change places, and few change."""
    made = dtindex.sample(toy(), ROWS, seed=3, plan=plan(loading=0.95))
    for row in ("straight", "third", "fourth"):
        mean = made.frame[f"q_grid[{row}]"].mean()
        assert mean == pytest.approx(1 + 4 * 0.45, abs=5 * 1.4 / np.sqrt(ROWS))


def test_a_copy_has_the_answers_of_an_earlier_respondent(toy: Toy, plan: Plan) -> None:
    made = dtindex.sample(toy(), 2000, seed=1, plan=plan(careless=0.2))
    frame = made.frame.drop(columns=["firm", "seconds", "w"]).astype(str)
    rows = made.careless["twins"]
    assert len(rows)
    seen = {tuple(row): position for position, row in reversed(list(enumerate(frame.itertuples(index=False))))}
    assert all(seen[tuple(frame.iloc[row])] < row for row in rows)


def test_a_test_row_says_so_in_its_key(toy: Toy, plan: Plan) -> None:
    made = dtindex.sample(toy(), 2000, seed=1, plan=plan(careless=0.2))
    tested = made.frame["firm"].str.contains("测试").to_numpy()
    assert np.array_equal(np.flatnonzero(tested), made.careless["tests"])


def test_the_usual_kinds_where_no_rule_is_declared(toy: Toy) -> None:
    methodology = toy().model_copy(update={"survey": None})
    assert [rule.method for rule in careless_rules(methodology)] == [
        "too-fast", "duplicates", "test-rows", "straight-lining",
    ]  # fmt: skip


def test_attention(plan: Plan) -> None:
    text = """\
schema_version: 1
id: attentive
title: Attentive
units: {kind: firm, key: firm}
nodes: [{id: index}]
indicators: [{id: a, parent: index, weight: 1, from: q}]
questions:
  - {id: q, type: scale, points: 5}
  - {id: check, type: scale, points: 5}
survey: {careless: [{id: asleep, method: attention, question: check, answers: [4]}]}
"""
    methodology, findings = dtindex.spec.parse_methodology(text, "a.yaml")
    assert methodology is not None, str(findings)
    made = dtindex.sample(methodology, 1000, seed=1, plan=plan(careless=0.3))
    found = dtindex.read_table(made.table, methodology).careless["asleep"]
    assert np.array_equal(np.flatnonzero(found), made.careless["asleep"])
