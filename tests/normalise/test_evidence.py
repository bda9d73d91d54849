from __future__ import annotations

import dataclasses
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import (
    Assertion,
    Assurance,
    Evidence,
    Identifier,
    IdentifierKind,
    PartyType,
    StatedIdentifier,
)
from resolver.normalise import evidence as normalising
from resolver.normalise.evidence import (
    Settings,
    decode,
    describe,
    digest,
    encode,
    fingerprint,
    normalise,
    owned,
    protect,
    usable,
)
from resolver.normalise.features import Features, Flag, Value

PHONE, EMAIL, HANDLE = IdentifierKind.PHONE, IdentifierKind.EMAIL, IdentifierKind.HANDLE
LOYALTY, DEVICE, EXTERNAL = IdentifierKind.LOYALTY, IdentifierKind.DEVICE, IdentifierKind.EXTERNAL


def stated(
    *identifiers: tuple[IdentifierKind, str] | tuple[IdentifierKind, str, str], **fields: str
) -> Evidence:
    return Evidence(tuple(StatedIdentifier(each[0], each[1], *each[2:]) for each in identifiers), **fields)  # type: ignore[arg-type]


JAN = stated(
    (EMAIL, "Jan.deVries+x@gmail.com"),
    (PHONE, "06-39352781"),
    (HANDLE, "31639352781", "WhatsApp"),
    (LOYALTY, "LC-100035724", "Club"),
    given_name="Jan",
    family_name="de Vries",
    birth_date="03-05-1960",
    street="Kastanjelaan 25",
    country="Nederland",
)


def test_a_record_becomes_features() -> None:
    features = normalise(JAN)
    assert [(value.identifier.kind, value.identifier.value) for value in features.values] == [
        (EMAIL, "jandevries@gmail.com"),
        (LOYALTY, "100035724"),
        (PHONE, "+31639352781"),
    ]
    assert features.place.country == "NL"
    assert features.party is PartyType.UNKNOWN


@pytest.mark.parametrize(
    ("country", "region", "default", "value"),
    [
        ("Nederland", "GB", "DE", "+31"),
        ("", "GB", "DE", "+44"),
        ("", "", "DE", "+49"),
        ("Atlantis", "gb", "", "+44"),
    ],
)
def test_the_country_names_the_region(country: str, region: str, default: str, value: str) -> None:
    evidence = stated((PHONE, "020 7946 1234"), country=country, region=region)
    assert normalise(evidence, Settings(region=default)).values[0].identifier.value.startswith(value)


@pytest.mark.parametrize("platform", ["WhatsApp", "sms", "RCS", "Viber"])
def test_a_handle_that_is_a_number_is_a_phone(platform: str) -> None:
    (value,) = normalise(stated((HANDLE, "+31 6 39352781", platform))).values
    assert value.identifier == Identifier(PHONE, "", "+31639352781")


def test_a_business_scoped_whatsapp_user_stays_a_handle() -> None:
    (value,) = normalise(stated((HANDLE, "US.13491208655302741918", "whatsapp"))).values
    assert value.identifier == Identifier(HANDLE, "whatsapp", "US.13491208655302741918")


def test_a_number_on_another_platform_stays_a_handle() -> None:
    (value,) = normalise(stated((HANDLE, "31639352781", "instagram"))).values
    assert value.identifier.kind is HANDLE


def test_owned_values_are_flagged_and_do_not_speak() -> None:
    own = owned([StatedIdentifier(PHONE, "020 794 1234"), StatedIdentifier(EMAIL, "Shop@Bakker.nl")], "NL")
    features = normalise(stated((PHONE, "+31 20 7941234"), (EMAIL, "shop@bakker.nl")), Settings(owned=own))
    assert all(Flag.OWNED in value.flags and not value.speaks for value in features.values)


def test_government_ids_are_taken_only_with_a_secret() -> None:
    evidence = stated((IdentifierKind.GOVERNMENT, "123-45-6780", "SSN"))
    assert normalise(evidence).values == ()
    (value,) = normalise(evidence, Settings(government_secret=b"secret")).values
    assert "123456780" not in repr(value)


