from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import text


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("  Zoë\t Ölmütz ", "zoe olmutz"),
        ("Straße", "strasse"),
        ("ŁÓDŹ", "lodz"),
        ("Анна", "anna"),
        ("a\u202eb\u0000c\u200bd", "ab cd"),
        ("ｊａｎ", "jan"),
    ],
)
def test_folds_to_lower_case_ascii(raw: str, folded: str) -> None:
    assert text.fold(raw) == folded


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "-",
        "n/a",
        "N.A.",
        "NULL",
        "xxx",
        "asdf",
        "geen",
        "Onbekend",
        "unbekannt",
        "?",
        "n.v.t.",
        "#N/A",
        "#NV",
        "#REF!",
        "#DIV/0!",
        "1.23E+11",
    ],
)
def test_knows_placeholders(raw: str) -> None:
    assert text.is_placeholder(raw)


@pytest.mark.parametrize(
    "raw", ["a", "k", "van", "de", "jan", "Nan Smith", "0", "test@x.nl", "Nadia", "#1001", "1E5", "3e"]
)
def test_spares_what_says_something(raw: str) -> None:
    assert not text.is_placeholder(raw)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("'0123", "0123"), ('="0123"', "0123"), ("’0123", "0123"), ("0123'", "0123'"), ("'", "'"), ('="', '="')],
)
def test_a_spreadsheet_s_marks_are_taken_off(written: str, meant: str) -> None:
    assert text.unmarked(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1234.0", "1234"), ("1234,00", "1234"), ("1234.5", "1234.5"), ("a.0", "a.0"), ("1.2.0", "1.2.0")],
)
def test_a_whole_number_is_no_fraction(written: str, meant: str) -> None:
    assert text.whole(written) == meant


@given(st.text())
def test_folding_is_ascii_and_a_fixpoint(raw: str) -> None:
    folded = text.fold(raw)
    assert folded.isascii()
    assert text.fold(folded) == folded


@given(st.text(), st.text())
def test_opaque_values_stay_distinct(left: str, right: str) -> None:
    long = "x" * text.LIMIT
    assert (text.opaque(long + left) == text.opaque(long + right)) == (
        left == right or not (left or right)
    ) or (len(long + left) <= text.LIMIT)


def test_a_megabyte_is_bounded_work() -> None:
    begun = time.perf_counter()
    assert len(text.fold("é " * 1_000_000)) <= text.LIMIT
    assert len(text.opaque("é" * 1_000_000)) < 100
    assert time.perf_counter() - begun < 1
