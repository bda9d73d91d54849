"""Clients that go on until they are told to stop, and note when each thing was answered.

Each is a process of its own. Times are of the monotonic clock, which processes share, so that what was
answered can be parted afterwards by what else went on at the time.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from multiprocessing.synchronize import Event as SharedEvent
from threading import Event
from types import TracebackType
from typing import Final, NamedTuple, Self, cast

import grpc

from bench.speed.clients import LOOKUP, STREAM, Unacknowledged
from bench.speed.inputs import again as later
from resolver.v1 import resolution_service_pb2 as pb

MESSAGE: Final = 100
"""Touchpoints a message of a stream."""
AHEAD: Final = 8
"""Messages that are sent before the first is answered."""
_OPEN: Final = 32
"""Lookups that may wait at once, so that none is late to be sent."""
_CONNECTS_SECONDS: Final = 10.0
_NAP_SECONDS: Final = 0.002
_OPTIONS: Final = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]


class Wait(NamedTuple):
    """A call: when it was due, and the seconds from then to its reply."""

    due: float
    seconds: float


class Acknowledged(NamedTuple):
    """When so many touchpoints were acknowledged; `again`: of records that were told before."""

    at: float
    touchpoints: int
    again: bool


class CallFailed(Exception):
    """The service refused a call, or broke a stream off: the name of the status."""


_stop: Event | SharedEvent
"""Set in each client's process when it starts."""


class Callers:
    """So many clients at most, until they are stopped. Use it in a `with`.

    They call the service at `address` where they are told no other.
    """

    def __init__(self, address: str, most: int = 2) -> None:
        self._address = address
        self._most = most

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._pool = ProcessPoolExecutor(self._most, context, initializer=_begin, initargs=(self._stop,))
        for ready in [self._pool.submit(_ready) for _ in range(self._most)]:
            ready.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._pool.shutdown()

    def ask(self, lookups: Sequence[bytes], rate: float, address: str = "") -> Future[list[Wait]]:
        """Look up one after the other, over and over, so many a second, whatever the answers take."""
        return self._pool.submit(_ask, address or self._address, lookups, rate)

    def tell(self, touchpoints: Sequence[bytes], rate: float) -> Future[list[Acknowledged]]:
        """Stream touchpoints, so many a second, or where `rate` is 0 as fast as they are acknowledged.

        When all are told they are told again, as later touchpoints of the same records. The future raises
        `Unacknowledged` where one is not recorded, and like the other's `CallFailed`.
        """
        return self._pool.submit(_tell, self._address, touchpoints, rate)

    def stop(self) -> None:
        """Have them end with what they are at."""
        self._stop.set()


def _ready() -> None:
    """Answered by a process that has started; so late that the others must start for the other calls."""
    time.sleep(0.5)


@contextmanager
def _channel(address: str) -> Iterator[grpc.Channel]:
    """A channel that is ready; what fails on it is raised as something that another process can read."""
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        grpc.channel_ready_future(channel).result(_CONNECTS_SECONDS)
        try:
            yield channel
        except grpc.RpcError as error:
            raise CallFailed(error.code().name) from None
        finally:
            _stop.set()  # without the one the other is no use


def _begin(stop: Event | SharedEvent) -> None:
    global _stop  # noqa: PLW0603 - an event can only be handed over when a process starts
    _stop = stop


def _ask(address: str, lookups: Sequence[bytes], rate: float) -> list[Wait]:
    numbers = count()
    with _channel(address) as channel, ThreadPoolExecutor(_OPEN) as pool:
        call = cast("Callable[[bytes], bytes]", channel.unary_unary(LOOKUP, None, None))
        start = time.monotonic()

        def repeat(_: int) -> list[Wait]:
            waits = []
            while not _stop.is_set():
                number = next(numbers)
                due = start + number / rate
                if _stop.wait(max(0.0, due - time.monotonic())):
                    break
                try:
                    call(lookups[number % len(lookups)])
                except grpc.RpcError:
                    _stop.set()
                    raise
                waits.append(Wait(due, time.monotonic() - due))
            return waits

        return [wait for waits in pool.map(repeat, range(_OPEN)) for wait in waits]


def _tell(address: str, touchpoints: Sequence[bytes], rate: float) -> list[Acknowledged]:
    stream = _Stream(touchpoints, rate)
    with _channel(address) as channel:
        call = cast("Callable[..., Iterable[bytes]]", channel.stream_stream(STREAM, None, None))
        for reply in call(stream.messages()):
            stream.take(pb.StreamTouchpointsResponse.FromString(reply))
    return stream.acknowledged


class _Stream:
    """One stream: what is sent, no further ahead than allowed, and what was acknowledged of it."""

    def __init__(self, touchpoints: Sequence[bytes], rate: float) -> None:
        self.acknowledged: list[Acknowledged] = []
        self._touchpoints = touchpoints
        self._rate = rate
        self._open = 0
        self._done = 0

    def messages(self) -> Iterator[bytes]:
        start = time.monotonic()
        sent = 0
        for batch in self._batches():
            while self._open >= AHEAD * MESSAGE or (
                self._rate and time.monotonic() < start + sent / self._rate
            ):
                if _stop.wait(_NAP_SECONDS):
                    return
            if _stop.is_set():
                return
            self._open += len(batch)
            sent += len(batch)
            yield pb.StreamTouchpointsRequest(touchpoints=batch).SerializeToString()

    def take(self, reply: pb.StreamTouchpointsResponse) -> None:
        for each in reply.acknowledgements:
            if each.recorded.outcome != pb.TOUCHPOINT_OUTCOME_CREATED:
                raise Unacknowledged(each.error.message or "a touchpoint was known already")
        number = len(reply.acknowledgements)
        self._open -= number
        self._done += number
        again = self._done > len(self._touchpoints)
        self.acknowledged.append(Acknowledged(time.monotonic(), number, again))

    def _batches(self) -> Iterator[Sequence[pb.RecordTouchpointRequest]]:
        for lap in count():
            for at in range(0, len(self._touchpoints), MESSAGE):
                batch = [
                    pb.RecordTouchpointRequest.FromString(e) for e in self._touchpoints[at : at + MESSAGE]
                ]
                yield later(batch, lap) if lap else batch
