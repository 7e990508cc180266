"""Ranks against scipy, and against counting."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from dtindex.engine.keys import MISSING
from dtindex.engine.ranks import rank_against, rank_keys

NEAR = st.integers(-5, 5)
FAR = st.sampled_from([-(2**62), -1, 0, 1, 2**40, 2**62])


@given(arrays(np.int64, st.integers(0, 40), elements=st.one_of(NEAR, FAR, st.just(int(MISSING)))))
def test_ranks_are_scipys_with_method_min(keys):
    ranks = rank_keys(keys)
    known = keys != MISSING
    assert (ranks[~known] == 0).all()
    if known.any():
        assert (ranks[known] == rankdata(-keys[known].astype(object), method="min")).all()


def test_large_tables_rank_like_small_ones():
    keys = np.random.default_rng(1).integers(0, 1000, 70_000)
    assert (rank_keys(keys) == rankdata(-keys, method="min")).all()


@given(
    arrays(np.int64, st.integers(0, 20), elements=st.one_of(NEAR, st.just(int(MISSING)))),
    arrays(np.int64, st.integers(0, 20), elements=NEAR),
)
def test_rank_against_a_reference_is_the_rank_if_inserted(keys, reference):
    reference = np.sort(reference)
    for key, rank in zip(keys.tolist(), rank_against(keys, reference).tolist(), strict=True):
        inserted = np.append(reference, key)
        assert rank == (0 if key == MISSING else rank_keys(inserted)[-1])
