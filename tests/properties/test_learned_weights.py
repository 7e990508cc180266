"""What holds for every weighting that learns from data: shares, no order of rows, and the scales it ignores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import TypeAdapter

from dtindex.spec.methods import Weights
from dtindex.steps.weight import METHODS, weighting
from dtindex.steps.weight.base import Siblings

LEARNED = {
    "entropy": {"method": "entropy"},
    "critic": {"method": "critic"},
    "inverse-sd": {"method": "inverse-sd"},
    "pca": {"method": "pca"},
    "oecd-pca": {"method": "oecd-pca", "factors": 2},
    "factor-scores": {"method": "factor-scores"},
    "importance-matching": {"method": "importance-matching"},
    "regression": {"method": "regression", "outcome": "elsewhere"},
}
# They work on correlations, which no change of scale touches.
SCALE_FREE = ("pca", "oecd-pca", "factor-scores")
SCORES = arrays(np.float64, (12, 4), elements=st.integers(0, 100).map(float))


def weights_of(method: str, scores: np.ndarray) -> np.ndarray:
    spec = TypeAdapter(Weights).validate_python(LEARNED[method])
    children = [f"c{column}" for column in range(scores.shape[1])]
    columns = [np.ascontiguousarray(column) for column in scores.T]
    # An outcome that is made of the scores themselves, so that it goes where they go.
    outcome = scores @ np.array([3.0, 1.0, -1.0, 0.5]) + 0.01 * scores[:, 0] ** 2
    siblings = Siblings("index", children, {}, columns, [100.0] * len(children), lambda _: outcome)
    return weighting(spec).fit(siblings).weights


def varied(scores: np.ndarray) -> bool:
    """Whether no column is constant or nearly a copy of another, so that no method falls back."""
    if (scores.std(axis=0) < 1).any():
        return False
    return bool(np.linalg.eigvalsh(np.corrcoef(scores.T))[0] > 0.05)


def test_every_method_that_learns_is_here() -> None:
    assert set(METHODS) - set(LEARNED) == {
        "given", "equal", "ahp", "budget", "best-worst", "ordinal", "delphi", "mix",
    }  # fmt: skip


@pytest.mark.parametrize("method", LEARNED)
@settings(max_examples=25, deadline=None)
@given(scores=SCORES, seed=st.integers(0, 100))
def test_weights_are_shares_and_the_order_of_rows_changes_no_bit(method: str, scores: np.ndarray, seed: int) -> None:
    assume(varied(scores))
    weights = weights_of(method, scores)
    assert np.isfinite(weights).all()
    assert (weights >= 0).all()
    assert weights.sum() > 0
    shuffled = scores[np.random.default_rng(seed).permutation(len(scores))]
    assert np.array_equal(weights_of(method, shuffled), weights)


@pytest.mark.parametrize("method", SCALE_FREE)
@settings(max_examples=25, deadline=None)
@given(scores=SCORES, factor=st.sampled_from([0.25, 2.0, 8.0]), column=st.integers(0, 3))
def test_a_change_of_scale_changes_no_share(method: str, scores: np.ndarray, factor: float, column: int) -> None:
    assume(varied(scores))
    scaled = scores.copy()
    scaled[:, column] *= factor
    before, after = weights_of(method, scores), weights_of(method, scaled)
    assert after / after.sum() == pytest.approx(before / before.sum(), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(scores=SCORES, factor=st.sampled_from([0.25, 2.0, 8.0]))
def test_inverse_sd_falls_as_a_column_spreads(scores: np.ndarray, factor: float) -> None:
    """Weights go by one over the deviation: twice the spread, half the weight beside the others."""
    assume(varied(scores))
    scaled = scores.copy()
    scaled[:, 0] *= factor
    before, after = weights_of("inverse-sd", scores), weights_of("inverse-sd", scaled)
    assert after[0] / after[1] == pytest.approx(before[0] / before[1] / factor, rel=1e-9)
