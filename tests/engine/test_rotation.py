"""Varimax rotation."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.engine.rotation import varimax


def criterion(loadings):
    squared = loadings**2
    return ((squared**2).mean(axis=0) - squared.mean(axis=0) ** 2).sum()


def test_simple_structure_is_found_again():
    """Two factors that share no item, turned by 30 degrees, come back up to order and sign."""
    simple = np.array([[0.9, 0], [0.8, 0], [0.7, 0], [0, 0.6], [0, 0.9]])
    angle = np.pi / 6
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for kaiser in (True, False):
        found, settled = varimax(simple @ turn, kaiser=kaiser)
        assert settled
        assert np.sort(np.abs(found), axis=1) == pytest.approx(np.sort(simple, axis=1), abs=1e-7)


@pytest.mark.parametrize("kaiser", [True, False])
def test_communalities_stay_and_nothing_is_better(kaiser):
    """No turn of any two factors by any angle raises the criterion further."""
    loadings = np.random.default_rng(8).normal(size=(9, 3))
    found, settled = varimax(loadings, kaiser=kaiser)
    assert settled
    assert (found**2).sum(axis=1) == pytest.approx((loadings**2).sum(axis=1))
    lengths = np.sqrt((loadings**2).sum(axis=1))[:, None] if kaiser else 1.0
    best = criterion(found / lengths)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        for angle in np.linspace(0, np.pi, 61):
            turned = found.copy()
            turned[:, first] = np.cos(angle) * found[:, first] - np.sin(angle) * found[:, second]
            turned[:, second] = np.sin(angle) * found[:, first] + np.cos(angle) * found[:, second]
            assert criterion(turned / lengths) <= best + 1e-9


def test_one_factor_has_nothing_to_turn():
    loadings = np.array([[0.5], [0.7]])
    found, settled = varimax(loadings)
    assert settled
    assert found.tolist() == loadings.tolist()


def test_an_item_that_loads_nowhere():
    found, _ = varimax(np.array([[0.5, 0.5], [0.0, 0.0], [0.3, -0.3], [0.6, 0.2]]))
    assert found[1].tolist() == [0, 0]
    assert np.isfinite(found).all()
