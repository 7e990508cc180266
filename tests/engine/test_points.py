"""Points of a block: they depend on the seed and the block alone, and are spread as their sequence says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.engine.points import BLOCK_RUNS, PIECE_RUNS, block_points, blocks_of, generator


def points_of(dimensions: int, runs: int, seed: int, block: int, method: str = "sobol", piece: int = PIECE_RUNS):
    return np.concatenate(list(block_points(dimensions, runs, seed, block, method, piece)))


@pytest.mark.parametrize("runs", [1, 2, 100, BLOCK_RUNS - 1, BLOCK_RUNS, BLOCK_RUNS + 1, 10 * BLOCK_RUNS, 10**6])
def test_blocks(runs):
    sizes = blocks_of(runs)
    assert sum(sizes) == runs
    assert all(size == BLOCK_RUNS for size in sizes[:-1])
    assert 0 < sizes[-1] <= BLOCK_RUNS
    assert BLOCK_RUNS % PIECE_RUNS == 0


@settings(max_examples=40)
@given(
    dimensions=st.integers(0, 7),
    runs=st.integers(1, 700),
    fewer=st.integers(1, 700),
    piece=st.sampled_from([1, 7, 64, 100, 512]),
    method=st.sampled_from(["sobol", "random"]),
    seed=st.integers(0, 2**70),
)
def test_the_first_ones_do_not_depend_on_how_many_nor_on_pieces(dimensions, runs, fewer, piece, method, seed):
    """Beside it, that numbers of points that are no power of two bring no warning."""
    whole = points_of(dimensions, max(runs, fewer), seed, 3, method)
    some = points_of(dimensions, fewer, seed, 3, method, piece)
    assert some.tobytes() == whole[:fewer].tobytes()
    assert whole.shape == (max(runs, fewer), dimensions)
    assert ((whole >= 0) & (whole < 1)).all()


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_blocks_and_seeds_have_points_of_their_own(method):
    found = [points_of(4, 256, seed, block, method) for seed, block in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            assert not np.isin(one, other).all()
            # 256 pairs of independent uniforms: |r| of more than 5 / 16 has a chance below 1e-6. Of two scrambles
            # of one sequence the points of a number do go together, in this sense or the other, as each scramble chose.
            assert method == "sobol" or np.abs(np.corrcoef(one.T, other.T)[:4, 4:]).max() < 5 / 16


@pytest.mark.parametrize("block", range(4))
def test_scrambled_points_are_a_net(block):
    """2^k points have one in each of the 2^k intervals of every axis; of the first two axes also in each square.

    Owen (2020), doi:10.1007/978-3-030-98319-2_4: scrambling keeps the net.
    """
    points = points_of(9, 1 << 10, 11, block)
    for axis in points.T:
        assert (np.bincount((axis * 1024).astype(int), minlength=1024) == 1).all()
    cells = (points[:, 0] * 32).astype(int) * 32 + (points[:, 1] * 32).astype(int)
    assert (np.bincount(cells, minlength=1024) == 1).all()


def test_every_scrambled_point_is_uniform():
    """The first point alone, over 4,000 seeds: mean and variance of a uniform within 5 standard errors."""
    first = np.array([points_of(1, 1, seed, 0)[0, 0] for seed in range(4000)])
    assert abs(first.mean() - 0.5) < 5 * np.sqrt(1 / 12 / 4000)
    assert abs(first.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / 4000)


def test_streams_are_apart_from_points_and_from_one_another():
    numbers = [generator(5, block, stream).random(8) for block in range(3) for stream in range(3)]
    numbers.append(points_of(8, 1, 5, 0, "random")[0])
    assert len({one.tobytes() for one in numbers}) == 9, "stream 0 of block 0 makes the points of block 0"
    assert generator(5, 2, 1).random(8).tobytes() == numbers[7].tobytes()
