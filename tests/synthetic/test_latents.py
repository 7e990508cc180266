"""The normal variables behind the answers, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from dtindex.synthetic.latents import answer_latent, dimension_latents

ROWS = 400_000


@pytest.mark.parametrize("correlation", [0.0, 0.25, 0.5, 0.7])
def test_dimensions_correlate_as_they_should(correlation: float) -> None:
    latents = dimension_latents(np.random.default_rng(1), ROWS, 5, correlation)
    found = np.corrcoef(latents)[np.triu_indices(5, 1)]
    # The standard error of a correlation of normals is (1 - rho^2) / sqrt(n).
    assert found == pytest.approx(correlation, abs=5 * (1 - correlation**2) / math.sqrt(ROWS))
    assert latents.mean(axis=1) == pytest.approx(0, abs=5 / math.sqrt(ROWS))
    assert latents.var(axis=1) == pytest.approx(1, abs=5 * math.sqrt(2 / ROWS))


@pytest.mark.parametrize(("correlation", "share"), [(0.0, 0.0010), (0.25, 0.0113), (0.5, 0.0377), (0.7, 0.0750)])
def test_all_five_in_the_top_quarter(correlation: float, share: float) -> None:
    """P(all five above the top quarter) = int phi(z) Phi((sqrt(rho) z - c) / sqrt(1 - rho))^5 dz by quadrature."""
    cut = ndtri(0.75)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    z = 8 * nodes
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    exact = 8 * weights @ (density * ndtr((math.sqrt(correlation) * z - cut) / math.sqrt(1 - correlation)) ** 5)
    assert exact == pytest.approx(share, abs=5e-5)
    latents = dimension_latents(np.random.default_rng(2), ROWS, 5, correlation)
    found = (latents > cut).all(axis=0).mean()
    assert found == pytest.approx(exact, abs=5 * math.sqrt(exact / ROWS))


def test_answers_load_on_their_dimension() -> None:
    rng = np.random.default_rng(3)
    factor = dimension_latents(rng, ROWS, 1, 0.5)[0]
    answers = [answer_latent(rng, factor, ROWS, 0.8) for _ in range(2)]
    assert np.corrcoef(answers[0], factor)[0, 1] == pytest.approx(0.8, abs=0.003)
    assert np.corrcoef(*answers)[0, 1] == pytest.approx(0.64, abs=0.005)
    assert answers[0].var() == pytest.approx(1, abs=0.012)


def test_without_a_factor_an_answer_stands_alone() -> None:
    rng = np.random.default_rng(4)
    assert np.corrcoef(answer_latent(rng, None, ROWS, 0.8), answer_latent(rng, None, ROWS, 0.8))[0, 1] == pytest.approx(
        0, abs=0.008
    )
