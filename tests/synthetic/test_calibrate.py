"""Means that are asked for are the means that come out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import norm

import dtindex
from dtindex.spec import Methodology
from dtindex.spec.sample_plan import SamplePlan
from dtindex.synthetic.asked import Questionnaire
from dtindex.synthetic.calibrate import calibrate
from dtindex.synthetic.expected import Expected
from dtindex.synthetic.generate import recipe_for
from dtindex.synthetic.shapes import shapes_of

ROWS = 40_000
Toy = Callable[..., Methodology]
Plan = Callable[..., SamplePlan]


def expected(methodology: Methodology, plan: SamplePlan) -> Expected:
    questionnaire = Questionnaire(methodology)
    found = Expected(methodology, questionnaire, shapes_of(questionnaire, plan), plan.loading)
    calibrate(methodology, found, plan)
    return found


def test_one_shift_by_hand(toy: Toy, plan: Plan) -> None:
    """`straight` has values 1 to 5: E = 25 sum_k P(x > t_k) with t_k = Phi^-1(k / 5), each moved by the shift."""
    found = expected(toy(), plan(means=[{"item": "straight", "mean": 70}]))
    (shift,) = (found.shifts[mover] for mover in found.movers("straight"))
    cuts = norm.ppf([0.2, 0.4, 0.6, 0.8])
    assert 25 * norm.sf(cuts - shift).sum() == pytest.approx(70, abs=1e-6)


def test_what_has_no_target_is_put_near_the_middle(toy: Toy, plan: Plan) -> None:
    found = expected(toy(), plan())
    for leaf in ("choice", "ticks", "number", "turned", "straight"):
        assert found.of(leaf) == pytest.approx(45, abs=1e-6)
    # A ranking stays as it is: two points, one and none in three places, each as likely.
    assert found.of("place") == pytest.approx(50)


def test_targets_inside_others_stand(toy: Toy, plan: Plan) -> None:
    found = expected(
        toy(), plan(means=[{"item": "index", "mean": 50}, {"item": "left", "mean": 60}, {"item": "choice", "mean": 30}])
    )
    assert (found.of("index"), found.of("left"), found.of("choice")) == pytest.approx((50, 60, 30), abs=1e-6)
    # The others of `left` carry it: (2 * 30 + 1 * t + 1 * n) / 4 = 60, by one shift.
    assert found.of("ticks") + found.of("number") == pytest.approx(180, abs=1e-5)
    assert found.shifts[found.movers("ticks")[0]] == found.shifts[found.movers("number")[0]]


def test_expected_scores_are_those_that_scoring_finds(toy: Toy, plan: Plan) -> None:
    wanted = plan(
        means=[{"item": "left", "mean": 55}, {"item": "straight", "mean": 70}],
        shares=[{"question": "q_choice", "option": "best", "share": 0.2}],
    )
    methodology = toy()
    found = expected(methodology, wanted)
    made = dtindex.sample(methodology, ROWS, seed=1, plan=wanted, threads=2)
    scores = dtindex.CompositeIndex(methodology).fit(made.table).score()
    for item in scores.items:
        error = 5 * float(np.nanstd(scores.column(item))) / np.sqrt(ROWS)
        assert np.nanmean(scores.column(item)) == pytest.approx(found.of(item), abs=error), item


def test_questions_that_are_not_asked_are_reckoned_with(plan: Plan) -> None:
    """`b` is asked of those who answer `yes` to `a` only: without a trial the node would miss its mean by six."""
    text = """\
schema_version: 1
id: skipping
title: Skipping
units: {kind: firm, key: firm}
nodes: [{id: index}, {id: part, parent: index, weight: 1}]
indicators:
  - {id: a, parent: part, weight: 1, from: a_q}
  - {id: b, parent: part, weight: 1, from: b_q}
questions:
  - {id: a_q, type: single, options: [{id: "no_", points: 0}, {id: "yes_", points: 1}]}
  - {id: b_q, type: scale, points: 5, skip_when: {question: a_q, answers: ["no_"]}}
"""
    methodology, findings = dtindex.spec.parse_methodology(text, "a.yaml")
    assert methodology is not None, str(findings)
    made = dtindex.sample(methodology, ROWS, seed=1, plan=plan(means=[{"item": "part", "mean": 40}]))
    assert made.headlines["achieved"][0] == pytest.approx(40, abs=1)


def test_out_of_reach(toy: Toy, plan: Plan) -> None:
    shares = [{"question": "q_choice", "option": option, "share": share} for option, share in SHARES.items()]
    wanted = plan(means=[{"item": "choice", "mean": 90}, {"item": "left", "mean": 90}], shares=shares)
    with pytest.raises(dtindex.InputError) as caught:
        recipe_for(toy(), wanted)
    assert caught.value.findings.codes == ["DT260", "DT260"]
    said = [one.message for one in caught.value.findings]
    # (0.2 * 3 + 0.5 * 0 + 0.3 * 1) / 3 of 100
    assert 'the mean 90 of "choice" is out of reach: every answer below it is given by other figures' in said[0]
    assert "make it 30.0" in said[0]
    # (2 * 30 + 0 + 0) / 4 to (2 * 30 + 100 + 100) / 4
    assert 'the mean 90 of "left" is out of reach' in said[1]
    assert "allow 15.0 to 65.0" in said[1]


SHARES = {"best": 0.2, "none": 0.5, "some": 0.3, "unknown": 0.0}
