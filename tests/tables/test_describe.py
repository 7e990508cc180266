"""What `inspect` says of columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dtindex.spec import Methodology
from dtindex.tables.describe import describe
from dtindex.tables.raw import RawTable


def raw(**columns: list[str]) -> RawTable:
    rows = len(next(iter(columns.values())))
    return RawTable("t.csv", "text", tuple(columns), tuple(columns.values()), np.arange(2, 2 + rows))


def test_what_columns_look_like() -> None:
    table = raw(
        name=["A", "B", "C", "D"],
        number=["1", "2.5", "", "-3"],
        percent=["45%", "50%", "1", ""],
        thousands=["1,234", "5", "6", "7"],
        odd=["1", "2", "3", "—"],
        empty=["", " ", "", ""],
        wide=["１２", "3", "4", "5"],
    )
    found = {column.name: column for column in describe(table)}
    assert {name: column.looks for name, column in found.items()} == {
        "name": "text",
        "number": "number",
        "percent": "percent",
        "thousands": "thousands",
        "odd": "number",
        "empty": "empty",
        "wide": "number",
    }
    assert (found["number"].filled, found["number"].low, found["number"].high) == (3, -3.0, 2.5)
    assert found["odd"].odd == ("—",)
    assert found["thousands"].high == 1234.0
    assert found["name"].sample == ("A", "B", "C", "D")
    assert (found["empty"].filled, found["empty"].distinct, found["empty"].low) == (0, 0, None)


def test_typed_columns() -> None:
    table = RawTable("t", "typed", ("x",), (np.array([1.0, np.nan, 3.0]),), np.array([1, 2, 3]))
    (column,) = describe(table)
    assert (column.looks, column.filled, column.low, column.high, column.sample) == ("number", 2, 1.0, 3.0, ("1", "3"))


def test_what_the_methodology_makes_of_them(methodology: Callable[..., Methodology]) -> None:
    table = raw(province=["广东"], gdpp=["1"], pue=["2"], remark=["x"])
    found = {column.name: (column.matched, column.nearest) for column in describe(table, methodology())}
    assert found == {"province": ("key", None), "gdpp": (None, "gdp"), "pue": ("pue", None), "remark": (None, None)}
    assert describe(table, methodology())[0].to_dict()["position"] == 1
