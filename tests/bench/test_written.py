from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from bench.speed import stores
from bench.speed.written import Table, replay, tables, written
from graph.model import ChangeSet, Evidence, Node, ReadSet, Record, RecordKey, Statement
from graph.sqlite import SqliteStore


def recorded(number: int, *, version: int, revision: int = 0) -> Record:
    statement = Statement(version, deleted=False, digest=f"{number:032x}")
    evidence = Evidence(given_name=f"n{number}")
    return Record(RecordKey("shop", str(number)), statement, evidence, f"node{number}", None, revision)


def add(store: SqliteStore, number: int) -> None:
    node = Node(f"node{number}", b"features", (), (f"name:{number}", "city:x"))
    record = recorded(number, version=1)
    store.apply([ChangeSet(records=(record,), nodes_added=(node,))], ReadSet())


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = apsw.Connection(str(path))
    try:
        return {
            table.name: sorted(connection.execute(f"SELECT * FROM {table.name}").fetchall(), key=repr)
            for table in tables(connection)
        }
    finally:
        connection.close()


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """A store before and after one record more, one with a greater version, and one removed."""
    store = SqliteStore.open_writer(tmp_path / "live.db")
    try:
        for number in range(5):
            add(store, number)
        before = stores.copy(tmp_path / "live.db", tmp_path / "before.db")
        add(store, 5)
        store.apply([ChangeSet(records=(recorded(0, version=2, revision=1),))], ReadSet(revision=6))
        gone = Record(
            RecordKey("shop", "1"), Statement(3, deleted=True, digest=""), Evidence(), None, None, 2
        )
        store.apply([ChangeSet(records=(gone,), nodes_removed=("node1",))], ReadSet(revision=7))
        after = stores.copy(tmp_path / "live.db", tmp_path / "after.db")
    finally:
        store.close()
    return before, after


def test_all_that_was_written_is_found_and_nothing_else(copies: tuple[Path, Path]) -> None:
    what = written(*copies)
    rows = {table.name: [row[:3] for row in found] for table, found in what.rows.items()}
    assert len(rows["block"]) == 2  # name:5 is new, city:x counts otherwise
    assert len(rows["head"]) == len(rows["node"]) == 1
    assert not {"touchpoint", "customer", "change", "judgement"} & rows.keys()
    assert [row[1:] for row in rows["record"]] == [("shop", "0"), ("shop", "1"), ("shop", "5")]
    assert what.count == sum(map(len, rows.values()))
    gone = {table.name: len(keys) for table, keys in what.deleted.items()}
    assert (gone["block"], gone["member"], gone["node"]) == (1, 2, 1)
    assert "record" not in gone


def test_writing_these_rows_makes_the_one_store_the_other(copies: tuple[Path, Path]) -> None:
    before, after = copies
    assert contents(before) != contents(after)
    assert replay(before, written(before, after), transactions=2) > 0
    assert contents(before) == contents(after)


def test_nothing_was_written_where_nothing_is_new(copies: tuple[Path, Path]) -> None:
    before, _ = copies
    what = written(before, before)
    assert (what.count, what.deleted) == (0, {})


def test_every_transaction_is_a_commit_of_its_own(copies: tuple[Path, Path]) -> None:
    before, after = copies
    what = written(before, after)
    lengths = []
    for transactions in (1, 4):
        target = stores.copy(before, before.with_name(f"{transactions}.db"))
        held = apsw.Connection(str(target))  # the log stays while somebody has the store open
        held.execute("SELECT * FROM head").fetchall()
        replay(target, what, transactions)
        lengths.append(target.with_name(f"{target.name}-wal").stat().st_size)
        held.close()
    assert lengths[1] > lengths[0]


def test_a_row_is_written_by_its_key_alone() -> None:
    assert Table("t", ("a", "b", "c"), ("a", "b")).upsert == (
        "INSERT INTO t (a, b, c) VALUES (?, ?, ?) ON CONFLICT (a, b) DO UPDATE SET c = excluded.c"
    )
    assert Table("t", ("a",), ("a",)).upsert.endswith("ON CONFLICT (a) DO NOTHING")
