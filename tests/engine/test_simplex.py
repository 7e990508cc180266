"""Laws of weights: closed forms, exact marginals, rejection from the simplex, and what always holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammainccinv, gammaincinv
from scipy.stats import beta, ks_2samp, kstest

from dtindex.engine.simplex import Box, Choice, Dirichlet, Fixed, Noise, Ordinal, Uniform

RUNS = 100_000
THREE = np.array([0.5, 0.3, 0.2])
LAWS = {
    "uniform": Uniform(3),
    "ordinal": Ordinal(3),
    "dirichlet": Dirichlet([0.4, 3.0, 70.0]),
    "dirichlet with a zero": Dirichlet([2.0, 0.0, 5.0]),
    "dirichlet of ones": Dirichlet(np.ones(3)),
    "tiny dirichlet": Dirichlet([1e-4, 1e-4, 3e-4]),
    "box": Box(0.75 * THREE, 1.25 * THREE),
    "noise": Noise(THREE, 0.25),
    "choice": Choice([[1, 2, 3], [1, 0, 0]], [3, 1]),
    "fixed": Fixed([1, 2, 3]),
}
every_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())


def generator(seed=1):
    return np.random.default_rng(seed)


def drawn(law, runs=RUNS, seed=1):
    rng = generator(seed)
    return law.draw(rng.random((runs, law.dimensions)), rng)


class Counting:
    """A generator that counts the rows it is asked for."""

    def __init__(self, seed=1):
        self.rng, self.rows = generator(seed), 0

    def random(self, shape):
        self.rows += shape[0]
        return self.rng.random(shape)


def assert_moments(weights, mean, covariance):
    """Within 4.5 standard errors, those of the covariance taken from the sample."""
    runs = len(weights)
    error = np.sqrt(np.diagonal(covariance) / runs)
    assert (np.abs(weights.mean(axis=0) - mean) <= 4.5 * error + 1e-15).all()
    centred = weights - mean
    products = centred[:, :, None] * centred[:, None, :]
    error = products.std(axis=0) / math.sqrt(runs)
    assert (np.abs(products.mean(axis=0) - covariance) <= 4.5 * error + 1e-15).all()


def dirichlet_moments(alphas):
    total = alphas.sum()
    mean = alphas / total
    return mean, (np.diag(mean) - np.outer(mean, mean)) / (total + 1)


@every_law
def test_rows_are_weights(law):
    weights = drawn(law, 5000)
    assert weights.shape == (5000, law.items)
    assert weights.dtype == np.float64
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=0, atol=5e-16)


@every_law
def test_same_uniforms_and_seed_same_bytes(law):
    assert drawn(law, 3000).tobytes() == drawn(law, 3000).tobytes()


@every_law
def test_a_row_does_not_depend_on_the_rows_beside_it(law, monkeypatch):
    """Nor on the blocks that rows are worked on in, nor on how the uniforms lie in memory."""
    uniforms = generator().random((4000, law.dimensions))
    all_rows = law.draw(uniforms, generator())
    few = law.draw(uniforms[:7], generator())
    assert few.tobytes() == all_rows[:7].tobytes()
    if law.dimensions:
        later = law.draw(uniforms[2000:2009], generator())
        assert later.tobytes() == all_rows[2000:2009].tobytes()
    assert law.draw(np.asfortranarray(uniforms), generator()).tobytes() == all_rows.tobytes()
    monkeypatch.setattr("dtindex.engine.simplex.base.BLOCK_NUMBERS", 100)
    assert law.draw(uniforms, generator()).tobytes() == all_rows.tobytes()


@every_law
def test_uniforms_on_the_border_and_none_at_all(law):
    border = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.5, 0.0, 1.0]])[:, : law.dimensions]
    before = border.copy()
    weights = law.draw(border, generator())
    assert np.isfinite(weights).all()
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=0, atol=5e-16)
    assert border.tobytes() == before.tobytes()
    assert law.draw(np.empty((0, law.dimensions)), generator()).shape == (0, law.items)


def test_uniform_is_dirichlet_of_ones():
    weights = drawn(Uniform(4))
    assert_moments(weights, *dirichlet_moments(np.ones(4)))
    for item in range(4):
        assert kstest(weights[:, item], beta(1, 3).cdf).pvalue > 1e-3
    assert weights.tobytes() == drawn(Dirichlet(np.ones(4))).tobytes()


@pytest.mark.parametrize(
    "alphas", [[0.05, 0.2, 1.0], [2.0, 1.0, 3.0, 0.0, 2.0], [50.0, 30.0, 20.0], [0.01, 0.01, 900.0]]
)
def test_dirichlet_moments(alphas):
    alphas = np.array(alphas)
    weights = drawn(Dirichlet(alphas))
    assert (weights[:, alphas == 0] == 0).all()
    assert_moments(weights, *dirichlet_moments(alphas))


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.3, 0.7, 1.001, 1.5, 4.0, 20.0, 150.0, 1000.0])
def test_gamma_quantiles(alpha):
    """G_1 / G_2 with G_2 ~ Gamma(2), against scipy's inverse, up to the last float64 on either side."""
    left = np.concatenate([10.0 ** np.linspace(-19, -1, 4000), generator().random(40_000)])
    right = 1 - left[left > 1.2e-16]
    uniforms = np.full((left.size + right.size, 2), 0.5)
    uniforms[:, 0] = np.concatenate([left, right])
    weights = Dirichlet([alpha, 2.0]).draw(uniforms, generator())
    upper = uniforms[:, 0]
    exact = np.where(upper < 0.5, gammainccinv(alpha, np.minimum(upper, 0.5)), gammaincinv(alpha, 1 - upper))
    exact /= gammainccinv(2.0, 0.5)
    seen = exact > 1e-250
    assert seen.mean() > 0.9
    np.testing.assert_allclose(weights[seen, 0] / weights[seen, 1], exact[seen], rtol=1e-7)


