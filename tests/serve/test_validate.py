from __future__ import annotations

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from resolver.serve import validate
from resolver.serve.errors import Invalid
from resolver.v1 import customer_service_pb2, identifier_pb2, stewardship_service_pb2
from resolver.v1 import resolution_service_pb2 as pb
from tests.serve.builders import NOON, contact, person, record

NOW = (NOON + 1000) * 1_000_000
IN_2099 = 4_070_908_800
IN_1899 = -2_208_988_801


def faults(request: Message, *, government_ids: bool = False) -> dict[str, str]:
    try:
        validate.check(request, now=NOW, government_ids=government_ids)
    except Invalid as invalid:
        return {each.field: each.reason for each in invalid.violations}
    return {}


def broken(**changes: object) -> pb.RecordTouchpointRequest:
    """A touchpoint with some fields of it set to something else."""
    request = contact("t1", person(email="jan@kpnmail.nl"))
    for name, value in changes.items():
        if isinstance(value, Message):
            getattr(request.touchpoint, name).CopyFrom(value)
        else:
            setattr(request.touchpoint, name, value)
    return request


def test_a_usual_touchpoint_is_taken() -> None:
    assert faults(broken()) == {}


def test_an_empty_request_lacks_its_touchpoint() -> None:
    assert faults(pb.RecordTouchpointRequest()) == {"touchpoint": "field_required"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    request = pb.RecordTouchpointRequest()
    request.touchpoint.key.touchpoint_id = "t\0"
    request.touchpoint.kind = "k" * 101
    request.evidence.region = "NLD"
    request.evidence.identifiers.add()
    assert faults(request) == {
        "touchpoint.key.source": "field_required",
        "touchpoint.key.touchpoint_id": "text_invalid",
        "touchpoint.occurred_time": "field_required",
        "touchpoint.channel": "field_required",
        "touchpoint.kind": "field_too_large",
        "evidence.region": "field_invalid",
        "evidence.identifiers[0].kind": "field_required",
        "evidence.identifiers[0].raw": "field_required",
    }


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"channel": "Web Shop"}, "touchpoint.channel", "field_invalid"),
        ({"channel": "c" * 101}, "touchpoint.channel", "field_too_large"),
        ({"agent": "a\nb"}, "touchpoint.agent", "text_invalid"),
        ({"outcome": "o\x07"}, "touchpoint.outcome", "text_invalid"),
        ({"outcome": "x" * 1_000_000}, "touchpoint.outcome", "field_too_large"),
        ({"direction": 9}, "touchpoint.direction", "field_invalid"),
        (
            {"occurred_time": Timestamp(seconds=4_070_908_800)},
            "touchpoint.occurred_time",
            "time_out_of_range",
        ),
        (
            {"occurred_time": Timestamp(seconds=IN_1899)},
            "touchpoint.occurred_time",
            "time_out_of_range",
        ),
        ({"occurred_time": Timestamp(seconds=1, nanos=-1)}, "touchpoint.occurred_time", "field_invalid"),
        ({"duration": Duration(seconds=-1)}, "touchpoint.duration", "field_invalid"),
    ],
)
def test_a_field_at_fault_is_named(changes: dict[str, object], field: str, reason: str) -> None:
    assert faults(broken(**changes)) == {field: reason}


def test_limits_are_inclusive() -> None:
    request = broken(outcome="x" * 1000, kind="k" * 100)
    request.touchpoint.key.touchpoint_id = "i" * 500
    request.touchpoint.occurred_time.seconds = NOON + 1000 + 86_400
    assert faults(request) == {}


def test_texts_that_are_no_names_may_run_over_lines_and_from_right_to_left() -> None:
    request = contact("t1", person("محمد", "אברהם", street="1st line\r\n\t2nd\u200f", email="a@kpnmail.nl"))
    assert faults(request) == {}


def test_lists_and_attributes_are_bounded() -> None:
    request = broken()
    for _ in range(101):
        request.evidence.identifiers.add(kind=identifier_pb2.IDENTIFIER_KIND_EMAIL, raw="a@kpnmail.nl")
        request.touchpoint.references.add(value="1")
    request.touchpoint.attributes[""] = "x"
    request.evidence.attributes["k" * 101] = "x"
    for _ in range(101):
        request.evidence.compared_attributes.add(name="gender", value="f")
    assert faults(request) == {
        "evidence.identifiers": "field_too_large",
        "touchpoint.references": "field_too_large",
        "touchpoint.attributes": "field_required",
        "evidence.attributes": "field_too_large",
        "evidence.compared_attributes": "field_too_large",
    }


def test_a_compared_attribute_has_a_name_and_may_have_any_value() -> None:
    request = broken()
    for name, value in (("", "x"), ("a\nb", "x"), ("k" * 101, "x"), ("note", "x\ny"), ("none", "")):
        request.evidence.compared_attributes.add(name=name, value=value)
    request.evidence.compared_attributes.add(name="long", value="x" * 1001)
    assert faults(request) == {
        "evidence.compared_attributes[0].name": "field_required",
        "evidence.compared_attributes[1].name": "text_invalid",
        "evidence.compared_attributes[2].name": "field_too_large",
        "evidence.compared_attributes[5].value": "field_too_large",
    }


def test_government_ids_are_taken_only_where_they_are_configured() -> None:
    request = record("r", person())
    kind = identifier_pb2.IDENTIFIER_KIND_GOVERNMENT
    request.evidence.identifiers.add(kind=kind, namespace="passport", raw="X1")
    assert faults(request) == {"evidence.identifiers[0].kind": "government_id_not_accepted"}
    assert faults(request, government_ids=True) == {}


def test_keys_need_what_their_place_needs() -> None:
    assert faults(pb.UpsertRecordRequest(evidence=person())) == {"key": "field_required"}
    upsert = record("", person())
    assert faults(upsert) == {}
    deletion = pb.DeleteRecordRequest(key=upsert.key)
    assert faults(deletion) == {"key.record_id": "field_required", "version": "field_required"}


def test_acts_say_who_and_about_whom() -> None:
    merge = stewardship_service_pb2.MergeCustomersRequest(reason="r" * 1001)
    merge.sides.add()
    assert faults(merge) == {
        "steward": "field_required",
        "sides": "field_required",
        "sides[0].customer": "field_required",
        "reason": "field_too_large",
    }
    split = stewardship_service_pb2.SplitCustomerRequest(steward="s")
    for _ in range(2):
        split.parts.add().records.add(source="a", record_id="b")
    assert faults(split) == {"parts[1].records": "field_invalid"}


def test_pages_and_revisions_are_not_negative() -> None:
    listing = customer_service_pb2.ListChangesRequest(page_size=-1, after_revision=-1, min_revision=-1)
    assert set(faults(listing)) == {"page_size", "after_revision", "min_revision"}


@given(st.binary(max_size=200))
def test_whatever_can_be_parsed_is_judged_without_an_error(raw: bytes) -> None:
    try:
        request = pb.RecordTouchpointRequest.FromString(raw)
    except Exception:  # noqa: BLE001 - no message
        return
    for field in faults(request):
        assert field.startswith(("touchpoint", "evidence"))


@given(st.text(max_size=1200))
def test_no_violation_repeats_a_value(text: str) -> None:
    request = broken()
    request.evidence.given_name = text
    told = ""
    try:
        validate.check(request, now=NOW, government_ids=False)
    except Invalid as invalid:
        told = str(invalid)
    assert len(text) < 8 or text not in told
