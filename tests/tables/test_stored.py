"""What is kept of a table is all that was read of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.archive import table_hash
from dtindex.findings import InputError, Place, finding
from dtindex.spec import load_methodology, shipped_methodologies
from dtindex.tables.raw import RawTable
from dtindex.tables.read import data_of, read_table
from dtindex.tables.stored import load_cells, pack_cells, stored_notes
from dtindex.tables.words import words_of

WITH_DATA = [name for name in shipped_methodologies() if load_methodology(name).data_ is not None]
EVERYTHING = RawTable(
    file="t.sav",
    kind="typed",
    header=("单位", "amount", "answer", "day"),
    columns=(
        ["北京", "", "=1+1"],
        np.array([0.1, math.nan, -0.0]),
        words_of(["是", "否", "是"]),
        ["2020-01-02", "", "x"],
    ),
    rows=np.array([2, 3, 7]),
    positions=(1, 2, 4, 9),
    sheet="数据",
    dates=frozenset({(0, 3), (2, 3)}),
    lossy=frozenset({(1, 0)}),
    labels=("单位名称", "", "您是否同意？", ""),
    value_labels={2: {"1": "是", "2": "否"}},
    user_missing={1: ((-math.inf, 0.0), (99.0, 99.0))},
    user_missing_texts={0: frozenset({"NA"})},
    sets={"$all": ("answer", "day")},
    description={"format": "SPSS (.sav)"},
    findings=(finding("DT120", "decoded", Place(file="t.sav", line=3)), finding("DT211", "tidied")),
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    if isinstance(one, tuple) and any(isinstance(part, np.ndarray) for part in one):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def assert_same(one: RawTable, other: RawTable) -> None:
    for part in fields(RawTable):
        assert same(getattr(one, part.name), getattr(other, part.name)), part.name


def test_everything_comes_back(tmp_path: Path) -> None:
    content = pack_cells(EVERYTHING, {"of": "第一"})
    assert_same(load_cells(content), EVERYTHING)
    path = tmp_path / "cells"
    path.write_bytes(content)
    assert_same(load_cells(path), EVERYTHING)
    assert stored_notes(path) == stored_notes(content) == {"of": "第一"}
    assert np.signbit(load_cells(content).columns[1][2])  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.floats()), max_size=20))
def test_any_cells_come_back(rows: list[tuple[str, float]]) -> None:
    texts, numbers = [text for text, _ in rows], np.array([number for _, number in rows], dtype=np.float64)
    raw = RawTable("t", "typed", ("a", "b"), (texts, numbers), np.arange(len(rows), dtype=np.int64))
    back = load_cells(pack_cells(raw))
    assert list(back.columns[0]) == texts
    np.testing.assert_array_equal(back.columns[1], numbers)
    assert len(back) == len(rows)


@pytest.mark.parametrize("name", WITH_DATA)
def test_the_table_is_the_one_that_was_read(name: str) -> None:
    methodology = load_methodology(name)
    path = data_of(methodology)
    for known in (None, methodology):
        kept = load_cells(dti.inspect_table(path, known, hash_key=b"k").pack())
        assert table_hash(read_table(kept, methodology)) == table_hash(read_table(path, methodology))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"rubbish", b"PAR1" * 100])
def test_what_is_no_such_file(content: bytes) -> None:
    for read in (load_cells, stored_notes):
        with pytest.raises(InputError, match="DT116"):
            read(content)


def test_another_parquet_file(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="DT116"):
        load_cells(tmp_path / "t.parquet")


Load = Callable[..., Any]


def test_an_inspection_tells_all_and_names_no_path(tmp_path: Path, methodology: Load) -> None:
    path = tmp_path / "secret-name.csv"
    path.write_bytes("province,gdp,pue,更多\n广东,１,2,a\n北京,1,2,b\n".encode("gb18030"))
    found = dti.inspect_table(path, methodology(), hash_key=b"k")
    assert found.rows == 2
    assert set(found.findings.codes) == {"DT120", "DT212", "DT228"}
    assert {one.place.file for one in found.findings} == {"dataset"}
    assert [(column.name, column.matched) for column in found.columns[:2]] == [("province", "key"), ("gdp", "gdp")]
    assert "secret-name" not in repr(found)
    path.write_text("province,gdp\n广东,3.2万\n,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        dti.inspect_table(path, methodology(), hash_key=b"k")
    assert {"DT202", "DT204", "DT220"} <= set(caught.value.findings.codes)
    assert "secret-name" not in str(caught.value)
