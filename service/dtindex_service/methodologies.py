"""Methodologies: those that ship with dtindex, and those that a project has stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from starlette.concurrency import run_in_threadpool

import dtindex
from dtindex import InputError
from dtindex_service.parsing.parent import told
from dtindex_service.problems import invalid, not_found
from dtindex_service.store import MethodologyRow
from dtindex_service.store.clock import now

if TYPE_CHECKING:
    from dtindex import Methodology
    from dtindex_service.context import Principal
    from dtindex_service.services import Services

__all__ = ["Found", "check", "find", "job_of", "keep", "methodology_of", "shipped"]

_FILE = "methodology"
_MOST_PARSED = 64


@dataclass(frozen=True)
class Found:
    """A methodology, and where it comes from."""

    methodology: Methodology
    text: str
    origin: Literal["shipped", "own"]
    created: datetime | None = None


@lru_cache(maxsize=_MOST_PARSED)
def _shipped(id: str) -> Methodology:  # noqa: A002
    return dtindex.load_methodology(id)


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Methodology]:
    """The methodologies that ship, by id; read once, since they do not change. Blocks."""
    return {id: _shipped(id) for id in dtindex.shipped_methodologies()}  # noqa: A001


@lru_cache(maxsize=_MOST_PARSED)
def _parsed(text: str) -> Methodology:
    methodology, findings = dtindex.parse_methodology(text, _FILE)
    findings.raise_errors()
    assert methodology is not None
    return methodology


def find(services: Services, project: str, reference: str) -> Found:
    """A methodology by its id or its hash. Blocks.

    The id of one that ships stands for that one; a project's own of the same id goes by its hash.

    Raises
    ------
    Refusal
        404 where the project has none, and none ships.
    """
    if reference in dtindex.shipped_methodologies():
        return _of_shipped(_shipped(reference))
    row = services.store.methodologies.get(project, reference)
    if row is not None:
        return Found(_parsed(row.text), row.text, "own", row.created)
    for methodology in shipped().values():
        if methodology.hash == reference:
            return _of_shipped(methodology)
    raise not_found()


def _of_shipped(methodology: Methodology) -> Found:
    return Found(methodology, methodology.source_text or "", "shipped")


def methodology_of(services: Services, project: str, reference: str) -> Methodology:
    """The methodology of an id or a hash, ready to fit. Blocks; 404 where there is none."""
    return find(services, project, reference).methodology


def job_of(services: Services, project: str, reference: str) -> dict[str, str]:
    """What a process that parses is told of a methodology. Blocks; 422 where there is none."""
    if reference in dtindex.shipped_methodologies():
        return {"shipped": reference}
    row = services.store.methodologies.get(project, reference)
    if row is not None:
        return {"text": row.text}
    for id, methodology in shipped().items():  # noqa: A001
        if methodology.hash == reference:
            return {"shipped": id}
    raise invalid("There is no such methodology for this key.", parameter="query methodology", code="DT060")


async def check(services: Services, path: Path) -> dict[str, Any]:
    """All that there is to say about a file; ``hash`` is None where it is no methodology. It is read apart."""
    return await services.parsers.parse({"work": "methodology", "path": str(path)})


async def keep(services: Services, who: Principal, path: Path) -> tuple[MethodologyRow, bool, dict[str, Any]]:
    """Store the methodology in a file; its row, whether it is new, and what was said of it.

    Raises
    ------
    InputError
        With all findings, where one is an error.
    """
    said = await check(services, path)
    if said["hash"] is None:
        raise InputError(told(said["findings"]))
    row, is_new = await run_in_threadpool(
        lambda: services.store.methodologies.add(
            who.actor, hash=said["hash"], id=said["id"], text=said["text"], now=now()
        )
    )
    return row, is_new, said
