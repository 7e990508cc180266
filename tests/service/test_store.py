"""The store on both databases: what is committed stays, the rest is not there, and projects do not see each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from dtindex_service.retention import sweep
from dtindex_service.settings import Settings
from dtindex_service.store import Database, DatasetRow, EditionRow, Store, Taken
from dtindex_service.store.base import Actor
from dtindex_service.store.clock import now
from dtindex_service.store.database import HEAD, alembic_config
from dtindex_service.store.files import Files
from dtindex_service.store.models import Base

MINE, THEIRS = Actor("mine", "key1"), Actor("theirs", "key2")
AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)


@pytest.fixture
def projects(store: Store) -> Store:
    for actor in (MINE, THEIRS):
        store.projects.ensure(actor.project, AT, id=actor.project)
    return store


def dataset(mark: str, **known: Any) -> DatasetRow:
    row = DatasetRow(id=mark * 64, media_type="text/csv", size=3, state="parsed", created=AT, rows=1, columns=2)
    return replace(row, **known)


def edition(name: str, mark: str, **known: Any) -> EditionRow:
    row = EditionRow(
        hash=mark * 64, name=name, methodology="e" * 64, methodology_id="m", blob="f" * 64, created=AT, about={"n": 3}
    )
    return replace(row, **known)


# --- migrations ---


def test_a_new_database_is_at_its_head(database: Database) -> None:
    assert database.is_at_head()
    database.upgrade()
    assert database.revision() == HEAD


def test_the_head_is_the_last_migration(tmp_path: Path) -> None:
    from alembic.script import ScriptDirectory

    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with database.engine.connect() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == HEAD
    database.close()


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    """Both ways to the schema, one by one and at once, give the same: to Alembic, and in the database's own words."""
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrated = Database(database_url)
    with migrated.engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
    with migrated.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        one_by_one = described(connection)
    with migrated.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        connection.execute(text("DROP TABLE alembic_version"))
    migrated.upgrade()
    with migrated.engine.connect() as connection:
        assert described(connection) == one_by_one
    migrated.close()


