"""Processes that parse: they may die of what they read, take too long or too much, and nothing else comes to harm."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from dtindex import DtindexError, LimitError, UsageError, load_cells, shipped_methodologies
from dtindex_service.logs import make_logger
from dtindex_service.parsing import child, parent
from dtindex_service.parsing.parent import Died, Parsers
from dtindex_service.problems import Refusal
from dtindex_service.settings import Settings

Start = Callable[..., Parsers]
JOB = {"work": "table", "options": {}, "methodology": None, "hash_key": "00" * 32, "upload": "x"}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Parsers under settings of the call."""
    started: list[Parsers] = []

    def _start(**settings: Any) -> Parsers:
        made = Settings(data_dir=tmp_path / "data", log_level="error", **settings)
        started.append(Parsers(made, make_logger(made)))
        return started[-1]

    yield _start
    for one in started:
        one.close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("province,compute_eflops\n广东,25.8\n北京,10\n", encoding="utf-8")
    return path


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Run a script instead of the child, after it has said that it is ready."""

    def _instead(script: str) -> None:
        begin = "import os, sys, signal, time; sys.stdout.write('ready\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
        monkeypatch.setattr(parent, "_COMMAND", [sys.executable, "-c", begin + script])

    return _instead


def is_running(pid: int) -> bool:
    """Whether there is a process of that number that is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_table(start: Start, table: Path) -> None:
    cells = io.BytesIO()
    found = start().run({**JOB, "path": str(table)}, cells.write)
    assert (found["rows"], found["bytes"], found["findings"]) == (2, len(cells.getvalue()), [])
    assert [column["name"] for column in found["columns"]] == ["province", "compute_eflops"]
    assert list(load_cells(cells.getvalue()).columns[0]) == ["广东", "北京"]
    assert str(table) not in json.dumps(found)


def test_a_process_waits_for_the_next_job_and_is_used_once(start: Start, table: Path) -> None:
    parsers = start()
    parsers.warm()
    [waiting] = parsers._idle
    parsers.warm()
    assert parsers._idle == [waiting]
    parsers.run({**JOB, "path": str(table)})
    assert not waiting.is_alive()
    assert waiting not in parsers._idle


def test_one_that_died_while_it_waited_is_replaced(start: Start, table: Path) -> None:
    parsers = start()
    parsers.warm()
    os.kill(parsers._idle[0]._process.pid, signal.SIGKILL)
    parsers._idle[0]._process.wait()
    assert parsers.run({**JOB, "path": str(table)})["rows"] == 2


def test_closed(start: Start, table: Path) -> None:
    parsers = start()
    parsers.warm()
    [waiting] = parsers._idle
    parsers.close()
    assert not waiting.is_alive()
    parsers.warm()
    assert parsers._idle == []


@pytest.mark.parametrize(
    ("death", "head", "code"),
    [
        ("SIGSEGV", b"$FL2@(#)", "DT115"),
        ("SIGABRT", b"PK\x03\x04", "DT115"),
        ("SIGSEGV", b"PAR1", "DT116"),
        ("SIGBUS", b"ARROW1", "DT116"),
        ("SIGSEGV", b"a,b\n", "DT115"),
    ],
)
def test_row_9_one_that_is_killed_by_its_file(
    start: Start, instead: Callable[[str], None], tmp_path: Path, death: str, head: bytes, code: str
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(head)
    instead(f"os.kill(os.getpid(), signal.{death})")
    with pytest.raises(UsageError) as caught:
        start().run({**JOB, "path": str(path)})
    assert caught.value.code == code
    assert f"signal {int(getattr(signal, death))}" in str(caught.value)
    assert "upload" not in str(caught.value)


@pytest.mark.parametrize("death", ["SIGKILL", "SIGXCPU"])
def test_one_that_is_killed_by_a_limit(start: Start, instead: Callable[[str], None], table: Path, death: str) -> None:
    instead(f"os.kill(os.getpid(), signal.{death})")
    with pytest.raises(LimitError, match="DT903"):
        start().run({**JOB, "path": str(table)})


def test_half_an_answer_is_none(start: Start, instead: Callable[[str], None], table: Path) -> None:
    whole = json.dumps({"done": {"bytes": 10}})
    for said in (whole[:10], "nonsense\\n", whole + "\\n12345"):
        instead(f"sys.stdout.write('{said}'); sys.stdout.flush(); os.kill(os.getpid(), signal.SIGSEGV)")
        with pytest.raises(UsageError, match="DT115"):
            start().run({**JOB, "path": str(table)})


def test_the_wall_clock_ends_it_and_all_that_it_started(
    start: Start, instead: Callable[[str], None], table: Path, tmp_path: Path
) -> None:
    instead(
        "import subprocess; one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(f'{{os.getpid()}} {{one.pid}}')\n"
        "time.sleep(60)"
    )
    began = time.monotonic()
    with pytest.raises(LimitError, match=r"DT903 .* within 2 s"):
        start(parse_seconds=2).run({**JOB, "path": str(table)})
    assert time.monotonic() - began < 20
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 5
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_running, pids))


