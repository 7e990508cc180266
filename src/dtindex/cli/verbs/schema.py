"""``dtindex schema``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dtindex.atomic import write_bytes
from dtindex.cli.options import console_of
from dtindex.cli.remarks import shown_path

__all__ = ["run"]


def run(
    context: typer.Context,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Write it to a file.")] = None,
) -> int:
    """Editors that know YAML check and complete a methodology by it, where its first line names the file:

    # yaml-language-server: $schema=methodology-1.json
    """
    from dtindex.spec.schema import schema_text

    console = console_of(context)
    text = schema_text()
    if output is None:
        console.raw(text)
    else:
        console.say(f"wrote {shown_path(write_bytes(output, text.encode()))}")
    files = [] if output is None else [output]
    console.document({"verb": "schema", "schema": json.loads(text), "files": files, "exit_code": 0})
    return 0