def test_what_is_protected_is_protected_and_is_found_by_the_number_itself() -> None:
    for raw in ("123-45-6780", "12345", "000-00-0000"):
        evidence = stated((IdentifierKind.GOVERNMENT, raw, "SSN"), (EMAIL, "jan@devries.nl"))
        kept = protect(evidence, _SETTINGS)
        assert raw not in repr(kept)
        assert protect(kept, _SETTINGS) == kept
        assert normalise(kept, _SETTINGS) == normalise(evidence, _SETTINGS)
        asked = normalising.value(StatedIdentifier(IdentifierKind.GOVERNMENT, raw, "ssn"), settings=_SETTINGS)
        assert asked in normalise(kept, _SETTINGS).values


def test_a_programme_declares_its_check_digit() -> None:
    settings = Settings(checks={"CLUB": "luhn"})
    (value,) = normalise(stated((LOYALTY, "100035725", "Club")), settings).values
    assert value.flags == (Flag.MALFORMED,)
    with pytest.raises(ValueError, match="made-up"):
        Settings(checks={"club": "made-up"})


def test_the_surest_assurance_of_a_value_counts() -> None:
    evidence = Evidence(
        (
            StatedIdentifier(PHONE, "+31639352781", "", Assurance.OBSERVED),
            StatedIdentifier(PHONE, "0031639352781", "", Assurance.VERIFIED),
        )
    )
    assert [value.assurance for value in normalise(evidence).values] == [Assurance.VERIFIED]


@pytest.mark.parametrize(
    ("evidence", "party"),
    [
        (Evidence(organisation="Acme"), PartyType.ORGANISATION),
        (Evidence(full_name="Acme B.V."), PartyType.ORGANISATION),
        (Evidence(organisation="Acme", full_name="Jan de Vries"), PartyType.UNKNOWN),
        (Evidence(organisation="Acme", party_type=PartyType.PERSON), PartyType.PERSON),
        (Evidence(full_name="Jan", party_type=PartyType.ORGANISATION), PartyType.ORGANISATION),
    ],
)
def test_party(evidence: Evidence, party: PartyType) -> None:
    assert normalise(evidence).party is party


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (JAN, True),
        (stated((DEVICE, "abc")), False),
        (stated((IdentifierKind.REFERENCE, "O-1")), False),
        (stated((EMAIL, "info@bakker.nl"), (PHONE, "0000000000")), False),
        (stated((EXTERNAL, "c-1", "crm")), True),
        (Evidence(full_name="Jan de Vries"), False),
    ],
)
def test_usable(evidence: Evidence, expected: bool) -> None:
    assert usable(normalise(evidence)) is expected


def test_a_named_record_describes_its_values_by_initial() -> None:
    assert {assertion.description for assertion in describe(normalise(JAN))} == {"j"}


def test_a_nameless_record_describes_each_value_by_its_strongest_other() -> None:
    descriptions = {
        each.identifier.kind: each.description
        for each in describe(
            normalise(stated((PHONE, "+31639352781"), (EMAIL, "jan@planet.nl"), (DEVICE, "d")))
        )
    }
    assert descriptions == {
        PHONE: "email::jan@planet.nl",
        EMAIL: "phone::+31639352781",
        DEVICE: "email::jan@planet.nl",
    }
    alone = Identifier(PHONE, "", "+31639352781")
    assert describe(normalise(stated((PHONE, "+31639352781")))) == (Assertion(alone, Assurance.STATED, None),)


