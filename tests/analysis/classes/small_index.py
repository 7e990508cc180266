"""A small index of two dimensions, three items each, whose scores are its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

BLOCKS = """\
schema_version: 1
id: test-classes
title: An index of a test
units: {{kind: unit, key: unit{panel}}}
scale: [0, 100]
defaults: {{normalise: {{method: none}}}}
nodes: [{{id: index}}, {{id: d1, parent: index, weight: {weight}}}, {{id: d2, parent: index, weight: 1}}]
indicators:
  - {{id: a1, parent: d1}}
  - {{id: a2, parent: d1}}
  - {{id: a3, parent: d1}}
  - {{id: b1, parent: d2}}
  - {{id: b2, parent: d2}}
  - {{id: b3, parent: d2}}
  - {{id: m}}
classes:
{rules}
"""
ITEMS = ("a1", "a2", "a3", "b1", "b2", "b3", "m")
BOTH = "{id: top, when: {all: [{id: d1, at_least: 60}, {id: d2, at_least: 60}]}}"
REST = "{id: rest}"


def methodology_of(*rules: str, weight: float = 1, panel: bool = False) -> dti.Methodology:
    lines = "\n".join(f"  - {rule}" for rule in rules)
    text = BLOCKS.format(rules=lines, weight=weight, panel=", period: year" if panel else "")
    found, findings = parse_methodology(text if lines else text.replace("classes:", ""), "test.yaml")
    assert found is not None, str(findings)
    return found


def answers(rows: int, seed: int = 3, error: float = 10.0) -> np.ndarray:
    """Values ``(rows, 7)``: two correlated dimensions, items with errors, and something measured."""
    rng = np.random.default_rng(seed)
    true = rng.multivariate_normal([50, 50], [[225, 90], [90, 225]], rows)
    items = np.repeat(true, 3, axis=1) + error * rng.standard_normal((rows, 6))
    return np.column_stack([np.clip(items, 0, 100), rng.uniform(0, 10, rows)])


def scores_of(
    values: Any,
    *rules: str,
    weights: Sequence[float] | None = None,
    periods: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    weight: float = 1,
) -> dti.Scores:
    """Scores of values ``(rows, 7)`` by an index that is fitted on them."""
    table = table_of(values, weights=weights, periods=periods, units=units)
    methodology = methodology_of(
        *([BOTH, REST] if rules == () else filter(None, rules)), weight=weight, panel=periods is not None
    )
    return dti.CompositeIndex(methodology).fit(table).score(table)


def table_of(
    values: Any,
    weights: Sequence[float] | None = None,
    periods: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
) -> Table:
    names = units if units is not None else [f"u{row:05d}" for row in range(len(values))]
    table = Table.from_arrays(names, ITEMS, values, periods=periods)
    return table if weights is None else replace(table, weights=np.array(weights, dtype=float))
