"""SPSS files: cells as they are stored, and what the file says of them. Every file is written by pyreadstat."""

from __future__ import annotations

import contextlib
import datetime
import json
import math
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import dtindex
from dtindex.findings import DtindexError, InputError, LimitError, UsageError
from dtindex.status import Status
from dtindex.tables.formats import _sav, read_raw
from dtindex.tables.formats.spss import _Columns
from dtindex.tables.limits import Limits

SOURCE = str(Path(dtindex.__file__).parents[1])
TWO = {"unit": ["A", "B"], "x": [1.0, 2.0]}


@pytest.fixture
def sav(tmp_path: Path) -> Callable[..., str]:
    """Write a .sav (or .zsav) with these columns; its path."""

    def _sav(columns: dict[str, Any], name: str = "t.sav", **options: Any) -> str:
        path = str(tmp_path / name)
        pyreadstat.write_sav(pd.DataFrame(columns), path, compress=name.endswith(".zsav"), **options)
        return path

    return _sav


@pytest.fixture
def changed(sav: Callable[..., str], write: Callable[..., str]) -> Callable[..., str]:
    """A file of these columns, of which a function has changed the bytes; its path."""

    def _changed(change: Callable[[bytes], bytes], columns: dict[str, Any], **options: Any) -> str:
        before = Path(sav(columns, **options)).read_bytes()
        after = change(before)
        assert after != before
        return write(after, "changed.sav")

    return _changed


def every_kind() -> dict[str, Any]:
    """A column of each kind that a file may have."""
    return {
        "单位": ["北京", " 上海  ", ""],
        "amount": [0.1, 99.0, math.nan],
        "answer": [1.0, 97.0, 5.0],
        "text": ["x" * 700, "NA", "甲"],
        "day": [datetime.date(2020, 1, 2), None, datetime.date(1999, 12, 31)],
        "moment": [datetime.datetime.fromisoformat("2020-01-02T03:04:05"), None, None],
        "hour": [datetime.time(8, 1, 2), datetime.time(0, 0), None],
    }


EVERY = {
    "column_labels": ["单位名称", None, "您是否同意？", "说明", None, None, None],
    "variable_value_labels": {"answer": {1.0: "是", 2.5: "也许", 97.0: "不知道"}, "text": {"甲": "第一"}},
    "missing_ranges": {"amount": [99], "answer": [{"lo": 97, "hi": 99}, 5], "text": ["NA"]},
}


@pytest.mark.parametrize("name", ["t.sav", "t.zsav", "t.SAV", "no-ending"])
def test_everything_is_read_back(sav, name):
    raw = read_raw(sav(every_kind(), name, **EVERY))
    columns = dict(zip(raw.header, raw.columns, strict=True))
    assert raw.header == ("单位", "amount", "answer", "text", "day", "moment", "hour")
    assert list(columns["单位"]) == ["北京", "上海", ""]
    np.testing.assert_array_equal(columns["amount"], [0.1, 99.0, np.nan])
    np.testing.assert_array_equal(columns["answer"], [1.0, 97.0, 5.0])
    assert columns["amount"].dtype == np.float64
    assert list(columns["text"]) == ["x" * 700, "NA", "甲"]
    assert list(columns["day"]) == ["2020-01-02", "", "1999-12-31"]
    assert list(columns["moment"]) == ["2020-01-02 03:04:05", "", ""]
    assert list(columns["hour"]) == ["08:01:02", "00:00:00", ""]
    assert raw.dates == {(0, 4), (2, 4), (0, 5), (0, 6), (1, 6)}
    assert raw.labels == ("单位名称", "", "您是否同意？", "说明", "", "", "")
    assert raw.value_labels == {2: {"1": "是", "2.5": "也许", "97": "不知道"}, 3: {"甲": "第一"}}
    assert raw.user_missing == {1: ((99.0, 99.0),), 2: ((97.0, 99.0), (5.0, 5.0))}
    assert raw.user_missing_texts == {3: frozenset({"NA"})}
    assert raw.sets == {}
    assert (raw.kind, raw.rows.tolist(), raw.findings) == ("typed", [1, 2, 3], ())
    ending = ".zsav" if name == "t.zsav" else ".sav"
    assert raw.description == {"format": f"SPSS ({ending})", "encoding": "UTF-8", "rows": "3", "columns": "7"}


