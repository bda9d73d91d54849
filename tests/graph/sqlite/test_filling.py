"""A store filled with another's contents answers as that one does, and goes on as that one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import StoreCorrupt, StoreError, StoreLocked
from graph.model import ChangeSet, Import, ImportState, TouchpointKey
from graph.sqlite import SqliteStore
from graph.sqlite.contents import contents
from graph.sqlite.filling import fill, is_vacant, vacant
from graph.whole import Head, HeldKey, HeldNode, Item, items
from tests.conformance.oracle import OracleStore
from tests.conformance.samples import key, node, one_customer, phone, put, says, touchpoint
from tests.conformance.test_oracle import BLOCKS, COMPONENTS, DIGESTS, Pair, change_sets, observed, some

ROOT = Path(__file__).parents[3]


def held(path: Path) -> list[Item]:
    with contents(path) as found:
        assert list(found.faults()) == []
        return list(items(found))


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_it_answers_and_goes_on_as_the_store_that_it_was_filled_from(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        first = SqliteStore.open_writer(Path(folder) / "first.db")
        first.put_meta({"population": "1000"})
        oracle = Pair((first, OracleStore()))
        oracle.stores[1].put_meta({"population": "1000"})
        _steps(oracle, data)
        place = Path(folder) / "second.db"
        assert fill(place, held(Path(folder) / "first.db")) == oracle.reads[-1][0].revision
        second = SqliteStore.open_writer(place)
        assert held(place) == held(Path(folder) / "first.db")
        for limit in (0, 1, 9):
            with first.snapshot() as one, second.snapshot() as other:
                assert observed(one, limit) == observed(other, limit)
                assert one.meta() == other.meta()
                assert (one.adopted_revision, one.all_imports(None, 9)) == (
                    other.adopted_revision,
                    other.all_imports(None, 9),
                )
                assert {each.version for each in other.blocks(BLOCKS, 0).values()} <= {other.revision}
                assert {each.version for each in other.components(DIGESTS)} <= {other.revision}
        _steps(Pair((first, second)), data)
        held(place)
        first.close()
        second.close()


def _steps(pair: Pair, data: st.DataObject) -> None:
    pair.compare(9)
    for _ in range(data.draw(st.integers(1, 5), "steps")):
        with pair.stores[1].snapshot() as now:
            written = data.draw(st.lists(change_sets(now), min_size=1, max_size=2), "change sets")
        rests_on = data.draw(st.tuples(some(st.sampled_from(BLOCKS)), some(st.sampled_from(COMPONENTS))))
        pair.apply(written, 1, rests_on)
        pair.compare(9)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def full(tmp_path: Path) -> list[Item]:
    store = SqliteStore.open_writer(tmp_path / "full.db")
    put(store, one_customer("1", "n1", "A", "c1", says(phone("+311"), "d")))
    put(store, ChangeSet(touchpoints=(touchpoint("t", "1", 5), touchpoint("u", "2", 6))))
    imported = Import("i", "/f", "0", 1, "{}", ImportState.DONE, 1, 2)
    put(store, ChangeSet(imports=(imported,), adopted=(("population", "7"),)))
    store.close()
    return held(tmp_path / "full.db")


def test_it_is_opened_by_readers_and_by_one_writer(path: Path, full: list[Item]) -> None:
    assert fill(path, full) == 3
    reader, store = SqliteStore.open_reader(path), SqliteStore.open_writer(path)
    put(store, one_customer("3", "n3", "B", "c3"))
    with reader.snapshot() as snapshot:
        assert snapshot.revision == 4
        assert snapshot.imports(["i"])["i"].revision == 3
        assert snapshot.touchpoint(TouchpointKey("till", "u")) is not None
    reader.close()
    store.close()


def test_an_empty_store_is_filled_and_no_other(path: Path, full: list[Item]) -> None:
    SqliteStore.open_writer(path).close()
    fill(path, full)
    with pytest.raises(StoreError, match="not empty"):
        fill(path, full)
    assert held(path) == full
    store = SqliteStore.open_writer(path)
    with pytest.raises(StoreLocked):
        fill(path, full)
    store.close()


def test_a_place_is_held_until_a_store_is_made_there(path: Path, full: list[Item]) -> None:
    with vacant(path) as place:
        with pytest.raises(StoreLocked):
            SqliteStore.open_writer(path)
        with pytest.raises(StoreLocked), vacant(path):
            pass
        assert place.fill(full) > 0
    assert held(path) == full
    SqliteStore.open_writer(path).close()


def test_a_place_that_nobody_makes_a_store_at_is_as_it_was(path: Path) -> None:
    with vacant(path):
        pass
    assert not path.exists()
    SqliteStore.open_writer(path).close()


def test_what_is_vacant(path: Path, full: list[Item]) -> None:
    assert is_vacant(path)
    path.touch()
    assert is_vacant(path)
    SqliteStore.open_writer(path).close()
    assert is_vacant(path)
    store = SqliteStore.open_writer(path)
    store.put_meta({"population": "1000"})
    store.close()
    assert not is_vacant(path)
    path.unlink()
    fill(path, full)
    assert not is_vacant(path)
    path.write_bytes(b"x" * 5000)
    assert not is_vacant(path) and not is_vacant(path.parent)


def test_an_empty_store_that_somebody_reads_is_left_alone(path: Path, full: list[Item]) -> None:
    SqliteStore.open_writer(path).close()
    reader = SqliteStore.open_reader(path)
    with reader.snapshot(), pytest.raises(StoreError, match="busy"):
        fill(path, full)
    reader.close()
    fill(path, full)


def test_what_is_no_store_is_left_alone(path: Path, full: list[Item]) -> None:
    path.write_bytes(b"x" * 5000)
    with pytest.raises(StoreCorrupt):
        fill(path, full)
    assert path.read_bytes() == b"x" * 5000


def test_what_is_read_is_of_one_revision_whatever_is_written_meanwhile(path: Path, full: list[Item]) -> None:
    fill(path, full)
    store = SqliteStore.open_writer(path)
    with contents(path) as found:
        stream = items(found)
        read = [next(stream)]
        put(store, one_customer("9", "n9", "Z", "c9"))
        read += stream
    assert read == full
    assert len(held(path)) > len(full)
    store.close()


def _missing_node(stream: list[Item]) -> Iterator[Item]:
    return (item for item in stream if not isinstance(item, HeldNode))


def _twice(stream: list[Item], kind: type[Item]) -> Iterator[Item]:
    for item in stream:
        yield item
        if isinstance(item, kind):
            yield item


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda _: iter(()), "empty"),
        (lambda stream: iter(stream[1:]), "out of order"),
        (reversed, "out of order"),
        (lambda stream: iter([*stream, stream[1]]), "out of order"),
        (lambda stream: _twice(stream, Head), "two heads"),
        (lambda stream: _twice(stream, HeldNode), "comes twice"),
        (lambda stream: _twice(stream, HeldKey), "already"),
        (_missing_node, "not there"),
    ],
)
def test_a_broken_stream_leaves_no_store(path: Path, full: list[Item], broken: object, words: str) -> None:
    assert callable(broken)
    with pytest.raises(StoreError, match=words):
        fill(path, broken(full))
    assert not path.exists()


def test_an_error_of_the_streams_own_leaves_no_store(path: Path, full: list[Item]) -> None:
    def stream() -> Iterator[Item]:
        yield from full[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(path, stream())
    assert not path.exists()


def test_a_key_that_nobody_told_of_is_there_by_name(path: Path, full: list[Item]) -> None:
    told = [item for item in full if not (isinstance(item, HeldKey) and item.record is None)]
    fill(path, told)
    assert [item for item in held(path) if isinstance(item, HeldKey)][-1] == HeldKey(key("2"), 0, None)


_KILLED = """
import os, signal, sys
from graph.sqlite.filling import fill
from graph.whole import Head, HeldNode
from tests.conformance.samples import node, phone, says

