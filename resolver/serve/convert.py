"""Messages of the contract to values and back, in one place. Requests have been validated before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from graph.model import (
    Assurance,
    Cause,
    Change,
    Direction,
    Evidence,
    Identifier,
    IdentifierKind,
    Judgement,
    JudgementKind,
    Move,
    PartyType,
    Record,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from resolver.intake import Arrival, Outcome, Receipt, Standing
from resolver.normalise import reference
from resolver.v1 import (
    change_pb2,
    identifier_pb2,
    judgement_pb2,
    record_pb2,
    resolution_service_pb2,
    touchpoint_pb2,
)

_KIND: Final = {
    kind: identifier_pb2.IdentifierKind.Value(f"IDENTIFIER_KIND_{kind.name}") for kind in IdentifierKind
}
_KIND_IN: Final[Mapping[int, IdentifierKind]] = {number: kind for kind, number in _KIND.items()}
_ASSURANCE: Final = {each: identifier_pb2.Assurance.Value(f"ASSURANCE_{each.name}") for each in Assurance}
_ASSURANCE_IN: Final[Mapping[int, Assurance]] = {
    identifier_pb2.ASSURANCE_UNSPECIFIED: Assurance.STATED,
    **{number: each for each, number in _ASSURANCE.items()},
}
_PARTY: Final = {
    PartyType.UNKNOWN: record_pb2.PARTY_TYPE_UNSPECIFIED,
    PartyType.PERSON: record_pb2.PARTY_TYPE_PERSON,
    PartyType.ORGANISATION: record_pb2.PARTY_TYPE_ORGANISATION,
}
_PARTY_IN: Final[Mapping[int, PartyType]] = {number: party for party, number in _PARTY.items()}
_DIRECTION: Final = {each: touchpoint_pb2.Direction.Value(f"DIRECTION_{each.name}") for each in Direction}
_DIRECTION_IN: Final[Mapping[int, Direction]] = {number: each for each, number in _DIRECTION.items()}
_CAUSE: Final = {cause: change_pb2.ChangeCause.Value(f"CHANGE_CAUSE_{cause.name}") for cause in Cause}
_STANDING: Final = {
    Standing.NONE: record_pb2.STATEMENT_OUTCOME_UNSPECIFIED,
    Standing.STANDS: record_pb2.STATEMENT_OUTCOME_STANDS,
    Standing.SUPERSEDED: record_pb2.STATEMENT_OUTCOME_SUPERSEDED,
    Standing.UNCHANGED: record_pb2.STATEMENT_OUTCOME_UNCHANGED,
}
_OUTCOME: Final = {
    Outcome.NONE: resolution_service_pb2.TOUCHPOINT_OUTCOME_UNSPECIFIED,
    Outcome.CREATED: resolution_service_pb2.TOUCHPOINT_OUTCOME_CREATED,
    Outcome.DUPLICATE: resolution_service_pb2.TOUCHPOINT_OUTCOME_DUPLICATE,
}
_JUDGEMENT: Final = {
    JudgementKind.MERGE: judgement_pb2.JUDGEMENT_KIND_MERGE,
    JudgementKind.SPLIT: judgement_pb2.JUDGEMENT_KIND_SPLIT,
    JudgementKind.REVERT: judgement_pb2.JUDGEMENT_KIND_REVERT,
}
_MICROS: Final = 1_000_000


# -- times -------------------------------------------------------------------------------------


def micros(time: Timestamp | Duration) -> int:
    """A time, or a length of time, in whole microseconds; nanoseconds are cut off."""
    return time.seconds * _MICROS + time.nanos // 1000


def timestamp(time: int) -> Timestamp:
    """Microseconds since 1970 as a message."""
    return Timestamp(seconds=time // _MICROS, nanos=time % _MICROS * 1000)


def duration(length: int) -> Duration:
    """Microseconds, not negative, as a message."""
    return Duration(seconds=length // _MICROS, nanos=length % _MICROS * 1000)


# -- identifiers and records -------------------------------------------------------------------


def identifier_kind(number: int) -> IdentifierKind:
    """A kind, by its number."""
    return _KIND_IN[number]


def assurance_out(assurance: Assurance) -> identifier_pb2.Assurance.ValueType:
    """An assurance, as the contract numbers it."""
    return _ASSURANCE[assurance]


def party_type_out(party: PartyType) -> record_pb2.PartyType.ValueType:
    """A party type, as the contract numbers it."""
    return _PARTY[party]


def direction(number: int) -> Direction:
    """Who started a contact, by its number."""
    return _DIRECTION_IN[number]


def direction_out(direction: Direction) -> touchpoint_pb2.Direction.ValueType:
    """Who started a contact, as the contract numbers it."""
    return _DIRECTION[direction]


def identifier_out(identifier: Identifier) -> identifier_pb2.Identifier:
    """An identifier in normal form; a government id without its value."""
    secret = identifier.kind is IdentifierKind.GOVERNMENT
    return identifier_pb2.Identifier(
        kind=_KIND[identifier.kind],
        namespace=identifier.namespace,
        value="" if secret else identifier.value,
    )


def stated_identifier(message: identifier_pb2.StatedIdentifier) -> StatedIdentifier:
    """An identifier as a source wrote it."""
    return StatedIdentifier(
        _KIND_IN[message.kind], message.raw, message.namespace, _ASSURANCE_IN[message.assurance]
    )


def stated_identifier_out(stated: StatedIdentifier) -> identifier_pb2.StatedIdentifier:
    """An identifier as a source wrote it, as a message."""
    return identifier_pb2.StatedIdentifier(
        kind=_KIND[stated.kind],
        namespace=stated.namespace,
        raw=stated.raw,
        assurance=_ASSURANCE[stated.assurance],
    )


def evidence(message: record_pb2.Evidence) -> Evidence:
    """The evidence of a record. Attributes are sorted, since neither kind has an order of its own."""
    return Evidence(
        identifiers=tuple(stated_identifier(each) for each in message.identifiers),
        given_name=message.given_name,
        middle_name=message.middle_name,
        family_name=message.family_name,
        full_name=message.full_name,
        organisation=message.organisation,
        birth_date=message.birth_date,
        house_number=message.house_number,
        street=message.street,
        postcode=message.postcode,
        city=message.city,
        state=message.state,
        country=message.country,
        party_type=_PARTY_IN[message.party_type],
        region=message.region.upper(),
        attributes=tuple(sorted(message.attributes.items())) if message.attributes else (),
        compared_attributes=tuple(sorted((each.name, each.value) for each in message.compared_attributes)),
    )


def evidence_out(evidence: Evidence) -> record_pb2.Evidence:
    """The evidence of a record, as a message."""
    return record_pb2.Evidence(
        identifiers=[stated_identifier_out(each) for each in evidence.identifiers],
        given_name=evidence.given_name,
        middle_name=evidence.middle_name,
        family_name=evidence.family_name,
        full_name=evidence.full_name,
        organisation=evidence.organisation,
        birth_date=evidence.birth_date,
        house_number=evidence.house_number,
        street=evidence.street,
        postcode=evidence.postcode,
        city=evidence.city,
        state=evidence.state,
        country=evidence.country,
        party_type=_PARTY[evidence.party_type],
        region=evidence.region,
        attributes=dict(evidence.attributes),
        compared_attributes=[
            record_pb2.Attribute(name=name, value=value) for name, value in evidence.compared_attributes
        ],
    )


def record_key(message: record_pb2.RecordKey) -> RecordKey:
    """A record's key, whole."""
    return RecordKey(message.source, message.record_id)


