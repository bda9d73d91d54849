"""Touchpoints and records of a file on their way to the service: in order, a bounded number ahead.

All that is sent may be sent again: what was recorded already is told from it by its keys. So a broken
stream is taken up where its acknowledgements ended, and a broken run by running it again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from queue import SimpleQueue
from typing import Final

import grpc

from graph.model import Evidence, RecordKey
from resolver.batch.readers import Row, TouchpointFields
from resolver.serve import convert
from resolver.v1 import (
    errors_pb2,
    record_pb2,
    resolution_service_pb2_grpc,
    touchpoint_pb2,
)
from resolver.v1 import resolution_service_pb2 as pb

MESSAGE: Final = 100
"""Touchpoints a message."""
AHEAD: Final = 8
"""Messages that are sent before the first of them is answered; as many records are sent at once."""
ATTEMPTS: Final = 8
"""How often something is sent before the run gives up."""
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 3.0
_PASSING: Final = frozenset(
    (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
    )
)
_PASSING_NUMBERS: Final = frozenset(code.value[0] for code in _PASSING)


class Ended(Exception):
    """The service ends streams without saying why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one row: an error, or the outcomes, of which a record alone has no first."""

    row: Row
    error: errors_pb2.Error | None = None
    outcome: pb.TouchpointOutcome.ValueType = pb.TOUCHPOINT_OUTCOME_UNSPECIFIED
    statement: record_pb2.StatementOutcome.ValueType = record_pb2.STATEMENT_OUTCOME_UNSPECIFIED
    record: RecordKey | None = None
    customer: str = ""


@dataclass(slots=True)
class _Message:
    rows: Sequence[Row]
    request: pb.StreamTouchpointsRequest
    attempts: int = field(default=0)


class Sender:
    """Sends rows through a channel. A failure that passes is tried again, with growing pauses."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = resolution_service_pb2_grpc.ResolutionServiceStub(channel)

    def send(self, rows: Iterable[Row]) -> Iterator[Answer]:
        """What became of each row; touchpoints and records each in their order.

        Raises grpc.RpcError where the service stays away.
        """
        records: list[Row] = []
        messages = _messages(iter(rows), records)
        again: deque[_Message] = deque()
        stream = _Stream(self._stub)
        try:
            while True:
                taken = list(islice(chain(_emptied(again), messages), AHEAD - len(stream.waiting)))
                yield from self._records(records)
                if not taken and not stream.waiting:
                    return
                for message in taken:
                    stream.put(message)
                if stream.waiting:
                    yield from _answers(*stream.next(), again)
                if again:
                    time.sleep(_pause(again[0].attempts))
        finally:
            stream.close()

    def _records(self, rows: list[Row]) -> Iterator[Answer]:
        """State records, many at once; `rows` is emptied."""
        attempts = 0
        while rows:
            calls = [(row, self._stub.UpsertRecord.future(upsert_request(row))) for row in rows]
            rows.clear()
            for row, call in calls:
                error = call.exception()
                if error is None:
                    yield _recorded(row, call.result())
                elif not isinstance(error, grpc.RpcError) or attempts >= ATTEMPTS:
                    raise error
                elif passing(error):
                    rows.append(row)
                else:
                    yield Answer(row, error=_error(error))
            if rows:
                attempts += 1
                time.sleep(_pause(attempts))


class _Stream:
    """The stream of touchpoints, begun again where it breaks: what was not acknowledged is sent again."""

    def __init__(self, stub: resolution_service_pb2_grpc.ResolutionServiceStub) -> None:
        self.waiting: deque[_Message] = deque()
        self._stub = stub
        self._outbox: SimpleQueue[pb.StreamTouchpointsRequest | None] = SimpleQueue()
        self._replies: Iterator[pb.StreamTouchpointsResponse] | None = None
        self._failures = 0

    def put(self, message: _Message) -> None:
        """Send a message; one without touchpoints goes nowhere."""
        if message.rows:
            self.waiting.append(message)
            self._outbox.put(message.request)

    def next(self) -> tuple[_Message, pb.StreamTouchpointsResponse]:
        """The first message that waits, and its reply. Raises grpc.RpcError where none comes."""
        while True:
            try:
                reply = next(self._replies or self._begin())
            except StopIteration:
                failure: Exception = Ended("the service keeps ending the stream")
            except grpc.RpcError as error:
                if not passing(error):
                    raise
                failure = error
            else:
                self._failures = 0
                return self.waiting.popleft(), reply
            self._failures += 1
            if self._failures >= ATTEMPTS:
                raise failure
            self._begin_again()

    def _begin(self) -> Iterator[pb.StreamTouchpointsResponse]:
        replies = iter(self._stub.StreamTouchpoints(iter(self._outbox.get, None)))
        self._replies = replies
        return replies

    def close(self) -> None:
        """Send nothing more."""
        self._outbox.put(None)

    def _begin_again(self) -> None:
        self.close()
        time.sleep(_pause(self._failures))
        self._outbox = SimpleQueue()
        self._replies = None
        for message in self.waiting:
            self._outbox.put(message.request)


