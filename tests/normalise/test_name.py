from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import name, script
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
        ("Иванов Иван Иванович", Name(("ivan", "ivanovich"), ("ivanov",))),
        ("Иван Иванович Иванов", Name(("ivan", "ivanovich"), ("ivanov",))),
        ("Галкина Евдокия Богдановна", Name(("evdokiya", "bogdanovna"), ("galkina",))),
        ("Galkina Yevdokiya Bogdanovna", Name(("yevdokiya", "bogdanovna"), ("galkina",))),
        ("Дутка Йосип Андрійович", Name(("iosip", "andriiovich"), ("dutka",))),
        ("Иванов И. П.", Name(("i", "p"), ("ivanov",))),
        ("Παπαδοπούλου Μαρία", Name(("papadopoulou",), ("maria",), ordered=False)),
        ("王小明", Name(("小明",), ("王",))),
        ("藤田　香織", Name(("香織",), ("藤田",))),
        ("田中太郎様", Name(("太郎",), ("田中",))),
        ("김민수", Name(("민수",), ("김",))),
        ("ジョン・スミス", Name(("jiyon",), ("sumisu",), ordered=False)),
        ("عبد الرحمن العتيبي", Name(("عبدالرحمن",), ("العتيبي",), ordered=False)),
        ("Nguyễn Văn An", Name(("an", "van"), ("nguyen",))),
        ("Nguyen Van An", Name(("an", "van"), ("nguyen",))),
        ("An Nguyễn", Name(("an",), ("nguyen",), ordered=False)),
        ("Le van Dijk", Name(("le",), ("vandijk",))),
        ("Keller, Anna Mrs", Name(("anna",), ("keller",))),
        ("KELLER/ANNA MRS", Name(("anna",), ("keller",))),
        ("KELLER/ANNAMRS", Name(("anna",), ("keller",))),
        ("KELLER/ANNA", Name(("anna",), ("keller",))),
        ("VAN DER BERG/ANNA MARIA MRS.", Name(("anna", "maria"), ("vanderberg",))),
        ("Rossi/Mario Sig.", Name(("mario",), ("rossi",))),
        ("Anna Keller Mrs", Name(("anna",), ("keller",), ordered=False)),
        ("Anna Keller, Mrs.", Name(("anna",), ("keller",), ordered=False)),
        ("Keller, Anna Frau", Name(("anna",), ("keller",))),
        ("Keller, Hans, Prof. Dr.", Name(("hans",), ("keller",))),
        ("Keller, Mrs", Name((), ("keller",))),
        ("KELLER/MRS", Name((), ("keller",))),
        ("Keller Mrs", Name((), ("keller",))),
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
        ("", "Валентинович", "Петров", Name((), ("petrov",))),
        ("", "Robert", "Smith", Name(("robert",), ("smith",))),
        ("小明", "", "王", Name(("小明",), ("王",))),
        ("小明", "", "", Name(("小明",), ())),
        ("王小明", "", "", Name(("小明",), ("王",))),
        ("민수", "", "김", Name(("민수",), ("김",))),
    ],
)
def test_reads_the_fields(given_name: str, middle_name: str, family_name: str, expected: Name) -> None:
    assert name.normalise(given_name, middle_name, family_name) == expected


def test_a_title_in_a_name_s_field_gives_way_to_the_whole_name() -> None:
    name_ = name.normalise("Sir", "", "Baronet", "Sir Edmund Giles Loder, 2nd Baronet")
    assert name_ == name.normalise(full_name="Edmund Giles Loder")


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("Isa Patiño Gómez", "ES", Name(("isa",), ("patino", "gomez"), ordered=False)),
        ("Isa Patiño Gómez", "", Name(("isa", "patino"), ("gomez",), ordered=False)),
        ("José Luis Patiño Gómez", "MX", Name(("jose", "luis"), ("patino", "gomez"), ordered=False)),
        ("María José Patiño", "ES", Name(("maria", "jose"), ("patino",), ordered=False)),
        ("田中実", "JP", Name(("実",), ("田中",))),
        ("王小明", "CN", Name(("小明",), ("王",))),
    ],
)
def test_a_region_tells_where_a_family_name_starts(written: str, region: str, expected: Name) -> None:
    assert name.normalise(full_name=written, region=region) == expected


@pytest.mark.parametrize(
    ("given_name", "middle_name", "family_name"),
    [("Văn An", "", "Nguyễn"), ("An", "Văn", "Nguyễn"), ("AN", "VAN", "NGUYEN")],
)
def test_a_vietnamese_is_called_by_the_last_name(given_name: str, middle_name: str, family_name: str) -> None:
    assert name.normalise(given_name, middle_name, family_name) == Name(("an", "van"), ("nguyen",))