def test_dirichlet_tends_to_that_of_ones():
    """The upper quantile of Gamma(1) is -ln U, so that nothing jumps at 1."""
    uniforms = generator().random((1000, 3))
    near = Dirichlet([1.0, 1.0, 1.0 + 1e-9]).draw(uniforms, generator())
    np.testing.assert_allclose(near, Uniform(3).draw(uniforms, generator()), rtol=1e-7)


def test_dirichlet_of_tiny_alphas_is_one_item_at_a_time():
    """As alphas go to 0, item j has all the weight with probability alpha_j / alpha_0."""
    weights = drawn(LAWS["tiny dirichlet"])
    whole = weights > 0.999
    assert whole.any(axis=1).mean() > 0.99
    share = np.array([0.2, 0.2, 0.6])
    assert (np.abs(whole.mean(axis=0) - share) < 0.01).all()


def test_one_alpha_that_is_not_zero():
    assert drawn(Dirichlet([0.0, 0.3, 0.0]), 10).tolist() == [[0, 1, 0]] * 10


@pytest.mark.parametrize("items", [1, 2, 5, 30])
def test_ordinal_means(items):
    """(1/m) sum_{k >= j} 1/k, the mean of the corners of the ordered weights."""
    weights = drawn(Ordinal(items), 20_000)
    assert (np.diff(weights, axis=1) <= 0).all()
    expected = np.cumsum(1 / np.arange(items, 0, -1))[::-1] / items
    error = weights.std(axis=0) / math.sqrt(len(weights))
    assert (np.abs(weights.mean(axis=0) - expected) <= 4.5 * error + 1e-15).all()


def test_ordinal_is_the_sorted_simplex():
    ordered = drawn(Ordinal(4), 20_000)
    sorted_rows = np.sort(drawn(Uniform(4), 20_000, seed=2), axis=1)[:, ::-1]
    for item in range(4):
        assert ks_2samp(ordered[:, item], sorted_rows[:, item]).pvalue > 1e-3
    assert ks_2samp(ordered @ [1, -1, 2, 0.5], sorted_rows @ [1, -1, 2, 0.5]).pvalue > 1e-3


