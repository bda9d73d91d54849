from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import place
from resolver.normalise.features import Place


@pytest.mark.parametrize(
    ("street", "name", "house"),
    [
        ("Kastanjelaan 25", "kastanjelaan", "25"),
        ("Beukenlaan53", "beukenlaan", "53"),
        ("102Cedar Ln", "cedar lane", "102"),
        ("2253 5th Ave", "5th avenue", "2253"),
        ("5th Avenue", "5th avenue", ""),
        ("Dorpsstraat 12-a", "dorpsstr", "12a"),
        ("Dorpsstr. 12 A", "dorpsstr", "12a"),
        ("12 bis rue de la Paix", "rue de la paix", "12bis"),
        ("rue de la Paix 12 bis", "rue de la paix", "12bis"),
        ("Plein 1945 nr 12", "plein 1945", "12"),
        ("PO Box 123", "po box", "123"),
        ("2086 Main St Apt 4B", "main str", "2086"),
        ("Av. Paulista, 1578", "avenue paulista", "1578"),
        ("Rua Augusta, 100 - Apto 12", "rue augusta", "100"),
        ("Calle Mayor nº 5, 3º B", "calle mayor", "5"),
        ("Dorpsstraat 12-2a", "dorpsstr", "12-2a"),
        ("长春街53号", "zhangchunjie", "53"),
        ("芝公園4丁目2番8号", "zhigongyuan", "4-2-8"),
        ("芝公園4-2-8", "zhigongyuan", "4-2-8"),
        ("Số 12, đường Lê Lợi", "le loi", "12"),
        ("No. 12, MG Road", "mg road", "12"),
    ],
)
def test_takes_the_house_number_out_of_the_street(street: str, name: str, house: str) -> None:
    assert place.normalise(street=street) == Place(street=name, house=house)


@pytest.mark.parametrize(
    ("raw", "country", "postcode"),
    [
        ("1067", "DE", "01067"),
        ("1067.0", "Deutschland", "01067"),
        ("80331.0", "", "80331"),
        ("2134", "US", "02134"),
        ("2134-1234", "USA", "02134"),
        ("21341234", "US", "02134"),
        ("602", "US", "00602"),
        ("1000", "FR", "01000"),
        ("144", "IT", "00144"),
        ("800", "AU", "0800"),
        ("1067", "AT", "1067"),
        ("1067", "NL", "1067"),
        ("1067", "", "1067"),
        ("13", "DE", "13"),
        ("D-1067", "DE", "01067"),
        ("SW1A 1AA", "GB", "sw1a1aa"),
        ("'01067", "DE", "01067"),
        ("1.07E+03", "DE", ""),
    ],
)
def test_zeros_that_a_table_has_lost_are_put_back_where_the_country_tells(
    raw: str, country: str, postcode: str
) -> None:
    assert place.normalise(postcode=raw, country=country).postcode == postcode


def test_a_house_number_may_have_been_taken_for_a_fraction() -> None:
    assert place.normalise(house="12.0", street="Dorpsstraat").house == "12"


@pytest.mark.parametrize(
    "spellings",
    [
        ("Bahnhofstraße 20", "Bahnhofstrasse 20", "Bahnhofstr. 20", "BAHNHOFSTR 20"),
        ("Berliner Straße 5", "Berliner Str. 5", "Berliner Strasse 5"),
        ("339 High Street", "339 High St.", "339 high st"),
        ("C/ Mayor, 12", "Calle Mayor 12", "calle mayor nº 12"),
        (
            "ул. Ленина, д. 5",
            "улица Ленина, 5",
            "Ленина, дом 5",
            "ul. Lenina, d. 5",
            "Ленина ул., д. 5, кв. 12",
        ),
        ("вул. Шевченка, буд. 7", "вулиця Шевченка 7, кв. 3"),
        ("ul. Marszałkowska 10", "Marszalkowska 10", "Marszałkowska 10 m. 12"),
        ("Kenter Sok. No:139", "Kenter Sokak No 139", "Kenter Sokağı 139"),
        ("Οδός Ερμού 12", "Ερμού 12", "Ermou 12"),
        ("Avda. de la Constitución 3", "Avenida de la Constitucion 3"),
        ("1 Elm Rd", "1 Elm Road"),
    ],
)
def test_abbreviations_agree(spellings: tuple[str, ...]) -> None:
    assert len({place.normalise(street=street) for street in spellings}) == 1


def test_a_given_house_number_comes_first() -> None:
    assert place.normalise(house="7 B", street="Kerkstraat 9") == Place(house="7b", street="kerkstr")


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("LS11 6TU", "ls116tu"),
        ("1012-AB", "1012ab"),
        ("10001-1234", "10001"),
        ("7500 BG", "7500bg"),
        ("00000", ""),
        ("n/a", ""),
    ],
)
def test_postcodes(raw: str, folded: str) -> None:
    assert place.normalise(postcode=raw).postcode == folded


