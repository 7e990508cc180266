"""Weights under which children are as important as their targets say: `importance-matching`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.steps.weight import importance as module
from dtindex.steps.weight.importance import NotConverged, importance, matched

TARGETS = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(("of", "expected"), [("r2", [0.24118, 0.34108, 0.41774]), ("r", [1 / 6, 2 / 6, 3 / 6])])
def test_independent_children(of, expected):
    """METHODS.md, section 3.11: S ~ w^2, so that w ~ sqrt(t) for r2, and w ~ t for r."""
    found, gap = matched(np.eye(3), TARGETS, of)
    assert found == pytest.approx(expected, abs=5e-6)
    assert gap < 1e-7


def test_equal_targets_of_tai_are_out_of_reach(tai):
    """Half the sum of squares ends at 9e-4, with two weights driven to nothing (METHODS.md, section 3.11)."""
    correlations = np.corrcoef([tai["columns"][f"i{at}"] for at in range(1, 9)])
    found, gap = matched(correlations, np.ones(8), "r2")
    cost = ((importance(found, correlations, "r2") - 1 / 8) ** 2).sum()
    assert cost / 2 == pytest.approx(9e-4, abs=5e-5)
    assert (np.sort(found)[:2] < 1e-3).all()
    assert gap > 1e-3


def blocks(more=""):
    children = ", ".join(f"{{id: {name}, parent: index}}" for name in "abc")
    return f"""\
        scale: open
        defaults: {{normalise: {{method: z-score}}}}
        nodes: [{{id: index, weights: {{method: importance-matching{more}}}}}]
        indicators: [{children}]
        """


def columns(seed=1):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=60)
    return {
        name: (rng.normal(size=60) + share * common).tolist() for name, share in zip("abc", (0.2, 1, 2), strict=True)
    }


def test_targets_stand_by_id_in_any_order(score):
    """COINr's fault 2: targets and weights in different orders gave the target of one to another."""
    one = score(blocks(", targets: {a: 0.2, b: 0.3, c: 0.5}"), columns())
    two = score(blocks(", targets: {c: 0.5, a: 0.2, b: 0.3}"), columns())
    assert one.effective == two.effective
    values = np.array([one.column(name) for name in "abc"])
    weights = np.array([one.effective[name] for name in "abc"])
    r = [np.corrcoef(column, weights @ values)[0, 1] ** 2 for column in values]
    assert np.array(r) / sum(r) == pytest.approx([0.2, 0.3, 0.5], abs=1e-5)
    assert "targets are met" in next(one.message for one in one.findings if one.code == "DT343")


def test_targets_out_of_reach_are_a_warning_and_weights_never_negative(score):
    against = columns()
    against["a"] = [-value for value in against["c"]]
    found = score(blocks(", targets: {a: 0.6, b: 0.2, c: 0.2}"), against)
    assert min(found.effective.values()) >= 0
    (told,) = [one for one in found.findings if one.code == "DT348"]
    assert told.severity == "warning"


def test_a_search_without_an_end_is_no_success(codes_of, monkeypatch):
    class Endless:
        status = 0

    monkeypatch.setattr(module, "least_squares", lambda *_, **__: Endless())
    with pytest.raises(NotConverged):
        matched(np.eye(3), TARGETS, "r2")
    assert codes_of(blocks(), columns()) == ["DT344"]


@pytest.mark.parametrize(
    "wrong", [", targets: {a: 1}", ", targets: {a: 0, b: 0, c: 0}", ", targets: {a: 1, b: 1, d: 1}"]
)
def test_targets_that_do_not_fit_are_refused(codes_of, wrong):
    assert codes_of(blocks(wrong), columns()) == ["DT028"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.1, 1), min_size=3, max_size=5), st.sampled_from(["r2", "r"]), st.floats(0, 0.4))
def test_targets_within_reach_are_met(targets, of, shared):
    size = len(targets)
    correlations = np.full((size, size), 0.2 * shared) + (1 - 0.2 * shared) * np.eye(size)
    found, gap = matched(correlations, np.array(targets), of)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    wanted = np.array(targets) / sum(targets)
    assert gap == pytest.approx(np.abs(importance(found, correlations, of) - wanted).max())
