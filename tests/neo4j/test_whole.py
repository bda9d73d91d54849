"""A store on the server filled with another's contents, and read whole again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neo4j import Session
from neo4j.exceptions import ServiceUnavailable

from graph.errors import Overtaken, StoreCorrupt, StoreError, StoreUnavailable
from graph.migrations import migrations
from graph.model import ChangeSet, Judgement
from graph.neo4j import Address, Limits, connection, whole
from graph.neo4j.whole import contents, fill, generation
from graph.sqlite import SqliteStore
from graph.sqlite.contents import contents as file_contents
from graph.sqlite.filling import fill as fill_file
from graph.store import Store
from graph.whole import Head, HeldKey, HeldNode, Item, SilentKey, items
from resolver.doctor import examine
from tests.conformance.samples import key, node, one_customer, phone, put, says
from tests.conformance.test_oracle import BLOCKS, change_sets, observed
from tests.doctor.stores import furnished
from tests.neo4j import shared
from tests.neo4j.stores import emptied, opened


@pytest.fixture
def address() -> Address:
    login = shared.login()
    shared.empty(login)
    return Address(login.uri, login.user or "", login.password or "")


@pytest.fixture
def stream(tmp_path: Path) -> list[Item]:
    furnished(tmp_path / "store.db")
    return of_file(tmp_path / "store.db")


def of_file(path: Path) -> list[Item]:
    with file_contents(path) as held:
        assert list(held.faults()) == []
        return list(items(held))


def of_server(address: Address) -> list[Item]:
    with contents(address) as held:
        assert list(held.faults()) == []
        return list(items(held))


def in_order(stream: list[Item]) -> list[Any]:
    """Each section in an order of its own, which another store need not have."""
    return sorted(stream, key=lambda item: (type(item).__name__, repr(_sorted(item))))


def _sorted(item: Item) -> object:
    if isinstance(item, Judgement):
        return [sorted(part) for part in item.parts]
    return item


def test_a_file_goes_to_the_server_and_back(address: Address, stream: list[Item], tmp_path: Path) -> None:
    (revision,) = [item.revision for item in stream if isinstance(item, Head)]
    assert fill(address, stream) == revision
    assert in_order(of_server(address)) == in_order(stream)
    with contents(address) as held:
        assert list(examine(held)) == []
    fill_file(tmp_path / "back.db", of_server(address))
    assert in_order(of_file(tmp_path / "back.db")) == in_order(stream)


@settings(max_examples=6, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_it_answers_and_goes_on_as_the_store_that_it_was_filled_from(data: st.DataObject) -> None:
    login = shared.login()
    shared.empty(login)
    at = Address(login.uri, login.user or "", login.password or "")
    with TemporaryDirectory() as folder:
        first = SqliteStore.open_writer(Path(folder) / "first.db")
        for _ in range(data.draw(st.integers(1, 5), "steps")):
            with first.snapshot() as now:
                written = data.draw(change_sets(now), "change set")
            _applied(first, written)
        fill(at, of_file(Path(folder) / "first.db"))
        with opened(login) as second:
            _same(first, second)
            with first.snapshot() as now:
                written = data.draw(change_sets(now), "one more")
            assert _applied(first, written) == _applied(second, written)
            _same(first, second)
        first.close()


def _applied(store: Store, written: ChangeSet) -> object:
    try:
        return put(store, written)
    except StoreError as error:
        return type(error)


def _same(first: Store, second: Store) -> None:
    for limit in (0, 1, 9):
        with first.snapshot() as one, second.snapshot() as other:
            assert observed(one, limit) == observed(other, limit)
            assert {each.version for each in other.blocks(BLOCKS, 0).values()} <= {*range(other.revision + 1)}


def test_long_and_strange_texts_survive(address: Address) -> None:
    texts = ["x" * 400, "\ud7ff\U0001f600", "e\u0301 \x00 ", "\uffee" * 300]
    stream: list[Item] = [Head(3, 2, 0, (("a\x00", texts[3]),))]
    stream += [HeldNode(node(text, says(phone(text), text), blocks=(f"b{text}",)), text) for text in texts]
    stream += [HeldKey(key(text, text), 1, None) for text in texts]
    stream += [SilentKey(f"phone::{text}") for text in sorted(texts)]
    fill(address, stream)
    assert in_order(of_server(address)) == in_order(stream)


def test_only_an_empty_store_is_filled(address: Address, stream: list[Item]) -> None:
    with emptied() as store:
        put(store, one_customer("1", "n1", "A", "c1", says(phone("+311"))))
        with pytest.raises(StoreError, match="not empty"):
            fill(address, stream)
        with store.snapshot() as snapshot:
            assert len(snapshot.all_records(None, 9)) == 1
    with opened(shared.login()):
        pass


def test_a_broken_stream_leaves_an_empty_store(address: Address, stream: list[Item]) -> None:
    without = [item for item in stream if not isinstance(item, HeldNode)]
    for broken, words in (
        (without, "not there"),
        ([*stream[:1], *stream[:3]], "two heads"),
        ([item for item in stream for _ in range(1 + isinstance(item, HeldKey))], "twice"),
        ([*stream, stream[1]], "out of order"),
    ):
        with pytest.raises(StoreError, match=words):
            fill(address, broken)
        with opened(shared.login()) as store, store.snapshot() as snapshot:
            assert (snapshot.revision, snapshot.all_records(None, 9)) == (0, [])
    fill(address, stream)


class Killed(BaseException):
    """Whoever filled it is gone, and the server with it."""


def test_one_that_was_broken_off_is_refused_and_begun_anew(
    address: Address, stream: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed() -> Iterator[Item]:
        yield from stream[:9]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(whole, "_start_over", lambda _: None)
        with pytest.raises(Killed):
            fill(address, killed())
    with pytest.raises(StoreCorrupt, match="not been filled"), opened(shared.login()):
        pass
    with pytest.raises(StoreCorrupt, match="not been filled"):
        of_server(address)
    fill(address, stream)
    assert in_order(of_server(address)) == in_order(stream)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_is_lost_costs_nothing(
    when: str, address: Address, stream: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was lost before a commit or over it, when nobody can tell."""
    execute, lost = Session.execute_write, count()

    def cut(session: Session, work: Callable[..., object]) -> object:
        if next(lost) % 2:
            return execute(session, work)
        if when == "after":
            execute(session, work)
        raise ServiceUnavailable("cut")

    monkeypatch.setattr(Session, "execute_write", cut)
    monkeypatch.setattr(whole, "_CHUNK", 3)
    monkeypatch.setattr(connection, "_SHORTEST_PAUSE_SECONDS", 0.0)
    fill(address, stream)
    assert next(lost) > 20
    assert in_order(of_server(address)) == in_order(stream)


