"""Variances of totals: a stratified toy by hand, closed forms, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.engine.clusters import Clusters, DomainTotals, Stage
from dtindex.engine.quantiles import weighted_quantiles
from dtindex.engine.replicates import BLOCK, BalancedHalves, Jackknife, Rescaled, hadamard, replicated_variance

# Twelve respondents in three strata, by hand. Stratum A: 4 of 40, B: 6 of 30, C: 2 of 10.
STRATA = np.array([0] * 4 + [1] * 6 + [2] * 2)
VALUES = np.array([10.0, 12, 14, 20, 1, 2, 3, 4, 5, 9, 7, 11])
SIZES = np.array([40.0, 30.0, 10.0])
WEIGHTS = np.array([10.0] * 4 + [5.0] * 6 + [5.0] * 2)
# Total: 10 * 56 + 5 * 24 + 5 * 18 = 770. Squares about the means 14, 4, 9 of the strata: 56, 40, 8; s^2 is 56/3, 8, 8.
# V = sum N_h^2 (1 - n_h / N_h) s_h^2 / n_h = 1600 * 0.9 * 14/3 + 900 * 0.8 * 4/3 + 100 * 0.8 * 4 = 6720 + 960 + 320.
TOTAL, VARIANCE = 770.0, 8000.0
WITHOUT_SIZES = 1600 * 14 / 3 + 900 * 4 / 3 + 100 * 4


def design(fractions: np.ndarray | None = None, lonely: str = "fail", strata: np.ndarray = STRATA) -> Clusters:
    count = strata.max() + 1
    units = np.arange(len(strata))
    drawn = np.zeros(count) if fractions is None else fractions
    return Clusters((Stage(units, strata.astype(np.intp), drawn, np.ones(count)),), lonely)  # type: ignore[arg-type]


def whole(clusters: Clusters, values: np.ndarray) -> float:
    return float(DomainTotals(clusters, np.zeros(len(values), dtype=np.intp), 1).variances(values)[0])


FPC = np.array([4.0, 6.0, 2.0]) / SIZES


def test_toy_by_hand():
    assert (WEIGHTS * VALUES).sum() == TOTAL
    assert whole(design(FPC), WEIGHTS * VALUES) == pytest.approx(VARIANCE, rel=1e-14)
    assert whole(design(), WEIGHTS * VALUES) == pytest.approx(WITHOUT_SIZES, rel=1e-14)


def test_a_domain_keeps_the_psus_without_its_members():
    """Odd respondents only: totals of stratum A are (10, 0, 14, 0), of which s^2 = 52, and so on with zeros."""
    inside = np.arange(12) % 2 == 0
    values = np.where(inside, VALUES, 0.0)
    expected = sum(
        SIZES[h] ** 2 * (1 - FPC[h]) * values[h == STRATA].var(ddof=1) / (h == STRATA).sum() for h in range(3)
    )
    codes = np.where(inside, 0, -1)
    assert DomainTotals(design(FPC), codes, 1).variances(WEIGHTS * VALUES)[0] == pytest.approx(expected, rel=1e-14)


def test_several_domains_are_as_each_by_itself():
    codes = np.arange(12) % 3
    together = DomainTotals(design(FPC), codes, 3).variances(WEIGHTS * VALUES)
    for domain in range(3):
        alone = DomainTotals(design(FPC), np.where(codes == domain, 0, -1), 1).variances(WEIGHTS * VALUES)
        assert together[domain] == alone[0]


def test_two_stages_by_hand():
    """Two of 4 PSUs, in them 2 of 4 and 2 of 3: the first stage 4^2 (1 - 1/2) s^2 / 2, the second f_1 times its own."""
    psus = np.array([0, 0, 1, 1])
    first = Stage(psus, np.zeros(2, dtype=np.intp), np.array([0.5]), np.ones(1))
    second = Stage(np.arange(4), psus, np.array([0.5, 2 / 3]), np.array([0.5, 0.5]))
    weighted = np.array([4.0, 8.0, 3.0, 9.0])
    # PSU totals 12 and 12 add nothing; within: 0.5 * 0.5 * 2 / 1 * 8 + 0.5 * (1/3) * 2 * 18
    assert whole(Clusters((first, second)), weighted) == pytest.approx(4.0 + 6.0, rel=1e-14)
    assert whole(Clusters((first,)), weighted) == 0.0


@pytest.mark.parametrize(("lonely", "expected"), [("certainty", 7680), ("adjust", 7680 + 0.9 * 90**2)])
def test_lonely_stratum(lonely, expected):
    """The third stratum has one PSU, a tenth of its population, whose weighted value is 90."""
    strata = np.delete(STRATA, 11)
    values = np.delete(WEIGHTS * VALUES, 11)
    values[-1] = 90.0
    clusters = design(np.array([0.1, 0.2, 0.1]), lonely, strata)
    assert whole(clusters, values) == pytest.approx(expected, rel=1e-14)
    assert clusters.lonely_strata().tolist() == [2]


def test_lonely_by_the_average_and_by_failing():
    strata, values = np.delete(STRATA, 11), np.delete(WEIGHTS * VALUES, 11)
    assert whole(design(np.array([0.1, 0.2, 0.1]), "average", strata), values) == pytest.approx(7680 * 3 / 2)
    assert np.isnan(whole(design(np.array([0.1, 0.2, 0.1]), "fail", strata), values))
    certain = design(np.array([0.1, 0.2, 1.0]), "fail", strata)  # all there is: no variance, and none is missed
    assert whole(certain, values) == pytest.approx(7680)


def test_one_psu_a_row_is_the_formula_of_a_simple_random_sample():
    rng = np.random.default_rng(1)
    values = rng.normal(size=50)
    clusters = design(np.array([0.1]), strata=np.zeros(50, dtype=np.intp))
    assert whole(clusters, 10 * values) == pytest.approx(500**2 * 0.9 * values.var(ddof=1) / 50, rel=1e-13)


def test_degrees():
    psus, strata = DomainTotals(design(), (STRATA > 0).astype(np.intp), 2).degrees(VALUES > 2)
    assert (psus.tolist(), strata.tolist()) == ([4, 6], [1, 2])


def replicated(replication, clusters, values) -> float:
    totals = np.concatenate([replication.block(at) @ values for at in range(replication.blocks)])
    found = replicated_variance(totals[:, None], np.array([values.sum()]), replication.scales, replication.centre)
    return float(found.variances[0])


def test_the_stratified_jackknife_of_a_total_is_taylor():
    clusters = design(FPC)
    found = replicated(Jackknife(clusters.stages[0]), clusters, WEIGHTS * VALUES)
    assert found == pytest.approx(VARIANCE, rel=1e-12)


@pytest.mark.parametrize("fay", [0.0, 0.3, 0.5])
def test_balanced_halves_of_a_total_are_taylor(fay):
    """Two PSUs a stratum: V = sum (z_1 - z_2)^2 without populations (McCarthy 1969)."""
    strata = np.repeat(np.arange(6), 2)
    clusters = design(strata=strata)
    values = np.random.default_rng(2).normal(size=12)
    expected = ((values[::2] - values[1::2]) ** 2).sum()
    assert replicated(BalancedHalves(clusters.stages[0], fay), clusters, values) == pytest.approx(expected, rel=1e-12)


def test_hadamard():
    for least in (1, 2, 3, 7, 9):
        found = hadamard(least)
        assert len(found) >= least
        assert np.array_equal(found @ found.T, len(found) * np.eye(len(found)))


def test_the_bootstrap_has_the_mean_and_the_variance_of_the_design():
    clusters = design(FPC)
    values = WEIGHTS * VALUES
    rescaled = Rescaled(clusters.stages[0], 20_000, seed=3)
    totals = np.concatenate([rescaled.block(at) @ values for at in range(rescaled.blocks)])
    assert totals.mean() == pytest.approx(TOTAL, abs=4 * np.sqrt(VARIANCE / 20_000))
    assert totals.var(ddof=1) == pytest.approx(VARIANCE, rel=0.05)


def test_the_first_replicates_do_not_depend_on_how_many_follow():
    first = design(FPC).stages[0]
    few, many = Rescaled(first, BLOCK + 3, seed=4), Rescaled(first, 5 * BLOCK, seed=4)
    assert np.array_equal(few.block(1), many.block(1)[:3])
    assert not np.array_equal(few.block(0), Rescaled(first, BLOCK, seed=5).block(0))


def test_replicates_without_a_value_are_left_out():
    values = np.array([[1.0], [3.0], [np.nan], [5.0]])
    found = replicated_variance(values, np.array([3.0]), np.full(4, 1 / 3), "mean")
    assert found.known.tolist() == [3]
    assert found.variances[0] == pytest.approx(8 / 3 * 4 / 3)
    lacking = replicated_variance(np.full((4, 1), np.nan), np.array([3.0]), np.full(4, 1 / 3), "mean")
    assert np.isnan(lacking.variances[0])


def test_weighted_quantiles_by_definition():
    """inf {q: F(q) >= p}: of 1, 2, 3 with weights 1, 2, 1 the quarter is at 1 and three quarters at 2, exactly."""
    values, weights = np.array([3.0, 1.0, 2.0, 9.0]), np.array([1.0, 1.0, 2.0, 0.0])
    shares = np.array([0.0, 0.25, 0.26, 0.75, 0.76, 1.0, 1.1, -0.1])
    found = weighted_quantiles(values, weights, shares)
    np.testing.assert_array_equal(found, [1, 1, 2, 2, 3, 3, np.nan, np.nan])
    assert np.isnan(weighted_quantiles(values[:0], weights[:0], np.array([0.5])))[0]


def test_equal_weights_give_the_inverted_distribution_function():
    values = np.random.default_rng(5).normal(size=37)
    shares = np.linspace(0.01, 0.99, 23)
    expected = np.quantile(values, shares, method="inverted_cdf")
    np.testing.assert_array_equal(weighted_quantiles(values, np.ones(37), shares), expected)
