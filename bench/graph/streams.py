"""StreamTouchpoints against a bare UNWIND/MERGE loop that writes the same nodes and relations."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from neo4j import Driver

from bench.graph import written
from bench.graph.inputs import Requests
from bench.speed.clients import Clients
from bench.speed.inputs import messages
from bench.speed.servers import Served
from graph.store import Store

MESSAGE = 100
"""Touchpoints a message."""


@dataclass(frozen=True, slots=True)
class Run:
    """One stream, and the bare writes beside it: how many nodes and relations, and seconds of each."""

    touchpoints: int
    written: int
    seconds: float
    bare_seconds: float

    @property
    def rate(self) -> float:
        """Touchpoints a second."""
        return self.touchpoints / self.seconds

    @property
    def ceiling(self) -> float:
        """Touchpoints a second, were writing all there is to do."""
        return self.touchpoints / self.bare_seconds


def measure(
    clients: Clients, service: Served, store: Store, driver: Driver, parts: Sequence[Requests], batch: int
) -> list[Run]:
    """Stream each part; then take back what that wrote and write it bare, `batch` touchpoints a commit.

    The bare writes find the graph as it was before, and leave it as the stream did. The first part is not
    told of: a server that has just been started takes a while to its own pace, at either.
    """
    before = written.picture(driver)
    runs = []
    for part in parts:
        seconds = clients.stream(service, messages(part, MESSAGE))
        _settled(store)
        after = written.picture(driver)
        what = written.written(before, after)
        written.undo(driver, what)
        bare_seconds = written.replay(driver, what, math.ceil(len(part) / batch))
        runs.append(Run(len(part), what.count, seconds, bare_seconds))
        before = after
    return runs[1:]


def _settled(store: Store) -> None:
    """Wait until the service has done what it had put off."""
    while True:
        with store.snapshot() as snapshot:
            if snapshot.settled_revision == snapshot.revision:
                return
        time.sleep(0.05)
