"""What must be true of a store at every moment, read through its snapshot alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph.keys import identifier_block
from graph.model import Cause, Record, RecordKey
from graph.store import Snapshot, Store
from resolver.match.columns import generic_key, verified_block
from resolver.match.model import Model
from resolver.normalise.evidence import Settings
from resolver.resolve.settings import Policy
from tests.simulation.books import Books, Truth, grouped, node_of


def live(snapshot: Snapshot) -> dict[RecordKey, Record]:
    """All live records, a few at a time."""
    found: dict[RecordKey, Record] = {}
    after = None
    while page := snapshot.all_records(after, 7):
        found.update((record.key, record) for record in page)
        after = page[-1].key
    return found


def customers(store: Store) -> dict[RecordKey, str | None]:
    """Each live record's customer."""
    with store.snapshot() as snapshot:
        return {key: record.customer for key, record in live(snapshot).items()}


def holds(store: Store, books: Books, settings: Settings, handed_out: Iterable[str]) -> None:
    """What holds at every moment, settled or not."""
    with store.snapshot() as snapshot:
        records = live(snapshot)
        _statements(snapshot, books, records)
        _touchpoints(snapshot, books)
        _nodes(snapshot, books, settings, records)
        _feed(snapshot, records)
        _ids(snapshot, records, handed_out)
        _judgements(snapshot, books, records)


def settled(store: Store, books: Books, model: Model, policy: Policy, settings: Settings) -> None:
    """What holds where nothing waits: the partition of all records at once."""
    truth = books.truth(model, policy, settings)
    with store.snapshot() as snapshot:
        assert snapshot.settled_revision == snapshot.revision
        records = live(snapshot)
        assert grouped({key: record.customer for key, record in records.items()}) == truth.customers
        assert {key for key, record in records.items() if record.customer is None} == truth.visitors
        _suggestions(snapshot, truth)
        assert tuple(snapshot.relations(truth.nodes)) == truth.relations
        _silence(snapshot, books, settings, truth)


def _statements(snapshot: Snapshot, books: Books, records: Mapping[RecordKey, Record]) -> None:
    expected = books.standing()
    stored = snapshot.records(list(expected))
    assert {key: record.statement for key, record in stored.items()} == {
        key: stands for key, (stands, _) in expected.items()
    }
    assert {key: record.evidence for key, record in stored.items() if not record.statement.deleted} == {
        key: evidence for key, (stands, evidence) in expected.items() if not stands.deleted
    }
    assert records.keys() == books.live().keys()
    assert all(0 < record.first_revision <= snapshot.revision for record in stored.values())


def _touchpoints(snapshot: Snapshot, books: Books) -> None:
    known = snapshot.known_touchpoints(list(books.touchpoints))
    assert {key: record for key, (_, record) in known.items()} == books.touchpoints
    told = snapshot.timeline(set(books.touchpoints.values()), None, 10_000)
    assert sorted(touchpoint.key for touchpoint in told) == sorted(books.touchpoints)


def _nodes(snapshot: Snapshot, books: Books, settings: Settings, records: Mapping[RecordKey, Record]) -> None:
    """Every node that is asserted is there, in one component, and no other is."""
    expected = {node_of(evidence, settings)[1] for evidence in books.live().values()}
    digests = {node.digest for node in expected}
    said = [evidence for stated in books.statements.values() for evidence in stated.values()]
    ever = {node_of(evidence, settings)[1].digest for evidence in said}
    assert set(snapshot.nodes(ever).values()) == expected
    components = snapshot.components(digests)
    placed = [node.digest for component in components for node in component.nodes]
    assert sorted(placed) == sorted(digests)
    assert {r.key for component in components for r in component.records} == records.keys()
    together: dict[str, set[str]] = {}
    for component in components:
        for record in component.records:
            if record.customer is not None:
                together.setdefault(record.customer, set()).add(component.id)
    assert all(len(names) == 1 for names in together.values())


def _feed(snapshot: Snapshot, records: Mapping[RecordKey, Record]) -> None:
    """The feed, applied in order to nothing, gives each record's customer."""
    now: dict[RecordKey, str | None] = {}
    last = 0
    for change in snapshot.changes(0, 100_000):
        assert last < change.revision <= snapshot.revision
        last = change.revision
        assert bool(change.moves) != (change.cause is Cause.ADOPTION)
        was, is_ = _sides(now), now
        for move in change.moves:
            assert now.get(move.record) == move.before != move.after
            now[move.record] = move.after
        after = _sides(is_)
        for customer in was.keys() | after.keys():
            if was.get(customer, set()) != after.get(customer, set()):
                assert customer in {*change.before, *change.after}
                assert (customer in change.before) == (customer in was)
                assert (customer in change.after) == (customer in after)
        assert set(change.before) <= was.keys() and set(change.after) <= after.keys()
    assert {key: c for key, c in now.items() if c is not None} == {
        key: record.customer for key, record in records.items() if record.customer is not None
    }


def _sides(now: Mapping[RecordKey, str | None]) -> dict[str, set[RecordKey]]:
    sides: dict[str, set[RecordKey]] = {}
    for key, customer in now.items():
        if customer is not None:
            sides.setdefault(customer, set()).add(key)
    return sides


def _ids(snapshot: Snapshot, records: Mapping[RecordKey, Record], handed_out: Iterable[str]) -> None:
    told = {name for change in snapshot.changes(0, 100_000) for name in (*change.before, *change.after)}
    ever = {*handed_out, *told} - {""}
    known = snapshot.customer_ids(ever)
    assert known.keys() == ever
    assert all(one.anchor is not None for one in known.values())
    for name in {record.customer for record in records.values() if record.customer is not None}:
        keys = [key for key, record in records.items() if record.customer == name]
        oldest = min(snapshot.anchored(keys), key=lambda one: (one.minted, one.id))
        assert oldest.id == name


def _judgements(snapshot: Snapshot, books: Books, records: Mapping[RecordKey, Record]) -> None:
    """What a steward said holds at every moment: all of a part together, no two parts."""
    in_force = [j for j in snapshot.all_judgements(0, 10_000) if j.retracted is None]
    assert {j.id: frozenset(j.parts) for j in in_force} == {
        name: frozenset(j.parts) for name, j in books.judgements.items()
    }
    for judgement in in_force:
        sides = [{records[key].customer for key in part if key in records} for part in judgement.parts]
        assert all(None not in side for side in sides)
        for number, side in enumerate(sides):
            assert all(side.isdisjoint(other) for other in sides[number + 1 :])


def _suggestions(snapshot: Snapshot, truth: Truth) -> None:
    stored = snapshot.suggestions(None, 100_000)
    assert len({name for name, _ in stored}) == len(stored)
    assert {(s.left, s.right, s.weight, s.reason) for _, s in stored} == truth.doubts
    where = snapshot.records({key for _, s in stored for key in (s.left, s.right)})
    assert all(where[s.left].customer != where[s.right].customer for _, s in stored)


def _silence(snapshot: Snapshot, books: Books, settings: Settings, truth: Truth) -> None:
    nodes = [node_of(e, settings)[1] for said in books.statements.values() for e in said.values()]
    keys = {key for node in nodes for key in node.blocks}
    own = {identifier_block(a.identifier) for node in nodes for a in node.assertions}
    keys |= {generic_key(key) for block in own for key in (block, verified_block(block))}
    assert snapshot.silent(keys) == truth.silent & keys
    assert truth.silent <= keys
