from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import organisation


@pytest.mark.parametrize(
    "spellings",
    [
        ("Bakkerij Jansen B.V.", "bakkerij jansen bv", "BAKKERIJ JANSEN"),
        ("Müller GmbH & Co. KG", "Muller"),
        ("The Coffee Company Ltd", "Coffee"),
        ("Acme, Inc.", "ACME"),
        ("ООО «Ромашка»", "Ромашка", "ROMASHKA"),
        ("株式会社山田", "山田株式会社", "山田"),
    ],
)
def test_legal_forms_say_nothing(spellings: tuple[str, ...]) -> None:
    assert len({organisation.normalise(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Bakkerij Jansen B.V.",
        "Jansen & Zn",
        "Müller GmbH",
        "Acme, Inc.",
        "Tienda Sol S.L.",
        "Stichting Lezen",
        "Foo LLC",
        "Smith & Sons",
        "ООО «Ромашка»",
        "ТОВ Ромашка",
        "株式会社山田",
        "北京山田有限公司",
        "(주)김민수",
        "Kovács Kft.",
    ],
)
def test_knows_an_organisation_s_name(name: str) -> None:
    assert organisation.is_organisation(name)


@pytest.mark.parametrize(
    "name",
    [
        "Jan de Vries",
        "Robert Co",
        "B.V.",
        "S.A.",
        "Vries, B.V.",
        "Jan Bank",
        "Christopher Guest",
        "Kim Doo",
        "Tov Levin",
        "山田太郎",
        "",
    ],
)
def test_spares_a_person_s_name(name: str) -> None:
    assert not organisation.is_organisation(name)


def test_a_placeholder_is_absent() -> None:
    assert organisation.normalise("n/a") == ()


@given(st.text())
def test_takes_any_text_and_answers_folded_tokens(name: str) -> None:
    organisation.is_organisation(name)
    tokens = organisation.normalise(name)
    assert all(token.isascii() and token.isalnum() and token == token.lower() for token in tokens)
