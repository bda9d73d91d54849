"""The ledger of a micro-batch: which statements stand, which touchpoints are new. No I/O.

A record is its greatest statement, whole, whatever arrived last, so the entries of a batch may be taken
in any order; a touchpoint is its first, and the same key with other content is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from operator import attrgetter
from typing import Final

import msgspec

from graph.model import Evidence, Record, RecordKey, Statement, Touchpoint, TouchpointKey
from resolver.intake import Arrival, Outcome, Refusal, Standing
from resolver.normalise.evidence import Settings, protect
from resolver.normalise.features import Features
from resolver.resolve.keys import record_key, statement

_ENCODER: Final = msgspec.json.Encoder()
_CONTENT: Final = attrgetter(
    *(field.name for field in fields(Touchpoint) if field.name not in {"record", "digest", "received"})
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One arrival made ready: its record's key, what it states of it, and its touchpoint."""

    record: RecordKey
    statement: Statement | None
    evidence: Evidence
    touchpoint: Touchpoint | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one entry. `replaces`: its record was stated otherwise before."""

    record: RecordKey
    outcome: Outcome
    standing: Standing
    replaces: bool = False


def enter(
    arrival: Arrival, settings: Settings, normalised: Callable[[Evidence], Features]
) -> Entry | Refusal:
    """Make one arrival ready, or say why it cannot be taken.

    A record that has a name is not normalised here: it may well be known.
    """
    touchpoint = arrival.touchpoint
    occurred = touchpoint.occurred if touchpoint is not None else None
    if arrival.deleted:
        if arrival.record is None:
            return Refusal("field_required", "a deletion names its record", "record")
        if arrival.version is None:
            return Refusal("field_required", "a deletion needs a version", "version")
        gone = statement(arrival.version, None, None, deleted=True)
        sealed = None if touchpoint is None else _sealed(touchpoint, arrival.record, None)
        return Entry(arrival.record, gone, Evidence(), sealed)
    if arrival.evidence is None:
        if touchpoint is None or arrival.record is None:
            return Refusal("field_required", "a touchpoint without evidence names its record", "record")
        return Entry(arrival.record, None, Evidence(), _sealed(touchpoint, arrival.record, None))
    evidence = protect(arrival.evidence, settings)
    key = arrival.record or record_key(
        arrival.source,
        "",
        evidence,
        normalised(evidence),
        occurred,
        touchpoint.key.touchpoint_id if touchpoint else "",
    )
    return Entry(
        key,
        statement(arrival.version, occurred, evidence),
        evidence,
        None if touchpoint is None else _sealed(touchpoint, key, evidence),
    )


def _sealed(touchpoint: Touchpoint, record: RecordKey, evidence: Evidence | None) -> Touchpoint:
    """The touchpoint with its record and the digest of its content; the time received is no part of it."""
    content = sha256(_ENCODER.encode((record, _CONTENT(touchpoint), evidence)))
    return replace(touchpoint, record=record, digest=content.hexdigest()[:32])


class Ledger:
    """Folds the entries of a batch over what is stored."""

    def __init__(
        self,
        records: Mapping[RecordKey, Record],
        touchpoints: Mapping[TouchpointKey, tuple[str, RecordKey]],
        node_of: Callable[[Evidence], str],
    ) -> None:
        """`records` and `touchpoints` are what the store knows of the batch's keys.

        `node_of` is asked for the node of each piece of evidence that comes to stand.
        """
        self._stored = records
        self._known = dict(touchpoints)
        self._node_of = node_of
        self._standing: dict[RecordKey, Record] = dict(records)
        self.touchpoints: list[Touchpoint] = []

    def take(self, entry: Entry) -> Taken | Refusal:
        """Enter one arrival."""
        touchpoint = entry.touchpoint
        if touchpoint is not None and touchpoint.key in self._known:
            digest, record = self._known[touchpoint.key]
            if digest != touchpoint.digest:
                return Refusal(
                    "touchpoint_differs", "this touchpoint is known with other content", "touchpoint"
                )
            return Taken(record, Outcome.DUPLICATE, Standing.NONE)
        if touchpoint is not None:
            self._known[touchpoint.key] = (touchpoint.digest, entry.record)
            self.touchpoints.append(touchpoint)
        outcome = Outcome.CREATED if touchpoint is not None else Outcome.NONE
        before = self._standing.get(entry.record)
        standing = self._state(entry)
        otherwise = standing is Standing.STANDS and before is not None and not before.statement.deleted
        return Taken(entry.record, outcome, standing, otherwise)

    def _state(self, entry: Entry) -> Standing:
        if entry.statement is None:
            return Standing.NONE
        stands = self._standing.get(entry.record)
        same = stands is not None and entry.statement[1:] == stands.statement[1:]
        if stands is not None and entry.statement.rank <= stands.statement.rank:
            return Standing.UNCHANGED if same else Standing.SUPERSEDED
        if stands is not None and same:
            self._standing[entry.record] = replace(stands, statement=entry.statement)
            return Standing.UNCHANGED
        self._standing[entry.record] = Record(
            key=entry.record,
            statement=entry.statement,
            evidence=entry.evidence,
            node=None if entry.statement.deleted else self._node_of(entry.evidence),
            customer=stands.customer if stands is not None else None,
            first_revision=stands.first_revision if stands is not None else 0,
        )
        return Standing.STANDS

    @property
    def raised(self) -> Sequence[Record]:
        """Records whose evidence is as it was and whose version alone is greater: the short way."""
        return [r for r in self._changed() if self._same_evidence(r)]

    @property
    def restated(self) -> Mapping[RecordKey, Record]:
        """Records that are new, have other evidence, or are gone, with the customer that they had."""
        return {r.key: r for r in self._changed() if not self._same_evidence(r)}

    def _changed(self) -> list[Record]:
        return [r for key, r in sorted(self._standing.items()) if self._stored.get(key) is not r]

    def _same_evidence(self, record: Record) -> bool:
        stored = self._stored.get(record.key)
        return stored is not None and stored.statement[1:] == record.statement[1:]
