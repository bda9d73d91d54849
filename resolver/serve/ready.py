"""Lookups that are ready: serialised replies, kept as long as what they show is as it was.

The store tells of each customer when anything of it was last written (`touched`), and when a value last
turned generic or ceased to be, which shows on customers that nothing else touches (`silence_revision`). A
reply holds while both are as they were when it was made, whichever process wrote meanwhile and whatever
else. So it is exact, and telling costs no more than the glance that finds the customer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

_OVERHEAD: Final = 700
"""Bytes that an entry costs beside its reply, about."""


class Subject(NamedTuple):
    """Whose reply it is, and for which purpose."""

    customer: str
    purpose: str


class State(NamedTuple):
    """What a reply is of; see `Snapshot.touched` and `Snapshot.silence_revision`."""

    touched: int
    silence_revision: int


class _Entry(NamedTuple):
    reply: bytes
    state: State
    time: int

    @property
    def size(self) -> int:
        return len(self.reply) + _OVERHEAD


class Ready:
    """Replies by subject, the least lately used dropped first. Any thread.

    `capacity` is in bytes, 0 for none; a reply is dropped once it is `age` microseconds old, since a
    preferred channel is of its time.
    """

    def __init__(self, capacity: int, age: int = 300_000_000) -> None:
        self._capacity = capacity
        self._age = age
        self._size = 0
        self._entries: OrderedDict[Subject, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, subject: Subject, state: State, now: int) -> bytes | None:
        """The reply that is of this state, None where there is none ready."""
        with self._lock:
            entry = self._entries.get(subject)
            # A reply of another state is left: the one who finds it so may be behind, not the reply.
            if entry is None or entry.state != state:
                return None
            if now - entry.time > self._age:
                self._drop(subject)
                return None
            self._entries.move_to_end(subject)
            return entry.reply

    def put(self, subject: Subject, reply: bytes, state: State, now: int) -> None:
        """Keep a reply that was made of this state; an older one never takes a newer one's place."""
        entry = _Entry(reply, state, now)
        with self._lock:
            held = self._entries.get(subject)
            if entry.size > self._capacity or (held is not None and held.state > state):
                return
            self._drop(subject)
            self._entries[subject] = entry
            self._size += entry.size
            while self._size > self._capacity:
                self._drop(next(iter(self._entries)))

    def _drop(self, subject: Subject) -> None:
        entry = self._entries.pop(subject, None)
        if entry is not None:
            self._size -= entry.size
