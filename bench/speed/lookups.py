"""LookupCustomer against a bare handler that reads one ready reply, and against a bare echo."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy.datasets import SEED
from bench.speed import bare, servers
from bench.speed.clients import LOOKUP, Clients, Load
from bench.speed.figures import in_turns, parted
from bench.speed.inputs import Requests
from bench.speed.servers import Served
from resolver.v1 import customer_service_pb2 as pb

A_ROUND = 1_000
"""Customers asked for in a round: the same ones each time where warm, others each time where cold."""
_TRIED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Lookups by one identifier each, of as many customers, with the service's replies."""

    replies: dict[bytes, bytes]
    passed_over: float
    """Share of the lookups tried that found no one customer (several share the identifier, or a visitor)."""

    @property
    def reply_bytes(self) -> int:
        """The mean."""
        return sum(map(len, self.replies.values())) // len(self.replies)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Loads round by round."""

    service: Sequence[Load]
    reading: Sequence[Load]
    echoing: Sequence[Load]


def requests(known: Requests, seed: int = SEED) -> list[bytes]:
    """A lookup by an identifier of each record that has one, in a drawn order."""
    draw = random.Random(seed)
    found = []
    for request in known:
        evidence = request.evidence
        if evidence.identifiers:
            stated = draw.choice(evidence.identifiers)
            query = pb.IdentifierQuery(
                kind=stated.kind,
                namespace=stated.namespace,
                value=stated.raw,
                region=evidence.country if len(evidence.country) == 2 else evidence.region,
            )
            found.append(pb.LookupCustomerRequest(identifier=query).SerializeToString())
    draw.shuffle(found)
    return found


def asked(clients: Clients, store: Path, candidates: Sequence[bytes], count: int) -> Asked:
    """The first lookups that each find a customer of their own, `count` of them at most."""
    replies: dict[bytes, bytes] = {}
    seen: set[str] = set()
    tried = missed = 0
    with servers.service(store, batch=1) as service:
        for at in range(0, len(candidates), _TRIED_AT_ONCE):
            part = candidates[at : at + _TRIED_AT_ONCE]
            for request, reply in zip(part, clients.replies(service, LOOKUP, part), strict=True):
                answer = pb.LookupCustomerResponse.FromString(reply)
                tried += 1
                if answer.status != pb.LOOKUP_STATUS_FOUND:
                    missed += 1
                elif answer.customer.id not in seen:
                    seen.add(answer.customer.id)
                    replies[request] = reply
                if len(replies) == count:
                    return Asked(replies, missed / tried)
    return Asked(replies, missed / max(1, tried))


def measure(
    clients: Clients, store: Path, folder: Path, ready: Asked, rounds: int, seconds: float
) -> tuple[Rounds, Rounds]:
    """Warm and cold. Warm: replies are ready in the server. Cold: nobody has asked for these customers.

    The store's pages are in the system's cache either way, as are the bare handler's.
    """
    table = folder / "replies.db"
    bare.write_replies(table, ready.replies)
    lookups = list(ready.replies)
    warm, cold = lookups[: len(lookups) // (rounds + 1)], lookups[len(lookups) // (rounds + 1) :]
    parts = parted(cold, rounds)
    with (
        servers.service(store, batch=1) as service,
        servers.reading(table) as reading,
        servers.echoing(ready.reply_bytes) as echoing,
    ):
        three = (service, reading, echoing)
        for server in three:
            clients.press(server, LOOKUP, warm)

        def warmly(server: Served) -> Callable[[int], Load]:
            return lambda _: clients.press(server, LOOKUP, warm, seconds)

        def coldly(server: Served) -> Callable[[int], Load]:
            return lambda number: clients.press(server, LOOKUP, parts[number])

        return Rounds(*in_turns(rounds, *map(warmly, three))), Rounds(*in_turns(rounds, *map(coldly, three)))
