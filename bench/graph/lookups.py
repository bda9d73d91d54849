"""LookupCustomer against a bare driver loop that does the one read that a lookup rests on."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Self

from neo4j import Session

from bench.graph import bare
from bench.speed.clients import LOOKUP, Clients
from bench.speed.figures import in_turns
from bench.speed.servers import Served
from graph.keys import identifier_block
from graph.model import IdentifierKind, StatedIdentifier
from graph.neo4j.keys import indexed
from graph.neo4j.reading import GLANCES
from resolver.normalise.evidence import Settings
from resolver.reading import locate
from resolver.serve import convert
from resolver.v1 import customer_service_pb2 as pb
from tests.neo4j.server import Login

A_ROUND: Final = 1_000
"""Customers asked for in a round."""
WARMING_ROUNDS: Final = 3
"""Rounds before those that count: a server that has just been started takes a while to its own pace."""
EMPTY: Final = "/grpc.health.v1.Health/Check"
"""A call that whoever answers lookups answers, too, without asking the server anything."""
_TRIED_AT_ONCE: Final = 500
_SOON_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """Calls a second, round by round: lookups, calls of the service that ask nothing, and bare reads."""

    service: Sequence[float]
    empty: Sequence[float]
    bare: Sequence[float]

    @property
    def reachable(self) -> Sequence[float]:
        """What lookups come to that are no more than an empty call and after it a bare read."""
        return [1 / (1 / empty + 1 / bare) for empty, bare in zip(self.empty, self.bare, strict=True)]


def found(clients: Clients, service: Served, candidates: Sequence[bytes], most: int) -> list[bytes]:
    """The first lookups that each find a customer of their own."""
    kept: list[bytes] = []
    seen: set[str] = set()
    for at in range(0, len(candidates), _TRIED_AT_ONCE):
        part = candidates[at : at + _TRIED_AT_ONCE]
        for request, reply in zip(part, clients.replies(service, LOOKUP, part), strict=True):
            answer = pb.LookupCustomerResponse.FromString(reply)
            if answer.status == pb.LOOKUP_STATUS_FOUND and answer.customer.id not in seen:
                seen.add(answer.customer.id)
                kept.append(request)
        if len(kept) >= most:
            break
    return kept[:most]


def measure(
    clients: Clients,
    service: Served,
    login: Login,
    asked: Sequence[bytes],
    keys: Sequence[str],
    rounds: int,
    seconds: float,
    callers: tuple[int, int],
) -> Rounds:
    """In turns, `callers` being processes and threads of each. The replies are ready in the service."""
    with Loop(login, *callers) as loop:
        clients.replies(service, EMPTY, [b""])  # a client that has just begun has a while to import
        acts: tuple[Callable[[int], float], ...] = (
            lambda _: clients.press(service, LOOKUP, asked, seconds).rate,
            lambda _: clients.press(service, EMPTY, [b""], seconds).rate,
            lambda _: loop.press(keys, seconds),
        )
        in_turns(WARMING_ROUNDS, *acts)
        return Rounds(*in_turns(rounds, *acts))


def keys_of(asked: Sequence[bytes], settings: Settings) -> list[str]:
    """The keys under which the store finds what these lookups ask for."""
    keys = []
    for raw in asked:
        query = pb.LookupCustomerRequest.FromString(raw).identifier
        stated = StatedIdentifier(convert.identifier_kind(query.kind), query.value, query.namespace)
        identifier = locate.identifier_of(stated, query.region, settings)
        if identifier.kind is IdentifierKind.REFERENCE:
            raise ValueError("another query answers for references")
        keys.append(indexed(identifier_block(identifier)))
    return keys


class Loop:
    """So many processes of so many threads, each with a driver and a session, that do nothing but read."""

    def __init__(self, login: Login, processes: int, threads: int) -> None:
        self._login = login
        self._processes = processes
        self._threads = threads

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def press(self, keys: Sequence[str], seconds: float) -> float:
        """Reads a second, each begun as soon as the one before is answered."""
        start = time.monotonic() + _SOON_SECONDS
        works = [
            self._pool.submit(
                _pressed, self._login, keys[n :: self._processes], self._threads, start, seconds
            )
            for n in range(self._processes)
        ]
        ended = [work.result() for work in works]
        return sum(number for number, _ in ended) / (max(end for _, end in ended) - start)


def _pressed(
    login: Login, keys: Sequence[str], threads: int, start: float, seconds: float
) -> tuple[int, float]:
    numbers = count()
    end = start + seconds
    with (
        bare.driver(login) as driver,
        ThreadPoolExecutor(threads) as pool,
    ):

        def repeat(session: Session) -> int:
            done = 0
            _read(session, keys[0])
            time.sleep(max(0.0, start - time.monotonic()))
            while time.monotonic() < end:
                _read(session, keys[next(numbers) % len(keys)])
                done += 1
            session.close()
            return done

        calls = sum(pool.map(repeat, [driver.session() for _ in range(threads)]))
        return calls, time.monotonic()


def _read(session: Session, key: str) -> list[Any]:
    return session.run(GLANCES, keys=[key]).single(strict=True).values()
