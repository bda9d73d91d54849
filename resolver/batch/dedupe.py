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
from resolver.match.document import Document
from resolver.match.model import Model, build, default_model
from resolver.match.weigh import probability
from resolver.normalise.evidence import DEFAULT, Settings, describe, digest, normalise, protect
from resolver.normalise.features import Features
from resolver.resolve.keys import record_key, statement
from resolver.resolve.partition import Component, Evidence, Partition, partition
from resolver.resolve.related import Related, customers_related
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence


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
) -> Deduped:
    """Which rows are one customer's; where `related` is asked for, also which customers belong together.

    `population` is the number of customers that the model expects, by default the power of ten nearest
    to the valid rows. `document` is the model's, by default the one that ships. Raises ValueError where
    the population is less than 1.
    """
    with _uncollected():
        file = _File(settings)
        for row in rows:
            file.take(row)
        size = nearest_power(len(file.keys) - file.rejected) if population is None else population
        model = default_model(size) if document is None else build(document, size)
        rules = policy or Policy()
        evidence = file.evidence(rules, judgements)
        found = partition(model, rules, evidence, related=related)
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
        file = _File(settings)
        for row in rows:
            file.take(row)
        return Collected(file.evidence(policy, ()), file.names, len(file.keys), file.rejected)


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

    def evidence(self, policy: Policy, judgements: Sequence[Judgement]) -> Evidence:
        """What the partition is made of."""
        live = sorted({stated.node for stated in self.standing.values()})
        place = {node: number for number, node in enumerate(live)}
        features = [self.features[node] for node in live]
        blocks = [blocking_keys(each) for each in features]
        quiet = silence(
            policy, (Node("", b"", describe(each), keys) for each, keys in zip(features, blocks, strict=True))
        )
        records = [(key, place[stated.node]) for key, stated in self.standing.items()]
        return Evidence(features, blocks, records, judgements, quiet)

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
