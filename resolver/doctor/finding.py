"""What a check finds: plain words, how often, and where once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graph.model import RecordKey


class Finding(NamedTuple):
    """Something that should not be so.

    `check` is the name of the check, `words` say what is wrong, in the plural, to stand after `number`;
    `example` names one: a record key, an id, a digest or a revision, never a value; empty where none can
    be named.
    """

    check: str
    words: str
    number: int
    example: str = ""


class Findings:
    """What one check finds, counted by its words as it goes."""

    def __init__(self, check: str) -> None:
        self._check = check
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, words: str, example: str = "") -> None:
        """Note one case; the first one is the example."""
        number, first = self._found.get(words, (0, example))
        self._found[words] = number + 1, first

    def __iter__(self) -> Iterator[Finding]:
        for words, (number, example) in self._found.items():
            yield Finding(self._check, words, number, example)


def named(key: RecordKey) -> str:
    """A record key as it is told."""
    return f"{key.source}:{key.record_id}"
