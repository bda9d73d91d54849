from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import name
from resolver.normalise.features import Name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Gomez, Gerard", Name(("gerard",), ("gomez",))),
        ("Gerard Gomez", Name(("gerard",), ("gomez",), ordered=False)),
        ("GOMEZ, G.", Name(("g",), ("gomez",))),
        ("Jeroen M.", Name(("jeroen",), ("m",), ordered=False)),
        ("J. Smith", Name(("j",), ("smith",))),
        ("Jan van der Berg", Name(("jan",), ("vanderberg",))),
        ("Bob v.d. Berg", Name(("bob",), ("vanderberg",))),
        ("Berg, Jan van der", Name(("jan",), ("vanderberg",))),
        ("van der Berg, Jan", Name(("jan",), ("vanderberg",))),
        ("Ven, van de", Name((), ("vandeven",))),
        ("van de Ven", Name((), ("vandeven",))),
        ("Dave El Amrani", Name(("dave",), ("elamrani",))),
        ("Ahmed al-Sayed", Name(("ahmed",), ("alsayed",))),
        ("Maria de la Cruz", Name(("maria",), ("delacruz",))),
        ("Sean O'Brien", Name(("sean",), ("obrien",), ordered=False)),
        ("Sean O\u2019Brien", Name(("sean",), ("obrien",), ordered=False)),
        ("Mc Donald, Ronald", Name(("ronald",), ("mcdonald",))),
        ("Al Pacino", Name(("al",), ("pacino",), ordered=False)),
        ("dhr. dr. J.P. de Vries jr.", Name(("j", "p"), ("devries",))),
        ("Mevr. A.M. Jansen-de Boer", Name(("a", "m"), ("jansen", "deboer"))),
        ("Smith, John, Jr.", Name(("john",), ("smith",))),
        ("Mr. Smith", Name((), ("smith",))),
        ("Ana García y López", Name(("ana",), ("garcia", "lopez"))),
        ("Maria", Name(("maria",), (), ordered=False)),
        ("Nan", Name(("nan",), (), ordered=False)),
        ("Анна Иванова", Name(("anna",), ("ivanova",), ordered=False)),
        ("Jan 😀 de Vries", Name(("jan",), ("devries",))),
        ("Jan (thuis) de Vries", Name(("jan",), ("devries",))),
    ],
)
def test_reads_a_display_name(written: str, expected: Name) -> None:
    assert name.normalise(full_name=written) == expected


@pytest.mark.parametrize(
    ("given_name", "middle_name", "family_name", "expected"),
    [
        ("Jan", "", "van de Ven", Name(("jan",), ("vandeven",))),
        ("Jan", "van de", "Ven", Name(("jan",), ("vandeven",))),
        ("Jan van de", "", "Ven", Name(("jan",), ("vandeven",))),
        ("Jan", "", "Ven, van de", Name(("jan",), ("vandeven",))),
        ("Jan", "", "vandeVen", Name(("jan",), ("vandeven",))),
        ("Jan van de Ven", "", "", Name(("jan",), ("vandeven",))),
        ("Jan van de Ven", "", "van de Ven", Name(("jan",), ("vandeven",))),
        ("J.P.", "", "Smith", Name(("j", "p"), ("smith",))),
        ("JP", "", "Smith", Name(("j", "p"), ("smith",))),
        ("John", "Michael", "Smith", Name(("john", "michael"), ("smith",))),
        ("Anne-Marie", "", "Smith-Jones", Name(("anne", "marie"), ("smith", "jones"))),
        ("Anne-Marie", "", "", Name(("anne", "marie"), ())),
        ("A", "", "van 't Hof", Name(("a",), ("vanthof",))),
        ("N", "", "", Name(("n",), ())),
        ("Unknown", "", "Smith", Name((), ("smith",))),
        ("", "", "Smith", Name((), ("smith",))),
        ("jan@x.nl", "", "Smith", Name((), ("smith",))),
        ("Mr", "", "Smith", Name((), ("smith",))),
        ("Capt. John", "", "Smith", Name(("john",), ("smith",))),
        ("Md", "", "Rahman", Name(("md",), ("rahman",))),
        ("Earl", "", "Johnson", Name(("earl",), ("johnson",))),
        ("John", "", "Baronet", Name(("john",), ())),
    ],
)
def test_reads_the_fields(given_name: str, middle_name: str, family_name: str, expected: Name) -> None:
    assert name.normalise(given_name, middle_name, family_name) == expected


def test_a_title_in_a_name_s_field_gives_way_to_the_whole_name() -> None:
    name_ = name.normalise("Sir", "", "Baronet", "Sir Edmund Giles Loder, 2nd Baronet")
    assert name_ == name.normalise(full_name="Edmund Giles Loder")


def test_before_a_comma_a_title_is_a_family_name() -> None:
    assert name.normalise(full_name="Sergeant, John") == Name(("john",), ("sergeant",))


def test_a_known_part_orders_the_display_name() -> None:
    assert name.normalise(family_name="Gomez", full_name="Gomez Gerard") == Name(("gerard",), ("gomez",))
    assert name.normalise(given_name="Gerard", full_name="Gomez Gerard") == Name(("gerard",), ("gomez",))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Guest",
        "Web Customer",
        "Test Test",
        "Klant",
        "Onbekend",
        "N N",
        "N.N.",
        "nan nan",
        "Unknown",
        "Cliente",
        "?",
        "+31 6 39352781",
        "jan@x.nl",
        "@jandevries",
        "user_12",
        "jan123",
        "Bakkerij Jansen B.V.",
        "Jansen & Zn",
        "Acme, Inc.",
    ],
)
def test_what_is_no_person_s_name_is_absent(written: str) -> None:
    assert name.normalise(full_name=written) is None


def test_the_description_folds_one_person_s_spellings() -> None:
    for spelling in ("Robert Smith", "Bob Smith", "R. Smith", "Smith, Bobby", "ROBERT"):
        assert name.description(name.normalise(full_name=spelling)) == "r"
    assert name.description(name.normalise(family_name="Smith")) == "surname:smith"
    assert name.description(None) is None


_any = st.text(max_size=40) | st.text(alphabet="ab ABvande.,-'()", max_size=40)


@given(_any, _any, _any, _any)
def test_takes_any_text_and_answers_folded_letters(given: str, middle: str, family: str, full: str) -> None:
    found = name.normalise(given, middle, family, full)
    if found is not None:
        assert found.given or found.family
        for token in found.given + found.family:
            assert token.isascii() and token.isalpha() and token.islower()


@given(st.from_regex(r"[A-Z][a-z]{3,8} van der [A-Z][a-z]{3,8}", fullmatch=True))
def test_case_says_nothing(written: str) -> None:
    assert name.normalise(full_name=written.upper()) == name.normalise(full_name=written.lower())


@pytest.mark.parametrize(
    ("read", "initials"),
    [
        (name.normalise("John", "Robert", "Smith"), "r"),
        (name.normalise("Jan Willem", "", "de Vries"), "w"),
        (name.normalise("J.W.H.", "", "de Vries"), "wh"),
        (name.normalise(full_name="Smith, John Robert"), "r"),
        (name.normalise(full_name="John R Smith"), "r"),
        (name.normalise(full_name="Ana Garcia Lopez"), ""),
        (name.normalise("John", "", "Smith"), ""),
        (name.normalise(family_name="Smith"), ""),
    ],
)
def test_initials_of_second_given_names(read: Name | None, initials: str) -> None:
    assert read is not None
    assert name.middle_initials(read) == frozenset(initials)
