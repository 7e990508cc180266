"""``dtindex serve``: what it prints, answers and refuses, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from dtindex import UsageError
from dtindex_service import manage, serve
from dtindex_service.serve import is_configured, settings_of

INDEX = "caict-computing-power-1.0"
Start = Callable[..., "Started"]


class Started:
    """A service in a process of its own, and its address."""

    def __init__(self, words: list[str], folder: Path, **variables: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DTINDEX_")}
        self._out, self._err = folder / f"{id(self)}.out", folder / f"{id(self)}.err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dtindex", "serve", *words],
                stdout=out,
                stderr=err,
                cwd=folder,
                env={**kept, "TMPDIR": str(folder), **variables},
            )
        while "/docs" not in self._out.read_text():
            assert self.process.poll() is None, self._err.read_text()
            time.sleep(0.05)
        self.address = self._out.read_text().splitlines()[0]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code, and what it printed."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        return code, self._out.read_text(), self._err.read_text()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Started] = []

    def run(*words: str | Path, **variables: str) -> Started:
        started.append(Started([str(word) for word in words], tmp_path, **variables))
        return started[-1]

    yield run
    for one in started:
        one.process.kill()
        one.process.wait()


def test_it_prints_its_address_and_answers_there(start: Start, tmp_path: Path) -> None:
    running = start(INDEX, "--port", "0")
    assert running.address.startswith("http://127.0.0.1:")
    assert httpx2.get(f"{running.address}/livez").json() == {"status": "alive"}
    # Nobody may change anything, admin's lists are nobody's.
    assert httpx2.get(f"{running.address}/v1/keys").status_code == 403
    code, out, err = running.end()
    assert code == 0
    assert f"edition {INDEX}" in out
    assert "callers from this machine need no key, and nobody else is answered" in err
    assert not list(tmp_path.glob("dtindex-*")), "a temporary folder is left"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_signals_end_it_gracefully(start: Start, tmp_path: Path, number: int, code: int) -> None:
    running = start("--port", "0")
    ended, _, err = running.end(number)
    assert ended == code
    assert ("DT901 interrupted" in err) == (code == 130)
    assert not list(tmp_path.glob("dtindex-*"))


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with serve._listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_it_can_be_ended_before_it_is_ready(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DTINDEX_")}
    words = [sys.executable, "-m", "dtindex", "serve", *[INDEX] * 20, "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**kept, "TMPDIR": str(tmp_path)}) as process:
        while not list(tmp_path.glob("dtindex-*")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert not list(tmp_path.glob("dtindex-*"))


def test_without_a_key_it_listens_on_this_machine_only(start: Start, tmp_path: Path) -> None:
    running = start("--host", "0.0.0.0", "--port", "0", "--data-dir", tmp_path / "store")
    assert running.address.startswith("http://127.0.0.1:")
    _, _, err = running.end()
    assert "no key is configured" in err


def test_with_a_key_nobody_gets_in_without_it(start: Start, tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    token, row = manage.create(project="local", name="all", scopes=["read", "admin"], data_dir=folder)
    running = start("--port", "0", "--data-dir", folder)
    assert httpx2.get(f"{running.address}/v1/keys").status_code == 401
    listed = httpx2.get(f"{running.address}/v1/keys", headers={"Authorization": f"Bearer {token}"}).json()
    assert [one["id"] for one in listed["items"]] == [row["id"]]
    manage.revoke(row["id"], data_dir=folder)
    time.sleep(1.1)  # what another process revokes is known within a second
    again = httpx2.get(f"{running.address}/v1/keys", headers={"Authorization": f"Bearer {token}"})
    assert again.status_code == 401
    assert running.end()[0] == 0


def test_several_processes_share_the_port(start: Start, tmp_path: Path) -> None:
    running = start("--port", "0", "--data-dir", tmp_path / "store", DTINDEX_WORKERS="2")
    with httpx2.Client(base_url=running.address, transport=httpx2.HTTPTransport(retries=5), timeout=30) as client:
        assert client.get("/livez").status_code == 200
    assert running.end(signal.SIGINT)[0] == 130


def test_the_store_keeps_its_editions(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    first = start(INDEX, "--port", "0", "--data-dir", folder)
    assert first.end()[0] == 0
    again = start(INDEX, "--port", "0", "--data-dir", folder)
    code, out, _ = again.end()
    assert code == 0
    assert out.count("edition ") == 1


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"DT902 cannot listen at 127.0.0.1:{port}: .*--port 0"):
            serve.serve([], lambda ready: None, port=port, data_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"port": 70_000}, "DT902 setting port: Input should be less than or equal to 65535"),
        ({"data_dir": "/dev/null/store"}, "DT717 /dev/null/store: Not a directory"),
    ],
)
def test_settings_that_are_not_valid(said: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        serve.serve([], lambda ready: None, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql+psycopg://somebody:hunter2@127.0.0.1:1/x", "the database cannot be opened"),
        ("nonsense", "DT717"),
        ("sqlite://", "the address of the database is not valid"),
    ],
)
def test_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, message: str) -> None:
    monkeypatch.setenv("DTINDEX_DATABASE_URL", url)
    monkeypatch.setenv("DTINDEX_DATA_DIR", str(tmp_path))
    with pytest.raises(UsageError, match=message) as refused:
        serve.serve([], lambda ready: None, port=0)
    assert "hunter2" not in str(refused.value)


def test_what_counts_as_a_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DTINDEX_DATA_DIR", raising=False)
    monkeypatch.delenv("DTINDEX_DATABASE_URL", raising=False)
    assert not is_configured(settings_of(port=0))
    assert is_configured(settings_of(data_dir=tmp_path))
    monkeypatch.setenv("DTINDEX_DATABASE_URL", f"sqlite:///{tmp_path}/x.sqlite")
    assert is_configured(settings_of())


def test_get_answers_without_a_port() -> None:
    status, body = serve.get([INDEX], "/livez")
    assert (status, json.loads(body)) == (200, {"status": "alive"})
    status, body = serve.get([], "/v1/no-such-thing")
    assert (status, json.loads(body)["code"]) == (404, "DT703")


def test_an_edition_whose_name_cannot_stand_in_an_address(tmp_path: Path) -> None:
    from dtindex import CompositeIndex

    path = CompositeIndex(INDEX).fit().freeze("20/21").save(tmp_path / "x.dtindex")
    with pytest.raises(UsageError, match="DT902 the edition's name '20/21' cannot stand in an address"):
        serve.get([str(path)], "/livez")


def test_a_name_that_stands_for_another_edition(tmp_path: Path) -> None:
    from dtindex import CompositeIndex

    folder = str(tmp_path / "store")
    serve.get([INDEX], "/livez", data_dir=folder)
    other = CompositeIndex("nbs-new-drivers-2022").fit().freeze(INDEX).save(tmp_path / "x.dtindex")
    with pytest.raises(UsageError, match=r"DT706 the name 'caict-computing-power-1.0' stands for another edition"):
        serve.get([str(other)], "/livez", data_dir=folder)
