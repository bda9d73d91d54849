"""How long one call takes at half of what the server bears: an open loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.speed.clients import Clients
from bench.speed.figures import parted, percentile
from bench.speed.servers import Served

MAXIMUM_SHARE = 3
"""One request in so many serves to find the maximum."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What a server bore at most, in calls a second, and the waits at half of that, in seconds, by round."""

    maximum: float
    middle: Sequence[float]
    longest: Sequence[float]
    calls: int


def measure(clients: Clients, server: Served, method: str, requests: Sequence[bytes], rounds: int) -> Waits:
    """p50 and p99 at half load. Each request is sent once: some find the maximum, the others are timed."""
    most = len(requests) // MAXIMUM_SHARE
    maximum = clients.press(server, method, requests[:most]).rate
    middle, longest = [], []
    for part in parted(requests[most:], rounds):
        waits = clients.keep_time(server, method, part, maximum / 2)
        middle.append(percentile(waits, 0.5))
        longest.append(percentile(waits, 0.99))
    return Waits(maximum, middle, longest, len(requests) - most)
