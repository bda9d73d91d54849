"""Opening a file, refusing what is not a store, and the log's checkpoints."""

from __future__ import annotations

import os
import sqlite3
import time
from itertools import count
from pathlib import Path

import apsw
import pytest

from graph.errors import StoreCorrupt, StoreError, StoreLocked, StoreUnavailable
from graph.migrations import migrations
from graph.model import ChangeSet, ReadSet
from graph.sqlite import SqliteStore, checkpoint, writing
from graph.sqlite.connection import connect_writer
from graph.sqlite.migrate import migrate
from tests.conformance.samples import key, node, one_customer, put

NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="no file is read-only to root")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def refused(path: Path, open_: object) -> StoreError:
    assert callable(open_)
    with pytest.raises(StoreError) as error:
        open_(path)
    assert "\n" not in str(error.value)
    return error.value


def test_commits_are_synchronised_in_full(path: Path) -> None:
    connection = connect_writer(path)
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    connection.close()


@pytest.mark.parametrize(
    "content", [b"record_id,name\n" * 500, b"\x00" * 8192, b"SQLite format 3\x00" + b"x" * 4096]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for open_ in (SqliteStore.open_writer, SqliteStore.open_reader):
        assert isinstance(refused(path, open_), StoreCorrupt)
    assert path.read_bytes() == content


def test_what_a_store_held_before_there_were_relations_waits_to_be_looked_at_again(path: Path) -> None:
    connection = connect_writer(path)
    migrate(connection, migrations("sqlite")[:1], 1)
    connection.execute("BEGIN")
    writing.apply(connection, [one_customer("1", "n1", "A", "c1")], ReadSet())
    connection.execute("COMMIT")
    connection.close()
    store = SqliteStore.open_writer(path)
    with store.snapshot() as snapshot:
        assert snapshot.waiting(9) == ["n1"]
        assert (snapshot.revision, snapshot.settled_revision) == (1, 0)
        assert snapshot.relations(["n1"]) == []
    put(store, ChangeSet(settled=("n1",)))
    with store.snapshot() as snapshot:
        assert snapshot.settled_revision == snapshot.revision
    store.close()


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()
    content = path.read_bytes()
    for open_ in (SqliteStore.open_writer, SqliteStore.open_reader):
        assert isinstance(refused(path, open_), StoreCorrupt)
    assert path.read_bytes() == content


def test_a_damaged_store_says_so(path: Path) -> None:
    store = SqliteStore.open_writer(path)
    put(store, ChangeSet(nodes_added=tuple(node(f"n{i}", blocks=("k",)) for i in range(2000))))
    store.close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)

    def use(path: Path) -> None:
        store = SqliteStore.open_reader(path)
        try:
            with store.snapshot() as snapshot:
                snapshot.nodes(["n1"])
        finally:
            store.close()

    assert isinstance(refused(path, use), StoreCorrupt)


def test_places_where_no_store_can_be(tmp_path: Path) -> None:
    for open_ in (SqliteStore.open_writer, SqliteStore.open_reader):
        assert "is a folder" in str(refused(tmp_path, open_))
        assert "is not a folder" in str(refused(tmp_path / "absent" / "store.db", open_))
    assert isinstance(refused(tmp_path / "absent.db", SqliteStore.open_reader), StoreUnavailable)
    assert list(tmp_path.iterdir()) == []


@NOT_ROOT
def test_a_file_that_may_not_be_written_can_still_be_read(path: Path) -> None:
    SqliteStore.open_writer(path).close()
    path.chmod(0o400)
    assert isinstance(refused(path, SqliteStore.open_writer), StoreUnavailable)
    SqliteStore.open_reader(path).close()


def test_a_second_writer_in_the_same_process_is_refused(path: Path) -> None:
    first = SqliteStore.open_writer(path)
    assert isinstance(refused(path, SqliteStore.open_writer), StoreLocked)
    first.close()
    SqliteStore.open_writer(path).close()


def test_a_reader_cannot_write(path: Path) -> None:
    SqliteStore.open_writer(path).close()
    reader = SqliteStore.open_reader(path)
    with pytest.raises(StoreUnavailable):
        reader.apply([ChangeSet()], ReadSet())
    with pytest.raises(StoreUnavailable):
        reader.put_meta({"a": "b"})
    reader.close()


def test_a_snapshot_answers_no_more_once_it_is_closed(path: Path) -> None:
    store = SqliteStore.open_writer(path)
    with store.snapshot() as snapshot:
        pass
    with pytest.raises(StoreError, match="snapshot is closed"):
        snapshot.records([key("1")])
    store.close()


def test_closing_waits_for_nobody_who_reads(path: Path) -> None:
    store = SqliteStore.open_writer(path)
    put(store, one_customer("1", "n1", "A", "c1"))
    with store.snapshot() as snapshot:
        store.close()
        assert snapshot.revision == 1
    SqliteStore.open_writer(path).close()


@pytest.mark.parametrize("reading", [False, True])
def test_the_log_is_checkpointed_beside_the_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch, reading: bool
) -> None:
    monkeypatch.setattr(checkpoint, "_PAGES_A_CHECKPOINT", 10)
    monkeypatch.setattr(checkpoint, "_PAGES_TO_RESTART", 100)
    store = SqliteStore.open_writer(path)
    log = path.with_name("store.db-wal")

    def fill(name: str) -> None:
        for i in range(60):
            put(store, ChangeSet(nodes_added=(node(f"{name}{i}", blocks=("x" * 20_000 + f"{name}{i}",)),)))

    attempts = count()

    def connect_after_a_hiccup(file: Path) -> apsw.Connection:
        if next(attempts) == 0:
            raise StoreUnavailable("not now")
        return connect_writer(file)

    monkeypatch.setattr("graph.sqlite.checkpoint.connect_writer", connect_after_a_hiccup)
    if reading:
        with store.snapshot():
            fill("a")
            # What came after the snapshot has to stay in the log.
            assert log.stat().st_size > 100 * 4096
    fill("b")
    deadline = time.monotonic() + 10
    while log.stat().st_size > 100 * 4096 and time.monotonic() < deadline:
        put(store, ChangeSet(silenced=("k",)))
        time.sleep(0.02)
    assert log.stat().st_size <= 100 * 4096
    store.close()