def test_what_it_leaves_behind_does_not_outlive_it(
    start: Start, instead: Callable[[str], None], table: Path, tmp_path: Path
) -> None:
    instead(
        "import subprocess; one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], stdout=2)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(one.pid))\n"
        "print('{\"done\": {}}', flush=True)"
    )
    assert start().run({**JOB, "path": str(table)}) == {}
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(pid)


def test_too_much_memory(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + "".join(f"{number},{'x' * 300}{number}\n" for number in range(400_000)))
    with pytest.raises(LimitError, match="DT903"):
        start(parse_memory_bytes=400_000_000).run({**JOB, "path": str(path)})


def test_too_much_processor_time(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + "".join(f"{number},x{number}\n" for number in range(3_000_000)))
    with pytest.raises(LimitError, match="DT903"):
        start(parse_seconds=1).run({**JOB, "path": str(path)})


def test_limits_are_set_before_anything_is_read(table: Path) -> None:
    """In a process of its own: what is lowered here stays low."""
    import subprocess

    job = {**JOB, "path": str(table), "memory_bytes": 3 * 2**30, "seconds": 5, "file_bytes": 1000}
    script = f"""
import json, resource
from dtindex_service.parsing import child
kinds = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE")
child._table = lambda job: ({{kind: resource.getrlimit(getattr(resource, kind)) for kind in kinds}}, b"")
print(json.dumps(child._answer({job!r})[0]))
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=parent._environment()
    )
    limits = json.loads(run.stdout)
    assert limits["RLIMIT_AS"] == [3 * 2**30] * 2
    assert limits["RLIMIT_CORE"] == [0, 0]
    assert 5 < limits["RLIMIT_CPU"][0] < 60


def test_no_secret_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTINDEX_SECRET", "s" * 40)
    monkeypatch.setenv("DTINDEX_DATABASE_URL", "postgresql://u:p@h/d")
    assert not [name for name in parent._environment() if name.startswith("DTINDEX")]


def test_a_bug_is_told_without_what_was_read(start: Start, table: Path) -> None:
    with pytest.raises(Died, match=r"KeyError at .*child.py:\d+") as caught:
        start().run({"work": "table", "path": str(table)})
    assert str(table) not in str(caught.value)


def test_one_that_does_not_start(start: Start, monkeypatch: pytest.MonkeyPatch, table: Path) -> None:
    monkeypatch.setattr(parent, "_COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(Died, match="did not start"):
        start().run({**JOB, "path": str(table)})
    monkeypatch.setattr(parent, "_COMMAND", ["/nowhere/python"])
    with pytest.raises(Refusal) as caught:
        start().run({**JOB, "path": str(table)})
    assert caught.value.code == "DT717"


def test_so_many_at_a_time_and_the_rest_wait_or_come_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, gate = 0, 0, threading.Event()
    lock = threading.Lock()

    def run(self: Parsers, job: Any, take: Any = None) -> dict[str, Any]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(20)
        with lock:
            running -= 1
        return {}

    monkeypatch.setattr(Parsers, "run", run)
    parsers = start(parse_processes=2)
    refused: list[str] = []

    async def one() -> None:
        try:
            await parsers.parse(JOB)
        except Refusal as error:
            refused.append(error.code)

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(40):
                group.start_soon(one)
            with anyio.move_on_after(20):
                while most < 2 or len(refused) < 40 - 2 - parent._WAITING:  # noqa: ASYNC110 (what is waited for is in threads)
                    await anyio.sleep(0.01)
            gate.set()

    anyio.run(many)
    assert (most, refused) == (2, ["DT717"] * (40 - 2 - parent._WAITING))


def test_a_methodology(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_text("schema_version: 1\nid: a\nid: b\n", encoding="utf-8")
    said = start().run({"work": "methodology", "path": str(path)})
    assert said["hash"] is None
    assert {(one["code"], one["place"]["line"]) for one in said["findings"]} >= {("DT002", 3)}


def test_the_child_waits_without_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever started it went away: the end of its input is the end of it."""
    import subprocess

    run = subprocess.run(
        [sys.executable, "-m", "dtindex_service.parsing.child"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        env=parent._environment(),
    )
    assert run.stdout == child.READY
    assert shipped_methodologies()


def test_errors_keep_their_kind(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"unit,x\nA,1\n")
    with pytest.raises(DtindexError) as caught:
        start().run({**JOB, "path": str(path)})
    assert (type(caught.value), caught.value.code) == (UsageError, "DT113")
    assert caught.value.findings[0].place.file == "dataset"
