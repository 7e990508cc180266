"""`dtindex backup`, `restore` and `doctor`: a store as one file and back, and every damage named."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

import dtindex as dti
from dtindex_service.backup import backup, restore
from dtindex_service.checkup import check
from dtindex_service.store import Store
from dtindex_service.store.clock import now


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "dtindex", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def full(serve: Any, tmp_path: Path) -> Any:
    """A service with a key, a dataset, an edition, a job that is done and one that waits."""
    served = serve(read_only=False, job_processes=1)
    client = served.client
    table = (
        b"province,scale_subindex,environment_subindex,application_subindex\n\xe5\xb9\xbf\xe4\xb8\x9c,47.1,78.0,96.5\n"
    )
    client.post("/v1/datasets", content=table, headers={"Content-Type": "text/csv"}).raise_for_status()
    body = {"name": "2020", "methodology": "caict-computing-power-1.0"}
    client.post("/v1/editions", json=body).raise_for_status()
    served.services.runner.stop(20)
    served.services.runner.start()
    job = {"kind": "rank-sets", "edition": "2020", "parameters": {"draws": 200}}
    while client.post("/v1/jobs", json=job).status_code != 200:
        pass
    return served


def lines(folder: Path) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    for line in check(data_dir=str(folder)):
        found[line.what] = found.get(line.what) is not False and line.holds
    return found


def test_there_and_back(full: Any, tmp_path: Path) -> None:
    token, row = full.made_key("read", "score")
    folder = full.services.settings.data_dir
    before = full.client.get("/v1/editions/2020/scores.csv", headers={"Authorization": f"Bearer {token}"}).content
    done = cli("backup", "-o", str(tmp_path / "store.tar"), "--data-dir", str(folder), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "store.tar").stat().st_mode & 0o777 == 0o600
    again = tmp_path / "again"
    done = cli("restore", str(tmp_path / "store.tar"), "--data-dir", str(again))
    assert done.returncode == 0, done.stderr
    assert f"{told['files']} files" in done.stdout
    assert (again / "secret").read_bytes() == (folder / "secret").read_bytes()
    with open_store(again) as store:
        assert store.keys.get("local", row.id) is not None
        assert [one.name for one in store.editions.list("local")] == ["2020"]
        edition = dti.load_edition(store.files.path("local", store.editions.list("local")[0].blob))
        assert edition.verify().holds
        assert store.jobs.list("local") == full.store.jobs.list("local")
        assert store.audit.list("local") == full.store.audit.list("local")
    assert before.count(b"\n") > 31
    assert all(holds is not False for holds in lines(again).values())


class open_store:
    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder / 'dtindex.sqlite'}", folder)

    def __enter__(self) -> Store:
        self.store.open()
        return self.store

    def __exit__(self, *error: object) -> None:
        self.store.close()


def test_it_is_made_while_others_write(full: Any, tmp_path: Path) -> None:
    """Each backup is one moment of the store, whatever happens beside it."""
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            body = {"name": f"e{number}", "methodology": "caict-computing-power-1.0"}
            full.client.post("/v1/editions", json=body).raise_for_status()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            made = tmp_path / f"{number}.tar"
            backup(str(made), data_dir=str(full.services.settings.data_dir))
            restore(str(made), data_dir=str(tmp_path / f"{number}"))
            assert all(holds is not False for holds in lines(tmp_path / f"{number}").values())
    finally:
        over.set()
        writer.join()


def test_jobs_that_had_not_ended_begin_again(serve: Any, tmp_path: Path) -> None:
    served = serve(read_only=False, job_processes=0)
    served.client.post("/v1/editions", json={"name": "e", "methodology": "caict-computing-power-1.0"})
    job = served.client.post("/v1/jobs", json={"kind": "sensitivity", "edition": "e"}).json()["id"]
    jobs = served.store.jobs
    jobs.planned(jobs.claim("w", now()), [1, 1])
    jobs.part_done(jobs.claim("w", now()), "0.1")
    jobs.claim("w", now())
    backup(str(tmp_path / "b.tar"), data_dir=str(served.services.settings.data_dir))
    restore(str(tmp_path / "b.tar"), data_dir=str(tmp_path / "again"))
    done = cli("worker", "--data-dir", str(tmp_path / "again"), "--processes", "1", "--until-idle")
    assert done.returncode == 0, done.stderr
    with open_store(tmp_path / "again") as store:
        assert store.jobs.get("local", job).state == "done"


@pytest.mark.parametrize("harm", ["cut", "bit", "text", "entry", "missing"])
def test_a_backup_that_is_damaged_brings_nothing_back(full: Any, tmp_path: Path, harm: str) -> None:
    made = tmp_path / "store.tar"
    backup(str(made), data_dir=str(full.services.settings.data_dir))
    content = bytearray(made.read_bytes())
    if harm == "cut":
        content = content[: len(content) // 2]
    elif harm == "bit":
        content[len(content) // 2] ^= 1
    elif harm == "text":
        content = bytearray(b"no tar at all, and not short either" * 100)
    made.write_bytes(content)
    if harm in ("entry", "missing"):
        rewritten(made, harm)
    done = cli("restore", str(made), "--data-dir", str(tmp_path / "again"))
    assert (done.returncode, "DT724" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "again").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".dtindex")] == []


def rewritten(made: Path, harm: str) -> None:
    """The same archive with an entry that would lead out of the folder, or without the last one."""
    other = made.with_suffix(".other")
    with tarfile.open(made) as old, tarfile.open(other, "w") as new:
        members = old.getmembers()
        for member in members[: -1 if harm == "missing" else None]:
            content = old.extractfile(member)
            assert content is not None
            data = content.read()
            if harm == "entry" and member.name == "manifest.json":
                told = json.loads(data)
                told["files"][-1]["name"] = "../../outside"
                data = json.dumps(told).encode()
                member.size = len(data)
            if harm == "entry" and member is members[-1]:
                member.name = "../../outside"
            import io

            new.addfile(member, io.BytesIO(data))
    other.replace(made)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("backup", "-o", "b.tar"), 2, "DT902"),
        (("restore", "b.tar"), 2, "DT902"),
        (("backup", "-o", "b.tar", "--data-dir", "nowhere"), 2, "holds no store"),
        (("restore", "nothing.tar", "--data-dir", "new"), 2, "DT103"),
        (("worker",), 2, "DT902"),
    ],
)
def test_what_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DTINDEX_DATA_DIR", "DTINDEX_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    done = cli(*words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(full: Any, tmp_path: Path) -> None:
    folder = str(full.services.settings.data_dir)
    kept = tmp_path / "kept.tar"
    kept.write_bytes(b"mine")
    assert cli("backup", "-o", str(kept), "--data-dir", folder).returncode == 2
    assert kept.read_bytes() == b"mine"
    backup(str(tmp_path / "b.tar"), data_dir=folder)
    before = sorted(path.name for path in Path(folder).iterdir())
    assert cli("restore", str(tmp_path / "b.tar"), "--data-dir", folder).returncode == 2
    assert sorted(path.name for path in Path(folder).iterdir()) == before


def test_postgresql_is_kept_by_its_own_means(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTINDEX_DATABASE_URL", postgres)
    with pytest.raises(dti.UsageError, match="pg_dump"):
        backup(str(tmp_path / "b.tar"), data_dir=str(tmp_path))


# --- doctor ---


def damaged(folder: Path, harm: str) -> None:
    with open_store(folder) as store:
        blob = store.files.path("local", store.editions.list("local")[0].blob)
    if harm == "missing":
        blob.unlink()
    elif harm == "changed":
        content = bytearray(blob.read_bytes())
        content[100] ^= 1
        blob.write_bytes(content)
    elif harm == "audit":
        with sqlite3.connect(folder / "dtindex.sqlite") as connection:
            connection.execute("DROP TRIGGER audit_no_UPDATE")
            connection.execute("UPDATE audit SET action = 'nothing' WHERE sequence = 1")
    elif harm == "reference":
        with sqlite3.connect(folder / "dtindex.sqlite") as connection:
            values = "'nobody', 'c', 'k', 'r', '2026-01-01 00:00:00', 't'"
            connection.execute(
                f"INSERT INTO idempotency (project, caller, key, request, claimed, token) VALUES ({values})"
            )


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (None, None),
        ("missing", "store: files"),
        ("changed", "store: files"),
        ("audit", "store: audit log"),
        ("reference", "store: references"),
    ],
)
def test_doctor_names_each_damage(full: Any, tmp_path: Path, harm: str | None, what: str | None) -> None:
    folder = tmp_path / "copy"
    backup(str(tmp_path / "b.tar"), data_dir=str(full.services.settings.data_dir))
    restore(str(tmp_path / "b.tar"), data_dir=str(folder))
    if harm is not None:
        damaged(folder, harm)
    done = cli("doctor", "--data-dir", str(folder), "--json")
    told = json.loads(done.stdout)["lines"]
    wrong = [one["what"] for one in told if one["holds"] is False]
    assert wrong == ([] if what is None else [what])
    assert done.returncode == (0 if what is None else 1)
    shutil.rmtree(folder)