def test_file_that_says_nothing_of_its_columns(sav):
    raw = read_raw(sav(TWO))
    assert (raw.labels, raw.value_labels, raw.user_missing, raw.user_missing_texts, raw.sets) == ((), {}, {}, {}, {})


def test_open_ranges(sav):
    raw = read_raw(sav(TWO, missing_ranges={"x": [{"lo": -math.inf, "hi": 0}]}))
    assert raw.user_missing == {1: ((-math.inf, 0.0),)}


def test_labels_on_one_line(sav):
    raw = read_raw(sav(TWO, column_labels=["two\nlines\x07 ", None], variable_value_labels={"x": {1.0: " a\tb "}}))
    assert (raw.labels, raw.value_labels) == (("two lines", ""), {1: {"1": "a b"}})


# -- dates --


def test_dates_that_python_does_not_have(sav):
    """Seconds since 14 October 1582, the first day of the Gregorian calendar less one, as SPSS counts."""
    day = 86_400.0
    columns = {
        "unit": ["A", "B", "C", "D"],
        "d": [day, -day, 1e20, 12 * day],
        "t": [90_000.0, -1.0, 59.5, 86_399.0],
        "span": [90_000.0, 3_600.0, 1e20, 0.0],
        "month": [day, math.nan, math.nan, math.nan],
    }
    formats = {"d": "DATE11", "t": "TIME8", "span": "DTIME12", "month": "MOYR8"}
    raw = read_raw(sav(columns, variable_format=formats))
    assert list(raw.columns[1]) == ["1582-10-15", "1582-10-13", "100000000000000000000", "1582-10-26"]
    assert list(raw.columns[2]) == ["25:00:00", "-0:00:01", "00:00:59.500000", "23:59:59"]
    assert list(raw.columns[3]) == ["25:00:00", "1:00:00", "100000000000000000000", "0:00:00"]
    assert list(raw.columns[4]) == ["1582-10-15", "", "", ""]
    assert (2, 1) not in raw.dates
    assert (2, 3) not in raw.dates


def test_date_that_is_declared_missing(sav):
    path = sav(
        {"unit": ["A", "B"], "d": [99.0, 86_400.0]}, variable_format={"d": "SDATE10"}, missing_ranges={"d": [99]}
    )
    raw = read_raw(path)
    assert list(raw.columns[1]) == ["99", "1582-10-15"]
    assert raw.dates == {(1, 1)}
    assert (raw.user_missing, raw.user_missing_texts) == ({}, {1: frozenset({"99"})})


# -- values that the file declares missing, in the columns of indicators --

CODES = """\
units: {kind: firm, key: unit}
nodes: [{id: index}]
indicators:
  - {id: gdp, parent: index}
  - {id: pue, parent: index, codes: {"98": {status: not-applicable}}}
  - {id: grade, parent: index, codes: {"98": {score: 40}, "high": {score: 90}}}
"""


def test_declared_missing_is_missing_and_a_declared_code_wins(sav, methodology):
    columns = {
        "unit": ["A", "B", "C"],
        "gdp": [1.0, 98.0, 99.0],
        "pue": [98.0, 99.0, 2.0],
        "grade": ["98", "99", "high"],
    }
    declared = {"gdp": [{"lo": 97, "hi": 99}], "pue": [98, 99], "grade": ["98", "99"]}
    table = dtindex.read_table(sav(columns, missing_ranges=declared), methodology(CODES))
    np.testing.assert_array_equal(table.values[:, 0], [1.0, np.nan, np.nan])
    np.testing.assert_array_equal(table.values[:, 1], [np.nan, np.nan, 2.0])
    assert table.status[:, 0].tolist() == [Status.NORMAL, Status.MISSING, Status.MISSING]
    assert table.status[:, 1].tolist() == [Status.NOT_APPLICABLE, Status.MISSING, Status.NORMAL]
    assert table.status[:, 2].tolist() == [Status.NORMAL, Status.MISSING, Status.NORMAL]
    np.testing.assert_array_equal(table.coded["grade"], [40.0, np.nan, 90.0])
    np.testing.assert_array_equal(table.raw.columns[1], [1.0, 98.0, 99.0])


def test_without_a_declaration_the_value_is_one(sav, methodology):
    columns = {"unit": ["A"], "gdp": [99.0], "pue": [1.0], "grade": ["98"]}
    assert dtindex.read_table(sav(columns), methodology(CODES)).values[0, 0] == 99.0


