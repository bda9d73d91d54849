"""The one writer: whatever waits is gathered into one micro-batch, one plan and one commit.

Callers put work into a bounded queue and hold futures. A batch is as large as what has gathered while
the one before it was committed, so a lone call waits for nobody and a flood shares its commits.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import structlog

from graph.errors import Conflict, StoreCorrupt, StoreLocked, StoreUnavailable
from resolver import backoff
from resolver.intake import Arrival, Receipt, Refusal
from resolver.serve.errors import refusal_of

_log = structlog.get_logger("resolver.serve")
_T = TypeVar("_T")

_SETTLE_SHARE: Final = 1 / 4
"""Of the writer's time, what the re-opening queue gets though calls are waiting: it never starves."""
_A_PIECE_SECONDS: Final = 0.05
"""About how long a piece of the re-opening queue may hold the writer, so that no call waits long for it."""
_FEWEST, _MOST = 10, 500
"""Nodes of a piece."""
_AFTER_FAILURE_SECONDS: Final = 1.0, 30.0
"""How long the re-opening queue rests after the store has failed it, at first and at most."""
_AFTER_CONFLICT_SECONDS: Final = 0.1, 5.0
"""The same after another process was at it."""
_CONTENDED: Final = 50
"""Arrivals that are recorded at once where others kept changing what a larger batch rests on."""

Answers = Sequence[Receipt | Refusal]


class Recorder(Protocol):
    """What the writer needs of the pipeline. Only ever called by the writer's own thread."""

    def record(self, arrivals: Sequence[Arrival]) -> Sequence[Receipt | Refusal]:
        """Take arrivals in one commit; answer each, in order."""

    def settle(self, limit: int = ..., *, attempts: int = ...) -> bool:
        """Work on the re-opening queue once; False where nothing waited. `Conflict` where others do."""


@dataclass(slots=True)
class _Arrivals:
    arrivals: Sequence[Arrival]
    future: Future[Answers] = field(default_factory=Future)


