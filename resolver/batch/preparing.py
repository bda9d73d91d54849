"""Rows made ready for matching, a chunk at a time: a function of the rows, whoever of several does it."""

from __future__ import annotations

import struct
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Generic, NamedTuple, TypeVar

from graph.asserting import spoken_by
from graph.model import Assertion, RecordKey, Statement
from resolver.batch.arrivals import points
from resolver.batch.rows import Reject, Row
from resolver.match.blocking import blocking_keys
from resolver.normalise.evidence import Settings, describe, encode, normalise, protect
from resolver.normalise.features import Features
from resolver.resolve.keys import record_key, statement

CHUNK: Final = 1000
"""Rows that are made ready at once."""
_TEXT: Final = 4 << 20
"""Characters of rows as they came after which a chunk has enough of them."""

_Item = TypeVar("_Item")


class Prepared(NamedTuple):
    """One row: its number and its record's id in the file, its record's key, its statement's rank there.

    `features` are packed, and so is `rank`: the greater bytes are the greater rank. Where the row was
    rejected `key` is None and both are empty; of a touchpoint that only points to its record the rank is
    empty, so that whatever else is stated of the record stands. `own`: the key is the row's own (see
    `repeats`).
    """

    number: int
    record_id: str
    key: RecordKey | None
    rank: bytes
    features: bytes
    own: bool = False


@dataclass(slots=True)
class Chunk:
    """Rows made ready, and of all of them in a row: blocking keys, and who asserts what.

    Row n holds `keys[starts[n]:starts[n + 1]]`, hashes of its blocking keys. Of assertions it holds
    `asserted[3 * marks[n]:3 * marks[n + 1]]`: hash of the identifier's key, hash of the description,
    whether verified. `unread` counts by column the cells that could not be read. `rejects` are those of the
    rows that were none.
    """

    rows: list[Prepared] = field(default_factory=list)
    keys: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("q", [0]))
    asserted: array[int] = field(default_factory=lambda: array("q"))
    marks: array[int] = field(default_factory=lambda: array("q", [0]))
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)

    def add(self, row: Prepared, features: Features | None) -> None:
        """Note one row."""
        self.rows.append(row)
        if features is not None:
            keys = blocking_keys(features)
            self.keys.extend(map(hash, keys))
            self.asserted.extend(said(describe(features), keys))
        self.starts.append(len(self.keys))
        self.marks.append(len(self.asserted) // 3)


def itself(row: Row | Reject) -> Row | Reject:
    """What is a row already."""
    return row


@dataclass(frozen=True, slots=True)
class Preparer(Generic[_Item]):
    """Makes rows ready, under these settings; `make` makes a row of what is handed in."""

    settings: Settings
    make: Callable[[_Item], Row | Reject]

    def prepare(self, items: Sequence[_Item]) -> Chunk:
        """The rows, read and normalised."""
        chunk = Chunk()
        for row in map(self.make, items):
            if isinstance(row, Reject):
                chunk.rejects.append(row)
                chunk.add(Prepared(row.number, "", None, b"", b""), None)
            else:
                chunk.unread.update(row.unread)
                chunk.add(*self._one(row))
        return chunk

    def _one(self, row: Row) -> tuple[Prepared, Features]:
        evidence = protect(row.evidence, self.settings)
        features = normalise(evidence, self.settings)
        contact = row.touchpoint
        occurred, contact_id = (None, "") if contact is None else (contact.occurred, contact.touchpoint_id)
        key = record_key(row.source, row.record_id or row.own_id, evidence, features, occurred, contact_id)
        rank = b"" if points(row) else _packed(statement(row.version, occurred, evidence))
        own = bool(row.own_id)
        return Prepared(row.number, row.record_id, key, rank, encode(features), own), features


def _packed(statement: Statement) -> bytes:
    """A statement's rank as bytes of the same order. Versions are of 64 bits."""
    versioned, version, deleted, digest = statement.rank
    return struct.pack(">?Q?16s", versioned, version + (1 << 63), deleted, bytes.fromhex(digest))


def said(assertions: Iterable[Assertion], keys: Iterable[str]) -> array[int]:
    """Who says what of the identifiers that are blocking keys, in threes (see `Chunk`)."""
    found = array("q")
    for (key, description), verified in spoken_by(assertions, frozenset(keys)).items():
        found.extend((hash(key), hash(description), verified))
    return found


def chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """The items, so many at once; of long rows fewer."""
    remaining = iter(items)
    while chunk := portion(remaining, CHUNK, _TEXT):
        yield chunk


def portion(items: Iterator[_Item], most: int, text: int) -> list[_Item]:
    """The next items, at most so many, and none more where so many characters of `raw` are reached.

    Whatever has no `raw` has no characters.
    """
    taken, size = [], 0
    for item in islice(items, most):
        taken.append(item)
        size += len(getattr(item, "raw", ""))
        if size >= text:
            break
    return taken
