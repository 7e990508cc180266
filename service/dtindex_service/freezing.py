"""Freezing: from a methodology and cells to an edition, its row, and its file in the store."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from dtindex import CATALOGUE, DtindexError, Finding
from dtindex_service.problems import ErrorItem, Refusal, conflict, kind_of
from dtindex_service.store import EditionRow, Taken
from dtindex_service.store.base import Actor
from dtindex_service.store.clock import now

if TYPE_CHECKING:
    from dtindex_service.services import Services

__all__ = ["Frozen", "freeze"]


_MOST_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Frozen:
    """A row of the store, whether it is new, and what was found on the way."""

    row: EditionRow
    is_new: bool
    findings: tuple[Mapping[str, Any], ...]


async def freeze(
    services: Services,
    actor: Actor,
    *,
    name: str,
    methodology: str,
    dataset: str | None,
    assume: str | None,
) -> Frozen:
    """Freeze in a child process and keep the edition: first its file, whole and on the disk, then its row.

    Raises
    ------
    Refusal
        DT703 (404) where the project has no such methodology or dataset; DT706 (409) where the name stands for another
        edition; 422 with all that is found.
    """
    store = services.store
    spelling = await run_in_threadpool(_spelling_of, services, actor.project, methodology)
    cells = None if dataset is None else await run_in_threadpool(_cells_of, services, actor.project, dataset)
    out = store.files.waiting / f".dtindex-{secrets.token_hex(8)}"
    try:
        answer = await services.workers.run(
            "freeze",
            {
                "name": name,
                "methodology": spelling,
                "cells": cells,
                "assume": assume,
                "out": str(out),
            },
        )
        head = answer.head
        blob = await run_in_threadpool(store.files.put_file, actor.project, out)
    except DtindexError as error:
        raise _refused(error) from error
    finally:
        await run_in_threadpool(out.unlink, missing_ok=True)
    row = EditionRow(
        hash=head["hash"],
        name=name,
        methodology=head["methodology"],
        methodology_id=head["methodology_id"],
        dataset=dataset,
        blob=blob,
        about=head["about"],
        created=now(),
    )
    kept, is_new = await run_in_threadpool(_keep, services, actor, row)
    return Frozen(kept, is_new, tuple(head["findings"]))


def _spelling_of(services: Services, project: str, reference: str) -> dict[str, str]:
    """How a methodology is told to a child process: by its id where it ships, else by its text."""
    from dtindex_service.methodologies import find

    try:
        found = find(services, project, reference)
    except Refusal:
        raise _not_found("#/methodology") from None
    except DtindexError as error:
        raise _refused(error) from error
    return {"shipped": found.methodology.id} if found.origin == "shipped" else {"text": found.text}


def _cells_of(services: Services, project: str, dataset: str) -> str:
    """The file of a dataset's cells."""
    from dtindex_service.datasets import find

    try:
        row = find(services, project, dataset)
    except Refusal:
        raise _not_found("#/dataset") from None
    assert row.parsed is not None
    return str(services.store.files.path(project, row.parsed))


def _not_found(pointer: str) -> Refusal:
    detail = CATALOGUE["DT703"].why
    return Refusal(
        "DT703", errors=[ErrorItem(pointer=pointer, parameter=None, code="DT703", detail=detail, place=None)]
    )


def _keep(services: Services, actor: Actor, row: EditionRow) -> tuple[EditionRow, bool]:
    store = services.store
    try:
        kept, is_new = store.editions.add(actor, row)
    except Taken:
        # The name is a part of what the file holds: nobody else can need it.
        store.files.remove(actor.project, row.blob)
        raise conflict("The name stands for another edition of this project, and will for ever.") from None
    if kept.blob != row.blob:
        store.files.remove(actor.project, row.blob)
    return kept, is_new


# --- what is refused ---


def _refused(error: DtindexError) -> Refusal:
    """The library's findings as faults of the request's body: 422, each with the part of it that is to blame."""
    errors = error.findings.errors or error.findings
    ordered = [*errors, *(one for one in error.findings if one not in errors)]
    more = f" The first {_MOST_ERRORS} of {len(ordered)} are listed." if len(ordered) > _MOST_ERRORS else ""
    return Refusal(
        errors[0].code,
        f"{errors[0].message}{more}",
        errors=_items(ordered[:_MOST_ERRORS]),
        status=422,
        kind=kind_of(error),
    )


def _items(findings: Iterable[Finding]) -> list[ErrorItem]:
    return [
        ErrorItem(
            pointer=_pointer(one.code),
            parameter=None,
            code=one.code,
            severity=str(one.severity),
            detail=one.message,
            place=one.place.to_dict() or None,
        )
        for one in findings
    ]


def _pointer(code: str) -> str:
    """The part of the body that a finding is about: by the chapter of the catalogue that it stands in."""
    if code in ("DT050", "DT051", "DT052", "DT053"):
        return "#/assume"
    if code.startswith(("DT1", "DT2", "DT3")) or code == "DT061":
        return "#/dataset"
    return "#/methodology"
