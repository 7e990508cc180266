"""Weights by which one factor is estimated: `factor-scores`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.steps.weight.factor_scores import NotFitted, score_coefficients

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5])


def one_factor(loadings):
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1.0)
    return matrix


@pytest.mark.parametrize("by", ["regression", "bartlett"])
def test_of_an_exact_factor_the_coefficients_are_those_of_the_books(by):
    """Regression R^-1 l; Bartlett (l' P^-1 l)^-1 l' P^-1 (Lawley & Maxwell 1971, ch. 8)."""
    correlations = one_factor(LOADINGS)
    loadings, found = score_coefficients(correlations, by)
    assert loadings == pytest.approx(LOADINGS, abs=2e-4)
    unique = 1 - LOADINGS**2
    if by == "regression":
        expected = np.linalg.solve(correlations, LOADINGS)
    else:
        expected = LOADINGS / unique / (LOADINGS**2 / unique).sum()
    assert found == pytest.approx(expected, abs=5e-4)


def blocks(by="regression"):
    children = ", ".join(f"{{id: {name}, parent: index}}" for name in "abcd")
    return f"""\
        scale: open
        defaults: {{normalise: {{method: z-score}}}}
        nodes: [{{id: index, weights: {{method: factor-scores, by: {by}}}}}]
        indicators: [{children}]
        """


def sample(loadings, rows=400, seed=1):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(rows, 1))
    values = factor * loadings + rng.normal(size=(rows, len(loadings))) * np.sqrt(1 - np.square(loadings))
    return {name: values[:, at].tolist() for at, name in enumerate("abcd")}


def test_in_an_index_and_one_that_runs_against_the_others(score):
    columns = sample(np.array([0.8, 0.7, 0.6, -0.5]))
    scores = score(blocks(), columns)
    effective = scores.effective
    assert effective["d"] == 0
    assert effective["a"] > effective["b"] > effective["c"] > 0
    (told,) = [one for one in scores.findings if one.code == "DT342"]
    assert told.place.name == "d"


def test_too_few_rows_and_a_heywood_case_are_errors(codes_of):
    assert codes_of(blocks(), {name: column[:4] for name, column in sample(LOADINGS).items()}) == ["DT344"]
    with pytest.raises(NotFitted, match="uniqueness"):
        score_coefficients(one_factor(np.array([0.9999, 0.7, 0.6])), "regression")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.3, 0.85), min_size=3, max_size=6))
def test_the_higher_the_loading_the_higher_the_coefficient(loadings):
    _, found = score_coefficients(one_factor(np.array(loadings)), "regression")
    order = np.argsort(loadings)
    assert (np.diff(found[order]) >= -1e-3).all()
    assert (found > 0).all()
