"""Bytes to text, never by guessing in silence: byte-order mark, strict UTF-8, strict GB18030, or an error."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import NoReturn

from dtindex.findings import Place
from dtindex.tables.formats.refusal import Remarks, refuse

__all__ = ["decode"]

# None of these bytes can be the second of a two-byte GB18030 character, so cells can be cut before decoding.
_CELLS = re.compile(rb'[^,;\t\r\n"]+')
_TEXT_CELLS = re.compile('[^,;\t\r\n"\uff0c|]+')
_LINE_END = re.compile(b"\r\n|\r|\n")
_LEVEL_1 = range(0xB0, 0xD8)  # lead bytes of GB 2312's frequent characters, by pronunciation
_LEVEL_2 = range(0xD8, 0xF8)


def decode(data: bytes, encoding: str | None, remarks: Remarks, file: str) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    Raises
    ------
    InputError
        DT121 with line and byte offset where the bytes are not of one encoding; DT122 where there is a NUL.
    UsageError
        DT902 for a name that is no encoding.
    """
    # Bytes first: UTF-16 without a mark is better told by its NULs than by what fails to decode.
    if encoding is None and not data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) and b"\0" in data:
        hint = "; or is it UTF-16 without a byte-order mark? encoding='utf-16-le'" if _is_wide(data) else ""
        _refuse_nul(_line(data, data.index(b"\0")), hint, file)
    text, name = _decode(data, encoding, remarks, file)
    if "\0" in text:
        before = text[: text.index("\0")].encode("utf-8", "replace")
        _refuse_nul(_line(before, len(before)), "", file)
    return text, name


def _refuse_nul(line: int, hint: str, file: str) -> NoReturn:
    refuse("DT122", f"NUL byte, which text files do not have; export it again{hint}", Place(file=file, line=line))


def _line(data: bytes, offset: int) -> int:
    """The line, from 1, of a byte."""
    return len(_LINE_END.findall(data, 0, offset)) + 1


def _decode(data: bytes, encoding: str | None, remarks: Remarks, file: str) -> tuple[str, str]:
    if encoding is not None:
        return _as_told(data, encoding, file), encoding
    if data.startswith(BOM_UTF8):
        return _strict(data, "utf-8", len(BOM_UTF8), file), "utf-8-sig"
    for mark, name in ((BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            text = _strict(data, name, len(mark), file)
            remarks.add("DT120", f"decoded as {name} by its byte-order mark; check: {_samples(text)}")
            return text, name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    _refuse_mixture(data, file)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        _refuse_bytes(data, error.start, "neither UTF-8 nor GB18030; save the file as UTF-8, or name encoding=", file)
    remarks.add("DT120", f"not UTF-8, decoded as gb18030; check: {_samples(text)}")
    return text, "gb18030"


def _as_told(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        _refuse_bytes(data, error.start, f"not {encoding}, as was asked; leave encoding= out, or correct it", file)
    except (LookupError, ValueError, AssertionError):  # what an unknown name, or a codec that is none of text, raises
        refuse("DT902", f"{encoding!r} is not a text encoding; for example utf-8, gb18030, utf-16", Place(file=file))


def _strict(data: bytes, encoding: str, skipped: int, file: str) -> str:
    try:
        return data[skipped:].decode(encoding)
    except UnicodeDecodeError as error:
        message = f"not {encoding}, which the byte-order mark promises; save the file anew as UTF-8"
        _refuse_bytes(data, skipped + error.start, message, file)


def _refuse_mixture(data: bytes, file: str) -> None:
    """Refuse a file of which some cells are UTF-8 and others are not, at the first that disagrees with those before.

    A cell in GB18030 may by accident be valid UTF-8 (联通 is the famous one), so a cell counts as UTF-8 only if it is
    not GB18030 at all, or reads as more frequent Chinese in UTF-8 than in GB18030.
    """
    known: dict[bytes, str | None] = {}
    first = None
    for match in _CELLS.finditer(data):
        cell = match.group()
        if cell.isascii():
            continue
        if cell not in known:
            known[cell] = _encoding_of(cell)
        found = known[cell]
        first = first or found
        if found is not None and found != first:
            message = f"this cell is {found}, those before are {first}; save the whole file as UTF-8"
            _refuse_bytes(data, match.start(), message, file)


def _encoding_of(cell: bytes) -> str | None:
    """The encoding of one cell, or None where it may be either."""
    try:
        utf8 = cell.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8"
    try:
        chinese = cell.decode("gb18030")
    except UnicodeDecodeError:
        return "UTF-8"
    return "UTF-8" if _frequency(utf8) > _frequency(chinese) else None


def _frequency(text: str) -> float:
    """How much a text looks like Chinese that people write: 1 where all characters are of GB 2312's first level."""
    weights = [_weight(character) for character in text if not character.isascii()]
    return sum(weights) / len(weights)


def _weight(character: str) -> float:
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0.25 if "\u3400" <= character <= "\u9fff" else 0.0
    if lead in _LEVEL_1:
        return 1.0
    return 0.5 if lead in _LEVEL_2 or not "\u0370" <= character <= "\u04ff" else 0.0


def _refuse_bytes(data: bytes, offset: int, message: str, file: str) -> NoReturn:
    refuse("DT121", f"byte offset {offset}: {message}", Place(file=file, line=_line(data, offset)))


def _samples(text: str) -> str:
    """The first three cells that are not ASCII, which is where a wrong decoding shows."""
    cells: list[str] = []
    for match in _TEXT_CELLS.finditer(text):
        cell = match.group().strip()[:40]
        if not cell.isascii() and cell not in cells:
            cells.append(cell)
            if len(cells) == 3:
                break
    return ", ".join(cells) or "it has ASCII characters only"


def _is_wide(data: bytes) -> bool:
    """Whether NULs stand at every second place only, as those of ASCII characters in UTF-16 do."""
    head = data[:200]
    return min(head[::2].count(0), head[1::2].count(0)) == 0 and head.count(0) > len(head) // 16
