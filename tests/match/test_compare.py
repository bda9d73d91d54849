from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import PartyType
from resolver.match import compare
from resolver.match.columns import FEW, Columns, code
from resolver.match.compare import Alias, Code, Comparator, VagueAttribute
from resolver.match.model import default_model
from resolver.match.screen import Words
from resolver.normalise.features import BirthDate, Features, Name, Place
from tests.resolve.people import record

MODEL = default_model(10_000)
DIGITS = st.text("0123", min_size=1, max_size=10)
WORDS = st.text("abjnsé", min_size=1, max_size=9)
CODES = st.builds(
    lambda namespace, text, fuzzy: Code(namespace, text, fuzzy, text.startswith("0")),
    st.sampled_from(["", "shop", "air"]), DIGITS, st.booleans(),
)  # fmt: skip
MAILS = st.builds(
    lambda a, b, named: Code("", f"{a}@{b}", True, named=named),
    st.text("ab1.", min_size=1, max_size=9),
    WORDS,
    st.booleans(),
)
PARTS = st.lists(WORDS, min_size=0, max_size=2).map(tuple)
NAMES = st.builds(Name, PARTS, PARTS, st.booleans()).filter(lambda name: bool(name.given or name.family))
BIRTHS = st.builds(BirthDate, st.integers(1950, 1972), st.integers(0, 12), st.integers(0, 28), st.booleans())
PLACES = st.builds(Place, DIGITS, WORDS, DIGITS, WORDS, st.just(""), st.sampled_from(["", "NL", "BE"]))
ALIASES = st.builds(Alias, WORDS, WORDS)
OWN = st.lists(
    st.tuples(st.sampled_from(["gender", "birth_place", "shoe_size"]), WORDS | DIGITS),
    min_size=1, max_size=4, unique=True,
).map(sorted).map(tuple)  # fmt: skip

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
    (compare.compare_attributes, OWN),
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
    if comparator in {compare.compare_place, compare.compare_handle, compare.compare_attributes}:
        return  # places and attributes have parts of their own; handles of two platforms compare otherwise
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
        ("chau.mai@gmx.de", "chaumai@gmx.de", "spelt"),
        ("c.mai@gmx.de", "cmai@gmx.de", "spelt"),
        ("chau.mai@gmx.de", "chau.mai@web.de", "spelt"),
        ("chau.mai@gmx.de", "chau.mai@gmx.de", "equal"),
        ("chau.mai@hotmail.com", "chau.mai@hotmial.com", "slip"),
        ("chau.mai1@gmx.de", "chau.mai2@gmx.de", "spelt"),
    ],
)
def test_two_mailboxes_that_spell_the_name_are_alike_because_of_it(left: str, right: str, level: str) -> None:
    name = Name(("chau",), ("mai",))
    sides = [
        Code("", mailbox, True, named=compare.spells(mailbox.partition("@")[0], name))
        for mailbox in (left, right)
    ]
    assert all(side.named for side in sides)
    answers = [compare.compare_email(MODEL, *order) for order in (sides, sides[::-1])]
    assert [answer.level for answer in answers if answer is not None] == [level, level]


def test_a_mailbox_that_spells_no_name_is_a_slip_from_another() -> None:
    named, other = Code("", "chau.mai@gmx.de", True, named=True), Code("", "chaumai@gmx.de", True)
    answer = compare.compare_email(MODEL, named, other)
    assert answer is not None and answer.level == "slip"
    assert not compare.spells("sunflower", Name(("chau",), ("mai",)))
    assert not compare.spells("chaumai", Name(("mai",), ()))
    assert not compare.spells("", None)


@pytest.mark.parametrize(
    ("local", "name", "made"),
    [
        ("susan", Name(("susan",), ("carter",)), True),
        ("susan.c", Name(("susan",), ("carter",)), True),
        ("susanq88", Name(("susan",), ("carter",)), True),
        ("susansky", Name(("susan",), ("carter",)), False),
        ("susan_carter", Name(("susan",), ()), False),
        ("susan.c", Name(("susan",), ()), True),
        ("suzan.c", Name(("susan",), ("carter",)), False),
        ("scarter", Name(("susan",), ("carter",)), True),
        ("al", Name(("al",), ("carter",)), False),
    ],
)
def test_a_mailbox_may_be_made_of_a_given_name_and_a_letter(local: str, name: Name, made: bool) -> None:
    assert compare.spells(local, name) == made


