"""From what a caller holds to the customer it leads to, before anything is known of that customer.

This is the hot half of a lookup: `locate` is one read of the store. What it answers, a customer id or a
visitor's record, is what ready profiles are kept under.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from graph.model import Holder, Identifier, IdentifierKind, RecordKey, StatedIdentifier, TouchpointKey
from graph.store import Snapshot
from resolver.intake import Refusal
from resolver.normalise import evidence
from resolver.normalise.evidence import DEFAULT, Settings

MOST_HOLDERS: Final = 50
"""How many who share an identifier are looked at, the first by id: a shared value may have thousands."""


class Status(StrEnum):
    """What a lookup came to."""

    FOUND = "found"
    SEVERAL = "several"
    NONE = "none"
    EMPTY = "empty"
    """The id was handed out and has no live record now."""
    ERASED = "erased"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Located:
    """Where a lookup leads.

    FOUND: `customer` is set, and `redirected_from` where another id was asked for; `touched`, where it
    is not 0, is as `Snapshot.touched` tells it. VISITOR: `visitor` names the record. SEVERAL: `holders`
    are those who hold the identifier, not yet ranked.
    """

    status: Status
    customer: str = ""
    visitor: RecordKey | None = None
    redirected_from: str = ""
    holders: tuple[Holder, ...] = ()
    touched: int = 0


def identifier_of(stated: StatedIdentifier, region: str = "", settings: Settings = DEFAULT) -> Identifier:
    """Return what to look for, in the normal form under which records assert it.

    Raises Refusal (`government_id_not_accepted`, `field_invalid`) where there is nothing to look for.
    """
    if stated.kind is IdentifierKind.GOVERNMENT and not settings.government_secret:
        raise Refusal("government_id_not_accepted", "government ids are not taken here", "identifier.kind")
    value = evidence.value(stated, region, settings)
    if value is None:
        raise Refusal("field_invalid", "holds nothing to look for", "identifier.value")
    return value.identifier


def locate(snapshot: Snapshot, identifier: Identifier) -> Located:
    """Return who holds an identifier, or had a touchpoint about a reference. One read.

    A customer stands before visitors: where one customer holds it, visitors do not make it several.
    """
    holders = snapshot.holders(identifier, MOST_HOLDERS)
    if not holders:
        return Located(Status.NONE)
    first = holders[0]
    if first.customer and (len(holders) == 1 or not holders[1].customer):
        return Located(Status.FOUND, first.customer, touched=first.touched)
    if len(holders) == 1:
        return Located(Status.VISITOR, visitor=first.visitor)
    return Located(Status.SEVERAL, holders=tuple(holders))


def locate_customer(snapshot: Snapshot, id_: str) -> Located:
    """Return where an id that was ever handed out leads; NONE for any other text. At most two reads."""
    known = snapshot.customer_ids([id_]).get(id_)
    if known is None:
        return Located(Status.NONE)
    if known.erased:
        return Located(Status.ERASED)
    anchor = snapshot.records([known.anchor]).get(known.anchor) if known.anchor is not None else None
    if anchor is None or anchor.customer is None:
        return Located(Status.EMPTY)
    return Located(Status.FOUND, anchor.customer, redirected_from=id_ if anchor.customer != id_ else "")


def locate_record(snapshot: Snapshot, key: RecordKey) -> Located:
    """Return whose a record is; NONE where no live record has the key. One read."""
    record = snapshot.records([key]).get(key)
    if record is None or record.statement.deleted:
        return Located(Status.NONE)
    if record.customer is None:
        return Located(Status.VISITOR, visitor=key)
    return Located(Status.FOUND, record.customer)


def locate_touchpoint(snapshot: Snapshot, key: TouchpointKey) -> Located:
    """Return who had a touchpoint; NONE where it is not known or its record is not live. Two reads."""
    known = snapshot.known_touchpoints([key]).get(key)
    return Located(Status.NONE) if known is None else locate_record(snapshot, known[1])
