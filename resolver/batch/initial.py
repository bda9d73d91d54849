"""The initial load: a whole file made into a store where there is none yet.

What a chunk of an import asks of the store, what is known already, an initial load need not ask. So it does
at once, and each thing once, what the pipeline does from chunk to chunk: rows are made ready in workers,
the ledger tells which statements stand, all records are partitioned as `dedupe` partitions a file, each
component is planned as one that is new, and the store's file is filled in the order of its trees. It comes
to what the pipeline comes to, but for ids, times and the order of revisions.

Nothing is there until all of it is: killed at any moment, it is begun anew.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.model import (
    ChangeSet,
    CustomerId,
    Evidence,
    Import,
    ImportState,
    Record,
    RecordKey,
    Touchpoint,
)
from graph.whole import Head, HeldKey, HeldNode, Item, SilentKey
from resolver import limits
from resolver.batch.dedupe import UNWATCHED, Told, uncollected
from resolver.batch.founded import Founded
from resolver.batch.importing import Reading, advanced, checked, unchanged
from resolver.batch.initial_rows import EVIDENCE, TOUCHPOINT, Held, Piece, Receiver, Stated, node_of
from resolver.batch.nodes import Asserted, Blocks, Keys, Nodes
from resolver.batch.preparing import chunks
from resolver.batch.readers import Reject, lines
from resolver.batch.repeats import Repeats
from resolver.batch.rows import RowMaker
from resolver.batch.spill import Spill
from resolver.batch.watching import Watcher
from resolver.intake import Outcome, Refusal, Standing
from resolver.match.model import Model
from resolver.normalise.evidence import Settings
from resolver.pipeline.ledger import Entry, Ledger, Taken
from resolver.pipeline.pipeline import MINTED_SHIFT
from resolver.resolve import partition as partitioning
from resolver.resolve.edges import Spread
from resolver.resolve.partition import Partition, partition
from resolver.resolve.plan import Grown, Situation, planned
from resolver.resolve.settings import Policy

Ints = NDArray[np.int64]

_COUNTED_AT_ONCE: Final = 10
"""Pieces of rows after which an import's figures, and its rejected rows, are brought up to date."""
_PLANNED_AT_ONCE: Final = 1000
"""Components."""
_UNSAID: Final = Evidence()
"""Stands in records for what waits in a spill."""


@dataclass(frozen=True, slots=True)
class Company:
    """What decides: the terms of the store that is made, and `kept`, the same as settings of it."""

    model: Model
    policy: Policy
    settings: Settings
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Means:
    """What the work is done with: `clock` and `mint` as a `Pipeline` has them.

    `spread` is who does it, `watcher` who looks on, and `room` tells how many of so many nodes may be
    unpacked at a time (see `resolver.batch.memory`).
    """

    clock: Callable[[], int]
    mint: Callable[[], str]
    spread: Spread = map
    watcher: Watcher = UNWATCHED
    room: Callable[[int], int | None] = lambda _: None


class Loaded(NamedTuple):
    """An import as it stands at the end, and all that the store holds then, to be taken once."""

    held: Import
    items: Iterator[Item]


def load(asked: Import, company: Company, means: Means) -> Loaded:
    """Make of an import's file what a store is to hold.

    Raises `FileProblem` where the file cannot be read, is not or no longer the one that was asked for, or
    rejected rows cannot be written.
    """
    with uncollected():
        file, held = _gathered(asked, company, means)
        found, silent = _partitioned(file, company, means)
    held = replace(
        held, state=ImportState.DONE, total=held.rows, updated=max(means.clock(), asked.updated + 1)
    )
    return Loaded(held, _items(held, file, found, silent, company, means))


# -- reading -----------------------------------------------------------------------------------


def _gathered(asked: Import, company: Company, means: Means) -> tuple[_Gathered, Import]:
    """What a file comes to, and how its import stands once it is read."""
    path = Path(asked.file)
    before = checked(asked)
    with closing(_File()) as file:
        held = _read(asked, file, company, means)
        unchanged(path, before)
        return file.gathered(), held


def _read(asked: Import, file: _File, company: Company, means: Means) -> Import:
    """Read a file to its end; how the import stands then."""
    reading = Reading.of(asked.reading)
    make = RowMaker(
        reading.mapping,
        source=reading.source,
        region=reading.region,
        latest=asked.created + limits.A_DAY,
    )
    receiver = Receiver(lambda line: make(*line), company.settings, means.clock())
    held = asked
    means.watcher.begin("reading", None)
    pieces = means.spread(receiver.receive, chunks(lines(Path(asked.file), reading.mapping)))
    while some := list(islice(pieces, _COUNTED_AT_ONCE)):
        answers = [answer for piece in some for answer in file.take(piece)]
        held = advanced(
            held,
            [answer for answer in answers if isinstance(answer, Taken)],
            [answer for answer in answers if isinstance(answer, Reject)],
        )
        means.watcher.advance(len(answers))
    return held


