"""Sobol' indices and Shapley effects from evaluations.

Analytic indices: the function of Ishigami & Homma (1990) with a = 7, b = 0.1, and the g function of Saltelli & Sobol'
(1995). Both are computed anew, to the last digit, in test_anova.py.
"""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc, sobol_indices, t

from dtindex.engine.pick_freeze import (
    Moments,
    closed_index,
    indices,
    janon_monod,
    jansen_total,
    over_scrambles,
    shapley_by_permutations,
    shapley_from_closed,
)

ISHIGAMI_FIRST = np.array([0.3139051911, 0.4424111448, 0.0])
ISHIGAMI_TOTAL = np.array([0.5575888552, 0.4424111448, 0.2436836641])
G_FIRST = np.array([0.716192, 0.179048, 0.023676, 0.007162])
G_TOTAL = np.array([0.787144, 0.242198, 0.034317, 0.010460])
G_COEFFICIENTS = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def ishigami(u):
    x = np.pi * (2 * u - 1)
    return (np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0]))[..., None]


def g_function(u):
    return np.prod((np.abs(4 * u - 2) + G_COEFFICIENTS) / (1 + G_COEFFICIENTS), axis=-1)[..., None]


def base_points(factors, log_points, seed):
    points = qmc.Sobol(2 * factors, rng=seed).random_base2(log_points)
    return points[:, :factors], points[:, factors:]


def with_group(a, b, mask):
    taken = np.array([mask >> factor & 1 for factor in range(a.shape[1])], dtype=bool)
    return np.where(taken, b, a)


def evaluated(function, factors, log_points, seed):
    a, b = base_points(factors, log_points, seed)
    mixed = np.stack([with_group(a, b, 1 << factor) for factor in range(factors)])
    return function(a), function(b), function(mixed)


def of_scrambles(function, factors, log_points, seeds):
    """First and total order ``(scrambles, factors)`` of a single output."""
    found = [indices(*evaluated(function, factors, log_points, seed)) for seed in seeds]
    return np.stack([each.first[:, 0] for each in found]), np.stack([each.total[:, 0] for each in found])


def some_outputs(seed, points=16, factors=3, outputs=4):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(points, outputs)),
        rng.normal(size=(points, outputs)),
        rng.normal(size=(factors, points, outputs)),
    )


# The estimators against their printed forms


def test_janon_monod_as_printed():
    _, b, mixed = some_outputs(1)
    for factor, values in enumerate(mixed):
        m = ((b + values) / 2).mean(axis=0)
        printed = ((b * values).mean(axis=0) - m**2) / (((b**2 + values**2) / 2).mean(axis=0) - m**2)
        assert janon_monod(b, mixed)[factor] == pytest.approx(printed, abs=1e-12)


def test_jansen_as_printed():
    a, _, mixed = some_outputs(2)
    variance = np.concatenate([a[None], mixed]).var(axis=(0, 1))
    assert jansen_total(a, mixed) == pytest.approx(((a - mixed) ** 2).mean(axis=1) / (2 * variance), abs=1e-12)


def test_both_together_as_printed():
    a, b, mixed = some_outputs(3)
    found = indices(a, b, mixed)
    assert (found.total == jansen_total(a, mixed)).all()
    for factor, values in enumerate(mixed):
        m, chance = ((b + values) / 2).mean(axis=0), ((a + b) / 2).mean(axis=0)
        common = np.clip(1 - found.total[factor], 0, 1) * ((a * b).mean(axis=0) - chance**2)
        printed = ((b * values).mean(axis=0) - m**2 - common) / (((b**2 + values**2) / 2).mean(axis=0) - m**2)
        assert found.first[factor] == pytest.approx(printed, abs=1e-12)
    assert found.variance == pytest.approx(np.concatenate([a[None], mixed]).var(axis=(0, 1)), abs=1e-12)


def test_scipy_agrees():
    """Saltelli et al. (2010) and Jansen, on the same points; they take the variance over A and B instead."""
    a, b, mixed = evaluated(ishigami, 3, 12, 5)
    theirs = sobol_indices(func={"f_A": a.T, "f_B": b.T, "f_AB": mixed.transpose(0, 2, 1)}, n=4096)
    own = indices(a, b, mixed)
    between = np.concatenate([a, b]).var() / np.concatenate([a[None], mixed]).var()
    assert own.total[:, 0] == pytest.approx(theirs.total_order * between, abs=1e-12)
    assert own.first[:, 0] == pytest.approx(theirs.first_order, abs=0.02)
    assert janon_monod(b, mixed)[:, 0] == pytest.approx(theirs.first_order, abs=0.02)


