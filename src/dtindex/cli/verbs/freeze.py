"""``dtindex freeze``."""

from __future__ import annotations

from typing import Annotated

import typer

from dtindex.cli.inputs import fitted
from dtindex.cli.options import (
    Assume,
    Delimiter,
    Encoding,
    HeaderRows,
    Layout,
    LayoutName,
    MethodologyName,
    Sheet,
    TableName,
    TableSource,
    console_of,
    output_file,
)
from dtindex.cli.remarks import counted, exit_code, merged, shown_path, tell_warnings, to_dict

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: MethodologyName,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="A .dtindex file to write.", show_default=False)
    ],
    table: TableName = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the edition; else that of the file.")
    ] = None,
    no_table: Annotated[
        bool, typer.Option("--no-table", help="Leave the rows out: it scores, and cannot be recomputed.")
    ] = False,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
) -> int:
    """Fits the methodology on the table and keeps what was learned, with hashes, for scoring any table the same way.

    An edition never changes; `dtindex verify` proves that it did not.
    """
    from dtindex.cli.inputs import load_subject

    console = console_of(context)
    path = output_file(output, ".dtindex")
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    index = fitted(load_subject(methodology).methodology, source, assume)
    edition = index.freeze(name or path.stem, include_table=not no_table)
    findings = merged(index.methodology_.findings, index.reference_.findings, index.fitted_.findings)
    written = edition.save(path)
    console.say(f"edition {edition.name} of {edition.methodology.id}", "bold")
    console.say(f"hash {edition.hash}")
    for assumption in edition.fitted.assumptions:
        console.say(f"ASSUMPTION {assumption}: its scores rest on it; it is not published", "bold yellow")
    console.say(f"wrote {shown_path(written)}")
    console.say(counted(findings))
    tell_warnings(console, findings)
    code = exit_code(console, findings)
    head = {"name": edition.name, "hash": edition.hash, "assumptions": list(edition.fitted.assumptions)}
    console.document(
        {"verb": "freeze", "edition": head, "files": [str(written)], **to_dict(findings), "exit_code": int(code)}
    )
    return code
