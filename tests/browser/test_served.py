"""The page under the service: its scripts run under the header's policy, and it asks for nothing else."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dtindex", "serve", "caict-computing-power-1.0", "--port", str(port)]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([*command, "--data-dir", str(folder)], stdout=log, stderr=log) as running,
    ):
        try:
            yield _ready(f"http://127.0.0.1:{port}", folder / "log")
        finally:
            running.terminate()
            running.wait(timeout=30)


def _ready(address: str, log: Path) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                return address
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def test_the_page_runs_where_it_is_served(browser: Browser, served: str) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        answer = page.goto(f"{served}/v1/editions/caict-computing-power-1.0/explorer?language=en")
        assert answer is not None
        assert answer.status == 200
        assert page.locator("[data-rank]").count() == 31
        page.locator('nav a[data-view="profile"]').click()
        page.locator(".chart svg").wait_for()
        assert complaints == []
        assert [one for one in asked if not one.startswith(("data:", "blob:"))] == [answer.url]
    finally:
        context.close()
