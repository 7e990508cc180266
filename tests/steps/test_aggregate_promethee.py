"""PROMETHEE II: `promethee`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.methods import Promethee
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.promethee import NetFlow, preference

# METHODS.md, section 4, equal to pymcdm 1.4.0 (usual preference).
DECISION = np.array([[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]], float)
FLOWS = [0.125, -0.1875, 0.1875, -0.0625, -0.0625]
FUNCTIONS = {
    "usual": {},
    "u-shape": {"q": 0.2},
    "v-shape": {"p": 0.5},
    "level": {"q": 0.2, "p": 0.5},
    "linear": {"q": 0.1, "p": 0.6},
    "gaussian": {"s": 0.3},
}


def blocks(more=""):
    rest = ", ".join(f"{{id: {name}, parent: index}}" for name in "bcd")
    return f"""\
        scale: [0, 1]
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, aggregate: {{method: promethee{more}}}}}]
        indicators: [{{id: a, parent: index, direction: lower}}, {rest}]
        """


def columns(decision=DECISION):
    return {name: decision[:, at].tolist() for at, name in enumerate("abcd")}


def test_flows(score):
    found = score(blocks(), columns()).column("index")
    assert 2 * found - 1 == pytest.approx(FLOWS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_preference_function_pair_by_pair(score, name):
    """phi = sum_k (pi(i, k) - pi(k, i)) / (n - 1) with pi = sum w P, written out."""
    said = "".join(f", {one}: {value}" for one, value in FUNCTIONS[name].items())
    found = 2 * score(blocks(f", preference: {name}{said}"), columns()).column("index") - 1
    z = (DECISION - DECISION.min(axis=0)) / (DECISION.max(axis=0) - DECISION.min(axis=0))
    z[:, 0] = 1 - z[:, 0]
    q, p, s = (FUNCTIONS[name].get(one) for one in "qps")
    shape = {
        "usual": lambda d: 1.0,
        "u-shape": lambda d: float(d > q),
        "v-shape": lambda d: min(d / p, 1),
        "level": lambda d: 1.0 if d > p else 0.5 if d > q else 0.0,
        "linear": lambda d: 1.0 if d > p else (d - q) / (p - q) if d > q else 0.0,
        "gaussian": lambda d: 1 - np.exp(-d * d / (2 * s * s)),
    }[name]
    pi = [[sum(0.25 * (shape(d) if d > 0 else 0.0) for d in a - b) for b in z] for a in z]
    expected = [(sum(pi[i]) - sum(row[i] for row in pi)) / 4 for i in range(5)]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("wrong", [", q: 1", ", preference: linear, q: 1", ", preference: level, q: 2, p: 1"])
def test_thresholds_that_do_not_fit_are_refused(codes_of, wrong):
    assert codes_of(blocks(wrong), columns())


@given(
    x=st.lists(st.floats(0, 1), min_size=3, max_size=12), name=st.sampled_from(list(FUNCTIONS)), more=st.floats(0, 1)
)
def test_flows_sum_to_nothing_and_better_never_flows_less(x, name, more):
    spec = Promethee(method="promethee", preference=name, **FUNCTIONS[name])  # type: ignore[arg-type]
    method, column = NetFlow(spec), np.array([*x, 0.0, 1.0])

    def inputs(values):
        return Inputs("a", [values], [1.0], [True], lambda item: (values, (0, 1)))

    state = method.fit(inputs(column))
    flows = 2 * method.combine(inputs(column), state, (0, 1)) - 1
    assert flows.sum() == pytest.approx(0, abs=1e-9)
    better = column.copy()
    better[0] = min(1.0, better[0] + more)
    assert method.combine(inputs(better), state, (0, 1))[0] >= (flows[0] + 1) / 2 - 1e-12
    assert (preference(spec, -np.abs(column)) == 0).all()
