"""What a file is, by its first bytes: names lie."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["FORMATS", "Content", "detect", "promised"]

Content: TypeAlias = Literal["text", "zip", "ole", "parquet", "arrow", "arrow stream", "spss", "binary", "other"]

_MAGIC: tuple[tuple[bytes, Content, str], ...] = (
    (b"PK\x03\x04", "zip", "a zip archive"),
    (b"PK\x05\x06", "zip", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole", "an OLE document"),
    (b"PAR1", "parquet", "a Parquet file"),
    (b"ARROW1", "arrow", "an Arrow file"),
    (b"\xff\xff\xff\xff", "arrow stream", "an Arrow stream"),
    (b"FEA1", "other", "a Feather file of version 1, which is no longer read"),
    (b"%PDF", "other", "a PDF document"),
    (b"\x1f\x8b", "other", "a gzip archive"),
    (b"$FL2", "spss", "an SPSS file (.sav)"),
    (b"$FL3", "spss", "an SPSS file (.zsav)"),
    (b"\x89PNG", "other", "a PNG image"),
    (b"\xff\xd8\xff", "other", "a JPEG image"),
    (b"7z\xbc\xaf\x27\x1c", "other", "a 7-Zip archive"),
    (b"Rar!", "other", "a RAR archive"),
    (b"SQLite format 3", "other", "an SQLite database"),
    (b"{\\rtf", "other", "an RTF document"),
)
_MARKUP: tuple[tuple[str, str], ...] = (
    ("<?xml", "an XML document"),
    ("<!doctype html", "an HTML page"),
    ("<html", "an HTML page"),
    ("<head", "an HTML page"),
    ("<meta", "an HTML page"),
    ("<style", "an HTML page"),
    ("<table", "an HTML page"),
    ("<div", "an HTML page"),
)

FORMATS: dict[str, tuple[frozenset[Content], str]] = {
    ".csv": (frozenset({"text"}), "delimited text"),
    ".tsv": (frozenset({"text"}), "delimited text"),
    ".tab": (frozenset({"text"}), "delimited text"),
    ".txt": (frozenset({"text"}), "delimited text"),
    ".xlsx": (frozenset({"zip", "ole"}), "an Excel workbook (.xlsx)"),
    ".xlsm": (frozenset({"zip", "ole"}), "an Excel workbook (.xlsm)"),
    ".xls": (frozenset({"ole"}), "an Excel 97-2003 workbook (.xls)"),
    ".parquet": (frozenset({"parquet"}), "a Parquet file"),
    ".pq": (frozenset({"parquet"}), "a Parquet file"),
    ".arrow": (frozenset({"arrow", "arrow stream"}), "an Arrow file"),
    ".arrows": (frozenset({"arrow", "arrow stream"}), "an Arrow stream"),
    ".ipc": (frozenset({"arrow", "arrow stream"}), "an Arrow file"),
    ".sav": (frozenset({"spss"}), "an SPSS file (.sav)"),
    ".zsav": (frozenset({"spss"}), "an SPSS file (.zsav)"),
    ".feather": (frozenset({"arrow"}), "a Feather file"),
}
"""By ending: contents that fit it, and what it promises. An unknown ending promises nothing."""


def promised(suffix: str) -> str | None:
    """What an ending promises, or None."""
    known = FORMATS.get(suffix.lower())
    return known[1] if known else None


def detect(head: bytes) -> tuple[Content, str]:
    """The content and what to call it, from the first bytes of a file (a few hundred are enough)."""
    for magic, content, name in _MAGIC:
        if head.startswith(magic):
            return content, name
    start = _as_text(head).lstrip("\ufeff \t\r\n").lower()
    for opening, name in _MARKUP:
        if start.startswith(opening):
            table = "a workbook saved as XML (XML Spreadsheet 2003)" if "spreadsheet" in start else name
            return "other", table if opening == "<?xml" else name
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return "text", "text"
    odd = sum(byte < 0x20 and byte not in b"\t\n\r\x0b\x0c\x1b" for byte in head)
    return ("binary", "binary data") if odd else ("text", "text")


def _as_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace")
