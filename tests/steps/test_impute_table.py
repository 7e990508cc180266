"""Imputation from other units: `knn` and `em`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import KNNImputer

import dtindex as dti
from dtindex.spec.methods import ImputeEm, ImputeKnn
from dtindex.steps.impute.table import ExpectedByNormal, NearestNeighbours, canonical, normal_moments


def blocks(impute, more=""):
    return f"""\
        scale: [0, 100]
        defaults: {{normalise: {{method: none}}, impute: {{{impute}}}, coverage: {{at_least: 0}}}}
        nodes: [{{id: index}}]
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}{more}]
        """


def cells(rows=30, gaps=0.2, seed=1):
    rng = np.random.default_rng(seed)
    common = rng.normal(50, 15, size=(rows, 1))
    values = np.clip(common + rng.normal(0, 8, size=(rows, 3)), 0, 100)
    values[rng.random(values.shape) < gaps] = np.nan
    return values


def columns(values):
    return {
        name: [None if np.isnan(x) else float(x) for x in column] for name, column in zip("abc", values.T, strict=True)
    }


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_neighbours_as_scikit_learn_finds_them(score, weights):
    values = cells()
    expected = KNNImputer(n_neighbors=4, weights=weights).fit_transform(values)
    scores = score(blocks(f"method: knn, k: 4, weights: {weights}"), columns(values))
    known = ~np.isnan(values).all(axis=1)
    found = np.column_stack([scores.column(name) for name in "abc"])
    assert found[known] == pytest.approx(expected[known])
    filled = np.isnan(values) & ~np.isnan(found)
    assert (scores.status[["a", "b", "c"]].to_numpy()[filled] == "imputed").all()
    assert np.array_equal(found[~np.isnan(values)], values[~np.isnan(values)])


def test_neighbours_by_hand(score):
    """c of u3 is missing; by a and b u0 and u2 are nearest: (10 + 30) / 2."""
    found = score(blocks("method: knn, k: 2"), {"a": [1, 90, 3, 2], "b": [1, 90, 3, 2], "c": [10, 99, 30, None]})
    assert found.column("c")[3] == 20


def test_anderson_s_closed_form():
    """Anderson (1957), y missing for some: mean, variance and covariance by the regression on x of complete rows."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=40)
    y = 2 * x + rng.normal(size=40)
    y[28:] = np.nan
    mean, covariance = normal_moments(np.column_stack([x, y]), tolerance=1e-13, most=20_000)
    seen, full = slice(0, 28), y[:28]
    slope = np.cov(x[seen], full, ddof=0)[0, 1] / x[seen].var()
    assert mean[1] == pytest.approx(full.mean() + slope * (x.mean() - x[seen].mean()), abs=1e-9)
    assert covariance[1, 1] == pytest.approx(full.var() + slope**2 * (x.var() - x[seen].var()), abs=1e-9)
    assert covariance[0, 1] == pytest.approx(slope * x.var(), abs=1e-9)


def test_em_in_an_index(score):
    """What is expected of a normal distribution, of each unit by what is known of it."""
    values = cells()
    scores = score(blocks("method: em"), columns(values))
    found = np.column_stack([scores.column(name) for name in "abc"])
    assert not np.isnan(found).any()
    some = values[~np.isnan(values).all(axis=1)]
    mean, covariance = normal_moments(canonical(some))
    for row in range(len(values)):
        known = ~np.isnan(values[row])
        if known.all() or not known.any():
            continue
        slope = covariance[np.ix_(~known, known)] @ np.linalg.inv(covariance[np.ix_(known, known)])
        expected = mean[~known] + slope @ (values[row, known] - mean[known])
        assert found[row, ~known] == pytest.approx(expected, abs=1e-6)


def test_ridge_serves_where_there_are_more_indicators_than_rows():
    values = np.random.default_rng(1).normal(size=(4, 6))
    values[0, 0] = np.nan
    _, covariance = normal_moments(values, ridge=0.1)
    assert np.linalg.eigvalsh(covariance).min() > 0


@pytest.mark.parametrize("impute", ["method: knn, k: 3", "method: em", "method: em, ridge: 0.05"])
class TestFrozen:
    def test_an_edition_fills_as_the_index_did(self, fitted, table, tmp_path, impute):
        values = cells()
        index = fitted(blocks(impute), columns(values))
        edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
        assert edition.verify().holds
        rows = [at for at in range(len(values)) if np.isnan(values[at]).any()][:3]
        some = edition.score(table(columns(values[rows])))
        whole = index.score()
        for name in "abc":
            assert np.array_equal(some.column(name), whole.column(name)[rows], equal_nan=True)

    def test_the_order_of_rows_changes_no_bit(self, score, impute):
        values = cells()
        order = np.random.default_rng(5).permutation(len(values))
        one, two = (score(blocks(impute), columns(own)) for own in (values, values[order]))
        for name in "abc":
            assert np.array_equal(two.column(name), one.column(name)[order], equal_nan=True)

    def test_it_is_counted_as_imputed_and_simulated(self, fitted, impute):
        index = fitted(blocks(impute), columns(cells()))
        assert len(index.score().imputed) == int(np.isnan(cells()).sum())
        assert dti.simulate(index, runs=32).runs == 32
        assert len(dti.leave_one_out(index).summary) == 3

    def test_nothing_to_learn_from(self, score, impute):
        scores = score(blocks(impute), {"a": [None, None, None], "b": [1, 2, 3], "c": [3, None, 5]})
        assert np.isnan(scores.column("a")).all()


def test_a_node_that_is_not_above_is_refused(methodology):
    with pytest.raises(dti.InputError, match="DT0"):
        methodology(blocks("method: knn, of: nowhere"))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_filled_lies_among_what_is_known_and_follows_the_others(seed):
    values = cells(rows=12, gaps=0.3, seed=seed)
    gaps = np.isnan(values[:, 0])
    knn = NearestNeighbours(ImputeKnn(method="knn", k=3))
    state = knn.learn(values)
    if state:
        found = knn.found(values[gaps], state)
        known = values[~gaps, 0]
        found = found[~np.isnan(found)]
        assert ((found >= known.min() - 1e-9) & (found <= known.max() + 1e-9)).all()
    em = ExpectedByNormal(ImputeEm(method="em", ridge=0.1))
    state = em.learn(values)
    if state:
        assert np.isfinite(em.found(values[gaps], state)).all()
        assert np.linalg.eigvalsh(state["covariance"].reshape(3, 3)).min() > -1e-9