BOXES = [
    ([0.1, 0.2, 0.0], [0.5, 0.6, 0.9]),
    ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]),
    ([0.0, 0.0, 0.0], [0.4, 0.35, 0.6]),
    ([0.3, 0.1, 0.2], [0.9, 0.45, 0.8]),
    ([0.2, 0.2, 0.25], [0.25, 0.9, 0.3]),
    ([0.1, 0.1, 0.1, 0.1], [0.3, 0.4, 0.5, 0.9]),
    ([0.0, 0.05, 0.0, 0.1], [0.35, 0.3, 0.4, 0.3]),
]


@pytest.mark.parametrize(("lower", "upper"), BOXES)
def test_box_is_what_rejection_from_the_simplex_leaves(lower, upper):
    weights = drawn(Box(lower, upper), 20_000)
    simplex = drawn(Uniform(len(lower)), 400_000, seed=2)
    kept = simplex[((simplex >= lower) & (simplex <= upper)).all(axis=1)]
    assert len(kept) > 2000
    for item in range(len(lower)):
        assert ks_2samp(weights[:, item], kept[:, item]).pvalue > 1e-3
    slanted = np.arange(len(lower)) ** 2
    assert ks_2samp(weights @ slanted, kept @ slanted).pvalue > 1e-3


def marginal_of_three(lower, upper, item):
    """The distribution of a weight of three: its density is the length that is left to the next."""
    _, second, third = np.roll(np.arange(3), -item)
    grid = np.linspace(lower[item], upper[item], 200_001)
    highest = np.minimum(upper[second], 1 - grid - lower[third])
    lowest = np.maximum(lower[second], 1 - grid - upper[third])
    density = np.maximum(highest - lowest, 0)
    mass = np.concatenate([[0], np.cumsum(density[1:] + density[:-1])])
    return lambda w: np.interp(w, grid, mass / mass[-1])


@pytest.mark.parametrize(("lower", "upper"), [box for box in BOXES if len(box[0]) == 3])
def test_box_marginals_of_three(lower, upper):
    weights = drawn(Box(lower, upper), 50_000)
    for item in range(3):
        assert kstest(weights[:, item], marginal_of_three(lower, upper, item)).pvalue > 1e-3


def test_box_marginal_of_two():
    """Uniform over what both intervals allow."""
    weights = drawn(Box([0.2, 0.1], [0.7, 0.6]), 50_000)
    assert kstest(weights[:, 0], "uniform", (0.4, 0.3)).pvalue > 1e-3


def test_box_without_upper_ends_is_a_simplex():
    """w - lower is what is left of 1 times uniform weights: Beta(1, m - 1)."""
    items, lower = 100, np.full(100, 0.009)
    weights = drawn(Box(lower, np.ones(items)), 5000)
    assert kstest((weights[:, 5] - lower[5]) / 0.1, beta(1, 99).cdf).pvalue > 1e-3
    assert kstest((weights[:, 99] - lower[99]) / 0.1, beta(1, 99).cdf).pvalue > 1e-3


def test_box_just_below_its_upper_ends_is_a_simplex_from_above():
    items, upper = 100, np.full(100, 0.0101)
    weights = drawn(Box(np.zeros(items), upper), 5000)
    for item in (0, 1, 99):
        assert kstest((upper[item] - weights[:, item]) / 0.01, beta(1, 99).cdf).pvalue > 1e-3


def irwin_hall(x, count):
    """The density of the sum of ``count`` uniforms."""
    terms = [(-1) ** k * math.comb(count, k) * np.maximum(x - k, 0) ** (count - 1) for k in range(count + 1)]
    return sum(terms) / math.factorial(count - 1)


