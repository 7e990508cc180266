"""Exact analyses of variance."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.engine.anova import factorial, gaussian_subset_variances, shapley_linear_gaussian
from dtindex.engine.pick_freeze import shapley_from_closed


def subset_variance(values, shares, members):
    """``Var(E[f | x_u])`` as it is defined: means over the other factors, then their variance."""
    means = values
    for axis in reversed(range(len(shares))):
        if axis not in members:
            means = np.tensordot(shares[axis], means, axes=(0, axis))
    weights = np.ones(())
    for axis in members:
        weights = np.multiply.outer(weights, shares[axis])
    weights = weights[..., None]
    centre = (weights * means).sum(axis=tuple(range(len(members))))
    return (weights * (means - centre) ** 2).sum(axis=tuple(range(len(members))))


@st.composite
def designs(draw):
    """A small factorial with probabilities, some of which are equal."""
    levels = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    shares = [rng.dirichlet(np.ones(count)) if rng.random() < 0.7 else np.full(count, 1 / count) for count in levels]
    return rng.normal(size=(*levels, 2)), shares


# Oracles


def test_two_by_three():
    """f = x1 + 2 x2 + 3 x1 x2, x1 in {0, 1}, x2 in {0, 1, 2}: V = 41 / 3, V1 = 4, V2 = 49 / 6, V12 = 3 / 2."""
    one, two = np.meshgrid([0.0, 1], [0.0, 1, 2], indexing="ij")
    found = factorial((one + 2 * two + 3 * one * two)[..., None])
    assert found.components[:, 0] == pytest.approx([0, 4, 49 / 6, 1.5], abs=1e-13)
    assert found.mean == pytest.approx(4)
    assert found.variance == pytest.approx(13.6666667, abs=1e-7)
    assert found.first[:, 0] == pytest.approx([0.2926829, 0.5975610], abs=1e-7)
    assert found.second[0, 1] == found.second[1, 0] == pytest.approx(0.1097561, abs=1e-7)
    assert np.isnan(found.second[[0, 1], [0, 1]]).all()
    assert found.total[:, 0] == pytest.approx([0.4024390, 0.7073171], abs=1e-7)
    assert found.shapley[:, 0] == pytest.approx([4.75 * 3 / 41, 1 - 4.75 * 3 / 41], abs=1e-14)


def test_ishigami_by_quadrature():
    """Sines are integrated exactly by even steps and powers by Gauss's nodes: the analytic indices to the last digit.

    a = 7, b = 0.1; Shapley effects are V1 + V13 / 2, V2, V13 / 2.
    """
    steps = np.pi * (2 * (np.arange(16) + 0.5) / 16 - 1)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    x1, x2, x3 = np.meshgrid(steps, steps, np.pi * nodes, indexing="ij")
    values = np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)
    found = factorial(values[..., None], [None, None, weights / 2])
    v1, v2, v13 = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    assert found.variance == pytest.approx(13.8445879407, abs=1e-9)
    assert found.first[:, 0] == pytest.approx([0.3139051911, 0.4424111448, 0], abs=1e-10)
    assert found.total[:, 0] == pytest.approx([0.5575888552, 0.4424111448, 0.2436836641], abs=1e-10)
    expected = np.array([v1 + v13 / 2, v2, v13 / 2]) / (v1 + v2 + v13)
    assert found.shapley[:, 0] == pytest.approx(expected, abs=1e-12)


def test_g_function_by_quadrature():
    """|4 u - 2| is uniform between 0 and 2; two nodes of Gauss integrate its square exactly."""
    coefficients = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])
    nodes = 1 + np.array([-1, 1]) / math.sqrt(3)
    values = np.ones(())
    for coefficient in coefficients:
        values = np.multiply.outer(values, (nodes + coefficient) / (1 + coefficient))
    found = factorial(values[..., None])
    first = [0.716192, 0.179048, 0.023676, 0.007162, *[0.000072] * 4]
    total = [0.787144, 0.242198, 0.034317, 0.010460, *[0.000105] * 4]
    assert found.first[:, 0] == pytest.approx(first, abs=5e-7)
    assert found.total[:, 0] == pytest.approx(total, abs=5e-7)


@settings(max_examples=60)
@given(design=designs())
def test_all_subsets_as_defined(design):
    values, shares = design
    factors = len(shares)
    found = factorial(values, shares)
    for mask in range(1, 1 << factors):
        members = [factor for factor in range(factors) if mask >> factor & 1]
        assert found.subset_variances[mask] == pytest.approx(subset_variance(values, shares, members), abs=1e-11)
    assert (found.subset_variances[0] == 0).all()
    assert found.factors == factors


@settings(max_examples=60)
@given(design=designs())
def test_shapley_lies_between_first_and_total(design):
    found = factorial(*design)
    if not (found.variance > 0).all():  # a single level of everything
        assert np.isnan(found.shapley).all()
        return
    assert (found.components >= 0).all()
    assert (found.first <= found.shapley + 1e-12).all()
    assert (found.shapley <= found.total + 1e-12).all()
    assert found.shapley.sum(axis=0) == pytest.approx([1, 1], abs=1e-12)
    assert found.shapley == pytest.approx(shapley_from_closed(found.subset_variances / found.variance), abs=1e-12)


@settings(max_examples=60)
@given(design=designs(), slope=st.floats(0.1, 10) | st.floats(-10, -0.1), intercept=st.floats(-1e3, 1e3))
def test_the_unit_of_measure_moves_nothing(design, slope, intercept):
    values, shares = design
    before, after = factorial(values, shares), factorial(slope * values + intercept, shares)
    for name in ("first", "second", "total", "shapley"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1e-9, nan_ok=True)
    assert after.mean == pytest.approx(slope * before.mean + intercept, abs=1e-9)


@settings(max_examples=60)
@given(design=designs(), data=st.data())
def test_factors_in_another_order(design, data):
    values, shares = design
    order = data.draw(st.permutations(range(len(shares))))
    before = factorial(values, shares)
    after = factorial(values.transpose(*order, len(shares)), [shares[factor] for factor in order])
    for name in ("first", "total", "shapley"):
        assert getattr(after, name) == pytest.approx(getattr(before, name)[order], abs=1e-12, nan_ok=True)
    assert after.second == pytest.approx(before.second[order][:, order], abs=1e-12, nan_ok=True)


# Levels, failures and outputs that do not vary


def test_levels_of_probability_zero_may_have_failed():
    values = np.random.default_rng(1).normal(size=(3, 4, 2))
    expected = factorial(np.delete(values, 1, axis=0), [np.array([0.25, 0.75]), None])
    values[1] = np.nan
    found = factorial(values, [np.array([0.25, 0, 0.75]), None])
    assert (found.components == expected.components).all()
    assert (found.mean == expected.mean).all()


def test_a_failed_combination_is_refused():
    values = np.random.default_rng(2).normal(size=(3, 4, 2))
    values[0, 1, 1], values[2, 2] = np.nan, np.inf
    with pytest.raises(ValueError, match="2 of 12 combinations have no finite value"):
        factorial(values)


@pytest.mark.parametrize("constant", [0.0, 7.3, -1e6])
def test_an_output_that_does_not_vary(constant):
    values = np.random.default_rng(3).normal(size=(3, 4, 2))
    noise = np.random.default_rng(4).choice([-1, 0, 1], size=(3, 4))
    values[..., 1] = constant * (1 + noise * 2.0**-52)
    found = factorial(values)
    assert found.variance[1] == 0
    for indices in (found.first, found.total, found.shapley, found.second):
        assert np.isnan(indices[..., 1]).all()
    assert np.isfinite(found.total[:, 0]).all()
    assert found.mean[1] == pytest.approx(constant)


def test_what_is_additive_has_no_interaction():
    rng = np.random.default_rng(5)
    parts = [rng.normal(size=count) for count in (2, 3, 4)]
    values = parts[0][:, None, None] + parts[1][:, None] + parts[2] + 1000
    found = factorial(values[..., None])
    variances = np.array([part.var() for part in parts])
    assert found.first[:, 0] == pytest.approx(variances / variances.sum(), abs=1e-12)
    assert found.total == pytest.approx(found.first, abs=1e-20)


def test_aggregated_is_the_ratio_of_sums():
    """Gamboa et al. (2014): the mean weighted by the variances of the outputs; a constant one has nothing to add."""
    values = np.random.default_rng(6).normal(size=(2, 3, 4, 5)) * [1, 2, 3, 4, 0]
    each = factorial(values)
    together, weights = each.aggregated(), each.variance / each.variance.sum()
    for name in ("first", "total", "shapley"):
        expected = np.nan_to_num(getattr(each, name)) @ weights
        assert getattr(together, name)[:, 0] == pytest.approx(expected, abs=1e-14)
    assert each.aggregated([3]).total[:, 0] == pytest.approx(each.total[:, 3])
    assert together.variance == pytest.approx(each.variance.sum())


@pytest.mark.parametrize(
    ("shape", "shares", "message"),
    [
        ((3,), None, "levels of 1 to 16 factors"),
        ((2,) * 17 + (1,), None, "levels of 1 to 16 factors"),
        ((2, 0, 1), None, "levels of 1 to 16 factors"),
        ((2, 3, 1), [None], "probabilities of 2 factors are needed, found 1"),
        ((2, 3, 1), [None, np.array([0.5, 0.5])], "factor 1 needs 3 probabilities"),
        ((2, 3, 1), [np.array([0.5, 0.6]), None], "factor 0 needs 2 probabilities"),
        ((2, 3, 1), [np.array([-0.5, 1.5]), None], "factor 0 needs 2 probabilities"),
        ((2, 3, 1), [np.array([np.nan, 1.0]), None], "factor 0 needs 2 probabilities"),
    ],
)
def test_designs_that_are_none(shape, shares, message):
    with pytest.raises(ValueError, match=message):
        factorial(np.zeros(shape), shares)


# Correlated normals


def projected(coefficients, factor, members):
    """``Var(E[y | x_u])`` for ``x = L z``: the squared length of ``beta' L`` within the span of the rows of ``L_u``."""
    rows, target = factor[list(members)], coefficients @ factor
    rows = rows / np.where(rows.any(axis=1), np.abs(rows).max(axis=1), 1)[:, None]  # the span is the same
    fitted = rows.T @ np.linalg.lstsq(rows.T, target, rcond=1e-10)[0]
    return fitted @ fitted


