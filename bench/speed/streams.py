"""StreamTouchpoints against raw writes of just the rows that the service wrote for it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.speed import stores, written
from bench.speed.clients import Clients
from bench.speed.inputs import Requests, messages
from bench.speed.servers import Served
from graph.sqlite import SqliteStore

MESSAGE = 100
"""Touchpoints a message."""


@dataclass(frozen=True, slots=True)
class Run:
    """One stream, and the raw writes beside it. Seconds of each; processor seconds of the server."""

    touchpoints: int
    rows: int
    seconds: float
    raw_seconds: float
    busy: float

    @property
    def rate(self) -> float:
        """Touchpoints a second."""
        return self.touchpoints / self.seconds

    @property
    def ceiling(self) -> float:
        """Touchpoints a second, were writing their rows all there is to do."""
        return self.touchpoints / self.raw_seconds


def measure(
    clients: Clients, server: Served, store: Path, folder: Path, parts: Sequence[Requests], batch: int
) -> list[Run]:
    """Stream each part to a server on `store`, and after it write its rows raw, `batch` touchpoints a commit.

    The raw writes go to a copy of the store as it was before, so with as much in its tables and indexes.
    """
    before, after = folder / "before.db", folder / "after.db"
    stores.copy(store, before)
    runs = []
    for part in parts:
        busy = server.busy_seconds()
        seconds = clients.stream(server, messages(part, MESSAGE))
        busy = server.busy_seconds() - busy
        _settled(store)
        stores.copy(store, after)
        rows = written.written(before, after)
        raw_seconds = written.replay(before, rows, math.ceil(len(part) / batch))
        runs.append(Run(len(part), rows.count, seconds, raw_seconds, busy))
        stores.discard(before)
        after.rename(before)
    stores.discard(before)
    return runs


def _settled(path: Path) -> None:
    """Wait until the server has done what it had put off."""
    store = SqliteStore.open_reader(path)
    try:
        while True:
            with store.snapshot() as snapshot:
                if snapshot.settled_revision == snapshot.revision:
                    return
            time.sleep(0.05)
    finally:
        store.close()