@pytest.mark.parametrize(
    ("known", "written", "expected"),
    [
        ("Hans", "Müller", Name(("hans",), ("muller",))),
        ("Hans", "Müller-Meier", Name(("hans",), ("muller", "meier"))),
        ("Luc", "Martin Dupont", Name(("luc",), ("martin", "dupont"))),
        ("Jan", "van der Berg", Name(("jan",), ("vanderberg",))),
        ("Bob", "Robert Smith", Name(("robert",), ("smith",), ordered=False)),
        ("J.", "Jan Smit", Name(("jan",), ("smit",), ordered=False)),
    ],
)
def test_a_name_beside_a_given_name_may_be_the_surname(known: str, written: str, expected: Name) -> None:
    assert name.normalise(given_name=known, full_name=written) == expected


def test_a_name_is_found_in_latin_letters() -> None:
    for written, spelt in (
        ("王小明", Name(("xiaoming",), ("wang",))),
        ("김민수", Name(("minsu",), ("kim",))),
        ("Jan Smit", Name(("jan",), ("smit",), ordered=False)),
    ):
        assert name.latin(name.normalise(full_name=written)) == spelt
    assert name.latin(None) is None
    assert name.description(name.normalise(full_name="王小明")) == "x"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Andreas Herr", Name(("andreas",), ("herr",), ordered=False)),
        ("Herr, Andreas", Name(("andreas",), ("herr",))),
        ("Stephen King", Name(("stephen",), ("king",), ordered=False)),
        ("King, Stephen", Name(("stephen",), ("king",))),
        ("John Major", Name(("john",), ("major",), ordered=False)),
        ("Dean, James", Name(("james",), ("dean",))),
        ("Keller, Dean", Name(("dean",), ("keller",))),
        ("HERR/ANDREAS MR", Name(("andreas",), ("herr",))),
        ("Jack Lord", Name(("jack",), ("lord",), ordered=False)),
        ("Lady, Anna", Name(("anna",), ("lady",))),
        ("Chan, Ing", Name(("ing",), ("chan",))),
        ("KELLER/WILLIAMS", Name(("williams",), ("keller",))),
        ("ANNA/OTTO KELLER", Name(("anna", "otto"), ("keller",), ordered=False)),
        ("Anna/Otto Keller", Name(("anna", "otto"), ("keller",), ordered=False)),
        ("C/O KELLER", Name(("c", "o"), ("keller",))),
        ("RAMAN S/O KUMAR", Name(("raman", "s", "o"), ("kumar",), ordered=False)),
    ],
)
def test_a_name_that_is_a_title_elsewhere_stays_a_name(written: str, expected: Name) -> None:
    assert name.normalise(full_name=written) == expected


def test_a_title_behind_a_part_is_none_of_it() -> None:
    expected = Name(("anna",), ("keller",))
    assert name.normalise(given_name="Anna Mrs", family_name="Keller") == expected
    assert name.normalise(given_name="Anna", family_name="Keller Mrs") == expected


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
        "walk in",
        "Laufkundschaft",
        "Público en General",
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
            assert token.isalpha() and token == token.lower()
            assert token.isascii() or script.word(token) == token


@given(
    st.from_regex(r"[A-Z][a-z]{3,8}", fullmatch=True),
    st.from_regex(r"[A-Z][a-z]{3,8}", fullmatch=True),
    st.sampled_from(["Mr", "Mrs", "Ms", "Dr.", "Prof.", "Mevr."]),
)
def test_a_title_may_stand_on_any_side(given_name: str, family: str, title: str) -> None:
    expected = name.normalise(full_name=f"{title} {family}, {given_name}")
    assert name.normalise(full_name=f"{family}, {given_name} {title}") == expected
    assert name.normalise(full_name=f"{family}/{given_name} {title}") == expected
    assert name.normalise(full_name=f"{family}, {title} {given_name}") == expected


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


@pytest.mark.parametrize("given", ["Baby Girl", "BABY BOY", "Babygirl", "Newborn"])
def test_a_child_without_a_name_has_none(given: str) -> None:
    assert name.normalise(given_name=given, family_name="Smith") == Name((), ("smith",))
    twin = name.normalise(given_name="Baby Girl A", family_name="Smith")
    assert twin is not None and twin.given == ("baby", "girl", "a")