def stream():
    yield Head(1, 0, 0, ())
    for number in range(30_000):
        yield HeldNode(node(f"n{number}", says(phone(str(number)), "d")), None)
    os.kill(os.getpid(), signal.SIGKILL)

fill(sys.argv[1], stream())
"""


def test_one_that_was_killed_is_refused_and_begun_anew(path: Path, full: list[Item]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", _KILLED, path], env=environment, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.stat().st_size > 0
    for open_ in (SqliteStore.open_reader, SqliteStore.open_writer):
        with pytest.raises(StoreCorrupt, match="not been filled"):
            open_(path)
    assert is_vacant(path)
    fill(path, full)
    assert held(path) == full


def test_many_nodes_in_one_block_are_counted_right(path: Path) -> None:
    stream: list[Item] = [Head(1, 0, 0, ())]
    stream += [
        HeldNode(node(f"n{number:05}", says(phone("+31"), f"d{number % 7}")), f"c{number % 900}")
        for number in range(12_000)
    ]
    fill(path, stream)
    assert held(path) == stream
    store = SqliteStore.open_reader(path)
    with store.snapshot() as snapshot:
        block = snapshot.blocks(["phone::+31"], 2)["phone::+31"]
        assert block._replace(version=0) == (0, 12_000, 7, 0, ("n00000", "n00001"))
        assert len(snapshot.components(["n00000"])[0].nodes) == 14
    store.close()


def test_what_is_filled_is_what_was_replaced(path: Path, full: list[Item]) -> None:
    """A canary: the comparison sees a difference."""
    altered = [replace_version(item) for item in full]
    fill(path, altered)
    assert held(path) == altered != full


def replace_version(item: Item) -> Item:
    if isinstance(item, HeldKey) and item.record is not None:
        statement = item.record.statement._replace(version=99)
        return item._replace(record=replace(item.record, statement=statement))
    return item
