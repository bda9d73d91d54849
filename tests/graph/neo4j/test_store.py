"""What a server adds to the store's face: lost answers, others who write, snapshots that are overtaken."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from neo4j import ManagedTransaction, Session
from neo4j.exceptions import ConstraintError, IncompleteCommit, ServiceUnavailable

from graph.errors import Conflict, Overtaken, StoreError, StoreUnavailable
from graph.model import (
    ChangeSet,
    CustomerId,
    Identifier,
    IdentifierKind,
    ReadSet,
    Relation,
    RelationKind,
    Suggestion,
)
from graph.neo4j import Address, Neo4jStore
from graph.neo4j.connection import Limits
from graph.neo4j.errors import translated
from graph.neo4j.reading import Neo4jSnapshot
from tests.conformance.samples import (
    change,
    judgement,
    key,
    node,
    one_customer,
    phone,
    put,
    record,
    says,
    touchpoint,
)
from tests.neo4j import shared
from tests.neo4j.server import free_port

ORDER = Identifier(IdentifierKind.REFERENCE, "order", "1")


class Deaf:
    """In place of a store's `execute_write`: the first so many commits are lost, or their answers."""

    def __init__(self, lost: int, *, committed: bool) -> None:
        self._lost = lost
        self._committed = committed
        self._write = Session.execute_write

    def __call__(self, session: Session, work: Callable[[ManagedTransaction], object]) -> object:
        if self._lost == 0:
            return self._write(session, work)
        self._lost -= 1
        if self._committed:
            self._write(session, work)
        raise IncompleteCommit


def deafen(monkeypatch: pytest.MonkeyPatch, lost: int, *, committed: bool) -> None:
    deaf = Deaf(lost, committed=committed)
    # A function, which a session binds as it does its own.
    monkeypatch.setattr(Session, "execute_write", lambda session, work: deaf(session, work))  # noqa: PLW0108


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_whose_answer_is_lost_is_made_once(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> None:
    put(store, one_customer("0", "n0", "k0", "c0"))
    deafen(monkeypatch, 2, committed=committed)
    assert (
        put(store, one_customer("1", "n1", "k1", "c1"), ChangeSet(touchpoints=(touchpoint("t", "1", 1),)))
        == 3
    )
    assert put(store, ChangeSet()) == 4
    with store.snapshot() as snapshot:
        assert [one.revision for one in snapshot.changes(0, 9)] == [1, 2]
        assert snapshot.touchpoint(touchpoint("t", "1", 1).key) == touchpoint("t", "1", 1)


def test_one_who_never_hears_gives_up_in_time(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.empty(shared.login())
    store = Neo4jStore.open(address, limits=Limits(patience=0.5))
    deafen(monkeypatch, 10**9, committed=False)
    start = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.apply([ChangeSet()], ReadSet())
    assert time.monotonic() - start < 5
    store.close()


def test_writers_of_two_stores_lose_nothing_and_leave_no_gap(store: Neo4jStore, address: Address) -> None:
    other = Neo4jStore.open(address)
    rounds = 15

    def add(writer: Neo4jStore, name: str) -> int:
        """Adds nodes to a block that the other adds to as well, each resting on how many there are."""
        conflicts = 0
        for i in range(rounds):
            while True:
                with writer.snapshot() as snapshot:
                    try:
                        found = snapshot.blocks(["shared"], 0).get("shared")
                    except Overtaken:
                        conflicts += 1
                        continue
                    seen, size = (found.version, found.size) if found else (0, 0)
                    rests_on = ReadSet(blocks=(("shared", seen),), revision=snapshot.revision)
                added = ChangeSet(
                    nodes_added=(node(f"{name}{i}", blocks=("shared", f"place {size}")),),
                    change=change((name, None, "c")),
                )
                try:
                    writer.apply([added, ChangeSet()], rests_on)
                except Conflict:
                    conflicts += 1
                else:
                    break
        return conflicts

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add, (store, other), ("a", "b")))
    with store.snapshot() as snapshot:
        assert snapshot.blocks(["shared"], 99)["shared"].size == 2 * rounds
        places = snapshot.blocks([f"place {i}" for i in range(99)], 9)
        assert len(places) == 2 * rounds and all(one.size == 1 for one in places.values())
        assert [one.revision for one in snapshot.changes(0, 99)] == list(range(1, 4 * rounds, 2))
        assert snapshot.revision == 4 * rounds
    other.close()


