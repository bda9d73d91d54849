"""Settings that give way to others: all at once, seen by every snapshot since, and every node waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import Conflict
from graph.keys import ADOPTED
from graph.model import Cause, Change, ChangeSet, ReadSet
from graph.store import Store
from tests.conformance.conftest import Held
from tests.conformance.samples import one_customer, phone, put, says

ADOPTION = Change(Cause.ADOPTION, 5, (), (), (), evidence=b"model")


def test_adopted_settings_are_those_of_every_later_snapshot_and_every_node_waits(
    store: Store, held: Held
) -> None:
    store.put_meta({"population": "10", "region": "NL"})
    put(
        store,
        one_customer("1", "n1", "k1", "c1", says(phone("1"))),
        one_customer("2", "n2", "k2", "c2", says(phone("2"))),
    )
    with store.snapshot() as before:
        assert put(store, ChangeSet(adopted=(("population", "99"), ("model", "b")), change=ADOPTION)) == 3
        assert before.adopted_revision == 0
        held.tells(lambda: before.meta()["population"], "10")
        held.tells(lambda: before.waiting(9), [])
    with store.snapshot() as after:
        assert (after.revision, after.adopted_revision, after.settled_revision) == (3, 3, 2)
        assert after.meta() == store.meta() == {"population": "99", "region": "NL", "model": "b"}
        assert list(after.waiting(9)) == ["n1", "n2"]
        assert after.change(3) == replace(ADOPTION, revision=3)
    put(store, ChangeSet(settled=("n1", "n2")))
    with store.snapshot() as settled:
        assert (settled.adopted_revision, settled.settled_revision) == (3, 4)


def test_what_waited_before_goes_on_waiting_from_then(store: Store) -> None:
    put(store, one_customer("1", "n1", "k1", "c1", says(phone("1"))), ChangeSet(reopened=("n1",)))
    put(store, ChangeSet(adopted=(("model", "b"),), change=ADOPTION))
    with store.snapshot() as snapshot:
        assert (snapshot.revision, snapshot.settled_revision) == (3, 1)


def test_whatever_was_planned_before_an_adoption_is_stale(store: Store) -> None:
    with store.snapshot() as snapshot:
        planned = ReadSet(revision=snapshot.revision)
    put(store, ChangeSet(adopted=(("model", "b"),), change=ADOPTION))
    with pytest.raises(Conflict) as refused:
        store.apply([ChangeSet(settled=("n1",))], planned)
    assert refused.value.stale == (ADOPTED,)
    with store.snapshot() as snapshot:
        assert snapshot.revision == 1
    put(store, ChangeSet(settled=("n1",)))


def test_what_is_adopted_may_not_be_put_otherwise(store: Store) -> None:
    put(store, ChangeSet(adopted=(("model", "b"),), change=ADOPTION))
    store.put_meta({"model": "b", "region": "NL"})
    assert store.meta() == {"model": "b", "region": "NL"}
