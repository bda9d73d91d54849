"""Offline de-duplication: a file's rows against themselves, with the very functions of the stream.

Nothing is stored. The same rows at the same population give the same partition here and there.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.model import Judgement, RecordKey
from resolver.batch.collecting import Collecting, Names, Placed, Roll, Rows
from resolver.batch.preparing import Preparer, chunks, itself
from resolver.batch.rows import Reject, Row
from resolver.batch.watching import Unwatched, Watcher
from resolver.match.document import Document
from resolver.match.model import Model, build, default_model
from resolver.match.weigh import probability
from resolver.normalise.evidence import DEFAULT, Settings
from resolver.resolve.edges import Spread
from resolver.resolve.partition import Component, Evidence, Partition, partition
from resolver.resolve.related import Related, customers_related
from resolver.resolve.settings import Policy

Ints = NDArray[np.int64]
_Item = TypeVar("_Item")
_Done = TypeVar("_Done")
UNWATCHED: Final = Unwatched()


def _let_go(_: Reject) -> None:
    """A reject is counted and not kept."""


def _all(_: int) -> None:
    """There is room for every node at once."""


class Weighed(NamedTuple):
    """Two records that led to a join (`match`), or two customers' that may be one (see `Suggestion`)."""

    left: RecordKey
    right: RecordKey
    weight: int
    probability: float
    decision: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What there was: rows as read, and what they came to.

    `replaced` rows say something else than another of the same record, which stands in their place.
    `too_large` components were not weighed whole. `unread` are the cells that could not be read, by column.
    """

    rows: int
    rejected: int
    records: int
    nodes: int
    customers: int
    visitors: int
    matches: int
    suggestions: int
    too_large: int
    replaced: int = 0
    unread: Mapping[str, int] = field(default_factory=dict)


class Relatives(NamedTuple):
    """Two customers who live or work together, the one first in the order of customers on the left."""

    left: str
    right: str
    related: Related


@dataclass(frozen=True, slots=True)
class Deduped:
    """The answer. `rows` are in the order of the file; `names` is what a record is called in it.

    `model` and `evidence` are what it was made of, for those who ask why. `relations` are none where they
    were not asked for.
    """

    population: int
    rows: Sequence[Placed]
    pairs: Sequence[Weighed]
    names: Mapping[RecordKey, str]
    counts: Counts
    model: Model
    evidence: Evidence
    relations: Sequence[Relatives]


def dedupe(
    rows: Iterable[_Item],
    *,
    make: Callable[[_Item], Row | Reject] = itself,  # type: ignore[assignment]
    refused: Callable[[Reject], None] = _let_go,
    settings: Settings = DEFAULT,
    policy: Policy | None = None,
    population: int | None = None,
    judgements: Sequence[Judgement] = (),
    document: Document | None = None,
    related: bool = False,
    watcher: Watcher = UNWATCHED,
    room: Callable[[int], int | None] = _all,
    spread: Spread = map,
) -> Deduped:
    """Which rows are one customer's; where `related` is asked for, also which customers belong together.

    `make` makes a row of each of `rows`, where they are none yet; `refused` is told of each reject, in order.
    `population` is the number of customers that the model expects, by default the power of ten nearest
    to the valid rows. `document` is the model's, by default the one that ships. `watcher` is told how far
    it is, `spread` does the work (see `resolver.batch.workers`), and `room` tells how many of so many nodes
    may be unpacked at a time (see `resolver.batch.memory`). Raises ValueError where the population is less
    than 1.
    """
    with uncollected():
        file = _read(rows, Preparer(settings, make), refused, watcher, spread)
        roll = file.roll
        size = nearest_power(len(roll) - roll.rejected) if population is None else population
        model = default_model(size) if document is None else build(document, size)
        rules = policy or Policy()
        watcher.begin("blocking", None)
        evidence, candidates = _blocked(file, rules, judgements, watcher)
        found = partition(
            model,
            rules,
            evidence,
            related=related,
            candidates=candidates,
            at_once=room(len(evidence.nodes)),
            spread=Told(watcher, spread),
        )
        customers = _customers(found, roll)
        return Deduped(
            population=size,
            rows=Rows(roll, customers),
            pairs=tuple(_weighed(found)),
            names=Names(roll),
            counts=_counts(roll, evidence, found),
            model=model,
            evidence=evidence,
            relations=tuple(_relatives(found, evidence, roll, customers)),
        )


def _blocked(
    file: Collecting, policy: Policy, judgements: Sequence[Judgement], watcher: Watcher
) -> tuple[Evidence, tuple[Ints, Ints]]:
    """What the partition is made of, and the pairs that are to be compared."""
    evidence, blocks = file.collected(policy, judgements)
    watcher.blocked(blocks, evidence)
    return evidence, blocks.candidates(evidence.silent)


class Told:
    """Work as it is spread while records are partitioned, each time a stage that is watched."""

    def __init__(self, watcher: Watcher, spread: Spread) -> None:
        self._watcher = watcher
        self._spread = spread
        self._stages = iter(("comparing, in chunks", "clustering, in chunks"))

    def __call__(self, work: Callable[[_Item], _Done], items: Iterable[_Item], /) -> Iterator[_Done]:
        """The work, and its stage begun."""
        self._watcher.begin(next(self._stages), len(items) if isinstance(items, Sized) else None)
        for done in self._spread(work, items):
            yield done
            self._watcher.advance(1)


class Collected(NamedTuple):
    """A file's evidence before anything is decided.

    `names` is what a record is called in it; `rows` how many there were, the `rejected` among them.
    """

    evidence: Evidence
    names: Mapping[RecordKey, str]
    rows: int
    rejected: int


def collect(rows: Iterable[Row | Reject], *, settings: Settings = DEFAULT, policy: Policy) -> Collected:
    """The live records of a file as `dedupe` would compare them."""
    with uncollected():
        file = _read(rows, Preparer(settings, itself), _let_go, UNWATCHED, map)
        evidence, _ = file.collected(policy, ())
        return Collected(evidence, Names(file.roll), len(file.roll), file.roll.rejected)


def _read(
    rows: Iterable[_Item],
    preparer: Preparer[_Item],
    refused: Callable[[Reject], None],
    watcher: Watcher,
    spread: Spread,
) -> Collecting:
    file = Collecting()
    watcher.begin("reading", None)
    for chunk in spread(preparer.prepare, chunks(rows)):
        for reject in chunk.rejects:
            refused(reject)
        file.take(chunk)
        gc.collect(0)  # exceptions of damaged values hold on to their frames
        watcher.advance(len(chunk.rows))
    return file


@contextmanager
def uncollected() -> Iterator[None]:
    """Spare the cycle collector, which walks millions of values that live to the end: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def nearest_power(rows: int) -> int:
    """The power of ten nearest to a number of rows, in logarithm; 1 for none."""
    return 10 ** round(math.log10(rows)) if rows > 0 else 1


