"""The order of units run by run: every way to it is the order of the exact integer keys, ties included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from dtindex.engine.halfspace import beats, expected_ranks
from dtindex.engine.keys import score_keys
from dtindex.engine.orders import LinearScores, Ordered, Workspace, order_linear, order_scores, order_whole
from dtindex.engine.points import block_points
from dtindex.engine.rank_counts import RankCounts
from dtindex.engine.ranks import rank_keys
from dtindex.engine.simplex import Uniform

KEY = 1e12
"""Keys to a width; on a scale of this width a key is 1 and whole numbers are exact."""


def by_engine(keys: np.ndarray) -> np.ndarray:
    """The independent way: ranks of each run by the routine that ranks published scores."""
    return np.array([rank_keys(row) for row in keys])


def assert_order(ordered: Ordered, keys: np.ndarray) -> None:
    """Ranks, first ones, positions and ties are those of the keys ``(runs, n)``."""
    ranks = by_engine(keys)
    assert (ordered.rank_matrix() == ranks).all()
    assert (np.sort(ordered.units, axis=1) == np.arange(keys.shape[1])).all()
    falling = np.take_along_axis(keys, ordered.units.astype(np.intp), axis=1)
    assert (np.diff(falling, axis=1) <= 0).all()
    found = sorted(zip(*(one.tolist() for one in ordered.first()), strict=True))
    assert found == sorted(zip(*(one.tolist() for one in np.nonzero(ranks == 1)), strict=True))


def dyadic(rng: np.random.Generator, runs: int, members: int) -> np.ndarray:
    """Weights in 64ths, so that a mean of whole numbers is exact in double precision."""
    return rng.multinomial(64, np.full(members, 1 / members), size=runs) / 64


SPREADS = [0, 1, 3, 60, 10**4, 10**8, 10**12]
"""Keys from the lowest to the highest value: a constant, near ties, and the whole of a scale."""


@settings(max_examples=120)
@given(
    units=st.integers(1, 600),
    members=st.integers(1, 6),
    spread=st.sampled_from(SPREADS),
    low=st.sampled_from([0, -(10**12), -17, 5 * 10**11]),
    copies=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@example(units=1, members=1, spread=0, low=0, copies=False, seed=0)
@example(units=2, members=1, spread=1, low=0, copies=False, seed=0)
@example(units=128, members=6, spread=10**12, low=-(10**12), copies=True, seed=1)
@example(units=129, members=6, spread=10**12, low=-(10**12), copies=True, seed=1)
def test_linear(units, members, spread, low, copies, seed):
    """Single precision up to 128 units, double beyond; scores are whole numbers of keys, and so exact."""
    rng = np.random.default_rng(seed)
    values = low + np.round(rng.integers(0, spread + 1, (members, units)) / 64) * 64.0
    if copies:
        values = values[:, rng.integers(0, units, units)]
    weights = dyadic(rng, 9, members)
    keys = weights @ values
    assert (keys == np.rint(keys)).all()
    room = Workspace(units)
    for single in (None, False, True):
        assert_order(order_linear(LinearScores(values, KEY, single), weights, room), keys.astype(np.int64))


@settings(max_examples=60)
@given(units=st.integers(2, 128), spread=st.sampled_from(SPREADS[1:]), seed=st.integers(0, 2**32 - 1))
def test_linear_half_a_key_apart(units, spread, seed):
    """Halves of keys go where those of published scores go."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, spread + 1, (2, units)).astype(np.float64)
    weights = np.array([[0.5, 0.5], [0.75, 0.25], [1, 0], [0, 1]])
    keys = score_keys(weights @ values, KEY)
    assert_order(order_linear(LinearScores(values, KEY), weights, Workspace(units)), keys)


@settings(max_examples=120)
@given(
    units=st.integers(1, 600),
    steps=st.sampled_from([0, 1, 2, 5, 100, 10**6, 10**13]),
    size=st.sampled_from([0.5, 1.0, 1.5, 1e3]),
    low=st.sampled_from([0.0, -1e12, -3.5, 1e11]),
    seed=st.integers(0, 2**32 - 1),
)
def test_scores(units, steps, size, low, seed):
    """Scores on a grid of half keys, keys or many keys."""
    rng = np.random.default_rng(seed)
    scores = low + size * rng.integers(0, steps + 1, (9, units))
    assert_order(order_scores(scores, KEY, Workspace(units)), score_keys(scores, KEY))


