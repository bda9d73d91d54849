"""Clients in processes of their own, all begun at one moment; they send bytes made beforehand."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import grpc

from bench.speed.servers import Served
from resolver.v1 import resolution_service_pb2 as pb

T = TypeVar("T")
_Call = Callable[[bytes], bytes]

RECORD = "/resolver.v1.ResolutionService/RecordTouchpoint"
STREAM = "/resolver.v1.ResolutionService/StreamTouchpoints"
LOOKUP = "/resolver.v1.CustomerService/LookupCustomer"

_SOON_SECONDS = 0.1
_CONNECTS_SECONDS = 10.0
_OPEN_THREADS = 32
"""Calls that one client may have open while it keeps time."""
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]


@dataclass(frozen=True, slots=True)
class Load:
    """What a server bore: calls a second, and its own processor seconds a call (0 where unknown)."""

    rate: float
    busy: float


class Unacknowledged(Exception):
    """A touchpoint of a stream was not recorded."""


@dataclass(frozen=True, slots=True)
class _Work:
    """One client's share. `start` is a moment of the monotonic clock, which processes share.

    `seconds`: the requests are sent over and over for so long; None: each once. `rate`: a second, where
    they are sent at their time.
    """

    address: str
    method: str
    requests: Sequence[bytes]
    threads: int = 1
    start: float = 0.0
    seconds: float | None = None
    rate: float = 0.0


class Clients:
    """So many client processes of so many threads. Use it in a `with`."""

    def __init__(self, processes: int, threads: int) -> None:
        self._processes = processes
        self._threads = threads

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"))
        for ready in [self._pool.submit(time.sleep, 0.5) for _ in range(self._processes)]:
            ready.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def press(
        self, server: Served, method: str, requests: Sequence[bytes], seconds: float | None = None
    ) -> Load:
        """Each thread calls as soon as it is answered: over and over for `seconds`, or each request once."""
        busy = server.busy_seconds()
        start = time.monotonic() + _SOON_SECONDS
        ended = self._each(
            _pressed,
            [
                _Work(server.address, method, part, self._threads, start, seconds)
                for part in self._dealt(requests)
            ],
        )
        calls = sum(number for number, _ in ended)
        passed = max(end for _, end in ended) - start
        return Load(calls / passed, (server.busy_seconds() - busy) / calls)

    def keep_time(self, server: Served, method: str, requests: Sequence[bytes], rate: float) -> list[float]:
        """Seconds from when each request was due, `rate` a second in all, to its reply.

        A request that is sent late because the one before it took long has waited since it was due.
        """
        start = time.monotonic() + _SOON_SECONDS
        waits = self._each(
            _kept_time,
            [
                _Work(
                    server.address,
                    method,
                    part,
                    threads=_OPEN_THREADS,
                    start=start + number / rate,
                    rate=rate / self._processes,
                )
                for number, part in enumerate(self._dealt(requests))
            ],
        )
        return [wait for of_one in waits for wait in of_one]

    def stream(self, server: Served, messages: Sequence[bytes]) -> float:
        """Seconds to stream messages from one client and have every touchpoint acknowledged as new.

        Raises `Unacknowledged`.
        """
        [seconds] = self._each(_streamed, [_Work(server.address, STREAM, messages)])
        return seconds

    def replies(self, server: Served, method: str, requests: Sequence[bytes]) -> list[bytes]:
        """What each request is answered with."""
        [answers] = self._each(_replies, [_Work(server.address, method, requests, self._threads)])
        return answers

    def _dealt(self, values: Sequence[bytes]) -> list[Sequence[bytes]]:
        return [values[n :: self._processes] for n in range(self._processes)]

    def _each(self, act: Callable[[Any], T], works: Sequence[Any]) -> list[T]:
        """One work a process: none ends before all have begun."""
        return [future.result() for future in [self._pool.submit(act, work) for work in works]]


def _pressed(work: _Work) -> tuple[int, float]:
    """How many calls were answered, and when the last one was."""
    numbers = count()
    end = None if work.seconds is None else work.start + work.seconds

    def repeat(call: _Call) -> int:
        done = 0
        _wait_for(work.start)
        while end is None or time.monotonic() < end:
            number = next(numbers)
            if end is None and number >= len(work.requests):
                break
            call(work.requests[number % len(work.requests)])
            done += 1
        return done

    with _connected(work.address, work.method) as call, ThreadPoolExecutor(work.threads) as pool:
        calls = sum(pool.map(repeat, [call] * work.threads))
        return calls, time.monotonic()


def _kept_time(work: _Work) -> list[float]:
    """Seconds from each request's due time to its reply. Enough threads wait that none is late to send."""
    numbers = count()

    def repeat(call: _Call) -> list[float]:
        waits = []
        while (number := next(numbers)) < len(work.requests):
            due = work.start + number / work.rate
            _wait_for(due)
            call(work.requests[number])
            waits.append(time.monotonic() - due)
        return waits

    with _connected(work.address, work.method) as call, ThreadPoolExecutor(work.threads) as pool:
        return [wait for waits in pool.map(repeat, [call] * work.threads) for wait in waits]


def _streamed(work: _Work) -> float:
    """Seconds from the first message to the last acknowledgement. Raises `Unacknowledged`."""
    with grpc.insecure_channel(work.address, options=_OPTIONS) as channel:
        grpc.channel_ready_future(channel).result(_CONNECTS_SECONDS)
        open_stream: Callable[..., Iterable[bytes]] = channel.stream_stream(work.method, None, None)
        start = time.perf_counter()
        replies = list(open_stream(iter(work.requests)))
        seconds = time.perf_counter() - start
    for reply in replies:
        acknowledgements = pb.StreamTouchpointsResponse.FromString(reply).acknowledgements
        for each in acknowledgements:
            if each.recorded.outcome != pb.TOUCHPOINT_OUTCOME_CREATED:
                raise Unacknowledged(each.error.message or "a touchpoint was known already")
    return seconds


def _replies(work: _Work) -> list[bytes]:
    with _connected(work.address, work.method) as call, ThreadPoolExecutor(work.threads) as pool:
        return list(pool.map(call, work.requests))


@contextmanager
def _connected(address: str, method: str) -> Iterator[_Call]:
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        grpc.channel_ready_future(channel).result(_CONNECTS_SECONDS)
        call = cast("_Call", channel.unary_unary(method, None, None))
        yield call


def _wait_for(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)