class _File:
    """A file while it is read: which statements stand, each node once, each touchpoint once."""

    def __init__(self) -> None:
        self._ledger = Ledger({}, {}, lambda _: self._asserted_by)
        self._repeats = Repeats()
        self._asserted_by = ""
        self._said: dict[RecordKey, int] = {}
        self._evidence = Spill()
        self._touchpoints = Spill()
        self._numbers: dict[str, int] = {}
        self._features = Spill()
        self._rests = Spill()
        self._keys = _Rows()
        self._asserted = _Rows()

    def take(self, piece: Piece) -> Iterator[Taken | Reject]:
        """Enter the next rows; what became of each."""
        for row in piece.rows:
            yield row if isinstance(row, Reject) else self._enter(row, piece.nodes)
        self._ledger.touchpoints.clear()

    def _enter(self, row: Stated, nodes: Mapping[str, Held]) -> Taken | Reject:
        if row.own:
            row = row._replace(record=self._repeats.key(row.record))
        self._asserted_by = row.node
        answer = self._ledger.take(_entry(row))
        if isinstance(answer, Refusal):
            return Reject(row.number, row.line, str(answer), answer.field, row.raw)
        if answer.outcome is Outcome.CREATED:
            self._touchpoints.append(row.touchpoint)
        if answer.standing is Standing.STANDS:
            self._said[row.record] = len(self._evidence)
            self._evidence.append(row.evidence)
            if self._numbers.setdefault(row.node, len(self._features)) == len(self._features):
                self._add(nodes[row.node])
        return answer

    def _add(self, node: Held) -> None:
        self._features.append(node.features)
        self._rests.append(node.rest)
        self._keys.append(node.keys)
        self._asserted.append(node.asserted)

    def close(self) -> None:
        """Keep nothing but what was gathered."""
        for spill in (self._evidence, self._touchpoints, self._features, self._rests):
            spill.close()

    def gathered(self) -> _Gathered:
        """What there is of it in the end. Nothing is taken after."""
        records = list(self._ledger.restated.values())
        nodes = np.array([self._numbers[record.node or ""] for record in records], np.int64)
        return _Gathered(
            records,
            array("q", [self._said[record.key] for record in records]),
            self._evidence.sealed(),
            self._touchpoints.sealed(),
            list(self._numbers),
            nodes,
            self._features.sealed(),
            self._rests.sealed(),
            self._keys,
            self._asserted,
        )


