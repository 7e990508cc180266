"""The calibration curve: figures of the methods page, quadrature by scipy, closed forms, simulation."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from dtindex.analysis.classes.calibration import joint_share, joint_share_of, needed_share, needed_share_of
from dtindex.analysis.computable import NotComputable


@pytest.mark.parametrize(
    ("correlation", "joint", "needed"),
    [(0.0, 0.0010, 0.457), (0.25, 0.0113, 0.304), (0.5, 0.0377, 0.183), (0.7, 0.0750, 0.109)],
)
def test_five_dimensions(correlation: float, joint: float, needed: float) -> None:
    """Of which a quarter passes each bound; and the share that makes 2 %: computed apart, to four and three digits."""
    assert joint_share(0.25, correlation) == pytest.approx(joint, abs=5e-5)
    assert needed_share(0.02, correlation) == pytest.approx(needed, abs=5e-4)


@pytest.mark.parametrize("correlation", [0.01, 0.4, 0.9, 0.999, 0.99999])
@pytest.mark.parametrize("dimensions", [2, 5, 12])
def test_against_adaptive_quadrature(correlation: float, dimensions: int) -> None:
    cut = norm.isf(0.1)
    root, rest = np.sqrt(correlation), np.sqrt(1 - correlation)
    steep = cut / root

    def density(z: float) -> float:
        return float(norm.pdf(z) * norm.cdf((root * z - cut) / rest) ** dimensions)

    near = 12 * rest / root
    pieces = [-9.0, steep - near, steep, steep + near, 9.0]
    whole = [(low, high) for low, high in pairwise(pieces) if high > low]
    exact = sum(quad(density, low, high, limit=400)[0] for low, high in whole)
    assert joint_share(0.1, correlation, dimensions) == pytest.approx(exact, abs=1e-7)


def test_the_ends() -> None:
    """Independent: the power; one dimension in all: the share itself; two at 1/2: Sheppard's arcsine."""
    assert joint_share(0.3, 0, 4) == pytest.approx(0.3**4, rel=1e-12)
    assert joint_share(0.3, 1, 4) == 0.3
    assert joint_share(0.0, 0.5) == 0
    assert joint_share(1.0, 0.5) == 1
    assert joint_share(0.5, 0.6, 2) == pytest.approx(0.25 + np.arcsin(0.6) / (2 * np.pi), abs=1e-9)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("joint", [0.001, 0.02, 0.5])
def test_the_inverse_is_one(correlation: float, joint: float) -> None:
    assert joint_share(needed_share(joint, correlation), correlation) == pytest.approx(joint, abs=1e-9)


def test_the_more_they_correlate_the_more_pass() -> None:
    shares = [joint_share(0.2, r) for r in np.linspace(0, 1, 21)]
    assert shares == sorted(shares)


def test_any_matrix_against_simulation() -> None:
    rng = np.random.default_rng(8)
    root = rng.uniform(0.2, 1, (3, 3))
    spread = np.sqrt((root**2).sum(axis=1))
    matrix = root @ root.T / np.outer(spread, spread)
    drawn = rng.standard_normal((400_000, 3)) @ (root / spread[:, None]).T
    shares = np.array([0.1, 0.3, 0.5])
    found = np.all(drawn > norm.isf(shares), axis=1).mean()
    assert joint_share_of(shares, matrix) == pytest.approx(found, abs=3e-3)
    needed = needed_share_of(0.05, matrix)
    assert joint_share_of(np.full(3, needed), matrix) == pytest.approx(0.05, abs=1e-6)


def test_what_cannot_be_asked() -> None:
    for share, correlation in ((-0.1, 0.5), (1.1, 0.5), (0.2, -0.1), (0.2, 1.1)):
        with pytest.raises(ValueError, match="expected 0 to 1"):
            joint_share(share, correlation)
    with pytest.raises(NotComputable):
        needed_share_of(0.0, np.eye(2))
    assert needed_share(0.0, 0.5) == 0
