"""The keys of the caller's project."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from dtindex_service.call import call_of
from dtindex_service.context import SCOPES, Admin, Service
from dtindex_service.keys import make
from dtindex_service.negotiate import PageOf, next_link
from dtindex_service.problems import not_found
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.keys import KeyList, KeyOut, MadeKeyOut, NewKey
from dtindex_service.store.clock import now

__all__ = ["router"]

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=ServiceRoute)

KeyId = Annotated[str, Path(max_length=32, pattern="^[0-9a-f]{1,32}$", examples=["0123456789abcdef"])]


@router.post("", status_code=201)
def create_key(body: NewKey, who: Admin, service: Service, request: Request, response: Response) -> MadeKeyOut:
    """Make a key. This answer is the only place where it is shown: a repetition is answered without it."""
    made = make(service.keyring.pepper)
    row = service.store.keys.create(
        who.actor,
        name=body.name,
        prefix=made.prefix,
        digest=made.digest,
        scopes=[scope for scope in SCOPES if scope in body.scopes],
        now=now(),
        expires=body.expires,
    )
    service.keyring.forget()
    response.headers["Location"] = f"/v1/keys/{row.id}"
    shown = KeyOut.of(row).model_dump()
    call_of(request.scope).kept_body = MadeKeyOut(**shown, key=None).model_dump_json().encode()
    return MadeKeyOut(**shown, key=made.token)


@router.get("")
def list_keys(who: Admin, service: Service, page: PageOf, request: Request, response: Response) -> KeyList:
    """The keys of the project, revoked ones too."""
    found = service.store.keys.list(who.project, after=page.after, limit=page.limit + 1)
    response.headers.update(next_link(request, page, found, lambda row: row.id))
    return KeyList(items=[KeyOut.of(row) for row in found[: page.limit]])


@router.get("/{id}")
def get_key(id: KeyId, who: Admin, service: Service) -> KeyOut:  # noqa: A002
    """One key of the project that is not revoked."""
    row = service.store.keys.get(who.project, id)
    if row is None or row.revoked is not None:
        raise not_found()
    return KeyOut.of(row)


@router.delete("/{id}", status_code=204)
def revoke_key(id: KeyId, who: Admin, service: Service) -> None:  # noqa: A002
    """Close a key for good. It stays in the list, and has no address of its own any more."""
    if service.store.keys.revoke(who.actor, id, now()) is None:
        raise not_found()
    service.keyring.forget()
