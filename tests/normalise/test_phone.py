from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from resolver.normalise import phone
from resolver.normalise.features import Flag
from resolver.normalise.form import Form


def form(raw: str, region: str = "") -> Form:
    found = phone.normalise(raw, region)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("06-39352781", "NL"),
        ("0639352781", "nl"),
        ("6 39352781", "NL"),
        ("+31639352781", ""),
        ("+31 (0)6 39 35 27 81", "DE"),
        ("+31 0639352781", ""),
        ("0031 6 39352781", ""),
        ("00 31 (0) 639352781", "US"),
        ("011 31 6 39352781", "US"),
        ("31639352781", "NL"),
        ("31639352781", ""),
        ("31639352781@s.whatsapp.net", ""),
        ("whatsapp:+31639352781", ""),
        ("https://wa.me/31639352781", ""),
        ("tel:+31-6-39352781;ext=12", ""),
        ("06 39352781 toestel 12", "NL"),
        ("Tel.: 06/39.35.27.81", "NL"),
        ("+３１６３９３５２７８１", ""),
        ("06\u201139352781", "NL"),
        ("'+31639352781", ""),
        ("'0639352781", "NL"),
        ('="0639352781"', "NL"),
        ('"06-39352781"', "NL"),
        ("31639352781.0", "NL"),
        ("639352781.0", "NL"),
        ("<tel:+31639352781>,", ""),
        ("tel:06-39352781", "NL"),
        ("06/39352781", "NL"),
        ("06 39352781 (mobiel)", "NL"),
        ("06-39352781 werk", "NL"),
        ("06 39352781, thuis", "NL"),
        ("06 39352781 toestel 12 (kantoor)", "NL"),
        ("+31639352781 мобильный", ""),
        ("mobiel 06 39352781", "NL"),
        ("(privé) 06 39352781", "NL"),
        ("Jan de Vries: 06 39352781 - 's avonds", "NL"),
    ],
)
def test_spellings_of_one_number(raw: str, region: str) -> None:
    assert form(raw, region) == Form("+31639352781", (), "+31639352781")


@pytest.mark.parametrize(
    ("raw", "region", "address"),
    [
        ("491716843219", "DE", "+491716843219"),
        ("491716843219.0", "DE", "+491716843219"),
        ("4901716843219", "DE", "+491716843219"),
        ("6281238910567", "ID", "+6281238910567"),
        ("919876501234", "IN", "+919876501234"),
        ("9198765432", "IN", "+919198765432"),
        ("55987651234", "BR", "+5555987651234"),
        ("04917168432", "DE", "+494917168432"),
        ("4917168432", "DE", "+494917168432"),
    ],
)
def test_a_mobile_whose_plus_is_lost_is_no_landline(raw: str, region: str, address: str) -> None:
    assert form(raw, region).address == address


@pytest.mark.parametrize(
    "raw",
    ["AB39352781", "1-800-FLOWERS", "0639352781 (na 18:00)", "06 39352781 of 06 39352782", "12 km werk"],
)
def test_words_that_may_be_part_of_it_are_left(raw: str) -> None:
    assert Flag.MALFORMED in form(raw, "NL").flags


@pytest.mark.parametrize("raw", ["4.91717E+11", "4,91717e+11", "#REF!", "#N/A", "#WERT!"])
def test_what_a_spreadsheet_has_spoilt_is_nobody_s(raw: str) -> None:
    assert form(raw, "DE").flags == (Flag.MALFORMED, Flag.RUBBISH)


@pytest.mark.parametrize(
    ("spellings", "line"),
    [
        (
            (
                ("+54 9 11 2345 6780", ""),
                ("+54 11 15 2345 6780", ""),
                ("011 15-2345-6780", "AR"),
                ("+541123456780", ""),
            ),
            "+541123456780",
        ),
        ((("+52 1 55 1234 5670", ""), ("+52 55 1234 5670", ""), ("55 1234 5670", "MX")), "+525512345670"),
        ((("+55 11 98123 4560", ""), ("+55 11 8123 4560", ""), ("(11) 98123-4560", "BR")), "+5511981234560"),
    ],
)
def test_a_country_s_variants_are_one_line(spellings: tuple[tuple[str, str], ...], line: str) -> None:
    assert {form(raw, region).value for raw, region in spellings} == {line}


def test_the_number_to_dial_is_left_as_it_came() -> None:
    assert form("+52 1 55 1234 5670").address == "+5215512345670"
    assert form("+54 9 11 2345 6780").address == "+5491123456780"
    assert form("+55 11 8123 4560").address == "+551181234560"


