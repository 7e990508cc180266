"""The share of the simplex on one side of a plane: closed forms, quadrature, simulation, and what always holds."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from dtindex.engine.halfspace import beats, below, expected_ranks

FIVE = [0.3, -0.2, 0.5, -0.7, 0.1]
TENTHS = st.lists(st.integers(-30, 30).map(lambda whole: whole / 10), min_size=1, max_size=12)


def above_by_quadrature(differences, alphas):
    """P(d.w > 0) by Gil-Pelaez (1951) for gamma variables, as Imhof (1961) for chi-squared ones.

    d.w > 0 where sum d_j G_j > 0, G_j ~ Gamma(a_j); the integrand is written in ln t.
    """
    d, a = np.asarray(differences), np.asarray(alphas)

    def integrand(s):
        t = math.exp(s)
        return math.sin(a @ np.arctan(d * t)) * math.exp(-0.5 * (a @ np.log1p((d * t) ** 2)))

    return 0.5 + quad(integrand, -40, 40, limit=2000, epsabs=1e-13, points=(-5, 0, 5))[0] / math.pi


def below_in_fractions(differences):
    """The partial-fraction form sum over positive d_j of prod d_j / (d_j - d_k), in exact arithmetic; no two alike."""
    exact = [Fraction(d).limit_denominator(10**6) for d in differences]
    above = Fraction(0)
    for j, d in enumerate(exact):
        if d > 0:
            above += math.prod(d / (d - other) for k, other in enumerate(exact) if k != j)
    return 1 - above


def test_two_indicators():
    """3 w > 1 - w for w > 1/4: the first is ahead on three quarters of the segment."""
    assert 1 - below([3, -1]) == 0.75
    assert beats([[3, 0], [0, 1]])[0, 1] == 0.75


def test_numbers_verified_before():
    """Reference figures of P(d.w > 0), the strictly positive side; the next test confirms the side by simulation."""
    assert 1 - below(FIVE) == pytest.approx(0.5302678571, abs=5e-11)
    assert 1 - below(FIVE, [2, 1, 3, 1, 2]) == pytest.approx(0.8964099370, abs=5e-11)


@pytest.mark.parametrize("alphas", [[1, 1, 1, 1, 1], [2, 1, 3, 1, 2], [1, 0, 4, 9, 0]])
def test_simulation_agrees(alphas):
    drawn = np.random.default_rng(20).gamma(alphas, size=(400_000, 5)) @ FIVE <= 0
    exact = below(FIVE, alphas)
    assert abs(drawn.mean() - exact) < 4 * math.sqrt(exact * (1 - exact) / drawn.size)


@pytest.mark.parametrize("seed", range(6))
def test_quadrature_agrees(seed):
    rng = np.random.default_rng(seed)
    differences = rng.normal(0.1, 1.0, size=3 + 4 * seed)
    alphas = rng.integers(1, 5, differences.size)
    assert 1 - below(differences) == pytest.approx(
        above_by_quadrature(differences, np.ones(differences.size)), abs=1e-9
    )
    assert 1 - below(differences, alphas) == pytest.approx(above_by_quadrature(differences, alphas), abs=1e-9)


def test_two_weights_of_any_alphas_are_a_beta_law():
    """a w - b (1 - w) <= 0 for w <= b / (a + b), and w ~ Beta(p, q)."""
    for a, b, p, q in [(3, 1, 1, 1), (1, 4, 2, 7), (0.2, 0.1, 50, 30), (1, 1, 200, 260)]:
        assert below([a, -b], [p, q]) == pytest.approx(beta.cdf(b / (a + b), p, q), rel=1e-11)


@pytest.mark.parametrize("members", [60, 100])
def test_many_indicators(members):
    """Where partial fractions in floating point leave 0..1, they are right in fractions."""
    rng = np.random.default_rng(members)
    differences = rng.permutation(np.arange(-members, members))[:members] / 100 + 0.005
    assert below(differences) == pytest.approx(float(below_in_fractions(differences)), rel=1e-11)
    in_floats = sum(
        math.prod(d / (d - other) for k, other in enumerate(differences) if k != j)
        for j, d in enumerate(differences)
        if d > 0
    )
    assert abs(1 - in_floats - below(differences)) > 1e-9


def test_tiny_probabilities_keep_their_digits():
    """One indicator behind of twenty: d.w <= 0 where 19 exponential variables of rate 1 sum to less than c times one.

    P = E[exp(-S / c)] = (1 + 1 / c)^-19, S ~ Gamma(19).
    """
    for c in (1.0, 1e-3, 1e-9):
        assert below([1.0] * 19 + [-c]) == pytest.approx((1 + 1 / c) ** -19, rel=1e-12, abs=0)


def test_zeros_and_ties():
    assert below([0, 0, 0]) == 1
    assert below([0, 2, 0]) == 0
    assert below([0, -2, 0]) == 1
    assert below([0, 2, -1, 0]) == below([2, -1])
    assert beats([[1, 2], [1, 2], [3, 3]]).tolist() == [[0.5, 0.5, 0], [0.5, 0.5, 0], [1, 1, 0.5]]


@given(TENTHS, st.integers(-8, 8), st.randoms(use_true_random=False))
def test_scale_and_order_do_not_matter(differences, power, random):
    shuffled = [2.0**power * d for d in differences]
    random.shuffle(shuffled)
    assert below(shuffled) == pytest.approx(below(differences), abs=1e-14)


@given(TENTHS)
def test_both_sides_make_one(differences):
    behind, ahead = below(differences), below([-d for d in differences])
    assert 0 <= behind <= 1
    if any(differences):
        assert behind + ahead == pytest.approx(1, abs=1e-14)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 4)), min_size=1, max_size=6))
def test_an_alpha_is_a_repetition(pairs):
    differences, alphas = zip(*pairs, strict=True)
    repeated = [d for d, alpha in pairs for _ in range(alpha)]
    if not repeated:
        with pytest.raises(ValueError, match="not all 0"):
            below(differences, alphas)
    else:
        assert below(differences, alphas) == pytest.approx(below(repeated), abs=1e-14)


@given(st.integers(0, 2**32 - 1), st.floats(0, 12))
def test_within_bounds_for_a_hundred(seed, spread):
    rng = np.random.default_rng(seed)
    differences = rng.normal(size=100) * np.exp(spread * rng.normal(size=100))
    behind, ahead = below(differences), below(-differences)
    assert 0 <= behind <= 1
    assert behind + ahead == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("block", [1, 50, 1_600_000])
def test_all_pairs_are_what_each_pair_is(monkeypatch, block):
    """Whatever pairs are worked on together; rounded scores bring zeros and equal rows."""
    monkeypatch.setattr("dtindex.engine.halfspace._BLOCK_NUMBERS", block)
    monkeypatch.setattr("dtindex.engine.halfspace._CACHED_NUMBERS", block)
    scores = np.random.default_rng(4).integers(0, 3, size=(23, 5)) / 2.0
    scores[7] = scores[3]
    alphas = [1, 2, 1, 3, 1]
    found = beats(scores, alphas)
    for a, one in enumerate(scores):
        for b, other in enumerate(scores):
            tied = bool((one == other).all())
            assert found[b, a] == pytest.approx(0.5 if tied else below(one - other, alphas), abs=1e-14)
    np.testing.assert_allclose(found + found.T, 1, rtol=0, atol=1e-15)
    assert (np.diagonal(found) == 0.5).all()


def test_expected_ranks():
    """They sum to those of any ranking, and are the mean ranks of drawn weights."""
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(12, 6))
    expected = expected_ranks(beats(scores))
    assert expected.sum() == pytest.approx(12 * 13 / 2)
    drawn = rng.dirichlet(np.ones(6), size=50_000) @ scores.T
    ranks = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
    error = ranks.std(axis=0) / math.sqrt(len(ranks))
    assert (np.abs(ranks.mean(axis=0) - expected) <= 4.5 * error + 1e-12).all()


def test_a_unit_without_a_score_counts_for_nobody():
    scores = np.array([[1.0, 4.0], [np.nan, 9.0], [3.0, 1.0]])
    found = beats(scores)
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, 1]).all()
    ranks = expected_ranks(found)
    assert np.isnan(ranks[1])
    assert ranks[[0, 2]] == pytest.approx(expected_ranks(beats(scores[[0, 2]])))
    assert math.isnan(below([1.0, np.nan]))


def test_nothing_and_one():
    assert beats(np.empty((0, 3))).shape == (0, 0)
    assert beats([[1.0, 2.0]]).tolist() == [[0.5]]
    assert below([2.0]) == 0
    assert below([-2.0]) == 1


@pytest.mark.parametrize("alphas", [[1, 1], [1, 1, 0.5], [1, -1, 1], [0, 0, 0], [1, 1, math.nan], [1, 1, math.inf]])
def test_alphas_that_make_no_law(alphas):
    with pytest.raises(ValueError, match="alphas"):
        beats(np.eye(3), alphas)


def test_no_differences():
    with pytest.raises(ValueError, match="shape"):
        below([])
