"""``dtindex list``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.console import Console, new_table
from dtindex.cli.options import console_of

if TYPE_CHECKING:
    from dtindex.spec.model import Methodology

__all__ = ["run"]

_ORIGINS = ("published", "recovered", "assumed", "unpublished")


def run(
    context: typer.Context,
    methods: Annotated[bool, typer.Option("--methods", help="The methods that a methodology can name.")] = False,
) -> int:
    """Id, title, units, whether data ship with it, how large its tree is, and how much of it was published.

    The last column counts parameters by their origin: published, recovered from published figures, assumed (ours),
    unpublished. With --methods the catalogue of methods: the block that names each, whether it can be frozen into an
    edition, its formula and its reference.
    """
    if methods:
        return _list_methods(console_of(context))
    from dtindex.spec import load_methodology, shipped_methodologies

    console = console_of(context)
    entries = [_entry(load_methodology(name), console) for name in shipped_methodologies()]
    _print(console, entries)
    console.document({"verb": "list", "methodologies": entries, "exit_code": 0})
    return 0


def _list_methods(console: Console) -> int:
    from dtindex.steps.catalogue import FAMILIES, catalogue
    from dtindex.steps.registered import all_registered

    found = list(catalogue())
    for family in FAMILIES:
        own = [one for one in found if one.family == family]
        console.say(f"{family}: {len(own)}", "bold")
        for one in own:
            console.say(f"  {one.name} (frozen: {one.frozen})")
            console.say(f"      {one.formula.replace('``', '')}")
            console.say(f"      {one.reference}", "dim")
    others = list(all_registered())
    if others:
        console.say(f"of other packages (method: registered): {len(others)}", "bold")
    for other in others:
        console.say(f"  {other.name}: {other.family}, of {other.package} {other.version}")
    console.say(f"{len(found) + len(others)} methods")
    entries = [
        {name: getattr(one, name) for name in ("family", "name", "frozen", "formula", "reference")} for one in found
    ]
    packages = [
        {"family": one.family, "name": one.name, "package": one.package, "version": one.version} for one in others
    ]
    console.document({"verb": "list", "methods": entries, "registered": packages, "exit_code": 0})
    return 0


def _entry(methodology: Methodology, console: Console) -> dict[str, Any]:
    from dtindex.spec.base import text
    from dtindex.spec.provenance import provenances

    origins = Counter(str(one.origin) for one in provenances(methodology))
    return {
        "id": methodology.id,
        "title": text(methodology.title, "zh" if console.language == "zh" else "en"),
        "units": methodology.units.kind,
        "data": methodology.data_ is not None,
        "nodes": len(methodology.nodes),
        "indicators": len(methodology.indicators),
        "provenance": {origin: origins.get(origin, 0) for origin in _ORIGINS},
        "hash": methodology.hash,
    }


def _print(console: Console, entries: list[dict[str, Any]]) -> None:
    if not console.for_people:
        return
    table = new_table()
    table.add_column("id", no_wrap=True)
    for head in ("title", "units", "data"):
        table.add_column(head)
    for head in ("nodes", "indicators"):
        table.add_column(head, justify="right")
    table.add_column("parameters by origin")
    for entry in entries:
        sizes = (str(entry["nodes"]), str(entry["indicators"]))
        table.add_row(
            entry["id"], entry["title"], entry["units"], "yes" if entry["data"] else "no", *sizes, _origins(entry)
        )
    if console.fits(table):
        console.show(table)
    else:
        console.say("\n".join(_told(entry) for entry in entries))


def _told(entry: dict[str, Any]) -> str:
    """Two lines, for where the table is too wide."""
    facts = f"{entry['units']}, {'with' if entry['data'] else 'without'} data, {entry['nodes']} nodes"
    return f"{entry['id']}: {entry['title']}\n    {facts}, {entry['indicators']} indicators; {_origins(entry)}"


def _origins(entry: dict[str, Any]) -> str:
    counts: dict[str, int] = entry["provenance"]
    return ", ".join(f"{count} {origin}" for origin, count in counts.items() if count) or "origins not stated"
