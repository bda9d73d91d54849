"""The store on the shared server, for tests that look at more than its face."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graph.neo4j import Address, Neo4jStore
from graph.neo4j.connection import Limits
from tests.neo4j import shared
from tests.neo4j.server import Login

_LIMITS = Limits()


@contextmanager
def opened(login: Login, limits: Limits = _LIMITS) -> Iterator[Neo4jStore]:
    """The store of whatever the server holds."""
    store = Neo4jStore.open(Address(login.uri, login.user or "", login.password or ""), limits=limits)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def emptied(login: Login | None = None, limits: Limits = _LIMITS) -> Iterator[Neo4jStore]:
    """The store of an emptied database, the shared server's where no other is told of.

    Skips where there is no server.
    """
    at = login or shared.login()
    shared.empty(at)
    with opened(at, limits) as store:
        yield store
