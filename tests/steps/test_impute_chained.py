"""Imputation by chained equations, its completed tables, and what simulations and pooling make of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.steps.test_impute_table import blocks, cells, columns

import dtindex as dti
from dtindex.spec.methods import ImputeMice
from dtindex.spec.uncertainty import Factor
from dtindex.steps.impute.chained import Chained, keys_of

FEW = "method: mice, tables: 6, cycles: 4"


def keys(count):
    return keys_of(np.array([f"u{at}" for at in range(count)], dtype=object), None)


def tables_of(chained, scores, state):
    """Each completed table of scores ``(rows, indicators)``."""
    values = (scores - state["mean"]) / state["spread"]
    return [
        chained._filled(values, keys(len(scores)), state, position, number) * state["spread"] + state["mean"]
        for position, number in enumerate(chained.tables)
    ]


def test_as_the_package_mice_of_r_has_it():
    """mice 3.15.0, `pmm`, 10 iterations, 5 donors, 400 tables of this: means of y and z, and their variances.

    y is missing where x is large, so that the mean of what is known, 42.2, is far off. The standard error of each mean
    over 400 tables is about 0.02 on either side.
    """
    i = np.arange(1, 61)
    x = 50 + 20 * np.sin(i * 1.7) + 5 * np.cos(i * 2.9)
    z = 40 + 0.5 * x + 6 * np.sin(i * 3.1)
    y = 0.6 * x + 0.3 * z + 7 * np.cos(i * 5.3)
    y[x > 58] = np.nan
    z[i % 7 == 0] = np.nan
    assert (int(np.isnan(y).sum()), int(np.isnan(z).sum())) == (25, 8)
    assert np.nanmean(y) == pytest.approx(42.20648, abs=1e-5)
    scores = np.column_stack([x, y, z])
    chained = Chained(ImputeMice(method="mice", tables=400))
    found = tables_of(chained, scores, chained.learn(scores, keys(60)))
    of_y, of_z = ([table[:, column].mean() for table in found] for column in (1, 2))
    assert np.mean(of_y) == pytest.approx(48.27461, abs=0.09)
    assert np.mean(of_z) == pytest.approx(65.11430, abs=0.06)
    assert np.mean([table[:, 1].var(ddof=1) / 60 for table in found]) == pytest.approx(1.958625, rel=0.03)
    # The standard error of a variance over 400 tables is 7 % of it, on either side.
    assert np.var(of_y, ddof=1) == pytest.approx(0.1371976, rel=0.3)
    assert np.var(of_z, ddof=1) == pytest.approx(0.0541692, rel=0.3)


def test_intervals_cover_what_a_single_imputation_s_do_not():
    """200 samples of which y is missing by x: pooled intervals of its mean hold the truth, 0, near 95 times of 100.

    Rubin (1987); with a mean of tables in place of them the same interval is too short.
    """
    rng = np.random.default_rng(20)
    held, alone, count = 0, 0, 200
    chained = Chained(ImputeMice(method="mice", tables=10, cycles=3))
    for _ in range(count):
        x = rng.normal(size=100)
        y = 0.7 * x + rng.normal(size=100) * 0.714
        y[rng.random(100) < 1 / (1 + np.exp(-0.8 * (x - 1)))] = np.nan
        scores = np.column_stack([x, y])
        found = tables_of(chained, scores, chained.learn(scores, keys(100)))
        pooled = dti.pool([t[:, 1].mean() for t in found], [t[:, 1].var(ddof=1) / 100 for t in found], df=99)
        held += pooled.low <= 0 <= pooled.high
        one = np.mean(found, axis=0)[:, 1]
        alone += abs(one.mean()) <= 1.96 * one.std(ddof=1) / 10
    assert 0.90 <= held / count <= 0.99
    assert alone < held


def test_only_observed_scores_are_taken():
    scores = cells(rows=40, seed=4)
    chained = Chained(ImputeMice(method="mice", tables=5, cycles=3))
    for table in tables_of(chained, scores, chained.learn(scores, keys(40))):
        assert not np.isnan(table).any()
        for column in range(3):
            known = scores[~np.isnan(scores[:, column]), column]
            assert np.abs(table[:, column][:, None] - known[None, :]).min(axis=1).max() < 1e-9


def test_equals_have_the_same_chance():
    """Of answers on five points many expect the same: all of those who are as near are drawn, not the first five."""
    rng = np.random.default_rng(8)
    x = np.repeat([1.0, 2.0], 200)
    y = rng.permutation(400) / 400.0
    y[:100] = np.nan
    chained = Chained(ImputeMice(method="mice", tables=2, cycles=1))
    scores = np.column_stack([x, y])
    (first, _) = tables_of(chained, scores, chained.learn(scores, keys(400)))
    assert len(np.unique(first[:100, 1])) > 40


def test_the_index_takes_the_mean_of_the_tables(fitted):
    values = cells()
    index = fitted(blocks(FEW), columns(values))
    completed = dti.completed(index)
    assert len(completed) == 6
    assert completed[0].methodology.tree.indicators["a"].impute.table == 1
    for name in "abc":
        mean = np.mean([scores.column(name) for scores in completed], axis=0)
        assert index.score().column(name) == pytest.approx(mean)
    # Arithmetic, so the composite's mean is that of the means.
    assert completed.units()["mean"].to_numpy() == pytest.approx(index.score().column("index"))


def test_what_differs_among_tables(fitted):
    values = cells()
    completed = dti.completed(fitted(blocks(FEW), columns(values)))
    gaps = np.isnan(values).any(axis=1)
    units = completed.units()
    assert (units["sd"][~gaps] == 0).all()
    assert (units["sd"][gaps] > 0).sum() >= gaps.sum() - 1
    assert (units["best_rank"] <= units["worst_rank"]).all()
    assert len(completed.cells) == 6 * np.isnan(values).sum()
    assert set(completed.cells["table"]) == set(range(1, 7))
    assert completed.to_dict()["tables"] == 6
    assert "6 tables of 30 rows" in repr(completed)
    estimates = [scores.column("index") for scores in completed]
    pooled = dti.pool([one.mean() for one in estimates], [one.var(ddof=1) / 30 for one in estimates], df=29)
    assert pooled.between > 0


def test_a_table_without_gaps_is_the_same_m_times(fitted):
    completed = dti.completed(fitted(blocks(FEW), columns(cells(gaps=0.0))))
    assert len(completed.cells) == 0
    assert (completed.units()["sd"] == 0).all()


class TestSimulated:
    def test_simulation_draws_from_the_tables(self, fitted):
        index = fitted(blocks(FEW), columns(cells()))
        factor = Factor(id="tables", imputation=True)
        simulation = dti.simulate(index, factors=[factor], runs=600, seed=3)
        completed = dti.completed(index)
        of_tables = pd.DataFrame([scores.column("index") for scores in completed], columns=completed[0].units)
        drawn = simulation.score_intervals.loc[list(of_tables.columns)]
        sd = of_tables.std(ddof=0).to_numpy()
        assert drawn["mean"].to_numpy() == pytest.approx(of_tables.mean().to_numpy(), abs=0.15 * sd.max())
        assert drawn["sd"].to_numpy() == pytest.approx(sd, abs=0.15 * sd.max())

    def test_in_a_file_beside_weights(self, fitted):
        more = "\n        uncertainty: {factors: [{id: tables, imputation: true}, {id: weights, box: 0.25}]}\n"
        index = fitted(blocks(FEW) + more, columns(cells()))
        assert dti.simulate(index, runs=64).runs == 64
        found = dti.sensitivity(index, runs=64)
        assert "tables" in set(found.indices["factor"])

    def test_without_mice_there_is_nothing_to_draw(self, methodology, fitted):
        more = "\n        uncertainty: {factors: [{id: tables, imputation: true}]}\n"
        with pytest.raises(dti.InputError, match=r"DT034.*no indicator is imputed by `mice`"):
            methodology(blocks("method: none") + more)
        index = fitted(blocks("method: em"), columns(cells()))
        with pytest.raises(dti.InputError, match="DT386"):
            dti.completed(index)
        with pytest.raises(dti.InputError, match="DT386"):
            dti.simulate(index, factors=[Factor(id="tables", imputation=True)], runs=16)

    def test_one_factor_varies_the_imputation(self, methodology):
        more = (
            "\n        uncertainty: {factors: [{id: tables, imputation: true},"
            " {id: other, impute: [{method: none}, {method: em}]}]}\n"
        )
        with pytest.raises(dti.InputError, match="varies the imputation of"):
            methodology(blocks(FEW) + more)


class TestFrozen:
    def test_an_edition_fills_as_the_index_did(self, fitted, table, tmp_path):
        values = cells()
        index = fitted(blocks(FEW), columns(values))
        edition = dti.load_edition(index.freeze("one").save(tmp_path / "one.dtindex"))
        assert edition.verify().holds
        assert len(dti.completed(edition)) == 6
        scores = edition.score(table(columns(values)))
        for name in "abc":
            assert np.array_equal(scores.column(name), index.score().column(name), equal_nan=True)

    def test_a_later_unit_is_filled_by_itself(self, fitted, table):
        edition = fitted(blocks(FEW), columns(cells())).freeze("one")
        later = cells(rows=8, gaps=0.4, seed=9)
        both = edition.score(table(columns(later)))
        for name in "abc":
            part = edition.score(table(columns(later[:3])))
            assert np.array_equal(part.column(name), both.column(name)[:3], equal_nan=True)

    def test_the_order_of_rows_changes_no_bit(self, methodology):
        values = cells()
        frame = pd.DataFrame({"id": [f"n{at}" for at in range(30)], **columns(values)})
        known = methodology(blocks(FEW))
        frame = frame.rename(columns={"id": known.units.key})
        order = np.random.default_rng(5).permutation(30)
        one = dti.CompositeIndex(known).fit(dti.read_table(frame, known)).score()
        two = dti.CompositeIndex(known).fit(dti.read_table(frame.iloc[order], known)).score()
        place = {unit: at for at, unit in enumerate(two.units)}
        for name in "abc":
            again = two.column(name)[[place[unit] for unit in one.units]]
            assert np.array_equal(one.column(name), again)

    def test_another_seed_gives_other_tables(self, score):
        values = cells()
        one, two = (score(blocks(f"{FEW}, seed: {seed}"), columns(values)).column("a") for seed in (1, 2))
        assert not np.array_equal(one, two)

    def test_a_table_is_the_same_alone(self, score, fitted):
        completed = dti.completed(fitted(blocks(FEW), columns(cells())))
        alone = score(blocks(f"{FEW}, table: 4"), columns(cells()))
        assert np.array_equal(alone.column("a"), completed[3].column("a"))


class TestInput:
    def test_nothing_to_learn_from(self, score):
        scores = score(blocks(FEW), {"a": [None, None, None], "b": [1, 2, 3], "c": [3, None, 5]})
        assert np.isnan(scores.column("a")).all()
        assert scores.column("c")[1] >= 3
        assert scores.column("c")[1] <= 5

    def test_a_table_that_is_not_there(self, methodology):
        with pytest.raises(dti.InputError, match="table 7 of 6"):
            methodology(blocks(f"{FEW}, table: 7"))

    def test_more_indicators_than_units(self):
        scores = np.random.default_rng(1).normal(size=(6, 9))
        scores[0, 0] = scores[3, 4] = np.nan
        chained = Chained(ImputeMice(method="mice", tables=3, cycles=3))
        assert np.isfinite(chained.found(scores, keys(6), chained.learn(scores, keys(6)))).all()

    def test_a_constant_indicator(self):
        scores = cells(rows=20)
        scores[:, 1] = 5.0
        scores[3, 1] = np.nan
        chained = Chained(ImputeMice(method="mice", tables=3, cycles=3))
        found = chained.found(scores, keys(20), chained.learn(scores, keys(20)))
        assert found[3, 1] == pytest.approx(5.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_filled_lies_among_what_is_known(seed):
    scores = cells(rows=15, gaps=0.3, seed=seed)
    chained = Chained(ImputeMice(method="mice", tables=3, cycles=2))
    found = chained.found(scores, keys(15), chained.learn(scores, keys(15)))
    assert np.array_equal(found[~np.isnan(scores)], scores[~np.isnan(scores)])
    for column in range(3):
        known = scores[~np.isnan(scores[:, column]), column]
        assert ((found[:, column] >= known.min() - 1e-9) & (found[:, column] <= known.max() + 1e-9)).all()
