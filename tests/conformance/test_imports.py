"""Imports: how far each has come, written with what it has recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import Conflict
from graph.keys import stale_import
from graph.model import ChangeSet, Import, ImportState, ReadSet
from graph.store import Store
from tests.conformance.factories import StoreFactory
from tests.conformance.samples import one_customer, put


def begun(name: str, created: int = 5) -> Import:
    return Import(
        name=name,
        file="/data/café.csv",
        digest="d1",
        size=1 << 40,
        reading='{"source":"crm"}',
        state=ImportState.RUNNING,
        created=created,
        updated=created,
    )


def test_an_import_is_kept_whole_with_the_revision_at_which_it_changed(factory: StoreFactory) -> None:
    first = begun("a")
    put(factory.open(), ChangeSet(imports=(first, begun("b"))))
    further = replace(
        first,
        state=ImportState.FAILED,
        updated=9,
        total=10,
        rows=7,
        recorded=4,
        duplicates=2,
        superseded=1,
        rejected=1,
        rejects="/data/a.rejects.csv",
        rejects_size=99,
        problem="the file changed",
    )
    put(factory.open(), one_customer("1", "n1", "k1", "c1"), ChangeSet(imports=(further,)))
    with factory.reopen().snapshot() as snapshot:
        assert snapshot.imports(["a", "b", "absent"]) == {
            "a": replace(further, revision=3),
            "b": replace(begun("b"), revision=1),
        }
        assert snapshot.imports([]) == {}


def test_the_last_created_stand_first_and_page(store: Store) -> None:
    put(store, ChangeSet(imports=(begun("a", 1), begun("c", 2), begun("b", 2), begun("d", 0))))
    with store.snapshot() as snapshot:
        assert [each.name for each in snapshot.all_imports(None, 9)] == ["c", "b", "a", "d"]
        for size in (1, 2, 3):
            seen: list[Import] = []
            while page := snapshot.all_imports((seen[-1].created, seen[-1].name) if seen else None, size):
                assert len(page) <= size
                seen += page
            assert [each.name for each in seen] == ["c", "b", "a", "d"]


def test_whoever_rests_on_how_far_another_has_come_meanwhile_is_refused(store: Store) -> None:
    put(store, ChangeSet(imports=(begun("a"),)))
    further = ChangeSet(imports=(replace(begun("a"), rows=3),))
    put(store, further)
    for read in (0, 1):
        with pytest.raises(Conflict) as refused:
            store.apply([further], ReadSet(imports=(("a", read),), revision=1))
        assert refused.value.stale == (stale_import("a"),)
    store.apply([further], ReadSet(imports=(("a", 2), ("absent", 0)), revision=1))


def test_progress_and_what_was_recorded_stand_or_fall_together(store: Store) -> None:
    put(store, one_customer("1", "n1", "k1", "c1"), ChangeSet(imports=(begun("a"),)))
    wrong = ChangeSet(nodes_removed=("absent",), imports=(replace(begun("a"), rows=3),))
    with pytest.raises(Exception, match="not there"):
        put(store, wrong)
    with store.snapshot() as snapshot:
        assert snapshot.imports(["a"])["a"].rows == 0
        assert snapshot.revision == 2
