"""The commands that take rows, each with the same ones: what they come to is one partition."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from graph.sqlite import SqliteStore
from resolver.sample.generate import COLUMNS, samples
from tests.e2e.serving import command, forked

ROWS = 300
TERMS = ("--region", "NL", "--population", "1000")
RECORD = COLUMNS.index("record_id")

Partition = set[frozenset[tuple[str, str]]]


def written(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def rows_of_the_sample() -> Iterator[list[str]]:
    """Each with a record id, so that a record is called the same wherever it is."""
    for number, sample in enumerate(islice(samples(people=200), ROWS)):
        cells = list(sample.cells)
        cells[RECORD] = cells[RECORD] or f"row-{number}"
        yield cells


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    return list(rows_of_the_sample())


@pytest.fixture(scope="module")
def export(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("rows") / "export.csv", rows)


@pytest.fixture(scope="module")
def deduped(export: Path) -> Partition:
    out = export.with_name("clusters.csv")
    done = command("dedupe", str(export), "--out", str(out), *TERMS)
    assert done.returncode == 0, done.stderr
    groups: dict[str, set[tuple[str, str]]] = {}
    with out.open(newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row["customer_id"], set()).add((row["source"], row["record_id"]))
    assert 1 < len(groups) < len(set().union(*groups.values()))
    return set(map(frozenset, groups.values()))


def stored(store: Path) -> Partition:
    """All live records by customer, a visitor's alone, once nothing waits to be looked at again."""
    groups: dict[object, set[tuple[str, str]]] = {}
    end = time.monotonic() + 30
    with closing(SqliteStore.open_reader(store)) as reader:
        while time.monotonic() < end:
            with reader.snapshot() as snapshot:
                if snapshot.settled_revision == snapshot.revision:
                    for record in snapshot.all_records(None, 1_000_000):
                        key = (record.key.source, record.key.record_id)
                        groups.setdefault(record.customer or key, set()).add(key)
                    return set(map(frozenset, groups.values()))
            time.sleep(0.02)
    pytest.fail("the store does not settle")


def imported(file: Path, store: Path) -> None:
    done = command("import", str(file), "--store", str(store), *TERMS, "--rejects", f"{store}.rejects.csv")
    assert done.returncode == 0, done.stderr


def ingested(file: Path, store: Path) -> Partition:
    """What a service makes of a file that is sent to it."""
    with forked(store, 0) as (_, address):
        done = command("ingest", str(file), "--target", address, "--region", "NL")
        assert done.returncode == 0, done.stderr
        return stored(store)


def test_an_import_is_what_dedupe_makes_of_the_same(export: Path, deduped: Partition, tmp_path: Path) -> None:
    imported(export, tmp_path / "s.db")
    assert stored(tmp_path / "s.db") == deduped


def test_a_stream_is_what_dedupe_makes_of_the_same(export: Path, deduped: Partition, tmp_path: Path) -> None:
    assert ingested(export, tmp_path / "s.db") == deduped


@pytest.fixture
def till(tmp_path: Path) -> Path:
    """Rows that name no source and no record, most of whom identify nobody."""
    path = tmp_path / "till.csv"
    walk_in, femke = "walk in,N/A,0000000000\n", "Femke,fb@kpnmail.nl,\n"
    path.write_text(f"first_name,email,phone\n{walk_in}{femke}{walk_in}{femke}{walk_in},,\n,,\n")
    return path


def test_rows_that_name_nothing_are_the_same_records_everywhere(till: Path, tmp_path: Path) -> None:
    imported(till, tmp_path / "at-once.db")
    records = stored(tmp_path / "at-once.db")
    assert {source for group in records for source, _ in group} == {"till"}
    assert sum(map(len, records)) == 6, "three walk-ins, Femke, and two who are not even called so"
    imported(written(tmp_path / "none.csv", []), tmp_path / "chunks.db")
    imported(till, tmp_path / "chunks.db")
    assert stored(tmp_path / "chunks.db") == records
    assert ingested(till, tmp_path / "stream.db") == records
    assert ingested(till, tmp_path / "at-once.db") == records, "it says nothing new"


def test_so_is_an_import_followed_by_a_stream(
    rows: list[list[str]], deduped: Partition, tmp_path: Path
) -> None:
    store = tmp_path / "s.db"
    # Every other row, so that most customers have records of both kinds.
    imported(written(tmp_path / "first.csv", rows[::2]), store)
    assert stored(store) != deduped
    assert ingested(written(tmp_path / "rest.csv", rows[1::2]), store) == deduped
