from __future__ import annotations

import random
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import PartyType
from resolver.batch import forecast as module
from resolver.batch.forecast import Family, Forecast, Silenced
from resolver.batch.nodes import Blocks
from resolver.match.blocking import blocking_keys
from resolver.match.columns import generic_key
from resolver.normalise.features import BirthDate, Features, Name

KEYS = st.builds(
    "{}:{}".format, st.sampled_from(["phone", "tail", "letters", "birth", "é"]), st.sampled_from("abc:")
)
NODES = st.lists(st.sets(KEYS, max_size=8).map(sorted), max_size=12)


def forecast(words: Sequence[Sequence[str]], silent: AbstractSet[str], **options: int) -> Forecast:
    node = [number for number, keys in enumerate(words) for _ in keys]
    key = [hash(key) for keys in words for key in keys]
    blocks = Blocks(len(words), np.array(node, np.int64), np.array(key, np.int64))
    return module.forecast(blocks, words, silent, **options)


@given(NODES, st.sets(KEYS))
def test_the_forecast_is_what_counting_one_by_one_comes_to(blocks: list[list[str]], silent: set[str]) -> None:
    holders = {key: sum(key in keys for keys in blocks) for keys in blocks for key in keys}
    pairs = {
        key: sum(key in one and key in other for one, other in combinations(blocks, 2)) for key in holders
    }
    shared = {key for key, number in holders.items() if number > 1}
    found = forecast(blocks, silent)
    assert (found.nodes, found.blocks, found.exact) == (len(blocks), len(shared - silent), True)
    assert found.pairs == sum(pairs[key] for key in shared - silent)
    assert found.spared == sum(pairs[key] for key in shared & silent)
    assert found.silenced == len(shared & silent)
    assert {family.name: family for family in found.families} == {
        name: Family(
            name,
            len(keys := [key for key in shared - silent if key.startswith(f"{name}:")]),
            sum(pairs[key] for key in keys),
            max(holders[key] for key in keys),
        )
        for name in {key.partition(":")[0] for key in shared - silent}
    }
    greatest = sorted(shared & silent, key=lambda key: (-holders[key], key))[:10]
    assert [(each.key, each.nodes, each.pairs) for each in found.explosions] == [
        (key, holders[key], pairs[key]) for key in greatest
    ]


@given(NODES, st.sets(KEYS))
def test_no_order_of_nodes_matters(blocks: list[list[str]], silent: set[str]) -> None:
    assert forecast(blocks, silent) == forecast(blocks[::-1], silent)


def test_of_many_blocks_the_sum_is_exact_and_each_familys_share_is_near() -> None:
    chance = random.Random(1)
    held: list[list[str]] = [[] for _ in range(2000)]
    for number in range(6000):
        name, size = ("mail", 2) if number % 3 else ("street", 3)
        for node in chance.sample(range(2000), size + number % 7):
            held[node].append(f"{name}:{number}")
    whole, part = (forecast(held, frozenset(), sample=sample) for sample in (10_000, 400))
    assert whole.exact and not part.exact
    assert (part.blocks, part.pairs) == (whole.blocks, whole.pairs) == (6000, whole.pairs)
    assert sum(family.pairs for family in part.families) == pytest.approx(whole.pairs, abs=5)
    for near, true in zip(part.families, whole.families, strict=True):
        assert (near.name, near.largest) == (true.name, true.largest)
        assert near.pairs == pytest.approx(true.pairs, rel=0.25)
        assert near.blocks == pytest.approx(true.blocks, rel=0.25)


def test_the_costliest_family_comes_first_and_no_more_than_asked_explode() -> None:
    blocks = [["mail:a", "tail:1", "tail:2", "x:1"]] * 3 + [["mail:a"]]
    assert [family.name for family in forecast(blocks, set()).families] == ["mail", "tail", "x"]
    assert len(forecast(blocks, {"mail:a", "tail:1", "tail:2"}, most=2).explosions) == 2


def test_a_generic_value_is_told_from_a_block_that_is_merely_large() -> None:
    blocks = [["letters:janjansen", "phone::+31612345678"]] * 3
    silent = {"letters:janjansen", "phone::+31612345678", generic_key("phone::+31612345678")}
    assert forecast(blocks, silent).explosions == (
        Silenced("letters:janjansen", 3, 3, generic=False),
        Silenced("phone::+31612345678", 3, 3, generic=True),
    )


def test_keys_of_real_nodes_are_counted_by_their_makings() -> None:
    jan = Features(PartyType.PERSON, name=Name(("jan",), ("jansen",)), birth=BirthDate(1980, 2, 1))
    found = forecast([blocking_keys(jan)] * 2, frozenset())
    assert found.pairs == len(blocking_keys(jan))
    assert {"letters", "birth", "year"} <= {family.name for family in found.families}


def test_nothing_brings_nothing() -> None:
    nothing = Forecast(0, 0, 0, (), exact=True, silenced=0, spared=0, explosions=())
    assert forecast([], frozenset()) == forecast([], {"phone::1"}) == nothing
