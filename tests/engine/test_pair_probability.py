"""Chances of pairs by characteristic functions, against recursions, closed forms and draws."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.engine.halfspace import below
from dtindex.engine.pair_probability import _by_sinc, _cut_off, above_box, above_dirichlet

FIVE = [0.3, -0.2, 0.5, -0.7, 0.1]


@pytest.mark.parametrize(("alphas", "printed"), [([1, 1, 1, 1, 1], 0.5302678571), ([2, 1, 3, 1, 2], 0.8964099370)])
def test_printed_values(alphas: list[float], printed: float) -> None:
    """The half-space section of a simplex; both are P(d.w > 0)."""
    assert above_dirichlet([FIVE], alphas)[0] == pytest.approx(printed, abs=1e-10)


def test_whole_numbers_are_the_recursion() -> None:
    rng = np.random.default_rng(2)
    for m in (2, 5, 12):
        rows = rng.normal(size=(60, m))
        alphas = rng.integers(1, 5, m)
        exact = [1 - below(row, alphas) for row in rows]
        assert above_dirichlet(rows, alphas) == pytest.approx(np.array(exact), abs=1e-10)


@pytest.mark.parametrize("m", [30, 100])
def test_no_value_leaves_0_to_1_and_the_recursion_agrees(m: int) -> None:
    """At m = 100 the closed form by partial fractions gives 1.40 there."""
    rows = np.random.default_rng(3).normal(size=(40, m))
    found = above_dirichlet(rows, np.ones(m))
    exact = np.array([1 - below(row) for row in rows])
    assert found.min() >= 0
    assert found.max() <= 1
    assert exact.min() >= 0
    assert exact.max() <= 1
    assert found == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("scale", [0.05, 0.4, 33.333, 2000.0])
def test_beta_distributions(scale: float) -> None:
    """Two weights: P(w_1 d_1 > w_2 |d_2|) is the upper tail of a beta variable."""
    from scipy.stats import beta

    a, b = 1.7 * scale, 0.9 * scale
    for d in (0.2, 1.0, 4.0):
        exact = beta.sf(1 / (1 + d), a, b)
        assert above_dirichlet([[d, -1.0]], [a, b])[0] == pytest.approx(exact, abs=1e-9)


def test_what_signs_decide_is_exact() -> None:
    rows = [[1, 2, 0], [-1, 0, 0], [0, 0, 0], [np.nan, 1, 1]]
    assert above_dirichlet(rows, [0.3, 0.4, 0.5])[:3].tolist() == [1.0, 0.0, 0.5]
    assert np.isnan(above_dirichlet(rows, [0.3, 0.4, 0.5])[3])


def test_alphas_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="alphas"):
        above_dirichlet([[1, -1]], [1, 0])


@pytest.mark.parametrize("m", [2, 3, 6, 11, 20])
def test_boxes_against_draws(m: int) -> None:
    rng = np.random.default_rng(m)
    rows = rng.normal(size=(20, m))
    middles = rng.uniform(0.5, 1.5, m)
    spans = 0.4 * middles
    x = middles + spans * rng.uniform(-1, 1, (200_000, m))
    drawn = (x @ rows.T > 0).mean(axis=0)
    assert above_box(rows, spans, middles) == pytest.approx(drawn, abs=5e-3)


def test_the_integral_is_the_volume() -> None:
    rng = np.random.default_rng(8)
    for m in (3, 5, 8):
        spans = rng.uniform(0.3, 1, m)
        spans /= spans.sum()
        for mean in (-0.5, 0.0, 0.13, 0.7):
            assert _by_sinc(mean, spans) == pytest.approx(_cut_off(mean, spans), abs=1e-9)


def test_a_triangle_by_hand() -> None:
    """x in 0..2 and y in 0..2: P(x > y / 2) is 1 - 1/4 of the square."""
    assert above_box([[1.0, -0.5]], [1.0, 1.0], [1.0, 1.0])[0] == pytest.approx(0.75, abs=1e-12)


def test_sums_that_cannot_vary() -> None:
    assert above_box([[1, -1], [2, -1], [1, -2]], [0, 0], [1, 1]).tolist() == [0.5, 1.0, 0.0]