# Analytic indices


@pytest.mark.parametrize(
    ("function", "factors", "first", "total", "near"),
    [(ishigami, 3, ISHIGAMI_FIRST, ISHIGAMI_TOTAL, 0.001), (g_function, 8, G_FIRST, G_TOTAL, 0.001)],
    ids=["Ishigami", "g function"],
)
def test_analytic_indices_are_met_and_within_the_interval(function, factors, first, total, near):
    for found, truth in zip(of_scrambles(function, factors, 12, range(16)), (first, total), strict=True):
        mean, low, high, scrambles = over_scrambles(found[:, : len(truth)], 0.99)
        assert mean == pytest.approx(truth, abs=near)
        assert ((low <= truth) & (truth <= high)).all()
        assert (scrambles == 16).all()


@pytest.mark.parametrize(
    ("log_points", "first", "total"), [(8, 0.0439, 0.0284), (10, 0.0067, 0.0043), (12, 0.0021, 0.0012)]
)
def test_errors_are_as_measured_elsewhere(log_points, first, total):
    """Root mean squared errors on Ishigami over 40 scrambles, mean over factors; another implementation had these."""
    found = of_scrambles(ishigami, 3, log_points, range(40))
    for values, truth, measured in zip(found, (ISHIGAMI_FIRST, ISHIGAMI_TOTAL), (first, total), strict=True):
        assert np.sqrt(((values - truth) ** 2).mean(axis=0)).mean() <= 1.5 * measured


def test_intervals_cover_what_they_say():
    """95 per cent intervals from 8 scrambles of 128 base points; 200 of them hold the truth at least 176 times."""
    covered = np.zeros((2, 3))
    for repeat in range(200):
        found = of_scrambles(ishigami, 3, 7, range(5000 + 8 * repeat, 5008 + 8 * repeat))
        for row, (values, truth) in enumerate(zip(found, (ISHIGAMI_FIRST, ISHIGAMI_TOTAL), strict=True)):
            interval = over_scrambles(values)
            covered[row] += (interval.low <= truth) & (truth <= interval.high)
    assert (covered / 200 >= 0.88).all()
    assert (covered / 200 <= 0.995).all()


def test_many_small_factors_are_not_drowned_by_chance():
    """A sum of 30 uniform factors: 1 / 30 each. What A and B have in common by chance is most of the error."""

    def total(u):
        return u.sum(axis=-1, keepdims=True)

    evaluations = [evaluated(total, 30, 7, seed) for seed in range(16)]
    with_chance = np.stack([janon_monod(b, mixed) for _, b, mixed in evaluations])
    without = np.stack([indices(*each).first for each in evaluations])
    error, own = (np.sqrt(((values - 1 / 30) ** 2).mean()) for values in (with_chance, without))
    assert own <= error / 2
    assert without.mean() == pytest.approx(1 / 30, abs=0.003)


# Invariances


def test_a_constant_added_moves_nothing():
    evaluations = evaluated(ishigami, 3, 8, 3)
    before, after = indices(*evaluations), indices(*(values + 100 for values in evaluations))
    assert after.first == pytest.approx(before.first, abs=1e-9)
    assert after.total == pytest.approx(before.total, abs=1e-9)
    _, b, mixed = evaluations
    assert janon_monod(b + 100, mixed + 100) == pytest.approx(janon_monod(b, mixed), abs=1e-9)


@given(
    seed=st.integers(0, 10_000),
    slope=st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3),
    intercept=st.floats(-1e3, 1e3),
)
def test_the_unit_of_measure_moves_nothing(seed, slope, intercept):
    evaluations = some_outputs(seed)
    before = indices(*evaluations)
    after = indices(*(slope * values + intercept for values in evaluations))
    assert after.first == pytest.approx(before.first, abs=1e-6)
    assert after.total == pytest.approx(before.total, abs=1e-6)


