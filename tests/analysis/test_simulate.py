"""Simulation against closed forms, plain loops over the same draws, and the scoring of each run by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.simulate import Simulation, simulate
from dtindex.analysis.uncertainty.study import Study
from dtindex.analysis.uncertainty.variants import Change, Design, Workshop
from dtindex.engine.halfspace import beats, expected_ranks
from dtindex.engine.keys import score_keys
from dtindex.engine.points import block_points
from dtindex.engine.ranks import rank_keys
from dtindex.spec import parse_methodology
from dtindex.spec.uncertainty import Factor
from dtindex.tables.table import Table

HEAD: dict[str, Any] = {"schema_version": 1, "id": "made", "title": "Made up", "units": {"kind": "u", "key": "u"}}
AS_IT_IS = {"method": "goalposts", "worst": 0, "best": 100}


def index_of(blocks: dict[str, Any], values: Any, units: Any = None, **table: Any) -> dti.CompositeIndex:
    methodology, findings = parse_methodology(json.dumps({**HEAD, **blocks}), "made.yaml")
    findings.raise_errors()
    assert methodology is not None
    values = np.asarray(values, dtype=float)
    names = [item.id for item in methodology.indicators]
    units = [f"u{row:04d}" for row in range(len(values))] if units is None else list(units)
    return dti.CompositeIndex(methodology).fit(Table.from_arrays(units, names, values, **table))


def flat(values: Any, units: Any = None, **blocks: Any) -> dti.CompositeIndex:
    """One mean of columns that are scores as they stand."""
    names = "abcdefgh"[: np.shape(values)[1]]
    indicators = [{"id": name, "parent": "index", "normalise": AS_IT_IS} for name in names]
    return index_of({"nodes": [{"id": "index"}], "indicators": indicators, **blocks}, values, units)


def factors(*blocks: dict[str, Any]) -> list[Factor]:
    return [Factor.model_validate_json(json.dumps(one)) for one in blocks]


SIMPLEX = factors({"id": "w", "simplex": True})


# --- closed forms ---


def test_two_members():
    """With weights u and 1 - u, u uniform: a is before b where u (xa - xb) > (1 - u) (yb - ya)."""
    values = [[80, 20], [50, 30], [30, 90], [79, 10]]
    found = simulate(flat(values), factors=SIMPLEX, runs=1 << 15, seed=1)
    wins = found.pairwise_winning.to_numpy()
    for a in range(4):
        for b in range(4):
            gain, loss = values[a][0] - values[b][0], values[b][1] - values[a][1]
            exact = 0.5 if a == b else 1.0 if loss <= 0 < gain else 0.0 if gain <= 0 < loss else None
            if exact is None:
                exact = gain / (gain + loss) if gain > 0 else 1 - gain / (gain + loss)
            # Scrambled points are a net of 2^15: a share is off by no more than its ends.
            assert wins[a, b] == pytest.approx(exact, abs=1e-3), (a, b)
    u0 = found.rank_intervals.loc["u0000"]
    # u0 is before u3 always, before u1 for u > 1/4, before u2 for u > 7/12.
    assert u0["mean"] == pytest.approx(1 + 1 / 4 + 7 / 12, abs=1e-3)
    assert (u0["least"], u0["most"]) == (1, 3)
    assert found.top(1)["u0000"] == pytest.approx(5 / 12, abs=1e-3)


def test_moments_of_scores():
    """E = z'E[w], Cov = z'Cov[w]z with Cov[w] = (diag(a)/a0 - aa'/a0^2) / (a0 + 1). METHODS 7.4, first row."""
    rng = np.random.default_rng(3)
    values = rng.uniform(0, 100, (12, 4))
    weighted = [
        {"id": name, "parent": "index", "normalise": AS_IT_IS, "weight": w}
        for name, w in zip("abcd", (4, 3, 2, 1), strict=True)
    ]
    index = index_of({"nodes": [{"id": "index"}], "indicators": weighted}, values)
    found = simulate(index, factors=factors({"id": "w", "dirichlet": 15}), runs=1 << 15, seed=2)
    alphas = 15 * np.array([4, 3, 2, 1]) / 10
    a0 = alphas.sum()
    covariance = (np.diag(alphas) / a0 - np.outer(alphas, alphas) / a0**2) / (a0 + 1)
    frame = found.score_intervals
    assert frame["mean"].to_numpy() == pytest.approx(values @ alphas / a0, rel=1e-4)
    assert frame["sd"].to_numpy() == pytest.approx(
        np.sqrt(np.einsum("ui,ij,uj->u", values, covariance, values)), rel=5e-3
    )
    assert frame["score"].to_numpy() == pytest.approx(values @ alphas / a0, rel=1e-12)


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_winning_against_the_exact_probabilities(method):
    """The recursion of `engine.halfspace`, which knows nothing of simulation, within four standard errors."""
    values = np.random.default_rng(5).uniform(0, 100, (15, 6))
    values[3] = values[9]
    found = simulate(flat(values), factors=SIMPLEX, runs=20_000, seed=3, method=method)
    exact = beats(values)
    wins = found.pairwise_winning.to_numpy()
    error = np.sqrt(exact * (1 - exact) / found.sampled)
    assert (np.abs(wins - exact) <= 4 * error + 1e-12).all()
    assert wins[3, 9] == wins[9, 3] == 0.5
    assert (wins + wins.T == 1).all()
    # Competition ranks put both of a tie on the better place: of the two that are one, half a rank less.
    mean = expected_ranks(exact) - np.where(np.isin(np.arange(15), (3, 9)), 0.5, 0)
    sd = found.rank_intervals["sd"].to_numpy()
    assert (np.abs(found.rank_intervals["mean"] - mean) <= 4 * sd / np.sqrt(20_000) + 1e-12).all()


# --- each run by hand ---

MADE: dict[str, Any] = {
    "nodes": [
        {"id": "index"},
        {"id": "a", "parent": "index", "weight": 2},
        {"id": "b", "parent": "index", "weight": 1, "aggregate": {"method": "geometric", "within": [1, 100]}},
    ],
    "indicators": [
        {"id": "a1", "parent": "a", "weight": 1},
        {"id": "a2", "parent": "a", "weight": 3, "normalise": {"method": "goalposts", "worst": 0, "best": 110}},
        {"id": "b1", "parent": "b"},
        {"id": "b2", "parent": "b", "direction": "lower"},
    ],
    "tiers": [
        {
            "node": "index",
            "method": "thresholds",
            "levels": [{"id": "high", "at_least": 55}, {"id": "middle", "at_least": 40}, {"id": "low"}],
        },
        {"node": "a", "method": "thresholds", "levels": [{"id": "some", "at_least": 50}, {"id": "less"}]},
    ],
    "classes": [
        {"id": "strong", "when": {"all": [{"id": "index", "quantile": 0.6}, {"id": "a", "at_least": 45}]}},
        {"id": "rest"},
        {"id": "good", "scheme": "by_b1", "when": {"id": "b1", "at_least": 50}},
        {"id": "bad", "scheme": "by_b1"},
    ],
}
ALL = (
    {"id": "w", "node": "index", "dirichlet": 20},
    {"id": "box", "node": "a", "box": 0.9},
    {"id": "noise", "node": "b", "noise": 0.3},
    {"id": "e", "error": 9, "of": ["a1", "b2"]},
    {"id": "r", "error": 0.2, "of": ["b1"], "law": "uniform", "relative": True},
    {"id": "norm", "normalise": [{"method": "min-max"}, {"method": "rank"}], "of": ["a1"]},
    {"id": "out", "exclude": ["b1", "a2"]},
    {"id": "cut", "tiers": "index", "cut": 6},
    {"id": "other", "tiers": "a", "cut": 30},
)
RUNS = 160


class ByHand:
    """Every run of one block as the index itself scores it: other weights, another table, other settings."""

    def __init__(self, index: dti.CompositeIndex, blocks: list[Factor] | None, seed: int, runs: int) -> None:
        study = Study(index, None, blocks, None, None, None)
        inputs = study.resolved.inputs
        (points,) = block_points(inputs.dimensions, runs, seed, 0)
        realised = inputs.realise(inputs.sheet(points, inputs.streams(seed, 0)))
        self.units = [str(unit) for unit in study.units]
        self.weights = realised.weights
        self.cuts = realised.cuts
        self.designs = realised.designs
        self.results: list[dti.Scores] = []
        table = index.reference_
        rows = study.rows
        for run in range(runs):
            change = study.resolved.change(int(realised.designs[run]))
            own = tuple(
                (node, tuple(zip(study.nominal.plan.members[node], drawn[run].tolist(), strict=True)))
                for node, drawn in realised.weights.items()
            )
            values = table.values.copy()
            for item, errors in realised.errors.items():
                values[rows, table.names.index(item)] += errors[run]
            other = table if not realised.errors else _with(table, values)
            design = Workshop(index, other).design(change + Change(weights=own))
            assert isinstance(design, Design), design
            self.results.append(design.result)
        self.rows = rows

    def scores(self, item: str) -> np.ndarray:
        return np.array([one.column(item)[self.rows] for one in self.results])


def _with(table: Table, values: np.ndarray) -> Table:
    texts = {name: list(column) for name, column in table.texts.items()}
    return Table.from_arrays(table.units.tolist(), list(table.names), values, texts=texts)


@pytest.fixture(scope="module")
def made() -> dti.CompositeIndex:
    """Nine units whose rows stand in another order than their keys."""
    values = np.random.default_rng(4).uniform(1, 100, (9, 4))
    return index_of(MADE, values, "ihgfedcba")


@pytest.fixture(scope="module")
def by_hand(made: dti.CompositeIndex) -> ByHand:
    return ByHand(made, factors(*ALL), 5, RUNS)


@pytest.fixture(scope="module")
def found(made: dti.CompositeIndex) -> Simulation:
    return simulate(made, factors=factors(*ALL), runs=RUNS, seed=5)


@pytest.fixture(scope="module")
def ranks(by_hand: ByHand) -> np.ndarray:
    """Ranks ``(runs, n)``."""
    return np.array([rank_keys(score_keys(row, 100.0)) for row in by_hand.scores("index")])


def test_scores_of_each_run(found, by_hand):
    """Weights, errors, alternatives and what is left out, all at once: the kept scores are those of the index."""
    assert found.units.tolist() == by_hand.units == list("abcdefghi")
    assert len(set(by_hand.designs.tolist())) == 6
    sample = found._tally.sample
    # Blocks go through combinations one by one, but keep a run's place.
    assert sample == pytest.approx(by_hand.scores("index"), rel=1e-10, abs=1e-9)
    frame = found.score_intervals
    assert frame["mean"].to_numpy() == pytest.approx(sample.mean(axis=0), rel=1e-12)
    for column, share in (("low", 0.025), ("median", 0.5), ("high", 0.975)):
        assert frame[column].to_numpy() == pytest.approx(np.quantile(by_hand.scores("index"), share, axis=0), rel=1e-9)


def test_ranks_of_each_run(found, ranks):
    frame = found.rank_intervals
    assert found.runs == RUNS
    assert frame["mean"].to_numpy() == pytest.approx(ranks.mean(axis=0), rel=1e-12)
    assert frame["sd"].to_numpy() == pytest.approx(ranks.std(axis=0), rel=1e-12)
    assert (frame["least"] == ranks.min(axis=0)).all()
    assert (frame["most"] == ranks.max(axis=0)).all()
    for k in range(1, 10):
        assert found.top(k).to_numpy() == pytest.approx((ranks <= k).mean(axis=0), rel=1e-12)
        assert found.rank_probabilities[k].to_numpy() == pytest.approx((ranks == k).mean(axis=0), rel=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95])