def test_declared_missing_in_a_long_table_and_in_published_figures(sav, methodology):
    body = """\
units: {kind: firm, key: unit}
nodes: [{id: index, published: total}]
indicators: [{id: gdp, parent: index}]
"""
    long = {"unit": ["A", "A", "B"], "indicator": ["gdp", "total", "gdp"], "value": [1.0, 99.0, 99.0]}
    table = dtindex.read_table(sav(long, missing_ranges={"value": [99]}), methodology(body))
    np.testing.assert_array_equal(table.values[:, 0], [1.0, np.nan])
    np.testing.assert_array_equal(table.published["index"], [np.nan, np.nan])


# -- encodings --

CHINESE = ("北京", "上海", "城市", "是否")
CITY = {"unit": ["北京", "上海"], "x": [1.0, 2.0]}
CITY_LABELS = {"column_labels": ["城市", None], "variable_value_labels": {"x": {1.0: "是否"}}}


def _extension(subtype: int) -> bytes:
    return struct.pack("<ii", 7, subtype)


def as_gbk(code_page: int | None) -> Callable[[bytes], bytes]:
    """The texts of a file in GBK; its declaration of a code page changed, or taken away."""

    def change(data: bytes) -> bytes:
        for text in CHINESE:
            data = data.replace(text.encode(), text.encode("gbk").ljust(len(text.encode())))
        if _extension(20) in data:  # newer versions write the name of the encoding, too
            at = data.index(_extension(20))
            size, count = struct.unpack_from("<ii", data, at + 8)
            data = data[:at] + data[at + 16 + size * count :]
        at = data.index(_extension(3))
        if code_page is None:
            return data[:at] + data[at + 16 + 32 :]
        return data[: at + 16 + 28] + struct.pack("<i", code_page) + data[at + 16 + 32 :]

    return change


@pytest.mark.parametrize(
    ("code_page", "encoding", "named"),
    [
        (936, None, "CP936"),
        (54936, None, "GB18030"),
        (936, "gbk", "gbk"),
        (2, "gb18030", "gb18030"),
    ],
)
def test_old_file_in_gbk(changed, code_page, encoding, named):
    raw = read_raw(changed(as_gbk(code_page), CITY, **CITY_LABELS), encoding=encoding)
    assert list(raw.columns[0]) == ["北京", "上海"]
    assert (raw.labels[0], raw.value_labels) == ("城市", {1: {"1": "是否"}})
    assert (raw.description["encoding"], raw.findings) == (named, ())


def test_what_is_decoded_without_a_declaration_is_shown(changed):
    raw = read_raw(changed(as_gbk(2), CITY, **CITY_LABELS))
    (found,) = raw.findings
    assert found.code == "DT120"
    for sample in ("城市".encode("gbk").decode("cp1252"), "gb18030", "encoding="):
        assert sample in found.message


def test_ascii_file_without_a_declaration_needs_no_remark(changed):
    assert read_raw(changed(as_gbk(2), TWO)).findings == ()


@pytest.mark.parametrize(("code_page", "encoding"), [(65001, None), (936, "utf-8"), (None, None)])
def test_texts_in_another_encoding(changed, refused, code_page, encoding):
    error = refused(changed(as_gbk(code_page), CITY, **CITY_LABELS), encoding=encoding)
    assert isinstance(error, InputError)
    assert (error.code, "encoding=" in str(error)) == ("DT121", True)


def test_encoding_that_is_not_known(changed, refused):
    error = refused(changed(as_gbk(77), CITY))
    assert (error.code, "declares an encoding that is not known" in str(error)) == ("DT121", True)


@pytest.mark.parametrize("encoding", ["nonsense", "gbk//IGNORE", "hex", "a\0b", ""])
def test_names_that_are_no_encodings(sav, refused, encoding):
    error = refused(sav(CITY), encoding=encoding)
    assert isinstance(error, UsageError)
    assert error.code == "DT902"


# -- arguments, names that lie --


@pytest.mark.parametrize("argument", [{"sheet": "S1"}, {"delimiter": ","}, {"header_rows": [1]}])
def test_arguments_of_other_formats(sav, refused, argument):
    error = refused(sav(TWO), **argument)
    assert (error.code, next(iter(argument)) in str(error)) == ("DT902", True)