def test_three_correlated_normals():
    """R: sensitivity::shapleyLinearGaussian(Beta = c(1, 1, 1), Sigma = ...)."""
    covariance = np.array([[1, 0.5, 0], [0.5, 1, 0.3], [0, 0.3, 4]])
    found = shapley_linear_gaussian(np.ones(3), covariance)
    assert found == pytest.approx([0.191195, 0.255225, 0.553580], abs=5e-7)


@given(
    coefficients=st.tuples(st.floats(0.1, 3), st.floats(-3, 3)),
    deviations=st.tuples(st.floats(0.1, 100), st.floats(0.01, 10)),
    rho=st.floats(-0.9, 0.9),
)
def test_two_normals_in_closed_form(coefficients, deviations, rho):
    """Owen & Prieur (2017), section 5: (b1^2 s1^2 (1 - rho^2 / 2) + rho b1 b2 s1 s2 + b2^2 s2^2 rho^2 / 2) / V."""
    one, two = np.array(coefficients) * deviations
    variance = one**2 + two**2 + 2 * rho * one * two
    expected = (one**2 * (1 - rho**2 / 2) + rho * one * two + two**2 * rho**2 / 2) / variance
    cross = rho * deviations[0] * deviations[1]
    found = shapley_linear_gaussian(
        np.array(coefficients), np.array([[deviations[0] ** 2, cross], [cross, deviations[1] ** 2]])
    )
    assert found == pytest.approx([expected, 1 - expected], abs=1e-9)


