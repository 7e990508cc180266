"""Files made on the spot, and what reading them is refused with."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from dtindex.findings import DtindexError
from dtindex.tables.formats import read_raw


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write text (UTF-8) or bytes to a file of that name; its path."""

    def _write(content: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return _write


@pytest.fixture
def refused() -> Callable[..., DtindexError]:
    """The error with which a source is refused."""

    def _refused(source: Any, **options: Any) -> DtindexError:
        with pytest.raises(DtindexError) as caught:
            read_raw(source, **options)
        for finding in caught.value.findings:
            assert "\n" not in finding.message
        return caught.value

    return _refused


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., str]:
    """An .xlsx whose (first) sheet a function fills; its path."""

    def _workbook(*fill: Callable[[Any, Any], None], name: str = "book.xlsx") -> str:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as book:
            for number, one in enumerate(fill, 1):
                one(book, book.add_worksheet(f"S{number}"))
        return str(path)

    return _workbook


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., str]:
    """A small .xlsx with parts replaced or added; its path."""

    def _package(parts: Mapping[str, bytes | str], name: str = "book.xlsx") -> str:
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer) as book:
            sheet = book.add_worksheet("S1")
            sheet.write_row(0, 0, ["unit", "x"])
            sheet.write_row(1, 0, ["A", 1])
        with zipfile.ZipFile(buffer) as plain:
            content: dict[str, bytes | str] = {entry: plain.read(entry) for entry in plain.namelist()}
        content.update(parts)
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in content.items():
                archive.writestr(entry, data)
        return str(path)

    return _package


@pytest.fixture
def compound() -> Callable[[Mapping[str, bytes]], bytes]:
    """An OLE compound file with these streams, after [MS-CFB]: those below 4,096 bytes lie in the mini stream."""
    return _compound


def _compound(streams: Mapping[str, bytes]) -> bytes:
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    sectors: list[bytes] = [b""]  # sector 0 is the allocation table
    table: list[int] = [fat_mark]

    def store(content: bytes) -> int:
        first = len(sectors)
        parts = [content[at : at + 512].ljust(512, b"\0") for at in range(0, max(len(content), 1), 512)]
        sectors.extend(parts)
        table.extend([*range(first + 1, first + len(parts)), end])
        return first

    mini, mini_table, entries = b"", [], []
    for name, content in streams.items():
        if len(content) >= 4096:
            start = store(content)
        else:
            start, count = len(mini) // 64, max(-(-len(content) // 64), 1)
            mini += content.ljust(count * 64, b"\0")
            mini_table += [*range(start + 1, start + count), end]
        entries.append((name, 2, start, len(content)))
    root = ("Root Entry", 5, store(mini) if mini else end, len(mini))
    directory = b""
    for name, kind, start, size in [root, *entries]:
        encoded = name.encode("utf-16-le") + b"\0\0"
        directory += encoded.ljust(64, b"\0") + struct.pack("<HBB3I", len(encoded), kind, 1, free, free, free)
        directory += b"\0" * 36 + struct.pack("<IQ", start, size)
    directory_start = store(directory.ljust(-(-len(directory) // 512) * 512, b"\0"))
    mini_start = store(struct.pack(f"<{len(mini_table)}I", *mini_table)) if mini_table else end
    assert len(table) <= 128
    sectors[0] = struct.pack("<128I", *table, *[free] * (128 - len(table)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<9I", 0, 1, directory_start, 0, 4096, mini_start, bool(mini_table), end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    return header + b"".join(sectors)
