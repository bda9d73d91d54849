"""One call as a handler sees it: how long its caller waits, and whether anyone still does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Final, TypeVar

import grpc

from graph.store import Snapshot, Store
from resolver.intake import Refusal

_T = TypeVar("_T")

LOOK_SECONDS: Final = 0.5
"""How often one that waits looks whether its caller is there and the server goes on."""
_LONGEST_WAIT_SECONDS: Final = 60.0
"""How long a call without a deadline waits for anything."""
_NO_DEADLINE_SECONDS: Final = 1e6
_MARGIN_SECONDS: Final = 0.05
"""What is left of a deadline for telling the caller that something was not reached within it."""


class Gone(Exception):
    """Nobody waits for the answer any longer."""


class Places:
    """Threads that calls may hold while nothing is done for them: streams, watchers, those that wait.

    They are counted apart from the others, so that however many watch, there are threads to work.
    """

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._working = 0
        self._told: set[Callable[[], object]] = set()
        self._changed = threading.Condition()
        self.stopping = threading.Event()
        """Set when the server drains: whoever holds a place is to leave it."""

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count a call that is being answered. Raises `Refusal`: draining."""
        with self._changed:
            if self.stopping.is_set():
                raise Refusal("draining", "the server is stopping")
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                if self.stopping.is_set():
                    self._changed.notify_all()

    @contextmanager
    def told(self, callback: Callable[[], object]) -> Iterator[None]:
        """Have something called when the server drains, where a call waits for what may never come."""
        with self._changed:
            self._told.add(callback)
            stopping = self.stopping.is_set()
        if stopping:
            callback()
        try:
            yield
        finally:
            with self._changed:
                self._told.discard(callback)

    def drain(self, seconds: float) -> None:
        """Let no further call in, have streams end, and wait so long at most until all are answered."""
        with self._changed:
            self.stopping.set()
            told = list(self._told)
        for callback in told:
            callback()
        with self._changed:
            self._changed.wait_for(lambda: not self._working, seconds)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a place. Raises `Refusal`: overloaded where there is none, draining."""
        if self.stopping.is_set():
            raise Refusal("draining", "the server is stopping")
        if not self._free.acquire(blocking=False):
            raise Refusal("overloaded", "the server holds as many open streams as it takes on")
        try:
            yield
        finally:
            self._free.release()


class Call:
    """One call. `places` is the server's."""

    def __init__(self, context: grpc.ServicerContext, places: Places) -> None:
        self._context = context
        self.places = places

    @property
    def alive(self) -> bool:
        """Whether the caller still waits."""
        return self._context.is_active()

    def demand(self) -> None:
        """Raise `Gone` where nobody waits for the answer any longer."""
        if not self.alive:
            raise Gone

    @property
    def patience(self) -> float:
        """For how many seconds the caller waits yet; a minute where that is not said."""
        left = self.left
        return _LONGEST_WAIT_SECONDS if left is None else max(0.0, min(left, _LONGEST_WAIT_SECONDS))

    @property
    def left(self) -> float | None:
        """For how many seconds the caller waits yet; None where that is not said."""
        left: float | None = self._context.time_remaining()
        # Where no deadline was set, grpcio may answer one that is centuries away.
        return None if left is None or left > _NO_DEADLINE_SECONDS else max(0.0, left)

    def ends(self, callback: Callable[[], object]) -> None:
        """Have something called when the caller has gone or has been answered."""

        def told() -> None:
            callback()

        if not self._context.add_callback(told):
            callback()

    def result(self, future: Future[_T]) -> _T:
        """What a future comes to. Raises `Gone`, and cancels it, where the caller goes before."""
        self.ends(future.cancel)
        left = self.left
        try:
            return future.result(left)
        except (TimeoutError, CancelledError):
            future.cancel()
            raise Gone from None

    @contextmanager
    def snapshot(self, store: Store, min_revision: int = 0) -> Iterator[Snapshot]:
        """Read the store at this revision or a later one; waits for it as long as the deadline allows.

        Raises `Refusal`: revision_not_reached.
        """
        with store.snapshot() as snapshot:
            if snapshot.revision >= min_revision:
                yield snapshot
                return
        with self.places.held():
            self._await(store, min_revision)
        with store.snapshot() as snapshot:
            yield snapshot

    def _await(self, store: Store, revision: int) -> None:
        """Wait for a revision in short turns, looking in between whether there is anything to wait for."""
        until = time.monotonic() + self.patience - _MARGIN_SECONDS
        while True:
            left = until - time.monotonic()
            if store.wait(revision - 1, max(0.0, min(left, LOOK_SECONDS))) >= revision:
                return
            self.demand()
            if self.places.stopping.is_set():
                raise Refusal("draining", "the server is stopping")
            if left <= LOOK_SECONDS:
                raise Refusal("revision_not_reached", "min_revision was not reached within the deadline")