def test_mailboxes_of_digits_alone_are_not_alike() -> None:
    left, right = (Code("", f"{local}@guest.example.com", True) for local in ("856604174", "410007024"))
    answer = compare.compare_email(MODEL, left, right)
    assert answer is not None and answer.level == "different"


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("bob", "robert", "nickname"),
        ("dave", "david", "nickname"),
        ("david", "dave", "nickname"),
        ("liz", "elisabeth", "nickname"),
        ("stan", "stanley", "nickname"),
        ("jan", "jan", "equal"),
        ("j", "jan", "initial"),
        ("j", "piet", "uninitial"),
        ("sanne", "sane", "alike"),
        ("jan", "piet", "different"),
        ("juergen", "jurgen", "equal"),
        ("joep", "jop", "alike"),
        ("伟", "伟", "equal"),
        ("伟", "强", "different"),
        ("小明", "晓明", "garbled"),
        ("محمد", "محمود", "alike"),
    ],
)
def test_given_names(left: str, right: str, level: str) -> None:
    assert compare.given_level(left, right) == level
    assert compare.given_level(right, left) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("ivanov", "ivanova", "equal"),
        ("pushkin", "pushkina", "equal"),
        ("kowalski", "kowalska", "equal"),
        ("loeskiy", "loskaya", "equal"),
        ("dostoevskiy", "dostoevskaya", "equal"),
        ("papadopoulos", "papadopoulou", "equal"),
        ("papadakis", "papadaki", "equal"),
        ("mueller", "muller", "equal"),
        ("bloem", "blom", "alike"),
        ("ramos", "ramo", "alike"),
        ("silva", "silv", "alike"),
        ("vandervelden", "vandenvelden", "alike"),
        ("vanbeeck", "verbeeck", "alike"),
        ("vandermeer", "vandermeier", "alike"),
        ("王", "王", "equal"),
        ("王", "汪", "garbled"),
        ("王", "李", "different"),
    ],
)
def test_family_names(left: str, right: str, level: str) -> None:
    assert compare.family_level((left,), (right,))[0] == level
    assert compare.family_level((right,), (left,))[0] == level
    words = Words([left, right])
    assert level == "different" or words.alike(np.array([0]), np.array([1]))[0]


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (("anne", "marie"), ("annemarie",), "equal"),
        (("xiao", "ming"), ("xiaoming",), "equal"),
        (("xiao", "ming"), ("晓明",), "nickname"),
        (("min", "su"), ("민수",), "equal"),
        (("민수",), ("hyejin",), "different"),
        (("mohammed",), ("محمد",), "nickname"),
        (("w",), ("伟",), "initial"),
        (("tanaka",), ("田中",), "unread"),
        (("kenji",), ("محمد",), "unread"),
    ],
)
def test_given_names_written_otherwise(left: tuple[str, ...], right: tuple[str, ...], level: str) -> None:
    found = compare.compare_given(MODEL, left, right)
    assert found == compare.compare_given(MODEL, right, left)
    assert found.level == level


def test_a_name_whose_reading_is_not_known_says_nothing_of_one_in_latin_letters() -> None:
    assert compare.compare_family(MODEL, ("田中",), ("tanaka",)) == compare.UNREAD
    assert compare.compare_family(MODEL, ("李",), ("wang",)) == compare.UNLIKE
    assert compare.compare_family(MODEL, ("李",), ("li",)).stranger > 0
    assert compare.compare_family(MODEL, ("김",), ("kim",)).level == "equal"


def test_a_name_that_no_list_can_hold_is_not_taken_for_the_rarest() -> None:
    unlisted = compare.compare_given(MODEL, ("晓萱",), ("晓萱",)).stranger
    assert unlisted < compare.compare_given(MODEL, ("xqzuvy",), ("xqzuvy",)).stranger


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Name(("伟",), ("王",)), Name(("wei",), ("wang",))),
        (Name(("伟",), ("王",)), Name(("强",), ("王",))),
        (Name(("太郎",), ("田中",)), Name(("taro",), ("tanaka",))),
        (Name(("민수",), ("김",)), Name(("min", "su"), ("kim",))),
        (Name(("محمد",), ("العتيبي",)), Name(("mohammed",), ("alotaibi",))),
    ],
)
def test_names_of_other_scripts_are_the_same_one_by_one_and_in_columns(one: Name, other: Name) -> None:
    nodes = [Features(PartyType.PERSON, name=each) for each in (one, other)]
    pairs = [(left, right) for left in (0, 1) for right in (0, 1)]
    left, right = (np.array(side * FEW) for side in zip(*pairs, strict=True))
    columns = Columns(MODEL, nodes, frozenset())
    at_once = columns.pairs(left, right)
    for number, (a, b) in enumerate(pairs):
        assert columns.pairs(np.array([a]), np.array([b])) == [at_once[number]]


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


