"""Lookups that are ready: serialised replies, kept until something that they show is written.

One process writes the store, through `Heard`; what it applies tells which replies no longer hold. So a
reply is exact and costs nothing to check, whatever else is written meanwhile.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from graph.model import ChangeSet, Glance, Identifier, ReadSet, RecordKey
from graph.store import Snapshot, Store

_K = TypeVar("_K")

_OVERHEAD: Final = 500
"""Bytes that an entry costs beside its reply and its keys, about."""
_A_KEY: Final = 300


class Subject(NamedTuple):
    """Whose reply it is, and for which purpose: a customer's, or where `customer` is empty a visitor's."""

    customer: str
    visitor: RecordKey | None
    purpose: str


@dataclass(frozen=True, slots=True)
class _Entry:
    reply: bytes
    revision: int
    time: int
    records: tuple[RecordKey, ...]

    @property
    def size(self) -> int:
        return len(self.reply) + _OVERHEAD + _A_KEY * len(self.records)


class Ready:
    """Replies by subject, the least lately used dropped first. Any thread.

    `capacity` is in bytes, 0 for none; a reply is dropped once it is `age` microseconds old, since a
    preferred channel is of its time.
    """

    def __init__(self, capacity: int, age: int = 300_000_000, revision: int = 0) -> None:
        self._capacity = capacity
        self._age = age
        self._revision = revision
        self._size = 0
        self._entries: OrderedDict[Subject, _Entry] = OrderedDict()
        self._by_record: dict[RecordKey, set[Subject]] = {}
        self._by_customer: dict[str, set[Subject]] = {}
        self._lock = threading.Lock()

    def get(self, subject: Subject, revision: int, now: int) -> bytes | None:
        """The reply as of this revision, None where there is none ready."""
        with self._lock:
            entry = self._entries.get(subject)
            # A snapshot may see a commit a moment before its change sets are heard here.
            if entry is None or not entry.revision <= revision <= self._revision:
                return None
            if now - entry.time > self._age:
                self._drop(subject)
                return None
            self._entries.move_to_end(subject)
            return entry.reply

    def put(
        self, subject: Subject, reply: bytes, records: Collection[RecordKey], revision: int, now: int
    ) -> None:
        """Keep a reply that was made at this revision from these records."""
        entry = _Entry(reply, revision, now, tuple(set(records)))
        with self._lock:
            if revision != self._revision or entry.size > self._capacity:
                return
            self._drop(subject)
            self._entries[subject] = entry
            self._size += entry.size
            self._by_customer.setdefault(subject.customer, set()).add(subject)
            for key in entry.records:
                self._by_record.setdefault(key, set()).add(subject)
            while self._size > self._capacity:
                self._drop(next(iter(self._entries)))

    def forget(self, change_sets: Sequence[ChangeSet], revision: int) -> None:
        """Drop every reply that shows what these change sets, applied up to `revision`, touch."""
        with self._lock:
            self._revision = revision
            for change_set in change_sets:
                # A value that turns generic, or ceases to be, shows on customers that nothing else touches.
                if change_set.silenced or change_set.voiced:
                    self._clear()
                    return
                for key in _touched(change_set):
                    self._drop_all(self._by_record.get(key, ()))
                for customer in _customers(change_set):
                    self._drop_all(self._by_customer.get(customer, ()))

    def _drop_all(self, subjects: Collection[Subject]) -> None:
        for subject in tuple(subjects):
            self._drop(subject)

    def _drop(self, subject: Subject) -> None:
        entry = self._entries.pop(subject, None)
        if entry is None:
            return
        self._size -= entry.size
        _unlist(self._by_customer, subject.customer, subject)
        for key in entry.records:
            _unlist(self._by_record, key, subject)

    def _clear(self) -> None:
        self._entries.clear()
        self._by_customer.clear()
        self._by_record.clear()
        self._size = 0


def _unlist(index: dict[_K, set[Subject]], key: _K, subject: Subject) -> None:
    index[key].discard(subject)
    if not index[key]:
        del index[key]


def _touched(change_set: ChangeSet) -> set[RecordKey]:
    touched = {touchpoint.record for touchpoint in change_set.touchpoints}
    touched.update(record.key for record in change_set.records)
    touched.update(key for key, _ in change_set.raised)
    touched.update(key for key, _ in change_set.moved)
    return touched


def _customers(change_set: ChangeSet) -> set[str]:
    touched = {record.customer for record in change_set.records if record.customer}
    touched.update(customer for _, customer in change_set.moved if customer)
    if change_set.change is not None:
        touched.update(change_set.change.before, change_set.change.after)
    return touched


class Heard:
    """A store of which `ready` hears every change set before its commit is acknowledged."""

    def __init__(self, store: Store, ready: Ready) -> None:
        self._store = store
        self._ready = ready

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        """Commit all or none, then drop the replies that they touch."""
        revision = self._store.apply(change_sets, read_set)
        self._ready.forget(change_sets, revision)
        return revision

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Read at the latest committed revision."""
        return self._store.snapshot()

    def glance(self, identifier: Identifier) -> Glance:
        """Who holds this identifier at the latest committed revision."""
        return self._store.glance(identifier)

    def wait(self, revision: int, timeout: float) -> int:
        """Block until a revision greater than `revision` is committed or the time is over."""
        return self._store.wait(revision, timeout)

    def meta(self) -> Mapping[str, str]:
        """The store's settings."""
        return self._store.meta()

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Write settings that are not yet there."""
        self._store.put_meta(values)

    def close(self) -> None:
        """Release everything."""
        self._store.close()
