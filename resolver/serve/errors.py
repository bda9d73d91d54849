"""The one mapping from what may go wrong to what a caller is told.

A `Refusal`'s reason decides the canonical status; the status carries a google.rpc.ErrorInfo and, where
fields are at fault, a google.rpc.BadRequest. What nobody foresaw is logged and answered INTERNAL, bare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import grpc
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from graph.errors import Conflict, StoreError, StoreUnavailable
from resolver.intake import Refusal
from resolver.v1 import errors_pb2

DOMAIN: Final = "resolver.v1"
"""The domain of every ErrorInfo."""

RETRY_AFTER_MILLISECONDS: Final = {
    "overloaded": 200,
    "contention": 200,
    "revision_not_reached": 200,
    "store_unavailable": 1000,
    "draining": 1000,
}
"""What a caller is asked to wait at least, where the same call may then succeed."""

_log = structlog.get_logger("resolver.serve")
_PREFIX: Final = "ERROR_REASON_"
_CODES: Final = {
    grpc.StatusCode.INVALID_ARGUMENT: (
        "field_required field_invalid field_too_large text_invalid time_out_of_range page_token_invalid "
        "government_id_not_accepted"
    ),
    grpc.StatusCode.ALREADY_EXISTS: "touchpoint_differs import_differs",
    grpc.StatusCode.NOT_FOUND: (
        "customer_not_found record_not_found change_not_found judgement_not_found import_not_found "
        "file_not_found"
    ),
    grpc.StatusCode.FAILED_PRECONDITION: (
        "judgement_contradicts party_types_differ nothing_to_revert customer_empty imports_not_configured "
        "file_unreadable"
    ),
    grpc.StatusCode.ABORTED: "etag_mismatch contention",
    grpc.StatusCode.UNAVAILABLE: "revision_not_reached store_unavailable draining",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "overloaded",
    grpc.StatusCode.INTERNAL: "internal",
}
CODE: Final = {reason: code for code, reasons in _CODES.items() for reason in reasons.split()}
"""The canonical status of each reason of the contract, by its name in lower case without the prefix."""


class Violation(NamedTuple):
    """One field at fault: its path, a reason of the contract, and a line for a developer."""

    field: str
    reason: str
    description: str


class Invalid(Refusal):
    """A request with several fields at fault, all told at once; its reason is the first one's."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        first = violations[0]
        super().__init__(first.reason, f"{first.field}: {first.description}", first.field)
        self.violations = tuple(violations)


def violations_of(refusal: Refusal) -> tuple[Violation, ...]:
    """The fields at fault; none where the refusal is not about a field."""
    if isinstance(refusal, Invalid):
        return refusal.violations
    return (Violation(refusal.field, refusal.reason, str(refusal)),) if refusal.field else ()


def refusal_of(error: BaseException, doing: str) -> Refusal:
    """What a caller is told of an error met while `doing` (a method's name, for the log).

    An error that nobody foresaw is logged by its type and where it was raised, never by its text, which
    may hold what a customer wrote.
    """
    match error:
        case Refusal() if error.reason in CODE:
            return error
        case Conflict():
            return Refusal("contention", "others kept changing what this rests on; try again")
        case StoreUnavailable():
            _log.warning("store unavailable", doing=doing, problem=str(error))
            return Refusal("store_unavailable", "the store cannot be read or written now")
        case StoreError():
            _log.error("store failed", doing=doing, problem=str(error), **_where(error))
            return Refusal("internal", "internal error")
        case _:
            _log.error("unexpected error", doing=doing, **_where(error))
            return Refusal("internal", "internal error")


def _where(error: BaseException) -> dict[str, str]:
    """The error's type and the places that it passed: file names and lines, no values."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"error": type(error).__name__, "at": " < ".join(reversed(places))}


def reason_number(reason: str) -> errors_pb2.ErrorReason.ValueType:
    """A reason as the contract numbers it."""
    return errors_pb2.ErrorReason.Value(_PREFIX + reason.upper())


def status_of(refusal: Refusal) -> grpc.Status:
    """The status with which a call that was refused ends."""
    code = CODE[refusal.reason]
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=refusal.reason.upper(), domain=DOMAIN, metadata=_metadata(refusal))
    ]
    if violations := violations_of(refusal):
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=each.field, description=each.description, reason=each.reason.upper()
                    )
                    for each in violations
                ]
            )
        )
    if refusal.reason in RETRY_AFTER_MILLISECONDS:
        delay = Duration()
        delay.FromMilliseconds(RETRY_AFTER_MILLISECONDS[refusal.reason])
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    number: int = code.value[0]
    return rpc_status.to_status(
        status_pb2.Status(code=number, message=str(refusal), details=[_packed(each) for each in details])
    )


def error_of(refusal: Refusal) -> errors_pb2.Error:
    """The same refusal inside a stream or a batch."""
    number: int = CODE[refusal.reason].value[0]
    return errors_pb2.Error(
        code=number,
        reason=reason_number(refusal.reason),
        message=str(refusal),
        field_violations=[
            errors_pb2.FieldViolation(
                field=each.field, reason=reason_number(each.reason), description=each.description
            )
            for each in violations_of(refusal)
        ],
    )


def _metadata(refusal: Refusal) -> dict[str, str]:
    judgements: Sequence[str] = getattr(refusal, "judgements", ())
    return {"judgement_ids": ",".join(judgements)} if judgements else {}


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
