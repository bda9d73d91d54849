"""A store before another, for tests that come between what is read and what is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from graph.model import ChangeSet, Glance, Identifier, ReadSet
from graph.store import Snapshot, Store


class Relay:
    """Hands everything on to `store`; what comes between is a subclass's."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        return self.store.snapshot()

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        return self.store.apply(change_sets, read_set)

    def glance(self, identifier: Identifier) -> Glance:
        return self.store.glance(identifier)

    def wait(self, revision: int, timeout: float) -> int:
        return self.store.wait(revision, timeout)

    def meta(self) -> Mapping[str, str]:
        return self.store.meta()

    def put_meta(self, values: Mapping[str, str]) -> None:
        self.store.put_meta(values)

    def close(self) -> None:
        self.store.close()
