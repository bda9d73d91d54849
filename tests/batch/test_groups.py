from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence
from resolver.batch.groups import ADDRESS, Groups
from resolver.batch.mapping import guess, which
from resolver.batch.rows import Row, RowMaker


def evidence(**cells: str) -> Evidence:
    """What is made of a row; in the names of the columns `_` is a blank."""
    header = [name.replace("_", " ") for name in cells]
    row = RowMaker(guess(["id", *header]))(1, 2, ["7", *cells.values()])
    assert isinstance(row, Row)
    return row.evidence


def address(**cells: str) -> tuple[str, str, str]:
    found = evidence(**cells)
    return found.street, found.postcode, found.city


VOTER = ("mail_addr1", "mail_city", "mail_zipcode", "res_street_address", "res_city_desc", "zip_code")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (("PO BOX 12", "RALEIGH", "27601", "4 LAKE RD", "GREENSBORO", "27401"), "4 LAKE RD GREENSBORO 27401"),
        (("", "", "", "4 LAKE RD", "GREENSBORO", "27401"), "4 LAKE RD GREENSBORO 27401"),
        (("PO BOX 12", "RALEIGH", "27601", "", "", ""), "PO BOX 12 RALEIGH 27601"),
        (("PO BOX 12", "RALEIGH", "", "", "", "27401"), "PO BOX 12 RALEIGH "),
    ],
)
def test_a_residence_is_never_mixed_with_a_box_for_mail(cells: tuple[str, ...], told: str) -> None:
    found = evidence(**dict(zip(VOTER, cells, strict=True)))
    assert f"{found.street} {found.city} {found.postcode}" == told


def test_billing_and_shipping_stay_apart_whichever_is_filled() -> None:
    shipping = {"Shipping_Street": "Gartenweg 3", "Shipping_Zip": "80331", "Shipping_City": "München"}
    billing = {"Billing_Street": "Hauptstr. 1", "Billing_Zip": "", "Billing_City": ""}
    assert address(**billing, **shipping) == ("Hauptstr. 1", "", "")
    assert address(**shipping, **billing) == ("Hauptstr. 1", "", "")
    assert address(**{**billing, "Billing_Street": ""}, **shipping) == ("Gartenweg 3", "80331", "München")


def test_what_says_nothing_of_which_is_lent_unless_it_is_an_address_of_its_own() -> None:
    assert address(Home_Street="A 1", zip="10115", Work_Street="B 2") == ("A 1", "10115", "")
    assert address(Home_Street="", zip="10115", Work_Street="B 2") == ("B 2", "10115", "")
    assert address(street="", zip="10115", Work_Street="B 2") == ("B 2", "", "")


def test_home_comes_before_business_and_that_before_any_other() -> None:
    header = {"Other_Street": "O", "Business_Street": "B", "Home_Street": "H"}
    assert address(**header)[0] == "H"
    assert address(**{**header, "Home_Street": ""})[0] == "B"
    assert address(**{**header, "Home_Street": " ", "Business_Street": ""})[0] == "O"


def test_a_name_is_of_one_person() -> None:
    found = evidence(first_name="Anna", last_name="", shipping_first_name="Otto", shipping_last_name="Keller")
    assert (found.given_name, found.family_name) == ("Otto", "Keller")
    found = evidence(first_name="Anna", last_name="Roth", shipping_first_name="", shipping_last_name="Keller")
    assert (found.given_name, found.family_name) == ("Anna", "Roth")
    assert evidence(billing_first_name="", shipping_first_name="Otto").given_name == "Otto"


@pytest.mark.parametrize(
    ("name", "billing", "told"),
    [
        ("#1001", "Anna Keller", "Anna Keller"),
        ("#1001", "", "#1001"),
        ("Otto Keller", "Anna Keller", "Otto Keller"),
        ("李雷", "Anna Keller", "李雷"),
        (" ", "Anna Keller", "Anna Keller"),
    ],
)
def test_a_whole_name_without_a_letter_gives_way(name: str, billing: str, told: str) -> None:
    assert evidence(Name=name, Billing_Name=billing).full_name == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Address 1 - City", {"1"}),
        ("Address 2: ZIP/Postal Code", {"2"}),
        ("address1_line1", {"1"}),
        ("Address 1", set()),
        ("Billing Address 2", {"billing"}),
        ("Postal Code", set()),
        ("Mailing Zip/Postal Code", {"mailing"}),
        ("postal_country_code", {"postal"}),
        ("Código postal", set()),
        ("Customer city", set()),
        ("Default Address Zip", set()),
        ("OtherPostalCode", {"other"}),
        ("Woonplaats verzending", {"verzending"}),
    ],
)
def test_a_name_tells_which(name: str, told: set[str]) -> None:
    assert which(name) == told