def test_encoding_stays_an_argument_of_texts(workbook, refused):
    path = workbook(lambda book, sheet: sheet.write_row(0, 0, ["unit", "x"]))
    assert refused(path, encoding="gbk").code == "DT902"


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.xls", "t.parquet"])
def test_spss_file_under_another_name(sav, refused, name):
    error = refused(sav(TWO, name))
    assert isinstance(error, UsageError)
    assert (error.code, "found an SPSS file (.sav)" in str(error)) == ("DT113", True)


@pytest.mark.parametrize("name", ["t.sav", "t.zsav"])
def test_another_format_under_this_name(write, package, refused, name):
    assert refused(write("unit,x\nA,1\n", name)).code == "DT113"
    assert refused(write(b"PAR1\0\0", name)).code == "DT113"
    error = refused(package({}, name))
    assert (error.code, "found an Excel workbook" in str(error)) == ("DT113", True)
    assert refused(write(b"\0\1\2\3", name)).code == "DT115"


# -- names, cells, limits: as of any typed table --


def test_names_that_stand_twice(changed, refused):
    columns = {"unit": ["A"], "first_of_the_long_names": [1.0], "other_of_the_long_names": [2.0]}
    path = changed(lambda data: data.replace(b"other_of", b"first_of"), columns)
    error = refused(path)
    assert isinstance(error, InputError)
    assert error.findings.errors.codes == ["DT201"]
    assert "columns 2 and 3" in str(error)
    assert "duplicated" not in str(error)


def test_column_without_a_name(changed, refused):
    columns = {"unit": ["A"], "a_long_name_of_a_column": [1.0]}
    path = changed(lambda data: data.replace(b"=a_long_name_of_a_column", b"=" + b" " * 23), columns)
    assert refused(path).findings.errors.codes == ["DT131"]


def test_tidied_name(sav):
    raw = read_raw(sav({"unit": ["A"], "ＧＤＰ": [1.0]}))
    assert raw.header == ("unit", "GDP")
    assert [one.code for one in raw.findings] == ["DT211"]


def test_control_character(sav, refused):
    error = refused(sav({"unit": ["A", "B\x07"], "x": [1.0, 2.0]}))
    assert error.findings.errors.codes == ["DT227"]
    place = error.findings[0].place
    assert (place.line, place.column, place.name) == (2, 1, "unit")


def test_no_rows(sav, refused):
    assert refused(sav({"x": np.array([], dtype=np.float64)})).code == "DT102"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=1), "DT126"),
        (Limits(columns=1), "DT126"),
        (Limits(cells=3), "DT126"),
        (Limits(file_bytes=100), "DT104"),
        (Limits(child_seconds=0.001), "DT903"),
    ],
)
def test_limits(sav, refused, limits, code):
    error = refused(sav(TWO), limits=limits)
    assert isinstance(error, LimitError)
    assert error.code == code


def test_oversized_cell(sav, refused):
    assert refused(sav({"unit": ["A" * 300]}), limits=Limits(cell_characters=299)).code == "DT227"


def test_too_much_memory(sav, refused):
    if sys.platform != "linux":
        return  # address space is limited where the system can
    path = sav({f"x{number}": np.arange(100_000.0) for number in range(40)})
    error = refused(path, limits=Limits(child_bytes=200 * 2**20))
    assert isinstance(error, LimitError)
    assert (error.code, "SPSS" in str(error)) == ("DT903", True)


# -- sets, and what many columns share --


def test_multiple_response_sets(changed):
    """The record of sets has short names in small letters ("System File Format", PSPP Internals, 1.12)."""
    columns = {"unit": ["A"], "answer_to_question_1": [1.0], "other": [0.0]}

    def change(data: bytes) -> bytes:
        sets = b"$q1=D1 1 8 Question answer_t other\n$q2=C 0  unit\n"
        end = data.index(struct.pack("<ii", 999, 0))
        return data[:end] + struct.pack("<iiii", 7, 7, 1, len(sets)) + sets + data[end:]

    raw = read_raw(changed(change, columns))
    assert raw.sets == {"q1": ("answer_to_question_1", "other"), "q2": ("unit",)}


def test_labels_of_equal_columns(sav):
    scale = {float(number): f"{number} 分" for number in range(1, 6)}
    columns = {"unit": ["A"], "a": [1.0], "b": [2.0]}
    raw = read_raw(sav(columns, variable_value_labels={"a": scale, "b": scale}))
    assert raw.value_labels[1] == raw.value_labels[2] == {str(number): f"{number} 分" for number in range(1, 6)}