def test_a_server_that_stays_away_ends_it(
    address: Address, stream: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ServiceUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "execute_write", away)
        with pytest.raises(StoreUnavailable):
            fill(address, stream, limits=Limits(patience=0.3))
    fill(address, stream)
    assert in_order(of_server(address)) == in_order(stream)


def test_a_store_that_is_written_cannot_be_read_whole(address: Address, stream: list[Item]) -> None:
    fill(address, stream)
    with opened(shared.login()) as store, contents(address) as held:
        found = items(held)
        next(found)
        put(store, ChangeSet(silenced=("x",)))
        with pytest.raises(Overtaken):
            list(found)


def test_its_generation_is_told(address: Address) -> None:
    steps = migrations("neo4j")
    with emptied():
        assert generation(address) == (len(steps), ())
    with shared.driver(shared.login()).session() as session:
        session.run("MATCH (m:Migration) DELETE m").consume()
    assert generation(address) == (0, steps)


BROKEN: dict[str, tuple[LiteralString, str, str]] = {
    "a wrong size": ("MATCH (b:Block) WHERE b.size = 1 SET b.size = 2", "derived", "another size"),
    "a wrong count": ("MATCH (b:Block) WHERE b.size > 0 SET b.descriptions = 7", "derived", "another size"),
    "a member too few": (
        "MATCH (b:Block)<-[x:IN_BLOCK]-() WITH b, x LIMIT 1 SET b.size = b.size - 1 DELETE x",
        "derived",
        "other blocks than theirs",
    ),
    "a holder too few": ("MATCH ()-[x:ASSERTS]->() DELETE x", "derived", "do not hold"),
    "a surer holder": ("MATCH ()-[x:ASSERTS]->() SET x.assurance = 3", "derived", "do not hold"),
    "assertions that are not listed": (
        "MATCH (e:Evidence) SET e.asserted = [], e.assurances = []",
        "derived",
        "other identifiers",
    ),
    "a record on two customers": (
        "MATCH (r:Record {record_id: '1'}), (c:Customer) MERGE (c)-[:HAS_RECORD]->(r)",
        "derived",
        "several customers",
    ),
    "a touchpoint of nobody": (
        "MATCH (:Touchpoint)-[x:FROM]->() DELETE x",
        "derived",
        "a record that is not",
    ),
    "a customer nobody handed out": ("MATCH (c:Customer) REMOVE c.minted", "records", "never handed out"),
    "a generic value that speaks": ("MATCH (b:Block) REMOVE b.silent", "silence", "speak that are generic"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_found(case: str, address: Address, stream: list[Item]) -> None:
    text, check, words = BROKEN[case]
    fill(address, stream)
    with shared.driver(shared.login()).session() as session:
        session.run(text).consume()
    with contents(address) as held:
        found = [each for each in examine(held) if words in each.words]
    assert [each.check for each in found] == [check]


def test_the_comparison_sees_a_difference(address: Address, stream: list[Item]) -> None:
    fill(address, [_altered(item) for item in stream])
    assert in_order(of_server(address)) != in_order(stream)


def _altered(item: Item) -> Item:
    if isinstance(item, HeldKey) and item.record is not None:
        return item._replace(record=replace(item.record, first_revision=item.record.first_revision + 1))
    return item
