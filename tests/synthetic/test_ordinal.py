"""Answers of one category: shares, thresholds, and what is given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from dtindex.synthetic.ordinal import Ordinal, draw_ordinal, shifted_shares

ROWS = 200_000


def test_without_a_shift_all_are_alike() -> None:
    assert shifted_shares(5, 0.0) == pytest.approx([0.2] * 5)


def test_shifted_shares_are_those_of_a_moved_normal_variable() -> None:
    # Two categories part at 0: P(x + s > 0) = Phi(s).
    assert shifted_shares(2, 0.7)[1] == pytest.approx(norm.cdf(0.7))
    # Three part at Phi^-1(1/3) and Phi^-1(2/3).
    lower, upper = norm.ppf([1 / 3, 2 / 3])
    expected = [norm.cdf(lower + 0.4), norm.cdf(upper + 0.4) - norm.cdf(lower + 0.4), 1 - norm.cdf(upper + 0.4)]
    assert shifted_shares(3, -0.4) == pytest.approx(expected)


def test_given_shares_stand_whatever_the_shift() -> None:
    ordinal = Ordinal(4, (1, 3, 2, 0), {0: 0.14, 1: 0.66})
    for shift in (-2.0, 0.0, 2.0):
        shares = ordinal.shares(shift)
        assert shares[[0, 1]] == pytest.approx([0.14, 0.66])
        assert shares.sum() == pytest.approx(1)
    assert ordinal.shares(1.0)[2] == pytest.approx(0.2 * norm.cdf(1.0))


def test_one_free_category_takes_what_is_left() -> None:
    ordinal = Ordinal(3, (0, 1, 2), {0: 0.5, 1: 0.3})
    assert ordinal.shares(3.0) == pytest.approx([0.5, 0.3, 0.2])
    assert not ordinal.moves


def test_drawn_shares_and_order() -> None:
    rng = np.random.default_rng(1)
    latent = rng.standard_normal(ROWS)
    shares = np.array([0.1, 0.6, 0.3])
    drawn = draw_ordinal(rng, Ordinal(3, (2, 0, 1), {}), shares, latent)
    for position, share in enumerate(shares):
        assert (drawn == position).mean() == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / ROWS))
    # The last of the order is the highest part of the variable: above Phi^-1(0.4).
    assert np.array_equal(drawn == 1, latent > norm.ppf(0.4))
    assert np.array_equal(drawn == 2, latent <= norm.ppf(0.3))


def test_no_answer_has_nothing_to_do_with_the_variable() -> None:
    rng = np.random.default_rng(2)
    latent = rng.standard_normal(ROWS)
    ordinal = Ordinal(3, (0, 1), {2: 0.2})
    drawn = draw_ordinal(rng, ordinal, ordinal.shares(), latent)
    assert (drawn == 2).mean() == pytest.approx(0.2, abs=5 * math.sqrt(0.16 / ROWS))
    assert latent[drawn == 2].mean() == pytest.approx(0, abs=5 / math.sqrt(0.2 * ROWS))


def test_a_category_of_no_share_is_never_drawn() -> None:
    rng = np.random.default_rng(3)
    drawn = draw_ordinal(rng, Ordinal(3, (0, 1, 2), {}), np.array([0.5, 0.0, 0.5]), rng.standard_normal(ROWS))
    assert set(np.unique(drawn)) == {0, 2}
