from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.match import compare
from resolver.match.compare import Alias, Code, Comparator
from resolver.match.model import default_model
from resolver.normalise.features import BirthDate, Name, Place

MODEL = default_model(10_000)
DIGITS = st.text("0123", min_size=1, max_size=10)
WORDS = st.text("abjnsé", min_size=1, max_size=9)
CODES = st.builds(Code, st.sampled_from(["", "shop", "air"]), DIGITS, st.booleans())
MAILS = st.builds(lambda a, b: Code("", f"{a}@{b}", True), st.text("ab1.", min_size=1, max_size=9), WORDS)
PARTS = st.lists(WORDS, min_size=0, max_size=2).map(tuple)
NAMES = st.builds(Name, PARTS, PARTS, st.booleans()).filter(lambda name: bool(name.given or name.family))
BIRTHS = st.builds(BirthDate, st.integers(1950, 1972), st.integers(0, 12), st.integers(0, 28), st.booleans())
PLACES = st.builds(Place, DIGITS, WORDS, DIGITS, WORDS, st.just(""), st.sampled_from(["", "NL", "BE"]))
ALIASES = st.builds(Alias, WORDS, WORDS)

COMPARED: list[tuple[Comparator, st.SearchStrategy[Any]]] = [
    (compare.compare_phone, CODES),
    (compare.compare_email, MAILS),
    (compare.compare_handle, CODES),
    (compare.compare_loyalty, CODES),
    (compare.compare_external, CODES),
    (compare.compare_government, CODES),
    (compare.compare_birth, BIRTHS),
    (compare.compare_place, PLACES),
    (compare.compare_organisation, st.lists(WORDS, min_size=1, max_size=2).map(tuple)),
    (compare.compare_alias, ALIASES),
]


@given(st.data(), st.sampled_from(COMPARED))
def test_every_comparison_is_the_same_from_both_sides(
    data: st.DataObject, compared: tuple[Comparator, st.SearchStrategy[Any]]
) -> None:
    comparator, values = compared
    one, other = data.draw(values), data.draw(values)
    assert comparator(MODEL, one, other) == comparator(MODEL, other, one)


@given(NAMES, NAMES)
def test_names_compare_the_same_from_both_sides(one: Name, other: Name) -> None:
    assert compare.compare_name_parts(MODEL, one, other) == compare.compare_name_parts(MODEL, other, one)


@given(st.sampled_from(COMPARED), st.data())
def test_no_value_agrees_better_than_an_equal_one(
    compared: tuple[Comparator, st.SearchStrategy[Any]], data: st.DataObject
) -> None:
    comparator, values = compared
    if comparator in {compare.compare_place, compare.compare_handle}:
        return  # a place has parts of its own weights; handles of two platforms are another comparison
    one, other = data.draw(values), data.draw(values)
    same, differs = comparator(MODEL, one, one), comparator(MODEL, one, other)
    if same is not None and differs is not None:
        assert same.stranger >= differs.stranger and same.household >= differs.household - 1000


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("+31612345671", "+31612345671", "equal"),
        ("+31612345671", "+32612345671", "tail"),
        ("+31612345671", "+31612345617", "slip"),
        ("+31612345671", "+31612355661", "close"),
        ("+31612345671", "+31687654329", "different"),
    ],
)
def test_phones(left: str, right: str, level: str) -> None:
    found = compare.compare_phone(MODEL, Code("", left, True), Code("", right, True))
    assert found is not None and found.level == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("jan.devries@gmail.com", "jan.devries@gmial.com", "slip"),
        ("jan.devries@gmail.com", "jandevries@gmail.com", "slip"),
        ("jan.devries60@gmail.com", "jan.devries61@gmail.com", "digits"),
        ("jan.devries@gmail.com", "jan.devries@ziggo.nl", "local"),
        ("jan@gmail.com", "jan@ziggo.nl", "different"),
        ("jan.devries@gmail.com", "sanne88@gmail.com", "different"),
    ],
)
def test_emails(left: str, right: str, level: str) -> None:
    found = compare.compare_email(MODEL, Code("", left, True), Code("", right, True))
    assert found is not None and found.level == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("bob", "robert", "nickname"),
        ("dave", "david", "nickname"),
        ("david", "dave", "nickname"),
        ("jan", "jan", "equal"),
        ("j", "jan", "initial"),
        ("j", "piet", "uninitial"),
        ("sanne", "sane", "alike"),
        ("jan", "piet", "different"),
    ],
)
def test_given_names(left: str, right: str, level: str) -> None:
    assert compare.given_level(left, right) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (BirthDate(1960, 5, 3), BirthDate(1960, 5, 3), "equal"),
        (BirthDate(1960, 5, 3), BirthDate(1960, 3, 5), "swapped"),
        (BirthDate(1960, 5, 3, ambiguous=True), BirthDate(1960, 3, 5), "equal"),
        (BirthDate(1960, 5, 3), BirthDate(1961, 5, 3), "slip"),
        (BirthDate(1960, 5, 3), BirthDate(1960, 0, 0), "year"),
        (BirthDate(1960, 5, 3), BirthDate(1988, 11, 30), "different"),
    ],
)
def test_births(left: BirthDate, right: BirthDate, level: str) -> None:
    assert compare.birth_level(left, right) == level


def test_ids_of_two_systems_say_nothing_of_each_other() -> None:
    assert compare.compare_external(MODEL, Code("crm", "17", False), Code("erp", "17", False)) is None
    assert compare.compare_loyalty(MODEL, Code("air", "123456", True), Code("shop", "123456", True)) is None


def test_opaque_handles_are_never_fuzzy() -> None:
    found = compare.compare_handle(MODEL, Code("psid", "12345678", False), Code("psid", "12345679", False))
    assert found is not None and found.level == "different"


def test_a_rare_name_says_more_than_a_common_one() -> None:
    def weight(family: str) -> int:
        name = Name(("john",), (family,))
        return compare.compare_name_parts(MODEL, name, name).stranger

    assert weight("smith") < weight("wigglesworth")


def test_two_postcodes_of_one_street_count_once() -> None:
    here = Place("12", "kerkstr", "1011ab", "amsterdam", "", "NL")
    levels = [name for name, _ in compare.place_parts(MODEL, here, here)]
    assert levels == ["postcode", "street"]
