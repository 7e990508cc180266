"""Keys: who gets in, what for, and what nobody can learn."""

from __future__ import annotations

import json
import re
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex_service.keys import digest, is_well_formed, make
from dtindex_service.settings import Settings, is_loopback, listening_host

PEPPER = b"p" * 48


def refused(response: Any) -> dict[str, Any]:
    """What a refusal says, without what differs from request to request."""
    problem = response.json()
    problem.pop("trace_id")
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return {"status": response.status_code, "problem": problem, "headers": headers}


# --- the form ---


def test_a_key_has_the_form_that_scanners_know() -> None:
    made = make(PEPPER)
    assert re.fullmatch(r"dti_live_[0-9A-Za-z]{43}", made.token)
    assert made.token.startswith(made.prefix)
    assert len(made.prefix) == 15
    assert is_well_formed(made.token)
    assert made.token not in repr(made)


def test_the_digest_is_hmac_sha256() -> None:
    # RFC 4231, test case 2, whose key and data are texts.
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert digest(b"Jefe", "what do ya want for nothing?") == known


def test_keys_do_not_repeat() -> None:
    assert len({make(PEPPER).token for _ in range(1_000)}) == 1_000


@given(st.integers(9, 51), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
def test_a_mistyped_letter_is_told_by_the_checksum(place: int, letter: str) -> None:
    token = make(PEPPER).token
    mistyped = token[:place] + letter + token[place + 1 :]
    assert is_well_formed(mistyped) is (mistyped == token)


@given(st.text(max_size=60))
def test_other_texts_are_no_keys(text: str) -> None:
    assert not is_well_formed(text)


# --- who gets in ---


def test_a_valid_key_gets_in_and_no_other(served: Any) -> None:
    good, row = served.made_key("read", "admin")
    expired, _ = served.made_key("admin", expires=datetime.now(UTC) - timedelta(seconds=1))
    revoked, gone = served.made_key("admin")
    assert served.client.delete(f"/v1/keys/{gone.id}", headers={"Authorization": f"Bearer {good}"}).status_code == 204
    wrong_checksum = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert served.client.get("/v1/keys", headers={"Authorization": f"Bearer {good}"}).status_code == 200
    assert served.client.get("/v1/keys", headers={"Authorization": f"bearer {good}"}).status_code == 200
    answers = [
        refused(served.client.get("/v1/keys", headers={} if sent is None else {"Authorization": sent}))
        for sent in (
            None,
            f"Bearer {make(PEPPER).token}",
            f"Bearer {wrong_checksum}",
            f"Bearer {expired}",
            f"Bearer {revoked}",
            "Bearer ",
            "Bearer x",
            f"Basic {good}",
            good,
            "Bearer " + "x" * 5_000,
        )
    ]
    assert answers[0]["status"] == 401
    assert answers[0]["problem"]["code"] == "DT701"
    assert answers[0]["headers"]["www-authenticate"] == 'Bearer realm="dtindex"'
    assert all(answer == answers[0] for answer in answers)
    assert row.prefix not in json.dumps(answers)


def test_a_header_of_any_bytes_is_a_refusal(served: Any) -> None:
    served.key("read")
    for sent in (b"Bearer \xff\xfe", "Bearer dti_live_é".encode(), b"\x7f"):
        assert served.client.get("/v1/keys", headers={"Authorization": sent}).status_code == 401


def test_whether_a_key_is_known_cannot_be_told_by_the_time(served: Any) -> None:
    """The same steps, so the same time: medians of interleaved requests, far apart only if a step were left out."""
    good, _ = served.made_key("read")
    expired, _ = served.made_key("read", expires=datetime.now(UTC) - timedelta(seconds=1))
    kinds = {"unknown": make(PEPPER).token, "checksum": good[:-1] + "~", "expired": expired}
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(60):
        for kind, token in kinds.items():
            begun = time.process_time()
            served.client.get("/v1/keys", headers={"Authorization": f"Bearer {token}"})
            times[kind].append(time.process_time() - begun)
    medians = [statistics.median(found) for found in times.values()]
    assert max(medians) < 1.5 * min(medians)


def test_each_refusal_asks_the_store_once(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    good, _ = served.made_key("read")
    expired, _ = served.made_key("read", expires=datetime.now(UTC) - timedelta(seconds=1))
    asked: list[str] = []
    find = served.store.keys.find
    monkeypatch.setattr(served.store.keys, "find", lambda mark: asked.append(mark) or find(mark))
    for token in (make(PEPPER).token, good[:-1] + "~", expired, "x"):
        asked.clear()
        for _ in range(2):
            assert served.client.get("/v1/keys", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert len(asked) == 2


@pytest.mark.parametrize("scope", ["read", "score", "write"])
def test_a_lacking_scope_is_403(served: Any, scope: str) -> None:
    response = served.client.get("/v1/keys", headers=served.key(scope))
    assert (response.status_code, response.json()["code"]) == (403, "DT702")
    assert "admin" in response.json()["detail"]


def test_an_expiry_that_passes_closes_the_key(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = served.key("admin", expires=datetime.now(UTC) + timedelta(minutes=1))
    assert served.client.get("/v1/keys", headers=headers).status_code == 200
    monkeypatch.setattr(served.services.keyring, "_clock", lambda: datetime.now(UTC) + timedelta(seconds=61))
    assert served.client.get("/v1/keys", headers=headers).status_code == 401


def test_a_key_that_another_process_revoked_is_closed_within_a_second(served: Any) -> None:
    token, row = served.made_key("admin")
    headers = {"Authorization": f"Bearer {token}"}
    assert served.client.get("/v1/keys", headers=headers).status_code == 200
    from dtindex_service.store.base import Actor

    served.store.keys.revoke(Actor("local"), row.id, datetime.now(UTC))
    time.sleep(1.05)
    assert served.client.get("/v1/keys", headers=headers).status_code == 401


def test_the_address_of_wrong_keys_is_slowed_down(serve: Any) -> None:
    served = serve(failed_keys_per_minute=3)
    good = served.key("admin")
    for _ in range(3):
        assert served.client.get("/v1/keys", headers={"Authorization": "Bearer x"}).status_code == 401
    response = served.client.get("/v1/keys", headers=good)
    assert (response.status_code, response.json()["code"]) == (429, "DT716")
    assert int(response.headers["retry-after"]) > 0


# --- without a key ---


def test_without_a_key_configured_callers_from_here_read_and_score(served: Any) -> None:
    response = served.client.get("/v1/keys")
    assert (response.status_code, response.json()["code"]) == (403, "DT702")  # let in, and not for this


def test_one_key_closes_the_door_for_all_without(served: Any) -> None:
    assert served.client.get("/v1/keys").status_code == 403
    served.key("read", project="other")
    assert served.client.get("/v1/keys").status_code == 401


@pytest.mark.parametrize(
    "circumstances",
    [
        {"client": ("192.0.2.1", 5000)},
        {"base_url": "http://rebound.example"},
        {"base_url": "http://192.0.2.7:8000"},
        {"base_url": "http://127.0.0.1.example"},
        {"base_url": "http://127.example"},
    ],
)
def test_nobody_from_elsewhere_gets_in_without_a_key(serve: Any, circumstances: dict[str, Any]) -> None:
    assert serve(**circumstances).client.get("/v1/keys").status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_nobody_behind_a_proxy_gets_in_without_a_key(served: Any, header: str) -> None:
    assert served.client.get("/v1/keys", headers={header: "127.0.0.1"}).status_code == 401


@pytest.mark.parametrize("base_url", ["http://localhost:8000", "http://[::1]:8000", "http://127.0.0.2"])
def test_names_of_this_machine(serve: Any, base_url: str) -> None:
    assert serve(base_url=base_url).client.get("/v1/keys").status_code == 403


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((name, True) for name in ("127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8")),
        *((name, False) for name in ("0.0.0.0", "::", "10.0.0.1", "example.org", "127.0.0.1.evil.org", "")),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_without_a_key_the_service_binds_to_this_machine_whatever_is_set(tmp_path: Any) -> None:
    settings = Settings(data_dir=tmp_path, host="0.0.0.0")
    assert listening_host(settings, keyed=False) == "127.0.0.1"
    assert listening_host(settings, keyed=True) == "0.0.0.0"
    assert listening_host(Settings(data_dir=tmp_path, host="::1"), keyed=False) == "::1"


def test_read_only_holds_for_every_key(serve: Any) -> None:
    served = serve(read_only=True)
    headers = served.key("admin")
    response = served.client.post("/v1/keys", json={"name": "a", "scopes": ["read"]}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "DT720")
    assert served.client.get("/v1/keys", headers=headers).status_code == 200


# --- the resource ---


def test_a_key_is_shown_once(served: Any) -> None:
    admin = served.key("admin")
    made = served.client.post("/v1/keys", json={"name": "reports", "scopes": ["score", "read"]}, headers=admin)
    assert made.status_code == 201
    key = made.json()["key"]
    where = made.headers["location"]
    shown = served.client.get(where, headers=admin)
    assert "key" not in shown.json()
    assert shown.json() == {name: value for name, value in made.json().items() if name != "key"}
    assert shown.json()["scopes"] == ["read", "score"]
    listed = served.client.get("/v1/keys", headers=admin)
    assert key not in listed.text
    assert digest(served.services.keyring.pepper, key) not in listed.text
    assert served.client.get("/v1/keys", headers={"Authorization": f"Bearer {key}"}).status_code == 403


def test_neither_the_key_nor_anything_it_can_be_made_from_is_stored(served: Any) -> None:
    token, _ = served.made_key("read")
    served.store.database.close()
    for path in served.services.settings.data_dir.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()
            assert token[9:46].encode() not in path.read_bytes()


def test_revocation_is_at_once_for_good_and_said_in_the_list(served: Any) -> None:
    admin = served.key("admin")
    token, row = served.made_key("admin")
    headers = {"Authorization": f"Bearer {token}"}
    assert served.client.get("/v1/keys", headers=headers).status_code == 200
    for _ in range(2):
        assert served.client.delete(f"/v1/keys/{row.id}", headers=admin).status_code == 204
    assert served.client.get("/v1/keys", headers=headers).status_code == 401
    assert served.client.get(f"/v1/keys/{row.id}", headers=admin).status_code == 404
    listed = served.client.get("/v1/keys", headers=admin).json()["items"]
    assert next(one for one in listed if one["id"] == row.id)["revoked"] is not None


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_projects_key_is_as_if_it_were_not_there(served: Any, method: str) -> None:
    mine, (_, theirs) = served.key("admin", project="mine"), served.made_key("read", project="theirs")
    answers = [refused(served.client.request(method, f"/v1/keys/{id_}", headers=mine)) for id_ in (theirs.id, "0" * 16)]
    for answer in answers:
        answer["problem"].pop("instance")
        for name in ("ratelimit", "ratelimit-policy", "content-length"):
            answer["headers"].pop(name)
    assert answers[0]["status"] == 404
    assert answers[0] == answers[1]
    assert theirs.id not in served.client.get("/v1/keys", headers=mine).text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a", "scopes": []}, "#/scopes"),
        ({"name": "a", "scopes": ["root"]}, "#/scopes/0"),
        ({"name": "", "scopes": ["read"]}, "#/name"),
        ({"name": "a/b", "scopes": ["read"]}, "#/name"),
        ({"name": " a", "scopes": ["read"]}, "#/name"),
        ({"name": "a", "scopes": ["read"], "expires": "tomorrow"}, "#/expires"),
        ({"name": "a", "scopes": ["read"], "expires": "2030-01-01T00:00:00"}, "#/expires"),
        ({"name": "a", "scopes": ["read"], "expires": 0}, "#/expires"),
        ({"name": "a", "scopes": ["read"], "expires": "1767225600"}, "#/expires"),
        ({"name": "a", "scopes": ["read"], "expires": "2030-02-30T00:00:00Z"}, "#/expires"),
        ({"name": 1, "scopes": ["read"]}, "#/name"),
        ({"name": "a", "scopes": "read"}, "#/scopes"),
        ({"name": "a", "scopes": ["read"], "project": "theirs"}, "#/project"),
        ({"scopes": ["read"]}, "#/name"),
    ],
)
def test_a_key_that_cannot_be_made_as_asked(served: Any, body: dict[str, Any], pointer: str) -> None:
    response = served.client.post("/v1/keys", json=body, headers=served.key("admin"))
    assert response.status_code == 422
    assert [item["pointer"] for item in response.json()["errors"]] == [pointer]


def test_lists_come_in_pages_that_leave_nothing_out(served: Any) -> None:
    admin, token = served.key("admin"), []
    made = {served.made_key("read")[1].id for _ in range(7)}
    address, pages, found = "/v1/keys?limit=3", 0, []
    while address:
        answer = served.client.get(address, headers=admin)
        found += [item["id"] for item in answer.json()["items"]]
        pages += 1
        link = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
        address = link.group(1) if link else ""
    assert pages == 3
    assert found == sorted(found)
    assert made < set(found)
    assert len(found) == len(set(found)) == 8
    assert token == []


# --- last use ---


def test_the_last_use_is_noted_in_batches(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token, row = served.made_key("admin")
    headers = {"Authorization": f"Bearer {token}"}
    written: list[dict[str, datetime]] = []
    touch = served.store.keys.touch
    monkeypatch.setattr(served.store.keys, "touch", lambda used: written.append(dict(used)) or touch(used))
    for _ in range(20):
        assert served.client.get("/v1/keys", headers=headers).status_code == 200
    assert not [used for used in written if used]
    served.services.keyring.flush()
    assert [set(used) for used in written if used] == [{row.id}]
    assert served.store.keys.get("local", row.id).last_used == written[-1][row.id]
    assert row.last_used is None


def test_what_was_used_is_written_down_at_the_end(serve: Any, tmp_path: Any) -> None:
    from dtindex_service.store import Store

    served = serve()
    token, row = served.made_key("admin")
    served.client.get("/v1/keys", headers={"Authorization": f"Bearer {token}"})
    served.client.__exit__(None, None, None)
    settings = served.services.settings
    store = Store(settings.database, settings.data_dir)
    assert store.keys.get("local", row.id).last_used is not None
    store.database.close()
    served.client.__enter__()


# --- the secret ---


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Any) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    made = settings.pepper()
    path = tmp_path / "new" / "secret"
    assert len(made) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert Settings(data_dir=tmp_path / "new").pepper() == made
    assert [one.name for one in path.parent.iterdir()] == ["secret"]


def test_a_short_or_damaged_secret_is_refused(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Settings(data_dir=tmp_path, secret="short")
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(ValueError, match="damaged"):
        Settings(data_dir=tmp_path).pepper()


def test_settings_do_not_show_secrets(tmp_path: Any) -> None:
    settings = Settings(data_dir=tmp_path, secret="s" * 40, database_url="postgresql+psycopg://u:hidden@h/d")
    assert "s" * 40 not in repr(settings)
    assert "hidden" not in repr(settings)
    assert settings.pepper() == b"s" * 40


def test_settings_are_read_from_the_environment(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTINDEX_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DTINDEX_PORT", "9000")
    settings = Settings()
    assert (settings.data_dir, settings.port) == (tmp_path, 9000)
    assert settings.database == f"sqlite:///{tmp_path}/dtindex.sqlite"
