from __future__ import annotations

import random
from itertools import chain

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolver.learn.groupings import LARGEST, Grouping, telling_pairs
from resolver.learn.judgements import Judged
from resolver.match.document import check, shipped
from resolver.normalise.evidence import digest
from resolver.normalise.features import Features
from tests.learn.people import customers, record

DOCUMENT = check(shipped())
NODES = customers(8)


def drawn(*groupings: Grouping) -> list[Judged]:
    return telling_pairs(DOCUMENT, groupings, population=1000)


def together(*nodes: Features) -> Grouping:
    return Grouping((nodes,))


def apart(*parts: tuple[Features, ...]) -> Grouping:
    return Grouping(parts)


def pairs(judged: list[Judged]) -> list[tuple[frozenset[str], bool]]:
    return [(frozenset((digest(each.left), digest(each.right))), each.same) for each in judged]


def pair(one: Features, other: Features) -> frozenset[str]:
    return frozenset((digest(one), digest(other)))


def anna(*, phone: str = "", email: str = "", country: str = "") -> Features:
    return record(given="Anna", family="Quackenbos", phone=phone, email=email, country=country)


MAIL = "anna@ons-dorp.nl"
SHOP = [
    anna(phone="+31612000001"),
    anna(phone="+31612000001", email=MAIL),
    anna(phone="+31612000001", country="NL"),
]
DESK = [anna(email="aq@ons-dorp.nl"), anna(email="aq@ons-dorp.nl", country="NL")]


def test_a_merge_speaks_of_the_likeliest_pair_of_two_sides_that_it_does_not_name() -> None:
    # Each side hangs together by its phone or mailbox; across them there is a name, and once a country.
    [found] = pairs(drawn(together(*SHOP, *DESK)))
    assert found == (pair(SHOP[2], DESK[1]), True)


def test_a_split_speaks_of_the_likeliest_pair_that_it_parts() -> None:
    [found] = pairs(drawn(apart((SHOP[0], SHOP[1]), (DESK[0],), (SHOP[2],))))
    # Those of one number; of the two such pairs the first by digest.
    assert found[0] in {pair(SHOP[0], SHOP[2]), pair(SHOP[1], SHOP[2])}
    assert not found[1]


@pytest.mark.parametrize("size", [2, 10, 40])
def test_a_judgement_counts_once_however_large_its_customers(size: int) -> None:
    one = [anna(phone="+31612000001", email=f"one{n}@ons-dorp.nl") for n in range(size)]
    other = [anna(phone="+31612000002", email=f"other{n}@ons-dorp.nl") for n in range(size)]
    assert len(drawn(together(*one, *other))) == 1
    assert len(drawn(apart(tuple(one), tuple(other)))) == 1
    assert len(drawn(apart(*((node,) for node in (*one, *other))))) == 1


def test_what_was_decided_before_is_not_counted_again() -> None:
    first, second = together(*SHOP, DESK[0]), together(*SHOP, *DESK, NODES[0])
    assert len(drawn(first, first)) == 1
    # What is new in the second is the stranger, and not that the desk is the shop's customer, too.
    found = pairs(drawn(first, second))
    assert found[0][0] != found[1][0]
    assert digest(NODES[0]) in found[1][0]
    parted = apart(tuple(SHOP), tuple(DESK))
    assert len(drawn(parted, parted)) == 1
    [_, again] = pairs(drawn(parted, apart(tuple(SHOP), tuple(DESK), (NODES[0],))))
    assert digest(NODES[0]) in again[0]


def test_equal_evidence_is_never_weighed_and_says_nothing() -> None:
    assert drawn(together(NODES[0], NODES[0]), apart((NODES[0],), (NODES[0],))) == []


def test_records_that_are_no_more_leave_nothing_to_say() -> None:
    # Of a split one part is left: that its records are together was not what was asked.
    assert drawn(apart((), (NODES[0], NODES[1])), together(), together(NODES[0]), Grouping(())) == []


def test_one_too_large_to_be_looked_through_is_passed_over_and_the_rest_count() -> None:
    crowd = [record(family="Quackenbos", phone=f"+3161200{number:04}") for number in range(LARGEST + 1)]
    assert pairs(drawn(together(*crowd), together(NODES[0], NODES[1]))) == [(pair(NODES[0], NODES[1]), True)]


@settings(max_examples=40, deadline=None)
@given(
    places=st.lists(
        st.lists(st.lists(st.integers(0, 15), max_size=5), min_size=1, max_size=3), min_size=1, max_size=4
    ),
    seed=st.integers(0, 99),
)
@example(places=[[[1], [0, 1]], [[0], [1]]], seed=0)
def test_the_order_of_records_and_parts_changes_nothing_and_each_pair_is_of_its_judgement(
    places: list[list[list[int]]], seed: int
) -> None:
    chance = random.Random(seed)
    groupings = [Grouping(tuple(tuple(NODES[n] for n in part) for part in each)) for each in places]
    turned = [
        Grouping(
            tuple(
                tuple(chance.sample(part, len(part))) for part in chance.sample(each.parts, len(each.parts))
            )
        )
        for each in groupings
    ]
    found = pairs(drawn(*groupings))
    assert found == pairs(drawn(*turned))
    assert len(found) <= len(groupings)
    assert len(set(found)) == len(found)
    for two, same in found:
        assert len(two) == 2
        named = [
            [{digest(node) for node in part} for part in each.parts]
            for each in groupings
            if (len(each.parts) == 1) == same
        ]
        assert any(two <= set(chain.from_iterable(parts)) for parts in named)
        if not same:
            assert any(len([part for part in parts if part & two]) > 1 for parts in named)
