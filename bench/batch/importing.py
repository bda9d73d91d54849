"""`resolver import` into an empty store against bare bulk inserts of all the rows that it wrote."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from bench.batch.files import labelled
from bench.batch.part import Asked, Section, of_costs, shown
from bench.batch.processes import Spent, spent
from bench.batch.stages import profile
from bench.speed.figures import Figure, ratio
from bench.speed.report import Line
from bench.speed.written import Table, Values, tables
from graph.sqlite import SqliteStore
from graph.sqlite.connection import connect_writer

ROWS: Final = 1_000_000
LEAST_RATE: Final = 0.5
A_COMMIT: Final = 10_000
"""Rows of the file whose rows in the store are bare inserts of one transaction."""


class Bare(NamedTuple):
    """Rows of a store's tables, and the seconds that nothing but writing them takes."""

    rows: int
    seconds: float


def measure(asked: Asked) -> Section:
    """One import, and after it the bare inserts. Raises RunFailed, and FileProblem without the set."""
    rows = labelled(asked.data, asked.rows(ROWS), asked.folder / "rows.csv")
    store, log = asked.folder / "imported.db", asked.folder / "import.log"
    told = ["import", str(rows.path), "--store", str(store), "--id", rows.id_column]
    told += ["--name", "bench", "--rejects", str(asked.folder / "rejects.csv")]
    taken = spent([*asked.resolver, *told], log)
    bare = insert(store, asked.folder / "bare.db", math.ceil(len(rows.truth) / A_COMMIT))
    size = store.stat().st_size
    about = (
        f"{len(rows.truth):,} rows into an empty embedded store, the whole process; beside it inserts of the "
        f"{bare.rows:,} rows ({size / 2**30:.2f} GiB) that its tables hold in the end, by the connection and "
        f"schema of a store, in order of their keys, those of {A_COMMIT:,} rows of the file a commit."
    )
    lines = shown(_lines(len(rows.truth), taken, bare), asked.tell)
    return Section("Import", about, lines, [profile("the import", log, taken)])


def insert(store: Path, target: Path, transactions: int) -> Bare:
    """Write all the rows of a store into an empty one, some of every table in each transaction.

    What is read for it is not timed; it comes a transaction at a time, since a million rows of a file are
    too many to be kept.
    """
    SqliteStore.open_writer(target).close()
    reading = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    writing = connect_writer(target)
    try:
        rows = {table: _Rows(reading, table) for table in tables(reading)}
        seconds = 0.0
        for number in range(transactions):
            batch = [(table.upsert, each.part(number, transactions)) for table, each in rows.items()]
            start = time.perf_counter()
            writing.execute("BEGIN IMMEDIATE")
            for statement, values in batch:
                writing.executemany(statement, values)
            writing.execute("COMMIT")
            seconds += time.perf_counter() - start
        return Bare(sum(each.count for each in rows.values()), seconds)
    finally:
        writing.close()
        reading.close()


class _Rows:
    """The rows of a table in order of their keys, some at a time."""

    def __init__(self, connection: apsw.Connection, table: Table) -> None:
        self.count: int = connection.execute(f"SELECT count(*) FROM {table.name}").get
        self._rows: Iterator[Values] = connection.execute(
            f"SELECT * FROM {table.name} ORDER BY {', '.join(table.key)}"
        )

    def part(self, number: int, parts: int) -> list[Values]:
        """The next ones, of so many parts the one of this number."""
        return list(islice(self._rows, self.count * (number + 1) // parts - self.count * number // parts))


def _lines(rows: int, taken: Spent, bare: Bare) -> Iterator[Line]:
    yield from of_costs(f"resolver import of {rows:,} rows", [taken])
    yield Line("... rows of the file", "rows/s", Figure.of([rows / taken.seconds]))
    rate, ceiling = [bare.rows / taken.seconds], [bare.rows / bare.seconds]
    yield Line(
        "rows of the store, import against bare bulk inserts",
        "rows/s",
        Figure.of(rate),
        Figure.of(ceiling),
        ratio(rate, ceiling),
        least=LEAST_RATE,
    )