def test_factors_and_outputs_in_another_order():
    a, b, mixed = some_outputs(4)
    before, order, columns = indices(a, b, mixed), [2, 0, 1], [3, 1, 0, 2]
    after = indices(a[:, columns], b[:, columns], mixed[order][:, :, columns])
    assert after.first == pytest.approx(before.first[order][:, columns], abs=1e-13)
    assert after.total == pytest.approx(before.total[order][:, columns], abs=1e-13)


def test_a_factor_that_does_nothing_and_one_that_does_all():
    a, b, _ = some_outputs(5, points=64)
    found = indices(a, b, np.stack([a, b]))
    assert (found.first[0] == 0).all()
    assert (found.total[0] == 0).all()
    assert found.first[1] == pytest.approx(1, abs=0.1)
    assert found.total[1] == pytest.approx(1, abs=0.3)
    assert janon_monod(b, b[None])[0] == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.uint8])
def test_values_of_other_types(kind):
    """Ranks are whole numbers; differences of unsigned ones must not wrap around."""
    rng = np.random.default_rng(6)
    whole = [rng.integers(1, 30, size=shape).astype(kind) for shape in ((16, 2), (16, 2), (3, 16, 2))]
    found, expected = indices(*whole), indices(*(values.astype(float) for values in whole))
    assert found.first == pytest.approx(expected.first, abs=1e-12)
    assert found.total == pytest.approx(expected.total, abs=1e-12)


# Streams of base points


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 40), max_size=4), gap=st.booleans())
def test_chunks_of_base_points_give_the_whole(seed, cuts, gap):
    a, b, mixed = some_outputs(seed, points=40)
    b += 50
    if gap:
        mixed[1, seed % 40, 2] = np.nan
    edges = [0, *sorted(cuts), 40]
    parts = [Moments.of(a[start:stop], b[start:stop], mixed[:, start:stop]) for start, stop in pairwise(edges)]
    together = parts[0]
    for part in parts[1:]:
        together = together + part
    whole = Moments.of(a, b, mixed)
    assert together.asked == whole.asked == 40
    assert (together.count == whole.count).all()
    for found, expected in ((together.indices(), whole.indices()), (together.aggregated(), whole.aggregated())):
        assert found.first == pytest.approx(expected.first, abs=1e-11)
        assert found.total == pytest.approx(expected.total, abs=1e-11)
        assert found.variance == pytest.approx(expected.variance, abs=1e-11)


def test_more_points_than_a_block_holds():
    a, b, mixed = some_outputs(7, points=70_000, factors=2, outputs=3)
    found = indices(a, b, mixed)
    variance = np.concatenate([a[None], mixed]).var(axis=(0, 1))
    assert found.total == pytest.approx(((a - mixed) ** 2).mean(axis=1) / (2 * variance), abs=1e-12)
    assert found.variance == pytest.approx(variance, abs=1e-12)


# Outputs together


def test_aggregated_is_the_ratio_of_sums():
    """Gamboa et al. (2014): of total orders, the mean weighted by the variances of the outputs."""
    moments = Moments.of(*some_outputs(8))
    each, together = moments.indices(), moments.aggregated()
    weights = each.variance / each.variance.sum()
    assert together.total[:, 0] == pytest.approx(each.total @ weights, abs=1e-13)
    assert together.variance == pytest.approx(each.variance.sum())
    assert together.first.shape == together.total.shape == (3, 1)
    assert moments.aggregated([2]).first[:, 0] == pytest.approx(each.first[:, 2], abs=1e-13)
    assert moments.aggregated(slice(1, 3)).total == pytest.approx(
        moments.aggregated(np.array([False, True, True, False])).total, abs=0
    )


def test_aggregated_of_copies_is_that_of_one():
    a, b, mixed = some_outputs(9, outputs=1)
    one = indices(a, b, mixed)
    copies = [np.concatenate([values, 3 * values + 2, 0 * values + 7], axis=-1) for values in (a, b, mixed)]
    together = Moments.of(*copies).aggregated()
    assert together.first == pytest.approx(one.first, abs=1e-12)
    assert together.total == pytest.approx(one.total, abs=1e-12)


def test_nothing_to_aggregate():
    moments = Moments.of(np.ones((4, 2)), np.ones((4, 2)), np.ones((3, 4, 2)))
    for outputs in (None, slice(0, 0)):
        together = moments.aggregated(outputs)
        assert np.isnan(together.first).all()
        assert together.first.shape == (3, 1)
        assert together.count.tolist() == [0]


