"""Eigenvalues against the Handbook's Table 16; parallel analysis against closed forms and simulated rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dtindex.analysis.components import eigenvalues, parallel_analysis, retained


def test_handbook_table_16(tai):
    """OECD/JRC Handbook (2008), Table 16, to the four decimals of the recomputation."""
    found = eigenvalues(np.corrcoef(tai.to_numpy(), rowvar=False))
    assert found == pytest.approx([3.3544, 1.7461, 0.9849, 0.8939, 0.4712, 0.2995, 0.1744, 0.0757], abs=5e-5)
    assert 100 * found / 8 == pytest.approx([41.9, 21.8, 12.3, 11.2, 5.9, 3.7, 2.2, 0.9], abs=0.051)


def test_holzinger(holzinger):
    """R: eigen(cor(HolzingerSwineford1939[x1 to x9]))."""
    scale = np.sqrt(np.diag(holzinger))
    expected = [3.216344, 1.638713, 1.365159, 0.698918, 0.584348, 0.499687, 0.473102, 0.286002, 0.237726]
    assert eigenvalues(holzinger / np.outer(scale, scale)) == pytest.approx(expected, abs=1e-6)


def test_two_random_columns_by_their_closed_form():
    """Eigenvalues 1 + |r| and 1 - |r|; of independent normal columns E|r| = G((n-1)/2) / (sqrt(pi) G(n/2))."""
    rows = 12
    mean = math.gamma((rows - 1) / 2) / (math.sqrt(math.pi) * math.gamma(rows / 2))
    found = parallel_analysis(rows, 2, runs=20_000, seed=5)
    assert found.mean == pytest.approx([1 + mean, 1 - mean], abs=0.005)


def test_the_same_as_eigenvalues_of_simulated_rows():
    """Horn (1965) as he did it: the covariances drawn here are those of rows of normal numbers."""
    rng = np.random.default_rng(11)
    rows = [np.linalg.eigvalsh(np.corrcoef(rng.standard_normal((23, 8)), rowvar=False))[::-1] for _ in range(4000)]
    found = parallel_analysis(23, 8, runs=4000, seed=1)
    assert np.abs(found.mean - np.mean(rows, axis=0)).max() < 0.02
    assert np.abs(found.high - np.quantile(rows, 0.95, axis=0)).max() < 0.04


def test_seed_and_runs_are_all_that_counts():
    once, again = (parallel_analysis(50, 5, runs=100, seed=3) for _ in range(2))
    assert (once.mean == again.mean).all()
    assert (once.mean != parallel_analysis(50, 5, runs=100, seed=4).mean).any()
    assert once.mean.sum() == pytest.approx(5)


def test_retained_stops_at_the_first_that_chance_explains():
    assert retained(np.array([3.0, 0.9, 0.8]), np.array([1.5, 1.0, 0.5])) == 1
    assert retained(np.array([3.0, 0.9]), np.array([1.5, 0.5])) == 2
    assert retained(np.array([1.0, 1.0]), np.array([1.5, 0.5])) == 0
