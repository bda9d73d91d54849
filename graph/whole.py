"""All that a store keeps, as a stream of frozen values: to carry it elsewhere, or to look it over.

The items come section by section, in the order of `SECTIONS`, so that what an item names has come before
it. What a store derives from them (blocks and their counts, holders, members) is no part of the stream
and is derived again by whoever takes it. So are the versions of blocks and components: where a stream
has been taken they are the head's revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final, NamedTuple, Protocol, TypeVar

from graph.errors import StoreError
from graph.model import (
    Change,
    Import,
    Judgement,
    Node,
    Record,
    RecordKey,
    Relation,
    Suggestion,
    Touchpoint,
)


class Head(NamedTuple):
    """What a snapshot tells of itself: its revision, that of the last silence and of the last adoption.

    `settings` are the store's, by name, in order.
    """

    revision: int
    silence: int
    adopted: int
    settings: tuple[tuple[str, str], ...]


class HeldNode(NamedTuple):
    """A node and the component that it is in, None where it is in none."""

    node: Node
    component: str | None


class HeldKey(NamedTuple):
    """A record key that was ever named, and its record: None where it never had a statement.

    `changed` is the revision at which its statement or its judgements last changed.
    """

    key: RecordKey
    changed: int
    record: Record | None


class HeldCustomer(NamedTuple):
    """A customer id; `minted` is None where records name it and it was not told (see `CustomerId`).

    `touched` is as `Snapshot.touched` tells it, 0 for one that never had a record.
    """

    id: str
    minted: int | None
    anchor: RecordKey | None
    erased: bool
    touched: int


class HeldSuggestion(NamedTuple):
    """A suggestion and the component that it is of."""

    component: str
    suggestion: Suggestion


class SilentKey(NamedTuple):
    """A blocking key that does not speak."""

    key: str


class WaitingNode(NamedTuple):
    """A node to be looked at again since a revision; it may have gone meanwhile."""

    digest: str
    revision: int


Item = (
    Head
    | HeldNode
    | HeldKey
    | HeldCustomer
    | Judgement
    | HeldSuggestion
    | Relation
    | Touchpoint
    | Change
    | SilentKey
    | WaitingNode
    | Import
)

SECTIONS: Final[Mapping[type[Item], str]] = {
    Head: "head",
    HeldNode: "node",
    HeldKey: "record",
    HeldCustomer: "customer",
    Judgement: "judgement",
    HeldSuggestion: "suggestion",
    Relation: "relation",
    Touchpoint: "touchpoint",
    Change: "change",
    SilentKey: "silent",
    WaitingNode: "waiting",
    Import: "import",
}
"""The sections in the order in which they come, with their names. The head is one item, the first."""

T = TypeVar("T", bound=Item)


class Fault(NamedTuple):
    """Something that a store derives and that does not agree with what it is derived from.

    `name` says what (`members`, `holders`, ...), `words` the same in the plural, to stand after `number`;
    `example` is where one is, a number or a digest, never a value, and may be empty.
    """

    name: str
    words: str
    number: int
    example: str = ""


class Contents(Protocol):
    """All of a store at one revision. Not to be shared between threads."""

    def section(self, kind: type[T]) -> Iterator[T]:
        """The items of one section, in the store's own order: the same store, the same order."""

    def faults(self) -> Iterator[Fault]:
        """What this store derives and does not agree with the items, a line for each kind of it."""


def items(contents: Contents) -> Iterator[Item]:
    """All items of a store, section by section."""
    for kind in SECTIONS:
        yield from contents.section(kind)


def sections(stream: Iterable[Item]) -> Iterator[tuple[type[Item], Iterator[Item]]]:
    """A stream's sections, each once, empty ones left out.

    Raises `StoreError`, as soon as it is met, where a section is out of order or there is not one head
    at the start.
    """
    places = {kind: place for place, kind in enumerate(SECTIONS)}
    last = -1
    for kind, section in groupby(stream, type):
        if kind not in places or places[kind] <= last or (last < 0 and kind is not Head):
            raise StoreError("the stream of a store's items is out of order")
        last = places[kind]
        yield kind, (_single if kind is Head else iter)(section)
    if last < 0:
        raise StoreError("the stream of a store's items is empty")


def _single(heads: Iterator[Item]) -> Iterator[Item]:
    yield next(heads)
    if next(heads, None) is not None:
        raise StoreError("the stream of a store's items has two heads")
