"""Writing leaves the old file or the new one, whole, and nothing beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dtindex.atomic import PREFIX, write_bytes, write_files
from dtindex.findings import UsageError


def test_all_or_none_when_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").write_bytes(b"old")
    synced = []

    def fail_on_second(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("dtindex.atomic.os.fsync", fail_on_second)
    with pytest.raises(UsageError, match=r"DT410.*No space left"):
        write_files(tmp_path, {"a": b"1", "b": b"2"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"old"}


def test_a_folder_that_cannot_be_made_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="DT410"):
        write_bytes(tmp_path / "file" / "below" / "x", b"1")


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    if os.name != "posix":
        return
    before = os.umask(0o027)
    try:
        assert write_bytes(tmp_path / "x", b"1").stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    old, young = tmp_path / f"{PREFIX}old", tmp_path / f"{PREFIX}young"
    old.write_bytes(b"")
    young.write_bytes(b"")
    past = time.time() - 7200
    os.utime(old, (past, past))
    write_bytes(tmp_path / "x", b"1")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, "x"]


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    """Twenty processes that write without end are killed with -9; each time one of the two contents stands, whole."""
    target = tmp_path / "x"
    size = 2_000_000
    write_bytes(target, b"a" * size)
    code = (
        "import sys; from dtindex.atomic import write_bytes\n"
        "while True:\n"
        "    for letter in (b'a', b'b'):\n"
        f"        write_bytes(sys.argv[1], letter * {size})\n"
        "        print('.', flush=True)"
    )
    for attempt in range(20):
        process = subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.read(1)
        time.sleep(0.002 * attempt)
        process.kill()
        process.wait()
        process.stdout.close()
        content = target.read_bytes()
        assert len(content) == size
        assert len(set(content)) == 1
