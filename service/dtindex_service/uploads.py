"""Uploads as they arrive: streamed to the store's disk and hashed on the way, as a raw body or as a form of one file.

What a file is called may promise a format, and is shown; it is never part of a path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from dtindex_service.problems import Refusal, invalid

__all__ = ["TABLES", "Named", "media_type", "receive"]

TABLES: dict[str, str] = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": "",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/x-spss-sav": ".sav",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.apache.arrow.file": ".arrow",
    "application/vnd.apache.arrow.stream": ".arrows",
    "application/octet-stream": "",
}
"""Media types of tables, and the ending whose content each promises; "" where only the content tells."""

_FORM = "multipart/form-data"
_ENDINGS = frozenset(
    (
        ".csv",
        ".tsv",
        ".tab",
        ".txt",
        ".xlsx",
        ".xlsm",
        ".xls",
        ".sav",
        ".zsav",
        ".parquet",
        ".pq",
        ".arrow",
        ".arrows",
        ".ipc",
        ".feather",
    )
)
_UNSEEMLY = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_MOST_NAME = 200
_MOST_HEADERS = 16_384


@dataclass(frozen=True, slots=True)
class Named:
    """What is said of a file: its media type, what it is called, and the ending whose content it promises."""

    media_type: str
    name: str | None = None

    @property
    def promise(self) -> str:
        """One of the known endings, or "": that of the name before that of the media type, which browsers guess."""
        ending = "" if self.name is None else "." + self.name.rpartition(".")[2].lower()
        return ending if ending in _ENDINGS else TABLES.get(self.media_type, "")


def media_type(request: Request) -> str:
    """The media type of the body, without its parameters; ``application/octet-stream`` where none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() or "application/octet-stream"


async def receive(
    request: Request, write: Callable[[bytes], None], allowed: Mapping[str, str], name: str | None = None
) -> Named:
    """Stream the one file of a request.

    Parameters
    ----------
    request
        Counts what arrives against its limit: DT707 (413).
    write
        Gets the pieces of the file.
    allowed
        The media types that the address takes.
    name
        What the file is called, if the request says so outside its body.

    Raises
    ------
    Refusal
        DT708 (415) for another media type; DT709 (422), DT700 (400) for a form that is not one file.
    """
    kind = media_type(request)
    if kind == _FORM:
        return await _form(request, write, allowed, name)
    _check(kind, allowed)
    async for piece in request.stream():
        write(piece)
    return Named(kind, _tidied(name))


def _check(kind: str, allowed: Mapping[str, str]) -> None:
    if kind not in allowed:
        raise Refusal("DT708", f"This address reads {', '.join(allowed)}.")


def _tidied(name: str | None) -> str | None:
    """The last part of a name, without what cannot be seen."""
    if name is None:
        return None
    last = _UNSEEMLY.sub("", re.split(r"[/\\]", name)[-1]).strip()
    return last[-_MOST_NAME:] if last.strip(".") else None


async def _form(
    request: Request, write: Callable[[bytes], None], allowed: Mapping[str, str], name: str | None
) -> Named:
    _, options = parse_options_header(request.headers["content-type"])
    boundary = options.get(b"boundary")
    if not boundary or len(boundary) > 256:
        raise Refusal("DT700", "The form says no boundary.")
    form = _Form(write)
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for piece in request.stream():
            parser.write(piece)
        parser.finalize()
    except FormParserError:
        raise Refusal("DT700", "The form is damaged.") from None
    if form.files != 1 or not form.ended:
        raise invalid("A form with one part, and that a file.", pointer="#")
    _check(form.media_type, allowed)
    return Named(form.media_type, _tidied(name or form.name))


class _Form:
    """The parts of a form, as they come: one of them, with a file name, is written; any other is one too many."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._field = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._takes = False
        self._headed = 0
        self.files = 0
        self.ended = False
        self.media_type = "application/octet-stream"
        self.name: str | None = None

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers = {}
        self._takes = False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._check_headers(end - start)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_headers(end - start)

    def _check_headers(self, more: int) -> None:
        self._headed += more
        if self._headed > _MOST_HEADERS:
            raise Refusal("DT700", "The part of the form has too long a head.")

    def _header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self.files += 1
        self._takes = self.files == 1 and b"filename" in options
        if not self._takes:
            raise invalid("A form with one part, and that a file.", pointer="#")
        self.name = options[b"filename"].decode("utf-8", "replace")
        said = self._headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        self.media_type = said or self.media_type

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._takes:
            self._write(data[start:end])

    def _end(self) -> None:
        self.ended = True