@settings(max_examples=80)
@given(
    units=st.integers(1, 200),
    width=st.sampled_from([1.0, 3.0, 7.0, 100.0, 1e-6, 1e9]),
    seed=st.integers(0, 2**32 - 1),
)
def test_scores_have_the_keys_of_published_ones(units, width, seed):
    """Scores that are half a key from one another, on scales on which half a key is not exact."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(-9, 10, (9, units)) * (width / KEY) / 2 + rng.choice([0.0, 0.25, -0.3]) * width
    assert_order(order_scores(scores, width, Workspace(units)), score_keys(scores, width))


@settings(max_examples=80)
@given(
    units=st.integers(1, 600),
    reach=st.sampled_from([0, 1, 3, 1000, 2**20, 2**26, 2**33, 2**50, 2**61]),
    seed=st.integers(0, 2**32 - 1),
)
def test_whole(units, reach, seed):
    """Short keys, long ones, and those that leave no room for a unit's number."""
    keys = np.random.default_rng(seed).integers(-reach, reach + 1, (7, units))
    assert_order(order_whole(keys, Workspace(units)), keys)


@pytest.mark.parametrize("spread", [5e-324, 1e-310, 1e-300, 1e-16, 1e150, 1e300])
def test_spreads_at_the_ends_of_double_precision(spread):
    """Keys of a closed scale do not see the small ones; of an open one, whose width goes with the scores, they do."""
    values = np.array([[0.0, 1.0, 0.5, 1.0]]) * spread
    closed = order_scores(np.repeat(values, 3, axis=0), max(1.0, spread), Workspace(4))
    linear = order_linear(LinearScores(values, max(1.0, spread)), np.ones((3, 1)), Workspace(4))
    for found in (closed, linear):
        assert (found.rank_matrix() == rank_keys(score_keys(values[0], max(1.0, spread)))).all()


