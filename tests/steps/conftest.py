"""A small index from the text of its blocks, and its scores of a few columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.status import Status
from dtindex.tables.table import Table

HEAD = """\
schema_version: 1
id: test-index
title: An index of a test
"""
UNITS = "units: {kind: unit, key: unit}\n"


def methodology_of(blocks: str) -> dti.Methodology:
    """The methodology of these blocks; a head is put above them, and `units:` where there is none."""
    text = dedent(blocks).lstrip()
    found, findings = parse_methodology(HEAD + ("" if text.startswith("units:") else UNITS) + text, "test.yaml")
    findings.raise_errors()
    assert found is not None
    return found


def table_of(
    columns: Mapping[str, Sequence[float | Status | None]],
    *,
    coded: Mapping[str, Sequence[float | None]] | None = None,
    totals: Sequence[bool] | None = None,
    published: Mapping[str, Sequence[float | None]] | None = None,
    decimals: Mapping[str, int] | None = None,
    **keys: Any,
) -> Table:
    """A table of columns; a cell is a number, None for missing, or a status. Units are u0, u1, ..."""
    rows = len(next(iter(columns.values())))
    values = np.full((rows, len(columns)), np.nan)
    status = np.zeros((rows, len(columns)), dtype=np.uint16)
    for position, cells in enumerate(columns.values()):
        for row, cell in enumerate(cells):
            if isinstance(cell, Status) or cell is None:
                status[row, position] = Status.MISSING if cell is None else cell
            else:
                values[row, position] = cell
    scores = {
        item: np.array([np.nan if x is None else x for x in cells], float) for item, cells in (coded or {}).items()
    }
    for item, given in scores.items():
        status[~np.isnan(given), list(columns).index(item)] = 0
    units = keys.pop("units", [f"u{row}" for row in range(rows)])
    table = Table.from_arrays(units, list(columns), values, status=status, **keys)
    compared = {
        item: np.array([np.nan if x is None else x for x in cells]) for item, cells in (published or {}).items()
    }
    return replace(
        table,
        coded=scores,
        published=compared,
        decimals=dict(decimals or {}),
        totals=None if totals is None else np.array(totals),
    )


@pytest.fixture(scope="session")
def methodology() -> Callable[[str], dti.Methodology]:
    return methodology_of


@pytest.fixture(scope="session")
def table() -> Callable[..., Table]:
    return table_of


@pytest.fixture(scope="session")
def fitted() -> Callable[..., dti.CompositeIndex]:
    """An index, fitted on columns."""
    return lambda blocks, columns, **keys: dti.CompositeIndex(methodology_of(blocks)).fit(table_of(columns, **keys))


@pytest.fixture(scope="session")
def score() -> Callable[..., dti.Scores]:
    """Scores of columns by an index that is fitted on them."""

    def run(blocks: str, columns: Mapping[str, Sequence[Any]], **keys: Any) -> dti.Scores:
        table = table_of(columns, **keys)
        return dti.CompositeIndex(methodology_of(blocks)).fit(table).score(table)

    return run


@pytest.fixture(scope="session")
def codes_of() -> Callable[..., list[str]]:
    """The codes of the errors that fitting and scoring raise."""

    def run(blocks: str, columns: Mapping[str, Sequence[Any]], **keys: Any) -> list[str]:
        table = table_of(columns, **keys)
        with pytest.raises(dti.InputError) as raised:
            dti.CompositeIndex(methodology_of(blocks)).fit(table).score(table)
        return raised.value.findings.errors.codes

    return run


# OECD/JRC Handbook (2008), annex: the technology achievement index. Patents, royalties, internet, exports, telephones
# (log), electricity (log), schooling, university.
_TAI = """
Finland 187 125.6 200.2 50.7 3.08 4.15 10 27.4
United_States 289 130 179.1 66.2 3 4.07 12 13.9
Sweden 271 156.6 125.8 59.7 3.1 4.14 11.4 15.3
Japan 994 64.6 49 80.8 3 3.86 9.5 10
Korea 779 9.8 4.8 66.7 2.97 3.65 10.8 23.2
Netherlands 189 151.2 136 50.9 3.02 3.77 9.4 9.5
United_Kingdom 82 134 57.4 61.9 3.02 3.73 9.4 14.9
Canada 31 38.6 108 48.7 2.94 4.18 11.6 14.2
Australia 75 18.2 125.9 16.2 2.94 3.94 10.9 25.3
Singapore 8 25.5 72.3 74.9 2.95 3.83 7.1 24.2
Germany 235 36.8 41.2 64.2 2.94 3.75 10.2 14.4
Norway 103 20.2 193.6 19 3.12 4.39 11.9 11.2
Ireland 106 110.3 48.6 53.6 2.97 3.68 9.4 12.3
Belgium 72 73.9 58.9 47.6 2.91 3.86 9.3 13.6
New_Zealand 103 13 146.7 15.4 2.86 3.91 11.7 13.1
Austria 165 14.8 84.2 50.3 2.99 3.79 8.4 13.6
France 205 33.6 36.4 58.9 2.97 3.8 7.9 12.6
Israel 74 43.6 43.2 45 2.96 3.74 9.6 11
Spain 42 8.6 21 53.4 2.86 3.62 7.3 15.6
Italy 13 9.8 30.4 51 3 3.65 7.2 13
Czech_Republic 28 4.2 25 51.7 2.75 3.68 9.5 8.2
Hungary 26 6.2 21.6 63.5 2.73 3.46 9.1 7.7
Slovenia 105 4 20.3 49.5 2.84 3.71 7.1 10.6
"""


@pytest.fixture(scope="session")
def tai() -> dict[str, dict[str, float]]:
    """TAI-23: 23 countries by 8 indicators ``i1`` to ``i8``, as columns; the countries under ``units``."""
    rows = [line.split() for line in _TAI.split("\n") if line]
    columns: dict[str, Any] = {f"i{k}": [float(row[k]) for row in rows] for k in range(1, 9)}
    return {"columns": columns, "units": [row[0] for row in rows]}
