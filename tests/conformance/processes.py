"""A second process that reads a store, told what to read through a pipe."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from typing import Any

from graph.errors import StoreError
from graph.store import Store

_SPAWN = multiprocessing.get_context("spawn")


class SecondProcess:
    """Calls of `Store` and `Snapshot` methods, made in the other process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def hold(self) -> None:
        """Open a snapshot, in place of the one held before, for `read` to look into."""
        self._ask("hold")

    def read(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - what the method answers
        """Call a method of the snapshot held, or read its attribute."""
        return self._ask("read", method, *arguments)

    def store(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - what the method answers
        """Call a method of the store."""
        return self._ask("store", method, *arguments)

    def _ask(self, *request: object) -> Any:  # noqa: ANN401 - what the method answers
        self._pipe.send(request)
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def second_process(reader: Callable[[], Store]) -> Iterator[SecondProcess]:
    """Another process with the store open to read."""
    here, there = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(reader, there), daemon=True)
    process.start()
    there.close()
    try:
        yield SecondProcess(here)
    finally:
        here.close()
        process.join(10)
        process.close()


def _serve(reader: Callable[[], Store], pipe: Connection) -> None:
    store = reader()
    held = ExitStack()
    snapshot: Any = None
    while True:
        try:
            verb, *request = pipe.recv()
        except EOFError:
            break
        try:
            if verb == "hold":
                held.close()
                snapshot = held.enter_context(store.snapshot())
                pipe.send(None)
            else:
                member = getattr(snapshot if verb == "read" else store, request[0])
                pipe.send(member(*request[1:]) if callable(member) else member)
        except StoreError as error:
            pipe.send(error)
    held.close()
    store.close()
