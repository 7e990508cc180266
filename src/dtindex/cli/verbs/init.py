"""``dtindex init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dtindex.atomic import write_files
from dtindex.cli.options import console_of
from dtindex.cli.remarks import shown_path
from dtindex.findings import Place, UsageError, finding

__all__ = ["run"]


def run(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)],
    origin: Annotated[
        str | None, typer.Option("--from", metavar="ID", help="Start from a methodology that ships, with its data.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
) -> int:
    """Writes methodology.yaml with comments, data.csv with a few units, and README.md with the next commands.

    What it writes scores at once. A folder that is not empty is refused, unless --force is given.
    """
    from dtindex.cli.starter import copied, starter

    console = console_of(context)
    target = Path(folder)
    _refuse(target, force)
    files = starter() if origin is None else copied(origin)
    written = write_files(target, {name: text.encode() for name, text in files.items()})
    for path in written:
        console.say(f"wrote {shown_path(path)}")
    console.say()
    console.say(f"Next: dtindex score {shown_path(target / 'methodology.yaml')}")
    console.document({"verb": "init", "files": [str(path) for path in written], "exit_code": 0})
    return 0


def _refuse(target: Path, force: bool) -> None:
    try:
        inhabited = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise UsageError(
            [finding("DT410", f"cannot look into it: {error.strerror}", Place(file=str(target)))]
        ) from error
    if inhabited and not (force and target.is_dir()):
        raise UsageError(
            [finding("DT902", "exists and is not empty; name another folder, or --force", Place(file=str(target)))]
        )
