"""``dtindex serve --get`` and ``dtindex keys``, as a person and as a program use them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("dtindex_service.serve", exc_type=ImportError)

from dtindex.cli import service

INDEX = "caict-computing-power-1.0"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA_DIR", "DATABASE_URL", "SECRET"):
        monkeypatch.delenv(f"DTINDEX_{name}", raising=False)


def test_get_prints_the_body_and_nothing_else(cli) -> None:
    found = cli("serve", INDEX, "--get", "/livez")
    assert (found.code, json.loads(found.out), found.err) == (0, {"status": "alive"}, "")


def test_get_of_nothing_prints_the_problem_and_fails(cli) -> None:
    found = cli("serve", "--get", "/v1/nothing")
    assert found.code == 1
    assert json.loads(found.out)["code"] == "DT703"


def test_get_for_a_program(cli) -> None:
    found = cli("serve", "--get", "/livez", "--json")
    assert found.document == {
        "verb": "serve",
        "path": "/livez",
        "status": 200,
        "body": {"status": "alive"},
        "exit_code": 0,
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--get", "livez"), 2, "DT902 --get: an address begins with /"),
        (("no-such-methodology", "--get", "/livez"), 2, "DT060"),
        (("nothing.dtindex", "--get", "/livez"), 2, "DT103"),
        (("--port", "x"), 2, "--port"),
        (("accenture-reinvention-2023", "--get", "/livez"), 2, "DT061"),
    ],
)
def test_what_cannot_be_served(cli, words: tuple[str, ...], code: int, said: str) -> None:
    found = cli("serve", *words)
    assert (found.code, found.out) == (code, "")
    assert said in found.err


def test_without_the_extra_it_says_what_to_install(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "entry_points", lambda **_: ())
    found = cli("serve")
    assert found.code == 2
    assert "DT904 dtindex_service is not installed" in found.err
    assert "pip install 'dtindex[service]'" in found.err


def test_without_a_package_of_the_extra(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("dtindex_service.serve")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    found = cli("serve")
    assert found.code == 2
    assert "DT904 uvicorn is not installed" in found.err


# -- keys --


def test_a_key_is_shown_once(cli, tmp_path: Path) -> None:
    store = tmp_path / "store"
    words = ("--project", "bureau", "--name", "reports", "--scopes", "score,read", "--expires", "90d")
    made = cli("keys", "create", *words, "--data-dir", store)
    token = made.out.strip()
    assert made.code == 0
    assert token.startswith("dti_live_")
    assert "of project bureau, read,score, until " in made.err
    listed = cli("keys", "list", "--data-dir", store)
    assert token not in listed.out
    assert token[:15] in listed.out
    assert "reports" in listed.out
    stored = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())
    assert token.encode() not in stored
    assert cli("keys", "list", "--project", "local", "--data-dir", store).out == "no keys\n"


def test_a_revoked_key_stays_in_the_list(cli, tmp_path: Path) -> None:
    made = cli("keys", "create", "--name", "n", "--scopes", "admin", "--data-dir", tmp_path, "--json").document
    assert made["key"]["state"] == "valid"
    assert made["key"]["project"] == "local"
    assert made["secret"].startswith(made["key"]["prefix"])
    revoked = cli("keys", "revoke", made["key"]["id"], "--data-dir", tmp_path)
    assert revoked.out == f"revoked {made['key']['id']} (n of local)\n"
    listed = cli("keys", "list", "--data-dir", tmp_path, "--json").document
    assert [(one["id"], one["state"]) for one in listed["keys"]] == [(made["key"]["id"], "revoked")]


def test_the_environment_names_the_store(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTINDEX_DATA_DIR", str(tmp_path / "store"))
    assert cli("keys", "create", "--name", "n", "--scopes", "read").code == 0
    assert (tmp_path / "store" / "secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "--scopes", "read"), "DT902 --name is missing"),
        (("create", "--name", "n"), "DT902 --scopes is missing"),
        (("create", "--name", "n", "--scopes", "read,all"), "DT902 --scopes 'read,all': expected some of read,score"),
        (("create", "--name", "n", "--scopes", ","), "DT902 --scopes"),
        (("create", "--name", "a/b", "--scopes", "read"), "DT902 --name 'a/b'"),
        (("create", "--name", "n", "--scopes", "read", "--expires", "soon"), "DT902 --expires 'soon'"),
        (("create", "--name", "n", "--scopes", "read", "--expires", "2020-01-31"), "DT902 --expires '2020-01-31'"),
        (("create", "--name", "n", "--scopes", "read", "--expires", "2090-01-31T12:00"), "DT902 --expires"),
        (("list", "--project", "nobody"), "DT703 no project 'nobody'"),
        (("revoke",), "DT902 ID is missing"),
        (("revoke", "0123"), "DT703 no key '0123'"),
        (("rename",), "rename"),
    ],
)
def test_what_cannot_be_done_with_keys(cli, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    found = cli("keys", *words, "--data-dir", tmp_path)
    assert (found.code, found.out) == (2, "")
    assert said in found.err


@pytest.mark.parametrize("until", ["2090-01-31", "2090-01-31T12:00:00+08:00", "2090-01-31T12:00:00Z", "12h", "30m"])
def test_times_until_a_key_ends(cli, tmp_path: Path, until: str) -> None:
    made = cli(
        "keys", "create", "--name", "n", "--scopes", "read", "--expires", until, "--data-dir", tmp_path, "--json"
    )
    assert made.document["key"]["expires"]


def test_keys_need_a_store(cli) -> None:
    found = cli("keys", "list")
    assert found.code == 2
    assert "DT902 name the store: --data-dir DIR" in found.err
