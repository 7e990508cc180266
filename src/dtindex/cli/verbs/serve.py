"""``dtindex serve``."""

from __future__ import annotations

import base64
import json
import signal
import sys
from typing import Annotated, Any

import typer

from dtindex.cli.console import Console
from dtindex.cli.options import console_of
from dtindex.cli.service import offered
from dtindex.findings import ExitCode

__all__ = ["run"]

_FAILED = 400


def run(
    context: typer.Context,
    subjects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[METHODOLOGY_OR_EDITION]...",
            help="Methodologies, frozen on their own data at the start; .dtindex files.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Address to listen at; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="Port; 8000. 0 takes one that is free.")] = None,
    get: Annotated[
        str | None, typer.Option("--get", metavar="PATH", help="Print what GET PATH answers, without a port, and end.")
    ] = None,
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", metavar="DIR", help="Folder of a store of one's own, kept and writable.")
    ] = None,
) -> int:
    """Scores over HTTP. Without a store named: reads and scores only, for callers from this machine, and keeps nothing.

    With --data-dir or DTINDEX_DATA_DIR, and keys made by `dtindex keys create`, it is the whole service;
    docs/service.md lists the settings. Ctrl-C or SIGTERM: what runs may end.
    """
    console = console_of(context)
    named = subjects or []
    if get is not None:
        return _print(console, get, *offered("get")(named, get, data_dir=data_dir))

    def ready(found: Any) -> None:
        _tell(console, found)

    stopped = offered("serve")(named, ready, host=host, port=port, data_dir=data_dir)
    if stopped == signal.SIGINT:
        raise KeyboardInterrupt
    return ExitCode.FINE


def _tell(console: Console, found: Any) -> None:
    """The address first: whoever starts a service wants to go there."""
    console.say(found.address, "bold")
    for edition in found.editions:
        console.say(f"edition {edition.name}  {found.address}/v1/editions/{edition.name}/explorer")
    console.say(f"what there is: {found.address}/docs")
    if not found.keyed:
        said = "reads and scores only" if found.read_only else "no key is configured"
        console.tell(f"{said}: callers from this machine need no key, and nobody else is answered")
    editions = [{"name": one.name, "hash": one.hash, "methodology": one.methodology} for one in found.editions]
    told = {"address": found.address, "editions": editions, "keyed": found.keyed, "read_only": found.read_only}
    console.document({"verb": "serve", **told, "exit_code": 0})


def _print(console: Console, path: str, status: int, body: bytes) -> int:
    """The body as it is; as an answer to a program under ``--json``. A refusal is printed too, and exit code 1."""
    code = ExitCode.FINDINGS if status >= _FAILED else ExitCode.FINE
    if console.common.json:
        console.document({"verb": "serve", "path": path, "status": status, **_body(body), "exit_code": int(code)})
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    return code


def _body(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}
    try:
        return {"body": json.loads(text)}
    except ValueError:
        return {"body": text}
