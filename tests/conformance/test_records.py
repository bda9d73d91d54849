"""Records, the touchpoints that point to them, and finding them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import Conflict, StoreError
from graph.keys import stale_touchpoint
from graph.model import (
    Assurance,
    ChangeSet,
    CustomerId,
    Direction,
    Evidence,
    Glance,
    Holder,
    Identifier,
    IdentifierKind,
    PartyType,
    ReadSet,
    RecordKey,
    StatedIdentifier,
    Statement,
    Tally,
    Touchpoint,
    TouchpointKey,
)
from graph.store import Store
from tests.conformance.samples import change, key, node, one_customer, phone, put, record, says, touchpoint


def test_a_record_comes_back_as_it_was_given(store: Store) -> None:
    given = replace(
        record("1", "n1", "c1", version=None),
        evidence=Evidence(
            identifiers=(StatedIdentifier(IdentifierKind.HANDLE, " @Jan ", "instagram"),),
            **{
                name: f"{name} é"
                for name in Evidence.__dataclass_fields__
                if name not in ("identifiers", "attributes", "compared_attributes", "party_type")
            },
            party_type=PartyType.ORGANISATION,
            attributes=(("b", "2"), ("a", "")),
            compared_attributes=(("Geboorteplaats", " Köln "), ("a", "")),
        ),
    )
    put(store, ChangeSet(records=(given,), nodes_added=(node("n1"),)))
    with store.snapshot() as snapshot:
        assert snapshot.records([key("1"), key("2")]) == {key("1"): replace(given, first_revision=1)}


def test_the_first_revision_is_kept_over_updates_deletion_and_return(store: Store) -> None:
    put(store, one_customer("1", "n1", "A", "c1"))
    put(store, ChangeSet(records=(record("1", None, version=2),)))
    with store.snapshot() as snapshot:
        tombstone = snapshot.records([key("1")])[key("1")]
        assert tombstone.statement == Statement(2, True, "statement of 1 at 2")
        assert (tombstone.node, tombstone.customer, tombstone.first_revision) == (None, None, 1)
        assert snapshot.all_records(None, 9) == []
        assert snapshot.members(["c1"]) == {}
    put(store, ChangeSet(records=(record("1", "n1", "c1", version=3),)))
    with store.snapshot() as snapshot:
        assert snapshot.records([key("1")])[key("1")].first_revision == 1


def test_a_record_may_share_a_node_and_move_to_another_customer(store: Store) -> None:
    put(store, one_customer("1", "n1", "A", "c1"), ChangeSet(records=(record("2", "n1", "c1"),)))
    put(store, ChangeSet(moved=((key("2"), "c2"), (key("1"), None)), change=change(("2", "c1", "c2"))))
    with store.snapshot() as snapshot:
        (component,) = snapshot.components(["n1"])
        assert [record.key for record in component.records] == [key("1"), key("2")]
        assert {c: [r.key for r in rs] for c, rs in snapshot.members(["c1", "c2"]).items()} == {
            "c2": [key("2")]
        }


@pytest.mark.parametrize(
    "change_set",
    [
        ChangeSet(records=(record("1", "absent"),)),
        ChangeSet(moved=((key("absent"), "c1"),)),
        ChangeSet(nodes_removed=("absent",)),
        ChangeSet(nodes_removed=("n1",)),
        ChangeSet(nodes_added=(node("n1"),)),
        ChangeSet(touchpoints=(touchpoint("t", "1", 1),)),
    ],
)
def test_what_contradicts_the_store_is_refused_whole(store: Store, change_set: ChangeSet) -> None:
    put(store, one_customer("1", "n1", "A", "c1"), ChangeSet(touchpoints=(touchpoint("t", "1", 1),)))
    with pytest.raises(StoreError):
        put(store, one_customer("2", "n2", "B", "c2"), change_set)
    with store.snapshot() as snapshot:
        assert snapshot.revision == 2
        assert snapshot.records([key("2")]) == {}
        assert snapshot.nodes(["n1", "n2"]).keys() == {"n1"}
        assert snapshot.touchpoint(TouchpointKey("till", "t")) == touchpoint("t", "1", 1)


def test_a_touchpoint_that_another_has_recorded_meanwhile_is_a_conflict(store: Store) -> None:
    told = ChangeSet(touchpoints=(touchpoint("t", "1", 1),))
    with store.snapshot() as snapshot:
        assert not snapshot.known_touchpoints([TouchpointKey("till", "t")])
        planned = ReadSet(revision=snapshot.revision)
    put(store, told)
    with pytest.raises(Conflict) as refused:
        store.apply([ChangeSet(silenced=("k",)), told], planned)
    assert refused.value.stale == (stale_touchpoint(TouchpointKey("till", "t")),)
    with pytest.raises(Conflict):
        put(store, *[ChangeSet(touchpoints=(touchpoint("twice", "1", 1),))] * 2)
    with store.snapshot() as snapshot:
        assert (snapshot.revision, snapshot.silent(["k"])) == (1, frozenset())


def test_a_touchpoint_comes_back_as_it_was_given(store: Store) -> None:
    given = Touchpoint(
        key=TouchpointKey("till", "1"),
        record=key("never stated"),
        digest="d",
        occurred=-5,
        received=0,
        channel="whatsapp",
        direction=Direction.INBOUND,
        kind="message",
        purpose="service",
        conversation="c",
        outcome="answered",
        automated=True,
        agent="bot",
        location="Delft",
        duration=0,
        value=-1,
        currency="EUR",
        address="+31612345678",
        references=(Identifier(IdentifierKind.REFERENCE, "order", "1"),) * 2,
        attributes=(("b", "2"), ("a", "")),
    )
    put(store, ChangeSet(touchpoints=(given, touchpoint("2", "1", 3))))
    with store.snapshot() as snapshot:
        assert snapshot.touchpoint(given.key) == given
        assert snapshot.touchpoint(TouchpointKey("till", "3")) is None
        assert snapshot.timeline([given.record], None, 9) == [given]
        assert snapshot.records([given.record]) == {}
        assert snapshot.known_touchpoints([given.key, TouchpointKey("till", "3")]) == {
            given.key: ("d", given.record)
        }


def test_an_identifier_leads_to_those_whose_live_records_assert_it(store: Store) -> None:
    device = Identifier(IdentifierKind.DEVICE, "ios", "x")
    asserted = replace(node("n1", says(phone("+311")), says(device)), blocks=("phone::+311",))
    sure = node("n2", says(phone("+311"), assurance=Assurance.VERIFIED), says(phone("+311")))
    put(
        store,
        ChangeSet(
            nodes_added=(asserted,),
            records=(
                record("a", "n1", "c2"),
                record("b", "n1", "c1"),
                record("c", "n1", "c1"),
                record("d", "n1"),
            ),
        ),
        ChangeSet(nodes_added=(sure,), records=(record("e", "n2", "c1"), record("0", "n2", source="a"))),
        ChangeSet(records=(record("b", None, version=2),)),
    )
    found = [
        Holder("c1", None, 2, Assurance.VERIFIED, 3),
        Holder("c2", None, 1, Assurance.STATED, 1),
        Holder(None, key("0", "a"), 1, Assurance.VERIFIED, 0),
        Holder(None, key("d"), 1, Assurance.STATED, 0),
    ]
    with store.snapshot() as snapshot:
        for limit in range(6):
            assert snapshot.holders(phone("+311"), limit) == found[:limit]
        on_device = [found[0]._replace(record_count=1, assurance=Assurance.STATED), found[1], found[3]]
        assert snapshot.holders(device, 9) == on_device
        assert snapshot.holders(phone("+312"), 9) == []
        assert "device:ios:x" not in snapshot.blocks(["device:ios:x"], 9)


def test_one_customer_with_thousands_of_records_is_one_holder(store: Store) -> None:
    many = tuple(record(str(i), "n1", "c1") for i in range(2000))
    put(
        store,
        ChangeSet(nodes_added=(node("n1", says(phone("+311"))),), records=many),
        ChangeSet(records=(record("z", "n1", "c2"),)),
    )
    with store.snapshot() as snapshot:
        told = snapshot.holders(phone("+311"), 2)
    assert [(holder.customer, holder.record_count) for holder in told] == [("c1", 2000), ("c2", 1)]


def test_a_record_that_moves_or_states_something_else_is_held_anew(store: Store) -> None:
    put(
        store,
        one_customer("1", "n1", "A", "c1", says(phone("+311"))),
        one_customer("2", "n2", "B", "c2", says(phone("+312"))),
    )
    with store.snapshot() as snapshot:
        assert snapshot.touched(["c1", "c2", "c3"]) == {"c1": 1, "c2": 2}
    put(store, ChangeSet(moved=((key("1"), "c2"),)))
    with store.snapshot() as snapshot:
        assert snapshot.holders(phone("+311"), 9) == [Holder("c2", None, 1, Assurance.STATED, 3)]
        assert snapshot.touched(["c1", "c2"]) == {"c1": 3, "c2": 3}
    put(store, ChangeSet(records=(record("1", "n2", "c2", version=2),), nodes_removed=("n1",)))
    with store.snapshot() as snapshot:
        assert snapshot.holders(phone("+311"), 9) == []
        assert snapshot.holders(phone("+312"), 9) == [Holder("c2", None, 2, Assurance.STATED, 4)]
    put(store, ChangeSet(moved=((key("1"), None),)))
    with store.snapshot() as snapshot:
        visitor = Holder(None, key("1"), 1, Assurance.STATED, 0)
        assert snapshot.holders(phone("+312"), 9) == [Holder("c2", None, 1, Assurance.STATED, 5), visitor]
    put(store, ChangeSet(moved=((key("1"), "c1"),)), ChangeSet(records=(record("2", None, version=2),)))
    with store.snapshot() as snapshot:
        assert snapshot.holders(phone("+312"), 9) == [Holder("c1", None, 1, Assurance.STATED, 6)]
        assert snapshot.touched(["c2"]) == {"c2": 7}


def test_a_touchpoint_touches_its_customer_and_an_id_that_is_told_does_not(store: Store) -> None:
    put(store, one_customer("1", "n1", "A", "c1"), one_customer("2", "n2", "B", "c2"))
    put(store, ChangeSet(touchpoints=(touchpoint("t1", "1", 1), touchpoint("t2", "never stated", 1))))
    put(store, ChangeSet(ids=(CustomerId("c1", 1, key("1")), CustomerId("c9", 2, key("2")))))
    with store.snapshot() as snapshot:
        assert snapshot.touched(["c1", "c2", "c9"]) == {"c1": 3, "c2": 2}
        assert snapshot.customer_ids(["c1", "c2", "c9"]).keys() == {"c1", "c9"}


def test_what_falls_silent_or_speaks_is_told_by_one_revision(store: Store) -> None:
    seen = []
    for change_set in (
        ChangeSet(),
        ChangeSet(silenced=("k",)),
        ChangeSet(),
        ChangeSet(voiced=("k",)),
        ChangeSet(touchpoints=(touchpoint("t1", "1", 1),)),
    ):
        put(store, change_set)
        with store.snapshot() as snapshot:
            seen.append(snapshot.silence_revision)
    assert seen == [0, 2, 2, 4, 4]


def test_a_reference_leads_to_the_records_of_its_touchpoints(store: Store) -> None:
    order = Identifier(IdentifierKind.REFERENCE, "order", "1")
    put(store, one_customer("1", "n1", "A", "c1"), one_customer("2", "n2", "B", "c2", says(order)))
    put(
        store,
        ChangeSet(
            touchpoints=(
                touchpoint("t1", "1", 1, order),
                touchpoint("t2", "1", 2, order),
                touchpoint("t3", "never stated", 2, order),
                touchpoint("t4", "2", 2, order),
            )
        ),
    )
    with store.snapshot() as snapshot:
        found = [
            Holder("c1", None, 1, Assurance.OBSERVED, 3),
            Holder("c2", None, 1, Assurance.STATED, 3),
        ]
        assert snapshot.holders(order, 9) == found
        assert snapshot.holders(order, 1) == found[:1]
    put(store, ChangeSet(moved=((key("1"), None),)), ChangeSet(records=(record("2", None, version=2),)))
    with store.snapshot() as snapshot:
        assert snapshot.holders(order, 9) == [Holder(None, key("1"), 1, Assurance.OBSERVED, 0)]


def test_touchpoints_are_counted_by_channel_and_direction(store: Store) -> None:
    given = [
        replace(touchpoint(str(i), "12"[i % 2], 100 - i), channel="ab"[i % 3 // 2], direction=direction)
        for i, direction in enumerate([Direction.INBOUND, Direction.OUTBOUND, Direction.UNSPECIFIED] * 50)
    ]
    put(store, ChangeSet(touchpoints=(*given, touchpoint("other", "3", 1))))
    with store.snapshot() as snapshot:
        assert snapshot.tallies([key("1"), key("2"), key("1"), key("absent")]) == [
            Tally("a", Direction.INBOUND, 50, -47, 100),
            Tally("a", Direction.OUTBOUND, 50, -48, 99),
            Tally("b", Direction.UNSPECIFIED, 50, -49, 98),
        ]
        assert snapshot.tallies([key("3")]) == [Tally("shop", Direction.UNSPECIFIED, 1, 1, 1)]
        assert snapshot.tallies([]) == []


def test_all_records_in_pages(store: Store) -> None:
    keys = sorted(RecordKey(source, name) for source in ("", "a", "é") for name in ("", "1", "\U0001f600"))
    put(
        store,
        ChangeSet(
            nodes_added=(node("n"),),
            records=tuple(record(name, "n", source=source) for source, name in reversed(keys)),
        ),
    )
    for size in (1, 2, 9, 10):
        seen: list[RecordKey] = []
        with store.snapshot() as snapshot:
            while page := snapshot.all_records(seen[-1] if seen else None, size):
                assert len(page) <= size
                seen += [record.key for record in page]
        assert seen == keys


def test_the_timeline_is_latest_first_and_pages_over_equal_times(store: Store) -> None:
    given = [touchpoint(f"t{i}", "12"[i % 2], i // 5) for i in range(23)]
    put(store, ChangeSet(touchpoints=(*given, touchpoint("other", "3", 1))))
    expected = sorted(given, key=lambda one: (one.occurred, one.key), reverse=True)
    records = [key("1"), key("2"), key("absent")]
    with store.snapshot() as snapshot:
        for size in (1, 3, 5, 23, 40):
            seen: list[Touchpoint] = []
            while page := snapshot.timeline(
                records, (seen[-1].occurred, seen[-1].key) if seen else None, size
            ):
                assert len(page) <= size
                seen += page
            assert seen == expected
        assert snapshot.timeline(records, None, 0) == []
        assert snapshot.timeline([], None, 5) == []


def test_a_glance_tells_the_one_customer_that_holds_an_identifier(store: Store) -> None:
    phoned = node("n1", says(phone("+311")))
    base = ChangeSet(nodes_added=(phoned,), records=(record("a", "n1", "c1"), record("b", "n1", "c1")))
    put(store, base)
    assert store.glance(phone("+311")) == Glance(1, 1, "c1", 1, 0)
    assert store.glance(phone("+312")) == Glance(1, 1, "", 0, 0)
    put(store, ChangeSet(records=(record("v", "n1", None),), reopened=("n1",)))
    assert store.glance(phone("+311")) == Glance(2, 1, "c1", 1, 0), "visitors stand aside"
    put(store, ChangeSet(touchpoints=(touchpoint("t", "a", 1),), silenced=("phone::+311",)))
    assert store.glance(phone("+311")) == Glance(3, 1, "c1", 3, 3), "with its versions"
    put(store, ChangeSet(moved=((key("b"), "c2"),), settled=("n1",)))
    assert store.glance(phone("+311")) == Glance(4, 4, "", 0, 3), "several hold it"
    put(store, ChangeSet(moved=((key("a"), None), (key("b"), None))))
    assert store.glance(phone("+311")) == Glance(5, 5, "", 0, 3), "visitors alone"


def test_raising_a_record_changes_its_version_and_nothing_else(store: Store) -> None:
    put(store, one_customer("1", "n1", "A", "c1"))
    with store.snapshot() as snapshot:
        was = snapshot.records([key("1")])[key("1")]
    put(store, ChangeSet(raised=((key("1"), 7),)))
    with store.snapshot() as snapshot:
        assert snapshot.records([key("1")]) == {
            key("1"): replace(was, statement=was.statement._replace(version=7))
        }
        assert snapshot.touched(["c1"]) == {"c1": 2}
        behind = ReadSet(records=((key("1"), 1),), revision=1)
    with pytest.raises(Conflict):
        store.apply([ChangeSet(reopened=("n1",))], behind)
    with pytest.raises(StoreError):
        put(store, ChangeSet(raised=((key("2"), 7),)))
