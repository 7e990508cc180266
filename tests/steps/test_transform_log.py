"""Logarithms before normalisation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dtindex.steps.transform import log


def one(plus: float = 0) -> str:
    return f"nodes: [{{id: index}}]\nindicators: [{{id: a, parent: index, transform: {{method: log, plus: {plus}}}}}]"


def test_closed_form():
    found = log(np.array([1, math.e, 0, -1, np.nan]))
    assert found[:2] == pytest.approx([0, 1], abs=1e-15)
    assert np.isnan(found[2:]).all()
    assert log(np.array([0.0, -1.0, -2.0]), 2.0)[:2] == pytest.approx([math.log(2), 0])


def test_min_max_of_logarithms(score):
    """1, 10, 100: the middle one is half-way. The base of the logarithm makes no difference."""
    assert score(one(), {"a": [1, 10, 100]}).column("a") == pytest.approx([0, 50, 100], abs=1e-12)


def test_plus_admits_zero(score):
    assert score(one(1), {"a": [0, 9, 99]}).column("a") == pytest.approx([0, 50, 100], abs=1e-12)


@pytest.mark.parametrize("value", [0, -3])
def test_what_has_no_logarithm_is_refused_with_its_cell(codes_of, value):
    assert codes_of(one(), {"a": [1, value, 100]}) == ["DT304"]
