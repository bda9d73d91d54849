"""The stores that the suite is run on. To add one, write its factory and list it in `FACTORIES`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from graph.neo4j import Address, Neo4jStore
from graph.sqlite import SqliteStore
from graph.store import Store
from tests.conformance.oracle import OracleStore
from tests.neo4j import shared


class StoreFactory(Protocol):
    """One empty place to keep a store in, and the ways to open it.

    `keeps_older_states`: what a snapshot was opened on it goes on telling of, whatever is written since.
    """

    keeps_older_states: bool

    def open(self) -> Store:
        """The store; the same one until it is reopened."""

    def reopen(self) -> Store:
        """Close the store and open it again on what it has kept."""

    def reader(self) -> Callable[[], Store] | None:
        """Opens the store to read; can be pickled for another process. None: one process alone sees it."""


class SqliteFactory:
    """A file in a folder of its own."""

    keeps_older_states = True

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


class Neo4jFactory:
    """The one database of a server, emptied."""

    keeps_older_states = False

    def __init__(self, _: Path) -> None:
        login = shared.login()
        shared.empty(login)
        self._address = Address(login.uri, login.user or "", login.password or "")
        self._store: Neo4jStore | None = None

    def open(self) -> Neo4jStore:
        if self._store is None:
            self._store = Neo4jStore.open(self._address)
        return self._store

    def reopen(self) -> Neo4jStore:
        self.open().close()
        self._store = None
        return self.open()

    def reader(self) -> Callable[[], Store]:
        return partial(Neo4jStore.open_reader, self._address)


class OracleFactory:
    """Dictionaries; what holds for the oracle is what the suite means."""

    keeps_older_states = True

    def __init__(self, _: Path) -> None:
        self._store = OracleStore()

    def open(self) -> OracleStore:
        return self._store

    def reopen(self) -> OracleStore:
        return self._store

    def reader(self) -> None:
        return None


FACTORIES: dict[str, Callable[[Path], StoreFactory]] = {
    "sqlite": SqliteFactory,
    "oracle": OracleFactory,
    "neo4j": Neo4jFactory,
}
