"""Texts are numbered as a dictionary would number them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.sqlite import numbering
from graph.sqlite.numbering import Numbers

CHUNKS = st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3)))


def check(chunks: Sequence[Sequence[str]]) -> None:
    numbers = Numbers()
    known: dict[str, int] = {}
    for chunk in chunks:
        found, fresh = numbers.number(chunk)
        assert sorted(set(fresh)) == sorted(set(chunk) - known.keys()) and len(set(fresh)) == len(fresh)
        known.update(zip(fresh, range(len(known) + 1, len(known) + len(fresh) + 1), strict=True))
        assert found.tolist() == [known[text] for text in chunk]
        assert len(numbers) == len(known)


@given(CHUNKS)
def test_each_text_has_one_number_and_keeps_it(chunks: list[list[str]]) -> None:
    check(chunks)


def test_they_count_from_one_as_the_texts_come() -> None:
    numbers = Numbers()
    assert numbers.number(["b", "a", "b"])[0].tolist() == [1, 2, 1]
    found, fresh = numbers.number(["c", "a", "\0", ""])
    assert (found.tolist(), fresh) == ([3, 2, 4, 5], ["c", "\0", ""])


@given(CHUNKS)
def test_texts_whose_marks_are_half_alike_are_told_apart(chunks: list[list[str]]) -> None:
    def half_alike(text: str) -> bytes:
        return len(text).to_bytes(8, "little") + blake2b(text.encode(), digest_size=8).digest()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_mark", half_alike)
        check(chunks)


def test_a_text_without_bytes_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        Numbers().number(["\ud800"])
