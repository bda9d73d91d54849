from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise.legible import is_legible

FIELDS = ("phone", "email", "birth_date", "loyalty", "external", "record_id", "street")


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("phone", "0171 6843219"),
        ("phone", "0171 6843219; 030 5551234"),
        ("phone", "n/a"),
        ("phone", "0000000000"),
        ("phone", "112"),
        ("phone", "#N/A"),
        ("email", "jan@x.de"),
        ("email", "a@x.de, b@y.de"),
        ("email", "none"),
        ("email", "jan@gmailcom"),
        ("birth_date", "12.04.1980"),
        ("birth_date", "01.01.1900"),
        ("birth_date", "00.00.0000"),
        ("birth_date", "0/0/00"),
        ("birth_date", "9999-12-31"),
        ("birth_date", "unknown"),
        ("loyalty", "LP 100-1"),
        ("street", "no street at all"),
        ("record_id", "1E5"),
        ("phone", ""),
    ],
)
def test_what_is_read_or_says_nothing_is_legible(field: str, raw: str) -> None:
    assert is_legible(field, raw, "DE")


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("phone", "0171 6843219 or 0171 6843220"),
        ("phone", "4.91717E+11"),
        ("phone", "ask at the desk 3 times"),
        ("email", "jan(x.de"),
        ("email", "jan@x@de"),
        ("birth_date", "31.02.1980"),
        ("birth_date", "12/80ish"),
        ("birth_date", "30180"),
        ("loyalty", "1.23457E+11"),
        ("external", "'1,23457e+11"),
        ("record_id", "1.2E+05"),
        ("phone", "7" * 2000),
        ("birth_date", "7" * 2000),
    ],
)
def test_what_has_lost_its_form_is_not(field: str, raw: str) -> None:
    assert not is_legible(field, raw, "DE")


@given(st.sampled_from(FIELDS), st.text() | st.text("0123456789.,E+-/ a@x", max_size=20))
def test_any_text_is_told(field: str, raw: str) -> None:
    assert is_legible(field, raw, "DE") in {True, False}


@given(st.dates())
def test_every_date_is_one(day: object) -> None:
    year = int(str(day)[:4])
    assert is_legible("birth_date", str(day)) == (1000 <= year <= 2099 or year == 9999)