def test_intervals_are_quantiles_of_the_runs(found, ranks, confidence):
    """The least rank that is not exceeded in at least this share of the runs."""
    tail = (1 - confidence) / 2
    for column, share in (("low", tail), ("median", 0.5), ("high", 1 - tail)):
        own = [next(r for r in range(1, 10) if (one <= r).mean() >= share - 1e-12) for one in ranks.T]
        assert found.intervals(confidence)[column].tolist() == own


def test_shift(found, ranks, made):
    reference = made.score(made.reference_).rank("index")[::-1]
    assert found.rank_intervals["rank"].tolist() == reference.tolist()
    assert found.shift.to_numpy() == pytest.approx(np.abs(ranks - reference).mean(axis=0), rel=1e-12)
    assert found.mean_shift == pytest.approx(np.abs(ranks - reference).mean(), rel=1e-12)


def test_winning(found, ranks):
    own = [[np.mean((a < b) + 0.5 * (a == b)) for b in ranks.T] for a in ranks.T]
    assert found.pairwise_winning.to_numpy() == pytest.approx(np.array(own), rel=1e-12)


def test_central_weights(found, by_hand, ranks):
    """Mean of the drawn weights of the runs in which a unit was first; missing for who never was."""
    frame = found.central_weights
    assert frame.columns.tolist() == ["a", "b", "a1", "a2", "b1", "b2"]
    drawn = np.hstack([by_hand.weights[node] for node in ("index", "a", "b")])
    for unit, column in zip(found.units, ranks.T, strict=True):
        firsts = [run for run in range(RUNS) if column[run] == 1]
        if not firsts:
            assert frame.loc[unit].isna().all()
            continue
        assert frame.loc[unit].to_numpy() == pytest.approx(drawn[firsts].mean(axis=0), rel=1e-12)
    assert frame.isna().any(axis=1).any()
    assert frame.notna().any(axis=1).any()


