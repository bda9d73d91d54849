"""Those who share an identifier, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.model import Assurance, Holder, Identifier, Record, RecordKey
from graph.store import Snapshot
from resolver.profile.golden import Golden, Sighting, golden_record
from resolver.reading.customer import sightings

MOST_CANDIDATES: Final = 20
"""How many are answered."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several who share an identifier.

    `customer` is empty for a visitor. `record` is the first by key of the `record_count` that hold the
    identifier, the first of all where a reference leads there by touchpoints alone. `assurance` is the
    surest of those that hold it. `last` is when the latest touchpoint of the customer or
    visitor occurred, in microseconds since 1970, None where there is none.
    """

    customer: str
    record: RecordKey
    assurance: Assurance
    record_count: int
    last: int | None
    golden: Golden


def candidates(
    snapshot: Snapshot, identifier: Identifier, holders: Sequence[Holder]
) -> tuple[Candidate, ...]:
    """Return those who share an identifier, at most `MOST_CANDIDATES`.

    Customers stand before visitors; then comes the surest assurance with which they hold it, the number
    of their records that do, the time of the latest touchpoint, the id. Where more tie than are
    answered, twice as many are compared by time, the first by id.
    """
    nearest = sorted(holders, key=lambda holder: (_strength(holder), _name(holder)))[: 2 * MOST_CANDIDATES]
    records = _records(snapshot, nearest)
    last = {_name(holder): _last(snapshot, records[_name(holder)]) for holder in nearest}

    def order(holder: Holder) -> tuple[object, ...]:
        return (_strength(holder), *_latest_first(last[_name(holder)]), _name(holder))

    return tuple(
        _candidate(holder, identifier, sightings(snapshot, records[_name(holder)]), last[_name(holder)])
        for holder in sorted(nearest, key=order)[:MOST_CANDIDATES]
    )


def _candidate(
    holder: Holder, identifier: Identifier, seen: Sequence[Sighting], last: int | None
) -> Candidate:
    asserting = [
        each.record.key
        for each in seen
        if any(value.identifier == identifier for value in each.features.values)
    ]
    return Candidate(
        customer=holder.customer or "",
        record=min(asserting or [each.record.key for each in seen]),
        assurance=holder.assurance,
        record_count=holder.record_count,
        last=last,
        golden=golden_record(seen),
    )


_Name = tuple[str, RecordKey]


def _name(holder: Holder) -> _Name:
    return (holder.customer or "", holder.visitor or RecordKey("", ""))


def _records(snapshot: Snapshot, holders: Sequence[Holder]) -> dict[_Name, Sequence[Record]]:
    """All live records of each. Two reads."""
    members = snapshot.members({holder.customer for holder in holders if holder.customer})
    visitors = snapshot.records({holder.visitor for holder in holders if holder.visitor})
    return {
        _name(holder): (visitors[holder.visitor],) if holder.visitor else members[holder.customer or ""]
        for holder in holders
    }


def _strength(holder: Holder) -> tuple[bool, int, int]:
    return (not holder.customer, -holder.assurance, -holder.record_count)


def _latest_first(occurred: int | None) -> tuple[bool, int]:
    return (occurred is None, -(occurred or 0))


def _last(snapshot: Snapshot, records: Sequence[Record]) -> int | None:
    latest = snapshot.timeline([record.key for record in records], None, 1)
    return latest[0].occurred if latest else None
