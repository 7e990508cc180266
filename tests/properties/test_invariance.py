"""What must make no difference, and what must stay inside its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from dtindex import fitted as fitting
from dtindex.tables.table import Table

VALUES = arrays(np.float64, (6, 3), elements=st.floats(-1000, 1000).map(lambda x: round(x, 6)))


def table_of(values):
    return Table.from_arrays([f"u{row}" for row in range(len(values))], list("abc"), values)


def index_of(methodology, **settings_of):
    return methodology(
        nodes=[{"id": "index"}],
        indicators=[
            {"id": code, "parent": "index", **settings_of.get(code, settings_of.get("each", {}))} for code in "abc"
        ],
    )


@settings(max_examples=50)
@given(VALUES, st.sampled_from([1e-6, 1e-3, 0.5, 3.0, 1e4]))
def test_a_unit_of_measure_changes_no_key(methodology, values, factor):
    """Goalposts in metres or kilometres: the same twelve digits, but for the last."""
    plain = {"normalise": {"method": "goalposts", "worst": -1000.0, "best": 1000.0, "clip": "none"}}
    other = {"normalise": {"method": "goalposts", "worst": -1000.0 * factor, "best": 1000.0 * factor, "clip": "none"}}
    first = index_of(methodology, each=plain)
    second = index_of(methodology, each=other)
    before = fitting.score(fitting.fit(first, table_of(values)), table_of(values)).keys("index")
    after = fitting.score(fitting.fit(second, table_of(values * factor)), table_of(values * factor)).keys("index")
    assert np.abs(before - after).max() <= 1


@settings(max_examples=50)
@given(VALUES, st.floats(1e-3, 1e3), st.tuples(*[st.floats(0.1, 10)] * 3))
def test_scaling_all_weights_changes_no_key(methodology, values, factor, weights):
    def scored(by):
        blocks = {
            code: {"normalise": {"method": "none"}, "scale": [-1000.0, 1000.0], "weight": w * by}
            for code, w in zip("abc", weights, strict=True)
        }
        index = index_of(methodology, **blocks)
        return fitting.score(fitting.fit(index, table_of(values)), table_of(values)).keys("index")

    assert np.abs(scored(1.0) - scored(factor)).max() <= 1


@settings(max_examples=50)
@given(VALUES, VALUES)
def test_clipped_scores_stay_inside_the_scale(methodology, reference, new):
    reference[:2] = [[-1, -1, -1], [1, 1, 1]]
    posts = {"normalise": {"method": "goalposts", "worst": 10.0, "best": -10.0, "clip": "both"}}
    index = index_of(methodology, a={}, b={"direction": "lower"}, c=posts)
    scores = fitting.score(fitting.fit(index, table_of(reference)), table_of(new))
    assert (scores.values >= 0).all()
    assert (scores.values <= 100).all()


@settings(max_examples=50)
@given(VALUES, st.floats(0.1, 10), st.floats(-100, 100))
@pytest.mark.parametrize("method", ["min-max", "z-score"])
def test_affine_invariance(methodology, method, values, slope, offset):
    values[:2] = [[-10, -10, -10], [10, 10, 10]]
    index = index_of(methodology, each={"normalise": {"method": method}})
    before = fitting.score(fitting.fit(index, table_of(values)), table_of(values)).column("index")
    moved = values * slope + offset
    after = fitting.score(fitting.fit(index, table_of(moved)), table_of(moved)).column("index")
    assert after == pytest.approx(before, abs=1e-8)


@settings(max_examples=50)
@given(arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 6).map(float)))
def test_ties_share_the_better_rank(methodology, values):
    index = methodology(
        nodes=[{"id": "index"}], indicators=[{"id": "a", "parent": "index", "normalise": {"method": "none"}}]
    )
    table = Table.from_arrays([f"u{row}" for row in range(len(values))], ["a"], values[:, None])
    ranks = fitting.score(fitting.fit(index, table), table).rank("index")
    assert (ranks == rankdata(-values, method="min")).all()


@settings(max_examples=30)
@given(VALUES)
def test_a_mean_lies_between_its_children(methodology, values):
    index = index_of(methodology, each={"normalise": {"method": "none"}, "scale": [-1000.0, 1000.0]}).model_copy(
        update={"scale": (-1000.0, 1000.0)}
    )
    scores = fitting.score(fitting.fit(index, table_of(values)), table_of(values)).column("index")
    assert (scores >= values.min(axis=1) - 1e-9).all()
    assert (scores <= values.max(axis=1) + 1e-9).all()


def test_a_huge_tree(methodology):
    """300 indicators below 60 nodes on four levels, scored as one flat mean of their effective weights."""
    nodes = [{"id": "index"}] + [{"id": f"p{k}", "parent": "index"} for k in range(3)]
    nodes += [{"id": f"q{k}", "parent": f"p{k % 3}"} for k in range(9)] + [
        {"id": f"r{k}", "parent": f"q{k % 9}"} for k in range(47)
    ]
    indicators = [
        {"id": f"x{k}", "parent": f"r{k % 47}", "normalise": {"method": "none"}, "weight": 1.0 + k % 5}
        for k in range(300)
    ]
    index = methodology(nodes=nodes, indicators=indicators)
    values = np.random.default_rng(1).uniform(0, 100, (40, 300))
    table = Table.from_arrays([f"u{row}" for row in range(40)], [f"x{k}" for k in range(300)], values)
    scores = fitting.score(fitting.fit(index, table), table)
    weights = np.array([scores.effective[f"x{k}"] for k in range(300)])
    assert weights.sum() == pytest.approx(1)
    assert scores.column("index") == pytest.approx(values @ weights, abs=1e-10)