def test_tiers_with_thresholds_that_move(found, by_hand):
    """Thresholds of the index move by its own cut; that of `a` is of another node, and moves nothing here."""
    scores, cut = by_hand.scores("index"), by_hand.cuts["index"][:, None]
    frame = found.tier_probabilities
    assert frame["high"].to_numpy() == pytest.approx((scores >= 55 + cut).mean(axis=0), rel=1e-12)
    middle = (scores >= 40 + cut) & (scores < 55 + cut)
    assert frame["middle"].to_numpy() == pytest.approx(middle.mean(axis=0), rel=1e-12)
    assert frame.sum(axis=1).to_numpy() == pytest.approx(1, rel=1e-12)
    assert (np.abs(by_hand.cuts["index"]) <= 6).all()
    assert np.abs(by_hand.cuts["index"]).max() > 5


def test_classes(found, by_hand):
    """By scheme of the runs that have what it asks for: without b1 nobody is put into the classes by b1.

    Quantiles are those of the units of the run: at least 60 % do not exceed the sixth of nine scores from below.
    """
    scores, a = by_hand.scores("index"), by_hand.scores("a")
    strong = (scores >= np.sort(scores, axis=1)[:, 5:6] - 1e-10) & (a >= 45 - 1e-10)
    frame = next(own for own in found.class_probabilities.values() if "strong" in own)
    assert found.convergence.set_index("statistic").loc["runs that are classified", "value"] == RUNS
    assert frame["strong"].to_numpy() == pytest.approx(strong.mean(axis=0), rel=1e-12)
    b1 = [one.column("b1")[by_hand.rows] for one in by_hand.results if "b1" in one.items]
    assert 0 < len(b1) < RUNS
    good = np.array(b1) >= 50
    assert found.class_probabilities["by_b1"]["good"].to_numpy() == pytest.approx(good.mean(axis=0), rel=1e-12)
    assert found.class_probabilities["by_b1"].sum(axis=1).to_numpy() == pytest.approx(1, rel=1e-12)


