"""Arguments and options that several verbs take, spelt once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypedDict

import typer

from dtindex.cli.console import Console
from dtindex.findings import UsageError, finding

__all__ = [
    "Assume",
    "Delimiter",
    "Encoding",
    "HeaderRows",
    "Layout",
    "LayoutName",
    "MethodologyName",
    "Sheet",
    "SubjectName",
    "TableName",
    "TableSource",
    "Threads",
    "console_of",
    "output_file",
]


class LayoutName(StrEnum):
    """One row a unit, one row a value, or what the header looks like."""

    AUTO = "auto"
    WIDE = "wide"
    LONG = "long"

    @property
    def literal(self) -> Literal["auto", "wide", "long"]:
        """The word that the readers take."""
        return "wide" if self is LayoutName.WIDE else "long" if self is LayoutName.LONG else "auto"


MethodologyName = Annotated[
    str,
    typer.Argument(metavar="METHODOLOGY", help="Id of one that ships, or a .yaml or .xlsx file.", show_default=False),
]
SubjectName = Annotated[
    str,
    typer.Argument(
        metavar="METHODOLOGY_OR_EDITION",
        help="Id of a methodology that ships, a .yaml or .xlsx file, or a .dtindex edition.",
        show_default=False,
    ),
]
TableName = Annotated[
    str | None,
    typer.Argument(
        metavar="TABLE",
        help="CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow file; else the methodology's own data.",
        show_default=False,
    ),
]
Assume = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="What stands in for the unpublished: `equal`, an entry of `assumptions:`, or a file."
    ),
]
Threads = Annotated[int, typer.Option(min=1, help="Threads that score; no result depends on it.")]
Sheet = Annotated[str | None, typer.Option(metavar="NAME", help="Sheet of a workbook.")]
Delimiter = Annotated[str | None, typer.Option(metavar="CHAR", help="Delimiter of a text file; `tab` for a tab.")]
Encoding = Annotated[str | None, typer.Option(metavar="NAME", help="Encoding of a text file.")]
HeaderRows = Annotated[str | None, typer.Option(metavar="ROWS", help="Rows of the header, such as 2,3.")]
Layout = Annotated[LayoutName, typer.Option(help="One row a unit (wide), or one row a value (long).")]


class ReaderArguments(TypedDict):
    """What the readers of tables take."""

    sheet: str | None
    delimiter: str | None
    encoding: str | None
    header_rows: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table's path (None for the methodology's own), and how to read it where the file does not say."""

    path: str | None
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header_rows: str | None = None
    layout: LayoutName = LayoutName.AUTO

    def arguments(self) -> ReaderArguments:
        """As the readers take them."""
        return {
            "sheet": self.sheet,
            "delimiter": "\t" if self.delimiter in ("tab", "\\t") else self.delimiter,
            "encoding": self.encoding,
            "header_rows": _rows(self.header_rows),
        }


def _rows(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    words = text.replace("，", ",").split(",")
    if not all(word.strip().isdecimal() and int(word) > 0 for word in words):
        raise UsageError([finding("DT902", f"--header-rows {text!r}: expected row numbers from 1, such as 2,3")])
    return tuple(int(word) for word in words)


def console_of(context: typer.Context) -> Console:
    """The console of this run."""
    console = context.obj
    assert isinstance(console, Console)
    return console


def output_file(text: str, *endings: str) -> Path:
    """The path of a file to write, with one of the endings."""
    path = Path(text)
    if path.suffix.casefold() not in endings:
        raise UsageError([finding("DT902", f"-o {text!r}: expected a name that ends in {' or '.join(endings)}")])
    return path