def passing(error: Exception) -> bool:
    """Whether the same call may succeed a moment later. A failed call is an error and a call at once."""
    return isinstance(error, grpc.Call) and error.code() in _PASSING


# -- rows to messages --------------------------------------------------------------------------


def touchpoint_request(row: Row, contact: TouchpointFields) -> pb.RecordTouchpointRequest:
    """A row that is a touchpoint and carries its record."""
    message = touchpoint_pb2.Touchpoint(
        key=touchpoint_pb2.TouchpointKey(source=row.source, touchpoint_id=contact.touchpoint_id),
        record=record_pb2.RecordKey(source=row.source, record_id=row.record_id),
        occurred_time=convert.timestamp(contact.occurred),
        channel=contact.channel,
        direction=convert.direction_out(contact.direction),
        kind=contact.kind,
        purpose=contact.purpose,
        conversation=contact.conversation,
        outcome=contact.outcome,
        automated=contact.automated,
        agent=contact.agent,
        location=contact.location,
        address=contact.address,
        references=[
            touchpoint_pb2.Reference(namespace=each.namespace, value=each.raw) for each in contact.references
        ],
    )
    if contact.duration is not None:
        message.duration.CopyFrom(convert.duration(contact.duration))
    if contact.value is not None and contact.currency:
        message.value.CopyFrom(touchpoint_pb2.Money(currency_code=contact.currency, micros=contact.value))
    evidence = row.evidence
    silent = evidence == Evidence(region=evidence.region)
    return pb.RecordTouchpointRequest(
        touchpoint=message,
        evidence=None if silent else convert.evidence_out(evidence),
        record_version=None if silent else row.version,
    )


def upsert_request(row: Row) -> pb.UpsertRecordRequest:
    """A row that is a record alone."""
    return pb.UpsertRecordRequest(
        key=record_pb2.RecordKey(source=row.source, record_id=row.record_id or row.own_id),
        evidence=convert.evidence_out(row.evidence),
        version=row.version,
    )


def _messages(rows: Iterator[Row], records: list[Row]) -> Iterator[_Message]:
    """Rows, so many at a time: those that are touchpoints in a message, the others added to `records`."""
    while batch := list(islice(rows, MESSAGE)):
        contacts = [(row, row.touchpoint) for row in batch if row.touchpoint is not None]
        records += [row for row in batch if row.touchpoint is None]
        requests = [touchpoint_request(row, contact) for row, contact in contacts]
        yield _Message([row for row, _ in contacts], pb.StreamTouchpointsRequest(touchpoints=requests))


# -- answers -----------------------------------------------------------------------------------


def _answers(
    message: _Message, reply: pb.StreamTouchpointsResponse, again: deque[_Message]
) -> Iterator[Answer]:
    """What became of a message's rows; those to be sent again are left out and go to `again`."""
    rows, requests = [], []
    for row, request, each in zip(
        message.rows, message.request.touchpoints, reply.acknowledgements, strict=True
    ):
        if each.HasField("error"):
            if each.error.code in _PASSING_NUMBERS and message.attempts < ATTEMPTS:
                rows.append(row)
                requests.append(request)
            else:
                yield Answer(row, error=each.error)
            continue
        recorded = each.recorded
        yield Answer(
            row,
            outcome=recorded.outcome,
            statement=recorded.statement,
            record=convert.record_key(recorded.record),
            customer=recorded.customer_id,
        )
    if rows:
        again.append(_Message(rows, pb.StreamTouchpointsRequest(touchpoints=requests), message.attempts + 1))


def _recorded(row: Row, reply: pb.UpsertRecordResponse) -> Answer:
    return Answer(
        row, statement=reply.outcome, record=convert.record_key(reply.key), customer=reply.customer_id
    )


def _error(error: Exception) -> errors_pb2.Error:
    details = error.details() if isinstance(error, grpc.Call) else None
    return errors_pb2.Error(message=details or "refused")


def _emptied(again: deque[_Message]) -> Iterator[_Message]:
    while again:
        yield again.popleft()


def _pause(failures: int) -> float:
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0**failures)