def test_classes_of_a_shipped_index():
    """Each run scored by hand: other weights for every node, a questionnaire below."""
    methodology = dti.load_methodology("accenture-reinvention-2023")
    table = dti.read_table(dti.sample(methodology, 60, seed=1).frame, methodology)
    index = dti.CompositeIndex(methodology, assume="instrument-v1").fit(table)
    found = simulate(index, runs=24, seed=2)
    assert found.default_factors
    assert "DT380" in found.findings.codes
    own = ByHand(index, None, 2, 24)
    # Who has a score of a node is asked of the index, and not again in each run, by weights that are drawn: of two
    # questions that count alike one is half, and enough. Scored by hand it is asked again, so these are not compared.
    settled = np.ones(len(own.units), dtype=bool)
    for item in methodology.tree.nodes:
        missing = np.isnan(own.scores(item))
        settled &= (missing == np.isnan(index.score(table).column(item)[own.rows])).all(axis=0)
    assert settled.mean() > 0.7
    for scheme, frame in found.class_probabilities.items():
        classes = np.array([one.class_values[scheme][own.rows] for one in own.results])
        for label in frame.columns:
            shares = (classes == label).mean(axis=0)
            assert frame[label].to_numpy()[settled] == pytest.approx(shares[settled], rel=1e-12), label
        assert frame.sum(axis=1).to_numpy() == pytest.approx(1)
    assert found._tally.sample[:, settled] == pytest.approx(own.scores("index")[:, settled], rel=1e-9)


def test_ranks_of_rounded_scores():
    """Ranks and tiers are of the scores as they are published: 60.04 and 59.96 are both 60.0, and share a rank."""
    values = [[60.0, 60.08], [60.0, 59.92], [10.0, 20.0]]
    tiers = [{"node": "index", "method": "thresholds", "levels": [{"id": "top", "at_least": 60}, {"id": "low"}]}]
    index = flat(values, rank={"decimals": 1}, tiers=tiers)
    found = simulate(index, factors=factors({"id": "w", "box": 0.02}), runs=500, seed=1)
    assert found.rank_intervals["mean"].tolist() == [1, 1, 3]
    assert found.tier_probabilities["top"].tolist() == [1, 1, 0]
    assert found.pairwise_winning.loc["u0000", "u0001"] == 0.5


def test_errors_of_a_caller():
    """A standard error of its own for each unit, whatever the order of rows, in the frame as in the table."""
    index = flat([[50.0, 50.0], [60.0, 60.0], [40.0, 40.0]], units=["c", "a", "b"])
    frame = pd.DataFrame({"a": [0.0, 4.0], "b": [2.0, 0.0]}, index=["b", "c"])
    found = simulate(index, factors=[], errors=frame, runs=1 << 14, seed=1, method="random")
    sd = found.score_intervals["sd"]
    assert sd["a"] == pytest.approx(0, abs=1e-9)
    # (4, 0) of c and (0, 2) of b, weights of one half; 5 standard errors of a standard deviation.
    assert sd["c"] == pytest.approx(2.0, rel=5 / np.sqrt(2 << 14))
    assert sd["b"] == pytest.approx(1.0, rel=5 / np.sqrt(2 << 14))


# --- bad input ---


def test_runs_that_fail_are_counted_named_and_left_out():
    """A geometric mean of z-scores has no value for whoever is below the mean: half of the runs."""
    indicators = [{"id": name, "parent": "index", "scale": "open", "normalise": {"method": "z-score"}} for name in "ab"]
    index = index_of(
        {"nodes": [{"id": "index"}], "indicators": indicators}, np.random.default_rng(1).normal(size=(8, 2))
    )
    methods = [{"method": "arithmetic"}, {"method": "geometric", "zeros": "allow"}]
    found = simulate(index, factors=factors({"id": "mean", "aggregate": methods}, {"id": "w", "box": 0.3}), runs=1024)
    assert found.runs == 512
    assert sum(found.failed.values()) == 512
    (reason,) = found.failed
    assert "geometric" in reason
    assert [one.severity.value for one in found.findings if one.code == "DT381"] == ["warning"]
    assert any("512 of 1,024" in one.message for one in found.findings)
    assert (found.rank_probabilities.sum(axis=1) == 1).all()
    assert not found.score_intervals.drop(columns="name").isna().any(axis=None)
    alone = simulate(
        index, factors=factors({"id": "mean", "aggregate": methods[:1]}, {"id": "w", "box": 0.3}), runs=512
    )
    assert not alone.failed