SUGGESTED = Suggestion(key("1"), key("2"), 5, "possible", b"")
HOUSEHOLD = Relation("n1", "n2", RelationKind.SAME_HOUSEHOLD, 1, -1, ())


@pytest.mark.parametrize(
    ("change_set", "read"),
    [
        (ChangeSet(records=(record("1", "n1", "c1", version=2),)), lambda s: s.records([key("1")])),
        (ChangeSet(moved=((key("1"), "c2"),)), lambda s: s.holders(phone("1"), 9)),
        (ChangeSet(records=(record("1", None, version=2),)), lambda s: s.holders(phone("1"), 9)),
        (ChangeSet(records=(record("1", None, version=2),)), lambda s: s.bearers(["n1"])),
        (ChangeSet(records=(record("1", None, version=2),)), lambda s: s.members(["c1"])),
        (ChangeSet(records=(record("1", None, version=2),)), lambda s: s.all_records(None, 9)),
        (ChangeSet(records=(record("1", None, version=2),)), lambda s: s.components(["n1"])),
        (
            ChangeSet(records=(record("1", None, version=2),), nodes_removed=("n1",)),
            lambda s: s.blocks(["phone::1"], 9),
        ),
        (
            ChangeSet(records=(record("1", None, version=2),), nodes_removed=("n1",)),
            lambda s: s.nodes(["n1"]),
        ),
        (
            ChangeSet(records=(record("1", None, version=2),), nodes_removed=("n1",)),
            lambda s: s.components(["n1"]),
        ),
        (ChangeSet(components={"k1": ()}), lambda s: s.components(["n1"])),
        (ChangeSet(judgements=(judgement("j", {"1"}),)), lambda s: s.judgements([key("1")])),
        (ChangeSet(ids=(CustomerId("c1", 1, key("2")),)), lambda s: s.anchored([key("1")])),
        (ChangeSet(ids=(CustomerId("c1", 1, None),)), lambda s: s.customer_ids(["c1"])),
        (ChangeSet(touchpoints=(touchpoint("t", "1", 1),)), lambda s: s.touched(["c1"])),
        (ChangeSet(touchpoints=(touchpoint("t", "1", 1, ORDER),)), lambda s: s.holders(ORDER, 9)),
        (ChangeSet(silenced=("phone::1",)), lambda s: s.silent(["phone::1"])),
        (ChangeSet(settled=("n2",)), lambda s: s.waiting(9)),
        (ChangeSet(suggestions={"k1": ()}), lambda s: s.suggestions(None, 9)),
        (ChangeSet(reweighed=("n1",)), lambda s: s.relations(["n2"])),
        (ChangeSet(adopted=(("model", "b"),)), lambda s: s.meta()),
    ],
)
def test_a_snapshot_that_would_tell_of_what_came_later_is_overtaken(
    store: Neo4jStore, change_set: ChangeSet, read: Callable[[Neo4jSnapshot], object]
) -> None:
    put(
        store,
        one_customer("1", "n1", "k1", "c1", says(phone("1"))),
        one_customer("2", "n2", "k2", "c2", says(phone("2"))),
        ChangeSet(touchpoints=(touchpoint("t0", "2", 1, ORDER),)),
        ChangeSet(
            ids=(CustomerId("c1", 1, key("1")),),
            suggestions={"k1": (SUGGESTED,)},
            relations=(HOUSEHOLD,),
            reopened=("n2",),
        ),
    )
    with store.snapshot() as early:
        before = read(early)
        put(store, one_customer("3", "n3", "k3", "c3", says(phone("3"))))
        assert read(early) == before, "what is none of its concern leaves it be"
        put(store, change_set)
        with pytest.raises(Overtaken):
            read(early)
        with store.snapshot() as late:
            assert read(late) != before


