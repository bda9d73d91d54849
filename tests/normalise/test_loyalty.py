from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import loyalty
from resolver.normalise.features import Flag
from resolver.normalise.form import Form


def form(raw: str, check: str = "") -> Form:
    found = loyalty.normalise(raw, "Club", check)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "raw",
    [
        "LC-100035724",
        "000100035724",
        "100 035 724",
        "LC100-035-724",
        "lc 100035724",
        "100035724",
        "100035724.0",
        "'100035724",
    ],
)
def test_spellings_of_one_card(raw: str) -> None:
    assert form(raw) == Form("100035724", (), "", "club")


def test_letters_within_are_part_of_the_card() -> None:
    assert form("ab12-c9").value == "AB12C9"
    assert form("A12").value != form("B12").value


def test_check_digits_count_where_the_programme_declares_them() -> None:
    assert form("100035724", "luhn").flags == ()
    assert form("100035725", "luhn").flags == (Flag.MALFORMED,)
    assert form("100035725").flags == ()
    assert form("4006381333931", "ean").flags == ()
    assert form("0036000291452", "ean").flags == ()


@pytest.mark.parametrize(
    "raw", ["0", "111111111", "123456789", "987654321", "n/a", "000000", "1.00036E+08", "1,2e+11", "#REF!"]
)
def test_rubbish_is_known(raw: str) -> None:
    assert Flag.RUBBISH in form(raw).flags


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(KeyError):
        loyalty.normalise("100035724", "club", "made-up")


@given(st.text())
def test_takes_any_text_and_its_own_answer_is_a_fixpoint(raw: str) -> None:
    found = loyalty.normalise(raw, "club")
    if found is not None:
        assert form(found.value).value == found.value


@given(st.integers(10**8, 10**12), st.sampled_from(["", "LC-", "Card "]), st.integers(0, 4))
def test_prefix_and_zeros_say_nothing(number: int, prefix: str, zeros: int) -> None:
    assert form(f"{prefix}{'0' * zeros}{number}").value == str(number)