def test_a_treatment_that_leaves_a_constant_column():
    values = np.random.default_rng(1).uniform(0, 100, (10, 2))
    values[:, 0] = [0] * 9 + [7]
    indicators = [{"id": "a", "parent": "index"}, {"id": "b", "parent": "index"}]
    index = index_of({"nodes": [{"id": "index"}], "indicators": indicators}, values)
    treat = [{"method": "none"}, {"method": "winsorise", "high": 0.2}]
    found = simulate(
        index, factors=factors({"id": "treat", "treat": treat, "of": ["a"]}, {"id": "w", "box": 0.2}), runs=64
    )
    assert (found.runs, sum(found.failed.values())) == (32, 32)
    assert "winsorise" in next(iter(found.failed))


def test_a_unit_without_a_score_in_some_runs():
    """An error takes one figure below zero, where its geometric mean has no value: those runs are no runs.

    P(x + e < 0) for x = 2 and a standard error of 2 is Phi(-1) = .1587.
    """
    blocks = {
        "nodes": [{"id": "index", "aggregate": {"method": "geometric"}}],
        "indicators": [
            {"id": name, "parent": "index", "scale": "open", "normalise": {"method": "none"}} for name in "ab"
        ],
    }
    index = index_of(blocks, [[2.0, 50.0], [40.0, 30.0], [30.0, 60.0]])
    found = simulate(index, factors=[], errors={"a": {"u0000": 2.0, "u0001": 0.1}}, runs=8000, seed=1)
    failed = sum(found.failed.values())
    assert failed / 8000 == pytest.approx(0.15866, abs=4 * math.sqrt(0.15866 * 0.84134 / 8000))
    assert found.runs == 8000 - failed
    assert found.sampled == found.runs
    (reason,) = found.failed
    assert reason == f"no score for u0000 in {failed:,}"
    assert not found.score_intervals.drop(columns="name").isna().any(axis=None)
    assert found.rank_probabilities.sum(axis=1).to_numpy() == pytest.approx(1, rel=1e-12)
    assert not np.isnan(found.pairwise_winning.to_numpy()).any()


def test_if_all_runs_fail():
    """By drawing weights for a member that has a negative value, and had no weight."""
    blocks = {
        "nodes": [{"id": "index", "aggregate": {"method": "geometric"}}],
        "indicators": [
            {"id": "a", "parent": "index", "scale": "open", "normalise": {"method": "none"}, "weight": 1},
            {"id": "b", "parent": "index", "scale": "open", "normalise": {"method": "none"}, "weight": 0},
        ],
    }
    index = index_of(blocks, [[2.0, -50.0], [40.0, 30.0], [30.0, 60.0]])
    with pytest.raises(dti.InputError) as raised:
        simulate(index, factors=SIMPLEX, runs=100)
    assert raised.value.findings.errors.codes == ["DT381"]
    assert "u0000" in str(raised.value)


def test_a_run_in_which_only_what_is_left_out_has_a_weight():
    """One of two experts gives all to `a`: without `a` such a run has no weights, and is counted; others stand."""
    experts = [{"name": "x", "weights": {"a": 1}}, {"name": "y", "weights": {"a": 1, "b": 1, "c": 2}}]
    index = flat(np.random.default_rng(1).uniform(0, 100, (6, 3)))
    chosen = factors({"id": "w", "node": "index", "experts": experts}, {"id": "out", "exclude": ["a"]})
    found = simulate(index, factors=chosen, runs=4096, seed=1)
    assert found.runs == 4096 - 1024
    assert found.rank_probabilities.sum(axis=1).to_numpy() == pytest.approx(1)
    assert not np.isnan(found._tally.total).any()


def test_who_is_not_ranked_is_in_no_run():
    values = np.random.default_rng(1).uniform(0, 100, (6, 2))
    values[2] = np.nan
    found = simulate(flat(values), factors=SIMPLEX, runs=256)
    assert found.units.tolist() == ["u0000", "u0001", "u0003", "u0004", "u0005"]
    (told,) = [one for one in found.findings if one.code == "DT383"]
    assert "u0002" in told.message
    assert found.rank_probabilities.shape == (5, 5)
    assert found.rank_probabilities.sum(axis=0).to_numpy() == pytest.approx(1)


@pytest.mark.parametrize("units", [4, 300])
@pytest.mark.parametrize("aggregate", [{"method": "arithmetic"}, {"method": "power", "p": 0.3}])
def test_ties_everywhere(units, aggregate):
    index = flat(np.full((units, 3), [30.1, 77.7, 51.3]), nodes=[{"id": "index", "aggregate": aggregate}])
    found = simulate(index, factors=SIMPLEX, runs=2000)
    assert (found.rank_intervals[["rank", "mean", "low", "high", "least", "most"]] == 1).all(axis=None)
    assert (found.rank_intervals["sd"] == 0).all()
    assert (found.top(1) == 1).all()
    assert (found.pairwise_winning == 0.5).all(axis=None)
    assert found.mean_shift == 0
    # Everybody is first in every run: weights of all runs.
    assert (found.central_weights.nunique() == 1).all()
    assert found.central_weights.iloc[0].to_numpy() == pytest.approx(1 / 3, rel=2e-2)


