"""Offline de-duplication: a file's rows against themselves, with the very functions of the stream.

Nothing is stored. The same rows at the same population give the same partition here and there.
"""

from __future__ import annotations

import gc
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.model import Judgement, RecordKey
from resolver.batch.nodes import Asserted, Blocks, Keys, Nodes
from resolver.batch.preparing import Chunk, Preparer, Rank, chunks
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


class Placed(NamedTuple):
    """One row of the file and the customer that it belongs to.

    `number` counts rows from 1. `record_id` is the row's, else its number. `customer` is unique to its
    record where nobody is known to be behind it (a visitor's), and to the row where it was rejected.
    `key` is the record's, None where the row was rejected.
    """

    number: int
    source: str
    record_id: str
    customer: str
    key: RecordKey | None = None


class Weighed(NamedTuple):
    """Two records that led to a join (`match`), or two customers' that may be one (see `Suggestion`)."""

    left: RecordKey
    right: RecordKey
    weight: int
    probability: float
    decision: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What there was: rows as read, and what they came to. `too_large` components were not weighed whole."""

    rows: int
    rejected: int
    records: int
    nodes: int
    customers: int
    visitors: int
    matches: int
    suggestions: int
    too_large: int


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
    rows: Iterable[Row | Reject],
    *,
    settings: Settings = DEFAULT,
    policy: Policy | None = None,
    population: int | None = None,
    judgements: Sequence[Judgement] = (),
    document: Document | None = None,
    related: bool = False,
    watcher: Watcher = UNWATCHED,
    at_once: int | None = None,
    spread: Spread = map,
) -> Deduped:
    """Which rows are one customer's; where `related` is asked for, also which customers belong together.

    `population` is the number of customers that the model expects, by default the power of ten nearest
    to the valid rows. `document` is the model's, by default the one that ships. `watcher` is told how far
    it is, `spread` does the work (see `resolver.batch.workers`), `at_once` is how many nodes may be unpacked
    at a time (see `resolver.resolve.partition`). Raises ValueError where the population is
    less than 1.
    """
    with _uncollected():
        file = _read(rows, settings, watcher, spread)
        size = nearest_power(len(file.keys) - file.rejected) if population is None else population
        model = default_model(size) if document is None else build(document, size)
        rules = policy or Policy()
        watcher.begin("blocking", None)
        evidence, blocks = file.blocked(rules, judgements)
        watcher.blocked(blocks, evidence)
        candidates = blocks.candidates(evidence.silent)
        told = _Told(watcher, spread)
        found = partition(
            model, rules, evidence, related=related, candidates=candidates, at_once=at_once, spread=told
        )
        customers = _customers(found)
        return Deduped(
            population=size,
            rows=tuple(file.placed(customers)),
            pairs=tuple(_weighed(found)),
            names=file.names,
            counts=file.counts(found),
            model=model,
            evidence=evidence,
            relations=tuple(_relatives(found, evidence, customers)),
        )


class _Told:
    """Work as it is spread while records are partitioned, each time a stage that is watched."""

    def __init__(self, watcher: Watcher, spread: Spread) -> None:
        self._watcher = watcher
        self._spread = spread
        self._stages = iter(("comparing, in chunks", "clustering, in chunks"))

    def __call__(self, work: Callable[[_Item], _Done], items: Iterable[_Item], /) -> Iterator[_Done]:
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
    with _uncollected():
        file = _read(rows, settings, UNWATCHED, map)
        evidence, _ = file.blocked(policy, ())
        return Collected(evidence, file.names, len(file.keys), file.rejected)


def _read(rows: Iterable[Row | Reject], settings: Settings, watcher: Watcher, spread: Spread) -> _File:
    file = _File()
    watcher.begin("reading", None)
    for chunk in spread(Preparer(settings).prepare, chunks(rows)):
        file.take(chunk)
        watcher.advance(len(chunk.rows))
    return file


@contextmanager
def _uncollected() -> Iterator[None]:
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


class _Standing(NamedTuple):
    """The statement of a record that stands: its rank, and the number of the node that it makes."""

    rank: Rank
    node: int


class _File:
    """A file as it is read: its rows' keys in order, each record's greatest statement, each node once."""

    def __init__(self) -> None:
        self.keys: list[tuple[int, str, RecordKey | None]] = []
        self.names: dict[RecordKey, str] = {}
        self.rejected = 0
        self.standing: dict[RecordKey, _Standing] = {}
        self._node_of: dict[bytes, int] = {}
        self._blocks = array("q")
        self._starts = array("q", [0])
        self._asserted = array("q")
        self._marks = array("q", [0])

    def take(self, chunk: Chunk) -> None:
        """Note the next rows."""
        for place, row in enumerate(chunk.rows):
            self.keys.append((row.number, row.record_id, row.key))
            if row.key is None or row.rank is None:
                self.rejected += 1
                continue
            self.names.setdefault(row.key, row.record_id or str(row.number))
            node = self._node(chunk, place)
            stands = self.standing.get(row.key)
            if stands is None or row.rank > stands.rank:
                self.standing[row.key] = _Standing(row.rank, node)

    def _node(self, chunk: Chunk, place: int) -> int:
        number = self._node_of.setdefault(chunk.rows[place].features, len(self._node_of))
        if number == len(self._starts) - 1:
            self._blocks.extend(chunk.keys[chunk.starts[place] : chunk.starts[place + 1]])
            self._starts.append(len(self._blocks))
            self._asserted.extend(chunk.asserted[3 * chunk.marks[place] : 3 * chunk.marks[place + 1]])
            self._marks.append(len(self._asserted) // 3)
        return number

    def blocked(self, policy: Policy, judgements: Sequence[Judgement]) -> tuple[Evidence, Blocks]:
        """What the partition is made of, and by which keys its nodes are found."""
        bearing = np.zeros(len(self._node_of), bool)
        bearing[[stated.node for stated in self.standing.values()]] = True
        place = np.cumsum(bearing) - 1
        nodes = Nodes(list(compress(self._node_of, bearing.tolist())))
        node, key = _held(self._starts, bearing, place), np.array(self._blocks, np.int64)
        blocks = Blocks(len(nodes), node[node >= 0], key[node >= 0])
        who, triples = _held(self._marks, bearing, place), np.array(self._asserted, np.int64).reshape(-1, 3)
        asserted, described, verified = triples[who >= 0].T
        quiet = blocks.silence(policy, Asserted(asserted, described, verified.astype(bool)), nodes)
        numbers = place.tolist()
        records = [(key, numbers[stated.node]) for key, stated in self.standing.items()]
        return Evidence(nodes, Keys(nodes), records, judgements, quiet), blocks

    def placed(self, customers: Mapping[RecordKey, str]) -> Iterator[Placed]:
        """Every row once, in the order of the file."""
        for number, record_id, key in self.keys:
            if key is None:
                yield Placed(number, "", str(number), f"rejected-{number}")
            else:
                yield Placed(number, key.source, record_id or str(number), customers[key], key)

    def counts(self, found: Partition) -> Counts:
        """What there was."""
        return Counts(
            rows=len(self.keys),
            rejected=self.rejected,
            records=len(self.standing),
            nodes=len({stated.node for stated in self.standing.values()}),
            customers=sum(len(component.customers) for component in found.components),
            visitors=len(found.visitors),
            matches=sum(len(component.joins) for component in found.components),
            suggestions=sum(link.reason in SUGGESTED for each in found.components for link in each.doubts),
            too_large=sum(not component.whole for component in found.components),
        )


def _held(starts: array[int], bearing: NDArray[np.bool_], place: Ints) -> Ints:
    """Of everything that nodes hold in a row, whose it is among those that bear records; -1 for no one's."""
    owner = np.where(bearing, place, -1)
    bounds = np.array(starts, np.int64)
    return np.repeat(owner, bounds[1:] - bounds[:-1])


