"""Analyses in parts, worked out in any order, give to the bit what they give at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.parts import Parts, packed, shared_out, unpacked


def worked(parts: Parts[Any]) -> list[bytes]:
    """What all parts give, the last one worked out first."""
    made = {part: parts.work(part) for part in reversed(range(len(parts.sizes)))}
    return [made[part] for part in range(len(made))]


@pytest.fixture(scope="module")
def provinces() -> dti.CompositeIndex:
    return dti.CompositeIndex("caict-computing-power-1.0").fit()


@pytest.fixture(scope="module")
def survey() -> dti.Scores:
    methodology = dti.load_methodology("accenture-reinvention-2023")
    made = dti.read_table(dti.sample(methodology, 300, seed=3).table, methodology)
    return dti.CompositeIndex(methodology, assume="instrument-v1").fit(made).score()


def alternatives(index: dti.CompositeIndex) -> tuple[dti.Factor, ...]:
    """Factors of all kinds of sums: weights, errors, and a choice between ways of aggregation."""
    written = [
        {"id": "weights", "node": "index", "dirichlet": 40},
        {"id": "reading", "error": 0.2, "of": ["environment"]},
        {
            "id": "mean",
            "node": "index",
            "aggregate": [{"method": "arithmetic"}, {"method": "geometric", "within": [1, 100]}],
        },
    ]
    return dti.parse_factors(written, index.methodology_)


def asked(name: str, index: dti.CompositeIndex, survey: dti.Scores) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The analysis at once, and in parts."""
    drawn: dict[str, Any] = {"runs": 32_768 * 45 + 7, "seed": 5, "factors": alternatives(index)}
    moved: dict[str, Any] = {"runs": 256, "scrambles": 4, "seed": 5}
    every: dict[str, Any] = {"within": 0.9, "seed": 2}
    rated: dict[str, Any] = {"of": ["index"], "by": "size", "replicates": 300, "seed": 4}
    quartiles: dict[str, Any] = {"of": ["index"], "kind": "quantile", "replicates": 40, "seed": 4}
    return {
        "simulation": (lambda: dti.simulate(index, **drawn), lambda: dti.simulation_parts(index, **drawn)),
        "sensitivity": (lambda: dti.sensitivity(index, **moved), lambda: dti.sensitivity_parts(index, **moved)),
        "rank bounds": (lambda: dti.rank_bounds(index, **every), lambda: dti.rank_bounds_parts(index, **every)),
        "bootstrap": (lambda: dti.estimate(survey, **rated), lambda: dti.estimate_parts(survey, **rated)),
        "quantiles": (lambda: dti.estimate(survey, **quartiles), lambda: dti.estimate_parts(survey, **quartiles)),
    }[name]


NAMES = ["simulation", "sensitivity", "rank bounds", "bootstrap", "quantiles"]


@pytest.mark.parametrize("name", NAMES)
def test_parts_in_any_order_are_the_analysis(name: str, provinces: dti.CompositeIndex, survey: dti.Scores) -> None:
    whole, apart = asked(name, provinces, survey)
    made = worked(apart())
    joined, expected = apart().join(iter(made)), whole()
    assert len(made) > 1 or name == "quantiles"
    assert joined.to_dict() == expected.to_dict()
    assert joined.tables.keys() == expected.tables.keys()
    for table, frame in expected.tables.items():
        assert dti.frame_csv(joined.tables[table]) == dti.frame_csv(frame)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_missing_or_damaged_is_refused(name: str, provinces: dti.CompositeIndex, survey: dti.Scores) -> None:
    parts = asked(name, provinces, survey)[1]()
    made = [parts.work(part) for part in range(min(len(parts.sizes), 2))]
    for wrong in ([], made[1:] or [b""], [made[0][:-20], *made[1:]], [b"no archive"]):
        with pytest.raises(dti.InputError) as refused:
            parts.join(wrong)
        assert refused.value.code == "DT388"


def test_a_refitted_bootstrap_is_parted_by_its_blocks() -> None:
    """Goalposts are learned from the sample, so each replicate is fitted anew."""
    text = """
schema_version: 1
id: own
title: {en: Own}
units: {kind: respondent, key: id}
nodes: [{id: index, label: {en: Index}}]
indicators: [{id: x, parent: index, normalise: {method: min-max}}, {id: y, parent: index, normalise: {method: min-max}}]
"""
    methodology, findings = dti.parse_methodology(text, "own")
    findings.raise_errors()
    assert methodology is not None
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"id": [f"r{at}" for at in range(40)], "x": rng.random(40), "y": rng.random(40)}).astype(str)
    scores = dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology)).score()
    parts = dti.estimate_parts(scores, seed=1)
    assert sum(parts.sizes) == 200
    assert len(parts.sizes) == 7
    joined = parts.join(worked(parts))
    assert joined.frame["method"].str.contains("each fitted anew").all()
    assert joined.to_dict() == dti.estimate(scores, seed=1).to_dict()


def test_a_factorial_and_linearised_figures_have_no_parts(provinces: dti.CompositeIndex, survey: dti.Scores) -> None:
    choices = alternatives(provinces)[2:]
    factorial = dti.sensitivity_parts(provinces, factors=choices)
    assert factorial.sizes == ()
    assert factorial.join(()).to_dict() == dti.sensitivity(provinces, factors=choices).to_dict()
    taylor = dti.estimate_parts(survey, of="index", replicates="taylor")
    assert taylor.sizes == ()
    assert taylor.join(()).to_dict() == dti.estimate(survey, of="index", replicates="taylor").to_dict()


def test_blocks_are_shared_out_whole() -> None:
    assert shared_out([1] * 7, 3) == [range(3), range(3, 6), range(6, 7)]
    assert shared_out([], 3) == []


def test_packed_arrays_come_back_to_the_bit() -> None:
    arrays = {"a": np.array([0.1, -0.0, np.nan, 1e-320]), "b": np.arange(6, dtype=np.int32).reshape(2, 3)}
    head, again = unpacked(packed({"x": 1, "名": "北京"}, arrays))
    assert head == {"x": 1, "名": "北京"}
    assert {name: (own.dtype, own.tobytes()) for name, own in again.items()} == {
        name: (own.dtype, own.tobytes()) for name, own in arrays.items()
    }
