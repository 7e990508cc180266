"""Counts of ranks against plain loops over the runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.engine import rank_counts
from dtindex.engine.orders import Ordered, Workspace, order_scores, order_whole
from dtindex.engine.rank_counts import LARGEST_TABLE, RankCounts, bin_width

_NONE = np.zeros(0, dtype=np.intp)


def by_hand(ranks: np.ndarray, width: int, bins: int) -> np.ndarray:
    """Counts ``(bins, units)`` of ranks ``(runs, units)``, one at a time."""
    table = np.zeros((bins, ranks.shape[1]), dtype=np.int64)
    for run in ranks.tolist():
        for unit, rank in enumerate(run):
            table[(rank - 1) // width, unit] += 1
    return table


def keys_of(seed: int, runs: int, units: int, levels: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, (runs, units))


@settings(max_examples=80)
@given(
    units=st.integers(1, 60),
    runs=st.integers(0, 30),
    levels=st.sampled_from([1, 2, 5, 10**9]),
    whole=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_counts(units, runs, levels, whole, seed):
    """Both ways to tell of ties, in two parts that are merged."""
    found = RankCounts.of(units)
    both = []
    for part in range(2):
        keys = keys_of(seed + part, runs + part, units, levels)
        if not len(keys):
            continue
        room = Workspace(units)
        ordered = order_whole(keys, room) if whole else order_scores(keys.astype(float), 1e12, room)
        other = RankCounts.of(units)
        other.add(ordered)
        found.merge(other)
        both.append(ordered.rank_matrix().astype(np.int64))
    ranks = np.concatenate(both)
    assert found.runs == len(ranks) == 2 * runs + 1
    assert (found.table == by_hand(ranks, 1, units)).all()
    assert (found.table.sum(axis=0) == found.runs).all()
    assert found.mean() == pytest.approx(ranks.mean(axis=0), rel=1e-13)
    assert found.deviation() == pytest.approx(ranks.std(axis=0), rel=1e-12, abs=1e-12)
    least, most = found.extremes()
    assert (least == ranks.min(axis=0)).all()
    assert (most == ranks.max(axis=0)).all()
    reference = np.random.default_rng(seed).integers(1, units + 1, units)
    assert found.shift(reference) == pytest.approx(np.abs(ranks - reference).mean(axis=0), rel=1e-13)
    for share in (0.0, 0.025, 0.1, 0.5, 0.975, 1.0):
        assert found.quantile(share).tolist() == [quantile_by_hand(column, share) for column in ranks.T]


def quantile_by_hand(ranks: np.ndarray, share: float) -> int:
    """The least rank that is not exceeded in at least this share of the runs."""
    for rank in range(1, max(ranks) + 1):
        if (ranks <= rank).mean() >= share - 1e-12 and (ranks <= rank).any():
            return rank
    raise AssertionError


@pytest.mark.parametrize(("units", "levels"), [(1023, 10**9), (1024, 10**9), (1500, 900), (1500, 10**6), (1024, 3)])
def test_many_units(units, levels):
    """From 1,024 units on, positions are counted one by one."""
    keys = keys_of(1, 12, units, levels)
    found = RankCounts.of(units)
    ordered = order_scores(keys.astype(float), 1e12, Workspace(units))
    found.add(ordered)
    assert (found.table == by_hand(ordered.rank_matrix(), 1, units)).all()


@pytest.mark.parametrize("units", [1, 2, 31, 4096, 4097, 5000, 10_000, 10**6])
def test_classes_of_ranks(units):
    """Every rank is in one class, the table is bounded (or of 32 classes), and up to 4,096 units they are ranks."""
    width = bin_width(units)
    bins = math.ceil(units / width)
    assert (width == 1) == (units <= 4096)
    assert bins * units <= LARGEST_TABLE or bins <= 32
    assert (bins - 1) * width < units <= bins * width


@pytest.mark.parametrize(("limit", "levels"), [(200, 10**9), (200, 4), (600, 10), (33 * 37, 10**9)])
def test_in_classes(monkeypatch, limit, levels):
    """As with very many units, of which a test would have to be as large: 37 units in fewer classes than ranks."""
    monkeypatch.setattr(rank_counts, "LARGEST_TABLE", limit)
    monkeypatch.setattr(rank_counts, "bin_width", lambda units: -(-units // max(limit // units, 3)))
    units = 37
    for ordered in (
        order_scores(keys_of(2, 20, units, levels).astype(float), 1e12, Workspace(units)),
        order_whole(keys_of(2, 20, units, levels), Workspace(units)),
    ):
        found = RankCounts.of(units)
        found.add(ordered)
        ranks = ordered.rank_matrix().astype(np.int64)
        assert found.width > 1
        assert (found.table == by_hand(ranks, found.width, len(found.table))).all()
        classes = (ranks - 1) // found.width
        first, last = classes * found.width + 1, np.minimum((classes + 1) * found.width, units)
        middles = (first + last) / 2
        assert found.mean() == pytest.approx(middles.mean(axis=0), rel=1e-13)
        assert found.deviation() == pytest.approx(middles.std(axis=0), rel=1e-12, abs=1e-12)
        least, most = found.extremes()
        assert (least == first.min(axis=0)).all()
        assert (most == last.max(axis=0)).all()
        assert found.quantile(0.5).tolist() == [sorted(column)[9] for column in last.T]


def test_none():
    """Without runs there is no mean, and no warning."""
    found = RankCounts.of(3)
    assert np.isnan(found.mean()).all()
    assert np.isnan(found.deviation()).all()
    assert np.isnan(found.shift(np.array([1, 2, 3]))).all()


def test_one_run_of_ties_by_hand():
    """b and d share the first rank, a and c the third."""
    ordered = Ordered(np.array([[1, 3, 0, 2]], dtype=np.int32), np.array([1, 3]), np.array([0, 2]))
    found = RankCounts.of(4)
    found.add(ordered)
    assert found.table.tolist() == [[0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    assert ordered.rank_matrix().tolist() == [[3, 1, 3, 1]]
    assert sorted(ordered.first()[1].tolist()) == [1, 3]
    same = Ordered(ordered.units, _NONE, _NONE, np.array([[0, 0, 2, 2]], dtype=np.int32))
    found.add(same)
    assert found.table[[0, 2]].tolist() == [[0, 2, 0, 2], [2, 0, 2, 0]]
    assert sorted(same.first()[1].tolist()) == [1, 3]


def test_quantiles_of_a_million_runs_do_not_slip_by_a_rounding():
    """0.025 of 1,000,000 is not exactly 25,000: the rank that 25,000 runs do not exceed counts."""
    found = RankCounts.of(2)
    found.table[:] = [[25_000, 975_000], [975_000, 25_000]]
    found.runs = 1_000_000
    assert found.quantile(0.025).tolist() == [1, 1]
    assert found.quantile(0.975).tolist() == [2, 1]
    assert found.quantile((1 - 0.95) / 2).tolist() == [1, 1]
    assert found.quantile(1 - (1 - 0.95) / 2).tolist() == [2, 1]
