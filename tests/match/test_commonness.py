from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from resolver.match.commonness import LEAST, MOST, common, evenly
from resolver.match.model import default_model
from resolver.normalise.features import Features
from tests.resolve.people import record
from tests.resolve.test_partition import small_records

MODEL = default_model(10_000)
GIVEN = sorted(MODEL.given_names, key=lambda name: (-MODEL.given_names[name], name))
FAMILY = sorted(MODEL.family_names, key=lambda name: (-MODEL.family_names[name], name))


def people(size: int, given: int, family: int) -> list[Features]:
    """So many people of so many given names and surnames, rare ones, evenly spread."""
    return [record(f"{GIVEN[n % given]} {FAMILY[n % family]}") for n in range(size)]


def test_people_of_few_names_are_more_alike_than_the_model_supposes() -> None:
    assert {each.trait for each in common(MODEL, people(2000, 20, 10))} == {"family", "given"}
    assert common(MODEL, people(2000, 2000, 2000)) == ()
    assert common(MODEL, people(LEAST - 1, 2, 2)) == ()


def test_names_as_common_as_the_tables_say_are_nothing_to_tell() -> None:
    shares = [2 ** (-bits / 1000) for bits in MODEL.given_names.values()]
    names = Random(1).choices([*MODEL.given_names], shares, k=1000)
    assert common(MODEL, [record(name) for name in names]) == ()


@given(st.lists(small_records(), max_size=5))
def test_the_order_of_people_changes_nothing(few: list[Features]) -> None:
    found = common(MODEL, few * LEAST)
    turned = common(MODEL, (few * LEAST)[::-1])
    assert turned == found
    assert all(each.times > 1 for each in found)


def test_of_many_as_many_are_drawn_as_tell_enough() -> None:
    assert list(evenly(range(MOST))) == list(range(MOST)) and list(evenly([])) == []
    drawn = evenly(range(3 * MOST + 1))
    assert len(drawn) <= MOST and drawn[0] == 0
    assert len({later - earlier for earlier, later in pairwise(drawn)}) == 1
