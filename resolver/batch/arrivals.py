"""A file's row as it arrives at the pipeline: the same that the service makes of the row sent to it. Pure."""

from __future__ import annotations

from graph.model import Evidence, Identifier, IdentifierKind, RecordKey, Touchpoint, TouchpointKey
from resolver.batch.rows import Row, TouchpointFields
from resolver.intake import Arrival
from resolver.normalise import reference


def arrival(row: Row, received: int) -> Arrival:
    """A row's touchpoint with its record, or the record alone; `received` in microseconds since 1970."""
    record = RecordKey(row.source, row.record_id or row.own_id)
    named = record if record.record_id else None
    if row.touchpoint is None:
        return Arrival(row.source, named, row.evidence, row.version)
    silent = points(row)
    return Arrival(
        row.source,
        named,
        None if silent else row.evidence,
        None if silent else row.version,
        touchpoint=_touchpoint(row.touchpoint, record, received),
    )


def points(row: Row) -> bool:
    """Whether a row is a touchpoint without evidence: it points to its record and states nothing of it."""
    return row.touchpoint is not None and row.evidence == Evidence(region=row.evidence.region)


def _touchpoint(contact: TouchpointFields, record: RecordKey, received: int) -> Touchpoint:
    priced = contact.value is not None and bool(contact.currency)
    forms = (reference.normalise(each.raw, each.namespace) for each in contact.references)
    references = {
        Identifier(IdentifierKind.REFERENCE, form.namespace, form.value) for form in forms if form is not None
    }
    return Touchpoint(
        key=TouchpointKey(record.source, contact.touchpoint_id),
        record=record,
        digest="",  # the pipeline seals it, once its record is known
        occurred=contact.occurred,
        received=received,
        channel=contact.channel,
        direction=contact.direction,
        kind=contact.kind,
        purpose=contact.purpose,
        conversation=contact.conversation,
        outcome=contact.outcome,
        automated=contact.automated,
        agent=contact.agent,
        location=contact.location,
        duration=contact.duration,
        value=contact.value if priced else None,
        currency=contact.currency if priced else "",
        address=contact.address,
        references=tuple(sorted(references)),
    )
