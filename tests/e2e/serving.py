"""Servers that start at once: each is forked from a process that has imported everything and started nothing.

The fork server runs no thread and has not begun gRPC, so a child is as if it had been started afresh, and
it is a process of its own: what is killed is killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from resolver.config import load
from resolver.serve.process import run

_forking = get_context("forkserver")
_forking.set_forkserver_preload([__name__])
_START_SECONDS = 60


@contextmanager
def forked(store: Path, port: int) -> Iterator[tuple[BaseProcess, str]]:
    """A serving process and where it listens; killed at the end."""
    hearing, telling = _forking.Pipe(duplex=False)
    started = _forking.Process(target=_serve, args=(store, port, telling), daemon=True)
    started.start()
    try:
        assert hearing.poll(_START_SECONDS)
        yield started, hearing.recv()
    finally:
        started.kill()
        started.join()


def _serve(store: Path, port: int, telling: Connection) -> None:
    flags = {"store": store, "listen": f"127.0.0.1:{port}", "region": "NL", "population": 1000}
    run(load(None, flags), telling.send)
