"""Rows that name no record and identify nobody, each a record of its own, however alike they are. Pure.

Two walk-ins at a counter are not one customer because both are called `walk in` without a number. Such a
row is known by all its cells (see `rows.Row.own_id`), so that the same file read again states it anew,
and where several rows are alike to the letter, by its place among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graph.model import RecordKey
from resolver.batch.rows import Reject, Row


class Repeats:
    """Tells rows apart that are alike, while they pass in the order in which they are read."""

    def __init__(self) -> None:
        self._times: dict[RecordKey, int] = {}

    def key(self, key: RecordKey) -> RecordKey:
        """The key of the next row whose own id this is: the second time it is another."""
        times = self._times[key] = self._times.get(key, 0) + 1
        return key if times == 1 else RecordKey(key.source, f"{key.record_id}:{times}")

    def rows(self, read: Iterable[Row | Reject]) -> Iterator[Row | Reject]:
        """The same rows, each with an id of its own where it has any."""
        for row in read:
            if isinstance(row, Row) and row.own_id:
                yield replace(row, own_id=self.key(RecordKey(row.source, row.own_id)).record_id)
            else:
                yield row
