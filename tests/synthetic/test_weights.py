"""Sampling weights, against the ratio of shares."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.synthetic.weights import sampling_weights


def test_population_share_over_sample_share() -> None:
    groups = np.repeat([0, 1, 2], [50, 30, 20])
    weights = sampling_weights(groups, np.array([0.25, 0.25, 0.5]))
    assert weights[[0, 50, 80]] == pytest.approx([0.5, 0.25 / 0.3, 2.5])
    assert weights.mean() == pytest.approx(1)
    assert np.bincount(groups, weights) / weights.sum() == pytest.approx([0.25, 0.25, 0.5])


def test_a_group_that_nobody_is_in_is_left_out() -> None:
    weights = sampling_weights(np.array([0, 0, 1]), np.array([0.2, 0.2, 0.6]))
    assert weights == pytest.approx([0.75, 0.75, 1.5])
