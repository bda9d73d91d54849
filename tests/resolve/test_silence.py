from __future__ import annotations

import random

from resolver.match.blocking import blocking_keys
from resolver.match.columns import generic_key, verified_block
from resolver.resolve.settings import Policy
from resolver.resolve.silence import is_identifier, silent_keys, watched_keys
from tests.resolve.people import quiet, record

POLICY = Policy(generic_line=3, block_cap=4, identifier_cap=6)
PHONE = "phone::+31201234568"


def test_one_line_in_both_directions() -> None:
    people = [record(name, phone="0201234568") for name in ("Anna Bos", "Bram Bos", "Cora Bos")]
    assert PHONE not in quiet(people[:2], POLICY)
    assert {PHONE, generic_key(PHONE)} <= quiet(people, POLICY)


def test_spellings_and_nicknames_of_one_person_count_once() -> None:
    spelt = ("Robert Bos", "R Bos", "Bob Bos", "Robert Boss", "R. Bosch")
    assert PHONE not in quiet((record(name, phone="0201234568") for name in spelt), POLICY)


def test_records_without_a_name_count_by_their_strongest_other_identifier_else_not_at_all() -> None:
    nameless = [record(phone="0201234568", email=f"windmill{n}@gmail.com") for n in range(3)]
    assert generic_key(PHONE) in quiet(nameless, POLICY)
    assert generic_key(PHONE) not in quiet(
        (record(phone="0201234568", city=c) for c in ("A", "B", "C")), POLICY
    )


def test_what_is_held_verified_falls_silent_only_where_too_many_hold_it_so() -> None:
    assert generic_key(verified_block(PHONE)) not in silent_keys(POLICY, PHONE, 3, 3, 2)
    assert generic_key(verified_block(PHONE)) in silent_keys(POLICY, PHONE, 3, 3, 3)


def test_blocks_have_caps_and_only_identifiers_turn_generic() -> None:
    assert list(silent_keys(POLICY, "postcode:1011ab:bos", 4, 9, 0)) == []
    assert list(silent_keys(POLICY, "postcode:1011ab:bos", 5, 0, 0)) == ["postcode:1011ab:bos"]
    assert list(silent_keys(POLICY, PHONE, 7, 1, 0)) == [PHONE]


def test_silence_is_of_the_whole_and_of_no_order_and_watched() -> None:
    people = [
        record(f"{name} Bos", phone="0201234568", postcode="1011AB")
        for name in ("Anna", "Bram", "Cora", "Dirk", "Els")
    ]
    silent = quiet(people, POLICY)
    assert silent == quiet(random.Random(1).sample(people, 5), POLICY)
    watched = {key for node in people for block in blocking_keys(node) for key in watched_keys(block)}
    assert silent <= watched
    assert not is_identifier("postcode:1011ab:bos") and is_identifier(PHONE)
