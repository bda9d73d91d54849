"""Whatever happens to the server or on the way to it: what was acknowledged is there, and is there once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from graph.errors import StoreUnavailable
from graph.model import (
    Evidence,
    Identifier,
    IdentifierKind,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from graph.neo4j.connection import Limits
from graph.store import Store
from resolver.intake import Arrival, Outcome, Receipt
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.resolve.settings import Policy
from tests.neo4j import shared, stores
from tests.neo4j.proxy import Loss, Proxy
from tests.neo4j.server import SILENT_AT_MOST, Server
from tests.simulation import check
from tests.simulation.books import Books

MODEL = default_model(1000)
SETTINGS = Settings(region="NL")
POLICY = Policy()
DEADLINE = 3.0
"""Seconds within which the store gives up on a server that does not answer."""
BOUND = DEADLINE + 2 * SILENT_AT_MOST
"""Seconds within which a caller is told, at most: one connection falls silent, and so does the next."""
LIMITS = Limits(patience=DEADLINE)
PHONE = Identifier(IdentifierKind.PHONE, "", "+31612349876")
PEOPLE = 12
AT_ONCE = 5


def arrival(number: int) -> Arrival:
    """The touchpoint of this number: of a few people, so that records known and new come mixed."""
    who = number * 7 % PEOPLE
    phone = StatedIdentifier(IdentifierKind.PHONE, f"06123498{who:02}")
    key = RecordKey("web", f"r{who}" if number % 3 else f"r{who}-{number}")
    told = Touchpoint(TouchpointKey("web", f"t{number}"), key, "", 1_785_000_000_000_000 + number, 0, "web")
    return Arrival("web", key, Evidence((phone,), f"Name{who}", family_name="Bakker"), touchpoint=told)


@dataclass
class Stream:
    """One caller who sends touchpoint after touchpoint, each batch again until it is acknowledged."""

    store: Store
    books: Books = field(default_factory=Books)
    created: int = 0
    again: int = 0
    waits: list[float] = field(default_factory=list)
    """Seconds until each call that failed said so."""

    def __post_init__(self) -> None:
        names = count(1)
        self.writer = Pipeline(
            self.store,
            model=MODEL,
            policy=POLICY,
            settings=SETTINGS,
            clock=lambda: 1,
            mint=lambda: f"n{next(names):06}",
        )
        self._numbers = count(1)

    def send(self) -> None:
        """The next batch, once or until it is taken."""
        batch = [arrival(next(self._numbers)) for _ in range(AT_ONCE)]
        for answer, one in zip(self._taken(batch), batch, strict=True):
            assert isinstance(answer, Receipt)
            self.created += answer.outcome == Outcome.CREATED
            self.again += answer.outcome == Outcome.DUPLICATE
            self.books.enter(one, SETTINGS)

    def _taken(self, batch: list[Arrival]) -> list[object]:
        while True:
            start = time.monotonic()
            try:
                return [*self.writer.record(batch)]
            except StoreUnavailable:
                self.waits.append(time.monotonic() - start)
                time.sleep(0.1)

    def arrived(self) -> None:
        """All that was acknowledged is there, once, and the store is whole."""
        while self.writer.settle():
            pass
        check.holds(self.store, self.books, SETTINGS, ())
        check.settled(self.store, self.books, MODEL, POLICY, SETTINGS)
        assert self.created + self.again == len(self.books.touchpoints)
        assert all(wait < BOUND for wait in self.waits), max(self.waits)


@contextmanager
def through(proxy: Proxy) -> Iterator[Store]:
    """The emptied store, reached through the proxy."""
    login = shared.server().login
    shared.empty(login)
    # Directly: where the driver asks for a route it is sent past the proxy.
    with stores.opened(replace(login, uri=f"bolt://127.0.0.1:{proxy.port}"), LIMITS) as store:
        yield store


@contextmanager
def sending(stream: Stream, seconds: float) -> Iterator[None]:
    """The stream goes on in a thread of its own while the block runs, and for so long after it."""
    failed: list[BaseException] = []
    over = threading.Event()

    def send() -> None:
        try:
            while not over.is_set():
                stream.send()
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
        time.sleep(seconds)
    finally:
        over.set()
        thread.join()
    assert not failed, failed


@pytest.mark.parametrize("end", [Server.kill, Server.stop])
def test_a_server_that_goes_and_comes_back_has_lost_nothing(end: Callable[[Server], None]) -> None:
    server = shared.server()
    with stores.emptied(server.login, LIMITS) as store:
        stream = Stream(store)
        stream.send()
        with sending(stream, 1.0):
            goes_on(stream)
            end(server)
            gone = stream.created
            told_in_time(store)
            server.start()
        assert stream.waits
        assert 0 < gone < stream.created
        stream.arrived()


def test_a_server_that_stands_still_and_goes_on_has_lost_nothing() -> None:
    """As on a disk that does not answer for a while: connections stay open, and time-outs end the waiting."""
    server = shared.server()
    with stores.emptied(server.login, LIMITS) as store:
        stream = Stream(store)
        stream.send()
        with sending(stream, 1.0):
            goes_on(stream)
            server.pause()
            still = stream.created
            try:
                told_in_time(store)
            finally:
                server.resume()
        assert 0 < still < stream.created
        stream.arrived()


def told_in_time(store: Store) -> None:
    """A reader is told that the store cannot be had, while it cannot, and does not wait for ever."""
    start = time.monotonic()
    with pytest.raises(StoreUnavailable), store.snapshot() as snapshot:
        snapshot.meta()
    with pytest.raises(StoreUnavailable):
        store.glance(PHONE)
    assert time.monotonic() - start < 2 * BOUND


@pytest.mark.parametrize("loss", ["commit", "answer"])
def test_a_commit_that_is_lost_on_the_way_or_back_is_done_once(loss: Loss) -> None:
    """Without the caller hearing of it: the store asks whether it was done, and does it where it was not."""
    with Proxy(shared.server().port) as proxy, through(proxy) as store:
        stream = Stream(store)
        stream.send()
        proxy.lose(loss)
        stream.send()
        assert proxy.lost == 1
        assert (stream.created, stream.again, stream.waits) == (2 * AT_ONCE, 0, [])
        stream.arrived()


def test_connections_cut_at_any_moment_lose_nothing() -> None:
    draw = random.Random(4)
    cuts: list[Callable[[Proxy], None]] = [lambda p: p.lose("answer"), Proxy.cut, lambda p: p.lose("commit")]
    with Proxy(shared.server().port) as proxy, through(proxy) as store:
        stream = Stream(store)
        stream.send()
        with sending(stream, 0.5):
            for cut in 3 * cuts:
                goes_on(stream)
                time.sleep(draw.uniform(0.0, 0.05))
                cut(proxy)
            goes_on(stream)
        assert proxy.lost > 3
        stream.arrived()


def goes_on(stream: Stream) -> None:
    """Wait for the next acknowledgement."""
    before, end = stream.created, time.monotonic() + 2 * BOUND
    while stream.created == before and time.monotonic() < end:
        time.sleep(0.002)
    assert stream.created > before
