"""Parquet and Arrow files: typed columns, and damage of any kind under one code."""

from __future__ import annotations

import datetime
import decimal
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from dtindex.findings import DtindexError, LimitError, UsageError
from dtindex.tables.formats import read_raw
from dtindex.tables.limits import Limits

MOMENTS = [datetime.datetime.fromisoformat("2020-01-02T03:00"), None, datetime.datetime.fromisoformat("2021-01-01")]
TABLE = pa.table(
    {
        "地区": ["北京", " 上海 ", None],
        "x": pa.array([1.5, None, float("inf")]),
        "n": pa.array([1, 2, None], pa.int64()),
        "id": pa.array([110101199003078515, 1, None], pa.int64()),
        "group": pa.array(["a", "b", "a"]).dictionary_encode(),
        "day": pa.array([datetime.date(2020, 1, 2), None, datetime.date(2021, 1, 1)]),
        "moment": pa.array(MOMENTS, pa.timestamp("ns")),
        "truth": [True, False, None],
        "amount": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("3.00")]),
    }
)


def parquet(path):
    pq.write_table(TABLE, path)


def arrow(path):
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)


def stream(path):
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)


def feather(path):
    pyarrow.feather.write_feather(TABLE, str(path), compression="zstd")


WRITERS = [(parquet, "t.parquet"), (arrow, "t.arrow"), (stream, "t.arrows"), (feather, "t.feather")]


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_typed_columns(tmp_path, writer, name):
    writer(tmp_path / name)
    raw = read_raw(tmp_path / name)
    columns = dict(zip(raw.header, raw.columns, strict=True))
    assert raw.kind == "typed"
    assert columns["地区"] == ["北京", "上海", ""]
    np.testing.assert_array_equal(columns["x"], [1.5, np.nan, np.inf])
    np.testing.assert_array_equal(columns["n"], [1.0, 2.0, np.nan])
    assert columns["n"].dtype == np.float64
    assert columns["id"] == ["110101199003078515", "1", ""]
    assert columns["group"] == ["a", "b", "a"]
    assert columns["day"] == ["2020-01-02", "", "2021-01-01"]
    assert columns["moment"] == ["2020-01-02 03:00:00", "", "2021-01-01"]
    assert columns["truth"] == ["TRUE", "FALSE", ""]
    np.testing.assert_array_equal(columns["amount"], [1.25, np.nan, 3.0])
    assert raw.dates == {(0, 5), (2, 5), (0, 6), (2, 6)}
    assert raw.rows.tolist() == [1, 2, 3]
    assert str(raw.place(1, 1)).endswith(f"{name}:2:2 (x)")
    assert raw.description == {"format": "Parquet" if writer is parquet else "Arrow", "rows": "3", "columns": "9"}


@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_10_damaged(tmp_path, refused, writer, name):
    path = tmp_path / name
    writer(path)
    whole = path.read_bytes()
    # What is cut before its end; a mutated byte may by luck change nothing but a value.
    path.write_bytes(whole[: len(whole) // 2])
    error = refused(path)
    assert isinstance(error, UsageError)
    assert error.code == "DT116"
    randomly = random.Random(10)
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[randomly.randrange(8, len(damaged))] = randomly.randrange(256)
        path.write_bytes(damaged)
        assert _outcome(path) in ("read", "DT102", "DT116", "DT126", "DT131", "DT201", "DT220", "DT227")


def _outcome(path):
    try:
        read_raw(path)
    except DtindexError as error:
        return error.code
    return "read"


def test_10_binary_rubbish(write, refused):
    assert refused(write(b"\0\1\2rubbish", "t.parquet")).code == "DT116"
    assert refused(write(b"PAR1", "t.parquet")).code == "DT116"


def test_2_no_rows(tmp_path, refused):
    pq.write_table(TABLE.slice(0, 0), tmp_path / "t.parquet")
    assert refused(tmp_path / "t.parquet").code == "DT102"


@pytest.mark.parametrize("limits", [Limits(rows=2), Limits(columns=8), Limits(cells=26)])
@pytest.mark.parametrize(("writer", "name"), WRITERS)
def test_20_limits(tmp_path, refused, writer, name, limits):
    writer(tmp_path / name)
    error = refused(tmp_path / name, limits=limits)
    assert isinstance(error, LimitError)
    assert error.code == "DT126"


def test_header_rows_are_for_grids(tmp_path, refused):
    parquet(tmp_path / "t.parquet")
    assert refused(tmp_path / "t.parquet", header_rows=[1]).code == "DT902"


def test_without_an_ending(tmp_path):
    parquet(tmp_path / "t")
    assert read_raw(Path(tmp_path / "t")).header[0] == "地区"
