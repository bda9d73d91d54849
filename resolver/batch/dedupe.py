"""Offline de-duplication: a file's rows against themselves, with the very functions of the stream.

Nothing is stored. The same rows at the same population give the same partition here and there.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from graph.model import Evidence as RowEvidence
from graph.model import Judgement, Node, RecordKey
from resolver.batch.rows import Reject, Row
from resolver.match.blocking import blocking_keys
from resolver.match.model import Model, default_model
from resolver.match.weigh import probability
from resolver.normalise.evidence import DEFAULT, Settings, describe, digest, normalise, protect
from resolver.normalise.features import Features
from resolver.resolve.keys import record_key, statement
from resolver.resolve.partition import Component, Evidence, Partition, partition
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence


class Placed(NamedTuple):
    """One row of the file and the customer that it belongs to.

    `number` counts rows from 1. `record_id` is the row's, else its number. `customer` is unique to its
    record where nobody is known to be behind it (a visitor's), and to the row where it was rejected.
    """

    number: int
    source: str
    record_id: str
    customer: str


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


@dataclass(frozen=True, slots=True)
class Deduped:
    """The answer. `rows` are in the order of the file; `names` is what a record is called in it."""

    population: int
    rows: Sequence[Placed]
    pairs: Sequence[Weighed]
    names: Mapping[RecordKey, str]
    counts: Counts


def dedupe(
    rows: Iterable[Row | Reject],
    *,
    settings: Settings = DEFAULT,
    policy: Policy | None = None,
    population: int | None = None,
    judgements: Sequence[Judgement] = (),
) -> Deduped:
    """Which rows are one customer's.

    `population` is the number of customers that the model expects, by default the power of ten nearest
    to the valid rows. Raises ValueError where it is less than 1.
    """
    with _uncollected():
        file = _File(settings)
        for row in rows:
            file.take(row)
        size = nearest_power(len(file.keys) - file.rejected) if population is None else population
        found = file.partition(default_model(size), policy or Policy(), judgements)
        customers = _customers(found)
        return Deduped(
            size, tuple(file.placed(customers)), tuple(_weighed(found)), file.names, file.counts(found)
        )


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


class _Stated(NamedTuple):
    """One row's statement of a record, and the number of the node that it makes."""

    version: int | None
    evidence: RowEvidence
    node: int

    def outranks(self, other: _Stated) -> bool:
        """Whether the record is this statement rather than the other."""
        if self.version == other.version and self.evidence == other.evidence:
            return False
        one, two = (statement(each.version, None, each.evidence) for each in (self, other))
        return one.rank > two.rank


class _File:
    """A file as it is read: its rows' keys in order, and each record's greatest statement."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys: list[tuple[int, str, RecordKey | None]] = []
        self.names: dict[RecordKey, str] = {}
        self.rejected = 0
        self.node_of: dict[str, int] = {}
        self.features: list[Features] = []
        self.standing: dict[RecordKey, _Stated] = {}

    def take(self, row: Row | Reject) -> None:
        """Read one row."""
        if isinstance(row, Reject):
            self.rejected += 1
            self.keys.append((row.number, "", None))
            return
        evidence = protect(row.evidence, self.settings)
        features = normalise(evidence, self.settings)
        contact = row.touchpoint
        occurred, contact_id = (None, "") if contact is None else (contact.occurred, contact.touchpoint_id)
        key = record_key(row.source, row.record_id, evidence, features, occurred, contact_id)
        self.keys.append((row.number, row.record_id, key))
        self.names.setdefault(key, row.record_id or str(row.number))
        stated = _Stated(occurred if row.version is None else row.version, evidence, self._node(features))
        stands = self.standing.get(key)
        if stands is None or stated.outranks(stands):
            self.standing[key] = stated

    def _node(self, features: Features) -> int:
        number = self.node_of.setdefault(digest(features), len(self.features))
        if number == len(self.features):
            self.features.append(features)
        return number

    def partition(self, model: Model, policy: Policy, judgements: Sequence[Judgement]) -> Partition:
        """Whose records are one customer's."""
        live = sorted({stated.node for stated in self.standing.values()})
        place = {node: number for number, node in enumerate(live)}
        features = [self.features[node] for node in live]
        blocks = [blocking_keys(each) for each in features]
        quiet = silence(
            policy, (Node("", b"", describe(each), keys) for each, keys in zip(features, blocks, strict=True))
        )
        records = [(key, place[stated.node]) for key, stated in self.standing.items()]
        return partition(model, policy, Evidence(features, blocks, records, judgements, quiet))

    def placed(self, customers: Mapping[RecordKey, str]) -> Iterator[Placed]:
        """Every row once, in the order of the file."""
        for number, record_id, key in self.keys:
            if key is None:
                yield Placed(number, "", str(number), f"rejected-{number}")
            else:
                yield Placed(number, key.source, record_id or str(number), customers[key])

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


SUGGESTED = frozenset({"possible", "ambiguous"})
"""Decisions that a steward is asked about; the others are told with their reason."""


def _customers(found: Partition) -> Mapping[RecordKey, str]:
    """A name for each record's customer: its place among all, in order of their least records."""
    groups: list[tuple[RecordKey, ...]] = [(visitor,) for visitor in found.visitors]
    groups.extend(records for component in found.components for records in component.customers)
    return {key: str(number) for number, records in enumerate(sorted(groups), start=1) for key in records}


def _weighed(found: Partition) -> Iterator[Weighed]:
    return (each for component in found.components for each in _links(component))


def _links(component: Component) -> Iterator[Weighed]:
    for link in (*component.joins, *component.doubts):
        yield Weighed(link.left, link.right, link.weight, probability(link.weight), link.reason)
