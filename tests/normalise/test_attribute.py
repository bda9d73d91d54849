from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.match.blocking import blocking_keys
from resolver.normalise import attribute
from resolver.normalise.data import words
from resolver.normalise.evidence import decode, digest, encode, fingerprint, normalise, usable
from resolver.normalise.features import Features

PAIRS = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4)
BAKER = Evidence(compared_attributes=(("occupation", "Baker"),))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("occupation", "occupation"),
        ("Shoe size", "shoe_size"),
        ("shoeSize", "shoe_size"),
        ("SHOE-SIZE", "shoe_size"),
        ("birthPlace", "birth_place"),
        ("birthplace", "birth_place"),
        ("Geburtsort", "birth_place"),
        ("sex", "gender"),
        ("Beruf", "occupation"),
        ("ID", "id"),
        ("年齢", "nianling"),
        (" _ ", ""),
        ("", ""),
        ("x" * 1001, ""),
    ],
)
def test_names(raw: str, name: str) -> None:
    assert attribute.name(raw) == name


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("occupation", " Master  Baker ", "master baker"),
        ("occupation", "Bäcker/Konditor", "backer konditor"),
        ("occupation", "n/a", ""),
        ("occupation", "UNKNOWN", ""),
        ("occupation", "x" * 201, ""),
        ("gender", "M", "male"),
        ("gender", "Man", "male"),
        ("gender", "vrouw", "female"),
        ("gender", "2", "female"),
        ("gender", "0", ""),
        ("grade", "m", "m"),
        ("grade", "0", "0"),
        ("birth_year", "1984.0", "1984"),
        ("height", "1.84", "1.84"),
        ("balance", "-3", "-3"),
        ("code", "007", "007"),
        ("member", "TRUE", "y"),
        ("member", "Ja", "y"),
        ("member", "nee", "n"),
        ("birth_place", "The Hague", "den haag"),
        ("birth_place", "Little Snoring", "little snoring"),
        ("nationality", "Nederland", "nl"),
        ("nationality", "NLD", "nl"),
        ("nationality", "Dutch", "dutch"),
    ],
)
def test_values(name: str, raw: str, value: str) -> None:
    assert attribute.value(name, raw) == value


def test_what_has_no_name_or_no_value_is_left_out() -> None:
    stated = (("Sex", "f"), ("gender", "female"), ("", "x"), ("hair", "n/a"), ("Beruf", "Koch"))
    assert attribute.normalise(stated) == (("gender", "female"), ("occupation", "koch"))


@given(PAIRS, st.randoms(use_true_random=False))
def test_any_text_is_taken_and_comes_out_sorted_and_distinct(
    stated: list[tuple[str, str]], chance: random.Random
) -> None:
    found = attribute.normalise(stated)
    chance.shuffle(stated)
    assert attribute.normalise([*stated, *stated]) == found == tuple(sorted(set(found)))
    assert all(re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name) and value for name, value in found)


@given(PAIRS)
def test_normal_forms_stay_as_they_are(stated: list[tuple[str, str]]) -> None:
    found = attribute.normalise(stated)
    assert attribute.normalise(found) == found


def test_every_wording_is_of_a_name_that_there_is() -> None:
    names = {line.partition(" = ")[0] for line in words("attribute_names.txt")}
    assert {line.partition(":")[0] for line in words("attribute_values.txt")} - {"*"} <= names
    assert all(attribute.name(name) == name for name in names)


def test_attributes_alone_identify_nobody_and_lead_to_nobody() -> None:
    features = normalise(BAKER)
    assert features == Features(features.party, compared_attributes=(("occupation", "baker"),))
    assert not usable(features)
    assert blocking_keys(features) == ()


def test_an_attribute_makes_no_blocking_key() -> None:
    phone = (StatedIdentifier(IdentifierKind.PHONE, "+31612349876"),)
    plain, told = normalise(Evidence(phone)), normalise(Evidence(phone, compared_attributes=(("sex", "m"),)))
    assert blocking_keys(told) == blocking_keys(plain)


def test_an_attribute_is_part_of_the_evidence() -> None:
    other = Evidence(compared_attributes=(("occupation", "miller"),))
    again = Evidence(compared_attributes=(("OCCUPATION", " baker "),))
    assert fingerprint(BAKER) == fingerprint(again) != fingerprint(other) != fingerprint(Evidence())
    assert digest(normalise(BAKER)) == digest(normalise(again)) != digest(normalise(other))
    assert fingerprint(BAKER) != fingerprint(Evidence(attributes=BAKER.compared_attributes))


def test_features_of_before_are_still_read() -> None:
    features = normalise(Evidence(given_name="Jan"))
    key = b"compared_attributes"
    before = encode(features).replace(bytes([0xA0 | len(key)]) + key + b"\x90", b"")
    assert before != encode(features)
    assert decode(bytes([before[0] - 1]) + before[1:]) == features
