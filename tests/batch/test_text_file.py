from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.batch import text_file
from resolver.batch.text_file import is_cut, read_line

MOST = 12


@given(st.lists(st.integers(0, 3 * MOST), max_size=8), st.integers(1, 3 * MOST))
def test_of_each_line_that_is_too_long_the_start_is_read(lengths: list[int], last: int) -> None:
    lines = [*("x" * length + "\n" for length in lengths), "x" * last]
    text = io.StringIO("".join(lines), newline="")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_file, "MAX_RECORD", MOST)
        found = [read_line(text) for _ in lines]
        assert found == [line[:MOST] for line in lines]
        assert [is_cut(line) for line in found] == [len(line.rstrip()) >= MOST for line in lines]
        assert not read_line(text)
