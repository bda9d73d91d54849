"""Several services on one store, as replicas on one server are, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import grpc

from graph.store import Store
from resolver import opening
from resolver.config import load
from resolver.serve.process import Service
from tests.serve.builders import Stubs, stubs
from tests.simulation.relay import Relay


class Lent(Relay):
    """A store that several use and none of them closes."""

    def close(self) -> None:
        pass


@contextmanager
def replica(store: Store, **flags: object) -> Iterator[tuple[Service, Stubs]]:
    """One service on a store that others serve too, and a client of it."""
    told: dict[str, object] = {
        "store": "bolt://127.0.0.1:1",
        "listen": "127.0.0.1:0",
        "region": "NL",
        "population": 1000,
    }
    with ExitStack() as stack:
        with patch.object(opening, "writer", lambda _: Lent(store)):
            service = stack.enter_context(Service(load(None, {**told, **flags})))
        yield service, stubs(stack.enter_context(grpc.insecure_channel(service.address)))


@contextmanager
def replicas(store: Store, count: int = 2, **flags: object) -> Iterator[list[Stubs]]:
    """Clients of so many of them."""
    with ExitStack() as stack:
        yield [stack.enter_context(replica(store, **flags))[1] for _ in range(count)]