# Outputs that do not vary, and failures


@pytest.mark.parametrize("constant", [0.0, 7.0, 1e6])
def test_an_output_that_does_not_vary(constant):
    a, b, mixed = some_outputs(10)
    alone = indices(a, b, mixed)
    noise = np.random.default_rng(0)
    for values in (a, b, mixed):
        values[..., 1] = constant * (1 + noise.choice([-1, 0, 1], size=values.shape[:-1]) * 2.0**-52)
    found = indices(a, b, mixed)
    for indexes, others in ((found.first, alone.first), (found.total, alone.total)):
        assert np.isnan(indexes[:, 1]).all()
        assert (indexes[:, [0, 2, 3]] == others[:, [0, 2, 3]]).all()
    assert found.variance[1] == 0
    assert np.isnan(janon_monod(b, mixed)[:, 1]).all()
    assert np.isnan(jansen_total(a, mixed)[:, 1]).all()


def test_an_output_that_varies_elsewhere():
    """Only the third factor changed it, at one point: the others had no effect, which is no lack of an answer."""
    a, b, mixed = np.zeros((8, 1)), np.zeros((8, 1)), np.zeros((3, 8, 1))
    mixed[2, 4] = 1
    found = indices(a, b, mixed)
    assert found.first[:2, 0].tolist() == found.total[:2, 0].tolist() == [0, 0]
    assert found.total[2, 0] > 0


def test_points_that_happen_to_be_constant_add_nothing_to_all_outputs_together():
    """Two factors leave the output where it is at B: means at A that differ from it are no covariance."""
    a, b, mixed = np.zeros((8, 1)), np.zeros((8, 1)), np.zeros((3, 8, 1))
    a[4], mixed[1] = 1, np.arange(8.0)[:, None]
    together = Moments.of(a, b, mixed).aggregated()
    assert together.first[[0, 2], 0].tolist() == [0, 0]
    one, two, three = some_outputs(17, points=8, outputs=1)
    both = Moments.of(*(np.concatenate(pair, axis=-1) for pair in ((a, one), (b, two), (mixed, three)))).aggregated()
    assert both.first[[0, 2]] == pytest.approx(indices(one, two, three).first[[0, 2]], abs=1e-14)


def test_a_failed_evaluation_takes_its_base_point_along():
    """COINr's indices are NaN if any run fails."""
    a, b, mixed = some_outputs(11)
    complete = indices(a, b, mixed)
    mixed[1, 3, 2], b[5, 2], a[7, 0] = np.nan, np.inf, np.nan
    found, moments = indices(a, b, mixed), Moments.of(a, b, mixed)
    assert found.count.tolist() == moments.count.tolist() == [15, 16, 14, 16]
    assert moments.asked == 16
    for output, rows in ((0, [7]), (2, [3, 5])):
        left = [np.delete(values, rows, axis=-2)[..., [output]] for values in (a, b, mixed)]
        assert found.first[:, [output]] == pytest.approx(indices(*left).first, abs=1e-13)
        assert found.total[:, [output]] == pytest.approx(indices(*left).total, abs=1e-13)
    assert (found.first[:, [1, 3]] == complete.first[:, [1, 3]]).all()


def test_without_two_base_points_there_is_no_answer():
    a, b, mixed = some_outputs(12)
    a[:, 0], a[1:, 1] = np.nan, np.nan
    found = indices(a, b, mixed)
    assert found.count.tolist() == [0, 1, 16, 16]
    assert np.isnan(found.first[:, :2]).all()
    assert np.isnan(found.total[:, :2]).all()
    assert np.isnan(found.variance).tolist() == [True, True, False, False]
    empty = indices(a[:0], b[:0], mixed[:, :0])
    assert np.isnan(empty.first).all()


def test_squares_beyond_all_numbers_are_no_crash():
    a, b, mixed = (1e200 * values for values in some_outputs(13))
    assert np.isnan(indices(a, b, mixed).first).all()


@pytest.mark.parametrize(
    "shapes", [((4,), (4,), (3, 4)), ((4, 2), (5, 2), (3, 4, 2)), ((4, 2), (4, 2), (4, 2)), ((4, 2), (4, 2), (3, 4, 1))]
)
def test_shapes_that_do_not_go_together(shapes):
    with pytest.raises(ValueError, match=r"shapes \(n, p\), \(n, p\) and \(k, n, p\) expected"):
        indices(*(np.zeros(shape) for shape in shapes))


