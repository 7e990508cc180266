"""Conditional aggregation. Oracle: INFORM's dimension Human (tests/conformance), and by hand."""

from __future__ import annotations

import numpy as np
import pytest

INFORM = """\
    scale: [0, 10]
    defaults: {normalise: {method: none}, coverage: {at_least: 0}}
    nodes:
      - id: human
        aggregate: {method: cases, cases: [{when: {id: now, above: 5}, take: now}, {take: risk}]}
    indicators:
      - {id: now, parent: human}
      - {id: risk, parent: human, times: 0.7}
    """


def test_the_first_case_that_holds(score):
    scores = score(INFORM, {"now": [10, 5, 5.0000001, 0], "risk": [3, 8, 8, 10]})
    assert scores.column("human") == pytest.approx([10, 5.6, 5.0000001, 7])


def test_a_missing_condition_makes_it_missing(score):
    """Unknown is not false: nothing says that the risk is what counts."""
    scores = score(INFORM, {"now": [None, 10, 0], "risk": [8, None, None]})
    assert np.isnan(scores.column("human")[[0, 2]]).all()
    assert scores.column("human")[1] == 10
    assert "DT304" not in scores.findings.codes


@pytest.mark.parametrize(
    ("bound", "expected"),
    [("above: 0.3", [0, 0, 1]), ("at_least: 0.3", [0, 1, 1]), ("below: 0.3", [1, 0, 0]), ("at_most: 0.3", [1, 1, 0])],
)
def test_bounds_forgive_the_last_bits(score, bound, expected):
    """0.1 + 0.2 is 0.3."""
    text = f"""\
        scale: [0, 1]
        defaults: {{normalise: {{method: none}}}}
        nodes:
          - id: index
            aggregate: {{method: cases, cases: [{{when: {{id: x, {bound}}}, take: yes1}}, {{take: no0}}]}}
        indicators:
          - {{id: x, parent: index}}
          - {{id: yes1, parent: index}}
          - {{id: no0, parent: index}}
        """
    cells = {"x": [0.2999, 0.1 + 0.2, 0.3001], "yes1": [1] * 3, "no0": [0] * 3}
    assert score(text, cells).column("index").tolist() == expected


def test_both_bounds_of_an_interval(score):
    text = """\
        scale: [0, 10]
        defaults: {normalise: {method: none}}
        nodes:
          - id: index
            aggregate: {method: cases, cases: [{when: {id: x, at_least: 2, below: 4}, take: z}, {take: x}]}
        indicators: [{id: x, parent: index}, {id: z, parent: index}]
        """
    assert score(text, {"x": [1, 2, 3, 4], "z": [9] * 4}).column("index").tolist() == [1, 9, 9, 4]


def test_no_case_holds(score):
    text = INFORM.replace(", {take: risk}", "")
    scores = score(text, {"now": [10, 1], "risk": [3, 3]})
    assert scores.column("human")[0] == 10
    assert np.isnan(scores.column("human")[1])


@pytest.mark.parametrize("bound", [0, 1e-9, 1000])
def test_conditions_on_open_scales_of_any_magnitude(score, bound):
    """GDP above 0, in yuan."""
    text = f"""\
        nodes:
          - id: index
            aggregate: {{method: cases, cases: [{{when: {{id: x, above: {bound}}}, take: x}}, {{take: z}}]}}
        indicators:
          - {{id: x, parent: index, scale: open, normalise: {{method: none}}}}
          - {{id: z, parent: index, scale: open, normalise: {{method: none}}}}
        """
    scores = score(text, {"x": [5e11, -5e11], "z": [1, 1]})
    assert scores.column("index").tolist() == [5e11, 1]


def test_conditions_look_at_a_score_on_its_own_scale(score):
    """The pillar runs from 0 to 1, the index from 0 to 100."""
    text = """\
        defaults: {normalise: {method: none}}
        nodes:
          - {id: index, aggregate: {method: cases, cases: [{when: {id: p, above: 0.5}, take: p}, {take: q}]}}
          - {id: p, parent: index, scale: [0, 1]}
          - {id: q, parent: index}
        indicators: [{id: a, parent: p, scale: [0, 1]}, {id: b, parent: q}]
        """
    assert score(text, {"a": [0.4, 0.6], "b": [7, 7]}).column("index").tolist() == [7, 60]


def test_the_child_that_is_not_taken_may_be_missing(score):
    """INFORM's projected conflict risk does not matter where there is a war; coverage asks for what counts."""
    blocks = """\
        defaults: {normalise: {method: none}}
        nodes:
          - id: index
            aggregate: {method: cases, cases: [{when: {id: now, above: 5}, take: now}, {take: risk}]}
        indicators:
          - {id: now, parent: index}
          - {id: risk, parent: index}
        """
    scores = score(blocks, {"now": [8, 2, 2], "risk": [None, 3, None]})
    assert np.array_equal(scores.column("index"), [8, 3, np.nan], equal_nan=True)
