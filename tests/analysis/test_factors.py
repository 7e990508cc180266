"""Omega against R's psych and lavaan, and against factors that were put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.factors import minres, omega, omega_hierarchical


def correlations(covariances: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.diag(covariances))
    return covariances / np.outer(scale, scale)


def test_three_items_as_lavaan_fits_them(holzinger):
    """lavaan: one factor of x4 to x6, just determined, so that least squares are maximum likelihood; n = 301."""
    textual = holzinger[3:6, 3:6]
    loadings = minres(correlations(textual))[:, 0]
    likelihood = np.diag(textual) * 300 / 301
    assert loadings * np.sqrt(likelihood) == pytest.approx([0.984368, 1.115185, 0.909736], abs=1e-6)
    assert (1 - loadings**2) * likelihood == pytest.approx([0.381683, 0.416149, 0.368739], abs=1e-6)
    # lavaan's loadings are printed to six decimals, the omega that was computed from them to nine.
    assert omega(loadings, textual) == pytest.approx(0.885880924, abs=1e-9)


def test_omega_of_psych(holzinger):
    """R: psych::omega(HolzingerSwineford1939[x1 to x9], nfactors = 3), minres, oblimin: .4492 and .8509."""
    found = omega_hierarchical(correlations(holzinger))
    assert found.general == pytest.approx(0.4492, abs=5e-5)
    # psych's search stops earlier: its total is a ten-thousandth away.
    assert found.total == pytest.approx(0.8509, abs=1.2e-4)


def test_a_general_factor_that_was_put_in_is_found():
    """Schmid-Leiman in reverse: g loadings .6, group loadings .5, three groups of three."""
    general = np.full(9, 0.6)
    groups = np.kron(np.eye(3), np.full((3, 1), 0.5))
    whole = np.outer(general, general) + groups @ groups.T
    np.fill_diagonal(whole, 1.0)
    found = omega_hierarchical(whole)
    assert found.general == pytest.approx(general.sum() ** 2 / whole.sum(), abs=1e-6)
    assert found.total == pytest.approx(1 - 9 * (1 - 0.61) / whole.sum(), abs=1e-6)


@given(st.lists(st.floats(0.2, 0.9), min_size=4, max_size=8))
def test_one_factor_that_was_put_in_is_found(loadings):
    put = np.array(loadings)
    whole = np.outer(put, put)
    np.fill_diagonal(whole, 1.0)
    assert minres(whole)[:, 0] == pytest.approx(put, abs=1e-4)


def test_equal_correlations_make_omega_alpha():
    whole = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    assert omega(minres(whole)[:, 0], whole) == pytest.approx(5 * 0.4 / (1 + 4 * 0.4), abs=1e-9)


def test_two_items_determine_no_factor():
    with pytest.raises(NotComputable, match="2 items do not determine 1 factor"):
        minres(np.array([[1, 0.5], [0.5, 1]]))


def test_five_items_are_too_few_for_group_factors():
    with pytest.raises(NotComputable, match="5 items; three group factors need 6"):
        omega_hierarchical(np.eye(5))


def test_an_improper_solution_is_none():
    """Spearman's tetrad: l1^2 = r12 r13 / r23 = 1.35."""
    with pytest.raises(NotComputable, match="no variance of its own is left to a"):
        minres(np.array([[1, 0.9, 0.9], [0.9, 1, 0.6], [0.9, 0.6, 1]]), names=["a", "b", "c"])
