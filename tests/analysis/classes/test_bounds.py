"""Which bounds every member of a class keeps, by hand; and that a margin of 0 or more is what the rule says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.analysis.classes.bounds import conjunction, margin
from dtindex.spec.classes import Condition


def found(block: dict) -> tuple[list[tuple[str, str, float, int]], bool]:
    own = conjunction(Condition.model_validate_json(json.dumps(block), strict=True))
    return [(one.item, one.kind, one.value, one.sign) for one in own.bounds], own.whole


A, B = {"id": "a", "at_least": 60}, {"id": "b", "below": 5}
IS_A, IS_B = ("a", "at_least", 60, 1), ("b", "below", 5, -1)


@pytest.mark.parametrize(
    ("block", "bounds", "whole"),
    [
        (A, [IS_A], True),
        ({"all": [A, B]}, [IS_A, IS_B], True),
        ({"all": [A, {"all": [B]}]}, [IS_A, IS_B], True),
        ({"any": [A]}, [IS_A], True),
        ({"any": [A, B]}, [], False),
        ({"all": [A, {"any": [A, B]}]}, [IS_A], False),
        ({"all": [A, {"count": {"of": ["a", "b"], "at_least": 1}, "above": 1}]}, [IS_A], False),
        ({"not": A}, [("a", "below", 60, -1)], True),
        ({"not": {"not": A}}, [IS_A], True),
        ({"not": {"any": [A, B]}}, [("a", "below", 60, -1), ("b", "at_least", 5, 1)], True),
        ({"not": {"all": [A, B]}}, [], False),
        ({"id": "a", "above": 1, "at_most": 9}, [("a", "above", 1, 1), ("a", "at_most", 9, -1)], True),
        ({"not": {"id": "a", "above": 1, "at_most": 9}}, [], False),
        ({"id": "a", "quantile": 0.9}, [("a", "quantile", 0.9, 1)], True),
        ({"not": {"id": "a", "of_best": 0.8}}, [("a", "of_best", 0.8, -1)], True),
    ],
)
def test_by_hand(block: dict, bounds: list, whole: bool) -> None:
    own, is_whole = found(block)
    assert sorted(own) == sorted(bounds)
    assert is_whole == whole


def test_a_rule_for_all_others_has_no_bound() -> None:
    assert conjunction(None).bounds == ()
    assert not conjunction(None).whole


SIGNS = {"above": 1, "at_least": 1, "below": -1, "at_most": -1}


@given(st.sampled_from([*SIGNS]), st.floats(-100, 100), st.floats(-100, 100))
@settings(max_examples=200)
def test_the_sign_of_a_margin(kind: str, bound: float, value: float) -> None:
    own = conjunction(Condition.model_validate_json(json.dumps({"id": "a", kind: bound}), strict=True)).bounds[0]
    distance = float(margin(np.array([value]), own, bound)[0])
    assert own.sign == SIGNS[kind]
    if abs(value - bound) > 1e-9:
        holds = value > bound if SIGNS[kind] > 0 else value < bound
        assert (distance > 0) == holds
        assert abs(distance) == pytest.approx(abs(value - bound))
    assert float(margin(np.array([bound]), own, bound)[0]) == 0
    assert float(margin(np.array([0.1 + 0.2]), own, 0.3)[0]) == 0