@pytest.mark.parametrize(
    ("heading", "cell", "told"),
    [
        ("PLZ/Ort", "80331 München", ("80331", "München")),
        ("PLZ Ort", "D-80331  Bad Tölz", ("D-80331", "Bad Tölz")),
        ("PLZ/Ort", "CH-8001 Zürich", ("CH-8001", "Zürich")),
        ("Postcode/Plaats", "1012 AB Amsterdam", ("1012 AB", "Amsterdam")),
        ("postcode en woonplaats", "1012AB 's-Gravenhage", ("1012AB", "'s-Gravenhage")),
        ("Code postal / Ville", "75011 Paris 11e", ("75011", "Paris 11e")),
        ("PLZ/Ort", "100 00 Praha", ("100 00", "Praha")),
        ("PLZ/Ort", "München", ("", "München")),
        ("PLZ/Ort", "80331", ("80331", "")),
        ("Code postal / Ville", "72000 LE MANS", ("72000", "LE MANS")),
        ("PLZ/Ort", "2300 LA CHAUX-DE-FONDS", ("2300", "LA CHAUX-DE-FONDS")),
    ],
)
def test_a_postcode_and_a_city_in_one_cell_are_two(heading: str, cell: str, told: tuple[str, str]) -> None:
    row = RowMaker(guess(["id", heading]))(1, 2, ["7", cell])
    assert isinstance(row, Row)
    assert (row.evidence.postcode, row.evidence.city) == told


HEADINGS = [
    f"{whose} {part}".strip()
    for whose in ("", "Billing", "Shipping", "Home", "Other", "Address 1", "Mailing")
    for part in ("Street", "Zip", "City", "Country", "House number")
]


@given(st.lists(st.sampled_from(HEADINGS), unique=True, min_size=1), st.data())
def test_whatever_is_told_comes_from_one_group_or_from_what_says_nothing(
    header: list[str], data: st.DataObject
) -> None:
    mapping = guess(header)
    filled = st.sampled_from(["", " ", "x"])
    cells = [
        f"{name} {place}" if data.draw(filled) == "x" else data.draw(filled.filter(lambda each: each != "x"))
        for place, name in enumerate(header)
    ]
    found = Groups(mapping.columns, ADDRESS).texts(cells)
    streets = [cells[column.place].strip() for column in mapping.of("street")]
    whole = {which(column.name) for column in mapping.of("street")}
    own = {column.field.name for column in mapping.columns if which(column.name) in whole}
    told = {which(header[int(text.split()[-1])]) for field, text in found.items() if field in own}
    groups = told - {frozenset()}
    assert len(groups) <= 1 or not streets
    if any(streets):
        assert "street" in found


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        ("Street,Billing City,Billing Zip", "Kerkstraat 1,Delft,2611", ("Kerkstraat 1", "2611", "Delft")),
        ("Delivery Address,Shipping City,Zip", "Kade 2,Breda,4811", ("Kade 2", "4811", "Breda")),
        (
            "res_street,res_zip,mailing_street,mailing_zip,mailing_city",
            "Kade 2,4811,Postbus 1,1000,Delft",
            ("Kade 2", "4811", ""),
        ),
    ],
)
def test_what_no_group_has_is_lent_by_those_that_are_none(
    header: str, row: str, told: tuple[str, str, str]
) -> None:
    found = RowMaker(guess(["id", *header.split(",")]))(1, 2, ["7", *row.split(",")])
    assert isinstance(found, Row)
    assert (found.evidence.street, found.evidence.postcode, found.evidence.city) == told


@pytest.mark.parametrize(
    "header", ["Legal First Name,Last Name", "Guest First Name,Last Name", "Policyholder First Name,Surname"]
)
def test_a_name_s_parts_are_one_person_s_where_only_one_is_qualified(header: str) -> None:
    found = RowMaker(guess(["id", *header.split(",")]))(1, 2, ["7", "Anna", "Keller"])
    assert isinstance(found, Row)
    assert (found.evidence.given_name, found.evidence.family_name) == ("Anna", "Keller")
