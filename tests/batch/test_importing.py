"""An import goes on where it was cut, and comes to what any other way comes to."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from graph.errors import StoreUnavailable
from graph.model import ChangeSet, Import, ImportState, ReadSet, RecordKey
from graph.sqlite import SqliteStore
from graph.store import Store
from resolver.batch import importing
from resolver.batch.arrivals import arrival
from resolver.batch.dedupe import dedupe
from resolver.batch.importing import Moved, Reading, Run, asked, begin, content, end, name_of
from resolver.batch.readers import FileProblem, Row, read_mapping, rows
from resolver.intake import Refusal
from resolver.limits import IMPORT
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.resolve.settings import Policy
from resolver.sample.__main__ import write
from tests.conformance.oracle import OracleStore
from tests.simulation.relay import Relay

POPULATION = 1000
SETTINGS = Settings(region="NL")
NOW = 1_795_000_000_000_000
SMALL = """record_id,channel,created_at,given_name,family_name,email
1,web,2024-01-02,Femke,Bakker,femke@kpnmail.nl
2,web,never,Gerrit,Postma,gerrit@ziggo.nl
3,web,2024-01-04,Femke,Bakker,femke@kpnmail.nl
4,web,2024-01-05,Piet
1,web,2024-01-02,Femke,Bakker,femke@kpnmail.nl
5,,,Sanne,Smit,sanne@ziggo.nl
"""


def pipeline(store: Store) -> Pipeline:
    return Pipeline(
        store,
        model=default_model(POPULATION),
        policy=Policy(),
        settings=SETTINGS,
        clock=lambda: NOW,
        mint=lambda: str(uuid4()),
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.csv"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some four hundred touchpoints of the sample, hard cases among them."""
    folder = tmp_path_factory.mktemp("people")
    write(folder / "people.csv", folder / "truth.csv", people=100)
    lines = (folder / "people.csv").read_text().splitlines(keepends=True)
    (folder / "people.csv").write_text("".join(lines[:401]))
    return folder / "people.csv"


def wanted(file: Path, name: str = "a", source: str = "shop") -> Import:
    reading = Reading(source, "NL", read_mapping(file))
    return asked(name, file, reading, file.with_name(f"{name}.rejects.csv"), NOW)


def go_on(store: Store, file: Path, chunk: int, name: str = "a") -> Import:
    """Take an import to its end."""
    writer = pipeline(store)
    held = begin(writer, wanted(file, name))
    if held.state is ImportState.RUNNING:
        run = Run(store, writer, name, lambda: NOW)
        while held.state is ImportState.RUNNING:
            some = run.read(chunk)
            held = run.record(some, last=len(some) < chunk)
    while writer.settle():
        pass
    return held


def partition(store: Store) -> set[frozenset[RecordKey]]:
    """All live records by customer; a visitor's alone."""
    groups: dict[object, set[RecordKey]] = {}
    with store.snapshot() as snapshot:
        for record in snapshot.all_records(None, 1_000_000):
            groups.setdefault(record.customer or record.key, set()).add(record.key)
    return set(map(frozenset, groups.values()))


def stream(store: Store, taken: Sequence[Row]) -> None:
    """Record rows as the service does that they are sent to."""
    writer = pipeline(store)
    for at in range(0, len(taken), 7):
        writer.record([arrival(row, NOW) for row in taken[at : at + 7]])
    while writer.settle():
        pass


def lines(path: Path) -> list[int]:
    with path.open(newline="") as file:
        return [int(row["line"]) for row in csv.DictReader(file)]


class Cut(Relay):
    """A store whose power fails: before a commit, or just after one."""

    def __init__(self, store: Store, left: int, *, after: bool) -> None:
        super().__init__(store)
        self.left = left
        self.after = after

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        self.left -= 1
        if self.left < 0 and not self.after:
            raise StoreUnavailable("cut")
        revision = super().apply(change_sets, read_set)
        if self.left < 0:
            raise StoreUnavailable("cut")
        return revision


def test_every_row_is_counted_and_the_rejected_are_told(small: Path) -> None:
    store = OracleStore()
    held = go_on(store, small, 2)
    told = (held.state, held.rows, held.total, held.recorded, held.duplicates, held.superseded, held.rejected)
    assert told == (ImportState.DONE, 6, 6, 3, 1, 0, 2)
    assert lines(Path(held.rejects)) == [3, 5]
    assert held.rejects_size == Path(held.rejects).stat().st_size
    with store.snapshot() as snapshot:
        stored = snapshot.imports(["a"])["a"]
        assert replace(stored, revision=0) == replace(held, revision=0)


