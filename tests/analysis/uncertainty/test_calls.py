"""What callers may ask of simulate and sensitivity, and what they are told where it cannot be."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.uncertainty import freezing
from dtindex.spec import parse_methodology
from dtindex.spec.uncertainty import Factor
from dtindex.spec.uncertainty_file import factor_problems
from dtindex.tables.table import Table

WEIGHTS = Factor(id="w", node="index", dirichlet=100)


@pytest.fixture(scope="module")
def index() -> dti.CompositeIndex:
    return dti.CompositeIndex("caict-computing-power-1.0").fit()


# --- settings ---


@pytest.mark.parametrize("name", ["runs", "seed"])
@pytest.mark.parametrize("value", [1e4, 1.5, "10", None])
def test_whole_numbers_are_whole(index, name, value):
    for question in (dti.simulate, dti.sensitivity):
        with pytest.raises(dti.UsageError, match=f"{name} .*: expected a whole number") as raised:
            question(index, **{name: value})
        assert raised.value.findings.codes == ["DT902"]


def test_whole_numbers_of_numpy_are_as_good(index):
    ours = dti.simulate(index, runs=np.int64(64), seed=np.int32(3))
    assert ours.rank_intervals.equals(dti.simulate(index, runs=64, seed=3).rank_intervals)
    found = dti.sensitivity(index, runs=np.int64(64), scrambles=np.int64(2), seed=np.int64(3))
    assert found.indices.equals(dti.sensitivity(index, runs=64, scrambles=2, seed=3).indices)
    assert {type(found.runs), type(found.seed), type(ours.seed)} == {int}


def test_all_that_is_wrong_is_said_at_once(index):
    with pytest.raises(dti.UsageError) as raised:
        dti.sensitivity(index, runs=0, scrambles=1, seed=-1, method="halton", confidence=1.0, workers=0)  # type: ignore[arg-type]
    assert raised.value.findings.codes == ["DT902"] * 6


# --- factors that a program makes are held to the rules of those in a file ---


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"bounds": {"environment": (0.2, 0.5)}, "node": "index"}, "lacking: computing_scale, application"),
        ({"ordinal": ["environment", "application"], "node": "index"}, "lacking: computing_scale"),
        (
            {"ordinal": ["environment", "application", "computing_scale", "compute"], "node": "index"},
            '"compute" is not',
        ),
        ({"experts": [{"name": "A", "weights": {"zzz": 1, "environment": 1}}], "node": "index"}, '"zzz"'),
        ({"exclude": ["index"]}, "cannot be left out"),
        ({"normalise": [{"method": "min-max"}, {"method": "rank"}], "of": ["environment"]}, "expected an indicator"),
        ({"aggregate": [{"method": "arithmetic"}, {"method": "harmonic"}], "of": ["compute"]}, "expected a node"),
        ({"box": 0.2, "node": "compute"}, "expected a node"),
        ({"tiers": "environment", "cut": 1}, "has no tiers"),
    ],
)
def test_factors_that_the_index_has_no_use_for(index, block, said):
    factor = Factor(id="f", **block)
    for question in (dti.simulate, dti.sensitivity):
        with pytest.raises(dti.InputError) as raised:
            question(index, factors=[factor])
        assert raised.value.findings.errors.codes == ["DT386"] * len(raised.value.findings.errors)
        assert "DT386 f: " in str(raised.value)
        assert said in str(raised.value)


@pytest.mark.parametrize("given", [[{"id": "w", "box": 0.2}], WEIGHTS])
def test_what_is_no_list_of_factors(index, given):
    with pytest.raises(dti.UsageError, match="expected a list of `Factor`") as raised:
        dti.simulate(index, factors=given)
    assert raised.value.findings.codes == ["DT902"]


def test_the_second_of_two_factors_is_named():
    methodology = dti.load_methodology("caict-computing-power-1.0")
    (told,) = factor_problems(methodology, [WEIGHTS, Factor(id="v", node="index", box=0.1)])
    assert told.startswith("v: ")
    assert not factor_problems(methodology, [WEIGHTS, Factor(id="v", tiers="index", cut=1)])


def test_weights_that_cannot_move(index):
    """Bounds that one set of weights keeps are drawn, and every run is the same: DT390 says so."""
    third = dict.fromkeys(("computing_scale", "environment", "application"), (1 / 3, 1 / 3))
    found = dti.simulate(index, factors=[Factor(id="f", node="index", bounds=third)], runs=64)
    assert found.findings.codes == ["DT390"]
    assert found.mean_shift == 0
    assert "DT390" not in dti.simulate(index, factors=[WEIGHTS], runs=64).findings.codes
    assert "DT390" not in dti.simulate(index, factors=[Factor(id="c", tiers="index", cut=1)], runs=64).findings.codes


# --- standard errors that are given ---


def test_a_factor_of_the_name_of_given_errors(index):
    """Else the one would be drawn with the random numbers of the other."""
    factor = Factor(id="errors", error=0.15, of=["environment"])
    with pytest.raises(dti.InputError, match="'errors', as the standard errors") as raised:
        dti.simulate(index, factors=[factor], errors={"application": {"北京": 3.0}})
    assert raised.value.findings.codes == ["DT386"]
    assert dti.simulate(index, factors=[factor], runs=64).runs == 64


@pytest.mark.parametrize(
    ("errors", "code", "said"),
    [
        ({"application": {"Atlantis": 1.0}}, "DT902", "no unit 'Atlantis'"),
        ({"application": {"北京": 1.0, "北京市": 1.0}}, "DT902", "stands twice"),
        ({"application": {"北京": "much"}}, "DT902", "not all numbers"),
        ({"application": {"北京": np.inf}}, "DT902", "negative or infinite"),
        ({"aplication": {"北京": 1.0}}, "DT024", "nearest is 'application'"),
        (pd.DataFrame({"application": [1.0]}, index=pd.MultiIndex.from_tuples([("北京", "2020")])), "DT902", "no unit"),
    ],
)
def test_errors_that_are_of_nothing(index, errors, code, said):
    for question in (dti.simulate, dti.sensitivity):
        with pytest.raises(dti.UsageError, match=said) as raised:
            question(index, factors=[WEIGHTS], errors=errors)
        assert raised.value.findings.codes == [code]


def test_units_by_any_spelling(index):
    """As a codelist knows them: English, short or long."""
    ours: Any = None
    for spelling in ("北京", "Beijing", "北京市"):
        found = dti.simulate(index, factors=[], errors={"application": {spelling: 9.0}}, runs=256, seed=1)
        assert found.shift["北京"] >= 0
        assert found.score_intervals.loc["北京", "sd"] == pytest.approx(
            3.0, rel=0.15
        )  # 9 / 3, the weight of one in three
        assert ours is None or found.rank_intervals.equals(ours)
        ours = found.rank_intervals


def test_what_is_measured_only_has_none():
    text = """
    {"schema_version": 1, "id": "made", "title": "Made", "units": {"kind": "u", "key": "u"}, "nodes": [{"id": "index"}],
     "indicators": [{"id": "a", "parent": "index", "normalise": {"method": "min-max"}},
                    {"id": "b", "parent": "index", "normalise": {"method": "min-max"}}, {"id": "c"}]}
    """
    methodology, _ = parse_methodology(text, "made.yaml")
    assert methodology is not None
    index = dti.CompositeIndex(methodology).fit(Table.from_arrays(["p", "q"], "abc", np.eye(3)[:2] + 1.0))
    with pytest.raises(dti.UsageError, match="'c' is measured, not scored"):
        dti.simulate(index, errors={"c": {"p": 1.0}})
    with pytest.raises(dti.InputError, match='"c" is measured, not scored'):
        dti.simulate(index, factors=[Factor(id="f", error=1.0, of=["c"])])


# --- groups and effects ---


def test_a_group_of_the_name_of_a_factor_that_is_not_in_it(index):
    for groups in ({"weights": ["reading"]}, {"reading": ["weights"]}):
        with pytest.raises(dti.UsageError, match="is a factor that is not in the group") as raised:
            dti.sensitivity(index, groups=groups)
        assert raised.value.findings.codes == ["DT024"]
    found = dti.sensitivity(index, groups={"weights": ["reading", "weights"]}, runs=64, scrambles=2)
    assert found.factors == ("weights",)


def test_a_factor_without_effect_has_none(index):
    """Errors of a sub-index bear on no other: exactly 0 in every index, and the rest is that of the others."""
    factors = [Factor(id="here", error=1.0, of=["environment"]), Factor(id="there", node="index", dirichlet=50)]
    found = dti.sensitivity(index, factors=factors, node="environment", runs=64, scrambles=4, seed=1)
    rows = found.of("all scores")
    assert rows.loc["there", ["first", "total", "shapley"]].tolist() == [0.0, 0.0, 0.0]
    assert rows.loc["here", "shapley"] == 1.0


@pytest.mark.parametrize("finished", [1, 3])
def test_an_interruption_keeps_the_scrambles_that_are_finished(index, monkeypatch, finished):
    """Two of them make an interval, and are those of a run that was never stopped."""
    whole, made = freezing.freeze, []

    def stopping(question: freezing.Question, scramble: int) -> freezing.Frozen:
        if len(made) == finished:
            raise KeyboardInterrupt
        made.append(scramble)
        return whole(question, scramble)

    monkeypatch.setattr("dtindex.analysis.sensitivity.freeze", stopping)
    if finished == 1:
        with pytest.raises(KeyboardInterrupt):
            dti.sensitivity(index, runs=128, scrambles=8, seed=1, workers=1)
        return
    found = dti.sensitivity(index, runs=128, scrambles=8, seed=1, workers=1)
    assert (found.scrambles, found.asked, found.runs) == (3, 8, 48)
    assert "DT387 stopped after 3 of 8 scrambles" in str(found.findings)
    monkeypatch.undo()
    assert found.indices.equals(dti.sensitivity(index, runs=48, scrambles=3, seed=1).indices)


def test_a_unit_that_varies_by_rounding_alone():
    """Its equal members weigh up to its score in every run, to the last bits; the others' shares stand."""
    table = [[49.0, 10.0, 3.0], [33.3, 33.3, 33.3], [80.0, 30.0, 80.0], [20.0, 70.0, 20.0]]
    blocks = {"schema_version": 1, "id": "made", "title": "Made", "units": {"kind": "u", "key": "u"}}
    goalposts = {"method": "goalposts", "worst": 0, "best": 100}
    blocks |= {"nodes": [{"id": "index"}]}
    blocks |= {"indicators": [{"id": name, "parent": "index", "normalise": goalposts} for name in "abc"]}
    methodology, _ = parse_methodology(json.dumps(blocks), "made.yaml")
    assert methodology is not None
    made = dti.CompositeIndex(methodology).fit(Table.from_arrays("zyxw", "abc", table))
    found = dti.sensitivity(made, factors=[Factor(id="w", noise=0.3)], runs=64, scrambles=4)
    assert found.of("score", "y")[["first", "total", "shapley"]].isna().all(axis=None)
    assert found.of("all scores")["shapley"].sum() == pytest.approx(1.0)
    assert "DT390 score of y: does not vary" in str(found.findings)


def test_only_the_combinations_that_are_drawn_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 3^7 combinations, the evaluations are those of the same call that works all of them out beforehand."""
    from dtindex.analysis.uncertainty import freezing

    index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    means = [{"method": "arithmetic"}, {"method": "geometric"}, {"method": "power", "p": 0.5}]
    parts = ("network", "investment", "computing_scale", "environment", "application", "consumer_application")
    factors = [dti.Factor(id=f"f{at}", aggregate=means, of=["index"]) for at in range(1)]
    factors += [dti.Factor(id=f"left_{part}", exclude=[part, "compute"]) for part in parts]
    factors += [dti.Factor(id="weights", node="index", noise=0.2)]
    few = dti.sensitivity(index, factors=factors, runs=64, scrambles=2, seed=3, shapley=False)
    monkeypatch.setattr(freezing, "_FEW_DESIGNS", 1 << 20)
    every = dti.sensitivity(index, factors=factors, runs=64, scrambles=2, seed=3, shapley=False)
    assert few.indices.equals(every.indices)
    assert few.evaluations == every.evaluations