@pytest.mark.parametrize(
    "spellings",
    [
        ("New York City", "NEW YORK", "NYC"),
        ("'s-Hertogenbosch", "Den Bosch"),
        ("München", "Munich", "MUENCHEN"),
        ("Den Haag", "'s-Gravenhage", "The Hague"),
    ],
)
def test_other_names_of_a_city_agree(spellings: tuple[str, ...]) -> None:
    assert len({place.normalise(city=city) for city in spellings}) == 1


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("nl", "NL"),
        ("NLD", "NL"),
        ("Nederland", "NL"),
        ("The Netherlands", "NL"),
        ("Pays-Bas", "NL"),
        ("UK", "GB"),
        ("U.S.A.", "US"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("España", "ES"),
        ("Atlantis", ""),
        ("ZZ", ""),
        ("", ""),
    ],
)
def test_countries(raw: str, code: str) -> None:
    assert place.country(raw) == code


def test_placeholders_are_absent() -> None:
    assert place.normalise("-", "unknown", "n/a", "onbekend", "null", "?") == Place()


@pytest.mark.parametrize(
    "street", ["a " * 500, "1 " * 500, "," * 999 + "1", "a1" * 500, "1-" * 500, "x" * 1_000_000]
)
def test_hostile_streets_are_bounded_work(street: str) -> None:
    begun = time.perf_counter()
    place.normalise(street=street, city=street, postcode=street, house=street, country=street)
    assert time.perf_counter() - begun < 0.5


@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.text(max_size=20),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_takes_any_text(house: str, street: str, postcode: str, city: str, country: str) -> None:
    found = place.normalise(house, street, postcode, city, "", country)
    assert all(part.isascii() for part in (found.house, found.street, found.postcode, found.city))


@given(st.from_regex(r"[A-Z][a-z]{3,8}(laan|weg|straat) [1-9][0-9]{0,2}", fullmatch=True))
def test_case_and_blanks_say_nothing(street: str) -> None:
    assert place.normalise(street="  " + street.upper().replace(" ", "  ")) == place.normalise(street=street)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("123 Main Street, Las Vegas NV 89132", Place("123", "main str", "89132", "las vegas", "", "")),
        ("1 Main St, Springfield, IL 62701, USA", Place("1", "main str", "62701", "springfield", "", "US")),
        ("Hauptstraße 23, 56422 Köln", Place("23", "hauptstr", "56422", "koln", "", "")),
        ("Dorpsstraat 1, 1234 AB Ede, Nederland", Place("1", "dorpsstr", "1234ab", "ede", "", "NL")),
        ("12 High St, London SW1A 1AA", Place("12", "high str", "sw1a1aa", "london", "", "")),
        ("329 Oak Street, Las Vegas, NV", Place("329", "oak str", "", "las vegas", "", "")),
        ("Calle Mayor 5, 28013", Place("5", "calle mayor", "28013", "", "", "")),
        ("Ring 1, A-1010 Wien", Place("1", "ring", "1010", "wien", "", "")),
        ("Sunset Villas, 1234 Elm Street", Place("", "sunset villas 1234 elm str", "", "", "", "")),
        ("Hoofdweg 12, 3e verdieping", Place("", "hoofdweg 12 3e verdieping", "", "", "", "")),
    ],
)
def test_a_whole_address_in_one_line_is_taken_apart(written: str, read: Place) -> None:
    assert place.normalise(street=written) == read


def test_a_line_is_left_whole_where_the_rest_is_told() -> None:
    told = place.normalise(street="Main Street 5, 89132 Reno", postcode="89132", city="Reno")
    assert told.street != "main str"


@given(st.text("12345 ,abAB-", max_size=60))
def test_any_line_is_taken(written: str) -> None:
    read = place.normalise(street=written)
    assert "," not in f"{read.house}{read.street}{read.postcode}{read.city}"


@pytest.mark.parametrize(
    ("raw", "postcode"),
    [
        ("D-12345", "12345"),
        ("SE-114 55", "11455"),
        ("ΤΚ 784 93", "78493"),
        ("CEP 01310-100", "01310100"),
        ("〒544-1224", "5441224"),
        ("SW1A 1AA", "sw1a1aa"),
    ],
)
def test_a_postcode_is_read_past_its_country_s_sign(raw: str, postcode: str) -> None:
    assert place.normalise(postcode=raw).postcode == postcode


@pytest.mark.parametrize(
    "spellings",
    [
        ("г. Москва", "Москва", "Moskva", "Moscow"),
        ("м. Київ", "Kyiv", "Kiev"),
        ("北京市", "北京", "Beijing", "Peking"),
        ("서울특별시", "서울", "Seoul"),
        ("São Paulo/SP", "Sao Paulo - SP", "São Paulo"),
        ("القاهرة", "Cairo"),
        ("Αθήνα", "Athens"),
        ("TP. Hồ Chí Minh", "Ho Chi Minh City"),
    ],
)
def test_a_town_is_one_in_every_script(spellings: tuple[str, ...]) -> None:
    assert len({place.normalise(city=spelling).city for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Россия", "RU"), ("Ελλάδα", "GR"), ("中国", "CN"), ("日本", "JP"), ("대한민국", "KR"), ("مصر", "EG"),
        ("Sverige", "SE"), ("Magyarország", "HU"), ("Türkiye", "TR"), ("ישראל", "IL"),
    ],
)  # fmt: skip
def test_a_country_is_read_in_its_own_language(raw: str, code: str) -> None:
    assert place.country(raw) == code