def described(connection: Any) -> dict[str, Any]:
    seen = inspect(connection)
    return {
        table: {
            "columns": [(one["name"], str(one["type"]), one["nullable"]) for one in seen.get_columns(table)],
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "indexes": sorted(
                (one["name"], one["column_names"], bool(one["unique"])) for one in seen.get_indexes(table)
            ),
            "unique": sorted(one["column_names"] for one in seen.get_unique_constraints(table)),
            "foreign": sorted(
                (one["constrained_columns"], one["referred_table"]) for one in seen.get_foreign_keys(table)
            ),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_an_unfinished_schema_is_brought_up(database_url: str) -> None:
    """A database that Alembic knows at its base, as an older version would leave it."""
    database = Database(database_url)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('older')"))
    assert not database.is_at_head()
    with pytest.raises(Exception, match="older"):
        database.upgrade()
    database.close()


def test_several_processes_may_open_an_empty_database_at_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    faults: list[Exception] = []

    def opened(one: Database) -> None:
        try:
            one.upgrade()
        except Exception as error:  # noqa: BLE001 (whatever it is, the test shows it)
            faults.append(error)

    threads = [threading.Thread(target=opened, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert all(one.is_at_head() for one in databases)
    for one in databases:
        one.close()


def test_sqlite_is_set_up_to_keep_what_was_committed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_needs_a_file(url: str) -> None:
    with pytest.raises(ValueError, match="file"):
        Database(url)


# --- transactions ---


def test_a_transaction_is_all_or_nothing(projects: Store) -> None:
    with pytest.raises(DBAPIError), projects.database.writing() as session:
        _change_and_fail(session)
    assert projects.projects.get("mine") is not None


def _change_and_fail(session: Session) -> None:
    session.execute(text("DELETE FROM projects WHERE id = 'mine'"))
    session.execute(text("SELECT no_such_function()"))


def test_writers_wait_for_each_other(projects: Store) -> None:
    """Sixteen threads add entries to one chain: none is lost, and the chain holds."""
    threads = [
        threading.Thread(
            target=lambda mark: [
                projects.datasets.add(MINE, dataset(mark, id=f"{mark}{i}" + "0" * 62)) for i in range(5)
            ],
            args=(mark,),
        )
        for mark in "0123456789abcdef"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(projects.datasets.list("mine", AT)) == 80
    assert len(projects.audit.list("mine")) == 80
    assert projects.audit.broken_at("mine") is None


def test_readers_do_not_wait_for_a_writer(projects: Store) -> None:
    with projects.database.writing() as session:
        session.execute(text("UPDATE projects SET name = 'other' WHERE id = 'mine'"))
        found = projects.projects.get("mine")
        assert found is not None
        assert found.name == "mine"


# --- what is kept ---


def test_instants_come_back_with_their_zone(projects: Store) -> None:
    found = projects.projects.get("mine")
    assert found is not None
    assert found.created == AT
    assert found.created.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="zone"):
        store.projects.ensure("x", datetime(2026, 1, 1))  # noqa: DTZ001


def test_datasets(projects: Store) -> None:
    findings = ({"code": "DT202", "message": "😀 表", "place": {"line": 3}},)
    row, is_new = projects.datasets.add(MINE, dataset("a", findings=findings, name="../../etc/passwd"))
    assert is_new
    assert projects.datasets.get("mine", row.id, AT) == row == dataset("a", findings=findings, name="../../etc/passwd")
    again, is_new = projects.datasets.add(MINE, dataset("a", created=AT + timedelta(days=1)))
    assert (again.created, is_new) == (AT, False)
    assert projects.datasets.delete(MINE, row.id, AT) is not None
    assert projects.datasets.get("mine", row.id, AT) is None
    assert projects.datasets.delete(MINE, row.id, AT) is None
    assert [one.action for one in projects.audit.list("mine")] == ["dataset.store", "dataset.delete"]


def test_a_dataset_that_an_edition_needs_stays(projects: Store) -> None:
    projects.datasets.add(MINE, dataset("a", expires=AT))
    projects.editions.add(MINE, edition("e", "b", dataset="a" * 64))
    with pytest.raises(Taken):
        projects.datasets.delete(MINE, "a" * 64, AT)
    assert projects.datasets.expired(AT + timedelta(days=1)) == []


def test_editions(projects: Store) -> None:
    first, is_new = projects.editions.add(MINE, edition("2020", "a"))
    assert is_new
    assert first == edition("2020", "a")
    assert projects.editions.add(MINE, edition("2020", "a", created=AT + timedelta(1))) == (first, False)
    with pytest.raises(Taken):
        projects.editions.add(MINE, edition("2020", "b"))
    projects.editions.add(MINE, edition("again", "a", created=AT + timedelta(1)))
    assert projects.editions.get("mine", "2020") == first == projects.editions.get("mine", "a" * 64)
    assert [one.name for one in projects.editions.list("mine")] == ["2020", "again"]
    assert projects.editions.get("mine", "b" * 64) is None


def test_methodologies(projects: Store) -> None:
    keep = projects.methodologies.add
    first, is_new = keep(MINE, hash="a" * 64, id="m", text="id: m\n标题", now=AT)
    assert is_new
    assert keep(MINE, hash="a" * 64, id="m", text="other", now=AT) == (first, False)
    later, _ = keep(MINE, hash="b" * 64, id="m", text="newer", now=AT + timedelta(1))
    assert projects.methodologies.get("mine", "m") == later
    assert projects.methodologies.get("mine", "a" * 64) == first
    assert projects.methodologies.list("mine") == [first, later]


def test_nothing_of_another_project_is_there(projects: Store) -> None:
    """Each read, asked for what the other project has under the same and under other names."""
    projects.datasets.add(THEIRS, dataset("a"))
    projects.editions.add(THEIRS, edition("2020", "b"))
    projects.methodologies.add(THEIRS, hash="c" * 64, id="m", text="t", now=AT)
    key = projects.keys.create(THEIRS, name="k", prefix="p", digest="d" * 64, scopes=["read"], now=AT)
    blob = projects.files.put("theirs", b"their cells")
    assert projects.datasets.get("mine", "a" * 64, AT) is None
    assert projects.datasets.list("mine", AT) == []
    assert projects.datasets.delete(MINE, "a" * 64, AT) is None
    assert projects.editions.get("mine", "2020") is None
    assert projects.editions.get("mine", "b" * 64) is None
    assert projects.editions.list("mine") == []
    assert projects.methodologies.get("mine", "m") is None
    assert projects.methodologies.get("mine", "c" * 64) is None
    assert projects.methodologies.list("mine") == []
    assert projects.keys.get("mine", key.id) is None
    assert projects.keys.list("mine") == []
    assert projects.keys.revoke(MINE, key.id, AT) is None
    assert projects.audit.list("mine") == []
    with pytest.raises(FileNotFoundError):
        projects.files.read("mine", blob)
    # The same names are free, and hold this project's own.
    assert projects.editions.add(MINE, edition("2020", "d"))[1]
    assert projects.datasets.add(MINE, dataset("a", size=4))[0].size == 4
    their_dataset = projects.datasets.get("theirs", "a" * 64, AT)
    assert their_dataset is not None
    assert their_dataset.size == 3


@pytest.mark.parametrize("word", ["'; DROP TABLE keys; --", "a\u0301", "名" * 50, "%", "\\", '"'])
def test_texts_are_texts(projects: Store, word: str) -> None:
    projects.editions.add(MINE, edition(word, "a"))
    found = projects.editions.get("mine", word)
    assert found is not None
    assert found.name == word


def test_what_has_expired_is_not_there_and_is_swept(projects: Store, tmp_path: Path) -> None:
    blob = projects.files.put("mine", b"a,b\n")
    parsed = projects.files.put("mine", b"parsed")
    row = dataset("a", id=blob, parsed=parsed, expires=AT + timedelta(days=30))
    projects.datasets.add(MINE, row)
    before, after = AT + timedelta(days=29), AT + timedelta(days=31)
    settings = Settings(data_dir=tmp_path)
    assert sweep(projects, settings, before) == 0
    assert projects.datasets.get("mine", blob, before) == row
    assert projects.datasets.get("mine", blob, after) is None
    assert projects.datasets.list("mine", after) == []
    assert projects.files.read("mine", blob) == b"a,b\n"
    assert sweep(projects, settings, after) == 1
    for gone in (blob, parsed):
        with pytest.raises(FileNotFoundError):
            projects.files.read("mine", gone)
    assert projects.audit.list("mine")[-1].key is None


# --- the audit log refuses ---


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_audit_log(projects: Store, statement: str) -> None:
    projects.datasets.add(MINE, dataset("a"))
    with pytest.raises(DBAPIError, match="append only"), projects.database.writing() as session:
        session.execute(text(statement))
    assert len(projects.audit.list("mine")) == 1


# --- files ---


@pytest.fixture
def files(tmp_path: Path) -> Any:
    made = Files(tmp_path)
    made.open()
    yield made
    made.close()


def test_blobs_are_whole_or_not_there(files: Files) -> None:
    # SHA-256 of "abc": FIPS 180-2, appendix B.1.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with files.incoming("mine") as incoming:
        incoming.write(b"a")
        incoming.write(b"bc")
        assert (incoming.size, incoming.hash) == (3, known)
        assert incoming.flush().read_bytes() == b"abc"
        assert not files.path("mine", known).exists()
        assert incoming.keep() == known
    assert files.read("mine", known) == b"abc"
    assert files.put("mine", b"abc") == known
    assert list(files.waiting.iterdir()) == []
    files.remove("mine", known)
    files.remove("mine", known)
    assert not files.path("mine", known).exists()


def test_what_was_not_kept_is_gone(files: Files) -> None:
    with files.incoming("mine") as incoming:
        incoming.write(b"half")
    assert list(files.waiting.iterdir()) == []
    assert not files.blobs.joinpath("mine").exists()


@pytest.mark.parametrize(
    ("project", "blob"),
    [("..", "a" * 64), ("mine", "../" + "a" * 61), ("mine", "A" * 64), ("", "a" * 64), ("a/b", "a" * 64)],
)
def test_nothing_else_is_a_path(files: Files, project: str, blob: str) -> None:
    with pytest.raises(ValueError, match="not"):
        files.path(project, blob)


def test_the_start_removes_what_bears_nobodys_name(files: Files) -> None:
    for folder in (files.waiting.parent, files.folder):
        (folder / ".dtindex-left").write_bytes(b"half")
    other = Files(files.folder)
    assert other.open() == 0  # the first may be writing them
    other.close()
    files.close()
    again = Files(files.folder)
    assert again.open() == 2
    assert list(again.waiting.iterdir()) == []
    again.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from dtindex_service.store.files import Files
files = Files(Path(sys.argv[1]))
files.open()
(files.waiting / ".dtindex-half").write_bytes(b"half")
print(files.processes.token, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_start_removes_what_a_killed_process_left_though_another_lives(files: Files) -> None:
    """The system lets go of the lock of a process that is gone, and of no other."""
    done = subprocess.run([sys.executable, "-c", KILLED, files.folder], capture_output=True, text=True, check=False)
    token = done.stdout.strip()
    assert done.returncode == -signal.SIGKILL
    assert (files.waiting.parent / token / ".dtindex-half").exists()
    assert files.processes.gone() == {token}
    (files.waiting / ".dtindex-mine").write_bytes(b"half")
    other = Files(files.folder)
    assert other.open() == 1
    assert not (files.waiting.parent / token).exists()
    assert (files.waiting / ".dtindex-mine").exists()
    assert files.processes.others() == {other.processes.token}
    other.close()
    assert files.processes.others() == set()


def test_a_folder_that_cannot_be_written_to_is_seen(files: Files) -> None:
    assert files.is_writable()
    files.waiting.rmdir()
    assert not files.is_writable()


# --- kill -9 ---

_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from dtindex_service.store import DatasetRow, Store
from dtindex_service.store.base import Actor

store = Store(sys.argv[1], Path(sys.argv[2]))
store.open()
for number in range(100_000):
    content = b"%08d" % number * 1000
    blob = store.files.put("local", content)
    row = DatasetRow(id=blob, media_type="text/csv", size=len(content), state="parsed", created=datetime.now(UTC))
    store.datasets.add(Actor("local"), row)
    print(blob, flush=True)
"""


def test_what_was_committed_survives_a_killed_process(database_url: str, tmp_path: Path) -> None:
    """Five times: a process writes until it is killed without warning. All it had reported is there and whole."""
    folder = tmp_path / "data"
    reported: list[str] = []
    for round_ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, database_url, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        reported.append(writer.stdout.readline().strip())
        time.sleep(0.05 + 0.07 * round_)
        os.kill(writer.pid, signal.SIGKILL)
        reported += [line.strip() for line in writer.stdout if len(line) == 65]
        writer.wait()
        writer.stdout.close()
    store = Store(database_url, folder)
    store.open()
    assert list(store.files.waiting.iterdir()) == []
    kept = {row.id: row for row in store.datasets.list("local", now(), limit=100_000)}
    assert set(reported) <= set(kept)
    for blob, row in kept.items():
        assert len(store.files.read("local", blob)) == row.size
    assert store.audit.broken_at("local") is None
    store.close()


def test_a_database_that_is_locked_is_not_waited_for_without_end(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}", busy_milliseconds=100)
    database.upgrade()
    with database.writing() as first:
        first.execute(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"), database.writing() as second:
            second.execute(text("SELECT 1"))
    database.close()