def test_one_unit():
    found = simulate(flat([[30.0, 70.0]]), factors=SIMPLEX, runs=100)
    assert "DT384" in found.findings.codes
    assert found.rank_intervals.loc["u0000", ["rank", "low", "high"]].tolist() == [1, 1, 1]
    assert found.pairwise_winning.to_numpy().tolist() == [[0.5]]
    assert found.mean_shift == 0


def test_many_units():
    """Above 4,096 units ranks are counted in classes: 5,000 in classes of two."""
    values = np.random.default_rng(1).uniform(0, 100, (5000, 3))
    found = simulate(flat(values), factors=SIMPLEX, runs=12, seed=1)
    assert "DT384" in found.findings.codes
    assert found.rank_resolution == 2
    assert found.rank_probabilities.shape == (5000, 2500)
    assert found.rank_probabilities.sum(axis=1).to_numpy() == pytest.approx(1)
    assert found.rank_probabilities.sum(axis=0).to_numpy() == pytest.approx(2)
    sample = found._tally.sample
    ranks = np.array([rank_keys(score_keys(row, 100.0)) for row in sample])
    assert np.abs(found.rank_intervals["mean"] - ranks.mean(axis=0)).max() <= 0.5
    for k in (1, 2, 7, 500, 5000):
        whole, half = (ranks <= k - k % 2).mean(axis=0), ((ranks + 1) // 2 == (k + 1) // 2).mean(axis=0)
        assert found.top(k).to_numpy() == pytest.approx(whole + (half / 2 if k % 2 else 0), abs=1e-12)


def test_a_panel():
    """Of the latest period unless another is named; each period has ranks of its own."""
    values = [[30.0, 70], [80, 20], [50, 40], [90, 10], [20, 20], [10, 95]]
    blocks = {
        "units": {"kind": "u", "key": "u", "period": "t"},
        "nodes": [{"id": "index"}],
        "indicators": [{"id": name, "parent": "index", "normalise": AS_IT_IS} for name in "ab"],
    }
    periods = ["2020", "2021"] * 3
    index = index_of(blocks, values, ["p", "p", "q", "q", "r", "r"], periods=periods)
    for period, rows in ((None, [1, 3, 5]), ("2021", [1, 3, 5]), ("2020", [0, 2, 4])):
        found = simulate(index, factors=SIMPLEX, runs=64, seed=1, period=period)
        alone = simulate(flat([values[row] for row in rows], ["p", "q", "r"]), factors=SIMPLEX, runs=64, seed=1)
        assert found.period == (period or "2021")
        assert found.rank_probabilities.to_numpy().tolist() == alone.rank_probabilities.to_numpy().tolist()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"node": "nowhere"}, "DT024"),
        ({"node": "a"}, "DT024"),
        ({"period": "2020"}, "DT024"),
        ({"errors": {"nothing": {"u0000": 1.0}}}, "DT024"),
        ({"errors": {"a": {"u0000": -1.0}}}, "DT902"),
        ({"errors": pd.DataFrame({"a": [1.0, 2.0]}, index=["u0000", "u0000"])}, "DT902"),
        ({"runs": 0}, "DT902"),
        ({"runs": -5}, "DT902"),
        ({"seed": -1}, "DT902"),
        ({"method": "halton"}, "DT902"),
        ({"confidence": 1.0}, "DT902"),
        ({"confidence": math.nan}, "DT902"),
        ({"workers": 0}, "DT902"),
    ],
)
def test_calls_that_cannot_be_carried_out(call, code):
    index = flat(np.random.default_rng(1).uniform(0, 100, (4, 2)))
    with pytest.raises(dti.UsageError) as raised:
        simulate(index, **{"factors": SIMPLEX, "runs": 8, **call})
    assert code in raised.value.findings.codes


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([{"id": "x", "exclude": ["nowhere"]}], "DT386"),
        ([{"id": "x", "node": "nowhere", "simplex": True}], "DT386"),
        ([{"id": "x", "simplex": True}, {"id": "x", "simplex": True}], "DT386"),
        ([{"id": "x", "simplex": True}, {"id": "y", "box": 0.1}], "DT386"),
        ([{"id": "x", "node": "index", "bounds": {"a": [0, 0.2], "b": [0, 0.3]}}], "DT386"),
        ([{"id": "x", "node": "index", "bounds": {"a": [0.6, 0.7], "b": [0.5, 0.8]}}], "DT386"),
        ([{"id": "x", "node": "index", "bounds": {"a": [0.1, 0.7]}}], "DT386"),
        ([{"id": "x", "node": "index", "ordinal": ["a"]}], "DT386"),
        ([{"id": "x", "node": "index", "experts": [{"name": "p", "weights": {"z": 1}}]}], "DT386"),
        ([{"id": "x", "error": 1, "of": ["nowhere"]}], "DT386"),
        ([{"id": "x", "simplex": True}, {"id": "c", "tiers": "index", "cut": 1}], "DT386"),
        ([], "DT382"),
        ([{"id": "x", "normalise": [{"method": "min-max"}]}], "DT382"),
    ],
)
def test_factors_that_do_not_fit(blocks, code):
    index = flat(np.random.default_rng(1).uniform(0, 100, (4, 2)))
    with pytest.raises(dti.InputError) as raised:
        simulate(index, factors=factors(*blocks), runs=8)
    assert code in raised.value.findings.errors.codes