# -- blocks --


def parsed(path: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    rest = _sav.parse(file="t.sav", path=path, encoding=None, limits=Limits(), send=blocks.append)
    return blocks, json.loads(json.dumps(rest))


@pytest.mark.parametrize("name", ["t.sav", "t.zsav"])
@pytest.mark.parametrize("cells", [1, 7 * 2, 7 * 3, 7 * 100])
def test_blocks_of_rows(sav, monkeypatch, cells, name):
    path = sav(every_kind(), name, **EVERY)
    whole = read_raw(path)
    monkeypatch.setattr(_sav, "_BLOCK_CELLS", cells)
    blocks, rest = parsed(path)
    assert len(blocks) == 7 * math.ceil(3 / max(1, cells // 7))
    columns = _Columns()
    for block in blocks:
        columns.take(json.loads(json.dumps(block)))
    assert rest["rows"] == 3
    for index, cells_read in enumerate(whole.columns):
        found, dates = columns.column(index)
        np.testing.assert_array_equal([one.strip() if isinstance(one, str) else one for one in found], list(cells_read))
        assert {(row, index) for row in dates} == {at for at in whole.dates if at[1] == index}


@pytest.mark.parametrize("rows_a_block", [1, 2, 3, 100])
def test_file_that_does_not_know_how_many_rows_it_has(changed, monkeypatch, rows_a_block):
    """Programs that write as they go leave -1 for the number of cases (offset 80 of the header)."""
    columns = {"unit": ["A", "B", "C", "D"], "x": [1.0, 2.0, 3.0, 4.0]}
    path = changed(lambda data: data[:80] + struct.pack("<i", -1) + data[84:], columns)
    np.testing.assert_array_equal(read_raw(path).columns[1], columns["x"])
    monkeypatch.setattr(_sav, "_BLOCK_CELLS", 2 * rows_a_block)
    assert parsed(path)[1]["rows"] == 4
    with pytest.raises(LimitError, match="DT126"):
        read_raw(path, limits=Limits(rows=3))


def test_file_that_claims_more_rows_than_it_has(changed, refused):
    for count, code in ((1_000, "DT115"), (6_000_000, "DT126")):
        path = changed(lambda data, count=count: data[:80] + struct.pack("<i", count) + data[84:], TWO)
        assert refused(path).code == code


# -- damage --


@pytest.mark.parametrize("name", ["t.sav", "t.zsav"])
def test_truncated(sav, write, refused, name):
    whole = Path(sav(every_kind(), name, **EVERY)).read_bytes()
    for size in (8, 90, 200, 400, len(whole) // 2, len(whole) - 30):
        error = refused(write(whole[:size], name))
        assert isinstance(error, UsageError)
        assert error.code == "DT115", size


@pytest.mark.parametrize("name", ["t.sav", "t.zsav"])
def test_mutated(sav, write, name):
    """Whatever the bytes: a table, or a DtindexError.

    30 mutations of either kind of file, each read in a process of its own, which takes 0.2 s: some 12 s in all. 2,000
    of the kind were tried when this was written: 4 ended the process by a signal.
    """
    whole = Path(sav(every_kind(), name, **EVERY)).read_bytes()
    for seed in range(30):
        randomly = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(randomly.randrange(1, 8)):
            damaged[randomly.randrange(4, len(damaged))] = randomly.randrange(256)
        with contextlib.suppress(DtindexError):
            raw = read_raw(write(bytes(damaged), name), limits=Limits(child_seconds=20))
            assert all(len(column) == len(raw) for column in raw.columns), seed


# -- processes --


def loaded_after(script: str) -> set[str]:
    script = f"import json, sys; {script}; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    done = subprocess.run([sys.executable, "-P", "-c", script], env=environment, capture_output=True, check=True)
    return set(json.loads(done.stdout))


def test_the_parser_is_loaded_in_the_child_only(sav):
    loaded = loaded_after(f"from dtindex.tables.formats import read_raw; read_raw({sav(TWO)!r})")
    assert "dtindex.tables.formats.spss" in loaded
    assert not loaded & {"pyreadstat", "pandas", "narwhals", "python_calamine"}


def test_the_child_loads_no_parser_of_workbooks():
    loaded = loaded_after("from dtindex.tables.formats._child import _parser; _parser('sav')")
    assert "pyreadstat" in loaded
    assert not loaded & {"python_calamine", "pydantic", "scipy"}