@settings(max_examples=40)
@given(size=st.integers(1, 6), rank=st.integers(1, 6), seed=st.integers(0, 100_000))
def test_subsets_of_normals_are_projections(size, rank, seed):
    """Singular covariances as well: fewer independent causes than variables, a variable twice, one that is constant."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(size, rank)) * rng.choice([0.01, 1, 100], size=(size, 1))
    if size > 2:
        factor[1], factor[2] = 2 * factor[0], 0
    coefficients = rng.normal(size=size)
    found = gaussian_subset_variances(coefficients, factor @ factor.T)
    variance = (coefficients @ factor) @ (coefficients @ factor)
    for members in range(1, size + 1):
        for subset in combinations(range(size), members):
            expected = projected(coefficients, factor, subset)
            assert found[sum(1 << one for one in subset)] == pytest.approx(expected, rel=1e-5, abs=1e-6 * variance)
    assert found[0] == 0


def test_independent_normals_have_their_own_share():
    found = shapley_linear_gaussian(np.array([1.0, 2, -3, 0]), np.diag([4.0, 1, 1, 5]))
    assert found == pytest.approx(np.array([4, 4, 9, 0]) / 17, abs=1e-14)


def test_twins_share_and_what_is_not_used_has_its_part():
    """y = x1; x2 is x1 again, x3 is independent, x4 constant."""
    covariance = np.zeros((4, 4))
    covariance[:2, :2], covariance[2, 2] = 1, 2
    assert shapley_linear_gaussian(np.array([1.0, 0, 0, 7]), covariance) == pytest.approx([0.5, 0.5, 0, 0], abs=1e-12)


def test_twelve_normals_sum_to_one():
    factor = np.random.default_rng(7).normal(size=(12, 12))
    found = shapley_linear_gaussian(np.ones(12), factor @ factor.T)
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert (found > 0).all()


def test_the_units_of_the_variables_do_not_decide_what_is_singular():
    rng = np.random.default_rng(8)
    factor, coefficients, units = rng.normal(size=(4, 5)), rng.normal(size=4), np.array([1e-9, 1, 1e7, 1e-3])
    covariance = factor @ factor.T
    found = shapley_linear_gaussian(coefficients / units, covariance * units * units[:, None])
    assert found == pytest.approx(shapley_linear_gaussian(coefficients, covariance), abs=1e-9)


def test_a_sum_that_does_not_vary():
    covariance = np.array([[0.01, -0.01], [-0.01, 0.01]])
    assert np.isnan(shapley_linear_gaussian(np.array([0.3, 0.3]), covariance)).all()
    assert np.isnan(shapley_linear_gaussian(np.zeros(2), np.eye(2))).all()


@pytest.mark.parametrize(
    ("coefficients", "covariance", "message"),
    [
        (np.ones(0), np.ones((0, 0)), "1 to 12 variables"),
        (np.ones(13), np.eye(13), "1 to 12 variables"),
        (np.ones(2), np.eye(3), "finite coefficients"),
        (np.array([1, np.nan]), np.eye(2), "finite coefficients"),
        (np.ones(2), np.array([[1, 0.5], [0.2, 1]]), "symmetric"),
        (np.ones(2), np.array([[1, 2.0], [2, 1]]), "positive semidefinite"),
        (np.ones(2), np.array([[0, 1.0], [1, 1]]), "positive semidefinite"),
        (np.ones(1), np.array([[-1.0]]), "positive semidefinite"),
    ],
)
def test_covariances_that_are_none(coefficients, covariance, message):
    with pytest.raises(ValueError, match=message):
        gaussian_subset_variances(coefficients, covariance)
