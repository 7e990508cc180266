"""The streams of an OLE compound file, as far as it takes to tell an .xls from an encrypted .xlsx and to look into it.

Layout after [MS-CFB]: sectors chained by an allocation table, short streams inside a "mini stream" chained by another.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

__all__ = ["Compound"]

_END = 0xFFFFFFFA  # this and above are marks, not sectors
_HEADER_ENTRIES = 109


class Compound:
    """An OLE compound file in memory.

    Raises
    ------
    ValueError
        The structure is broken: chains that go round, or that lead out of the file.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._read_structure()
        except (struct.error, IndexError) as error:
            raise ValueError(f"broken compound file: {error}") from error

    def names(self) -> list[str]:
        """Names of all streams and storages."""
        return list(self._entries)

    def stream(self, name: str) -> bytes:
        """Content of a stream."""
        start, size = self._entries[name]
        try:
            if size < self._mini_below:
                return self._joined(start, self._mini_table, self._mini_stream, self._mini_size, 0)[:size]
            return self._joined(start, self._table, self._data, self._size, self._size)[:size]
        except (struct.error, IndexError) as error:
            raise ValueError(f"broken stream {name!r}: {error}") from error

    def _read_structure(self) -> None:
        data = self._data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("sectors of an unknown size")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        directory, _, self._mini_below, mini_table, _, further, further_count = struct.unpack_from("<7I", data, 48)
        tables = list(struct.unpack_from(f"<{_HEADER_ENTRIES}I", data, 76))
        for _ in range(min(further_count, len(data) // self._size)):
            sector = self._integers(self._sector(further))
            tables += sector[:-1]
            further = sector[-1]
        self._table: Sequence[int] = [
            entry for sector in tables if sector < _END for entry in self._integers(self._sector(sector))
        ]
        self._mini_table: Sequence[int] = self._integers(self._chained(mini_table)) if mini_table < _END else []
        self._entries: dict[str, tuple[int, int]] = {}
        self._mini_stream = b""
        content = self._chained(directory)
        for offset in range(0, len(content) - 127, 128):
            length, kind = struct.unpack_from("<HB", content, offset + 64)
            start, size = struct.unpack_from("<II", content, offset + 116)
            if kind == 5 and start < _END:
                self._mini_stream = self._chained(start)
            elif kind in (1, 2):
                name = content[offset : offset + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
                self._entries.setdefault(name, (start, size))

    def _sector(self, number: int) -> bytes:
        offset = (number + 1) * self._size
        if offset >= len(self._data):
            raise ValueError("a chain leads out of the file")
        return self._data[offset : offset + self._size]

    def _chained(self, start: int) -> bytes:
        return self._joined(start, self._table, self._data, self._size, self._size)

    @staticmethod
    def _joined(start: int, table: Sequence[int], data: bytes, size: int, skipped: int) -> bytes:
        parts: list[bytes] = []
        while start < _END:
            if len(parts) > len(table):
                raise ValueError("a chain goes round")
            offset = skipped + start * size
            if offset >= len(data):
                raise ValueError("a chain leads out of the file")
            parts.append(data[offset : offset + size])
            start = table[start]
        return b"".join(parts)

    @staticmethod
    def _integers(content: bytes) -> list[int]:
        count = len(content) // 4
        return list(struct.unpack_from(f"<{count}I", content))
