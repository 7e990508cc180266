"""Figures of pymcdm and scikit-criteria: `python tests/steps/peers.py > tests/steps/peers.json`.

It needs both packages (`requirements/peers.txt`), which the tests do not: they read what it wrote.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np

UNITS, TYPES, WEIGHTS = 12, [-1, 1, 1, 1, 1], [0.3, 0.25, 0.2, 0.15, 0.1]


def matrix() -> np.ndarray:
    """Twelve units, five criteria, the first one a cost."""
    rows = np.arange(1, UNITS + 1)[:, None]
    return np.rint(50 + 40 * np.sin(rows * np.array([1.3, 2.1, 0.7, 2.9, 1.9])) + rows * np.array([1, -1, 2, 0, 1]))


def constant_regret() -> np.ndarray:
    """Five units of whom each is last in one criterion, so that the greatest regret is the same for all."""
    rows = [[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]]
    return np.array(rows, dtype=float)


def of_pymcdm() -> dict[str, Any]:
    from pymcdm import helpers, methods, normalizations, weights

    values, own, types = matrix(), np.array(WEIGHTS), np.array(TYPES)
    level = np.full(4, 0.25), np.array([-1, 1, 1, 1])
    shared = helpers.normalize_matrix(values, normalizations.minmax_normalization, types)
    return {
        "WSM, minmax": methods.WSM(normalizations.minmax_normalization)(values, own, types),
        "WPM, given": methods.WPM(lambda column, cost=False: column)(1 + 99 * shared, own, np.ones(5)),
        "TOPSIS, minmax": methods.TOPSIS(normalizations.minmax_normalization)(values, own, types),
        "VIKOR": methods.VIKOR(v=0.5)(values, own, types),
        "VIKOR, constant regret": methods.VIKOR(v=0.5)(constant_regret(), *level),
        "PROMETHEE_II, usual": methods.PROMETHEE_II("usual")(values, own, types),
        "minmax of a constant": normalizations.minmax_normalization(np.array([3.0, 3.0, 3.0])),
        "critic_weights of minmax": weights.critic_weights(shared),
        "entropy_weights": weights.entropy_weights(values),
        "standard_deviation_weights": weights.standard_deviation_weights(values),
        "standard_deviation_weights, metres for kilometres": weights.standard_deviation_weights(
            values * np.array([1000, 1, 1, 1, 1])
        ),
    }


def of_scikit_criteria() -> dict[str, Any]:
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.agg.vikor import VIKOR
    from skcriteria.preprocessing.invert_objectives import NegateMinimize
    from skcriteria.preprocessing.scalers import MinMaxScaler

    raw = skcriteria.mkdm(matrix(), [min, max, max, max, max], weights=WEIGHTS)
    scaled = MinMaxScaler(target="matrix").transform(NegateMinimize().transform(raw))
    return {
        "WeightedSumModel, min-max": WeightedSumModel().evaluate(scaled).e_.score,
        "TOPSIS, min-max": TOPSIS().evaluate(scaled).e_.similarity,
        "VIKOR": VIKOR(v=0.5).evaluate(raw).e_.q_k,
    }


def plain(figures: dict[str, Any]) -> dict[str, list[float | None]]:
    """Lists; None for what is no number."""
    return {name: [x if np.isfinite(x) else None for x in np.ravel(found).tolist()] for name, found in figures.items()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = {
        f"pymcdm {version('pymcdm')}": plain(of_pymcdm()),
        f"scikit-criteria {version('scikit-criteria')}": plain(of_scikit_criteria()),
    }
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")
