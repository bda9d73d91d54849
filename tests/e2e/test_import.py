"""Killed at any instant and run again, an import records every row once, here and in the service."""

from __future__ import annotations

import csv
import random
import socket
import time
from pathlib import Path

import grpc
import pytest

from graph.model import ImportState, RecordKey
from graph.sqlite import SqliteStore
from resolver.sample.__main__ import write
from resolver.v1 import import_service_pb2 as pb
from resolver.v1 import import_service_pb2_grpc
from tests.e2e.serving import forked, importing

KILLS = 10
ROWS = 600
DAMAGED = range(50, ROWS, 50)
"""The rows that are, counted from 1; each stands a line further down, below the header."""
REJECTED = len(DAMAGED)
RESTATED = 1
"""Of the records of the sample so many are stated twice, otherwise each time."""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Touchpoints of the sample, some rows of them damaged."""
    folder = tmp_path_factory.mktemp("export")
    write(folder / "whole.csv", folder / "truth.csv", people=160)
    lines = (folder / "whole.csv").read_text().splitlines(keepends=True)[: ROWS + 1]
    for place in DAMAGED:
        lines[place] = "too,few\n"
    (folder / "export.csv").write_text("".join(lines))
    return folder / "export.csv"


def partition(store: Path) -> tuple[set[frozenset[RecordKey]], int]:
    """All live records by customer, a visitor's alone, and how many touchpoints there are."""
    reader = SqliteStore.open_reader(store)
    groups: dict[object, set[RecordKey]] = {}
    with reader.snapshot() as snapshot:
        assert snapshot.settled_revision == snapshot.revision
        held = snapshot.imports(["export.csv"])["export.csv"]
        told = (held.state, held.rows, held.recorded, held.duplicates, held.superseded, held.rejected)
        assert told == (ImportState.DONE, ROWS, ROWS - REJECTED, 0, RESTATED, REJECTED)
        for record in snapshot.all_records(None, 1_000_000):
            groups.setdefault(record.customer or record.key, set()).add(record.key)
        contacts = snapshot.timeline([key for group in groups.values() for key in group], None, 1_000_000)
    reader.close()
    return set(map(frozenset, groups.values())), len(contacts)


def rejected(path: Path) -> list[int]:
    with path.open(newline="") as file:
        return [int(row["line"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def straight(export: Path, tmp_path_factory: pytest.TempPathFactory) -> set[frozenset[RecordKey]]:
    """What it comes to where nothing is cut."""
    store = tmp_path_factory.mktemp("straight") / "s.db"
    with importing(export, store) as whole:
        whole.join(60)
        assert whole.exitcode == 0
    groups, contacts = partition(store)
    assert contacts == ROWS - REJECTED
    return groups


def test_killed_at_ten_random_moments(
    export: Path, straight: set[frozenset[RecordKey]], tmp_path: Path
) -> None:
    store = tmp_path / "s.db"
    draw = random.Random(11)
    seen = [0]
    empty = tmp_path / "empty.csv"
    empty.write_text(export.read_text().splitlines(keepends=True)[0])
    with importing(empty, store) as first:
        first.join(60)  # where there is a store, rows are imported in chunks
        assert first.exitcode == 0
    for _ in range(KILLS):
        with importing(export, store):
            _further(store, seen[-1])
            time.sleep(draw.uniform(0.0, 0.08))
        seen.append(_come(store))
    assert seen == sorted(seen) and 0 < seen[-1] < ROWS, seen
    with importing(export, store) as last:
        last.join(60)
        assert last.exitcode == 0
    assert partition(store) == (straight, ROWS - REJECTED)
    assert rejected(store.with_name("export.csv.rejects.csv")) == [row + 1 for row in DAMAGED]


def test_killed_while_it_makes_the_store(
    export: Path, straight: set[frozenset[RecordKey]], tmp_path: Path
) -> None:
    store = tmp_path / "s.db"
    draw = random.Random(13)
    with importing(export, tmp_path / "timed.db") as whole:
        began = time.monotonic()
        whole.join(60)
        took = time.monotonic() - began
    for _ in range(KILLS):
        with importing(export, store):
            time.sleep(draw.uniform(0.2, 0.95) * took)
        assert _come(store) in {0, ROWS}  # none of it, or all
    with importing(export, store) as last:
        last.join(60)
        assert last.exitcode == 0
    assert partition(store) == (straight, ROWS - REJECTED)
    assert rejected(store.with_name("export.csv.rejects.csv")) == [row + 1 for row in DAMAGED]


def _further(store: Path, rows: int) -> None:
    """Wait until the import has come further than so many rows."""
    end = time.monotonic() + 30
    while _come(store) <= rows:
        assert time.monotonic() < end
        time.sleep(0.005)


def _come(store: Path) -> int:
    if not store.exists():
        return 0
    try:
        reader = SqliteStore.open_reader(store)
    except Exception:  # noqa: BLE001 - it is being made
        return 0
    try:
        with reader.snapshot() as snapshot:
            held = snapshot.imports(["export.csv"]).get("export.csv")
            return 0 if held is None else held.rows
    finally:
        reader.close()


def test_a_service_that_is_killed_goes_on_with_it(
    export: Path, straight: set[frozenset[RecordKey]], tmp_path: Path
) -> None:
    store, folder = tmp_path / "s.db", export.parent
    draw = random.Random(12)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    seen = [0]
    for number in range(KILLS):
        with forked(store, port, folder) as (started, address), grpc.insecure_channel(address) as channel:
            if number == 0:
                imports = import_service_pb2_grpc.ImportServiceStub(channel)
                imports.CreateImport(pb.CreateImportRequest(file="export.csv", region="NL"))
            _further(store, seen[-1])
            time.sleep(draw.uniform(0.0, 0.05))
            started.kill()
            started.join()
        seen.append(_come(store))
        if seen[-1] == ROWS:
            break
    assert seen == sorted(seen) and len(seen) > 3
    with forked(store, port, folder) as (_, address), grpc.insecure_channel(address) as channel:
        imports = import_service_pb2_grpc.ImportServiceStub(channel)
        end = time.monotonic() + 60
        while True:
            reply = imports.GetImport(pb.GetImportRequest(name="export.csv"))
            done = reply.current.state == pb.IMPORT_STATE_DONE
            if done and reply.settled_revision == reply.revision:
                break
            assert time.monotonic() < end
            time.sleep(0.02)
    assert partition(store) == (straight, ROWS - REJECTED)
    assert rejected(folder / "export.csv.rejects.csv") == [row + 1 for row in DAMAGED]