def test_fingerprints_fold_case_and_order_but_not_assurance_or_opaque_bytes() -> None:
    base = stated((EMAIL, "jan@x.nl"), (EXTERNAL, "Ab", "CRM"), full_name="Zoë")
    same = stated((EXTERNAL, " Ab", "crm"), (EMAIL, "JAN@X.NL "), full_name=" zoe\u0308")
    assert fingerprint(base) == fingerprint(same)
    surer = tuple(dataclasses.replace(each, assurance=Assurance.VERIFIED) for each in base.identifiers)
    others = [
        dataclasses.replace(base, identifiers=surer),
        stated((EMAIL, "jan@x.nl"), (EXTERNAL, "AB", "CRM"), full_name="Zoë"),
        dataclasses.replace(base, region="NL"),
        dataclasses.replace(base, full_name="", given_name="Zoë"),
    ]
    assert len({fingerprint(each) for each in (base, *others)}) == 5


_text = st.text(max_size=30)
_evidence = st.builds(
    Evidence,
    identifiers=st.lists(
        st.builds(
            StatedIdentifier,
            kind=st.sampled_from(IdentifierKind),
            raw=_text | st.sampled_from(["06-39352781", "Jan@x.nl", "n/a", "LC-100035724"]),
            namespace=st.sampled_from(["", "whatsapp", "CRM"]),
            assurance=st.sampled_from(Assurance),
        ),
        max_size=5,
    ).map(tuple),
    given_name=_text,
    middle_name=_text,
    family_name=_text,
    full_name=_text,
    organisation=_text,
    birth_date=_text | st.dates().map(str),
    house_number=_text,
    street=_text,
    postcode=_text,
    city=_text,
    country=_text,
    party_type=st.sampled_from(PartyType),
    region=st.sampled_from(["", "NL", "zz"]),
    attributes=st.lists(st.tuples(_text, _text), max_size=3).map(tuple),
    compared_attributes=st.lists(st.tuples(_text, _text), max_size=3).map(tuple),
)
_SETTINGS = Settings(government_secret=b"secret")


@given(_evidence)
def test_takes_any_evidence_and_encodes_it_whole(evidence: Evidence) -> None:
    features = normalise(evidence, _SETTINGS)
    assert decode(encode(features)) == features
    assert list(features.values) == sorted(set(features.values))
    assert all(list(value.flags) == sorted(set(value.flags)) for value in features.values)
    assert usable(features) in {True, False}
    assert [each.identifier for each in describe(features)] == sorted(
        {each.identifier for each in features.values}
    )


@given(_evidence, st.randoms(use_true_random=False))
def test_the_order_of_identifiers_does_not_count(evidence: Evidence, generator: random.Random) -> None:
    shuffled = list(evidence.identifiers)
    generator.shuffle(shuffled)
    other = dataclasses.replace(evidence, identifiers=tuple(shuffled))
    assert fingerprint(other) == fingerprint(evidence)
    assert digest(normalise(other, _SETTINGS)) == digest(normalise(evidence, _SETTINGS))


def test_decoding_refuses_other_bytes() -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(b"\xc1")


def test_decoded_features_are_of_the_same_types() -> None:
    decoded = decode(encode(normalise(JAN)))
    assert isinstance(decoded, Features)
    assert isinstance(decoded.values[0], Value)
    assert isinstance(decoded.values[0].identifier, Identifier)


@pytest.mark.parametrize(
    "junk",
    [
        "a" * 1_000_000,
        "1" * 1_000_000,
        " " * 1_000_000,
        "é," * 500_000,
        "@." * 500_000,
        "<" * 1_000_000,
        "a@" * 499,
        "<@" * 499,
        "(" * 999,
        "1-" * 499,
        "\0" * 1_000_000,
    ],
)
def test_hostile_text_is_bounded_work(junk: str) -> None:
    fields = {each.name: junk for each in dataclasses.fields(Evidence) if each.type == "str"}
    evidence = Evidence(tuple(StatedIdentifier(kind, junk) for kind in IdentifierKind), **fields)  # type: ignore[arg-type]
    begun = time.perf_counter()
    features = normalising.normalise(evidence, _SETTINGS)
    fingerprint(evidence)
    assert time.perf_counter() - begun < 5
    assert len(encode(features)) < 50_000
