from __future__ import annotations

import time

import pytest

from graph.errors import Overtaken
from resolver.serve.call import Gone
from resolver.serve.rereading import READS, reread


class Read:
    """Overtaken so many times, then told."""

    def __init__(self, overtaken: int) -> None:
        self.overtaken = overtaken
        self.reads = 0

    def __call__(self) -> int:
        self.reads += 1
        if self.reads <= self.overtaken:
            raise Overtaken(())
        return self.reads


def test_what_was_overtaken_is_read_again() -> None:
    for overtaken in range(READS):
        assert reread(Read(overtaken)) == overtaken + 1


def test_it_is_given_up_after_a_while() -> None:
    read = Read(1000)
    begun = time.monotonic()
    with pytest.raises(Overtaken):
        reread(read)
    assert read.reads == READS and time.monotonic() - begun < 1


def test_it_is_not_read_for_nobody() -> None:
    def gone() -> None:
        raise Gone

    read = Read(1)
    with pytest.raises(Gone):
        reread(read, gone)
    assert read.reads == 1
