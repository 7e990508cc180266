"""Means with a penalty: `mpi`, `ampi`, `mean-min`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.aggregate.penalised import mazziotta_pareto


def blocks(aggregate, scale="[0, 200]", coverage=1):
    return f"""\
        scale: {scale}
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, aggregate: {{method: {aggregate}}}, coverage: {{at_least: {coverage}}}}}]
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]
        """


ROWS = {"a": [100, 90, 80], "b": [100, 100, 100], "c": [100, 110, 120]}


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("mpi", [100, 99.3333333, 97.3333333]),  # METHODS.md, section 4
        ("mpi, ddof: 1", [100, 99, 96]),
        ("mpi, penalty: positive", [100, 100.6666667, 102.6666667]),
        ("ampi", [100, 99.3333333, 97.3333333]),
        ("mean-min, alpha: 0", [100, 100, 100]),
        ("mean-min, alpha: 1", [100, 90, 80]),
        ("mean-min, alpha: 0.5, beta: 10", [100, 100 - 0.5 * (200**0.5 - 10), 100 - 0.5 * (500**0.5 - 10)]),
    ],
)
def test_three_units_with_one_mean(score, aggregate, expected):
    scale = "[70, 130]" if aggregate == "ampi" else "[0, 200]"
    assert score(blocks(aggregate, scale), ROWS).column("index") == pytest.approx(expected)


def test_ampi_is_on_the_scale_of_the_node(score):
    """Of 0 to 100: 60 x / 100 + 70 before the penalty, and back after it."""
    found = score(blocks("ampi", "[0, 100]"), {"a": [50, 0, 100], "b": [50, 50, 100], "c": [50, 100, 100]})
    x = 60 * np.array([0, 50, 100]) / 100 + 70
    assert found.column("index") == pytest.approx([50, (100 - x.var() / 100 - 70) / 60 * 100, 100])


def test_weights_and_gaps(score):
    text = blocks("mpi", coverage=0).replace("id: a,", "id: a, weight: 3,")
    text = text.replace("id: b,", "id: b, weight: 1,").replace("id: c,", "id: c, weight: 1,")
    found = score(text, {"a": [80, 90], "b": [None, 90], "c": [120, None]}).column("index")
    mean, variance = 90, 0.75 * 100 + 0.25 * 900
    assert found == pytest.approx([mean - variance / mean, 90])


def test_a_mean_that_is_not_positive_has_no_penalty(codes_of):
    text = blocks("mpi", "[-100, 100]")
    assert codes_of(text, {"a": [-5, 1], "b": [1, 1], "c": [4, 1]}) == ["DT304"]


def test_an_open_scale_cannot_be_put_on_an_interval(codes_of):
    text = blocks("ampi").replace("scale: [0, 200]", "scale: [0, 1]").replace("id: index,", "id: index, scale: open,")
    assert codes_of(text, ROWS) == ["DT028"]


@given(st.lists(st.floats(70, 130), min_size=2, max_size=6), st.permutations(range(6)))
def test_the_penalty_is_for_imbalance_alone(x, order):
    column, w = np.array(x)[:, None], np.ones((len(x), 1))
    low, high = (mazziotta_pareto(column, w, sign, 0)[0] for sign in (-1.0, 1.0))
    mean = np.mean(x)
    assert low <= mean + 1e-9 <= high + 2e-9
    assert low >= 70 - 1e-9
    assert high <= 130 + 1e-9
    assert low + high == pytest.approx(2 * mean)
    shuffled = np.array([x[at] for at in order if at < len(x)])[:, None]
    assert mazziotta_pareto(shuffled, w, -1.0, 0)[0] == pytest.approx(low)


@given(
    x=st.lists(st.floats(0, 100), min_size=3, max_size=3),
    alpha=st.floats(0, 1),
    beta=st.floats(0, 20),
    scored=st.none(),
)
def test_mean_min_lies_between_the_two(x, alpha, beta, scored):
    from dtindex.spec.methods import MeanMin
    from dtindex.steps.aggregate.penalised import MeanMinFunction

    spec = MeanMin(method="mean-min", alpha=alpha, beta=beta)
    found = MeanMinFunction(spec).formula(np.array(x)[:, None], np.ones((3, 1)), {}, None)[0]
    assert min(x) - 1e-9 <= found <= np.mean(x) + 1e-9