def test_the_same_again_changes_nothing_and_another_name_says_nothing_new(small: Path) -> None:
    store = OracleStore()
    go_on(store, small, 2)
    with store.snapshot() as snapshot:
        before = snapshot.revision
    assert go_on(store, small, 3).state is ImportState.DONE
    with store.snapshot() as snapshot:
        assert snapshot.revision == before
    again = go_on(store, small, 3, "b")
    assert (again.rows, again.recorded, again.duplicates, again.rejected) == (6, 0, 4, 2)


def test_a_name_is_of_one_file_read_in_one_way(small: Path, tmp_path: Path) -> None:
    store = OracleStore()
    begin(pipeline(store), wanted(small))
    asked_for = wanted(small)
    for other, words in (
        (wanted(small, source="crm"), "reads the file in another way"),
        (replace(asked_for, digest="0", file="other.csv"), "is of another file"),
        (replace(asked_for, digest="0"), "the file has changed since it was imported under this name"),
        (
            replace(asked_for, digest="0", size=asked_for.size + 1200),
            "the file has grown by 1,200 bytes since",
        ),
    ):
        with pytest.raises(Refusal, match=f"{words}.*; import it anew, .*under another name") as refused:
            begin(pipeline(store), other)
        assert refused.value.reason == "import_differs"
    moved = small.rename(tmp_path / "moved.csv")
    assert begin(pipeline(store), wanted(moved)).file == str(moved.resolve())


@pytest.mark.parametrize("after", [False, True], ids=["before a commit", "after a commit"])
def test_cut_at_any_commit_it_goes_on_and_no_row_is_twice_or_lost(
    people: Path, tmp_path: Path, *, after: bool
) -> None:
    whole = OracleStore()
    straight = go_on(whole, people, 50)
    draw = random.Random(4)
    store = SqliteStore.open_writer(tmp_path / "s.db")
    cuts = 0
    for _ in range(100):
        try:
            held = go_on(Cut(store, draw.randint(0, 4), after=after), people, draw.randint(5, 40))
        except StoreUnavailable:
            cuts += 1
            continue
        break
    assert cuts >= 5
    assert (held.rows, held.recorded, held.duplicates, held.superseded, held.rejected) == (
        straight.rows,
        straight.recorded,
        straight.duplicates,
        straight.superseded,
        straight.rejected,
    )
    assert straight.rows == straight.recorded == 400
    assert partition(store) == partition(whole)
    store.close()


def test_rejected_rows_are_told_once_wherever_it_was_cut(small: Path) -> None:
    for left in range(8):
        for after in (False, True):
            store = OracleStore()
            for path in small.parent.glob("*.rejects.csv"):
                path.unlink()
            with pytest.raises(StoreUnavailable):
                go_on(Cut(store, min(left, 6), after=after), small, 1)
            held = go_on(store, small, 4)
            assert (held.rows, held.rejected, lines(Path(held.rejects))) == (6, 2, [3, 5])


def test_import_stream_both_in_any_order_and_dedupe_come_to_one_partition(people: Path) -> None:
    mapping = read_mapping(people)
    every = list(rows(people, mapping, source="shop", region="NL", latest=NOW))
    taken = [row for row in every if isinstance(row, Row)]
    found = dedupe(every, settings=SETTINGS, population=POPULATION)
    groups: dict[str, set[RecordKey]] = {}
    for placed in found.rows:
        assert placed.key is not None
        groups.setdefault(placed.customer, set()).add(placed.key)
    expected = set(map(frozenset, groups.values()))
    assert 40 < len(expected) < 350
    head = people.with_name("head.csv")
    text = people.read_text().splitlines(keepends=True)
    head.write_text("".join(text[:201]))
    whole, first, last = OracleStore(), OracleStore(), OracleStore()
    go_on(whole, people, 60)
    go_on(first, head, 60)
    stream(first, taken[200:])
    stream(last, taken[200:])
    go_on(last, head, 60)
    assert partition(whole) == partition(first) == partition(last) == expected


def test_cancelled_it_stops_and_asked_again_it_goes_on(small: Path) -> None:
    store = OracleStore()
    writer = pipeline(store)
    begin(writer, wanted(small))
    run = Run(store, writer, "a", lambda: NOW)
    run.record(run.read(2), last=False)
    cancelled = end(writer, "a", ImportState.CANCELLED, NOW + 1)
    assert (cancelled.state, cancelled.rows, cancelled.updated) == (ImportState.CANCELLED, 2, NOW + 1)
    with pytest.raises(Moved):
        run.record(run.read(2), last=False)
    assert go_on(store, small, 2).rows == 6
    assert end(writer, "a", ImportState.CANCELLED, NOW).state is ImportState.DONE
    with pytest.raises(Refusal) as refused:
        end(writer, "b", ImportState.CANCELLED, NOW)
    assert refused.value.reason == "import_not_found"


