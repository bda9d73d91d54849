"""Blocking keys: members, counts, versions, silence."""

from __future__ import annotations

import pytest

from graph.model import Assurance, Block, ChangeSet
from graph.store import Store
from tests.conformance.samples import node, phone, put, says


def block(store: Store, key: str, limit: int = 99) -> Block:
    with store.snapshot() as snapshot:
        return snapshot.blocks([key, key], limit)[key]


def test_members_are_listed_in_order_of_digest_up_to_the_limit(store: Store) -> None:
    put(store, *(ChangeSet(nodes_added=(node(digest, blocks=("k", "l")),)) for digest in "cabd"))
    assert block(store, "k").members == ("a", "b", "c", "d")
    assert block(store, "k", 2).members == ("a", "b")
    assert block(store, "k", 0)._replace(version=0) == Block(0, 4, 0, 0, ())
    with store.snapshot() as snapshot:
        assert snapshot.blocks(["m"], 9) == {}


def test_distinct_descriptions_are_counted_and_the_verified_among_them(store: Store) -> None:
    value, key = phone("+311"), "phone::+311"
    put(
        store,
        ChangeSet(
            nodes_added=(
                node("n1", says(value, "j"), says(phone("+312"), "other")),
                node("n2", says(value, "j", Assurance.VERIFIED)),
                node("n3", says(value, "j", Assurance.VERIFIED)),
                node("n4", says(value, "p"), says(value, "q", Assurance.OBSERVED), says(value, "p")),
                node("n5", says(value, None, Assurance.VERIFIED)),
                node("n6", blocks=(key,)),
            )
        ),
    )
    assert block(store, key)[1:4] == (6, 3, 1)
    for gone, counts in (("n2", (5, 3, 1)), ("n3", (4, 3, 0)), ("n1", (3, 2, 0)), ("n4", (2, 0, 0))):
        put(store, ChangeSet(nodes_removed=(gone,)))
        assert block(store, key)[1:4] == counts


def test_the_version_moves_when_and_only_when_membership_or_silence_does(store: Store) -> None:
    put(store, ChangeSet(nodes_added=(node("n1", blocks=("k",)),)))
    versions = [block(store, "k").version]
    put(store, ChangeSet(nodes_added=(node("n2", blocks=("other",)),)))
    assert block(store, "k").version == versions[-1] > 0
    for change_set in (
        ChangeSet(nodes_added=(node("n3", blocks=("k",)),)),
        ChangeSet(nodes_removed=("n1",)),
        ChangeSet(silenced=("k",)),
        ChangeSet(voiced=("k",)),
        ChangeSet(nodes_removed=("n3",), nodes_added=(node("n4", blocks=("k",)),)),
    ):
        put(store, change_set)
        versions.append(block(store, "k").version)
    assert versions == sorted(set(versions))


def test_a_block_that_was_empty_never_has_an_old_version_again(store: Store) -> None:
    put(store, ChangeSet(nodes_added=(node("n1", blocks=("k",)),)))
    before = block(store, "k").version
    put(store, ChangeSet(nodes_removed=("n1",)))
    with store.snapshot() as snapshot:
        assert snapshot.blocks(["k"], 9) == {}
    put(store, ChangeSet(nodes_added=(node("n1", blocks=("k",)),)))
    assert block(store, "k").version != before


def test_silence_is_kept_for_keys_with_and_without_members(store: Store) -> None:
    put(store, ChangeSet(nodes_added=(node("n1", blocks=("k",)),), silenced=("k", "l", "m")))
    put(store, ChangeSet(voiced=("l", "absent"), silenced=("k",)))
    with store.snapshot() as snapshot:
        assert snapshot.silent(["k", "l", "m", "n"]) == {"k", "m"}
        assert snapshot.silent([]) == frozenset()


@pytest.mark.parametrize("count", [1, 3000])
def test_many_keys_at_once(store: Store, count: int) -> None:
    nodes = tuple(node(f"n{i:05}", says(phone(str(i)), "d"), blocks=("all",)) for i in range(count))
    put(store, ChangeSet(nodes_added=nodes))
    with store.snapshot() as snapshot:
        assert snapshot.nodes([one.digest for one in nodes]) == {one.digest: one for one in nodes}
        found = snapshot.blocks([f"phone::{i}" for i in range(count)], 9)
        assert {key: one.members for key, one in found.items()} == {
            f"phone::{i}": (f"n{i:05}",) for i in range(count)
        }
        assert snapshot.blocks(["all"], count)["all"].members == tuple(one.digest for one in nodes)