# Scrambles


def test_students_interval():
    """Values 1, 2, 3, 6: mean 3, sd sqrt(14 / 3)."""
    values = np.array([1.0, 2, 3, 6])[:, None, None]
    found = over_scrambles(values, 0.9)
    half = t.ppf(0.95, 3) * np.sqrt(14 / 3) / 2
    assert found.mean.item() == 3
    assert found.low.item() == pytest.approx(3 - half)
    assert found.high.item() == pytest.approx(3 + half)


def test_scrambles_without_a_value_are_left_out_and_counted():
    values = np.array(
        [[1.0, 5, np.nan, 2], [np.nan, np.nan, np.nan, 2], [2, np.nan, np.nan, 2], [6, np.nan, np.nan, 2]]
    )
    found = over_scrambles(values[:, None, :])
    alone = over_scrambles(np.array([1.0, 2, 6])[:, None])
    assert found.scrambles.tolist() == [[3, 1, 0, 4]]
    assert found.mean[0, :2].tolist() == [3, 5]
    assert np.isnan(found.mean[0, 2])
    assert found.low[0, 0] == pytest.approx(alone.low[0])
    assert np.isnan(found.low[0, 1:3]).all()
    assert np.isnan(found.high[0, 1:3]).all()
    assert found.low[0, 3] == found.high[0, 3] == 2


