"""``dtindex template``."""

from __future__ import annotations

from typing import Annotated

import typer

from dtindex.cli.inputs import load_subject
from dtindex.cli.options import SubjectName, console_of, output_file
from dtindex.cli.remarks import shown_path

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="An .xlsx or .csv file to write.", show_default=False)
    ],
    period: Annotated[
        list[str] | None, typer.Option(metavar="PERIOD", help="Period of the rows, again for more.")
    ] = None,
    units: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Units of the rows, between commas; else all of the codelist."),
    ] = None,
) -> int:
    """One row a unit (and period), one column a figure; an .xlsx explains each column and checks what is entered."""
    from dtindex.tables.template import write_template

    console = console_of(context)
    path = output_file(output, ".xlsx", ".csv")
    names = [name.strip() for some in units or [] for name in some.replace("，", ",").split(",") if name.strip()]
    written = write_template(load_subject(methodology).methodology, path, names or None, tuple(period or ()))
    console.say(f"wrote {shown_path(written)}")
    console.document({"verb": "template", "files": [str(written)], "exit_code": 0})
    return 0
