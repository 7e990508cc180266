"""Intervals of shares: scipy's own, published examples, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from dtindex.analysis.classes.binomial import clopper_pearson, effective_count, wilson


@pytest.mark.parametrize(("count", "trials"), [(0, 1), (1, 1), (0, 10), (8, 400), (10, 10), (21, 42), (342, 1940)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_against_scipy(count: int, trials: int, confidence: float) -> None:
    test = binomtest(count, trials)
    for method, own in (("wilson", wilson), ("exact", clopper_pearson)):
        expected = test.proportion_ci(confidence, method=method)
        assert own(count, trials, confidence) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_newcombe_s_examples() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    printed = {
        (81, 263): ((0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148): ((0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20): ((0.0, 0.1611), (0.0, 0.1684)),
        (1, 29): ((0.0061, 0.1718), (0.0009, 0.1776)),
    }
    for (count, trials), (score, exact) in printed.items():
        assert wilson(count, trials) == pytest.approx(score, abs=6e-5)
        assert clopper_pearson(count, trials) == pytest.approx(exact, abs=6e-5)


@pytest.mark.parametrize("share", [0.005, 0.02, 0.3, 0.5])
def test_the_exact_interval_covers(share: float) -> None:
    """Summed over all outcomes of 400, not simulated."""
    counts = np.arange(401)
    chances = binom.pmf(counts, 400, share)
    likely = counts[chances > 1e-12]
    inside = [clopper_pearson(int(k), 400)[0] <= share <= clopper_pearson(int(k), 400)[1] for k in likely]
    assert chances[likely][inside].sum() >= 0.95


def test_weights_as_fewer_units() -> None:
    """Kish: equal weights count as they are; one weight of two to one: (1 + 2)^2 / (1 + 4)."""
    assert effective_count(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_count(np.array([1.0, 2.0])) == pytest.approx(9 / 5)
    assert effective_count(np.zeros(3)) == 0
