from __future__ import annotations

import random
import re
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from resolver.normalise import government
from resolver.normalise.features import Flag

SECRET = b"secret"
SIGNS = string.digits + string.ascii_uppercase
NUMBERS = st.text("0123", min_size=government.SHORTEST, max_size=government.LONGEST) | st.text(
    SIGNS, min_size=government.SHORTEST, max_size=government.LONGEST
)


def value(number: str, secret: bytes = SECRET) -> str:
    form = government.normalise(number, secret)
    assert form is not None
    return form.value


def near(one: str, other: str) -> bool:
    return not set(government.near(value(one))).isdisjoint(government.near(value(other)))


def real(number: str) -> bool:
    form = government.normalise(number, SECRET)
    return form is not None and form.flags == (Flag.OPAQUE,)


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A number and the same with one slip, if not in vain."""
    number = draw(NUMBERS)
    at, sign = draw(st.integers(0, len(number) - 1)), draw(st.sampled_from(SIGNS))
    slip = draw(st.sampled_from(("put in", "left out", "mistyped", "swapped")))
    match slip:
        case "put in":
            return number, number[:at] + sign + number[at:]
        case "left out":
            return number, number[:at] + number[at + 1 :]
        case "mistyped":
            return number, number[:at] + sign + number[at + 1 :]
        case _:
            return number, number[:at] + number[at : at + 2][::-1] + number[at + 2 :]


def test_spellings_agree_under_one_secret_only() -> None:
    spellings = [
        government.normalise(raw, SECRET, "SSN") for raw in ("123-45-6780", "123 45 6780", "123456780")
    ]
    assert len(set(spellings)) == 1
    assert spellings[0] != government.normalise("123456780", b"another", "SSN")
    assert set(government.near(value("123456780"))).isdisjoint(
        government.near(value("123456780", b"another"))
    )


def test_the_number_is_not_in_the_answer() -> None:
    assert "123456780" not in repr(government.normalise("123456780", SECRET))


def test_rubbish_is_known_before_it_is_hashed() -> None:
    found = government.normalise("000-00-0000", SECRET)
    assert found is not None
    assert Flag.RUBBISH in found.flags
    assert government.near(found.value) == ()


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        government.normalise("123456780", b"")


def test_nothing_is_absent() -> None:
    assert government.normalise(" - ", SECRET) is None


# -- what is kept ---------------------------------------------------------------------------------


@given(st.text() | NUMBERS | st.just("000-00-0000") | st.just("9" * 2000))
@example("112233445")
def test_what_is_kept_is_read_again_as_it_is(raw: str) -> None:
    form = government.normalise(raw, SECRET, "SSN")
    if form is not None:
        assert government.normalise(form.value, SECRET, "SSN") == form
        assert len(form.value) < 400


def test_only_what_was_made_under_this_secret_is_taken_as_kept() -> None:
    kept = value("123456780")
    assert value(kept, b"another") != kept
    body, _, seal = kept.rpartition(".")
    for forged in (
        "a" * 64,
        f"{'a' * 64}.{seal}",
        f"{body}.{'0' * 16}",
        f"{body}.{government.near(kept)[0]}.{seal}",
    ):
        assert forged not in value(forged)


# -- slips ----------------------------------------------------------------------------------------


@given(slips())
@example(("123456", "1234567"))
@example(("112233445", "11223445"))
@example(("123456789", "213456789"))
@example(("A" * 17 + "B", "B" + "A" * 17))
def test_two_numbers_one_edit_apart_have_a_short_hash_in_common(pair: tuple[str, str]) -> None:
    one, other = pair
    assume(all(government.SHORTEST <= len(each) <= government.LONGEST and real(each) for each in pair))
    assume(OSA.distance(one, other) == 1)
    assert near(one, other) and near(other, one)


@given(NUMBERS, NUMBERS)
def test_two_numbers_more_than_a_slip_and_a_slip_apart_have_none(one: str, other: str) -> None:
    assume(OSA.distance(one, other) > 2)
    assert not near(one, other)


@given(slips(), st.data())
def test_of_numbers_two_edits_apart_those_are_near_of_which_one_character_was_moved(
    pair: tuple[str, str], data: st.DataObject
) -> None:
    one, between = pair
    at, sign = data.draw(st.integers(0, max(len(between) - 1, 0))), data.draw(st.sampled_from(SIGNS))
    other = between[:at] + sign + between[at + 1 :]
    assume(
        all(government.SHORTEST <= len(each) <= government.LONGEST and real(each) for each in (one, other))
    )
    assume(OSA.distance(one, other) == 2)
    assert near(one, other) == (len(one) == len(other) and bool(without_one(one) & without_one(other)))


def without_one(number: str) -> set[str]:
    return {number[:at] + number[at + 1 :] for at in range(len(number))}


def test_of_all_numbers_of_nine_digits_less_than_one_in_a_million_is_near() -> None:
    chance = random.Random(9)
    for _ in range(20):
        number = f"{chance.randrange(10**9):09}"
        met = {
            part[:at] + digit + part[at:]
            for part in without_one(number)
            for at in range(9)
            for digit in string.digits
        } - {number}
        assert len(met) <= 9 * 9**2 < 10**9 / 10**6
        assert all(near(number, other) for other in chance.sample(sorted(met), 20) if real(other))


def test_short_and_overlong_numbers_have_no_short_hashes() -> None:
    for number in ("12345", "1" * 9 + "2" * 10, "9" * 2000):
        assert government.near(value(number)) == ()
    for number in ("123457", "1" * 9 + "2" * 9):
        assert len(government.near(value(number))) == len(number) + 1 <= government.WIDTH


@given(NUMBERS.filter(real))
def test_the_form_tells_no_more_of_a_number_than_its_length(number: str) -> None:
    form = value(number)
    assert re.fullmatch(rf"[0-9a-f]{{64}}(\.[0-9a-f]{{12}}){{{len(number) + 1}}}\.[0-9a-f]{{16}}", form)
    assert list(government.near(form)) == sorted(set(government.near(form)))
    assert not {each[:12] for each in (form, form[-16:])} & set(government.near(form))
