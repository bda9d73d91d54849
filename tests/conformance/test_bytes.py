"""Texts are kept and compared byte for byte."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from graph.errors import StoreError
from graph.keys import identifier_block
from graph.model import ChangeSet, CustomerId, Direction, Identifier, IdentifierKind, Tally, TouchpointKey
from graph.store import Store
from tests.conformance.factories import StoreFactory
from tests.conformance.samples import key, node, phone, put, record, says, touchpoint

HOSTILE = (
    "",
    " ",
    "jan",
    "Jan",
    "jan ",
    "jan\t",
    "jan\x00",
    "jan\x00\x00",
    "\x00jan",
    "caf\u00e9",
    "cafe\u0301",
    "\ufb01",
    "fi",
    "\u0130",
    "i",
    "stra\u00dfe",
    "strasse",
    "\u202ejan",
    "\ufeffjan",
    "\U0001f600",
    "\U0001f600\ufe0f",
    "a:b",
    ":",
    "%3A",
    "%",
    "'; DROP TABLE record; --",
    "_",
    "*",
    "0042",
    "42",
    "4.2e1",
    "\uffff",
    "\U0010ffff",
    "x" * 100_000,
    "x" * 99_999 + "y",
)


def test_values_that_look_alike_are_different_identifiers(factory: StoreFactory) -> None:
    store = factory.open()
    identifiers = [Identifier(IdentifierKind.HANDLE, "", value) for value in HOSTILE]
    identifiers += [
        Identifier(kind, namespace, value)
        for kind, namespace, value in product(
            (IdentifierKind.LOYALTY, IdentifierKind.EXTERNAL),
            ("", ":", "a:b", "%3A", "a%3Ab", "A"),
            ("", "b:c", "b"),
        )
    ]
    put(
        store,
        ChangeSet(
            nodes_added=tuple(node(f"n{i}", says(identifier)) for i, identifier in enumerate(identifiers)),
            records=tuple(record(str(i), f"n{i}", f"c{i}") for i in range(len(identifiers))),
        ),
    )
    store = factory.reopen()
    with store.snapshot() as snapshot:
        for i, identifier in enumerate(identifiers):
            assert [holder.customer for holder in snapshot.holders(identifier, 9)] == [f"c{i}"]
            assert snapshot.nodes([f"n{i}"])[f"n{i}"].assertions[0].identifier == identifier
        blocks = snapshot.blocks([identifier_block(identifier) for identifier in identifiers], 9)
        assert sorted(block.members for block in blocks.values()) == sorted(
            (f"n{i}",) for i in range(len(identifiers))
        )


def test_keys_that_look_alike_are_different_records(factory: StoreFactory) -> None:
    store = factory.open()
    records = [replace(record(text, "n"), customer=f"customer {text}") for text in HOSTILE]
    touchpoints = [replace(touchpoint(text, text, 1), channel=text) for text in HOSTILE]
    shared = phone("+311")
    put(
        store,
        ChangeSet(
            nodes_added=(node("n", says(shared)),),
            records=tuple(records),
            touchpoints=tuple(touchpoints),
            ids=tuple(CustomerId(f"customer {text}", i, key(text)) for i, text in enumerate(HOSTILE)),
            silenced=HOSTILE[::2],
        ),
    )
    store = factory.reopen()
    with store.snapshot() as snapshot:
        assert snapshot.records([key(text) for text in HOSTILE]) == {
            key(text): replace(given, first_revision=1) for text, given in zip(HOSTILE, records, strict=True)
        }
        assert snapshot.silent(HOSTILE) == frozenset(HOSTILE[::2])
        for i, text in enumerate(HOSTILE):
            assert snapshot.touchpoint(TouchpointKey("till", text)) == touchpoints[i]
            assert snapshot.timeline([key(text)], None, 9) == [touchpoints[i]]
            customer = f"customer {text}"
            assert snapshot.customer_ids([customer]) == {customer: CustomerId(customer, i, key(text))}
            assert [one.key for one in snapshot.members([customer])[customer]] == [key(text)]
            assert snapshot.touched([customer]) == {customer: 1}
            assert snapshot.tallies([key(text)]) == [Tally(text, Direction.UNSPECIFIED, 1, 1, 1)]
        assert [one.channel for one in snapshot.tallies(list(map(key, HOSTILE)))] == sorted(HOSTILE)
        told = [one.customer for one in snapshot.holders(shared, len(HOSTILE))]
        assert told == sorted(f"customer {text}" for text in HOSTILE)
        assert [one.key.record_id for one in snapshot.all_records(None, 99)] == sorted(HOSTILE)


def test_digests_and_blocking_keys_that_look_alike_are_different(factory: StoreFactory) -> None:
    nodes = {text: node(text, blocks=(text,)) for text in HOSTILE}
    put(
        factory.open(),
        ChangeSet(
            nodes_added=tuple(nodes.values()),
            components={f"of {text}": (text,) for text in HOSTILE},
            silenced=HOSTILE[1::2],
        ),
    )
    with factory.reopen().snapshot() as snapshot:
        assert snapshot.nodes(HOSTILE) == nodes
        assert {key: block.members for key, block in snapshot.blocks(HOSTILE, 9).items()} == {
            text: (text,) for text in HOSTILE
        }
        assert snapshot.silent(HOSTILE) == frozenset(HOSTILE[1::2])
        assert [one.id for one in snapshot.components(HOSTILE)] == sorted(f"of {text}" for text in HOSTILE)
        for text in HOSTILE:
            assert snapshot.nodes([text]).keys() == snapshot.blocks([text], 9).keys() == {text}
            assert [one.id for one in snapshot.components([text])] == [f"of {text}"]


def test_visitors_with_hostile_keys_are_told_apart_and_in_order(factory: StoreFactory) -> None:
    device = Identifier(IdentifierKind.DEVICE, "ios", "\x00")
    put(
        factory.open(),
        ChangeSet(
            nodes_added=(node("n", says(device)),),
            records=(*(record(text, "n") for text in HOSTILE), record("one more", "n", "")),
        ),
    )
    with factory.reopen().snapshot() as snapshot:
        holders = snapshot.holders(device, 99)
    # To a store a customer whose id is empty is no visitor.
    assert (holders[0].customer, holders[0].visitor) == ("", None)
    assert [holder.visitor for holder in holders[1:]] == [key(text) for text in sorted(HOSTILE)]


@pytest.mark.parametrize(
    "change_set",
    [
        ChangeSet(nodes_added=(node("n", says(Identifier(IdentifierKind.EMAIL, "", "a\udc80"))),)),
        ChangeSet(nodes_added=(node("n", blocks=("a\ud800",)),)),
        ChangeSet(touchpoints=(touchpoint("\ud800", "1", 1),)),
        ChangeSet(touchpoints=(replace(touchpoint("1", "1", 1), agent="\ud83d"),)),
        ChangeSet(touchpoints=(touchpoint("1", "a\ud83d", 1),)),
        ChangeSet(silenced=("\udfff",)),
    ],
)
def test_a_lone_surrogate_is_refused_without_repeating_it(store: Store, change_set: ChangeSet) -> None:
    with pytest.raises(StoreError) as refused:
        put(store, ChangeSet(silenced=("kept out too",)), change_set)
    assert str(refused.value) == "a text holds a lone surrogate, which has no bytes"
    assert refused.value.__cause__ is None
    with store.snapshot() as snapshot:
        assert snapshot.revision == 0
        assert not snapshot.silent(["kept out too"])
