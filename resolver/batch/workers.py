"""Several processes for one run: they share what was made before them, and answer in order.

Forked, so that the columns of a million nodes are shared and not sent. Nothing is forked where gRPC has
started: batch commands never start it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from typing import Any, Final, TypeVar

from resolver.resolve.edges import Spread

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

AHEAD: Final = 16
"""Items handed out per worker before the first is answered: enough that one which takes long leaves none of
the others idle, few enough that the answers that wait for it have room in memory."""
AHEAD_BYTES: Final = 16 << 20
"""Bytes handed out per worker beyond which the first is awaited, as long as each has an item: long ones too
must have room."""

_numbers = count()
_works: dict[int, Callable[[Any], Any]] = {}
"""Work in hand, by number: workers inherit it, so that it need not be sent."""


def usual() -> int:
    """As many workers as this process may use processors, where processes can be forked; else one."""
    if "fork" not in multiprocessing.get_all_start_methods() or not hasattr(os, "sched_getaffinity"):
        return 1
    return len(os.sched_getaffinity(0))


def workers(number: int) -> Spread:
    """Who does the work: this process alone (1), or so many beside it. The answers are the same."""
    if number < 1:
        raise ValueError("workers must be at least 1")
    return map if number == 1 else _Forked(number)


class WorkerLost(Exception):
    """A worker was ended from outside before it was done. One line."""


class _Forked:
    """Each time work is spread its workers are forked anew, to see what has been made until then."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, work: Callable[[_Item], _Done], items: Iterable[_Item], /) -> Iterator[_Done]:
        token = next(_numbers)
        _works[token] = work
        gc.freeze()  # what is shared is never collected in a worker, where that would copy it
        try:
            fork = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(self.number, fork, initializer=_begin) as pool:
                yield from _in_order(pool, token, iter(items), self.number)
        except BrokenProcessPool:
            raise WorkerLost("a worker was ended, most likely for want of memory; give --memory") from None
        finally:
            gc.unfreeze()
            del _works[token]


def _begin() -> None:
    """What a worker does first."""
    # Its own garbage is collected, though there is so much in hand here that it is not.
    gc.enable()
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Be no more once the process that the work is for is none: nobody would ever tell its workers."""
    parent.join()
    os._exit(1)


def _in_order(pool: ProcessPoolExecutor, token: int, items: Iterator[Any], number: int) -> Iterator[Any]:
    waiting: deque[tuple[Future[Any], int]] = deque()
    size = 0
    for item in items:
        packed = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)  # here, where it is known how large it is
        waiting.append((pool.submit(_done, token, packed), len(packed)))
        size += len(packed)
        while len(waiting) >= number * AHEAD or (size > number * AHEAD_BYTES and len(waiting) > number):
            answer, given = waiting.popleft()
            size -= given
            yield answer.result()
    while waiting:
        yield waiting.popleft()[0].result()


def _done(token: int, packed: bytes) -> object:
    return _works[token](pickle.loads(packed))  # noqa: S301 - of the process that has forked this one
