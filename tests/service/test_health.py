"""Whether it runs, whether it can work, how it starts and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text

import dtindex
from dtindex_service.context import Reader
from dtindex_service.routing import ServiceRoute


def test_alive_asks_nothing_of_anything(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("database", "files", "keys"):
        monkeypatch.delattr(served.store, part)
    assert served.client.get("/livez").json() == {"status": "alive"}
    monkeypatch.undo()


def test_ready(served: Any) -> None:
    response = served.client.get("/readyz")
    assert response.json() == {
        "status": "ready",
        "checks": {"database": True, "migrations": True, "data_dir": True},
    }


def not_ready(served: Any) -> list[str]:
    response = served.client.get("/readyz")
    assert (response.status_code, response.json()["code"]) == (503, "DT717")
    assert int(response.headers["retry-after"]) > 0
    return [item["detail"] for item in response.json()["errors"]]


def test_not_ready_where_the_schema_is_anothers(served: Any) -> None:
    with served.store.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    assert not_ready(served) == ["migrations"]


def test_not_ready_where_the_folder_cannot_be_written_to(served: Any) -> None:
    served.store.files.waiting.rmdir()
    assert not_ready(served) == ["data_dir"]


def test_not_ready_where_the_database_is_away(serve: Any) -> None:
    from dtindex_service.store import Database

    served = serve()
    good = served.store.database
    served.store.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    assert not_ready(served) == ["database", "migrations"]
    served.store.database.close()
    served.store.database = good


def test_the_versions(served: Any) -> None:
    found = served.client.get("/version").json()
    assert found["dtindex"] == dtindex.__version__
    assert found["libraries"]["numpy"] == __import__("numpy").__version__
    assert "unknown" not in found["libraries"].values()


def add_route(app: FastAPI) -> None:
    router = APIRouter(route_class=ServiceRoute)

    @router.get("/test/units/{key}")
    def unit(key: str, who: Reader) -> dict[str, str]:
        return {"key": key}

    app.include_router(router)


def test_metrics_and_log_know_routes_and_no_names(serve: Any, capsys: pytest.CaptureFixture[str]) -> None:
    served = serve(prepare=add_route, log_level="info")
    for key in ("王小明", "%E7%8E%8B?secret=4711"):
        assert served.client.get(f"/test/units/{key}").status_code == 200
    served.client.get("/nothing/王小明")
    served.client.request("BREW", "/livez")
    token = served.made_key("read")[0]
    served.client.get("/test/units/x", headers={"Authorization": f"Bearer {token}"})
    metrics = served.client.get("/metrics").text
    assert 'dtindex_requests_total{method="GET",route="/test/units/{key}",status="200"} 3.0' in metrics
    assert 'dtindex_requests_total{method="GET",route="none",status="404"} 1.0' in metrics
    assert 'method="other"' in metrics
    assert 'dtindex_request_seconds_count{route="/test/units/{key}"} 3.0' in metrics
    log = capsys.readouterr().err
    assert log.count('"/test/units/{key}"') == 3
    for word in ("王", "E7", "4711", "secret", token, token[9:46]):
        assert word not in metrics
        assert word not in log


def test_each_line_of_the_log_is_json_with_the_id_of_its_request(
    serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    served = serve(log_level="info")
    sent = served.client.get("/version").headers["x-request-id"]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [one for one in lines if one["event"] == "request"]
    assert line["request_id"] == sent
    assert (line["method"], line["route"], line["status"], line["key"]) == ("GET", "/version", 200, None)


def test_the_log_for_people(serve: Any, capsys: pytest.CaptureFixture[str]) -> None:
    serve(log_level="info", log_format="console").client.get("/version")
    assert "/version" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("circumstances", "headers", "status"),
    [
        ({}, {}, 200),
        ({"client": ("192.0.2.1", 1)}, {}, 404),
        ({}, {"X-Forwarded-For": "192.0.2.1"}, 404),
        ({"client": ("192.0.2.1", 1), "metrics_token": "m" * 20}, {"Authorization": "Bearer " + "m" * 20}, 200),
        ({"client": ("192.0.2.1", 1), "metrics_token": "m" * 20}, {"Authorization": "Bearer x"}, 404),
        ({"client": ("192.0.2.1", 1)}, {"Authorization": "Bearer "}, 404),
    ],
)
def test_who_may_read_metrics(serve: Any, circumstances: dict[str, Any], headers: dict[str, str], status: int) -> None:
    assert serve(**circumstances).client.get("/metrics", headers=headers).status_code == status


def test_the_page_for_people_needs_nothing_from_elsewhere(served: Any) -> None:
    page = served.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/v1/keys" in page.text
    assert "http:" not in page.text
    assert "https:" not in page.text
    assert "<script" not in page.text


def test_the_start_removes_temporary_files_and_says_so(
    serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = tmp_path / "data" / "incoming" / ".dtindex-left"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    serve(log_level="warning")
    assert not left.exists()
    assert '"temporary files removed"' in capsys.readouterr().err


# --- a process of its own ---

ENDED = {0, -signal.SIGTERM}  # uvicorn raises the signal again once all has ended
_SLOW = """
import time
from dtindex_service import app, routes
from dtindex_service.context import Reader
from dtindex_service.routing import ServiceRoute
from dtindex_service.server import run
from fastapi import APIRouter

