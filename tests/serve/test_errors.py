from __future__ import annotations

import grpc
import pytest
from structlog.testing import capture_logs

from graph.errors import Conflict, StoreError, StoreUnavailable
from resolver.intake import Refusal
from resolver.serve.errors import CODE, Invalid, Violation, error_of, refusal_of, status_of
from resolver.v1 import errors_pb2


def test_every_reason_of_the_contract_has_its_status() -> None:
    reasons = {name.removeprefix("ERROR_REASON_").lower() for name in errors_pb2.ErrorReason.keys()}  # noqa: SIM118
    assert reasons - {"unspecified"} == set(CODE)


@pytest.mark.parametrize("reason", sorted(CODE))
def test_the_status_is_the_one_that_the_contract_states(reason: str) -> None:
    assert status_of(Refusal(reason, "why")).code is CODE[reason]
    assert error_of(Refusal(reason, "why")).code == CODE[reason].value[0]


def test_all_violations_are_told_inside_a_stream() -> None:
    refusal = Invalid([Violation("a", "field_required", "x"), Violation("b[1]", "text_invalid", "y")])
    error = error_of(refusal)
    assert [(each.field, each.reason) for each in error.field_violations] == [
        ("a", errors_pb2.ERROR_REASON_FIELD_REQUIRED),
        ("b[1]", errors_pb2.ERROR_REASON_TEXT_INVALID),
    ]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Conflict(["block"]), "contention"),
        (StoreUnavailable("the disk is full"), "store_unavailable"),
        (StoreError("odd"), "internal"),
        (KeyError("jan@example.org"), "internal"),
        (Refusal("no_such_reason", "jan@example.org"), "internal"),
    ],
)
def test_errors_are_told_without_what_they_hold(error: Exception, reason: str) -> None:
    with capture_logs() as logs:
        refusal = refusal_of(error, "doing")
    assert refusal.reason == reason
    assert "jan@" not in str(refusal)
    assert "jan@" not in repr(logs)


def test_what_nobody_foresaw_is_logged_with_its_place() -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        with capture_logs() as logs:
            refusal = refusal_of(error, "a method")
    assert CODE[refusal.reason] is grpc.StatusCode.INTERNAL
    assert logs[0]["error"] == "ZeroDivisionError"
    assert "test_errors.py" in logs[0]["at"]
