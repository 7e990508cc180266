"""``dtindex keys``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from dtindex.cli.console import Console, new_table
from dtindex.cli.options import console_of
from dtindex.cli.service import offered
from dtindex.findings import ExitCode, UsageError, finding

__all__ = ["run"]

_SHOWN = ("id", "project", "name", "prefix", "scopes", "state", "expires", "last_used")


class Action(StrEnum):
    """What is done with keys."""

    CREATE = "create"
    LIST = "list"
    REVOKE = "revoke"


def run(
    context: typer.Context,
    action: Annotated[Action, typer.Argument(metavar="create|list|revoke", show_default=False)],
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The key to revoke.", show_default=False)] = None,  # noqa: A002
    project: Annotated[
        str | None, typer.Option(metavar="P", help="Whose key: projects see nothing of each other.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="N", help="What the key is called in lists.")] = None,
    scopes: Annotated[str | None, typer.Option(metavar="S,S", help="Some of read,score,write,admin.")] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="90d, 12h, 2030-01-31; never, unless said.")
    ] = None,
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", metavar="DIR", help="Folder of the store; else DTINDEX_* says.")
    ] = None,
) -> int:
    """Who may use a service. `create` prints the key once: only its mark is stored, and nothing brings it back.

    Scopes: read sees what is there, score scores, write adds and removes, admin makes and revokes keys. Without
    --project, `create` and `list` mean the project `local` and all projects.
    """
    console = console_of(context)
    if action is Action.CREATE:
        return _create(
            console, project or "local", _needed("--name", name), _needed("--scopes", scopes), expires, data_dir
        )
    if action is Action.LIST:
        return _list(console, offered("keys-list")(project=project, data_dir=data_dir))
    row = offered("keys-revoke")(_needed("ID", id), data_dir=data_dir)
    console.say(f"revoked {row['id']} ({row['name']} of {row['project']})")
    console.document({"verb": "keys", "action": "revoke", "key": row, "exit_code": 0})
    return ExitCode.FINE


def _needed(what: str, given: str | None) -> str:
    if not given:
        raise UsageError([finding("DT902", f"{what} is missing; `dtindex keys --help` shows an example")])
    return given


def _create(console: Console, project: str, name: str, scopes: str, expires: str | None, data_dir: str | None) -> int:
    words = [word for word in (part.strip() for part in scopes.split(",")) if word]
    token, row = offered("keys-create")(project=project, name=name, scopes=words, expires=expires, data_dir=data_dir)
    console.raw(f"{token}\n")
    console.tell(f"key {row['id']} of project {project}, {','.join(row['scopes'])}, {_until(row)}; shown this once")
    console.document({"verb": "keys", "action": "create", "secret": token, "key": row, "exit_code": 0})
    return ExitCode.FINE


def _until(row: dict[str, Any]) -> str:
    return f"until {row['expires']}" if row["expires"] else "without end"


def _list(console: Console, rows: list[dict[str, Any]]) -> int:
    if rows:
        table = new_table()
        for head in _SHOWN:
            table.add_column(head.replace("_", " "))
        for row in rows:
            table.add_row(*(",".join(row[head]) if head == "scopes" else str(row[head] or "") for head in _SHOWN))
        console.show(table)
    else:
        console.say("no keys")
    console.document({"verb": "keys", "action": "list", "keys": rows, "exit_code": 0})
    return ExitCode.FINE