def record_key_out(key: RecordKey) -> record_pb2.RecordKey:
    """A record's key, as a message."""
    return record_pb2.RecordKey(source=key.source, record_id=key.record_id)


def record_out(record: Record) -> record_pb2.Record:
    """A live record and where it belongs."""
    return record_pb2.Record(
        key=record_key_out(record.key),
        version=record.statement.version,
        customer_id=record.customer or "",
        visitor=record.customer is None,
    )


def record_set(message: judgement_pb2.RecordSet) -> frozenset[RecordKey]:
    """A set of records."""
    return frozenset(record_key(each) for each in message.records)


# -- touchpoints -------------------------------------------------------------------------------


def touchpoint_key(message: touchpoint_pb2.TouchpointKey) -> TouchpointKey:
    """A touchpoint's key."""
    return TouchpointKey(message.source, message.touchpoint_id)


def touchpoint_arrival(message: resolution_service_pb2.RecordTouchpointRequest, now: int) -> Arrival:
    """A touchpoint with what it says of its record; received now where it does not say when."""
    contact = message.touchpoint
    source = contact.record.source or contact.key.source
    record_id = contact.record.record_id
    return Arrival(
        source=source,
        record=RecordKey(source, record_id) if record_id else None,
        evidence=evidence(message.evidence) if message.HasField("evidence") else None,
        version=message.record_version if message.HasField("record_version") else None,
        touchpoint=_touchpoint(contact, RecordKey(source, record_id), now),
    )


def upsert_arrival(message: resolution_service_pb2.UpsertRecordRequest) -> Arrival:
    """The statement of a record."""
    key = record_key(message.key)
    return Arrival(
        source=key.source,
        record=key if key.record_id else None,
        evidence=evidence(message.evidence),
        version=message.version if message.HasField("version") else None,
    )


def delete_arrival(message: resolution_service_pb2.DeleteRecordRequest) -> Arrival:
    """The statement that a record is no more."""
    key = record_key(message.key)
    return Arrival(source=key.source, record=key, version=message.version, deleted=True)


