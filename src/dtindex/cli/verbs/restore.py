"""``dtindex restore``."""

from __future__ import annotations

from typing import Annotated

import typer

from dtindex.cli.options import console_of
from dtindex.cli.service import offered
from dtindex.findings import ExitCode

__all__ = ["run"]


def run(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="A file that `dtindex backup` wrote.", show_default=False)
    ],
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", metavar="DIR", help="Folder of the store; or DTINDEX_DATA_DIR.")
    ] = None,
) -> int:
    """Brings the store of a backup back into a folder that holds none.

    Each file is held against its hash, and the whole is checked as `dtindex doctor` does, before the folder is there.
    """
    console = console_of(context)
    told = offered("restore")(source, data_dir=data_dir)
    size = f"{told.files:,} files, {told.bytes / 2**20:,.1f} MiB"
    console.say(f"{told.path}: {size}, kept by dtindex {told.version} on {told.made}")
    about = {"path": told.path, "files": told.files, "bytes": told.bytes, "made": told.made, "version": told.version}
    console.document({"verb": "restore", **about, "exit_code": 0})
    return ExitCode.FINE