def test_what_is_only_ever_added_is_left_out_where_it_is_younger(store: Neo4jStore) -> None:
    put(store, one_customer("1", "n1", "k1", "c1"), ChangeSet(touchpoints=(touchpoint("t1", "1", 1),)))
    with store.snapshot() as early:
        later = ChangeSet(
            touchpoints=(touchpoint("t2", "1", 2),),
            judgements=(judgement("j", {"2"}),),
            change=change(("2", None, "c1")),
        )
        put(store, later, replace(one_customer("2", "n2", "k2", "c2"), change=None))
        assert [one.key.touchpoint_id for one in early.timeline([key("1")], None, 9)] == ["t1"]
        assert [one.count for one in early.tallies([key("1")])] == [1]
        assert early.touchpoint(touchpoint("t2", "1", 2).key) is None
        assert [one.revision for one in early.changes(0, 9)] == [1]
        assert early.change(3) is None
        assert [revision for revision, _ in early.moves(["c1"], 0)] == [1]
        assert early.all_judgements(0, 9) == []
        assert [one.key for one in early.all_records(None, 9)] == [key("1")]


def test_errors_tell_no_value(store: Neo4jStore) -> None:
    put(store, one_customer("jansen", "n1", "k1", "jansen", says(phone("0612345678"))))
    for wrong in (
        one_customer("jansen", "n1", "k1", "jansen", says(phone("0612345678"))),
        ChangeSet(moved=((key("jansen 2"), "jansen"),)),
        ChangeSet(silenced=("jansen\ud800",)),
    ):
        with pytest.raises(StoreError) as refused:
            put(store, wrong)
        assert "jansen" not in str(refused.value) and "0612345678" not in str(refused.value)
        assert refused.value.__cause__ is None
    with pytest.raises(StoreError) as refused, translated:
        raise ConstraintError("already exists with property `key` = 'jansen'")
    assert "jansen" not in str(refused.value)


def test_an_address_shows_neither_itself_nor_who_is_let_in() -> None:
    assert repr(Address("neo4j://secret.example", "me", "password")) == "Address(database='')"
    for wrong in ("neo4j://me:password@host", "https://host", "neo4j://"):
        with pytest.raises(StoreError) as refused:
            Address(wrong)
        assert "me:" not in str(refused.value) and "host" not in str(refused.value)


def test_a_server_that_is_not_there_is_said_to_be_in_time() -> None:
    start = time.monotonic()
    with pytest.raises(StoreUnavailable):
        Neo4jStore.open(Address(f"bolt://127.0.0.1:{free_port()}"), limits=Limits(patience=1))
    assert time.monotonic() - start < 10


def test_whatever_the_driver_raises_is_the_stores_error() -> None:
    with pytest.raises(StoreUnavailable), translated:
        raise ServiceUnavailable("host:port")
    with pytest.raises(StoreError, match="64 bits"), translated:
        raise OverflowError


def test_a_reader_cannot_write(store: Neo4jStore, address: Address) -> None:
    reader = Neo4jStore.open_reader(address)
    for call in (lambda: reader.apply([ChangeSet()], ReadSet()), lambda: reader.put_meta({"a": "b"})):
        with pytest.raises(StoreUnavailable):
            call()
    reader.close()


def test_a_snapshot_answers_no_more_once_it_is_closed(store: Neo4jStore) -> None:
    with store.snapshot() as snapshot:
        pass
    with pytest.raises(StoreError, match="snapshot is closed"):
        snapshot.records([key("1")])
