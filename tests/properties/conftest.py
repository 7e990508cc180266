"""Indices whose steps need every kind of fit, and tables to break them on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dtindex as dti
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table

LIFTED = {"transform": {"method": "log", "plus": 200}}
GROUPED = {"impute": {"method": "group-mean", "by": "region"}}
# One indicator for each way of learning from the table, and the functions whose last bits processors differ in.
EVERYTHING: dict[str, dict[str, Any]] = {
    "minmax": {},
    "lower": {"direction": "lower"},
    "z": {"normalise": {"method": "z-score", "mean": 50, "sd": 10}},
    "ranked": {"normalise": {"method": "rank"}},
    "prank": {"normalise": {"method": "percentile"}},
    "posts": {"normalise": {"method": "goalposts", "worst": {"percentile": 5}, "best": {"percentile": 95}}},
    "logged": {"transform": {"method": "log", "plus": 200}, "power": 0.7, "times": 0.9},
    "winsor": {"treat": {"method": "winsorise", "low": 0.1, "high": 0.05}},
    "robust": {"normalise": {"method": "robust-z"}},
    "tied": {"normalise": {"method": "percentile", "ties": "maximum"}, "direction": "lower"},
    "normal": {"normalise": {"method": "normal-scores"}},
    "target": {"normalise": {"method": "target", "target": 150}},
    "ratio": {"normalise": {"method": "reference", "to": "mean"}, **LIFTED},
    "nearest": {"normalise": {"method": "reference", "to": {"percentile": 50}, "form": "one-minus"}},
    "of_most": {"normalise": {"method": "fraction-of-maximum"}, "direction": "lower", **LIFTED},
    "of_sum": {"normalise": {"method": "fraction-of-sum"}, **LIFTED},
    "balance": {"normalise": {"method": "balance", "at": 10, "within": 5}},
    "curve": {"normalise": {"method": "logistic"}},
    "bent": {"transform": {"method": "asinh", "c": 10}},
    "johnson": {"transform": {"method": "yeo-johnson"}},
    "coxed": {"transform": {"method": "box-cox", "plus": 200}},
    "shifted": {"transform": {"method": "log-shift"}},
    "gii": {"transform": {"method": "gii-log"}},
    "shape": {"treat": {"method": "skew-kurtosis", "skew": 0.01, "kurtosis": 0.01, "at_most": 1, "otherwise": "none"}},
    "quantiles": {"treat": {"method": "percentile", "low": 3, "high": 90}},
    "fences": {"treat": {"method": "tukey", "k": 0.2}},
    "deviations": {"treat": {"method": "mad", "k": 0.5}},
    "mean_by": GROUPED,
    "median_by": {"impute": {"method": "group-median", "by": "region"}},
    "mean_z": {**GROUPED, "impute": {"method": "group-mean"}, "normalise": {"method": "z-score"}},
}
OPEN = ("z", "ranked", "mean_z", "robust", "normal", "ratio")
ROOTS = {
    "linear": {"method": "arithmetic"},
    "product": {"method": "geometric", "within": [1, 100]},
    "reciprocal": {"method": "harmonic", "within": [1, 100]},
    "quadratic": {"method": "power", "p": 2.5, "within": [1, 100]},
}


def methodology_of(**blocks: Any) -> Methodology:
    head = {"schema_version": 1, "id": "test", "title": "test", "units": {"kind": "unit", "key": "unit"}}
    return Methodology.model_validate_json(json.dumps({**head, **blocks}), strict=True)


@pytest.fixture(scope="session")
def methodology() -> Callable[..., Methodology]:
    return methodology_of


@pytest.fixture(scope="session")
def everything() -> Methodology:
    """Roots of every kind of mean over the same indicators, with gaps renormalised away."""
    closed = [item for item in EVERYTHING if item not in OPEN]
    nodes = [{"id": root, "aggregate": spec, "coverage": {"at_least": 0.1}} for root, spec in ROOTS.items()]
    nodes.append({"id": "open", "aggregate": {"method": "sum"}, "coverage": {"at_least": 0}})
    indicators = []
    for item, settings in EVERYTHING.items():
        roots = ["open"] if item not in closed else list(ROOTS)
        indicators += [
            {"id": f"{root}_{item}", "parent": root, "column": item, "weight": 1 + len(item), **settings}
            for root in roots
        ]
    return methodology_of(
        units={"kind": "unit", "key": "unit", "groups": ["region"]}, nodes=nodes, indicators=indicators
    )


def random_table(methodology: Methodology, rows: int, seed: int, gaps: float = 0.1) -> Table:
    """Values from -100 to 100, some of them equal; a share of them missing; regions of unequal size."""
    rng = np.random.default_rng(seed)
    columns = list(dict.fromkeys(methodology.tree.indicators[item].column for item in methodology.tree.scored))
    drawn = {name: np.round(rng.uniform(-100, 100, rows), rng.integers(0, 14)) for name in columns}
    for values in drawn.values():
        values[rng.random(rows) < gaps] = np.nan
        values[: min(2, rows)] = [-100, 100][: min(2, rows)]  # no column is empty or constant
    names = list(methodology.tree.scored)
    matrix = np.column_stack([drawn[methodology.tree.indicators[item].column] for item in names])
    regions = rng.choice(["east", "west", "middle"], rows, p=[0.6, 0.3, 0.1])
    return Table.from_arrays([f"u{row:06d}" for row in range(rows)], names, matrix, texts={"region": regions.tolist()})


@pytest.fixture(scope="session")
def draw() -> Callable[..., Table]:
    return random_table


def taken(table: Table, rows: Any, columns: Any = slice(None)) -> Table:
    """Some rows of a table, in another order perhaps, and its columns in another order."""
    names = [table.names[k] for k in np.arange(len(table.names))[columns]]
    positions = [table.names.index(name) for name in names]
    return Table.from_arrays(
        table.units[rows],
        names,
        table.values[rows][:, positions],
        status=table.status[rows][:, positions],
        periods=None if table.periods is None else table.periods[rows],
        texts={name: column[rows] for name, column in table.texts.items()},
    )


@pytest.fixture(scope="session")
def take() -> Callable[..., Table]:
    return taken


def same_bits(first: dti.Scores, second: dti.Scores) -> bool:
    """Whether two sets of scores are the same to the bit, row by row."""
    return (
        first.items == second.items
        and first.values.tobytes() == second.values.tobytes()
        and first.flags.tobytes() == second.flags.tobytes()
        and first.coverage_values.tobytes() == second.coverage_values.tobytes()
    )


@pytest.fixture(scope="session")
def same() -> Callable[[dti.Scores, dti.Scores], bool]:
    return same_bits
