"""What is supposed, from a request, and what would come of it, as a message."""

from __future__ import annotations

from typing import Final

from resolver.intake import Refusal
from resolver.normalise.evidence import Settings, value
from resolver.serve import account, convert
from resolver.v1 import stewardship_service_pb2 as pb
from resolver.what_if import (
    Blocked,
    Customer,
    Deleted,
    Foretold,
    Judged,
    MergedFrom,
    Regrouping,
    Stated,
    Supposition,
)

REGROUPINGS: Final = 1000
"""Regroupings that are answered; all are counted."""


def supposition(message: pb.Supposition, settings: Settings) -> Supposition:
    """What a request supposes, validated before. Raises `Refusal` for an identifier that holds nothing."""
    match message.WhichOneof("change"):
        case "record":
            said = message.record
            fields = tuple(said.update_mask.paths) if said.HasField("update_mask") else None
            return Stated(convert.record_key(said.key), convert.evidence(said.evidence), fields)
        case "deleted_record":
            return Deleted(convert.record_key(message.deleted_record))
        case "blocked_identifier":
            held = value(convert.stated_identifier(message.blocked_identifier), settings=settings)
            if held is None:
                raise Refusal("field_invalid", "holds nothing to block", "what_if.blocked_identifier.raw")
            return Blocked(held.identifier)
        case "merge_threshold":
            return MergedFrom(message.merge_threshold)
        case _:
            return Judged(together=message.judgement == pb.SUPPOSED_JUDGEMENT_TOGETHER)


def foretold_out(foretold: Foretold) -> pb.SuppositionOutcome:
    """What would come of it."""
    outcome = pb.SuppositionOutcome(
        regroupings=[_regrouping_out(each) for each in foretold.regroupings[:REGROUPINGS]],
        regrouping_count=len(foretold.regroupings),
    )
    if foretold.pair is not None:
        outcome.pair.CopyFrom(account.account_out(foretold.pair, values=True))
    return outcome


def _regrouping_out(regrouping: Regrouping) -> pb.Regrouping:
    return pb.Regrouping(
        before=[_customer_out(each) for each in regrouping.before],
        after=[_customer_out(each) for each in regrouping.after],
        moved=[convert.record_key_out(key) for key in regrouping.moved],
    )


def _customer_out(customer: Customer) -> pb.CustomerRecords:
    records = [convert.record_key_out(key) for key in customer.records]
    return pb.CustomerRecords(customer_id=customer.id, records=records)