@pytest.mark.parametrize(("left", "right"), [("linda", "lindaa"), ("maria", "mariaa")])
def test_a_doubled_letter_makes_no_other_name(left: str, right: str) -> None:
    assert compare.compare_given(MODEL, [left], [right]).level in {"alike", "nickname"}
    assert compare.compare_given(MODEL, ["daniel"], ["daniela"]).level == "kindred"


@pytest.mark.parametrize(
    ("attribute", "vague", "firm"),
    [
        ("given", Name(("j",), ("jansen",)), Name(("jan",), ("jansen",))),
        ("family", Name(("jan",), ("j",)), Name(("jan",), ("jo",))),
        ("birth", BirthDate(1960, 0, 0), BirthDate(1960, 5, 3)),
        ("birth", BirthDate(1960, 1, 1), BirthDate(1960, 1, 2)),
        ("place", Place("", "", "", "utrecht", "", "NL"), Place("", "", "3511aa", "utrecht", "", "NL")),
    ],
)
def test_what_many_would_fit_is_vague(attribute: VagueAttribute, vague: object, firm: object) -> None:
    assert compare.VAGUE[attribute](vague) and not compare.VAGUE[attribute](firm)


def test_ids_of_two_systems_say_nothing_of_each_other() -> None:
    assert compare.compare_external(MODEL, Code("crm", "17", False), Code("erp", "17", False)) is None
    assert compare.compare_loyalty(MODEL, Code("air", "123456", True), Code("shop", "123456", True)) is None


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("123456782", "123-456-782", "equal"),
        ("123456782", "123456728", "slip"),
        ("123456782", "12345782", "slip"),
        ("123456782", "123458888", "different"),
        ("12345", "12346", "different"),
    ],
)
def test_government_ids_are_compared_by_their_hashes(left: str, right: str, level: str) -> None:
    one, other = (code(record(government=each).values[0]) for each in (left, right))
    found = compare.compare_government(MODEL, one, other)
    assert found is not None and found.level == level
    assert left not in one.text and right not in other.text


def test_a_government_id_a_slip_away_says_less_than_the_same_and_more_than_another() -> None:
    equal, slip, different = (MODEL.level("government", name) for name in ("equal", "slip", "different"))
    assert equal.stranger > slip.stranger > 0 > different.stranger
    assert equal.household > slip.household > 0 > different.household


def test_opaque_handles_are_never_fuzzy() -> None:
    found = compare.compare_handle(MODEL, Code("psid", "12345678", False), Code("psid", "12345679", False))
    assert found is not None and found.level == "different"


def test_a_rare_name_says_more_than_a_common_one() -> None:
    def weight(family: str) -> int:
        name = Name(("john",), (family,))
        return compare.compare_name_parts(MODEL, name, name).stranger

    assert weight("smith") < weight("wigglesworth")


def test_likeness_says_little_however_rare_the_names() -> None:
    def weight(left: str, right: str) -> int:
        return compare.compare_family(MODEL, (left,), (right,)).stranger

    assert weight("wigglesworth", "wigglesworth") > 12_000
    assert weight("wigglesworth", "wigglesworht") <= 6_500
    assert weight("wigglesworth", "wigglesmurth") <= 4_500


@pytest.mark.parametrize(
    ("left", "right"),
    [("vanderkaay", "vanderlaan"), ("vanderven", "vandervelden"), ("vandebrink", "vandeberg")],
)
def test_what_two_surnames_share_is_not_their_particles(left: str, right: str) -> None:
    assert compare.family_level((left,), (right,))[0] in {"garbled", "different"}


@pytest.mark.parametrize(
    ("house", "street", "levels"),
    [
        ("12", "kerkstr", ["postcode slip", "street equal"]),
        ("", "", ["postcode slip"]),
        ("98", "kerkstr", ["postcode different", "street road", "city equal"]),
        ("12", "molenweg", ["postcode different", "street different", "city equal"]),
    ],
)
def test_a_postcode_a_digit_off_is_a_slip_unless_the_house_is_another(
    house: str, street: str, levels: list[str]
) -> None:
    here = Place("12", "kerkstr", "73101", "goppingen", "", "DE")
    there = Place(house, street, "73104", "goppingen", "", "DE")
    for one, other in ((here, there), (there, here)):
        found = compare.place_parts(MODEL, one, other)
        assert [f"{name} {part.level}" for name, part in found] == levels


def test_two_postcodes_of_one_street_count_once() -> None:
    here = Place("12", "kerkstr", "1011ab", "amsterdam", "", "NL")
    levels = [name for name, _ in compare.place_parts(MODEL, here, here)]
    assert levels == ["postcode", "street"]