def test_nothing_varies():
    """One member has no weights to draw; and relative errors of figures that are zero are none."""
    blocks = {"nodes": [{"id": "index"}], "indicators": [{"id": "a", "parent": "index", "normalise": AS_IT_IS}]}
    index = index_of(blocks, [[1.0], [2.0]])
    with pytest.raises(dti.InputError) as raised:
        simulate(index, runs=8)
    assert raised.value.findings.errors.codes == ["DT382"]
    zeros = index_of(blocks, [[0.0], [0.0]])
    with pytest.raises(dti.InputError) as raised:
        simulate(zeros, factors=factors({"id": "e", "error": 0.1, "relative": True}), runs=8)
    assert raised.value.findings.errors.codes == ["DT382"]


PARTS: dict[str, Any] = {
    "nodes": [
        {"id": "index", "aggregate": {"method": "arithmetic", "over": "leaves"}},
        {"id": "p", "parent": "index"},
        {"id": "q", "parent": "index"},
    ],
    "indicators": [
        {"id": name, "parent": parent, "normalise": AS_IT_IS} for name, parent in zip("abcd", "ppqq", strict=True)
    ],
}


@pytest.mark.parametrize(
    ("node", "block"),
    [
        ("p", {"node": "q", "simplex": True}),
        ("p", {"node": "index", "simplex": True}),
        ("index", {"node": "p", "simplex": True}),
        ("p", {"error": 5, "of": ["c"]}),
        ("p", {"normalise": [{"method": "min-max"}, {"method": "rank"}], "of": ["c"]}),
    ],
)
def test_what_is_drawn_elsewhere_makes_nothing_certain(node, block):
    """No factor bears on the node: that is said, and not taken for ranks that never change."""
    index = index_of(PARTS, np.random.default_rng(1).uniform(1, 99, (6, 4)))
    with pytest.raises(dti.InputError) as raised:
        simulate(index, factors=factors({"id": "f", **block}), node=node, runs=8)
    assert raised.value.findings.errors.codes == ["DT382"]
    assert f"bears on {node}" in str(raised.value)


def test_a_member_of_two_nodes():
    """Over leaves a leaf has a weight of its own in the whole, and another in its part."""
    index = index_of(PARTS, np.random.default_rng(1).uniform(0, 100, (6, 4)))
    found = simulate(index, runs=64)
    assert found.central_weights.columns.tolist() == [
        *(f"index.{name}" for name in "abcd"),
        *("p.a", "p.b", "q.c", "q.d"),
    ]
    assert len(found.to_dict()["central_weights"][0]) == 9


@pytest.mark.parametrize("error", [1e9, 1e300, 1.7e308])
def test_errors_out_of_all_proportion(error):
    """A score of more than a million widths has no key (DT306): such runs are no runs, and the others are sound."""
    blocks = {
        "nodes": [{"id": "index"}],
        "indicators": [
            {"id": name, "parent": "index", "scale": "open", "normalise": {"method": "none"}} for name in "ab"
        ],
    }
    index = index_of(blocks, [[2.0, 50.0], [40.0, 30.0], [30.0, 60.0]])
    chosen = factors({"id": "k", "normalise": [{"method": "none"}, {"method": "rank"}], "of": ["a"]})
    found = simulate(index, factors=chosen, errors={"a": {"u0000": error}}, runs=1000, seed=1)
    assert 500 <= found.runs < 700
    assert list(found.failed) == [f"no score for u0000 in {1000 - found.runs}"]
    assert np.abs(found.score_intervals.drop(columns="name")).to_numpy(dtype=float).max() <= 1e8


def test_nobody_is_ranked():
    index = flat([[1.0, 2.0], [3.0, 4.0]])
    table = Table.from_arrays(["p"], "ab", [[np.nan, np.nan]])
    with pytest.raises(dti.InputError) as raised:
        simulate(index, table, factors=SIMPLEX, runs=8)
    assert raised.value.findings.errors.codes == ["DT389"]


def test_an_index_that_is_not_fitted():
    methodology, _ = parse_methodology(json.dumps({**HEAD, **MADE}), "made.yaml")
    with pytest.raises(dti.UsageError) as raised:
        simulate(dti.CompositeIndex(methodology), runs=8)
    assert raised.value.findings.codes == ["DT420"]


@pytest.mark.parametrize("k", [0, -1, 5])
def test_the_first_of_how_many(k):
    found = simulate(flat(np.random.default_rng(1).uniform(0, 100, (4, 2))), factors=SIMPLEX, runs=8)
    with pytest.raises(dti.UsageError, match="1 to 4"):
        found.top(k)