@pytest.mark.parametrize("units", [31, 300, 333, 1000])
def test_equal_units_share_a_rank(units):
    """A product of matrices may round equal columns differently, which must not part them: a tie in every run."""
    rng = np.random.default_rng(7)
    values = np.repeat(rng.uniform(0, 100, (8, 1)), units, axis=1)
    values[:, : units // 3] = rng.uniform(0, 100, (8, 1))
    weights = rng.dirichlet(np.ones(8), 4096)
    ordered = order_linear(LinearScores(values, 100.0), weights, Workspace(units))
    ranks = ordered.rank_matrix()
    assert (ranks[:, : units // 3] == ranks[:, :1]).all()
    assert (ranks[:, units // 3 :] == ranks[:, -1:]).all()


@pytest.mark.parametrize("units", [5, 200])
def test_ties_everywhere(units):
    """Everybody is first in every run, and nobody else is anything."""
    counts = RankCounts.of(units)
    values = np.full((3, units), 41.7)
    weights = np.random.default_rng(1).dirichlet(np.ones(3), 500)
    room = Workspace(units)
    for ordered in (
        order_linear(LinearScores(values, 100.0), weights, room),
        order_scores(np.full((500, units), 41.7), 100.0, room),
        order_whole(np.full((500, units), 417), room),
    ):
        runs, firsts = ordered.first()
        assert len(runs) == len(firsts) == 500 * units
        counts.add(ordered)
    assert (counts.table[0] == 1500).all()
    assert counts.table[1:].sum() == 0


def test_a_room_is_used_again_for_more_and_for_fewer_runs():
    rng = np.random.default_rng(3)
    room = Workspace(40)
    values = rng.uniform(0, 100, (4, 40))
    linear = LinearScores(values, 100.0)
    for runs in (10, 3, 500, 1, 77):
        weights = rng.dirichlet(np.ones(4), runs)
        assert_order(order_linear(linear, weights, room), score_keys(weights @ values, 100.0))
        scores = rng.normal(size=(runs, 40))
        assert_order(order_scores(scores, 1.0, room), score_keys(scores, 1.0))


def test_a_chain_of_near_ties_longer_than_the_passes():
    """All within half a step of one another but with keys of their own: sorted all the same, few beside many others."""
    rng = np.random.default_rng(5)
    close = 5e11 + rng.permutation(150)
    apart = np.linspace(0, 4e11, 449)
    scores = np.concatenate([close, apart, [1e12]])[None, :]
    assert_order(order_scores(scores, KEY, Workspace(600)), np.rint(scores).astype(np.int64))


# --- METHODS 10.2: the four assertions of the kernel ---


def _counted(units: int, runs: int) -> tuple[np.ndarray, dict[str, RankCounts], np.ndarray, np.ndarray]:
    """Histograms of every way over the same weights, uniform on the simplex of 30; values, and sums of scores."""
    rng = np.random.default_rng(20250101)
    values = rng.uniform(0, 100, (30, units))
    law, room = Uniform(30), Workspace(units)
    linear = LinearScores(values, 100.0)
    other = LinearScores(values, 100.0, single=not linear.single)
    names = ("linear", "other precision", "scores", "whole", "scipy")
    counts = {name: RankCounts.of(units) for name in names}
    total, used = np.zeros(units), np.zeros(30)
    block = 0
    done = 0
    while done < runs:
        for points in block_points(30, min(runs - done, 1 << 15), 1, block):
            weights = law.draw(points, rng)
            scores = weights @ values
            keys = np.rint(scores * (KEY / 100.0)).astype(np.int64)
            counts["linear"].add(order_linear(linear, weights, room))
            counts["other precision"].add(order_linear(other, weights, room))
            counts["scores"].add(order_scores(scores, 100.0, room))
            if block == 0:
                counts["whole"].add(order_whole(keys, room))
                ranks = rankdata(-keys, method="min", axis=1).astype(int)
                cells = (ranks - 1) * units + np.arange(units)
                counts["scipy"].table += np.bincount(cells.ravel(), minlength=units * units).reshape(units, units)
                counts["scipy"].runs += len(keys)
            total += scores.sum(axis=0)
            used += weights.sum(axis=0)
            done += len(points)
        if block == 0:
            counts["first"] = RankCounts(units, 1, counts["linear"].table.copy(), counts["linear"].runs)
        block += 1
    return values, counts, total / done, used / done


@pytest.mark.parametrize(("units", "runs"), [(31, 1 << 18), (300, 1 << 14)])
def test_the_kernel(units, runs):
    """Histograms of independent ways are the same; mean ranks are the exact ones; each run counts each unit and rank
    once; mean scores are those of the mean weights, which are 1/30.

    METHODS 10.2 has 2^20 and 2^16 runs, and errors of .0026 and .077 in mean ranks and up to 1e-5 in mean scores; here
    they may be larger as fewer independent runs would have them; of mean ranks one and a half standard errors.
    Exact: the recursion of Varsi (1973), doi:10.2140/pjm.1973.45.317, in `engine.halfspace`.
    """
    values, counts, means, used = _counted(units, runs)
    whole = counts["linear"]
    assert whole.runs == runs
    for name in ("other precision", "scores"):
        assert (counts[name].table == whole.table).all(), name
    for name in ("whole", "scipy"):
        assert counts[name].runs == counts["first"].runs
        assert (counts[name].table == counts["first"].table).all(), name
    apart = np.abs(whole.mean() - expected_ranks(beats(values.T)))
    assert apart.max() < {31: 0.0026, 300: 0.077}[units] * 4
    assert (apart / (whole.deviation() / np.sqrt(runs))).max() < 1.5
    assert (whole.table.sum(axis=0) == runs).all()
    assert (whole.table.sum(axis=1) == runs).all()
    assert means == pytest.approx(used @ values, rel=1e-12)
    assert means == pytest.approx(values.mean(axis=0), rel=1e-5 * np.sqrt((1 << 20) / runs))
