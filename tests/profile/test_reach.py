from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.profile.golden import golden_record
from resolver.profile.reach import CHANNELS, canonical, postal_address
from tests.profile.samples import sighting


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("call_centre", "phone"),
        ("Call Center", "phone"),
        ("store", "shop"),
        ("POS", "shop"),
        ("web-shop", "web"),
        ("webshop", "web"),
        ("E-mail", "email"),
        ("WhatsApp", "whatsapp"),
        ("whatsapp_business", "whatsapp"),
        ("facebook_messenger", "messenger"),
        ("ig", "instagram"),
        ("live chat", "web_chat"),
        ("twitter", "x"),
        ("kiosk", "kiosk"),
    ],
)
def test_usual_spellings(written: str, name: str) -> None:
    assert canonical(written) == name


@given(st.text(max_size=30) | st.sampled_from(sorted(CHANNELS)))
def test_a_canonical_name_is_its_own(written: str) -> None:
    assert canonical(canonical(written)) == canonical(written)


def test_every_known_channel_is_canonical() -> None:
    assert [canonical(name) for name in CHANNELS] == list(CHANNELS)


def test_a_letter_needs_a_street_and_a_place() -> None:
    whole = golden_record(
        [sighting("1", street="Damrak", house_number="1", postcode="1012 LG", city="Amsterdam")]
    )
    assert postal_address(whole) == "Damrak 1, 1012 LG Amsterdam"
    assert postal_address(golden_record([sighting("1", city="Amsterdam", postcode="1012 LG")])) == ""
    assert postal_address(golden_record([sighting("1", street="Damrak", house_number="1")])) == ""
