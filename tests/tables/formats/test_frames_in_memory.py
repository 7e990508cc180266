"""pyarrow tables and pandas frames as raw tables."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dtindex.findings import UsageError
from dtindex.tables.formats import from_frame, read_raw
from dtindex.tables.limits import Limits


def test_pandas_frame():
    frame = pd.DataFrame(
        {
            "unit": ["A", " B ", None],
            "x": [1.5, np.nan, np.inf],
            "n": [1, 2, 3],
            "big": [2**53 + 1, 1, 2],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "mixed": pd.Series([10, "010", 1.5], dtype=object),
            "category": pd.Categorical(["a", None, "b"]),
            "day": pd.to_datetime(["2020-01-02", None, "2020-01-03 04:05"], format="ISO8601"),
            "dates": pd.Series([datetime.date(2020, 1, 2), "?", None], dtype=object),
            "truth": [True, False, True],
        }
    )
    raw = from_frame(frame)
    columns = dict(zip(raw.header, raw.columns, strict=True))
    assert (raw.kind, raw.file, raw.rows.tolist()) == ("typed", "frame", [1, 2, 3])
    assert columns["unit"] == ["A", "B", ""]
    np.testing.assert_array_equal(columns["x"], [1.5, np.nan, np.inf])
    np.testing.assert_array_equal(columns["n"], [1.0, 2.0, 3.0])
    assert columns["big"] == ["9007199254740993", "1", "2"]
    np.testing.assert_array_equal(columns["nullable"], [1.0, np.nan, 3.0])
    assert columns["mixed"] == ["10", "010", "1.5"]
    assert columns["category"] == ["a", "", "b"]
    assert columns["day"] == ["2020-01-02", "", "2020-01-03 04:05:00"]
    assert columns["dates"] == ["2020-01-02", "?", ""]
    assert columns["truth"] == ["TRUE", "FALSE", "TRUE"]
    assert raw.dates == {(0, 7), (2, 7), (0, 8)}


def test_33_texts_are_kept():
    texts = ["NA", "null", "None", "nan", "010", "=1+1"]
    assert from_frame(pd.DataFrame({"unit": texts, "x": range(6)})).columns[0] == texts


def test_named_index_becomes_columns():
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=pd.Index(["A", "B"], name="unit"))
    assert from_frame(frame).header == ("unit", "x")
    assert from_frame(frame).columns[0] == ["A", "B"]
    frame.index = pd.MultiIndex.from_tuples([("A", 2020), ("A", 2021)], names=["unit", "year"])
    assert from_frame(frame).header == ("unit", "year", "x")
    assert from_frame(frame.reset_index(drop=True)).header == ("x",)


def test_column_names_that_are_no_texts():
    assert from_frame(pd.DataFrame({2020: [1.0], ("a", "b"): [2.0]})).header == ("2020", "a b")


def test_view_does_not_change_the_frame():
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    raw = from_frame(frame)
    raw.columns[0][0] = 9.0
    assert frame["x"].tolist() == [1.0, 2.0]


def test_arrow_table():
    raw = read_raw(pa.table({"unit": ["A", None], "x": [None, 1], "none": pa.nulls(2)}))
    assert raw.columns[0] == ["A", ""]
    np.testing.assert_array_equal(raw.columns[1], [np.nan, 1.0])
    assert raw.columns[2] == ["", ""]


def test_arrow_integers_at_the_edge():
    table = pa.table({"edge": [2**53, -(2**53)], "over": [2**53 + 1, 0], "huge": pa.array([2**64 - 1, 0], pa.uint64())})
    raw = read_raw(table)
    np.testing.assert_array_equal(raw.columns[0], [2.0**53, -(2.0**53)])
    assert raw.columns[1:] == (["9007199254740993", "0"], ["18446744073709551615", "0"])


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pd.DataFrame(), "DT101"),
        (pd.DataFrame({"unit": [], "x": []}), "DT102"),
        (pd.DataFrame([["A", 1, 2]], columns=["unit", "x", "x "]), "DT201"),
        (pd.DataFrame([["A", 1]], columns=["unit", " "]), "DT131"),
        (pd.DataFrame({"unit": ["A\x07"]}), "DT227"),
        (pd.DataFrame({"unit": pd.Series(["A\ud800"], dtype=object)}), "DT227"),
        (pd.DataFrame({"unit": ["A" * 40_000]}), "DT227"),
        (pd.DataFrame({"unit\x07": ["A"]}), "DT227"),
        (pa.table({"unit": ["A"], "x": [[1.0, 2.0]]}), "DT220"),
    ],
)
def test_refused_frames(refused, frame, code):
    assert refused(frame).findings.errors.codes == [code]


def test_49_place_of_a_lone_surrogate(refused):
    error = refused(pd.DataFrame({"x": [1, 2], "unit": pd.Series(["A", "B\udfff"], dtype=object)}))
    place = error.findings[0].place
    assert (place.line, place.column, place.name) == (2, 2, "unit")


def test_20_limits(refused):
    assert refused(pd.DataFrame({"x": [1, 2, 3]}), limits=Limits(rows=2)).code == "DT126"


def test_other_objects(refused):
    for source in ({"x": [1]}, 7, None):
        error = refused(source)
        assert isinstance(error, UsageError)
        assert error.code == "DT902"
