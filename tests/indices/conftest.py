"""The shipped definitions scored on their shipped data, and that data read once more by plain means."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import TypeAlias

import pytest

import dtindex
from dtindex.shipped import shipped

Rows: TypeAlias = dict[str, dict[str, float]]


def number(text: str) -> float:
    """A cell as a number; NaN where it is empty."""
    return float(text) if text else float("nan")


def read_rows(file: str, *keys: str) -> Rows:
    """Rows of a shipped CSV file by key (keys joined by ``/``), with nothing of dtindex but the path."""
    with shipped("data", file).open(encoding="utf-8", newline="") as stream:
        return {
            "/".join(row[key] for key in keys): {name: number(cell) for name, cell in row.items() if name not in keys}
            for row in csv.DictReader(stream)
        }


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., Rows]:
    return read_rows


@pytest.fixture(scope="session")
def scored() -> Callable[[str], dtindex.Scores]:
    """Scores of a shipped definition on its shipped data, computed once."""
    known: dict[str, dtindex.Scores] = {}

    def score(identifier: str) -> dtindex.Scores:
        if identifier not in known:
            methodology = dtindex.load_methodology(identifier)
            table = dtindex.read_table(None, methodology)
            known[identifier] = dtindex.CompositeIndex(methodology).fit(table).score(table)
        return known[identifier]

    return score


def weighted_mean(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """``sum w x / sum w``, written once more."""
    return sum(weight * values[name] for name, weight in weights.items()) / sum(weights.values())


@pytest.fixture(scope="session")
def mean_of() -> Callable[[Mapping[str, float], Mapping[str, float]], float]:
    return weighted_mean
