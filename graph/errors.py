"""What a store may refuse, and why."""

from __future__ import annotations

from collections.abc import Sequence


class StoreError(Exception):
    """Base of all that a store raises. Its text never holds a personal value."""


class Conflict(StoreError):
    """What a plan rests on has changed since it was read: read again and plan again.

    `stale` names the blocking keys' digests, components or record revisions that moved; it is for
    metrics and tests and is never shown to a caller.
    """

    def __init__(self, stale: Sequence[str]) -> None:
        super().__init__(f"{len(stale)} of the plan's reads are stale")
        self.stale = tuple(stale)

    def __reduce__(self) -> tuple[type[Conflict], tuple[tuple[str, ...]]]:
        return type(self), (self.stale,)


class Overtaken(Conflict):
    """What a snapshot was asked for has changed since it was opened, and the store keeps no older state.

    Open another and read again. The embedded store never says so; one whose snapshots are made of
    several reads does.
    """


class StoreUnavailable(StoreError):
    """The store cannot be reached or written now; the same call may succeed later."""


class StoreCorrupt(StoreError):
    """The store's file is not one of ours, is damaged, or is of a newer generation than this program."""


class StoreLocked(StoreError):
    """Another process is the embedded store's writer."""
