"""``dtindex worker``."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from dtindex.cli.options import console_of
from dtindex.cli.service import offered
from dtindex.findings import ExitCode

__all__ = ["run"]


def run(
    context: typer.Context,
    processes: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Chunks at a time, each in a process; every processor.")
    ] = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing waits any more.")] = False,
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", metavar="DIR", help="Folder of the store; or DTINDEX_DATA_DIR.")
    ] = None,
) -> int:
    """Works on the jobs of a store, beside a service or without one; as many workers as you like, on any machine that
    sees the store's folder and its database.

    A service works on jobs itself, in two processes; with DTINDEX_JOB_PROCESSES=0 it leaves them to workers. Ctrl-C or
    SIGTERM: what runs may end, and is given back otherwise. Any worker may be killed at any time.
    """
    console = console_of(context)

    def ready(folder: str, count: int) -> None:
        console.say(f"works for {folder}, {count} chunks at a time", "bold")
        console.document({"verb": "worker", "data_dir": folder, "processes": count, "exit_code": 0})

    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    stopped = offered("work")(ready, processes=processes or own, data_dir=data_dir, until_idle=until_idle)
    if stopped == signal.SIGINT:
        raise KeyboardInterrupt
    return ExitCode.FINE