SUGGESTED = frozenset({"possible", "ambiguous", "alone"})
"""Decisions that a steward is asked about; the others are told with their reason."""


def _customers(found: Partition) -> Mapping[RecordKey, str]:
    """A name for each record's customer: its place among all, in order of their least records."""
    groups: list[tuple[RecordKey, ...]] = [(visitor,) for visitor in found.visitors]
    groups.extend(records for component in found.components for records in component.customers)
    return {key: str(number) for number, records in enumerate(sorted(groups), start=1) for key in records}


def _relatives(
    found: Partition, evidence: Evidence, customers: Mapping[RecordKey, str]
) -> Iterator[Relatives]:
    visitors = frozenset(found.visitors)
    bearers: dict[int, set[str]] = {}
    for key, node in evidence.records:
        if key not in visitors:
            bearers.setdefault(node, set()).add(customers[key])
    pairs = customers_related(found.ties, bearers)
    for left, right in sorted(sorted(pair, key=int) for pair in pairs):
        yield Relatives(left, right, pairs[min(left, right), max(left, right)])


def _weighed(found: Partition) -> Iterator[Weighed]:
    return (each for component in found.components for each in _links(component))


def _links(component: Component) -> Iterator[Weighed]:
    for link in (*component.joins, *component.doubts):
        yield Weighed(link.left, link.right, link.weight, probability(link.weight), link.reason)
