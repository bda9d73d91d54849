"""One write: read sets, races, isolation, watchers, closing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from graph.errors import Conflict, StoreError, StoreUnavailable
from graph.keys import SILENCE, stale_block, stale_component, stale_node, stale_record
from graph.model import ChangeSet, ReadSet
from graph.store import Store
from tests.conformance.conftest import Held
from tests.conformance.processes import SecondProcess
from tests.conformance.samples import change, judgement, key, node, one_customer, phone, put, record, says


def test_a_node_that_somebody_else_has_added_is_a_conflict_though_none_of_its_keys_was_read(
    store: Store,
) -> None:
    seen = ReadSet(revision=store.apply([ChangeSet(silenced=("k",))], ReadSet()))
    put(store, ChangeSet(nodes_added=(node("n1", blocks=("k",)),)))
    with pytest.raises(Conflict) as refused:
        store.apply([ChangeSet(nodes_added=(node("n1", blocks=("k",)),))], seen)
    assert refused.value.stale == (stale_node("n1"),)
    # What the same call has taken away itself may come again.
    again = [ChangeSet(nodes_removed=("n1",)), ChangeSet(nodes_added=(node("n1", blocks=("k",)),))]
    assert store.apply(again, seen) == seen.revision + 3


def test_revisions_are_consecutive_from_one(store: Store) -> None:
    with store.snapshot() as snapshot:
        assert (snapshot.revision, snapshot.settled_revision) == (0, 0)
    assert store.apply([], ReadSet()) == 0
    assert store.apply([ChangeSet(), ChangeSet()], ReadSet()) == 2
    assert store.apply([ChangeSet()], ReadSet(revision=2)) == 3


@pytest.mark.parametrize(
    ("change_set", "stale"),
    [
        (ChangeSet(), []),
        (ChangeSet(nodes_added=(node("n2", blocks=("k",)),)), [stale_block("k")]),
        (ChangeSet(nodes_added=(node("n2", blocks=("new",)),)), [stale_block("new")]),
        (ChangeSet(nodes_added=(node("n2", blocks=("unread",)),)), []),
        (ChangeSet(components={"A": ("n1",)}), [stale_component("A")]),
        (ChangeSet(components={"A": ()}), [stale_component("A")]),
        (ChangeSet(components={"new": ("n1",)}), [stale_component("A"), stale_component("new")]),
        (ChangeSet(records=(record("1", "n1", version=2),)), [stale_component("A"), stale_record(key("1"))]),
        (ChangeSet(records=(record("2", None),)), [stale_record(key("2"))]),
        (ChangeSet(judgements=(judgement("j", {"2"}),)), [stale_record(key("2"))]),
        (ChangeSet(records=(record("unread", None),)), []),
        (ChangeSet(change=change(("2", None, "c1")), reopened=("n1",)), []),
        (ChangeSet(silenced=("unread",)), [SILENCE]),
        (ChangeSet(voiced=("k",)), [SILENCE, stale_block("k")]),
    ],
)
def test_a_stale_read_is_a_conflict_that_names_it(
    store: Store, change_set: ChangeSet, stale: list[str]
) -> None:
    put(store, replace(one_customer("1", "n1", "A", "c1"), nodes_added=(node("n1", blocks=("k",)),)))
    with store.snapshot() as snapshot:
        read_set = ReadSet(
            blocks=(("k", snapshot.blocks(["k"], 9)["k"].version), ("new", 0)),
            components=(("A", snapshot.components(["n1"])[0].version), ("new", 0)),
            records=((key("1"), snapshot.revision), (key("2"), 0)),
            revision=snapshot.revision,
            silence=True,
        )
    put(store, change_set)
    if not stale:
        assert store.apply([ChangeSet()], read_set) == 3
        return
    with pytest.raises(Conflict) as conflict:
        store.apply([ChangeSet()], read_set)
    assert list(conflict.value.stale) == stale
    with store.snapshot() as snapshot:
        assert snapshot.revision == 2


def test_what_does_not_rest_on_silence_is_not_stale_by_it(store: Store) -> None:
    put(store, ChangeSet(silenced=("k",)))
    assert store.apply([ChangeSet()], ReadSet(revision=0)) == 2


def test_a_removed_block_counts_as_absent(store: Store) -> None:
    put(store, ChangeSet(nodes_added=(node("n1", blocks=("k",)),)))
    with store.snapshot() as snapshot:
        version = snapshot.blocks(["k"], 1)["k"].version
    put(store, ChangeSet(nodes_removed=("n1",)))
    with pytest.raises(Conflict):
        store.apply([ChangeSet()], ReadSet(blocks=(("k", version),), revision=1))
    store.apply([ChangeSet()], ReadSet(blocks=(("k", 0),), revision=1))


def test_all_change_sets_or_none(store: Store) -> None:
    put(store, one_customer("1", "n1", "A", "c1"))
    with pytest.raises(StoreError):
        put(
            store,
            replace(one_customer("2", "n2", "B", "c2"), silenced=("k",), reopened=("n2",)),
            ChangeSet(judgements=(judgement("j", {"1"}),), components={"A": ()}),
            ChangeSet(nodes_removed=("absent",)),
        )
    with store.snapshot() as snapshot:
        assert (snapshot.revision, snapshot.settled_revision) == (1, 1)
        assert snapshot.nodes(["n1", "n2"]).keys() == {"n1"}
        assert [one.id for one in snapshot.components(["n1", "n2"])] == ["A"]
        assert not snapshot.silent(["k"])
        assert snapshot.all_judgements(0, 9) == []
        assert len(snapshot.changes(0, 9)) == 1
    assert put(store, one_customer("2", "n2", "B", "c2")) == 2


def test_a_change_set_made_again_after_a_lost_answer_is_refused_or_changes_nothing(store: Store) -> None:
    change_set = one_customer("1", "n1", "A", "c1", says(phone("+311")))
    read_set = ReadSet(blocks=(("phone::+311", 0),), components=(("A", 0),), records=((key("1"), 0),))
    store.apply([change_set], read_set)
    with pytest.raises(Conflict):
        store.apply([change_set], read_set)
    with store.snapshot() as snapshot:
        assert snapshot.revision == 1
        assert [one.customer for one in snapshot.holders(phone("+311"), 9)] == ["c1"]


def test_two_writers_race_on_a_key_that_neither_has_seen_while_others_watch(store: Store) -> None:
    rounds = 20
    barrier = threading.Barrier(2)
    watched: list[int] = []

    def write(writer: int) -> list[tuple[str, ...]]:
        stale: list[tuple[str, ...]] = []
        for i in range(rounds):
            with store.snapshot() as snapshot:
                read_set = ReadSet(blocks=((f"phone::{i}", 0),), revision=snapshot.revision)
                assert snapshot.blocks([f"phone::{i}"], 9) == {}
            barrier.wait()
            name = f"{writer} {i}"
            try:
                store.apply([one_customer(name, name, name, name, says(phone(str(i))))], read_set)
                stale.append(())
            except Conflict as conflict:
                stale.append(conflict.stale)
            barrier.wait()
        return stale

    def watch() -> None:
        seen = 0
        while seen < rounds:
            assert store.wait(seen, 10) > seen
            with store.snapshot() as snapshot:
                changes = snapshot.changes(seen, 99)
                assert [one.revision for one in changes] == list(range(seen + 1, snapshot.revision + 1))
                seen = snapshot.revision
                watched.extend(one.revision for one in changes)

    with ThreadPoolExecutor(3) as threads:
        watcher = threads.submit(watch)
        first, second = threads.map(write, (1, 2))
        watcher.result(20)
    for i, outcomes in enumerate(zip(first, second, strict=True)):
        assert sorted(outcomes) == [(), (stale_block(f"phone::{i}"),)]
    assert watched == list(range(1, rounds + 1))


def test_a_snapshot_never_sees_what_comes_later(store: Store, held: Held) -> None:
    put(store, one_customer("1", "n1", "A", "c1", says(phone("+311"))))
    with store.snapshot() as early:
        put(store, ChangeSet(nodes_added=(node("n2", says(phone("+311"))),), reopened=("n1",)))
        with store.snapshot() as late:
            assert (early.revision, late.revision) == (1, 2)
            held.tells(lambda: early.blocks(["phone::+311"], 9)["phone::+311"].size, 1)
            assert late.blocks(["phone::+311"], 9)["phone::+311"].size == 2
            assert (early.settled_revision, late.settled_revision) == (1, 1)
            held.tells(lambda: early.waiting(9), [])
            assert late.waiting(9) == ["n1"]


def test_another_process_sees_commits_at_once_and_its_snapshots_stand_still(
    store: Store, other_process: SecondProcess, held: Held
) -> None:
    put(store, one_customer("1", "n1", "A", "c1"))
    other_process.hold()
    put(store, one_customer("2", "n2", "B", "c2"))
    assert other_process.read("revision") == 1
    held.tells(lambda: other_process.read("records", [key("2")]), {})
    other_process.hold()
    assert other_process.read("revision") == 2
    assert other_process.read("components", ["n2"])[0].id == "B"
    assert other_process.store("wait", 1, 0) == 2


def test_another_process_waits_for_a_commit(store: Store, other_process: SecondProcess) -> None:
    put(store, ChangeSet())
    assert other_process.store("wait", 1, 0.05) == 1
    timer = threading.Timer(0.1, put, (store, ChangeSet()))
    timer.start()
    assert other_process.store("wait", 1, 10) == 2
    timer.join()


def test_waiting_ends_with_a_commit_or_in_time(store: Store) -> None:
    assert store.wait(0, 0.02) == 0
    put(store, ChangeSet())
    assert store.wait(0, 0) == 1
    timer = threading.Timer(0.05, put, (store, ChangeSet(), ChangeSet()))
    timer.start()
    start = time.monotonic()
    assert store.wait(1, 10) == 3
    assert time.monotonic() - start < 5
    timer.join()


def test_a_closed_store_says_so_and_lets_those_who_wait_go(store: Store) -> None:
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(store.wait, 0, 30)
        time.sleep(0.05)
        store.close()
        with pytest.raises(StoreUnavailable):
            waiting.result(5)
    store.close()
    with pytest.raises(StoreUnavailable), store.snapshot():
        pass
    for call in (lambda: store.apply([], ReadSet()), lambda: store.put_meta({}), store.meta):
        with pytest.raises(StoreUnavailable):
            call()