def test_as_json(found):
    """Everything that it holds, without NaN, and read again with the same numbers."""
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = json.loads(text)
    assert again["runs"] == {"asked": RUNS, "made": RUNS, "scored": RUNS, "failed": {}}
    assert [row["mean"] for row in again["rank_intervals"]] == pytest.approx(found.rank_intervals["mean"].tolist())
    assert "160 runs" in repr(found)
    assert [row["1"] for row in again["rank_probabilities"]] == pytest.approx(found.rank_probabilities[1].tolist())


def test_of_many_units_probabilities_of_ranks_are_no_part_of_the_record():
    """A table of 363 times 363 is one to be read as a table."""
    values = np.random.default_rng(1).uniform(0, 100, (363, 2))
    assert simulate(flat(values), factors=SIMPLEX, runs=8).to_dict()["rank_probabilities"] is None
    assert len(simulate(flat(values[1:]), factors=SIMPLEX, runs=8).to_dict()["rank_probabilities"]) == 362


# --- editions, other tables, who takes part ---


def test_an_edition_is_simulated_as_the_index_that_it_froze(made, found):
    """With its table in it; and without, where what is drawn leaves what was learned as it is."""
    whole = simulate(made.freeze("e"), factors=factors(*ALL), runs=RUNS, seed=5)
    assert whole._tally.ranks.table.tobytes() == found._tally.ranks.table.tobytes()
    weights = factors({"id": "w", "node": "index", "dirichlet": 20}, {"id": "e", "error": 9, "of": ["a1"]})
    bare = simulate(made.freeze("e", include_table=False), made.reference_, factors=weights, runs=RUNS, seed=5)
    own = simulate(made, factors=weights, runs=RUNS, seed=5)
    assert bare._tally.sample == pytest.approx(own._tally.sample, rel=1e-12)
    with pytest.raises(dti.InputError) as raised:
        simulate(made.freeze("e", include_table=False), factors=weights, runs=8)
    assert raised.value.findings.errors.codes == ["DT061"]


def test_another_table_by_what_was_learned(made):
    """Units of another table are ranked among themselves; goalposts, and the quantile of a class, stay the index's."""
    rng = np.random.default_rng(9)
    other = Table.from_arrays(["z", "y", "x", "w"], list(made.reference_.names), rng.uniform(20, 80, (4, 4)))
    only = factors({"id": "w", "node": "index", "dirichlet": 20})
    found = simulate(made, other, factors=only, runs=50, seed=5)
    assert found.units.tolist() == ["w", "x", "y", "z"]
    study = Study(made, other, only, None, None, None)
    inputs = study.resolved.inputs
    (points,) = block_points(inputs.dimensions, 50, 5, 0)
    weights = inputs.realise(inputs.sheet(points, {})).weights["index"]
    a, b = (made.score(other).column(node)[::-1] for node in "ab")
    expected = weights @ np.stack([a, b])
    assert found._tally.sample == pytest.approx(expected, rel=1e-12)
    scores = made.score(made.reference_).column("index")
    strong = (expected >= np.sort(scores)[5] - 1e-10) & (a >= 45)
    frame = next(own for own in found.class_probabilities.values() if "strong" in own)
    assert frame["strong"].to_numpy() == pytest.approx(strong.mean(axis=0), rel=1e-12)


def test_totals_and_those_who_may_not_be_ranked_take_no_part():
    blocks = {
        "units": {"kind": "u", "key": "u", "ranked": "ranked"},
        "nodes": [{"id": "index"}],
        "indicators": [{"id": name, "parent": "index", "normalise": AS_IT_IS} for name in "ab"],
    }
    values = [[90.0, 95.0], [10, 60], [50, 20], [30, 30]]
    index = index_of(blocks, values, ["p", "q", "r", "s"], texts={"ranked": ["no", "yes", "yes", "yes"]})
    found = simulate(index, factors=SIMPLEX, runs=64, seed=1)
    alone = simulate(flat(values[1:], ["q", "r", "s"]), factors=SIMPLEX, runs=64, seed=1)
    assert found.units.tolist() == ["q", "r", "s"]
    assert found.rank_probabilities.to_numpy().tolist() == alone.rank_probabilities.to_numpy().tolist()
    assert any(one.code == "DT383" and "p" in one.message for one in found.findings)


def test_of_a_node_below_the_index(made):
    """Ranks by `b` alone: what is drawn above it does not bear on it."""
    found = simulate(made, factors=factors({"id": "w", "simplex": True}), node="b", runs=64, seed=1)
    weights = found.central_weights
    assert weights.columns.tolist() == ["a", "b", "a1", "a2", "b1", "b2"]
    assert found.score_intervals["score"].tolist() == made.score(made.reference_).column("b")[::-1].tolist()
    assert (found.rank_intervals["sd"] > 0).any()
    assert found.tier_probabilities.shape == (9, 0), "the tiers are of other nodes"
