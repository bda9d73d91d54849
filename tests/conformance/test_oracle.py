"""Whatever change sets come, a store answers every question as the oracle does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import Conflict, StoreError
from graph.keys import identifier_block
from graph.model import (
    Assurance,
    ChangeSet,
    CustomerId,
    Direction,
    Identifier,
    IdentifierKind,
    Node,
    ReadSet,
    RecordKey,
    Relation,
    RelationKind,
    Suggestion,
    TouchpointKey,
)
from graph.store import Snapshot, Store
from tests.conformance.factories import FACTORIES, StoreFactory
from tests.conformance.oracle import OracleStore
from tests.conformance.samples import change, judgement, key, node, phone, record, says, touchpoint

NAMES = ("1", "2", "3", "4")
DIGESTS = ("n1", "n2", "n3", "n4", "n5")
COMPONENTS = ("A", "B", "C")
CUSTOMERS = ("c1", "c2", "c3")
JUDGEMENTS = ("j1", "j2")
TOUCHPOINTS = ("t1", "t2", "t3", "t4")
IDENTIFIERS = (
    phone("+311"),
    Identifier(IdentifierKind.DEVICE, "ios", "x"),
    Identifier(IdentifierKind.REFERENCE, "order", "1"),
)
BLOCKS = (*map(identifier_block, IDENTIFIERS), "name:jan", "rare")
KEYS = [key(name) for name in NAMES]

names, customers = st.sampled_from(NAMES), st.sampled_from((None, *CUSTOMERS))
assertions = st.builds(
    says, st.sampled_from(IDENTIFIERS), st.sampled_from((None, "d", "e")), st.sampled_from(Assurance)
)


def some(values: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most, unique=True).map(tuple)


@st.composite
def nodes(draw: st.DrawFn, digest: str) -> Node:
    blocks = draw(some(st.sampled_from(BLOCKS), 3))
    return replace(node(digest, *draw(st.lists(assertions, max_size=3))), blocks=blocks)


@st.composite
def change_sets(draw: st.DrawFn, now: Snapshot) -> ChangeSet:
    """A change set that mostly, but not always, fits what is stored."""
    there = sorted(now.nodes(DIGESTS))
    added = draw(some(st.sampled_from([one for one in DIGESTS if one not in there] or ["n1"])))
    removed = draw(some(st.sampled_from(there))) if there else ()
    usable = st.sampled_from([None, *(one for one in (*there, *added) if one not in removed)])
    records = [record(name, draw(usable), draw(customers)) for name in draw(some(names))]
    stated = {one.key for one in records}
    orphans = [held.key for held in now.records(KEYS).values() if held.node in removed]
    records += [
        record(one.record_id, None) for one in orphans if one not in stated and draw(st.integers(0, 7))
    ]
    components: dict[str, tuple[str, ...]] = dict.fromkeys(draw(some(st.sampled_from(COMPONENTS))), ())
    for one in draw(st.permutations([*there, *added])) if components else ():
        name = draw(st.sampled_from((*components, None)))
        if name is not None and one not in removed:
            components[name] += (one,)
    moved = draw(some(st.sampled_from(sorted(now.records(KEYS))))) if now.records(KEYS) else ()
    pairs = st.tuples(names, names, st.integers(-2, 2))
    known = sorted({*there, *added})
    met = st.lists(st.sampled_from(known if len(known) > 1 else DIGESTS), min_size=2, max_size=2, unique=True)
    return ChangeSet(
        touchpoints=tuple(
            replace(
                touchpoint(name, draw(names), draw(st.integers(0, 2))),
                references=draw(some(st.sampled_from(IDENTIFIERS))),
                channel=draw(st.sampled_from(("shop", "web"))),
                direction=draw(st.sampled_from(Direction)),
            )
            for name in draw(some(st.sampled_from(TOUCHPOINTS), 1))
        ),
        records=tuple(records),
        moved=tuple((one, draw(customers)) for one in moved),
        nodes_added=tuple(draw(nodes(one)) for one in added),
        nodes_removed=removed,
        components=components,
        suggestions={
            name: tuple(Suggestion(key(a), key(b), w, "possible", b"") for a, b, w in draw(some(pairs)))
            for name, digests in components.items()
            if digests
        },
        relations=tuple(
            Relation(one, other, draw(st.sampled_from(RelationKind)), draw(st.integers(0, 9)), -1, ("phone",))
            for one, other in map(sorted, draw(st.lists(met, max_size=2 if known else 0)))
        ),
        reweighed=draw(some(st.sampled_from(known))) if known else (),
        ids=tuple(
            CustomerId(id_, int(id_[1]), draw(st.sampled_from((None, *KEYS))))
            for id_ in draw(some(st.sampled_from(CUSTOMERS)))
        ),
        judgements=tuple(
            replace(
                judgement(id_, {draw(names)}, {draw(names)}), retracted=draw(st.sampled_from((None, -1, 1)))
            )
            for id_ in draw(some(st.sampled_from(JUDGEMENTS), 1))
        ),
        silenced=draw(some(st.sampled_from(BLOCKS), 1)),
        voiced=draw(some(st.sampled_from(BLOCKS), 1)),
        reopened=draw(some(st.sampled_from(DIGESTS))),
        settled=draw(some(st.sampled_from(DIGESTS))),
        change=draw(
            st.none() | st.lists(st.tuples(names, customers, customers), max_size=3).map(lambda m: change(*m))
        ),
    )


def observed(snapshot: Snapshot, limit: int) -> dict[str, Any]:
    """Everything that a snapshot tells, versions apart, which each store counts in its own way."""
    touchpoints = [TouchpointKey("till", name) for name in TOUCHPOINTS]
    return {
        "revisions": (snapshot.revision, snapshot.settled_revision),
        "records": snapshot.records(KEYS),
        "known": snapshot.known_touchpoints(touchpoints),
        "touchpoints": [snapshot.touchpoint(one) for one in touchpoints],
        "blocks": {name: one._replace(version=0) for name, one in snapshot.blocks(BLOCKS, limit).items()},
        "silent": snapshot.silent(BLOCKS),
        "nodes": snapshot.nodes(DIGESTS),
        "components": [replace(one, version=0) for one in snapshot.components(DIGESTS)],
        "judgements": [snapshot.judgements(KEYS), *(snapshot.judgements([one]) for one in KEYS)],
        "all judgements": snapshot.all_judgements(limit, limit),
        "anchored": snapshot.anchored(KEYS),
        "ids": snapshot.customer_ids(CUSTOMERS),
        "waiting": snapshot.waiting(limit),
        "holders": [snapshot.holders(one, limit) for one in IDENTIFIERS],
        "touched": (snapshot.touched(CUSTOMERS), snapshot.silence_revision),
        "tallies": [snapshot.tallies(KEYS), *(snapshot.tallies([one]) for one in KEYS)],
        "members": snapshot.members(CUSTOMERS),
        "timeline": [
            snapshot.timeline(KEYS, before, limit) for before in (None, (1, TouchpointKey("till", "t2")))
        ],
        "changes": [snapshot.changes(limit, limit), snapshot.change(snapshot.revision)],
        "moves": snapshot.moves(CUSTOMERS[:2], limit),
        "suggestions": [snapshot.suggestions(after, limit) for after in (None, (1, "8"))],
        "relations": [snapshot.relations(DIGESTS), *(snapshot.relations([one]) for one in DIGESTS)],
        "bearers": snapshot.bearers(DIGESTS),
        "all records": [snapshot.all_records(after, limit) for after in (None, KEYS[1])],
    }


@dataclass
class Reads:
    """What one store's plan would rest on, for comparison with another's of the same moment."""

    blocks: dict[str, int]
    components: dict[str, int]
    records: dict[RecordKey, int]
    revision: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> Reads:
        return cls(
            {name: one.version for name, one in snapshot.blocks(BLOCKS, 0).items()},
            {one.id: one.version for one in snapshot.components(DIGESTS)},
            dict.fromkeys(KEYS, snapshot.revision),
            snapshot.revision,
        )

    def read_set(self, blocks: tuple[str, ...], components: tuple[str, ...]) -> ReadSet:
        return ReadSet(
            tuple((name, self.blocks.get(name, 0)) for name in blocks),
            tuple((name, self.components.get(name, 0)) for name in components),
            tuple(self.records.items()) if len(blocks) == 1 else (),
            self.revision,
            silence=len(components) == 1,
        )

    def moved(self, since: Reads) -> set[str]:
        """The names whose version is another than it was."""
        now, before = self.blocks | self.components, since.blocks | since.components
        return {name for name in now.keys() | before.keys() if now.get(name, 0) != before.get(name, 0)}


@dataclass
class Pair:
    """A store and the oracle, taken through the same steps."""

    stores: tuple[Store, Store]
    reads: list[tuple[Reads, Reads]] = field(default_factory=list)

    def compare(self, limit: int) -> None:
        with self.stores[0].snapshot() as left, self.stores[1].snapshot() as right:
            assert observed(left, limit) == observed(right, limit)
            self.reads.append((Reads.of(left), Reads.of(right)))
        if len(self.reads) > 1:
            before, now = self.reads[-2:]
            assert now[0].moved(before[0]) == now[1].moved(before[1])

    def apply(self, written: list[ChangeSet], age: int, rests_on: tuple[tuple[str, ...], ...]) -> None:
        reads = self.reads[-min(age, len(self.reads))]
        left, right = (
            _outcome(store, written, one.read_set(*rests_on))
            for store, one in zip(self.stores, reads, strict=True)
        )
        assert left == right


def _outcome(store: Store, written: list[ChangeSet], read_set: ReadSet) -> object:
    try:
        return store.apply(written, read_set)
    except Conflict as conflict:
        return conflict.stale
    except StoreError:
        return StoreError


def _answers_as_the_oracle_does(new_factory: Callable[[Path], StoreFactory], data: st.DataObject) -> None:
    oracle = OracleStore()
    with TemporaryDirectory() as folder, ExitStack() as ended:
        factory = new_factory(Path(folder))
        ended.callback(lambda: factory.open().close())
        pair = Pair((factory.open(), oracle))
        pair.compare(9)
        for _ in range(data.draw(st.integers(1, 8), "steps")):
            with oracle.snapshot() as now:
                written = data.draw(st.lists(change_sets(now), min_size=1, max_size=2), "change sets")
            age = data.draw(st.sampled_from((1, 1, 1, 2, 3)), "age of the read set")
            rests_on = data.draw(st.tuples(some(st.sampled_from(BLOCKS)), some(st.sampled_from(COMPONENTS))))
            pair.apply(written, age, rests_on)
            pair.compare(data.draw(st.sampled_from((0, 1, 2, 9)), "limit"))
        if data.draw(st.booleans(), "reopen"):
            pair.stores = (factory.reopen(), oracle)
            pair.compare(9)


@pytest.mark.parametrize("new_factory", sorted(FACTORIES.keys() - {"oracle", "neo4j"}), indirect=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_a_store_answers_as_the_oracle_does(
    new_factory: Callable[[Path], StoreFactory], data: st.DataObject
) -> None:
    _answers_as_the_oracle_does(new_factory, data)


# Every question is a round trip.
@pytest.mark.parametrize("new_factory", ["neo4j"], indirect=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_a_server_answers_as_the_oracle_does(
    new_factory: Callable[[Path], StoreFactory], data: st.DataObject
) -> None:
    _answers_as_the_oracle_does(new_factory, data)
