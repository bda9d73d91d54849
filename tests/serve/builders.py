"""Requests for tests: short to write, valid unless a test breaks them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from resolver.config import load
from resolver.serve.process import Service
from resolver.v1 import (
    customer_service_pb2_grpc,
    identifier_pb2,
    record_pb2,
    resolution_service_pb2_grpc,
    stewardship_service_pb2_grpc,
    touchpoint_pb2,
)
from resolver.v1 import resolution_service_pb2 as pb

NOON = 1_700_000_000
"""Seconds since 1970 of a day in 2023."""


class Stubs(NamedTuple):
    """The services behind one channel, untyped: tests send what types would forbid."""

    channel: Any
    resolution: Any
    customers: Any
    stewards: Any


def stubs(channel: grpc.Channel) -> Stubs:
    return Stubs(
        channel,
        resolution_service_pb2_grpc.ResolutionServiceStub(channel),
        customer_service_pb2_grpc.CustomerServiceStub(channel),
        stewardship_service_pb2_grpc.StewardshipServiceStub(channel),
    )


@contextmanager
def served(store: Path, **flags: object) -> Iterator[tuple[Service, Stubs]]:
    """A service of its own, and a client of it."""
    loaded = load(
        None, {"store": store, "listen": "127.0.0.1:0", "region": "NL", "population": 1000, **flags}
    )
    with Service(loaded) as service, grpc.insecure_channel(service.address) as channel:
        yield service, stubs(channel)


def person(
    given: str = "Jan", family: str = "de Vries", email: str = "", phone: str = "", **others: str
) -> record_pb2.Evidence:
    evidence = record_pb2.Evidence(given_name=given, family_name=family, **others)  # type: ignore[arg-type]
    if email:
        evidence.identifiers.add(kind=identifier_pb2.IDENTIFIER_KIND_EMAIL, raw=email)
    if phone:
        evidence.identifiers.add(kind=identifier_pb2.IDENTIFIER_KIND_PHONE, raw=phone)
    return evidence


def contact(
    name: str,
    evidence: record_pb2.Evidence | None = None,
    *,
    record: str = "",
    source: str = "shop",
    channel: str = "web",
    seconds: int = NOON,
) -> pb.RecordTouchpointRequest:
    return pb.RecordTouchpointRequest(
        touchpoint=touchpoint_pb2.Touchpoint(
            key=touchpoint_pb2.TouchpointKey(source=source, touchpoint_id=name),
            record=record_pb2.RecordKey(source=source, record_id=record),
            occurred_time=Timestamp(seconds=seconds),
            channel=channel,
            direction=touchpoint_pb2.DIRECTION_INBOUND,
        ),
        evidence=evidence,
    )


def record(name: str, evidence: record_pb2.Evidence, version: int | None = None) -> pb.UpsertRecordRequest:
    key = record_pb2.RecordKey(source="crm", record_id=name)
    return pb.UpsertRecordRequest(key=key, evidence=evidence, version=version)


class Refused(NamedTuple):
    """A refusal as a caller sees it."""

    code: grpc.StatusCode
    reason: str
    fields: dict[str, str]
    retry: bool


@contextmanager
def refused(code: grpc.StatusCode, reason: str, *fields: str) -> Iterator[None]:
    """The call within is refused with this status and reason, these fields being at fault."""
    with pytest.raises(grpc.RpcError) as caught:
        yield
    found = refusal(caught.value)
    assert (found.code, found.reason, sorted(found.fields)) == (code, reason, sorted(fields))


def refusal(error: Exception) -> Refused:
    assert isinstance(error, grpc.Call)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    status = rpc_status.from_call(error)
    waits = False
    for detail in status.details if status is not None else ():
        detail.Unpack(info)
        detail.Unpack(bad)
        waits = detail.Unpack(retry) or waits
    assert status is None or info.domain == "resolver.v1"
    fields = {each.field: each.reason for each in bad.field_violations}
    return Refused(error.code(), info.reason, fields, waits)


def eventually(seconds: float = 5.0) -> Iterator[None]:
    """Ticks until the time is over; a test leaves the loop when what it waits for has come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.02)
    raise AssertionError("it did not come about")
