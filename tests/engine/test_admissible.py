"""Sets of weights: what is largest over them, against linear programmes, grids and vertices worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from dtindex.engine.admissible import Admissible, Between, Hull, Proportions, Ratio, vertices_of_ratios
from dtindex.engine.simplex import Mixture

RNG = np.random.default_rng(11)
SETS: dict[str, Admissible] = {
    "simplex": Hull.simplex(4),
    "ordinal": Hull.ordinal((2, 0, 1, 3)),
    "experts": Hull([[1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 0, 0]]),
    "between": Between([0.1, 0.0, 0.2, 0.05], [0.4, 0.3, 0.9, 0.5]),
    "proportions": Proportions([1.0, 0.5, 2.0, 0.0], [3.0, 1.5, 2.0, 1.0]),
    "ratios": Hull(vertices_of_ratios(4, [Ratio(0, 1, 1.0, 3.0), Ratio(2, 3, 0.5), Ratio(1, 2, 0.0, 2.0)])),
}


@pytest.mark.parametrize("name", SETS)
def test_the_largest_is_that_of_the_linear_programme_of_its_flow(name: str) -> None:
    own = SETS[name]
    flow = own.flow()
    values = RNG.normal(size=(40, own.items))
    for row, found in zip(values, own.largest(values), strict=True):
        cost = np.concatenate([-row, np.zeros(flow.extra)])
        rows, ends = [], []
        for line, low, high in zip(flow.rows, flow.low, flow.high, strict=True):
            if np.isfinite(high):
                rows.append(line[1:])
                ends.append(high - line[0])
            if np.isfinite(low):
                rows.append(-line[1:])
                ends.append(line[0] - low)
        answer = linprog(cost, A_ub=np.array(rows), b_ub=ends)
        assert answer.status == 0
        assert found == pytest.approx(-answer.fun, abs=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_the_weights_at_which_it_is_largest_are_its_own_and_make_it(name: str) -> None:
    own = SETS[name]
    for row in RNG.normal(size=(40, own.items)):
        weights = own.largest_at(row)
        assert weights.sum() == pytest.approx(1, abs=1e-12)
        assert (weights >= 0).all()
        assert weights @ row == pytest.approx(own.largest(row[None, :])[0], abs=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_some_of_it_is_never_beyond_the_largest(name: str) -> None:
    own = SETS[name]
    some = own.some(300, np.random.default_rng(1))
    assert some.shape == (300, own.items)
    assert np.abs(some.sum(axis=1) - 1).max() < 1e-12
    values = RNG.normal(size=(20, own.items))
    assert (some @ values.T <= own.largest(values) + 1e-12).all()


def test_vertices_of_an_order_are_means_of_the_first() -> None:
    assert Hull.ordinal((0, 1, 2)).vertices.tolist() == [[1, 0, 0], [0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3]]
    # the second weighs most, then the third, then the first
    assert Hull.ordinal((2, 0, 1)).vertices.tolist() == [[0, 1, 0], [0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]]


def test_an_order_is_a_set_of_ratios() -> None:
    ratios = vertices_of_ratios(4, [Ratio(0, 1, 1.0), Ratio(1, 2, 1.0), Ratio(2, 3, 1.0)])
    by_order = Hull.ordinal((0, 1, 2, 3)).vertices
    assert sorted(map(tuple, ratios.round(12).tolist())) == sorted(map(tuple, by_order.round(12).tolist()))


def test_ratios_that_fix_all_weights_leave_a_point() -> None:
    assert vertices_of_ratios(3, [Ratio(0, 1, 2, 2), Ratio(1, 2, 3, 3)]) == pytest.approx(np.array([[6, 3, 1]]) / 10)


def test_ratios_that_contradict_leave_only_what_weighs_nothing_in_them() -> None:
    """a >= 2 b and b >= 2 a: both are 0."""
    assert vertices_of_ratios(3, [Ratio(0, 1, 2), Ratio(1, 0, 2)]) == pytest.approx(np.array([[0, 0, 1.0]]))
    with pytest.raises(ValueError, match="no weights"):
        vertices_of_ratios(2, [Ratio(0, 1, 2), Ratio(1, 0, 2)])


def test_points_are_known() -> None:
    assert Between([0.2, 0.8], [0.2, 0.8]).point
    assert Between([0.2, 0.7], [0.3, 0.7]).point  # the upper ends sum to 1
    assert not Between([0.1, 0.7], [0.3, 0.9]).point
    assert Hull([[1, 2], [2, 4]]).point
    assert not Hull.simplex(2).point
    assert Proportions([1, 2], [1, 2]).point


def test_proportions_are_wider_than_the_box() -> None:
    """Halves moved by a half: 0.75 / (0.75 + 0.25), where the box ends at 0.75 too, and thirds reach 0.6, not 0.5."""
    thirds = Proportions(np.full(3, 1 / 6), np.full(3, 1 / 2))
    assert thirds.largest(np.eye(3)[:1])[0] == pytest.approx(0.6)
    assert Between(np.full(3, 1 / 6), np.full(3, 1 / 2)).largest(np.eye(3)[:1])[0] == pytest.approx(0.5)


@pytest.mark.parametrize("ends", [([0.5, 0.4], [0.4, 0.5]), ([-0.1, 0], [1, 1]), ([0, 0], [0, 0])])
def test_ends_that_are_none_are_refused(ends: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="interval"):
        Proportions(*ends)


# --- the law that is uniform over a polytope ---


def test_a_mixture_is_uniform_over_its_polytope() -> None:
    """a >= b leaves half of the simplex, on which the mean of a is 11/18 - the mean of the larger of two of three."""
    law = Mixture(vertices_of_ratios(3, [Ratio(0, 1, 1.0)]))
    drawn = law.draw(RNG.random((60_000, law.dimensions)), RNG)
    assert np.abs(drawn.sum(axis=1) - 1).max() < 1e-12
    assert (drawn[:, 0] >= drawn[:, 1] - 1e-12).all()
    uniform = RNG.dirichlet(np.ones(3), 200_000)
    kept = uniform[uniform[:, 0] >= uniform[:, 1]]
    assert np.abs(drawn.mean(axis=0) - kept.mean(axis=0)).max() < 4e-3
    assert np.abs(np.cov(drawn.T) - np.cov(kept.T)).max() < 1e-3


def test_the_parts_of_a_mixture_have_their_volumes() -> None:
    """A quadrilateral of the triangle: a at most 1/2 leaves three quarters, cut into parts that sum to it."""
    law = Mixture([[0.5, 0.5, 0], [0.5, 0, 0.5], [0, 1, 0], [0, 0, 1]])
    assert len(law.parts) == 2
    assert sorted(law.shares.round(12)) == pytest.approx([1 / 3, 2 / 3])


def test_flat_mixtures_keep_to_their_dimensions() -> None:
    line = Mixture([[1, 0, 0], [0, 0.5, 0.5], [0.5, 0.25, 0.25]])
    drawn = line.draw(RNG.random((1000, line.dimensions)), RNG)
    assert np.abs(drawn[:, 1] - drawn[:, 2]).max() < 1e-12
    assert drawn[:, 0].mean() == pytest.approx(0.5, abs=0.05)
    point = Mixture([[1, 2, 3]])
    assert point.draw(RNG.random((3, point.dimensions)), RNG) == pytest.approx(np.tile([1 / 6, 2 / 6, 3 / 6], (3, 1)))
