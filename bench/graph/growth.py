"""What resolving costs as the graph grows: the same questions to stores of several sizes, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from bench.speed.figures import parted
from graph.clock import now
from graph.store import Store
from resolver import inquiry
from resolver.batch.arrivals import arrival
from resolver.batch.readers import Row
from resolver.pipeline import Pipeline
from resolver.serve.process import mint
from resolver.serve.terms import Terms

_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """A store, and the terms under which it is asked."""

    store: Store
    terms: Terms

    def pipeline(self) -> Pipeline:
        """A writer of it."""
        terms = self.terms
        return Pipeline(
            self.store, model=terms.model, policy=terms.policy, settings=terms.settings, clock=now, mint=mint
        )


class Costs(NamedTuple):
    """Median seconds of one call, store by store and of each round by round."""

    resolving: Sequence[Sequence[float]]
    recording: Sequence[Sequence[float]]


def measure(stores: Sequence[Opened], asked: Sequence[Row], rounds: int) -> Costs:
    """Of Resolve, which writes nothing, and of recording the same records one by one.

    The first round is not told of: servers that have just been started take a while to their own pace.
    """
    return Costs(
        _costs([_resolving(store) for store in stores], asked, rounds),
        _costs([_recording(store) for store in stores], asked, rounds),
    )


def _resolving(opened: Opened) -> Callable[[Row], object]:
    terms = opened.terms

    def act(row: Row) -> object:
        with opened.store.snapshot() as snapshot:
            return inquiry.resolve(
                snapshot, terms.model, terms.policy, terms.settings, row.evidence, _CANDIDATES
            )

    return act


def _recording(opened: Opened) -> Callable[[Row], object]:
    pipeline = opened.pipeline()
    return lambda row: pipeline.record([arrival(row, now())])


def _costs(
    acts: Sequence[Callable[[Row], object]], asked: Sequence[Row], rounds: int
) -> Sequence[Sequence[float]]:
    medians: list[list[float]] = [[] for _ in acts]
    for part in parted(asked, rounds + 1):
        seconds: list[list[float]] = [[] for _ in acts]
        for number, row in enumerate(part):
            # What one call leaves in the process's caches must not always serve the same store.
            for place in range(len(acts)):
                which = (place + number) % len(acts)
                start = time.perf_counter()
                acts[which](row)
                seconds[which].append(time.perf_counter() - start)
        for so_far, of_part in zip(medians, seconds, strict=True):
            so_far.append(median(of_part))
    return [each[1:] for each in medians]
