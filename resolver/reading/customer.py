"""One customer as a lookup answers it: profile, identifiers, channels, latest touchpoints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from graph.model import Direction, Record, RecordKey, Tally, Touchpoint, TouchpointKey
from graph.store import Snapshot
from resolver.normalise import evidence
from resolver.normalise.evidence import DEFAULT, Settings
from resolver.profile.channels import SERVICE, Addresses, Rank, Ranking, rank_channels
from resolver.profile.golden import Golden, Sighting, golden_record
from resolver.profile.identifiers import KnownIdentifier, generic_keys, known_identifiers
from resolver.profile.reach import canonical, postal_address
from resolver.reading.locate import Located

MOST_TOUCHPOINTS: Final = 200
"""How many touchpoints of a customer, the latest, are evidence for the preferred channel.

Reading one costs some 8 us: a loyal customer's thousands must not make a lookup slow.
"""

LATEST_TOUCHPOINTS: Final = 20
"""How many of them a profile shows."""


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """What was seen of a customer on one channel; times in microseconds since 1970."""

    channel: str
    touchpoint_count: int
    inbound_count: int
    outbound_count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Preferred:
    """The first rank, outbound, for a purpose at a time; None where no channel is eligible."""

    rank: Rank | None
    purpose: str
    at: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One customer, or with an empty `id` a visitor.

    `channels` are those seen, the last seen first. `touchpoints` are the latest, the latest first;
    `touchpoint_count`, `channels` and `first_touchpoint` speak of all that there are.
    """

    id: str
    etag: str
    golden: Golden
    identifiers: tuple[KnownIdentifier, ...]
    record_count: int
    channels: tuple[ChannelSeen, ...]
    touchpoints: tuple[Touchpoint, ...]
    touchpoint_count: int
    first_touchpoint: int | None
    preferred: Preferred


def records_of(snapshot: Snapshot, located: Located) -> Sequence[Record]:
    """Return the live records of the customer or visitor that was located, in order of key. One read."""
    if located.customer:
        return snapshot.members([located.customer]).get(located.customer, ())
    if located.visitor is not None:
        return tuple(snapshot.records([located.visitor]).values())
    return ()


def profile(
    snapshot: Snapshot,
    records: Sequence[Record],
    *,
    at: int,
    purpose: str = SERVICE,
    settings: Settings = DEFAULT,
) -> Profile:
    """Return what is known of the one customer or visitor whose live records these all are. Four reads.

    `at`, in microseconds since 1970, is when the preferred channel is asked for.
    """
    records = sorted(records, key=_key)
    seen = sightings(snapshot, records)
    identifiers = _identifiers(snapshot, seen, settings)
    golden = golden_record(seen)
    touchpoints = _evidence(snapshot, records)
    channels = channels_seen(snapshot.tallies([record.key for record in records]))
    addresses = Addresses(identifiers, postal_address(golden))
    ranking = rank_channels(touchpoints, addresses, purpose=purpose, at=at, region=settings.region)
    return Profile(
        id=(records[0].customer or "") if records else "",
        etag=etag(records),
        golden=golden,
        identifiers=identifiers,
        record_count=len(records),
        channels=channels,
        touchpoints=tuple(touchpoints[:LATEST_TOUCHPOINTS]),
        touchpoint_count=sum(each.touchpoint_count for each in channels),
        first_touchpoint=min((each.first for each in channels), default=None),
        preferred=Preferred(ranking.ranks[0] if ranking.ranks else None, purpose, at),
    )


def ranking(
    snapshot: Snapshot,
    records: Sequence[Record],
    *,
    purpose: str,
    direction: Direction = Direction.OUTBOUND,
    at: int,
    settings: Settings = DEFAULT,
) -> Ranking:
    """Return the channels of the one customer or visitor whose live records these all are, in order.

    Evidence are the latest touchpoints up to `at`, at most `MOST_TOUCHPOINTS`. Three reads.
    """
    seen = sightings(snapshot, records)
    identifiers = _identifiers(snapshot, seen, settings)
    addresses = Addresses(identifiers, postal_address(golden_record(seen)))
    touchpoints = _evidence(snapshot, records, at)
    return rank_channels(
        touchpoints, addresses, purpose=purpose, direction=direction, at=at, region=settings.region
    )


def etag(records: Iterable[Record]) -> str:
    """Return a text that changes whenever a record of the customer comes, goes or changes."""
    digest = hashlib.sha256()
    for record in sorted(records, key=_key):
        digest.update(repr((*record.key, record.statement.version, record.statement.digest)).encode("utf-8"))
    return digest.hexdigest()[:24]


def channels_seen(tallies: Iterable[Tally]) -> tuple[ChannelSeen, ...]:
    """Return the channels that were counted, under their canonical names, the last seen first."""
    by_channel: dict[str, list[Tally]] = {}
    for tally in tallies:
        by_channel.setdefault(canonical(tally.channel), []).append(tally)
    seen = [
        ChannelSeen(
            channel=channel,
            touchpoint_count=sum(each.count for each in held),
            inbound_count=sum(each.count for each in held if each.direction is Direction.INBOUND),
            outbound_count=sum(each.count for each in held if each.direction is Direction.OUTBOUND),
            first=min(each.first for each in held),
            last=max(each.last for each in held),
        )
        for channel, held in by_channel.items()
    ]
    return tuple(sorted(seen, key=lambda each: (-each.last, each.channel)))


def sightings(snapshot: Snapshot, records: Iterable[Record]) -> list[Sighting]:
    """Return these records with their normalised evidence. One read."""
    records = tuple(records)
    nodes = snapshot.nodes({record.node for record in records if record.node})
    features = {digest: evidence.decode(node.features) for digest, node in nodes.items()}
    return [Sighting(record, features[record.node]) for record in records if record.node in features]


def _identifiers(
    snapshot: Snapshot, seen: Sequence[Sighting], settings: Settings
) -> tuple[KnownIdentifier, ...]:
    return known_identifiers(seen, snapshot.silent(generic_keys(seen)), settings)


def _evidence(snapshot: Snapshot, records: Iterable[Record], at: int | None = None) -> Sequence[Touchpoint]:
    """The latest touchpoints, those alone that occurred by `at` where it is given."""
    # Nothing sorts after the empty key at the next microsecond: the page starts with the latest at `at`.
    before = None if at is None else (at + 1, TouchpointKey("", ""))
    return snapshot.timeline([record.key for record in records], before, MOST_TOUCHPOINTS)


def _key(record: Record) -> RecordKey:
    return record.key
