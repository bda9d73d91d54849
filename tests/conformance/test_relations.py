"""Relations between nodes, and the customers that bear a node."""

from __future__ import annotations

import pytest

from graph.errors import StoreError
from graph.model import ChangeSet, Relation, RelationKind
from graph.store import Store
from tests.conformance.samples import key, one_customer, put, record


def relation(left: str, right: str, stranger: int = 9000) -> Relation:
    return Relation(left, right, RelationKind.SAME_HOUSEHOLD, stranger, -3000, ("phone", "family"))


def told(store: Store, *digests: str) -> list[Relation]:
    with store.snapshot() as snapshot:
        return list(snapshot.relations(digests))


@pytest.fixture
def three(store: Store) -> Store:
    put(store, *(one_customer(n, f"n{n}", f"C{n}", f"c{n}") for n in "123"))
    return store


def test_a_relation_is_found_from_either_side_and_told_once(three: Store) -> None:
    given = relation("n1", "n2"), relation("n2", "n3")
    put(three, ChangeSet(relations=given[::-1]))
    assert told(three, "n1") == [given[0]]
    assert told(three, "n3") == [given[1]]
    assert told(three, "n3", "n2", "n1", "absent") == list(given)
    assert told(three) == told(three, "absent") == []


def test_all_of_it_is_kept(three: Store) -> None:
    given = Relation("n1", "n3", RelationKind.SAME_ORGANISATION, 2**40, -(2**40), ())
    put(three, ChangeSet(relations=(given,)))
    assert told(three, "n3") == [given]


def test_the_latest_is_what_stands(three: Store) -> None:
    put(three, ChangeSet(relations=(relation("n1", "n2"),)))
    put(three, ChangeSet(relations=(relation("n1", "n2", 7000),)))
    assert told(three, "n1") == [relation("n1", "n2", 7000)]


def test_what_a_node_had_goes_when_it_is_weighed_anew(three: Store) -> None:
    put(three, ChangeSet(relations=(relation("n1", "n2"), relation("n1", "n3"), relation("n2", "n3"))))
    put(three, ChangeSet(relations=(relation("n1", "n3", 8000),), reweighed=("n1",)))
    assert told(three, "n1", "n2", "n3") == [relation("n1", "n3", 8000), relation("n2", "n3")]


def test_a_removed_node_takes_its_relations_with_it(three: Store) -> None:
    put(three, ChangeSet(relations=(relation("n1", "n2"), relation("n2", "n3"), relation("n1", "n3"))))
    put(three, ChangeSet(records=(record("2", None, version=2),), nodes_removed=("n2",)))
    assert told(three, "n1", "n2", "n3") == [relation("n1", "n3")]
    put(three, one_customer("2", "n2", "C2", "c2"))
    assert told(three, "n2") == []


@pytest.mark.parametrize(
    "change_set", [ChangeSet(relations=(relation("n1", "n9"),)), ChangeSet(reweighed=("n9",))]
)
def test_a_node_that_is_not_there_has_none(three: Store, change_set: ChangeSet) -> None:
    with pytest.raises(StoreError):
        put(three, change_set)


def test_bearers_are_the_customers_of_live_records(three: Store) -> None:
    put(
        three,
        ChangeSet(records=(record("4", "n1", "c0"), record("5", "n1", "c1"), record("6", "n2"))),
        ChangeSet(records=(record("3", None, version=2),)),
    )
    with three.snapshot() as snapshot:
        assert snapshot.bearers(["n1", "n2", "n3", "absent"]) == {"n1": ["c0", "c1"], "n2": ["c2"]}
    put(three, ChangeSet(moved=((key("2"), "c9"),)))
    with three.snapshot() as snapshot:
        assert snapshot.bearers(["n2"]) == {"n2": ["c9"]}