def _touchpoint(message: touchpoint_pb2.Touchpoint, record: RecordKey, now: int) -> Touchpoint:
    value = message.value if message.HasField("value") else None
    return Touchpoint(
        key=touchpoint_key(message.key),
        record=record,
        digest="",  # the pipeline seals it, once its record is known
        occurred=micros(message.occurred_time),
        received=micros(message.received_time) if message.HasField("received_time") else now,
        channel=message.channel,
        direction=_DIRECTION_IN[message.direction],
        kind=message.kind,
        purpose=message.purpose,
        conversation=message.conversation,
        outcome=message.outcome,
        automated=message.automated,
        agent=message.agent,
        location=message.location,
        duration=micros(message.duration) if message.HasField("duration") else None,
        value=None if value is None else value.micros,
        currency="" if value is None else value.currency_code,
        address=message.address,
        references=_references(message.references),
        attributes=tuple(sorted(message.attributes.items())) if message.attributes else (),
    )


def _references(messages: Iterable[touchpoint_pb2.Reference]) -> tuple[Identifier, ...]:
    """References in normal form, sorted, each once; what is blank in it refers to nothing."""
    forms = (reference.normalise(each.value, each.namespace) for each in messages)
    return tuple(
        sorted({Identifier(IdentifierKind.REFERENCE, form.namespace, form.value) for form in forms if form})
    )


def touchpoint_out(touchpoint: Touchpoint) -> touchpoint_pb2.Touchpoint:
    """A stored touchpoint."""
    message = touchpoint_pb2.Touchpoint(
        key=touchpoint_pb2.TouchpointKey(
            source=touchpoint.key.source, touchpoint_id=touchpoint.key.touchpoint_id
        ),
        record=record_key_out(touchpoint.record),
        occurred_time=timestamp(touchpoint.occurred),
        received_time=timestamp(touchpoint.received),
        channel=touchpoint.channel,
        direction=_DIRECTION[touchpoint.direction],
        kind=touchpoint.kind,
        purpose=touchpoint.purpose,
        conversation=touchpoint.conversation,
        outcome=touchpoint.outcome,
        automated=touchpoint.automated,
        agent=touchpoint.agent,
        location=touchpoint.location,
        address=touchpoint.address,
        references=[
            touchpoint_pb2.Reference(namespace=each.namespace, value=each.value)
            for each in touchpoint.references
        ],
        attributes=dict(touchpoint.attributes),
    )
    if touchpoint.duration is not None:
        message.duration.CopyFrom(duration(touchpoint.duration))
    if touchpoint.value is not None:
        message.value.CopyFrom(
            touchpoint_pb2.Money(currency_code=touchpoint.currency, micros=touchpoint.value)
        )
    return message


# -- answers to arrivals -----------------------------------------------------------------------


def recorded_out(receipt: Receipt) -> resolution_service_pb2.RecordTouchpointResponse:
    """What became of a touchpoint, without revisions: those are the message's in a stream."""
    return resolution_service_pb2.RecordTouchpointResponse(
        outcome=_OUTCOME[receipt.outcome],
        record=record_key_out(receipt.record),
        statement=_STANDING[receipt.standing],
        customer_id=receipt.customer,
    )


def upserted_out(receipt: Receipt) -> resolution_service_pb2.UpsertRecordResponse:
    """What became of the statement of a record."""
    return resolution_service_pb2.UpsertRecordResponse(
        key=record_key_out(receipt.record),
        outcome=_STANDING[receipt.standing],
        customer_id=receipt.customer,
        revision=receipt.revision,
        settled_revision=receipt.settled_revision,
    )


def deleted_out(receipt: Receipt) -> resolution_service_pb2.DeleteRecordResponse:
    """What became of the deletion of a record."""
    return resolution_service_pb2.DeleteRecordResponse(
        outcome=_STANDING[receipt.standing],
        revision=receipt.revision,
        settled_revision=receipt.settled_revision,
    )


# -- history -----------------------------------------------------------------------------------


def change_out(change: Change) -> change_pb2.Change:
    """One change of customers."""
    return change_pb2.Change(
        revision=change.revision,
        commit_time=timestamp(change.time),
        cause=_CAUSE[change.cause],
        customers_before=sorted(change.before),
        customers_after=sorted(change.after),
        moves=[_move_out(move) for move in sorted(change.moves, key=lambda move: move.record)],
        judgement_id=change.judgement,
    )


def _move_out(move: Move) -> change_pb2.Move:
    return change_pb2.Move(
        record=record_key_out(move.record),
        customer_before=move.before or "",
        customer_after=move.after or "",
    )


def judgement_out(judgement: Judgement) -> judgement_pb2.Judgement:
    """One judgement; its parts in the order in which they were drawn."""
    return judgement_pb2.Judgement(
        id=judgement.id,
        kind=_JUDGEMENT[judgement.kind],
        parts=[
            judgement_pb2.RecordSet(records=[record_key_out(key) for key in sorted(part)])
            for part in judgement.parts
        ],
        steward=judgement.author,
        reason=judgement.reason,
        create_time=timestamp(judgement.time),
        revision=judgement.revision,
        retracted_revision=judgement.retracted,
        reverted_revision=judgement.reverts,
    )
