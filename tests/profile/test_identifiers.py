from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.keys import identifier_block
from graph.model import Assurance, Identifier, IdentifierKind, StatedIdentifier
from resolver.match.columns import generic_key, verified_block
from resolver.normalise import evidence
from resolver.normalise.evidence import Settings
from resolver.normalise.features import Flag
from resolver.profile.golden import Sighting
from resolver.profile.identifiers import generic_keys, known_identifiers
from tests.profile.samples import OBSERVED, STATED, VERIFIED, email, handle, key, phone, record, sighting

MOBILE = Identifier(IdentifierKind.PHONE, "", "+31641729305")


def test_spellings_of_one_number_are_one_identifier() -> None:
    (known,) = known_identifiers(
        [
            sighting("2", phone("+31 6 41729305"), version=7, source="pos"),
            sighting("1", phone("06-41729305", VERIFIED), region="NL", version=3),
            sighting("3", phone("+31 6 41729305", OBSERVED), version=None),
        ]
    )
    assert known.identifier == MOBILE
    assert known.raw == ("+31 6 41729305", "06-41729305")
    assert (known.address, known.assurance) == ("+31641729305", VERIFIED)
    assert known.sources == ("crm", "pos")
    assert known.records == (key("1"), key("3"), key("2", "pos"))
    assert (known.first_seen, known.last_seen) == (3, 7)
    assert known.voiced and not known.generic and not known.shared


_stated = st.builds(
    StatedIdentifier,
    st.sampled_from([k for k in IdentifierKind if k is not IdentifierKind.GOVERNMENT]),
    st.sampled_from(["+31641729305", "31641729305", "jan@klant.nl", "jan.devries", "7001", "", " ", "n/a"]),
    st.sampled_from(["", "whatsapp", "instagram", "shop"]),
    st.sampled_from(list(Assurance)),
)


@given(st.lists(st.lists(_stated, max_size=5), max_size=4), st.randoms(use_true_random=False))
def test_every_identifier_with_every_raw_value_it_was_written_as(
    written: list[list[StatedIdentifier]], random: Random
) -> None:
    records = [sighting(str(number), *stated) for number, stated in enumerate(written)]
    expected: dict[Identifier, set[str]] = {}
    for stated in (each for held in written for each in held):
        value = evidence.value(stated)
        if value is not None:
            expected.setdefault(value.identifier, set()).add(stated.raw)
    known = known_identifiers(records)
    assert {each.identifier: set(each.raw) for each in known} == expected
    assert [each.identifier for each in known] == sorted(expected)
    random.shuffle(records)
    assert known_identifiers(records) == known


def test_a_generic_value_carries_nothing_but_for_who_holds_it_verified() -> None:
    block = identifier_block(MOBILE)
    stated, sure = sighting("1", phone("+31641729305")), sighting("2", phone("+31641729305", VERIFIED))
    silent = frozenset({generic_key(block)})
    assert generic_keys([stated]) == {generic_key(block), generic_key(verified_block(block))}
    (known,) = known_identifiers([stated], silent)
    assert known.generic and known.shared and not known.reaches
    (known,) = known_identifiers([stated, sure], silent)
    assert not known.generic and known.reaches == "+31641729305"
    (known,) = known_identifiers([stated, sure], silent | {generic_key(verified_block(block))})
    assert known.generic


def test_rubbish_reaches_nobody_and_is_not_shared() -> None:
    (known,) = known_identifiers([sighting("1", email("test@test.com"))])
    assert Flag.RUBBISH in known.flags
    assert not known.voiced and not known.shared and not known.generic and not known.reaches


def test_a_role_mailbox_is_an_organisations_own() -> None:
    (person,) = known_identifiers(
        [sighting("1", email("info@bakker.nl"), given_name="Jan", family_name="Smit")]
    )
    (firm,) = known_identifiers([sighting("1", email("info@bakker.nl"), organisation="Bakker B.V.")])
    assert person.shared and not person.reaches
    assert firm.reaches == "info@bakker.nl"


def test_a_handle_that_is_a_phone_number() -> None:
    (known,) = known_identifiers([sighting("1", handle("whatsapp", "31641729305"), phone("+31 6 41729305"))])
    assert known.identifier == MOBILE
    assert known.raw == ("+31 6 41729305", "31641729305")


@pytest.mark.parametrize("others", [(), (phone("+31641729305"), phone("+31641729311"))])
def test_of_a_government_id_nothing_is_shown(others: tuple[StatedIdentifier, ...]) -> None:
    settings = Settings(government_secret=b"secret")
    stated = StatedIdentifier(IdentifierKind.GOVERNMENT, "123456782", "bsn")
    held = record("1", stated, *others)
    known = known_identifiers(
        [Sighting(held, evidence.normalise(held.evidence, settings))], settings=settings
    )
    (secret,) = [each for each in known if each.identifier.kind is IdentifierKind.GOVERNMENT]
    assert (secret.identifier.value, secret.raw, secret.address) == ("", (), "")
    assert secret.assurance is STATED