def test_no_scramble_and_no_confidence():
    assert np.isnan(over_scrambles(np.empty((0, 2))).mean).all()
    for confidence in (0, 1, 95, np.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            over_scrambles(np.zeros((2, 2)), confidence)


# Groups of factors


def test_closed_indices_of_groups():
    """Ishigami: factors 1 and 3 together hold all but the second; total orders are what the others leave."""
    a, b = base_points(3, 12, 8)
    f_a, f_b = ishigami(a), ishigami(b)
    groups = ishigami(np.stack([with_group(a, b, mask) for mask in (0b101, 0b011, 0b110, 0b111)]))
    expected = 1 - np.array([ISHIGAMI_TOTAL[1], ISHIGAMI_TOTAL[2], ISHIGAMI_TOTAL[0], 0])
    assert closed_index(f_b, groups)[:, 0] == pytest.approx(expected, abs=0.01)
    assert closed_index(f_b, groups, f_a)[:, 0] == pytest.approx(expected, abs=0.01)
    assert closed_index(f_b, groups[3]).tolist() == [pytest.approx(1, abs=1e-15)]
    assert closed_index(f_b, groups[0]) == pytest.approx(janon_monod(f_b, groups[:1])[0])


# Shapley effects


def by_all_orders(closed, factors):
    """The definition: what a factor adds to those before it, mean over all orders."""
    orders = list(permutations(range(factors)))
    effects = np.zeros((factors, *np.shape(closed[0])))
    for order in orders:
        mask = 0
        for factor in order:
            effects[factor] += closed[mask | 1 << factor] - closed[mask]
            mask |= 1 << factor
    return effects / len(orders)


@given(factors=st.integers(1, 5), seed=st.integers(0, 1000))
def test_shapley_is_the_mean_over_all_orders(factors, seed):
    closed = np.random.default_rng(seed).normal(size=(1 << factors, 2))
    closed[0], closed[-1] = 0, 1
    expected = by_all_orders(closed, factors)
    assert shapley_from_closed(closed) == pytest.approx(expected, abs=1e-12)
    assert shapley_from_closed({mask: closed[mask] for mask in range(1, 1 << factors)}) == pytest.approx(
        expected, abs=1e-12
    )
    assert shapley_from_closed(closed[:, 0]) == pytest.approx(expected[:, 0], abs=1e-12)
    assert shapley_from_closed(closed).sum(axis=0) == pytest.approx([1, 1], abs=1e-12)


def test_shapley_of_ishigami():
    """V1 + V13 / 2, V2 and V13 / 2: by all subsets, and by orders of them, from evaluations."""
    expected = np.array([ISHIGAMI_FIRST[0] + ISHIGAMI_TOTAL[2] / 2, ISHIGAMI_FIRST[1], ISHIGAMI_TOTAL[2] / 2])
    a, b = base_points(3, 12, 9)
    f_b, asked = ishigami(b), []

    def closed(mask):
        asked.append(mask)
        return closed_index(f_b, ishigami(with_group(a, b, mask)))

    everything = shapley_by_permutations(closed, 3, 100, np.random.default_rng(0))
    assert asked == list(range(1, 8))
    assert everything[:, 0] == pytest.approx(expected, abs=0.01)
    assert everything.sum() == pytest.approx(1, abs=1e-14)


def additive_with_pairs(factors, rng):
    """Closed indices of a made-up analysis of variance with first orders and pairs, and its Shapley effects."""
    firsts, pairs = rng.uniform(size=factors), np.triu(rng.uniform(size=(factors, factors)), 1)
    variance = firsts.sum() + pairs.sum()

    def closed(mask):
        inside = np.array([mask >> factor & 1 for factor in range(factors)])
        return np.array([(firsts @ inside + inside @ pairs @ inside) / variance])

    return closed, ((firsts + (pairs + pairs.T).sum(axis=0) / 2) / variance)[:, None]


def test_orders_and_their_reverses_are_exact_for_pairs():
    """A factor meets each other factor before it in one of the two: nothing is left to chance up to second order."""
    closed, expected = additive_with_pairs(20, np.random.default_rng(14))
    found = shapley_by_permutations(closed, 20, 2, np.random.default_rng(15))
    assert found == pytest.approx(expected, abs=1e-14)
    assert found.sum() == pytest.approx(1, abs=1e-14)


def test_estimates_over_orders_approach_the_effects():
    """A product of 9 factors of variance v_i and mean 1: c(u) = (prod over u of (1 + v_i) - 1) / V."""
    spreads = np.linspace(0.05, 1.2, 9)
    members = np.array([[mask >> factor & 1 for factor in range(9)] for mask in range(512)])
    table = (np.prod(np.where(members, 1 + spreads, 1), axis=1) - 1) / (np.prod(1 + spreads) - 1)
    asked = []

    def closed(mask):
        asked.append(mask)
        return table[[mask]]

    found = shapley_by_permutations(closed, 9, 60, np.random.default_rng(16))
    assert len(asked) == len(set(asked)) < 511
    assert found[:, 0] == pytest.approx(shapley_from_closed(table), abs=0.03)
    assert found.sum() == pytest.approx(1, abs=1e-13)
    many = [shapley_by_permutations(closed, 9, 60, np.random.default_rng(seed)) for seed in range(50)]
    assert np.mean(many, axis=0)[:, 0] == pytest.approx(shapley_from_closed(table), abs=0.004)
    again = shapley_by_permutations(closed, 9, 60, np.random.default_rng(16))
    assert (again == found).all()


def test_an_unknown_index_leaves_its_output_unknown():
    closed = np.tile(np.array([0.0, 0.25, 0.5, 1.0])[:, None], 2)
    closed[1, 1] = np.nan
    found = shapley_from_closed(closed)
    assert found[:, 0].tolist() == [0.375, 0.625]
    assert np.isnan(found[:, 1]).all()

    def of_twenty(mask):
        return np.array([mask.bit_count() / 20, np.nan if mask & 1 else 0.5])

    estimated = shapley_by_permutations(of_twenty, 20, 1, np.random.default_rng(0))
    assert estimated[:, 0] == pytest.approx(np.full(20, 1 / 20))
    assert np.isnan(estimated[:, 1]).all()


def test_subsets_that_are_missing_or_too_many():
    with pytest.raises(ValueError, match=r"all 2\^k subsets are needed, found 3"):
        shapley_from_closed(np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"all 2\^k subsets are needed, found 1"):
        shapley_from_closed(np.zeros((1, 1)))
    with pytest.raises(ValueError, match=r"missing \[1\]"):
        shapley_from_closed({2: np.ones(1), 3: np.ones(1)})
    for nothing in ({}, {0: np.zeros(1)}):
        with pytest.raises(ValueError, match=r"all 2\^k subsets are needed"):
            shapley_from_closed(nothing)
    with pytest.raises(ValueError, match="at most 12 factors, found 13"):
        shapley_from_closed(np.zeros((1 << 13, 1)))
    for factors, orders in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="at least one factor and one permutation"):
            shapley_by_permutations(lambda mask: np.ones(1), factors, orders, np.random.default_rng(0))