@pytest.mark.parametrize(("lower", "upper"), [(0.0, 0.15), (0.05, 0.2), (0.08, 0.115)])
def test_box_of_equal_intervals(lower, upper):
    """The density of one of ten weights is that of the sum of nine uniforms at what it leaves."""
    weights = drawn(Box(np.full(10, lower), np.full(10, upper)), 20_000)
    grid = np.linspace(lower, upper, 20_001)
    density = irwin_hall((1 - grid - 9 * lower) / (upper - lower), 9)
    mass = np.concatenate([[0], np.cumsum(density[1:] + density[:-1])])
    for item in (0, 4, 9):
        assert kstest(weights[:, item], lambda w: np.interp(w, grid, mass / mass[-1])).pvalue > 1e-3


@pytest.mark.parametrize(
    ("lower", "upper", "least"),
    [
        (np.zeros(100), np.full(100, 0.015), 0.05),
        (np.zeros(100), np.ones(100), 0.035),
        (np.zeros(100), np.full(100, 0.01 + 1e-9), 0.035),
        (np.full(100, 0.01 - 1e-9), np.full(100, 0.5), 0.035),
        (np.full(30, 0.75 / 30), np.full(30, 1.25 / 30), 0.2),
        (np.r_[0.0, np.full(29, 0.01)], np.r_[1.0, np.full(29, 0.05)], 0.9),
        (np.r_[np.zeros(50), np.full(50, 1e-3)], np.r_[np.full(50, 0.05), np.full(50, 1.1e-3)], 0.09),
    ],
)
def test_box_accepts_often_enough(lower, upper, least):
    law, rng = Box(lower, upper), Counting()
    weights = law.draw(np.empty((3000, 0)), rng)
    assert 3000 / rng.rows > least
    assert (weights >= lower).all()
    assert (weights <= upper).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=0, atol=2.3e-16)


def test_box_with_fixed_weights():
    weights = drawn(Box([0.2, 0.1, 0.3, 0.1], [0.2, 0.4, 0.3, 0.5]), 20_000)
    assert (weights[:, [0, 2]] == [0.2, 0.3]).all()
    assert kstest(weights[:, 1], "uniform", (0.1, 0.3)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("lower", "upper", "point"),
    [
        ([0.5, 0.5], [0.5, 0.9], [0.5, 0.5]),
        ([0.1, 0.2], [0.6, 0.4], [0.6, 0.4]),
        ([0.1] * 10, [0.3] * 10, [0.1] * 10),
        ([0.2, 0.3, 0.1], [0.2, 0.3, 0.9], [0.2, 0.3, 0.5]),
        ([1.0], [1.0], [1.0]),
        ([0.0], [2.0], [1.0]),
    ],
)
def test_box_of_one_point(lower, upper, point):
    """The tenths are among them because their sum in float64 is not 1."""
    weights = drawn(Box(lower, upper), 3)
    np.testing.assert_allclose(weights, [point] * 3, rtol=0, atol=2e-16)


@pytest.mark.parametrize(("lower", "upper"), [([0.6, 0.5], [0.7, 0.9]), ([0.1, 0.2], [0.3, 0.4])])
def test_box_without_a_point(lower, upper):
    assert not Box.feasible(lower, upper)
    with pytest.raises(ValueError, match=f"lower ends sum to {sum(lower):.3g}, upper ends to {sum(upper):.3g}"):
        Box(lower, upper)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
def test_box_keeps_within_any_ends(drawn_ends):
    """Ends on both sides of weights that sum to 1."""
    shares = np.array([ends[0] for ends in drawn_ends]) + 1e-3
    inside = shares / shares.sum()
    lower = inside * np.array([ends[1] for ends in drawn_ends])
    upper = inside * (1 + 3 * np.array([ends[2] for ends in drawn_ends]))
    weights = drawn(Box(lower, upper), 20)
    assert (weights >= lower).all()
    assert (weights <= upper).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=0, atol=1e-15)