def test_a_run_that_another_has_overtaken_records_nothing(small: Path) -> None:
    store = OracleStore()
    writer = pipeline(store)
    begin(writer, wanted(small))
    one, other = (Run(store, writer, "a", lambda: NOW) for _ in range(2))
    other.record(other.read(3), last=False)
    with pytest.raises(Moved):
        one.record(one.read(3), last=False)
    with store.snapshot() as snapshot:
        assert snapshot.imports(["a"])["a"].rows == 3


def test_a_file_that_changes_is_read_no_further(small: Path) -> None:
    store = OracleStore()
    begin(pipeline(store), wanted(small))
    run = Run(store, pipeline(store), "a", lambda: NOW)
    run.read(1)
    small.write_text(SMALL + "6,,,Jan,Kok,jan@ziggo.nl\n")
    with pytest.raises(FileProblem, match="has changed"):
        run.read(1)
    with pytest.raises(FileProblem, match="is not the file"):
        Run(store, pipeline(store), "a", lambda: NOW)
    small.unlink()
    with pytest.raises(FileProblem, match="no such file"):
        Run(store, pipeline(store), "a", lambda: NOW)


def test_a_damaged_file_is_told_before_anything_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    draw = random.Random(1)
    # More than is read to know what a file is.
    text = "record_id,given_name\n" + "".join(f"{n},{draw.random()}\n" for n in range(9000))
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    store = OracleStore()
    begin(pipeline(store), wanted(path))
    with pytest.raises(FileProblem, match="cut short"):
        Run(store, pipeline(store), "a", lambda: NOW).count()


class Enough(Exception):
    """So much of a file has been read."""


class Passing:
    """Lets so many pieces of a file by."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, items: Iterable[Any], /) -> Iterator[Any]:
        for item in items:
            self.left -= 1
            if self.left < 0:
                raise Enough
            yield item


def test_whoever_reads_may_be_told_to_leave_off_at_any_piece(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_PIECE", 100)
    store = OracleStore()
    begin(pipeline(store), wanted(small))
    pieces = -(-len(SMALL) // 100)
    with pytest.raises(Enough):
        content(small, Passing(pieces - 1))

    def looked_through(left: int) -> int:
        run = Run(store, pipeline(store), "a", lambda: NOW, Passing(left))
        return run.count() + len(run.read(6))

    for left in range(pieces + 12):  # hashed, counted and read: all of it goes by
        with pytest.raises(Enough):
            looked_through(left)
    assert looked_through(pieces + 12) == 12


def test_rows_are_counted_as_they_are_imported_damaged_ones_too(small: Path) -> None:
    store = OracleStore()
    writer = pipeline(store)
    begin(writer, wanted(small))
    run = Run(store, writer, "a", lambda: NOW)
    assert run.count() == 6
    assert run.record(run.read(5), last=False).total == 6
    run = Run(store, writer, "a", lambda: NOW)
    assert run.count() - run.held.rows == len(run.read(9)) == 1


def test_a_chunk_of_long_rows_has_fewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_TEXT", 1000)
    path = tmp_path / "long.csv"
    path.write_text("record_id,email\n" + "".join(f"{n},{'x' * 400}\n" for n in range(7)))
    store = OracleStore()
    begin(pipeline(store), wanted(path))
    run = Run(store, pipeline(store), "a", lambda: NOW)
    read = [len(run.read(5)) for _ in range(4)]
    assert read == [3, 3, 1, 0]


def test_rejected_rows_that_cannot_be_written_stop_it(small: Path) -> None:
    store = OracleStore()
    begin(pipeline(store), replace(wanted(small), rejects=str(small.parent / "absent" / "r.csv")))
    run = Run(store, pipeline(store), "a", lambda: NOW)
    with pytest.raises(FileProblem, match="cannot be written"):
        run.record(run.read(3), last=False)
    with store.snapshot() as snapshot:
        assert (snapshot.imports(["a"])["a"].rows, list(snapshot.all_records(None, 9))) == (0, [])


def test_content_and_names_of_files(small: Path) -> None:
    assert content(small).size == len(SMALL)
    assert len(content(small).digest) == 64
    names = ["klanten 2024 (1).csv", ".hidden", "-x", "é", "a" * 200, "…"]
    for name in names:
        assert IMPORT.fullmatch(name_of(Path(name))), name
    assert name_of(Path("/x/klanten 2024 (1).csv")) == "klanten-2024-1-.csv"


def test_how_a_file_is_read_is_kept_as_text(people: Path) -> None:
    reading = Reading("shop", "NL", read_mapping(people))
    assert Reading.of(reading.text()) == reading