def test_a_brazilian_landline_keeps_its_digits() -> None:
    assert form("+55 11 5123 4560").value == "+551151234560"


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("0000000000", "NL"),
        ("0600000000", "NL"),
        ("0612345678", "NL"),
        ("1234567890", "US"),
        ("9999999999", "US"),
        ("(212) 555-0123", "US"),
        ("07700 900123", "GB"),
        ("06 12121212", "NL"),
        ("+99999999999", ""),
    ],
)
def test_rubbish_is_known(raw: str, region: str) -> None:
    assert Flag.RUBBISH in form(raw, region).flags


@pytest.mark.parametrize(
    ("raw", "region"), [("0800 1235", "NL"), ("0900 0113", "NL"), ("+1 800 234 5679", ""), ("112", "NL")]
)
def test_services_are_nobody_s(raw: str, region: str) -> None:
    assert Flag.ROLE in form(raw, region).flags


@pytest.mark.parametrize("raw", ["hello", "1-800-FLOWERS", "0639352781", "+1", "jan@x.nl", "1" * 1_000_000])
def test_what_is_no_number_is_malformed_and_has_no_address(raw: str) -> None:
    found = form(raw)
    assert Flag.MALFORMED in found.flags
    assert found.address == ""


def test_empty_text_is_absent() -> None:
    assert phone.normalise(" \u200b", "NL") is None


def test_a_number_that_no_plan_assigns_is_still_compared() -> None:
    assert form("06-3935278", "NL") == Form("+3163935278", (), "+3163935278")


_EXAMPLES = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)) is not None
    and phonenumbers.region_code_for_number(number) == region
]


@pytest.mark.parametrize(("region", "number"), _EXAMPLES, ids=[region for region, _ in _EXAMPLES])
def test_every_country_s_spellings_agree(region: str, number: phonenumbers.PhoneNumber) -> None:
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    spellings = {
        (e164, ""),
        (international, ""),
        (international, region),
        ("00" + e164[1:], ""),
        ("tel:" + e164, ""),
        (phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region),
    }
    assert len({form(raw, where).value for raw, where in spellings}) == 1


_OF_EACH_KIND = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in PhoneNumberType.values()
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
    and phonenumbers.is_valid_number_for_region(number, region)
]


def test_no_number_of_any_kind_is_taken_for_a_mobile_without_its_plus() -> None:
    """As it is dialled in its country, or without the 0 before it, it is what libphonenumber reads."""
    for region, number in _OF_EACH_KIND:
        for written in (
            phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
            phonenumbers.national_significant_number(number),
        ):
            read = phonenumbers.parse(written, region)
            if phonenumbers.is_valid_number(read):
                expected = phonenumbers.format_number(read, PhoneNumberFormat.E164)
                assert form(written, region).address == expected, (region, written)


def test_every_mobile_without_its_plus_is_read_in_its_country() -> None:
    for region, number in _EXAMPLES:
        digits = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
        assert form(digits, region).value == form("+" + digits).value, region


@given(
    st.text(alphabet="0123456789+()-. xX#;a\u202e٣", max_size=30) | st.text(),
    st.sampled_from(["", "NL", "US", "AR", "DE", "ZZ"]),
)
def test_takes_any_text_and_its_own_answer_is_a_fixpoint(raw: str, region: str) -> None:
    found = phone.normalise(raw, region)
    if found is not None and found.address:
        assert form(found.address).value == found.value
        assert form(found.value).value == found.value


@given(st.text(alphabet="0123456789+()[]-./:;, aé'\"=", max_size=60))
def test_words_around_a_number_bring_no_other(raw: str) -> None:
    found = form("06 39352781 " + raw, "NL")
    digits = "".join(filter(str.isdigit, raw))
    assert digits or found.address in {"", "+31639352781"}


@given(st.integers(10_000_000, 99_999_999), st.lists(st.sampled_from(" -./~"), min_size=8, max_size=8))
def test_separators_say_nothing(digits: int, separators: list[str]) -> None:
    spaced = "".join(digit + separator for digit, separator in zip(str(digits), separators, strict=True))
    assert form("+316" + spaced) == form(f"06{digits}", "NL")


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.integers(1, 10**12))
def test_a_number_is_valid_where_its_plan_knows_its_kind(region: str, national: int) -> None:
    """What spares asking libphonenumber twice, of numbers near real ones and of any."""
    calling = phonenumbers.country_code_for_region(region)
    example = phonenumbers.example_number(region)
    real = example.national_number if example is not None and example.national_number else national
    for each in (national, real, real + national % 1000):
        number = phonenumbers.PhoneNumber(country_code=calling, national_number=each)
        known = phonenumbers.number_type(number) != PhoneNumberType.UNKNOWN
        assert phonenumbers.is_valid_number(number) == known
