"""Whatever the bytes: a table, or a DtindexError."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

import pytest
import xlwt
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dtindex.findings import DtindexError
from dtindex.tables.formats import read_raw

texts = st.text(st.sampled_from("aZ09 ,;|\t\n\r\"'=\0\x07\ufeff\xa0，京é"), max_size=60)
contents = st.one_of(
    st.binary(max_size=80),
    texts.map(str.encode),
    st.builds(
        lambda text, encoding: text.encode(encoding, "replace"), texts, st.sampled_from(["gbk", "utf-16", "latin-1"])
    ),
    st.builds(lambda one, other: one + other, texts.map(str.encode), texts.map(lambda text: text.encode("gb18030"))),
    st.builds(
        lambda magic, rest: magic + rest,
        st.sampled_from([b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"]),
        st.binary(max_size=60),
    ),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=contents, name=st.sampled_from(["t.csv", "t", "t.parquet", "t.arrow"]))
@example(content=b'"', name="t.csv")
@example(content=b'a,"\r', name="t.csv")
@example(content=b'a\n"b"c', name="t.csv")
@example(content=b"sep=\n", name="t.csv")
def test_texts_and_columnar_files(write: Callable[..., str], content: bytes, name: str) -> None:
    with contextlib.suppress(DtindexError):
        raw = read_raw(write(content, name))
        assert all(len(column) == len(raw) for column in raw.columns)
        assert len(raw.header) == len(raw.columns) == len(raw.positions or raw.columns)


@pytest.mark.parametrize("seed", range(20))
def test_mutated_workbooks(package: Callable[..., str], write: Callable[..., str], seed: int) -> None:
    randomly = random.Random(seed)
    with open(package({}), "rb") as stream:
        whole = stream.read()
    for content, name in ((whole, "new.xlsx"), (_old(), "old.xls")):
        damaged = bytearray(content)
        for _ in range(randomly.randrange(1, 30)):
            damaged[randomly.randrange(8, len(damaged))] = randomly.randrange(256)
        with contextlib.suppress(DtindexError):
            read_raw(write(bytes(damaged), name))


def _old() -> bytes:
    import io

    stream = io.BytesIO()
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for row in range(5):
        sheet.write(row, 0, f"u{row}")
        sheet.write(row, 1, row)
    book.save(stream)
    return stream.getvalue()
