"""What resolving costs as the store grows: the same questions to a small store and to a large one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.speed import stores
from bench.speed.figures import parted
from bench.speed.inputs import Requests
from bench.speed.stores import Opened
from graph.clock import now
from resolver import inquiry
from resolver.serve import convert
from resolver.v1 import resolution_service_pb2 as pb

_CANDIDATES = 10

Act = Callable[[Opened, pb.RecordTouchpointRequest], object]


@dataclass(frozen=True, slots=True)
class Costs:
    """Median seconds of one act, round by round, in the small store and in the large one."""

    small: Sequence[float]
    large: Sequence[float]


def measure(small: Path, large: Path, folder: Path, asked: Requests, rounds: int) -> tuple[Costs, Costs]:
    """Of Resolve, which writes nothing, and of recording the same new records one by one."""
    with ExitStack() as stack:
        both = [
            stack.enter_context(stores.opened(stores.copy(path, folder / f"growth-{n}.db")))
            for n, path in enumerate((small, large))
        ]
        costs = _costs(_resolve, both, asked, rounds), _costs(_record, both, asked, rounds)
    for number in range(len(both)):
        stores.discard(folder / f"growth-{number}.db")
    return costs


def _costs(act: Act, both: Sequence[Opened], asked: Requests, rounds: int) -> Costs:
    medians: list[list[float]] = [[], []]
    for part in parted(asked, rounds):
        seconds: list[list[float]] = [[], []]
        for number, request in enumerate(part):
            # What one call leaves in the process's caches must not always serve the same store.
            for which in ((0, 1), (1, 0))[number % 2]:
                start = time.perf_counter()
                act(both[which], request)
                seconds[which].append(time.perf_counter() - start)
        for so_far, of_part in zip(medians, seconds, strict=True):
            so_far.append(median(of_part))
    return Costs(*medians)


def _resolve(target: Opened, request: pb.RecordTouchpointRequest) -> object:
    terms = target.terms
    with target.store.snapshot() as snapshot:
        evidence = convert.evidence(request.evidence)
        return inquiry.resolve(snapshot, terms.model, terms.policy, terms.settings, evidence, _CANDIDATES)


def _record(target: Opened, request: pb.RecordTouchpointRequest) -> object:
    return target.pipeline.record([convert.touchpoint_arrival(request, now())])