router = APIRouter(route_class=ServiceRoute)

@router.get("/test/slow")
def slow(who: Reader) -> dict[str, bool]:
    time.sleep(1)
    return {"whole": True}

app.ROUTERS = (*app.ROUTERS, router)
run()
"""


class Running:
    """A service in a process of its own, on a port of this machine."""

    def __init__(self, folder: Path, code: str, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        given = {"DATA_DIR": str(folder), "PORT": str(self.port), **settings}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DTINDEX_")}
        environment |= {f"DTINDEX_{name}": value for name, value in given.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def get(self, path: str, host: str = "127.0.0.1") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(host, self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        for _ in range(300):
            assert self.process.poll() is None, self.process.communicate()[1]
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("not ready in time")

    def stop(self, number: int = signal.SIGTERM) -> list[dict[str, Any]]:
        """End it; its log."""
        self.process.send_signal(number)
        log = self.process.communicate(timeout=20)[1]
        return [json.loads(line) for line in log.splitlines()]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Any]:
    started: list[Running] = []

    def start(code: str = "from dtindex_service.server import run; run()", **settings: str) -> Running:
        started.append(Running(tmp_path / "data", code, **settings))
        started[-1].wait_until_ready()
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def test_without_a_key_it_is_bound_to_this_machine_and_says_so(running: Any) -> None:
    service = running(HOST="0.0.0.0")
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), service.port, socket.AF_INET)}
    for address in addresses - {"127.0.0.1"}:
        if not address.startswith("127."):
            with pytest.raises(OSError, match="refused"):
                service.get("/livez", address)
    assert service.get("/livez")[0] == 200
    log = service.stop()
    (said,) = [line for line in log if "bound to this machine only" in line["event"]]
    assert (said["host"], said["asked"], said["level"]) == ("127.0.0.1", "0.0.0.0", "warning")
    assert service.process.returncode in ENDED


def test_what_runs_may_end_and_nothing_new_is_taken(running: Any) -> None:
    service = running(_SLOW)
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(service.get("/test/slow")))
    asking.start()
    time.sleep(0.4)
    service.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    with pytest.raises(OSError, match=r"refused|reset"):
        service.get("/livez")
    asking.join()
    assert answers == [(200, b'{"whole":true}')]
    service.process.communicate(timeout=20)
    assert service.process.returncode in ENDED


def test_what_takes_too_long_is_cut_off(running: Any) -> None:
    service = running(_SLOW.replace("sleep(1)", "sleep(8)"), SHUTDOWN_SECONDS="1")
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(service.get("/test/slow")))
    asking.start()
    time.sleep(0.4)
    begun = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    asking.join()
    service.process.communicate(timeout=20)
    assert time.monotonic() - begun < 7
    ((status, body),) = answers
    assert (status, json.loads(body)["code"]) == (503, "DT717")


def test_it_starts_again_after_it_was_killed(running: Any, tmp_path: Path) -> None:
    first = running()
    first.process.kill()
    first.process.communicate()
    left = tmp_path / "data" / "incoming" / ".dtindex-left"
    left.write_bytes(b"half")
    second = running()
    assert not left.exists()
    assert any(line["event"] == "temporary files removed" for line in second.stop())


def test_several_workers(running: Any) -> None:
    service = running(WORKERS="2")
    assert {service.get("/livez")[0] for _ in range(10)} == {200}
    service.stop()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_ends_the_connection(running: Any, chunked: bool) -> None:
    """Over a real connection: the answer comes before the body has, and nothing more is read."""
    service = running(MAX_BODY_BYTES="1000")
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        head = "POST /v1/keys HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        if chunked:
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            connection.sendall(b"1f4\r\n" + b" " * 500 + b"\r\n")
            connection.sendall(b"1f5\r\n" + b" " * 501 + b"\r\n")
        else:
            connection.sendall(f"{head}Content-Length: 1001\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "DT707"
