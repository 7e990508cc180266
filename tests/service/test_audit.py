"""The audit log: what changed, by whom, in a chain that shows any tampering."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from dtindex_service.store import DatasetRow, Store
from dtindex_service.store.audit import START
from dtindex_service.store.base import Actor
from dtindex_service.store.triggers import drop_triggers

AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)


@pytest.fixture
def chain(store: Store) -> Store:
    """Five entries of one project, one of another."""
    store.projects.ensure("other", AT, id="other")
    for number in range(5):
        row = DatasetRow(f"{number}" * 64, "text/csv", 1, "parsed", AT + timedelta(seconds=number))
        store.datasets.add(Actor("local", "k1"), row)
    store.datasets.add(Actor("other"), DatasetRow("a" * 64, "text/csv", 1, "parsed", AT))
    return store


def test_an_entry_says_who_did_what_to_what(chain: Store) -> None:
    entry = chain.audit.list("local")[2]
    assert (entry.sequence, entry.project, entry.key) == (3, "local", "k1")
    assert (entry.action, entry.object, entry.at) == ("dataset.store", "2" * 64, AT + timedelta(seconds=2))
    assert len(chain.audit.list("other")) == 1


def test_the_hash_covers_the_entry_and_the_one_before(chain: Store) -> None:
    """Computed here from the definition in the module's docstring."""
    previous = START
    for entry in chain.audit.list("local"):
        content = [
            entry.sequence,
            entry.at.isoformat(timespec="microseconds"),
            "local",
            "k1",
            entry.action,
            entry.object,
            previous,
        ]
        previous = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
        assert entry.hash == previous
    assert chain.audit.broken_at("local") is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET object = 'x' WHERE project = 'local' AND sequence = 3", 3),
        ("UPDATE audit SET key = NULL WHERE project = 'local' AND sequence = 1", 1),
        ("DELETE FROM audit WHERE project = 'local' AND sequence = 2", 2),
        ("UPDATE audit SET sequence = 9 WHERE project = 'local' AND sequence = 4", 4),
    ],
)
def test_who_tampers_with_an_entry_breaks_the_chain(chain: Store, statement: str, broken: int) -> None:
    with chain.database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text(statement))
    assert chain.audit.broken_at("local") == broken
    assert chain.audit.broken_at("other") is None


def test_a_change_that_fails_leaves_no_entry(chain: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(chain.audit.list("local"))
    assert chain.datasets.delete(Actor("local"), "f" * 64, AT) is None
    assert len(chain.audit.list("local")) == before


def test_changes_through_the_service_are_noted_with_their_key(served: Any) -> None:
    token, row = served.made_key("admin")
    headers = {"Authorization": f"Bearer {token}"}
    made = served.client.post("/v1/keys", json={"name": "a", "scopes": ["read"]}, headers=headers).json()
    served.client.delete(f"/v1/keys/{made['id']}", headers=headers)
    served.client.delete(f"/v1/keys/{made['id']}", headers=headers)
    entries = served.store.audit.list("local")
    assert [(one.key, one.action, one.object) for one in entries] == [
        (None, "key.create", row.id),
        (row.id, "key.create", made["id"]),
        (row.id, "key.revoke", made["id"]),
    ]
    assert served.store.audit.broken_at("local") is None


def test_pages_of_the_log(chain: Store) -> None:
    assert [one.sequence for one in chain.audit.list("local", after=1, limit=2)] == [2, 3]
