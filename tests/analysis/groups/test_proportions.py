"""Shares against Newcombe's printed examples and the formulas written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.means import moments
from dtindex.analysis.groups.proportions import odds_ratio, share, two_proportions


def answers(yes: int, count: int, weights=None):
    return moments(np.repeat([1.0, 0.0], [yes, count - yes]), weights)


@pytest.mark.parametrize(
    ("counts", "interval"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), None),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
    ],
)
def test_newcombes_table(counts, interval):
    """Newcombe (1998), table II, method 10, contrasts (a), (b), (d), (f) and (g)."""
    sides = answers(*counts[:2]), answers(*counts[2:])
    if interval is None:
        with pytest.raises(NotComputable, match="all answers are the same"):
            two_proportions(*sides, 0.95)
        return
    found = two_proportions(*sides, 0.95)
    assert (found.low, found.high) == pytest.approx(interval, abs=5e-5)


def test_the_test_is_chi_squared():
    """76 of 100 against 300 of 1,000: z^2 is Pearson's chi-squared without correction."""
    found = two_proportions(answers(76, 100), answers(300, 1000), 0.95)
    other = stats.chi2_contingency([[76, 24], [300, 700]], correction=False)
    assert found.p == pytest.approx(other.pvalue, rel=1e-9)
    assert found.value == pytest.approx(0.46)


def test_wilson_at_the_effective_size():
    """(p + z^2 / 2n -+ z sqrt(p q / n + z^2 / 4 n^2)) / (1 + z^2 / n), n = (sum w)^2 / sum w^2."""
    weights = np.array([1.0, 1.0, 2.0, 2.0, 4.0])
    group = moments(np.array([1.0, 0.0, 1.0, 0.0, 0.0]), weights)
    n, p, z = 100 / 26, 0.3, 1.959963984540054
    centre, width = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found = share(group, 0.95)
    assert (found.low, found.high) == pytest.approx(
        ((centre - width) / (1 + z**2 / n), (centre + width) / (1 + z**2 / n)), rel=1e-12
    )


def test_odds_ratio_is_woolfs_but_for_one():
    found = odds_ratio(answers(30, 50), answers(40, 120), 0.95)
    assert found.value == pytest.approx(30 * 80 / (20 * 40))
    parts = [(1 / 30 + 1 / 20) * 50 / 49, (1 / 40 + 1 / 80) * 120 / 119]
    assert math.log(found.high / found.value) == pytest.approx(1.959963984540054 * math.sqrt(sum(parts)), rel=1e-12)
    with pytest.raises(NotComputable, match="0 or 1"):
        odds_ratio(answers(5, 5), answers(1, 4), 0.95)


def test_swapped_groups_turn_round():
    there = two_proportions(answers(7, 20), answers(30, 60), 0.95)
    back = two_proportions(answers(30, 60), answers(7, 20), 0.95)
    assert (there.value, there.low, there.p) == pytest.approx((-back.value, -back.high, back.p))
