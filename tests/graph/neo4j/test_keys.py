"""Texts as the server's indexes take them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.neo4j.keys import CUT, indexed, ordered, pair, raw, rest

TEXTS = st.text(
    st.sampled_from("a\0\1 \ud7fe\ud7ff\ue000\uffff\U00010000\U0010ffff") | st.characters(codec="utf-8"),
    max_size=9,
)


@given(TEXTS, TEXTS)
@example("\ue000", "\U00010000")
@example("\ud7ff", "\ud7ff\u0100")
def test_the_spelling_sorts_as_the_text_does_by_code_point_and_by_utf_16(one: str, other: str) -> None:
    spelt = ordered(one), ordered(other)
    assert (spelt[0] < spelt[1], spelt[0] == spelt[1]) == (one < other, one == other)
    utf_16 = [text.encode("utf-16-be") for text in spelt]
    assert (utf_16[0] < utf_16[1]) == (one < other)


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
@example(("a", "b"), ("a\0", ""))
@example(("a\0", "b"), ("a", "\0b"))
def test_pairs_sort_one_after_the_other(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (pair(*one) < pair(*other), pair(*one) == pair(*other)) == (one < other, one == other)


def test_long_texts_fit_into_an_index_and_stay_apart() -> None:
    one, other = "\U0010ffff" * 5000, "\U0010ffff" * 4999 + "y"
    assert len(indexed(one).encode()) < 4000
    assert indexed(one) != indexed(other)
    assert indexed(one)[:CUT] + (rest(one) or "") == ordered(one)
    assert (raw(one), raw("plain"), rest("plain")) == (one, None, None)


@pytest.mark.parametrize("text", ["\ud800", "a" * 1000 + "\udfff"])
def test_a_lone_surrogate_has_no_form(text: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        indexed(text)
