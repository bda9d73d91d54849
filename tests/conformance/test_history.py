"""What happened: changes, moves, customer ids, judgements, the queue, settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import StoreError
from graph.model import Change, ChangeSet, CustomerId, Move
from graph.store import Store
from tests.conformance.factories import StoreFactory
from tests.conformance.samples import change, judgement, key, put


def test_changes_come_in_order_with_their_revisions_and_page(store: Store) -> None:
    given = [
        change(("2", None, "c1"), ("1", None, "c1")),
        None,
        replace(change(("1", "c1", "c2"), ("never stated", None, None)), judgement="j"),
        change(("1", "c2", "c1")),
    ]
    put(store, *(ChangeSet(change=one) for one in given))
    expected = [replace(one, revision=i) for i, one in enumerate(given, start=1) if one is not None]
    with store.snapshot() as snapshot:
        assert [snapshot.change(revision) for revision in (0, 1, 2, 3, 4, 5)] == [
            None, expected[0], None, expected[1], expected[2], None,
        ]  # fmt: skip
        for size in (1, 2, 3, 9):
            seen: list[Change] = []
            while page := snapshot.changes(seen[-1].revision if seen else 0, size):
                assert len(page) <= size
                seen += page
            assert seen == expected


def test_moves_out_of_or_into_customers(store: Store) -> None:
    put(
        store,
        ChangeSet(change=change(("2", None, "c1"), ("1", None, "c1"), ("3", None, "c3"))),
        ChangeSet(change=change(("1", "c1", "c2"))),
        ChangeSet(change=change(("2", "c1", None), ("1", "c2", "c1"))),
    )
    with store.snapshot() as snapshot:
        assert snapshot.moves(["c1", "c2"], 0) == [
            (1, Move(key("2"), None, "c1")),
            (1, Move(key("1"), None, "c1")),
            (2, Move(key("1"), "c1", "c2")),
            (3, Move(key("2"), "c1", None)),
            (3, Move(key("1"), "c2", "c1")),
        ]
        assert snapshot.moves(["c2"], 2) == [(3, Move(key("1"), "c2", "c1"))]
        assert snapshot.moves(["c2", "absent"], 3) == []


def test_customer_ids_are_minted_anchored_again_emptied_and_erased(store: Store) -> None:
    first, second = CustomerId("c1", 1, key("1")), CustomerId("c2", 2, key("2"))
    put(store, ChangeSet(ids=(second, first)))
    with store.snapshot() as snapshot:
        assert snapshot.customer_ids(["c1", "c2", "c3"]) == {"c1": first, "c2": second}
        assert snapshot.anchored([key("2"), key("1"), key("3")]) == [first, second]
    put(store, ChangeSet(ids=(second._replace(anchor=key("1")), first._replace(anchor=None))))
    with store.snapshot() as snapshot:
        assert snapshot.anchored([key("2"), key("1")]) == [second._replace(anchor=key("1"))]
        assert snapshot.customer_ids(["c1"]) == {"c1": first._replace(anchor=None)}
    put(store, ChangeSet(ids=(second._replace(anchor=None, erased=True),)))
    with store.snapshot() as snapshot:
        assert snapshot.anchored([key("1"), key("2")]) == []
        assert snapshot.customer_ids(["c2"]) == {"c2": CustomerId("c2", 2, None, erased=True)}


def test_several_ids_anchored_at_one_record_are_in_order_of_minting(store: Store) -> None:
    ids = tuple(CustomerId(f"c{9 - i}", i, key("1")) for i in range(5))
    put(store, ChangeSet(ids=ids[::-1]))
    with store.snapshot() as snapshot:
        assert snapshot.anchored([key("1")]) == list(ids)


def test_judgements_are_in_force_until_retracted_and_keep_their_parts(store: Store) -> None:
    first, second = judgement("b", {"1", "never stated"}, {"2"}), judgement("a", {"1"}, set(), {"3"})
    put(store, ChangeSet(judgements=(first,)), ChangeSet(judgements=(replace(second, reverts=4),)))
    stored = [replace(first, revision=1), replace(second, revision=2, reverts=4)]
    with store.snapshot() as snapshot:
        assert snapshot.judgements([key("1"), key("2")]) == stored
        assert snapshot.judgements([key("never stated")]) == stored[:1]
        assert snapshot.judgements([key("4")]) == []
    put(store, ChangeSet(judgements=(replace(stored[0], retracted=-1),)))
    with store.snapshot() as snapshot:
        assert snapshot.judgements([key("1"), key("2")]) == stored[1:]
        assert snapshot.all_judgements(0, 9) == [replace(stored[0], retracted=3), stored[1]]


def test_a_judgement_may_be_retracted_at_a_revision_that_is_given_but_not_be_made_twice(store: Store) -> None:
    put(store, ChangeSet(judgements=(judgement("j", {"1"}),)), ChangeSet())
    put(store, ChangeSet(judgements=(replace(judgement("j", {"1"}), retracted=2),)))
    with store.snapshot() as snapshot:
        assert [one.retracted for one in snapshot.all_judgements(0, 9)] == [2]
    with pytest.raises(StoreError):
        put(store, ChangeSet(judgements=(judgement("j", {"1"}),)))


def test_pages_of_judgements_never_part_those_of_one_revision(store: Store) -> None:
    at_once = tuple(judgement(name, {"1"}) for name in "cab")
    put(store, ChangeSet(judgements=(judgement("d", {"1"}),)), ChangeSet(judgements=at_once), ChangeSet())
    put(store, ChangeSet(judgements=(judgement("e", {"1"}),)))
    with store.snapshot() as snapshot:
        assert [one.id for one in snapshot.all_judgements(0, 1)] == ["d"]
        assert [one.id for one in snapshot.all_judgements(1, 1)] == ["a", "b", "c"]
        assert [one.id for one in snapshot.all_judgements(2, 9)] == ["e"]
        assert snapshot.all_judgements(4, 9) == []


def test_the_queue_is_settled_up_to_its_oldest_entry(store: Store) -> None:
    put(store, ChangeSet(), ChangeSet(reopened=("b", "c")), ChangeSet(reopened=("a", "b")))
    with store.snapshot() as snapshot:
        assert (snapshot.waiting(9), snapshot.waiting(2)) == (["a", "b", "c"], ["a", "b"])
        assert (snapshot.revision, snapshot.settled_revision) == (3, 1)
    put(store, ChangeSet(settled=("b", "c", "absent")))
    with store.snapshot() as snapshot:
        assert (snapshot.revision, snapshot.settled_revision) == (4, 2)
    put(store, ChangeSet(settled=("a",), reopened=("a",)))
    with store.snapshot() as snapshot:
        assert (snapshot.waiting(9), snapshot.settled_revision) == (["a"], 4)
    put(store, ChangeSet(settled=("a",)))
    with store.snapshot() as snapshot:
        assert (snapshot.waiting(9), snapshot.settled_revision) == ([], 6)


def test_settings_are_written_once(factory: StoreFactory) -> None:
    store = factory.open()
    assert store.meta() == {}
    store.put_meta({"model": "m\x00 ", "population": "10"})
    store.put_meta({"population": "10", "secret": ""})
    with pytest.raises(StoreError):
        store.put_meta({"new": "1", "model": "m"})
    store = factory.reopen()
    assert store.meta() == {"model": "m\x00 ", "population": "10", "secret": ""}
    assert put(store) == 0


def test_everything_is_there_after_reopening(factory: StoreFactory) -> None:
    put(factory.open(), ChangeSet(reopened=("a",), change=change(("1", None, "c1"))), ChangeSet())
    store = factory.reopen()
    with store.snapshot() as snapshot:
        assert (snapshot.revision, snapshot.settled_revision) == (2, 0)
        assert len(snapshot.changes(0, 9)) == 1
    assert put(store, ChangeSet()) == 3
