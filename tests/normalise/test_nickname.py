from __future__ import annotations

import pytest

from resolver.normalise import text
from resolver.normalise.data import words
from resolver.normalise.nickname import canonical_given, formal_initial, nicknames


@pytest.mark.parametrize(
    ("short", "formal"),
    [
        ("bob", "robert"),
        ("liz", "elizabeth"),
        ("jan", "johannes"),
        ("piet", "pieter"),
        ("kees", "cornelis"),
        ("hans", "johannes"),
        ("pepe", "jose"),
        ("paco", "francisco"),
        ("lena", "magdalena"),
        ("sepp", "josef"),
        ("gigi", "luigi"),
        ("kasia", "katarzyna"),
        ("ze", "jose"),
        ("toni", "antonio"),
    ],
)
def test_a_short_form_may_stand_for_a_formal_name(short: str, formal: str) -> None:
    assert formal in nicknames(short)


def test_a_name_stands_for_no_other_unless_it_is_short() -> None:
    assert nicknames("xyz") == frozenset()
    assert "jan" not in nicknames("jan")


def test_only_what_is_sure_is_made_formal() -> None:
    assert canonical_given("kees") == "cornelis"
    assert canonical_given("bert") == "bert"
    assert canonical_given("sander") == "sander"
    assert (formal_initial("bob"), formal_initial("lena"), formal_initial("robert")) == ("r", "l", "r")


def test_the_resource_is_folded_by_reading_and_long_enough() -> None:
    lines = words("nicknames.csv")
    assert len(lines) >= 150
    for line in lines:
        short, *formal = line.split(",")
        assert formal
        assert all(text.fold(formal_name).isalpha() for formal_name in (short.rstrip("*"), *formal))