@dataclass(slots=True)
class _Act:
    act: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """Owns the thread that writes. Every method may be called from any thread.

    `batch`: arrivals from which a micro-batch is closed; one caller's arrivals are never parted.
    `capacity`: arrivals that may wait; more are refused. `look`: after how many seconds at rest it looks at
    the re-opening queue, where other processes write the store too and may have left something there.
    """

    def __init__(
        self, pipeline: Recorder, *, batch: int = 500, capacity: int = 10_000, look: float = math.inf
    ) -> None:
        self._pipeline = pipeline
        self._batch = batch
        self._capacity = capacity
        self._queue: deque[_Arrivals | _Act] = deque()
        self._waiting = 0
        self._changed = threading.Condition()
        self._closing = False
        self._look = look
        self._settle_at = 0.0  # monotonic; at once, for a crash may have left something in the queue
        self._piece = _FEWEST
        self._owed = 0.0  # seconds of the writer's time that the re-opening queue is to have yet
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, arrivals: Sequence[Arrival], patience: float = 0.0) -> Future[Answers]:
        """Queue arrivals; the future holds an answer to each, in order, once all are durable.

        Cancel the future where nobody waits for it any longer: what has not begun is not begun. `patience`
        is how many seconds to wait for room in the queue. Raises `Refusal`: overloaded, draining.
        """
        work = _Arrivals(arrivals)
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._has_room(len(arrivals)), patience)
            if not self._closing and not self._has_room(len(arrivals)):
                raise Refusal("overloaded", "the server has as much work as it takes on; try again later")
            self._enqueue(work, len(arrivals))
        return work.future

    def act(self, act: Callable[[], _T]) -> Future[_T]:
        """Queue a steward's act, which runs between two batches, in its turn."""
        work = _Act(act)
        with self._changed:
            if not self._has_room(1):
                raise Refusal("overloaded", "the server has as much work as it takes on; try again later")
            self._enqueue(work, 1)
        return work.future

    def close(self) -> None:
        """Take no new work, finish what waits, end. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    # -- callers' side -----------------------------------------------------------------------

    def _has_room(self, count: int) -> bool:
        """Whether so many more may wait; a message larger than the queue may when it is empty."""
        return self._waiting == 0 or self._waiting + count <= self._capacity

    def _enqueue(self, work: _Arrivals | _Act, count: int) -> None:
        if self._closing:
            raise Refusal("draining", "the server is stopping")
        self._queue.append(work)
        self._waiting += count
        self._changed.notify_all()

    # -- the writer's thread -----------------------------------------------------------------

    def _run(self) -> None:
        while (work := self._next()) is not None:
            begun = time.monotonic()
            if isinstance(work, _Act):
                self._perform(work)
            elif work:
                self._record(work)
            else:
                self._settle()
                self._owed = 0.0
                continue
            self._owed += (time.monotonic() - begun) * _SETTLE_SHARE / (1 - _SETTLE_SHARE)
            while self._owed > 0 and self._settle():
                pass

    def _next(self) -> Sequence[_Arrivals] | _Act | None:
        """The next batch or act; nothing where the re-opening queue's turn has come; None at the end."""
        with self._changed:
            while not self._queue:
                if self._closing:
                    return None
                left = self._settle_at - time.monotonic()
                if left <= 0:
                    return []
                self._changed.wait(None if left == math.inf else left)
            first = self._queue.popleft()
            if isinstance(first, _Act):
                self._waiting -= 1
                self._changed.notify_all()
                return first
            batch, count = [first], len(first.arrivals)
            while count < self._batch and self._queue:
                more = self._queue[0]
                if isinstance(more, _Act):
                    break
                self._queue.popleft()
                batch.append(more)
                count += len(more.arrivals)
            self._waiting -= count
            self._changed.notify_all()
            return batch

    def _perform(self, work: _Act) -> None:
        if not work.future.set_running_or_notify_cancel():
            return
        try:
            work.future.set_result(work.act())
        except Exception as error:  # noqa: BLE001 - whatever it is, its caller is told and the writer goes on
            work.future.set_exception(error)
        self._unsettle()

    def _record(self, batch: Sequence[_Arrivals]) -> None:
        begun = [work for work in batch if work.future.set_running_or_notify_cancel()]
        arrivals = [arrival for work in begun for arrival in work.arrivals]
        if not arrivals:
            return
        answers = self._answers(arrivals)
        at = 0
        for work in begun:
            work.future.set_result(answers[at : at + len(work.arrivals)])
            at += len(work.arrivals)

    def _answers(self, arrivals: Sequence[Arrival]) -> Answers:
        try:
            answers = self._pipeline.record(arrivals)
        except Conflict as error:
            if len(arrivals) <= _CONTENDED:
                return [refusal_of(error, "record")] * len(arrivals)
            # What is planned sooner is overtaken less.
            pieces = (arrivals[at : at + _CONTENDED] for at in range(0, len(arrivals), _CONTENDED))
            return [answer for piece in pieces for answer in self._answers(piece)]
        except (StoreUnavailable, StoreCorrupt, StoreLocked) as error:
            return [refusal_of(error, "record")] * len(arrivals)
        except Exception as error:  # noqa: BLE001 - what one arrival meets must not take its neighbours
            refusal = refusal_of(error, "record")
            if len(arrivals) == 1:
                return [refusal]
            return [answer for arrival in arrivals for answer in self._answers([arrival])]
        if any(isinstance(each, Receipt) and each.settled_revision < each.revision for each in answers):
            self._unsettle()
        return answers

    def _unsettle(self) -> None:
        """Something may wait to be settled: it has its turn, unless that has to rest."""
        if not self._failures:
            self._settle_at = 0.0

    def _settle(self) -> bool:
        """Work on a piece of the re-opening queue, where it has not to rest; whether more of it waits."""
        begun = time.monotonic()
        waits = False
        if begun >= self._settle_at:
            try:
                waits = self._pipeline.settle(self._piece, attempts=1)
            except Conflict:
                self._rest(*_AFTER_CONFLICT_SECONDS)
            except Exception as error:  # noqa: BLE001 - what waits is kept in the store and is tried again
                refusal_of(error, "settle")
                self._rest(*_AFTER_FAILURE_SECONDS)
            else:
                self._failures = 0
                self._settle_at = 0.0 if waits else begun + self._look
        took = time.monotonic() - begun
        if waits:
            self._piece = min(_MOST, max(_FEWEST, int(self._piece * min(2.0, _A_PIECE_SECONDS / took))))
        # Nothing is owed for time in which nothing waited.
        self._owed = self._owed - took if waits else 0.0
        return waits

    def _rest(self, first: float, longest: float) -> None:
        self._failures += 1
        self._settle_at = time.monotonic() + backoff.pause(self._failures, first, longest)
