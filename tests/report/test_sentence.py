from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.match.model import default_model
from resolver.match.weigh import ATTRIBUTES
from resolver.normalise.evidence import normalise
from resolver.report.sentence import NOTHING, listed, objection, sentence
from resolver.resolve.explain import Compared, Comparison, compare_customers
from resolver.resolve.settings import Limits
from tests.report.comparisons import comparison

MAILBOX = Compared("email", "equal", 18_000, 2000, ("bob@x.nl",), ("bob@x.nl",))
SURNAME = Compared("family", "equal", 9000, 500, ("smit",), ("smit",))
BOB = Compared("given", "nickname", 5000, 5000, ("bob",), ("robert",))
BIRTH = Compared("birth", "different", -6000, -6500, ("1960-05-03",), ("1985-01-01",))


def compared(left: Evidence, right: Evidence, limits: Limits | None = None) -> Comparison:
    sides = [normalise(left)], [normalise(right)]
    return compare_customers(default_model(1000), frozenset(), *sides, limits or Limits())


def stated(kind: IdentifierKind, raw: str) -> tuple[StatedIdentifier, ...]:
    return (StatedIdentifier(kind, raw),)


def test_what_agrees_is_told_the_strongest_first() -> None:
    told = sentence(comparison(BOB, SURNAME, MAILBOX))
    assert told == "One mailbox, one surname, given name Bob for Robert; nothing disagrees."


def test_what_disagrees_is_told_with_its_values() -> None:
    told = sentence(comparison(MAILBOX, BIRTH))
    assert told == "One mailbox; another birth date (1960-05-03, 1985-01-01)."
    assert sentence(comparison(BIRTH)) == ("Nothing in common; another birth date (1960-05-03, 1985-01-01).")


def test_an_objection_begins_with_what_speaks_against() -> None:
    told = objection(comparison(MAILBOX, BIRTH))
    assert told == "Another birth date (1960-05-03, 1985-01-01); in common: one mailbox."
    assert objection(comparison(BIRTH)).endswith("; nothing in common.")
    assert objection(comparison(MAILBOX)) == "Nothing disagrees; in common: one mailbox."


def test_a_limit_is_told_first_and_its_attribute_once() -> None:
    limited = replace(comparison(BIRTH, MAILBOX), limits=("birth_date", "party_type"))
    assert objection(limited) == (
        "Birth dates too far apart for one person (1960-05-03, 1985-01-01), a person and an organisation; "
        "in common: one mailbox."
    )


def test_a_whole_name_is_told_as_one_and_a_turned_one_as_turned() -> None:
    jan = Compared("given", "equal", 4000, 3000, ("jan",), ("jan",))
    assert sentence(comparison(jan, SURNAME)) == "One name; nothing disagrees."
    rare = SURNAME._replace(stranger=19_000)
    assert sentence(comparison(jan, rare)) == "One rare name; nothing disagrees."
    turned = jan._replace(left=("jan",), right=("smit",)), SURNAME._replace(left=("smit",), right=("jan",))
    assert sentence(comparison(*turned)) == "One name, the surname first on one side; nothing disagrees."


def test_several_identifiers_in_common_are_counted() -> None:
    two = Compared("phone", "equal", 18_000, 2000, ("+311", "+312"), ("+311", "+312", "+313"))
    assert sentence(comparison(two)) == "2 phones in common; nothing disagrees."


def test_an_initial_that_does_not_fit_is_no_other_name() -> None:
    one = Compared("given", "uninitial", -5000, -5000, ("j",), ("sanne",))
    assert sentence(comparison(one)).endswith("an initial that does not fit (J, Sanne).")
    both = one._replace(left=("j", "jan"))
    assert sentence(comparison(both)).endswith("another given name (J or Jan, Sanne).")


def test_values_of_a_side_with_many_are_not_told() -> None:
    many = BIRTH._replace(left=("1960-05-03", "1961-05-03", "1962-05-03"))
    assert sentence(comparison(many)) == "Nothing in common; another birth date."


def test_nothing_compared_is_told_as_that() -> None:
    assert sentence(comparison()) == objection(comparison()) == f"{NOTHING}."
    silent = SURNAME._replace(stranger=0, household=0)
    assert sentence(comparison(silent)) == f"{NOTHING}."


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("postcode fine, street equal_in_postcode", "One address; nothing disagrees."),
        ("postcode coarse, street road", "One postcode and one street; nothing disagrees."),
        ("postcode different, city equal", "One city; another postcode."),
        ("country different", "Nothing in common; another country."),
    ],
)
def test_an_address_is_told_by_its_parts(level: str, told: str) -> None:
    assert sentence(comparison(Compared("place", level, 3000, 100, ("a",), ("b",)))) == told


def test_attributes_of_the_company_s_own_are_told_by_their_names() -> None:
    own = Compared("attributes", "eye colour equal, job different, seat close", 500, 1, ("a",), ("b",))
    assert sentence(comparison(own)) == "One eye colour, nearly one seat; another job."


def test_what_the_model_compares_has_words() -> None:
    """Every level that these records reach, as the model tells it."""
    base = Evidence(
        stated(IdentifierKind.PHONE, "+31612345670"), given_name="Robert", family_name="Zonnebeld",
        birth_date="1980-04-05", street="Dam", house_number="1", postcode="1012 JS", city="Amsterdam",
        country="NL",
    )  # fmt: skip
    other = replace(
        base,
        given_name="Bob",
        identifiers=stated(IdentifierKind.PHONE, "+31612345607"),
        birth_date="05-04-1980",
    )
    told = sentence(compared(base, other))
    assert "phones one slip apart" in told and "given name Bob for Robert" in told
    assert "one address" in told.lower() and "nothing disagrees" in told


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ATTRIBUTES),
            st.text(max_size=20),
            st.integers(-9000, 9000),
            st.integers(-9000, 9000),
            st.lists(st.text(max_size=5), max_size=3),
            st.lists(st.text(max_size=5), max_size=3),
        ),
        max_size=8,
        unique_by=lambda each: each[0],
    ),
    st.lists(st.text(max_size=10), max_size=2),
)
def test_whatever_is_compared_is_a_sentence(
    parts: list[tuple[object, str, int, int, list[str], list[str]]], limits: list[str]
) -> None:
    attributes = [Compared(a, level, s, h, tuple(x), tuple(y)) for a, level, s, h, x, y in parts]  # type: ignore[arg-type]
    whole = replace(comparison(*attributes), limits=tuple(limits))
    for told in (sentence(whole), objection(whole)):
        assert told.endswith(".") and (told == f"{NOTHING}." or ";" in told)


def test_a_list_is_written_as_one() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
