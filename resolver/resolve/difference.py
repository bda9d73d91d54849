"""Two groupings of the same records compared: which customers merge, which split. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import NamedTuple

from graph.model import RecordKey
from resolver.resolve.disjoint import Disjoint

Group = tuple[RecordKey, ...]
"""The records of one customer, in order of key."""


class Regrouping(NamedTuple):
    """Customers that become others: the records of each before and after, in order of least key."""

    before: tuple[Group, ...]
    after: tuple[Group, ...]

    @property
    def kind(self) -> str:
        """`merge`: several become one; `split`: one becomes several; `regrouping`: neither."""
        if len(self.after) == 1:
            return "merge"
        return "split" if len(self.before) == 1 else "regrouping"

    @property
    def parts(self) -> tuple[Group, Group]:
        """Two groups that this joins, or of a split that it parts: the first two."""
        sides = self.after if self.kind == "split" else self.before
        return sides[0], sides[1]


def regroupings(
    before: Iterable[Collection[RecordKey]], after: Iterable[Collection[RecordKey]]
) -> list[Regrouping]:
    """Every change between two groupings of the records that both have, in order of least key."""
    held, found = list(before), list(after)
    both = _members(held).intersection(_members(found))
    sets = Disjoint()
    sides: tuple[dict[RecordKey, Group], ...] = ({}, {})
    for groups, side in zip((held, found), sides, strict=True):
        for group in groups:
            records = tuple(sorted(both.intersection(group)))
            if records:
                sets.join(*records)
                side[records[0]] = records
    changes: dict[object, tuple[list[Group], list[Group]]] = {}
    for number, side in enumerate(sides):
        for key, group in sorted(side.items()):
            changes.setdefault(sets.find(key), ([], []))[number].append(group)
    return sorted(Regrouping(tuple(old), tuple(new)) for old, new in changes.values() if old != new)


def samples(changes: Iterable[Regrouping], size: int) -> list[Regrouping]:
    """As many of these changes, drawn by the digest of their least key: always the same ones."""
    return sorted(changes, key=_drawn)[:size]


def _drawn(change: Regrouping) -> bytes:
    return sha256(repr(min(change.before)).encode("utf-8", "surrogatepass")).digest()


def _members(groups: Iterable[Collection[RecordKey]]) -> set[RecordKey]:
    return {key for group in groups for key in group}
