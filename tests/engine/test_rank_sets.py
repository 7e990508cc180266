"""Confidence sets for ranks: the toy row, plain step-down, coverage near ties, and where the bootstrap fails."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from dtindex.engine.rank_sets import confidence_sets, maximal_cliques, rank_law


def test_the_toy_row() -> None:
    """csranks: x = seq(1, 3, len 10), sd .2."""
    own, together = confidence_sets(np.linspace(1, 3, 10), 0.04 * np.eye(10))
    for found in (own, together):
        assert found.lower.tolist() == [7, 6, 5, 4, 3, 2, 1, 1, 1, 1]
        assert found.upper.tolist() == [10, 10, 10, 10, 9, 8, 7, 6, 5, 4]


def plain(x: np.ndarray, s: np.ndarray, alpha: float, draws: int, seed: int) -> tuple[list[list[int]], list[list[int]]]:
    """As the paper writes it, pair by pair, without any of the shortcuts."""
    z = np.random.default_rng(seed).multivariate_normal(np.zeros(len(x)), s, size=draws)
    se = {(j, k): np.sqrt(s[j, j] + s[k, k] - 2 * s[j, k]) for j, k in permutations(range(len(x)), 2)}
    t = {pair: (x[pair[0]] - x[pair[1]]) / se[pair] for pair in se}

    def rejected(family: list[tuple[int, int]]) -> set[tuple[int, int]]:
        out: set[tuple[int, int]] = set()
        while True:
            left = [pair for pair in family if pair not in out and pair[::-1] not in out]
            if not left:
                return out
            c = np.quantile(np.max([np.abs(z[:, j] - z[:, k]) / se[j, k] for j, k in left], axis=0), 1 - alpha)
            more = {pair for pair in left if t[pair] > c}
            if not more:
                return out
            out |= more

    every = rejected(list(se))
    families = [rejected([pair for pair in se if unit in pair]) for unit in range(len(x))]

    def ends(own: list[set[tuple[int, int]]]) -> list[list[int]]:
        return [
            [1 + sum(k == unit for _, k in one), len(x) - sum(j == unit for j, _ in one)]
            for unit, one in enumerate(own)
        ]

    return ends(families), ends([every] * len(x))


@pytest.mark.parametrize("seed", range(4))
def test_step_down_as_the_paper_writes_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 9
    x = rng.normal(0, 2.5, n)
    root = rng.normal(size=(n, n)) * 0.3
    s = root @ root.T + np.diag(rng.uniform(0.2, 1.5, n))
    marginal, together = plain(x, s, 0.05, 40_000, seed)
    for wanted, found in zip((marginal, together), confidence_sets(x, s, draws=40_000, seed=9), strict=True):
        ends = np.stack([found.lower, found.upper], axis=1)
        # a pair on the edge may fall to either side with other draws
        assert np.abs(ends - wanted).sum() <= 1


def test_coverage_near_ties_where_the_bootstrap_of_ranks_fails() -> None:
    """Ten units of which eight are nearly level: 400 samples, sets against the true ranks."""
    truth = np.array([2.0, 1.0, *np.linspace(0.02, 0.0, 8)])
    ranks = np.array([1, 2, *range(3, 11)])
    se = np.full(10, 0.5)
    rng = np.random.default_rng(12)
    own_covered = together_covered = bootstrap_covered = 0
    samples = 400
    for sample in range(samples):
        x = truth + se * rng.standard_normal(10)
        own, together = confidence_sets(x, np.diag(se**2), draws=2_000, seed=sample, workers=1)
        own_covered += ((own.lower <= ranks) & (ranks <= own.upper)).sum()
        together_covered += bool(((together.lower <= ranks) & (ranks <= together.upper)).all())
        drawn = x + se * rng.standard_normal((500, 10))
        places = (-drawn).argsort(axis=1).argsort(axis=1) + 1
        low, high = np.quantile(places, [0.025, 0.975], axis=0, method="inverted_cdf")
        bootstrap_covered += ((low <= ranks) & (ranks <= high)).all()
    assert own_covered / samples / 10 >= 0.94
    assert together_covered / samples >= 0.94
    assert bootstrap_covered / samples < 0.7  # all ten at once: it says too much of the order of what is level


def test_what_has_no_error_is_told_apart_where_it_differs() -> None:
    own, together = confidence_sets([3.0, 2.0, 2.0, 1.0], np.zeros((4, 4)))
    assert together.lower.tolist() == [1, 2, 2, 4]
    assert together.upper.tolist() == [1, 3, 3, 4]
    assert own.above.tolist() == together.above.tolist()


def test_simultaneous_sets_hold_the_marginal_ones() -> None:
    rng = np.random.default_rng(4)
    x, se = rng.normal(0, 2, 25), rng.uniform(0.3, 1, 25)
    own, together = confidence_sets(x, np.diag(se**2))
    assert (together.lower <= own.lower).all()
    assert (together.upper >= own.upper).all()
    assert (own.critical <= together.critical + 1e-9).all()


def test_neither_workers_nor_the_order_of_units_matter() -> None:
    rng = np.random.default_rng(5)
    x, se = rng.normal(0, 2, 12), rng.uniform(0.3, 1, 12)
    order = rng.permutation(12)
    one = confidence_sets(x, np.diag(se**2), workers=1)
    two = confidence_sets(x[order], np.diag(se[order] ** 2), workers=2)
    for a, b in zip(one, two, strict=True):
        assert (a.lower[order] == b.lower).all()
        assert (a.critical[order] == b.critical).all()


# --- the law of ranks ---


def test_the_law_of_two() -> None:
    """P(x_1 > x_2) = Phi(d / sqrt(s_1^2 + s_2^2))."""
    from scipy.stats import norm

    law = rank_law([1.0, 0.4], [0.3, 0.8])
    assert law[0, 0] == pytest.approx(norm.cdf(0.6 / np.hypot(0.3, 0.8)), abs=1e-10)


def test_the_law_against_draws() -> None:
    rng = np.random.default_rng(6)
    m, s = rng.normal(size=8), rng.uniform(0.2, 1.2, 8)
    law = rank_law(m, s)
    assert law.sum(axis=0) == pytest.approx(np.ones(8), abs=1e-8)
    assert law.sum(axis=1) == pytest.approx(np.ones(8), abs=1e-12)
    places = (-(m + s * rng.standard_normal((200_000, 8)))).argsort(axis=1).argsort(axis=1)
    drawn = np.stack([np.bincount(places[:, unit], minlength=8) / 200_000 for unit in range(8)])
    assert np.abs(law - drawn).max() < 5e-3


def test_the_law_of_what_has_no_error() -> None:
    assert rank_law([3.0, 1.0, 2.0], [0, 0, 0]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert rank_law([1.0, 1.0], [0, 0]).tolist() == [[0.5, 0.5], [0.5, 0.5]]


# --- groups ---


def test_maximal_cliques_are_those_of_all_subsets() -> None:
    rng = np.random.default_rng(7)
    for _ in range(30):
        linked = rng.random((7, 7)) < 0.5
        linked = linked | linked.T
        np.fill_diagonal(linked, True)
        cliques = [
            set(group)
            for size in range(1, 8)
            for group in combinations(range(7), size)
            if linked[np.ix_(group, group)].all()
        ]
        largest = sorted(sorted(one) for one in cliques if not any(one < other for other in cliques))
        assert maximal_cliques(linked, 100) == largest


def test_too_many_groups_are_none() -> None:
    pairs = ~np.kron(np.eye(6, dtype=bool), np.ones((2, 2), dtype=bool)) | np.eye(12, dtype=bool)
    assert len(maximal_cliques(pairs, 64) or []) == 64  # one of each of six pairs
    assert maximal_cliques(pairs, 63) is None
