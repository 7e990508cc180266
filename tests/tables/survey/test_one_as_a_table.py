"""What a single respondent gives as a number is read as the same cell of a table would be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.findings import InputError
from dtindex.spec import Methodology, parse_methodology
from dtindex.tables.read import check_table

HEAD = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators: [{id: a, parent: index, from: Q, normalise: {method: goalposts, worst: 0, best: 100}}]
"""


def methodology(settings: str) -> Methodology:
    found, findings = parse_methodology((HEAD + f"questions: [{{id: Q, {settings}}}]").encode(), "made-up.yaml")
    assert found is not None, list(findings)
    return found


def both(settings: str, value: object) -> tuple[float | str, float | str]:
    """The number that a table and that a single respondent have, or the code of what is wrong with it."""
    wanted = methodology(settings)

    def frame(*cells: object) -> pd.DataFrame:
        return pd.DataFrame({"id": [f"x{row}" for row in range(len(cells))], "Q": list(cells)})

    edition = dti.CompositeIndex(wanted).fit(check_table(frame("1", "2"), wanted)[0]).freeze("made up")
    table, findings = check_table(frame(value), wanted)
    [*wrong] = findings.errors
    in_table = wrong[0].code if wrong else float(table.answers["Q", ""].values[0])
    try:
        alone: float | str = float(edition.score_unit({"Q": value}).scores["a"])
    except InputError as error:
        alone = error.findings[0].code
    return in_table, alone


@pytest.mark.parametrize(
    ("kind", "cell", "number"),
    [
        ("number", "45", 45),
        ("number", "4.5e1", 45),
        ("number", " 45 ", 45),
        ("number", "４５．５", 45.5),
        ("percent", "45%", 45),
        ("percent", "45％", 45),
        ("percent", "45", 45),
        ("thousands", "0,045", 45),
        ("number", 45, 45),
        ("percent", 45.5, 45.5),
    ],
)
def test_a_number(kind: str, cell: object, number: float) -> None:
    """Goalposts from 0 to 100 leave the number as it is."""
    in_table, alone = both(f"type: number, format: {kind}", cell)
    np.testing.assert_allclose([in_table, alone], number, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        ("number", "1_0", "DT220"),
        ("percent", "1_0%", "DT220"),
        ("number", "45%", "DT220"),
        ("number", "0,045", "DT220"),
        ("percent", "0,045", "DT220"),
        ("number", "٣", "DT220"),
        ("number", "abc", "DT220"),
        ("number", "-", "DT221"),
        ("number", "nan", "DT222"),
        ("number", "inf", "DT222"),
        ("number", "1e999", "DT222"),
        ("number", "2024-01-02", "DT226"),
    ],
)
def test_no_number(kind: str, cell: str, code: str) -> None:
    assert both(f"type: number, format: {kind}", cell) == (code, code)


def test_outside_of_its_range() -> None:
    assert both("type: number, format: percent, range: [0, 100]", "101%") == ("DT223", "DT223")


def test_a_code_goes_before_numbers() -> None:
    np.testing.assert_allclose(both('type: number, codes: {"45%": {value: 7}}', "45%"), 7, rtol=1e-12)
