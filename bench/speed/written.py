"""The rows that a run has written, and the time that writing just these takes.

What a run wrote is told from two copies of the store, before and after: every row of the second that the
first has not, or has otherwise. A row written several times over counts once, and rows deleted are not
counted, so the ceiling is rather too high than too low.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from graph.sqlite.connection import connect_writer

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name, its columns and those of them that are its primary key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def upsert(self) -> str:
        """The statement that writes one row, new or not; indexes of columns that stay are not touched."""
        places = ", ".join("?" * len(self.columns))
        others = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        act = f"UPDATE SET {others}" if others else "NOTHING"
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({places}) "
            f"ON CONFLICT ({', '.join(self.key)}) DO {act}"
        )


@dataclass(frozen=True, slots=True)
class Written:
    """The rows of each table that were written, in order of their keys; and the keys of those deleted."""

    rows: Mapping[Table, Sequence[Values]]
    deleted: Mapping[Table, Sequence[Values]]

    @property
    def count(self) -> int:
        """Rows written."""
        return sum(map(len, self.rows.values()))


def tables(connection: apsw.Connection) -> list[Table]:
    """All tables of a database, in order of name. Every one of them has a primary key."""
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    found = []
    for (name,) in names:
        columns: list[Any] = connection.execute(
            "SELECT pk, name FROM pragma_table_info(?) ORDER BY cid", (name,)
        ).fetchall()
        key = tuple(column for place, column in sorted(columns) if place)
        found.append(Table(str(name), tuple(column for _, column in columns), key))
    return found


def written(before: Path, after: Path) -> Written:
    """What turns one copy of a store into a later one."""
    connection = apsw.Connection(str(after), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute("ATTACH ? AS old", (str(before),))
        found = tables(connection)
        return Written(
            {table: rows for table in found if (rows := _new(connection, table))},
            {table: keys for table in found if (keys := _gone(connection, table))},
        )
    finally:
        connection.close()


def replay(path: Path, what: Written, transactions: int) -> float:
    """Seconds to write these rows in so many transactions, each durable, each with its part of every table.

    `path` is a copy of the store as it was before; it is opened as the service opens its own. Rows that
    stand in the way, having been deleted since, are removed first, untimed; the file is read once too.
    """
    connection = connect_writer(path)
    try:
        with connection:
            for table, keys in what.deleted.items():
                where = " AND ".join(f"{name} = ?" for name in table.key)
                connection.executemany(f"DELETE FROM {table.name} WHERE {where}", keys)
        for table in tables(connection):
            connection.execute(f"SELECT count(*) FROM {table.name} NOT INDEXED").fetchall()
        batches = list(_batches(what, transactions))
        start = time.perf_counter()
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            for statement, rows in batch:
                connection.executemany(statement, rows)
            connection.execute("COMMIT")
        return time.perf_counter() - start
    finally:
        connection.close()


def _batches(what: Written, count: int) -> Iterator[list[tuple[str, Sequence[Values]]]]:
    for number in range(count):
        yield [
            (table.upsert, rows[len(rows) * number // count : len(rows) * (number + 1) // count])
            for table, rows in what.rows.items()
        ]


def _new(connection: apsw.Connection, table: Table) -> list[Values]:
    key = " AND ".join(f"old.{name} = new.{name}" for name in table.key)
    same = " AND ".join([key, *(f"old.{name} IS new.{name}" for name in table.columns)])
    return _all(
        connection,
        table,
        f"SELECT * FROM main.{table.name} new "
        f"WHERE NOT EXISTS (SELECT 1 FROM old.{table.name} old WHERE {same})",
    )


def _gone(connection: apsw.Connection, table: Table) -> list[Values]:
    key = " AND ".join(f"old.{name} = new.{name}" for name in table.key)
    return _all(
        connection,
        table,
        f"SELECT {', '.join(f'old.{name}' for name in table.key)} FROM old.{table.name} old "
        f"WHERE NOT EXISTS (SELECT 1 FROM main.{table.name} new WHERE {key})",
    )


def _all(connection: apsw.Connection, table: Table, query: str) -> list[Values]:
    order = ", ".join(str(n + 1) for n in range(len(table.key)))
    return connection.execute(f"{query} ORDER BY {order}").fetchall()
