"""Components: their nodes and records, versions, suggestions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.errors import StoreError
from graph.keys import suggestion_id
from graph.model import ChangeSet, Suggestion
from graph.store import Store
from tests.conformance.samples import change, judgement, key, node, one_customer, put, record


def versions(store: Store) -> dict[str, int]:
    with store.snapshot() as snapshot:
        return {one.id: one.version for one in snapshot.components(["n1", "n2", "n3"])}


@pytest.fixture
def two(store: Store) -> Store:
    """Component A of n1 and n2, component B of n3; record 9 has no node."""
    put(
        store,
        one_customer("1", "n1", "A", "c1"),
        one_customer("3", "n3", "B", "c3"),
        ChangeSet(
            nodes_added=(node("n2"),), records=(record("2", "n2", "c2"),), components={"A": ("n2", "n1")}
        ),
        ChangeSet(records=(record("9", None),)),
    )
    return store


def test_a_component_is_whole_and_given_once(two: Store) -> None:
    with two.snapshot() as snapshot:
        a, b = snapshot.components(["n3", "n2", "n1", "absent"])
        assert (a.id, b.id) == ("A", "B")
        assert a.nodes == (node("n1"), node("n2"))
        assert [one.key for one in a.records] == [key("1"), key("2")]
        assert snapshot.components(["absent"]) == []


@pytest.mark.parametrize(
    ("change_set", "moved"),
    [
        (ChangeSet(), set()),
        (ChangeSet(silenced=("k",), reopened=("n1",)), set()),
        (ChangeSet(records=(record("1", "n1", "c1", version=2),)), {"A"}),
        (ChangeSet(records=(record("1", "n3", "c3", version=2),)), {"A", "B"}),
        (ChangeSet(records=(record("1", None, version=2),)), {"A"}),
        (ChangeSet(records=(record("9", "n3", version=2),)), {"B"}),
        (ChangeSet(moved=((key("3"), "c1"),)), {"B"}),
        (ChangeSet(judgements=(judgement("j", {"2"}, {"absent"}),)), {"A"}),
        (ChangeSet(judgements=(judgement("j", {"9"}),)), set()),
        (ChangeSet(components={"B": ("n3",)}), {"B"}),
        (ChangeSet(components={"B": ("n3", "n2")}), {"A", "B"}),
        (ChangeSet(components={"A": ("n1",)}), {"A"}),
        (ChangeSet(records=(record("2", None),), nodes_removed=("n2",)), {"A"}),
    ],
)
def test_the_version_moves_when_and_only_when_something_within_does(
    two: Store, change_set: ChangeSet, moved: set[str]
) -> None:
    before = versions(two)
    put(two, change_set)
    after = versions(two)
    assert {name for name in before if after[name] > before[name]} == moved
    assert {name for name in before if after[name] == before[name]} == before.keys() - moved


def test_retracting_a_judgement_moves_the_components_that_it_names(two: Store) -> None:
    put(two, ChangeSet(judgements=(judgement("j", {"1"}, {"3"}),)))
    before = versions(two)
    with two.snapshot() as snapshot:
        (held,) = snapshot.judgements([key("3")])
    put(two, ChangeSet(judgements=(replace(held, retracted=-1),)))
    assert all(versions(two)[name] > before[name] for name in before)


@pytest.mark.parametrize(
    "change_set",
    [
        ChangeSet(components={"A": ()}),
        ChangeSet(components={"A": (), "C": ("n1", "n2")}),
        ChangeSet(components={"B": ("n1", "n2", "n3")}),
        ChangeSet(records=(record("1", None), record("2", None)), nodes_removed=("n1", "n2")),
    ],
)
def test_a_component_without_nodes_is_gone_with_its_suggestions(two: Store, change_set: ChangeSet) -> None:
    put(two, ChangeSet(suggestions={"A": (suggestion("1", "2", 5),), "B": (suggestion("3", "9", 5),)}))
    put(two, change_set)
    assert "A" not in versions(two)
    with two.snapshot() as snapshot:
        assert [one.left for _, one in snapshot.suggestions(None, 9)] == [key("3")]


@pytest.mark.parametrize(
    "change_set",
    [
        ChangeSet(components={"A": ("n1", "n3"), "B": ("n3",)}),
        ChangeSet(components={"C": ("absent",)}),
        ChangeSet(suggestions={"C": (Suggestion(key("1"), key("2"), 1, "possible", b""),)}),
    ],
)
def test_contradictions_are_refused(two: Store, change_set: ChangeSet) -> None:
    before = versions(two)
    with pytest.raises(StoreError):
        put(two, change_set)
    assert versions(two) == before


def suggestion(left: str, right: str, weight: int) -> Suggestion:
    return Suggestion(key(left), key(right), weight, "possible", b"\x00why")


def test_suggestions_are_heaviest_first_and_page_over_equal_weights(two: Store) -> None:
    given = [suggestion("1", str(i), weight) for i, weight in enumerate((-3, 7, 7, 0, 7, 7, 2**40), start=10)]
    put(two, ChangeSet(suggestions={"A": tuple(given[:4]), "B": tuple(given[4:])}))
    expected = sorted(
        ((suggestion_id(one.left, one.right), one) for one in given), key=lambda one: (-one[1].weight, one[0])
    )
    for size in (1, 2, 3, 7, 8):
        seen: list[tuple[str, Suggestion]] = []
        with two.snapshot() as snapshot:
            while page := snapshot.suggestions((seen[-1][1].weight, seen[-1][0]) if seen else None, size):
                assert len(page) <= size
                seen += page
        assert seen == expected


def test_suggestions_of_a_component_are_replaced_wholly(two: Store) -> None:
    put(two, ChangeSet(suggestions={"A": (suggestion("1", "2", 5),), "B": (suggestion("3", "9", 4),)}))
    put(two, ChangeSet(suggestions={"A": (suggestion("2", "9", 1),)}, change=change(("1", "c1", "c2"))))
    # A pair may pass from one component to another in one change.
    put(two, ChangeSet(suggestions={"B": (suggestion("2", "9", 2),), "A": (suggestion("9", "3", 3),)}))
    with two.snapshot() as snapshot:
        assert [one for _, one in snapshot.suggestions(None, 9)] == [
            suggestion("9", "3", 3),
            suggestion("2", "9", 2),
        ]
    put(two, ChangeSet(suggestions={"A": (), "B": (), "absent": ()}))
    with two.snapshot() as snapshot:
        assert snapshot.suggestions(None, 9) == []


def test_the_id_of_a_suggestion_does_not_depend_on_its_sides() -> None:
    assert suggestion_id(key("1"), key("2")) == suggestion_id(key("2"), key("1"))
    assert suggestion_id(key("1"), key("2")) != suggestion_id(key("1"), key("3"))
    assert len(suggestion_id(key("1"), key("\ud800"))) == 24
