"""Reaching the server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import DriverError, Neo4jError

from graph.errors import StoreError
from graph.neo4j.errors import unreachable

AGENT: Final = "customer-graph"

_T = TypeVar("_T")
_SHORTEST_PAUSE_SECONDS: Final = 0.02
_LONGEST_PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, and as whom it is spoken to; neither name nor password is ever shown.

    `uri` is ``neo4j://host:port`` or ``bolt://host:port``, with ``+s`` where the connection is to be
    encrypted, ``+ssc`` where by a certificate that nobody signed. Without a `user` the server must not ask
    for one. `database` empty is the user's own.
    """

    uri: str = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    database: str = ""

    def __post_init__(self) -> None:
        scheme, _, place = self.uri.partition("://")
        if scheme.partition("+")[0] not in ("neo4j", "bolt") or not place:
            raise StoreError("the address of a Neo4j server begins with neo4j:// or bolt://")
        if "@" in place:
            raise StoreError("the address of a Neo4j server holds no user and no password")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what the store waits for. Times are in seconds.

    `patience` is how long a write is tried again, and a connection waited for, before the store is said to
    be unavailable; `transaction` how long the server lets a transaction run before it ends it, so that a
    writer that hangs holds up the others no longer; `connections` how many there are at most.
    """

    patience: float = 10.0
    transaction: float = 60.0
    connections: int = 50


def connect(address: Address, limits: Limits) -> Driver:
    """A driver of the server, which connects only when it is used."""
    return GraphDatabase.driver(
        address.uri,
        auth=(address.user, address.password) if address.user else None,
        user_agent=AGENT,
        keep_alive=True,
        connection_timeout=limits.patience / 2,
        connection_acquisition_timeout=limits.patience,
        max_connection_pool_size=limits.connections,
        max_transaction_retry_time=0,  # the store tries again itself, and knows what it did
        notifications_min_severity=NotificationMinimumSeverity.OFF,
    )


def persist(act: Callable[[], _T], patience: float) -> _T:
    """What `act` answers, tried again ever less often, so many seconds, where the server cannot be reached.

    It must know what it did before. Raises whatever it raises of another kind, or in the end.
    """
    end = time.monotonic() + patience
    pause = _SHORTEST_PAUSE_SECONDS
    while True:
        try:
            return act()
        except (Neo4jError, DriverError) as error:
            if not unreachable(error) or time.monotonic() + pause > end:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