def test_noise_is_what_it_says():
    uniforms = generator().random((1000, 3))
    raw = THREE * (0.75 + 0.5 * uniforms)
    weights = Noise(10 * THREE, 0.25).draw(uniforms, generator())
    np.testing.assert_allclose(weights, raw / raw.sum(axis=1)[:, None], rtol=1e-14)
    assert Noise(THREE, 0).draw(uniforms, generator()) == pytest.approx(np.tile(THREE, (1000, 1)))


def test_choice_takes_levels_in_order():
    """With equal shares the level is floor(k U)."""
    uniforms = generator().random((2000, 1))
    for count in (1, 2, 3, 7, 50):
        law = Choice(np.eye(count), np.full(count, 0.3))
        assert law.levels(uniforms).tolist() == np.floor(count * uniforms[:, 0]).astype(int).tolist()
        assert (law.draw(uniforms, generator()).argmax(axis=1) == law.levels(uniforms)).all()


def test_choice_does_not_depend_on_what_else_was_drawn():
    law = Choice(np.eye(4), np.ones(4))
    assert law.levels(np.array([[0.1]])).tolist() == [0]
    assert law.levels(np.array([[0.5], [0.52]])).tolist() == [2, 2]


def test_choice_of_unequal_shares():
    law = Choice(np.eye(5), [0, 1, 0, 3, 0])
    edges = np.array([[0.0], [np.nextafter(0.25, 0)], [0.25], [np.nextafter(1.0, 0)], [1.0]])
    assert law.levels(edges).tolist() == [1, 1, 3, 3, 3]
    assert law.draw(edges, generator()).argmax(axis=1).tolist() == [1, 1, 3, 3, 3]


def test_rows_of_a_choice_are_divided_by_their_sums():
    law = Choice([[1, 3], [5, 5]], [1, 1])
    assert law.draw(np.array([[0.2], [0.9]]), generator()).tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert drawn(Fixed([2, 6]), 2).tolist() == [[0.25, 0.75]] * 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(0),
        lambda: Ordinal(0),
        lambda: Dirichlet([]),
        lambda: Dirichlet([0.0, 0.0]),
        lambda: Dirichlet([1.0, -1.0]),
        lambda: Dirichlet([1.0, math.inf]),
        lambda: Dirichlet([[1.0, 1.0]]),
        lambda: Box([0.1, 0.1], [0.9]),
        lambda: Box([0.6, 0.1], [0.5, 0.9]),
        lambda: Box([-0.1, 0.1], [0.5, 0.9]),
        lambda: Box([0.1, math.nan], [0.5, 0.9]),
        lambda: Box([0.1, 0.1], [0.5, math.inf]),
        lambda: Noise([0.0, 0.0], 0.1),
        lambda: Noise([1.0, 1.0], 1.5),
        lambda: Noise([1.0, 1.0], math.nan),
        lambda: Choice([[1.0, 1.0]], [1.0, 1.0]),
        lambda: Choice([[1.0, -1.0]], [1.0]),
        lambda: Choice([[1.0, 1.0]], [0.0]),
        lambda: Fixed([math.nan, 1.0]),
    ],
)
def test_what_is_no_law(make):
    with pytest.raises(ValueError, match=r"weights?|alphas|number|ends|interval|share"):
        make()


def test_what_was_given_can_change_afterwards():
    given_alphas = np.array([2.0, 3.0])
    law = Dirichlet(given_alphas)
    before = drawn(law, 10)
    given_alphas[:] = 0
    assert drawn(law, 10).tobytes() == before.tobytes()
    with pytest.raises(ValueError, match="read-only"):
        law.alphas[0] = 5.0


def test_laws_have_as_many_dimensions_as_they_say():
    assert [law.dimensions for law in LAWS.values()] == [3, 3, 3, 3, 3, 3, 0, 3, 1, 0]
    assert {law.items for law in LAWS.values()} == {3}