class _Rows:
    """Rows of numbers of any length, in a row: the one of number n ends at `ends[n + 1]`."""

    def __init__(self) -> None:
        self.numbers = array("q")
        self.ends = array("q", [0])

    def append(self, row: array[int]) -> None:
        """Add one at the end."""
        self.numbers.extend(row)
        self.ends.append(len(self.numbers))

    def among(self, places: Ints, width: int) -> tuple[Ints, Ints]:
        """The rows whose place is not -1, in lines so wide: whose place each line is of, and the lines."""
        ends = np.array(self.ends, np.int64)
        owner = np.repeat(places, (ends[1:] - ends[:-1]) // width)
        return owner[owner >= 0], np.array(self.numbers, np.int64).reshape(-1, width)[owner >= 0]


def _entry(row: Stated) -> Entry:
    """A row as the ledger looks at it."""
    touchpoint = None
    if row.contact is not None:
        key, digest = row.contact
        touchpoint = Touchpoint(key, row.record, digest, 0, 0, "")
    return Entry(row.record, row.statement, _UNSAID, touchpoint)


@dataclass(slots=True)
class _Gathered:
    """A file's records in order of key, the place of what each says, and its node by number.

    Of nodes that no record stands at any more the rest is there all the same; `digests` are of all.
    """

    records: Sequence[Record]
    said: Sequence[int]
    evidence: Spill
    touchpoints: Spill
    digests: Sequence[str]
    nodes: Ints
    features: Spill
    rests: Spill
    keys: _Rows
    asserted: _Rows

    @property
    def borne(self) -> Ints:
        """The numbers of the nodes that records stand at, in order."""
        return np.unique(self.nodes)


# -- deciding ----------------------------------------------------------------------------------


def _partitioned(file: _Gathered, company: Company, means: Means) -> tuple[Partition, frozenset[str]]:
    """The partition of the records, whose nodes are numbered by their place among those borne; the silent."""
    means.watcher.begin("blocking", None)
    borne = file.borne
    places = np.full(len(file.digests), -1, np.int64)
    places[borne] = np.arange(len(borne))
    nodes = Nodes(file.features, borne)
    node, keys = file.keys.among(places, 1)
    blocks = Blocks(len(nodes), node, keys.ravel())
    _, said = file.asserted.among(places, 3)
    asserted = Asserted(said[:, 0], said[:, 1], said[:, 2].astype(bool))
    silent = blocks.silence(company.policy, asserted, nodes)
    evidence = partitioning.Evidence(
        nodes=nodes,
        blocks=Keys(nodes),
        records=[
            (record.key, place)
            for record, place in zip(file.records, places[file.nodes].tolist(), strict=True)
        ],
        judgements=(),
        silent=silent,
    )
    file.keys, file.asserted = _Rows(), _Rows()  # they are copied by now
    means.watcher.blocked(blocks, evidence)
    found = partition(
        company.model,
        company.policy,
        evidence,
        related=True,
        candidates=blocks.candidates(silent),
        at_once=means.room(len(nodes)),
        spread=Told(means.watcher, means.spread),
    )
    return found, silent


# -- writing -----------------------------------------------------------------------------------


def _items(
    held: Import,
    file: _Gathered,
    found: Partition,
    silent: frozenset[str],
    company: Company,
    means: Means,
) -> Iterator[Item]:
    """All that the store holds, as `graph.whole` has it."""
    digests = [file.digests[number] for number in file.borne.tolist()]
    store = Founded()
    means.watcher.begin("planning", None)
    for change_set in _change_sets(file, found, digests, company, means):
        store.apply(change_set)
    store.apply(ChangeSet(imports=(held,)))
    ties = found.ties
    del found  # here and below: what is large is let go, for writing keeps much by itself
    means.watcher.begin("writing", None)
    yield Head(store.revision, 1 if silent else 0, 0, tuple(sorted(company.kept.items())))
    for number, digest in zip(file.borne.tolist(), digests, strict=True):
        node = node_of(digest, file.features[number], file.rests[number])
        yield HeldNode(node, store.components[digest])
        means.watcher.advance(1)
    store.components.clear()
    for record, place in zip(file.records, file.said, strict=True):
        revision, customer = store.records[record.key]
        evidence = EVIDENCE.unpack(file.evidence[place])
        stands = Record(record.key, record.statement, evidence, record.node, customer, revision)
        yield HeldKey(record.key, revision, stands)
        means.watcher.advance(1)
    store.records.clear()
    file.records = ()
    yield from sorted(store.customers)
    yield from sorted(store.suggestions, key=lambda each: each.component)
    for tie in ties:
        yield tie.between(digests[tie.left], digests[tie.right])
    for packed in file.touchpoints:
        yield TOUCHPOINT.unpack(packed)
    yield from store.changes
    yield from map(SilentKey, sorted(silent))
    yield replace(held, revision=store.revision)


def _change_sets(
    file: _Gathered, found: Partition, digests: Sequence[str], company: Company, means: Means
) -> Iterator[ChangeSet]:
    """What is planned of each component, and of visitors' nodes, as one that is new."""
    records = {record.key: record for record in file.records}
    of_node: dict[str, list[RecordKey]] = {}
    for record in file.records:
        of_node.setdefault(record.node or "", []).append(record.key)
    serial = count(1 << MINTED_SHIFT)
    grown = _grown(found, digests)
    while some := list(islice(grown, _PLANNED_AT_ONCE)):
        after = {key: records[key] for each in some for digest in each.nodes for key in of_node[digest]}
        yield from planned(
            company.model,
            _new(after, means.clock()),
            some,
            means.mint,
            lambda anchor: CustomerId(means.mint(), next(serial), anchor),
        )
        means.watcher.advance(len(some))


def _grown(found: Partition, digests: Sequence[str]) -> Iterator[Grown]:
    placed = np.zeros(len(digests), bool)
    for each in found.components:
        placed[list(each.nodes)] = True
        nodes = tuple(sorted(digests[number] for number in each.nodes))
        yield Grown(nodes, each.customers, each.joins, each.doubts)
    for number in np.flatnonzero(~placed).tolist():
        yield Grown((digests[number],), (), (), ())


def _new(records: Mapping[RecordKey, Record], time: int) -> Situation:
    """Records that come where there is nothing."""
    return Situation(
        components=(),
        before={},
        after=records,
        nodes={},
        judgements=(),
        silent=frozenset(),
        anchored={},
        time=time,
    )
