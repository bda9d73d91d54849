from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.batch.spill import Spill


@given(st.lists(st.binary(max_size=40)))
def test_what_was_appended_is_read(contents: list[bytes]) -> None:
    spill = Spill()
    for content in contents:
        spill.append(content)
    spill.sealed()
    assert list(spill) == contents and [spill[n] for n in range(len(spill))] == contents
    assert spill[1:-1] == contents[1:-1]
    if contents:
        assert spill[-1] == contents[-1]


def test_nothing_is_read_beyond_the_end_or_before_it_is_sealed() -> None:
    spill = Spill()
    spill.append(b"one")
    with pytest.raises(ValueError, match="sealed"):
        _ = spill[0]
    with pytest.raises(IndexError):
        _ = spill.sealed()[1]
