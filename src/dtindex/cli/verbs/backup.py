"""``dtindex backup``."""

from __future__ import annotations

from typing import Annotated

import typer

from dtindex.cli.options import console_of
from dtindex.cli.service import offered
from dtindex.findings import ExitCode

__all__ = ["run"]


def run(
    context: typer.Context,
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="To write; it must not be there.")],
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", metavar="DIR", help="Folder of the store; or DTINDEX_DATA_DIR.")
    ] = None,
) -> int:
    """Keeps the embedded store in one file: its database as one moment saw it, the secret, each file that it names.

    It may be made while a service runs. The file holds the secret under which keys are stored: keep it as one. Parts of
    jobs that have not ended are left out; after `dtindex restore` these jobs begin again.
    """
    console = console_of(context)
    told = offered("backup")(output, data_dir=data_dir)
    console.say(f"{told.files:,} files, {told.bytes / 2**20:,.1f} MiB, in {told.path}")
    about = {"path": told.path, "files": told.files, "bytes": told.bytes, "made": told.made, "version": told.version}
    console.document({"verb": "backup", **about, "exit_code": 0})
    return ExitCode.FINE