SUGGESTED = frozenset({"possible", "ambiguous", "alone"})
"""Decisions that a steward is asked about; the others are told with their reason."""


def _customers(found: Partition, roll: Roll) -> Ints:
    """The number of each record's customer: its place among all, in order of their least records."""
    groups: list[tuple[RecordKey, ...]] = [(visitor,) for visitor in found.visitors]
    groups.extend(records for component in found.components for records in component.customers)
    customers = np.zeros(len(roll.standing), np.int64)
    for number, records in enumerate(sorted(groups), start=1):
        for key in records:
            customers[roll.standing[key]] = number
    return customers


def _counts(roll: Roll, evidence: Evidence, found: Partition) -> Counts:
    return Counts(
        rows=len(roll),
        rejected=roll.rejected,
        records=len(roll.standing),
        nodes=len(evidence.nodes),
        customers=sum(len(component.customers) for component in found.components),
        visitors=len(found.visitors),
        matches=sum(len(component.joins) for component in found.components),
        suggestions=sum(link.reason in SUGGESTED for each in found.components for link in each.doubts),
        too_large=sum(not component.whole for component in found.components),
        replaced=roll.replaced,
        unread=roll.unread,
    )


def _relatives(found: Partition, evidence: Evidence, roll: Roll, customers: Ints) -> Iterator[Relatives]:
    visitors = frozenset(found.visitors)
    bearers: dict[int, set[str]] = {}
    for key, node in evidence.records if found.ties else ():
        if key not in visitors:
            bearers.setdefault(node, set()).add(str(customers[roll.standing[key]]))
    pairs = customers_related(found.ties, bearers)
    for left, right in sorted(sorted(pair, key=int) for pair in pairs):
        yield Relatives(left, right, pairs[min(left, right), max(left, right)])


def _weighed(found: Partition) -> Iterator[Weighed]:
    return (each for component in found.components for each in _links(component))


def _links(component: Component) -> Iterator[Weighed]:
    for link in (*component.joins, *component.doubts):
        yield Weighed(link.left, link.right, link.weight, probability(link.weight), link.reason)
