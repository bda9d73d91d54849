from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from graph.errors import StoreCorrupt
from graph.migrations import Migration
from graph.sqlite import SqliteStore
from graph.sqlite.connection import APPLICATION_ID, connect_writer
from graph.sqlite.migrate import check, migrate

FIRST = Migration(1, "first", "digest of first", "CREATE TABLE a (b); INSERT INTO a VALUES (1);")
SECOND = Migration(2, "second", "digest of second", "ALTER TABLE a ADD c; INSERT INTO a VALUES (2, 3);")
BROKEN = Migration(3, "broken", "digest of broken", "INSERT INTO a VALUES (4, 5); INSERT INTO no VALUES (1);")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = connect_writer(tmp_path / "store.db")
    yield connection
    connection.close()


def test_each_step_is_applied_once_and_noted_with_its_time(connection: apsw.Connection) -> None:
    migrate(connection, [FIRST], 10)
    migrate(connection, [FIRST, SECOND], 20)
    migrate(connection, [FIRST, SECOND], 30)
    assert connection.execute("SELECT * FROM migration").fetchall() == [
        (1, "first", "digest of first", 10),
        (2, "second", "digest of second", 20),
    ]
    assert connection.execute("SELECT count(*) FROM a").get == 2
    assert connection.pragma("user_version") == 2
    assert connection.pragma("application_id") == APPLICATION_ID


def test_a_step_that_fails_leaves_nothing_and_keeps_those_before(connection: apsw.Connection) -> None:
    with pytest.raises(apsw.SQLError):
        migrate(connection, [FIRST, SECOND, BROKEN], 10)
    assert connection.execute("SELECT count(*) FROM a").get == 2
    assert check(connection, [FIRST, SECOND]) == 2


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([FIRST], "newer"),
        ([], "newer"),
        ([FIRST, Migration(2, "second", "another digest", SECOND.text)], "altered"),
        ([Migration(1, "first", "another digest", FIRST.text), SECOND], "altered"),
    ],
)
def test_a_newer_or_altered_generation_is_refused(
    connection: apsw.Connection, steps: list[Migration], why: str
) -> None:
    migrate(connection, [FIRST, SECOND], 10)
    for refuse in (lambda: migrate(connection, steps, 20), lambda: check(connection, steps)):
        with pytest.raises(StoreCorrupt, match=why):
            refuse()


def test_a_reader_refuses_an_older_generation(connection: apsw.Connection) -> None:
    migrate(connection, [FIRST], 10)
    with pytest.raises(StoreCorrupt, match="older"):
        check(connection, [FIRST, SECOND])


@pytest.mark.parametrize(
    "tampering",
    ["INSERT INTO migration VALUES (99, 'future', '', 0)", "UPDATE migration SET digest = 'x'"],
)
def test_a_store_refuses_a_file_of_another_generation(tmp_path: Path, tampering: str) -> None:
    path = tmp_path / "store.db"
    SqliteStore.open_writer(path, clock=lambda: 123).close()
    connection = connect_writer(path)
    assert connection.execute("SELECT DISTINCT applied FROM migration").fetchall() == [(123,)]
    connection.execute(tampering)
    connection.close()
    for open_ in (SqliteStore.open_writer, SqliteStore.open_reader, SqliteStore.open_writer):
        with pytest.raises(StoreCorrupt):
            open_(path)