# -- attributes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("carpenter", "carpenter", "equal"),
        ("nl", "nl", "short"),
        ("7", "7", "short"),
        ("carpenter", "carpentar", "close"),
        ("paris", "paris france", "close"),
        ("france paris", "paris", "close"),
        ("no", "no idea", "different"),
        ("carpenter", "mason", "different"),
        ("1984", "1985", "different"),
        ("class 11", "class 12", "different"),
        ("41", "41 5", "different"),
    ],
)
def test_levels_of_an_attribute(left: str, right: str, level: str) -> None:
    assert compare.attribute_level(left, right) == level
    assert compare.attribute_level(right, left) == level


def test_attributes_that_one_side_lacks_say_nothing() -> None:
    one = (("gender", "male"), ("occupation", "baker"))
    assert compare.compare_attributes(MODEL, one, (("shoe_size", "44"),)) is None
    alone = compare.compare_attributes(MODEL, one[:1], one[:1])
    assert compare.compare_attributes(MODEL, one, one[:1]) == alone


def test_attributes_are_named_with_their_levels() -> None:
    found = compare.compare_attributes(
        MODEL,
        (("birth_place", "delft"), ("gender", "male"), ("occupation", "baker")),
        (("birth_place", "dellft"), ("gender", "female"), ("occupation", "baker")),
    )
    assert found is not None
    assert found.level == "birth_place close, gender different, occupation equal"


def test_of_several_values_of_one_attribute_the_best_agreement_counts() -> None:
    both = (("language", "dutch"), ("language", "french"))
    found = compare.compare_attributes(MODEL, both, (("language", "french"),))
    assert found == compare.compare_attributes(MODEL, both[1:], both[1:])


@given(OWN, OWN)
def test_attributes_together_are_bounded(one: Any, other: Any) -> None:  # noqa: ANN401
    found = compare.compare_attributes(MODEL, one, other)
    if found is not None:
        parts = compare.attribute_parts(MODEL, one, other)
        for total, said in (
            (found.stranger, [part.stranger for _, part in parts]),
            (found.household, [part.household for _, part in parts]),
        ):
            assert abs(total) <= compare.ATTRIBUTES_BOUND
            assert total == sum(said) or abs(sum(said)) > compare.ATTRIBUTES_BOUND


def test_ten_attributes_say_no_more_than_the_bound() -> None:
    one, other = (tuple((f"a{n}", word) for n in range(10)) for word in ("baker", "miller"))
    for left, right, sign in ((one, one, 1), (one, other, -1)):
        found = compare.compare_attributes(MODEL, left, right)
        assert found is not None and found.stranger == sign * compare.ATTRIBUTES_BOUND


def test_a_rare_value_says_more_than_a_common_one_where_the_model_knows_them() -> None:
    model = replace(
        MODEL, attribute_values={"occupation": {"baker": 5_000}}, rarest_attribute={"occupation": 12_000}
    )
    baker, diver = (compare.compare_attribute(model, "occupation", each, each) for each in ("baker", "diver"))
    assert diver.stranger - baker.stranger == 7_000
    assert compare.compare_attribute(model, "occupation", "baker", "diver") == compare.compare_attribute(
        MODEL, "occupation", "baker", "diver"
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("peter@gmx.de", "peter@gmx.at"),
        ("jan@abn.nl", "jan@asn.nl"),
        ("jan@yahoo.de", "jan@yahoo.es"),
        ("m.jansen@ziggo.nl", "j.jansen@ziggo.nl"),
    ],
)
def test_another_provider_country_or_initial_is_no_slip(left: str, right: str) -> None:
    answer = compare.compare_email(MODEL, Code("", left, True), Code("", right, True))
    assert answer is not None and answer.level == "different"


def test_new_year_s_day_says_no_more_than_its_year() -> None:
    first = BirthDate(1960, 1, 1, ambiguous=False)
    assert compare.birth_level(first, first) == "year"
    assert compare.birth_level(first, BirthDate(1960, 5, 23, ambiguous=False)) == "year"
    assert compare.birth_level(first, BirthDate(1978, 1, 1, ambiguous=False)) == "different"


def test_a_generation_apart_is_no_slip() -> None:
    assert compare.birth_level(BirthDate(1950, 5, 23, False), BirthDate(1990, 5, 23, False)) == "part"


def test_of_two_equal_agreements_the_better_against_the_household_counts() -> None:
    """Whichever comes first, alone and in columns."""
    one = record("Christy Nguyen", handle="qzwartenhoef")
    other = record("Quirijn Zwartenhoef", handle="christynguyen")
    for nodes in ([one, other], [other, one]):
        columns = Columns(MODEL, nodes, frozenset())
        many = np.zeros(FEW + 1, np.int64), np.ones(FEW + 1, np.int64)
        single = columns.pairs(np.array([0]), np.array([1]))
        assert columns.pairs(*many) == single * (FEW + 1)
