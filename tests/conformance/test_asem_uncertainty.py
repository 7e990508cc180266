"""The design of COINr's vignette on its ASEM example: treatments, normalisations, aggregations and weights at once.

The nominal variant is COINr's own chain to 1e-9 (`results/`), and every kept run the engine's own score of its variant
with its own weights. COINr's random stream is not replayed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.simulate import Simulation, simulate
from dtindex.analysis.uncertainty.study import Study
from dtindex.analysis.uncertainty.variants import Change, Design, Workshop
from dtindex.engine.keys import score_keys
from dtindex.engine.points import block_points
from dtindex.engine.ranks import rank_keys
from dtindex.spec.model import Methodology
from dtindex.spec.uncertainty import Factor
from dtindex.tables.table import Table

RUNS = 120
SEED = 42
# Two treatments and aggregations, three normalisations, weights within a quarter of what they are.
DESIGN: list[dict[str, Any]] = [
    {
        "id": "normalisation",
        "normalise": [{"method": "min-max"}, {"method": "rank"}, {"method": "percentile"}],
    },
    {"id": "treatment", "treat": [{"method": "skew-kurtosis"}, {"method": "skew-kurtosis", "at_most": 1}]},
    {
        "id": "aggregation",
        "aggregate": [{"method": "arithmetic"}, {"method": "geometric"}],
        "of": ["Conn", "Sust", "Index"],
    },
    {"id": "weights", "noise": 0.25},
]


@pytest.fixture(scope="module")
def read(reference_data: Path):
    return lambda name, key="uCode": pd.read_csv(reference_data / "asem_coinr" / name).set_index(key)


@pytest.fixture(scope="module")
def index(read) -> dti.CompositeIndex:
    """COINr's example from raw figures to the index: the chain of `test_asem_chain`."""
    raw, meta = read("raw/iData.csv"), read("raw/iMeta.csv", "iCode")
    meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
    leaves, nodes = meta[meta["Level"] == 1], meta[meta["Level"] > 1]
    indicators = [{"id": f"den_{name}", "column": name} for name in sorted(set(leaves["Denominator"].dropna()))]
    for code, row in leaves.iterrows():
        scored: dict[str, Any] = {"id": code, "parent": row["Parent"], "weight": float(row["Weight"])}
        scored["direction"] = "higher" if row["Direction"] == 1 else "lower"
        if isinstance(row["Denominator"], str):
            indicators.append({"id": f"raw_{code}", "column": code})
            scored["derive"] = {"method": "ratio", "of": f"raw_{code}", "to": f"den_{row['Denominator']}"}
        indicators.append(scored)
    above = [
        {"id": code}
        if not isinstance(row["Parent"], str)
        else {"id": code, "parent": row["Parent"], "weight": float(row["Weight"])}
        for code, row in nodes.iterrows()
    ]
    methodology = Methodology.model_validate_json(
        json.dumps(
            {
                "schema_version": 1,
                "id": "asem",
                "title": "ASEM",
                "units": {"kind": "country", "key": "uCode", "groups": ["EurAsia_group"]},
                "defaults": {
                    "impute": {"method": "group-mean", "by": "EurAsia_group"},
                    "treat": {"method": "skew-kurtosis"},
                    "normalise": {"method": "min-max"},
                },
                "nodes": above,
                "indicators": indicators,
            }
        ),
        strict=True,
    )
    columns = {one["id"]: one.get("column", one["id"]) for one in indicators if "derive" not in one}
    values = raw[list(columns.values())].to_numpy(dtype=float)
    texts = {"EurAsia_group": raw["EurAsia_group"].tolist()}
    table = Table.from_arrays(raw.index.tolist(), list(columns), values, texts=texts)
    return dti.CompositeIndex(methodology).fit(table)


@pytest.fixture(scope="module")
def factors() -> list[Factor]:
    return [Factor.model_validate_json(json.dumps(one)) for one in DESIGN]


@pytest.fixture(scope="module")
def found(index: dti.CompositeIndex, factors: list[Factor]) -> Simulation:
    return simulate(index, factors=factors, runs=RUNS, seed=SEED)


def test_the_reference_is_coinr_s(found, read):
    """Scores and ranks that runs are held against are those of `build_example_coin()`."""
    scores, ranks = read("results/aggs_scores.csv"), read("results/aggs_ranks.csv")
    own = found.score_intervals["score"]
    assert own.to_numpy() == pytest.approx(scores.loc[own.index, "Index"].to_numpy(), rel=1e-9)
    assert (found.rank_intervals["rank"] == ranks.loc[own.index, "Index"]).all()


def test_a_run_with_the_file_s_own_settings_is_coinr_s(index, factors, read):
    """With weights as they are; eleven other variants are the engine's own."""
    study = Study(index, None, factors, None, None, None)
    programs = study.programs(range(study.resolved.inputs.designs))
    expected = read("results/aggs_scores.csv").loc[study.units, "Index"].to_numpy()
    assert study.resolved.inputs.designs == 12
    own = {number: program.scores(program._check)[0] for number, program in programs.items()}
    assert own[0] == pytest.approx(expected, rel=1e-9)
    for number, scores in own.items():
        variant = study.workshop.design(study.resolved.change(number))
        assert isinstance(variant, Design)
        assert scores == pytest.approx(variant.scores("Index")[study.rows], rel=1e-9)
        if number:
            assert np.abs(scores - expected).max() > 0.01, "an alternative is another index"


def test_every_run_is_its_variant_with_its_weights(index, factors, found):
    """Drawn weights given to the changed methodology as its own, fitted and scored as any index is."""
    study = Study(index, None, factors, None, None, None)
    inputs = study.resolved.inputs
    (points,) = block_points(inputs.dimensions, RUNS, SEED, 0)
    realised = inputs.realise(inputs.sheet(points, inputs.streams(SEED, 0)))
    workshop = Workshop(index)
    assert found.runs == RUNS, "no variant fails"
    ranks, kept = [], []
    for run in range(RUNS):
        number = int(realised.designs[run])
        weights = tuple(
            (node, tuple(zip(study.nominal.plan.members[node], drawn[run].tolist(), strict=True)))
            for node, drawn in realised.weights.items()
        )
        design = workshop.design(study.resolved.change(number) + Change(weights=weights))
        assert isinstance(design, Design)
        kept.append(design.scores("Index")[study.rows])
        ranks.append(rank_keys(score_keys(kept[-1], 100.0)))
    assert found._tally.sample == pytest.approx(np.array(kept), rel=1e-9)
    assert found.rank_intervals["mean"].to_numpy() == pytest.approx(np.mean(ranks, axis=0), rel=1e-12)
    assert found.mean_shift == pytest.approx(np.abs(np.array(ranks) - found.reference_ranks).mean(), rel=1e-12)
