"""Stores opened as the configuration says: the one place that knows which kinds there are."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import StoreUnavailable
from graph.sqlite import SqliteStore
from graph.store import Store
from resolver.config import Configuration

if TYPE_CHECKING:
    from graph.neo4j import Address, Limits


class MissingDriver(Exception):
    """A Neo4j server is the store, and its driver is not installed. One line that says how to get it."""

    def __init__(self) -> None:
        super().__init__("a Neo4j server needs its driver: pip install 'customer-graph[neo4j]'")


def shared(configuration: Configuration) -> bool:
    """Whether other processes may write the store at the same time."""
    return not isinstance(configuration.store, Path)


def writer(configuration: Configuration) -> Store:
    """Open the store to read and write; made, and brought to this program's generation.

    Raises `StoreLocked` where another process writes a store that has one writer, any other `StoreError`
    where it cannot be had, `MissingDriver`, and `ConfigError` for a password that is no longer there.
    """
    if not isinstance(configuration.store, Path):
        return _server(configuration, configuration.store, writes=True)
    make_folder(configuration.store)
    return SqliteStore.open_writer(configuration.store)


def make_folder(store: Path) -> None:
    """Make the folder that an embedded store's file lies in. Raises `StoreUnavailable`."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(error.strerror or "its folder cannot be made") from None


def reader(configuration: Configuration) -> Store:
    """Open the store to read, beside whoever writes it. Raises what `writer` does, but that it is locked."""
    if isinstance(configuration.store, Path):
        return SqliteStore.open_reader(configuration.store)
    return _server(configuration, configuration.store, writes=False)


def server(configuration: Configuration, uri: str) -> tuple[Address, Limits]:
    """The server at this address as it is reached. Raises `MissingDriver` and `ConfigError`."""
    if find_spec("neo4j") is None:
        raise MissingDriver
    # Only here: the driver is an extra, and takes a moment to import.
    from graph.neo4j import Address, Limits  # noqa: PLC0415

    reached = configuration.neo4j
    secret = reached.secret()
    place = Address(uri, reached.user if secret else "", secret or "", reached.database)
    return place, Limits(reached.patience_seconds, reached.transaction_seconds, reached.pool)


def _server(configuration: Configuration, uri: str, *, writes: bool) -> Store:
    place, limits = server(configuration, uri)
    from graph.neo4j import Neo4jStore  # noqa: PLC0415 - as above

    return Neo4jStore.open(place, limits=limits) if writes else Neo4jStore.open_reader(place, limits=limits)
