from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.learn.sample import candidates, canonical, random_pairs, sessions, sharing
from tests.learn.people import customers, record


@given(size=st.integers(0, 60), count=st.integers(1, 500), seed=st.integers(0, 2**32))
def test_random_pairs_are_distinct_and_of_two_nodes(size: int, count: int, seed: int) -> None:
    pairs = random_pairs(size, count, seed)
    met = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    assert len(met) == len(pairs) <= count
    assert all(0 <= left < right < size for left, right in met)
    if size * (size - 1) // 2 <= count:
        assert len(pairs) == size * (size - 1) // 2


def test_pairs_of_very_many_nodes_are_numbered_rightly() -> None:
    size = 3_000_000_000
    pairs = random_pairs(size, 5000, 1)
    assert (pairs.left >= 0).all() and (pairs.left < pairs.right).all() and (pairs.right < size).all()
    assert pairs.scale * len(pairs) == size * (size - 1) / 2


@given(st.lists(st.lists(st.sampled_from("abcde"), unique=True), max_size=25))
def test_all_pairs_that_share_a_key_are_drawn_where_there_is_room(keys: list[list[str]]) -> None:
    pairs = sharing(keys, 10_000, 0)
    expected = [
        (one, other)
        for other in range(len(keys))
        for one in range(other)
        for _ in set(keys[one]) & set(keys[other])
    ]
    assert sorted(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == sorted(expected)
    assert pairs.scale * len(pairs) == len(expected)


def test_a_block_counts_one_less_than_its_nodes() -> None:
    pairs = sharing([["a"]] * 10 + [["b"]] * 2, 1000, 0)
    loyal = pairs.right < 10
    assert pairs.weight[loyal].sum() == pytest.approx(9)
    assert pairs.weight[~loyal].sum() == 1


def test_a_block_that_is_too_large_is_left_out() -> None:
    assert len(sharing([["a"]] * 10, 1000, 0, block=9)) == 0


def test_candidates_stand_for_every_pair_once_however_many_keys_they_share() -> None:
    pairs = candidates([["a", "b", "c"], ["a", "b", "c"], ["c"]], frozenset({"b"}), 1000, 0)
    assert (pairs.weight * pairs.scale).sum() == 3


def test_a_sample_of_candidates_stands_for_all() -> None:
    chance = random.Random(3)
    blocks = [[f"{kind}{chance.randint(0, 40)}" for kind in "abc"] for _ in range(600)]
    whole = candidates(blocks, frozenset(), 1_000_000, 0)
    some = candidates(blocks, frozenset(), 3000, 0)
    assert len(some) < len(whole)
    assert abs((some.weight * some.scale).sum() / whole.weight.sum() - 1) < 0.05


def test_the_order_of_records_does_not_matter() -> None:
    nodes = customers(30)
    turned = random.Random(4).sample(nodes, len(nodes))
    assert canonical(nodes) == canonical(turned)
    assert canonical(nodes + nodes) == canonical(nodes)


def test_another_seed_draws_other_pairs() -> None:
    one, other = (random_pairs(10_000, 100, seed) for seed in (1, 2))
    assert not np.array_equal(one.left, other.left)


def test_a_session_leaves_its_own_attribute_out_and_a_silent_value_has_none() -> None:
    nodes = [record(given=name, family="jansen", email="jan@ons-dorp.nl") for name in ("jan", "piet")]
    found = {session.name: session for session in sessions(nodes, frozenset(), 100, 0)}
    assert found["email"].hidden == ("email",)
    assert set(found) == {"email"}
    silent = frozenset({"email::jan@ons-dorp.nl", "generic:email::jan@ons-dorp.nl"})
    assert sessions(nodes, silent, 100, 0) == []
