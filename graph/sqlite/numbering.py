"""Texts numbered as they come and not held, where they are too many for a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Marks = NDArray[np.uint64]

_MARK_BYTES: Final = 16


class _Run(NamedTuple):
    """Texts by the first half of their marks, in order: the other half, and their numbers."""

    first: Marks
    second: Marks
    numbers: Ints


class Numbers:
    """Numbers from 1, a text each; of a text no more than 24 bytes are held.

    Texts are told apart by a digest of 128 bits, as nodes are. They lie in sorted runs, each at least twice
    as long as the next, so that few are searched and each text is moved only so often.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._doubles: dict[str, int] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def number(self, texts: Sequence[str]) -> tuple[Ints, list[str]]:
        """The number of each text, and those that are new, each once, in order of their numbers.

        Raises UnicodeEncodeError for a text without bytes in UTF-8.
        """
        before = self._size
        marks = np.frombuffer(b"".join(map(_mark, texts)), np.uint64).reshape(-1, 2)
        firsts, place, inverse = np.unique(marks[:, 0], return_index=True, return_inverse=True)
        seconds, found = marks[place, 1], np.zeros(len(firsts), np.int64)
        held = seconds.copy()
        for run in self._runs:
            at = np.minimum(np.searchsorted(run.first, firsts), len(run.first) - 1)
            there = run.first[at] == firsts
            found[there], held[there] = run.numbers[at[there]], run.second[at[there]]
        new = np.flatnonzero(found == 0)
        new = new[np.argsort(place[new])]
        found[new] = np.arange(before + 1, before + 1 + len(new))
        self._size += len(new)
        fresh = [texts[each] for each in place[new].tolist()]
        new.sort()
        self._keep(_Run(firsts[new], seconds[new], found[new]))
        numbers = found[inverse]
        for double in np.flatnonzero(held[inverse] != marks[:, 1]).tolist():
            if texts[double] not in self._doubles:
                self._size += 1
                self._doubles[texts[double]] = self._size
                fresh.append(texts[double])
            numbers[double] = self._doubles[texts[double]]
        return numbers, fresh

    def _keep(self, run: _Run) -> None:
        while self._runs and len(self._runs[-1].first) < 2 * len(run.first):
            before = self._runs.pop()
            first = np.concatenate((before.first, run.first))
            order = np.argsort(first, kind="stable")
            second = np.concatenate((before.second, run.second))
            numbers = np.concatenate((before.numbers, run.numbers))
            run = _Run(first[order], second[order], numbers[order])
        if len(run.first):
            self._runs.append(run)


def _mark(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=_MARK_BYTES).digest()
