"""Records and touchpoints as the tests of the profile state them."""

from __future__ import annotations

from typing import Any

from graph.model import (
    Assurance,
    Direction,
    Evidence,
    IdentifierKind,
    Record,
    RecordKey,
    StatedIdentifier,
    Statement,
    Touchpoint,
    TouchpointKey,
)
from resolver.normalise import evidence
from resolver.profile.golden import Sighting

DAY = 86_400_000_000
NOW = 20_000 * DAY

VERIFIED, STATED, OBSERVED = Assurance.VERIFIED, Assurance.STATED, Assurance.OBSERVED


def key(record_id: str, source: str = "crm") -> RecordKey:
    return RecordKey(source, record_id)


def phone(raw: str, assurance: Assurance = STATED) -> StatedIdentifier:
    return StatedIdentifier(IdentifierKind.PHONE, raw, "", assurance)


def email(raw: str, assurance: Assurance = STATED) -> StatedIdentifier:
    return StatedIdentifier(IdentifierKind.EMAIL, raw, "", assurance)


def handle(platform: str, raw: str, assurance: Assurance = STATED) -> StatedIdentifier:
    return StatedIdentifier(IdentifierKind.HANDLE, raw, platform, assurance)


def device(raw: str, assurance: Assurance = OBSERVED) -> StatedIdentifier:
    return StatedIdentifier(IdentifierKind.DEVICE, raw, "", assurance)


def record(
    record_id: str,
    *identifiers: StatedIdentifier,
    version: int | None = 1,
    source: str = "crm",
    customer: str | None = "c1",
    **fields: Any,  # noqa: ANN401 - the fields of Evidence
) -> Record:
    written = Evidence(identifiers=identifiers, **fields)
    return Record(
        key=key(record_id, source),
        statement=Statement(version, False, evidence.fingerprint(written)),
        evidence=written,
        node=evidence.digest(evidence.normalise(written)),
        customer=customer,
        first_revision=1,
    )


def sighting(record_id: str, *identifiers: StatedIdentifier, **fields: Any) -> Sighting:  # noqa: ANN401
    held = record(record_id, *identifiers, **fields)
    return Sighting(held, evidence.normalise(held.evidence))


def contact(
    id_: str,
    channel: str,
    direction: Direction = Direction.INBOUND,
    days_ago: float = 1,
    record_id: str = "1",
    **fields: Any,  # noqa: ANN401 - the fields of Touchpoint
) -> Touchpoint:
    occurred = NOW - round(days_ago * DAY)
    return Touchpoint(
        key=TouchpointKey("desk", id_),
        record=key(record_id),
        digest=f"digest of {id_}",
        occurred=occurred,
        received=occurred,
        channel=channel,
        direction=direction,
        **fields,
    )
