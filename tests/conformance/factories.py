"""The stores that the suite is run on. To add one, write its factory and list it in `FACTORIES`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from graph.sqlite import SqliteStore
from graph.store import Store
from tests.conformance.oracle import OracleStore


class StoreFactory(Protocol):
    """One empty place to keep a store in, and the ways to open it."""

    def open(self) -> Store:
        """The store; the same one until it is reopened."""

    def reopen(self) -> Store:
        """Close the store and open it again on what it has kept."""

    def reader(self) -> Callable[[], Store] | None:
        """Opens the store to read; can be pickled for another process. None: one process alone sees it."""


class SqliteFactory:
    """A file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "store.db"
        self._store: SqliteStore | None = None

    def open(self) -> SqliteStore:
        if self._store is None:
            self._store = SqliteStore.open_writer(self._path)
        return self._store

    def reopen(self) -> SqliteStore:
        self.open().close()
        self._store = None
        return self.open()

    def reader(self) -> Callable[[], Store]:
        return partial(SqliteStore.open_reader, self._path)


class OracleFactory:
    """Dictionaries; what holds for the oracle is what the suite means."""

    def __init__(self, _: Path) -> None:
        self._store = OracleStore()

    def open(self) -> OracleStore:
        return self._store

    def reopen(self) -> OracleStore:
        return self._store

    def reader(self) -> None:
        return None


FACTORIES: dict[str, Callable[[Path], StoreFactory]] = {"sqlite": SqliteFactory, "oracle": OracleFactory}
