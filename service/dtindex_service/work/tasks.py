"""What child processes do. Each task takes JSON values, and gives a head of JSON values and a body of bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from dtindex_service.rendering import Format
from dtindex_service.work.bench import Bench

__all__ = ["TASKS", "Task"]

Task = Callable[..., tuple[dict[str, Any], bytes]]


def freeze(
    bench: Bench, *, name: str, methodology: dict[str, str], cells: str | None, assume: str | None, out: str
) -> tuple[dict[str, Any], bytes]:
    """Fit a methodology, freeze it, and write the edition to ``out``."""
    from dtindex_service.fitting import about_of, frozen

    edition, scores, findings = frozen(name, methodology, cells, assume)
    edition.save(out)
    head = {
        "hash": edition.hash,
        "methodology": edition.methodology.hash,
        "methodology_id": edition.methodology.id,
        "about": about_of(edition, scores),
        "findings": [one.to_dict() for one in findings],
    }
    return head, b""


def table(
    bench: Bench, *, edition: str, asked: dict[str, Any], form: Format, start: int, stop: int | None
) -> tuple[dict[str, Any], bytes]:
    """A table, or a part of one."""
    from dtindex_service.tables import Asked, written

    content, rows = written(bench.scores(edition), Asked(**asked), form, start, stop)
    return {"rows": rows}, content


def analysis(
    bench: Bench,
    *,
    edition: str,
    other: str | None,
    kind: str,
    asked: dict[str, Any],
    table: str | None,
    form: Format | Literal["metadata"],
) -> tuple[dict[str, Any], bytes]:
    """An analysis: the whole of it as JSON, or one of its tables."""
    from dtindex_service.analyses import document, frame_of, result_of
    from dtindex_service.rendering import render
    from dtindex_service.tables import indexed

    key = json.dumps([kind, edition, other, asked], sort_keys=True)
    found = bench.result(key, lambda: result_of(bench, kind, edition, other, asked))
    if table is None:
        return {}, document(bench.edition(edition), kind, found)
    if form == "metadata":
        from dtindex_service.metadata import analysis_metadata

        scores = bench.scores(edition)
        told = analysis_metadata(bench.edition(edition), scores, kind, table, frame_of(kind, found, table), asked)
        return {}, json.dumps(told, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return {}, render(indexed(frame_of(kind, found, table)), form)


def figure(bench: Bench, *, edition: str, name: str, form: str, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """A figure as the contents of a file."""
    from dtindex_service.figures import drawn, simulated

    key = json.dumps([name == "sobol_bars", edition, asked["runs"], asked["seed"], asked["node"], asked["period"]])
    found = bench.result(key, lambda: simulated(bench.edition(edition), name, asked))
    return {}, drawn(found, name, form, asked)


def explorer(bench: Bench, *, edition: str, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The page of an edition, with links to the other parts of one of many rows."""
    from urllib.parse import urlencode

    from dtindex import explorer

    same = {name: value for name, value in asked.items() if name != "part" and value is not None}
    page = explorer(bench.edition(edition), **asked, part_address=f"?part={{part}}&{urlencode(same)}", workers=1)
    return {}, page.html.encode("utf-8")


def plan(bench: Bench, *, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Which parts a job has, by the size of each."""
    from dtindex_service.jobs.kinds import Given, parts_of

    return {"sizes": list(parts_of(bench, Given(**job)).sizes)}, b""


def part(bench: Bench, *, job: dict[str, Any], position: int) -> tuple[dict[str, Any], bytes]:
    """What one part gives."""
    from dtindex_service.jobs.kinds import Given, parts_of

    return {}, parts_of(bench, Given(**job)).work(position)


def join(bench: Bench, *, job: dict[str, Any], parts: list[str], out: str) -> tuple[dict[str, Any], bytes]:
    """What all parts give together, as files in the folder ``out``."""
    from dtindex_service.jobs.kinds import Given, written

    found = {}
    for one in written(bench, Given(**job), (Path(part).read_bytes() for part in parts)):
        (Path(out) / one.name).write_bytes(one.content)
        found[one.name] = {"media_type": one.media_type, "bytes": len(one.content), "rows": one.rows}
    return {"results": found}, b""


def stored(bench: Bench, *, path: str, form: Format, start: int, stop: int | None) -> tuple[dict[str, Any], bytes]:
    """A table that a job gave, or rows of it, in another form than that it is kept in."""
    from dtindex_service.rendering import render, stored_frame
    from dtindex_service.tables import indexed

    return {}, render(indexed(stored_frame(path, start, stop)), form)


TASKS: Mapping[str, Task] = {
    "freeze": freeze,
    "table": table,
    "analysis": analysis,
    "figure": figure,
    "explorer": explorer,
    "plan": plan,
    "part": part,
    "join": join,
    "stored": stored,
}
