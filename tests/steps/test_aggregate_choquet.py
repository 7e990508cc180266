"""The Choquet integral of a 2-additive capacity."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.steps.aggregate.choquet import two_additive

# Grabisch (1996), three students: Shapley values and interactions of the capacity of METHODS.md, section 4.
SHAPLEY = (0.2916667, 0.2916667, 0.4166667)
INTERACTIONS = {(0, 1): -0.45, (0, 2): 0.1, (1, 2): 0.1}


def capacity(shapley, interactions):
    """mu(A) by its Moebius transform: m_i = phi_i - sum I_ij / 2, m_ij = I_ij."""
    members = range(len(shapley))
    single = [shapley[i] - sum(value for pair, value in interactions.items() if i in pair) / 2 for i in members]

    def mu(of):
        pairs = combinations(sorted(of), 2)
        return sum(single[i] for i in of) + sum(interactions.get(pair, 0.0) for pair in pairs)

    return mu


def by_definition(x, mu):
    """sum (x_(k) - x_(k-1)) mu(of those that have x_(k) and more)."""
    order = np.argsort(x, kind="stable")
    total, before = 0.0, 0.0
    for position, member in enumerate(order):
        total += (x[member] - before) * mu(set(order[position:].tolist()))
        before = x[member]
    return total


def blocks(interactions="", coverage=1, weights=SHAPLEY):
    indicators = ", ".join(
        f"{{id: {name}, parent: index, weight: {weight}}}" for name, weight in zip("abc", weights, strict=True)
    )
    return f"""\
        scale: [0, 20]
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, aggregate: {{method: choquet{interactions}}}, coverage: {{at_least: {coverage}}}}}]
        indicators: [{indicators}]
        """


PAIRS = ", interactions: [{of: [a, b], value: -0.45}, {of: [a, c], value: 0.1}, {of: [b, c], value: 0.1}]"
STUDENTS = {"a": [18, 10, 14], "b": [16, 12, 15], "c": [10, 18, 15]}


def test_three_students(score):
    """By the definition of the integral; the one who is good at all three is first, as Grabisch wants it."""
    found = score(blocks(PAIRS), STUDENTS)
    mu = capacity(SHAPLEY, INTERACTIONS)
    expected = [by_definition(np.array(row, dtype=float), mu) for row in zip(*STUDENTS.values(), strict=True)]
    assert found.column("index") == pytest.approx(expected, abs=1e-5)
    assert found.rank("index").tolist() == [2, 3, 1]


def test_without_interactions_it_is_the_weighted_mean(score):
    expected = [np.average(row, weights=SHAPLEY) for row in zip(*STUDENTS.values(), strict=True)]
    assert score(blocks(), STUDENTS).column("index") == pytest.approx(expected)


def test_what_is_missing_takes_its_interactions_along(score):
    found = score(blocks(PAIRS, coverage=0), {"a": [18, None], "b": [None, None], "c": [10, 7]}).column("index")
    phi = SHAPLEY[0] / (SHAPLEY[0] + SHAPLEY[2])
    assert found == pytest.approx([0.1 * 10 + 18 * (phi - 0.05) + 10 * (1 - phi - 0.05), 7])


def test_an_edition_keeps_the_interactions(fitted, tmp_path):
    index = fitted(blocks(PAIRS), STUDENTS)
    edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
    assert edition.verify().holds
    unit = edition.score_unit({"a": 18, "b": 16, "c": 10}).scores["index"]
    assert unit == index.score().column("index")[0]


def test_interactions_that_no_capacity_has_are_refused(codes_of):
    assert codes_of(blocks(", interactions: [{of: [a, b], value: 0.7}]"), STUDENTS) == ["DT345"]
    assert codes_of(blocks(", interactions: [{of: [a, d], value: 0.1}]"), STUDENTS) == ["DT345"]


@given(
    x=st.lists(st.floats(0, 100), min_size=3, max_size=3),
    values=st.lists(st.floats(-0.3, 0.3), min_size=3, max_size=3),
)
def test_the_formula_is_the_integral(x, values):
    pairs = dict(zip(((0, 1), (0, 2), (1, 2)), values, strict=True))
    shapley = (1 / 3, 1 / 3, 1 / 3)
    found = two_additive(np.array(x)[:, None], np.array(shapley)[:, None], pairs)[0]
    assert found == pytest.approx(by_definition(np.array(x), capacity(shapley, pairs)), abs=1e-9)
    assert min(x) - 1e-9 <= found <= max(x) + 1e-9
