"""Stores with customers in them, put there without resolving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.keys import identifier_block
from graph.model import (
    Cause,
    Change,
    ChangeSet,
    CustomerId,
    Judgement,
    Move,
    Node,
    ReadSet,
    Record,
    Suggestion,
    Touchpoint,
)
from graph.store import Store
from resolver.normalise import evidence


def node_of(record: Record) -> Node:
    features = evidence.normalise(record.evidence)
    assertions = evidence.describe(features)
    blocks = tuple(identifier_block(assertion.identifier) for assertion in assertions)
    return Node(evidence.digest(features), evidence.encode(features), assertions, blocks)


def put(store: Store, change_set: ChangeSet) -> int:
    with store.snapshot() as snapshot:
        read_set = ReadSet(revision=snapshot.revision)
    return store.apply([change_set], read_set)


def fill(
    store: Store,
    records: Sequence[Record],
    touchpoints: Iterable[Touchpoint] = (),
    *,
    ids: Iterable[CustomerId] = (),
    silenced: Iterable[str] = (),
) -> int:
    """Put records with their nodes, one component each, and an id anchored at each customer's first."""
    nodes = {node.digest: node for node in map(node_of, records)}
    first: dict[str, Record] = {}
    for record in sorted(records, key=lambda each: each.key):
        if record.customer is not None:
            first.setdefault(record.customer, record)
    minted = tuple(CustomerId(id_, place, first[id_].key) for place, id_ in enumerate(sorted(first), 1))
    return put(
        store,
        ChangeSet(
            touchpoints=tuple(touchpoints),
            records=tuple(records),
            nodes_added=tuple(nodes.values()),
            components={f"component {digest}": (digest,) for digest in nodes},
            ids=(*minted, *ids),
            silenced=tuple(silenced),
            change=Change(
                Cause.RECORD,
                5,
                (),
                tuple(sorted(first)),
                tuple(Move(record.key, None, record.customer) for record in records if record.customer),
            ),
        ),
    )


def suggest(store: Store, component: str, suggestions: Iterable[Suggestion]) -> int:
    return put(store, ChangeSet(suggestions={component: tuple(suggestions)}))


def judge(store: Store, *judgements: Judgement) -> int:
    return put(store, ChangeSet(judgements=judgements))
