"""Where a simulation keeps its store; each is empty when it is entered."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from graph.sqlite import SqliteStore
from graph.store import Store
from tests.conformance.oracle import OracleStore
from tests.neo4j import stores

Place = Callable[[], AbstractContextManager[Store]]


@contextmanager
def in_memory() -> Iterator[Store]:
    yield OracleStore()


@contextmanager
def embedded() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open_writer(Path(folder) / "store.db")
        yield store
        store.close()


@contextmanager
def on_server() -> Iterator[Store]:
    with stores.emptied() as store:
        yield store
