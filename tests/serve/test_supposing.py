"""What if, over the wire: foretold, not written, and refused where it makes no sense."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from resolver.v1 import customer_service_pb2, explanation_pb2, identifier_pb2, record_pb2
from resolver.v1 import stewardship_service_pb2 as pb
from tests.serve.builders import Stubs, person, record, refused

PHONE = identifier_pb2.StatedIdentifier(kind=identifier_pb2.IDENTIFIER_KIND_PHONE, raw="0655501234")


def key(name: str) -> record_pb2.RecordKey:
    return record_pb2.RecordKey(source="crm", record_id=name)


def asked(left: str, right: str, **change: object) -> pb.ExplainRequest:
    request = pb.ExplainRequest(what_if=pb.Supposition(**change))  # type: ignore[arg-type]
    request.pair.left.record.CopyFrom(key(left))
    request.pair.right.record.CopyFrom(key(right))
    return request


@pytest.fixture
def one(service: Stubs) -> str:
    """A customer of two records."""
    evidence = person("Hidde", "Zijlstra", "hidde.zijlstra@kpnmail.nl", PHONE.raw, birth_date="1971-02-03")
    ids = {service.resolution.UpsertRecord(record(f"if-{n}", evidence)).customer_id for n in range(2)}
    (id_,) = ids
    return str(id_)


def test_apart_makes_two_of_one_and_writes_nothing(service: Stubs, one: str) -> None:
    request = asked("if-0", "if-1", judgement=pb.SUPPOSED_JUDGEMENT_APART)
    reply = service.stewards.Explain(request)
    (change,) = reply.what_if.regroupings
    assert [customer.customer_id for customer in change.before] == [one]
    assert sorted(customer.customer_id for customer in change.after) == ["", one]
    assert [list(customer.records) for customer in change.after] == [[key("if-0")], [key("if-1")]]
    assert list(change.moved) == [key("if-1")] and reply.what_if.regrouping_count == 1
    assert reply.pair.together and not reply.what_if.pair.together
    assert reply.what_if.pair.refusal_reason == explanation_pb2.REFUSAL_REASON_JUDGEMENT
    again = service.stewards.Explain(request)
    assert again == reply, "nothing was written"


def test_one_field_of_a_record_may_be_another(service: Stubs, one: str) -> None:
    said = pb.SupposedRecord(
        key=key("if-1"),
        evidence=record_pb2.Evidence(birth_date="1999-09-09"),
        update_mask=FieldMask(paths=["birth_date"]),
    )
    pair = service.stewards.Explain(asked("if-0", "if-1", record=said)).what_if.pair
    assert list(pair.limits) == [explanation_pb2.LIMIT_KIND_BIRTH_DATE]
    assert {each.attribute for each in pair.comparisons} >= {"birth", "phone", "email"}
    said.ClearField("update_mask")
    pair = service.stewards.Explain(asked("if-0", "if-1", record=said)).what_if.pair
    assert {each.attribute for each in pair.comparisons} == {"birth"}


def test_a_record_that_is_not_there_yet_may_be_a_side(service: Stubs, one: str) -> None:
    said = pb.SupposedRecord(key=key("if-new"), evidence=person("Hidde", "Zijlstra", phone=PHONE.raw))
    reply = service.stewards.Explain(asked("if-new", "if-0", record=said))
    assert not reply.HasField("pair") and reply.what_if.pair.left.record == key("if-new")
    (change,) = reply.what_if.regroupings
    assert list(change.moved) == [key("if-new")]
    alone = pb.ExplainRequest(what_if=pb.Supposition(record=said))
    assert service.stewards.Explain(alone).what_if.regroupings == reply.what_if.regroupings
    with refused(grpc.StatusCode.NOT_FOUND, "RECORD_NOT_FOUND", "pair.left.record"):
        service.stewards.Explain(asked("if-none", "if-0", record=said))


def test_what_is_blocked_weighs_nothing(service: Stubs, one: str) -> None:
    reply = service.stewards.Explain(asked("if-0", "if-1", blocked_identifier=PHONE))
    now, then = ({each.attribute for each in pair.comparisons} for pair in (reply.pair, reply.what_if.pair))
    assert "phone" in now - then and "email" in then <= now


def test_a_customer_is_asked_about_beside_what_holds_it_together(service: Stubs, one: str) -> None:
    request = pb.ExplainRequest(what_if=pb.Supposition(deleted_record=key("if-1")))
    request.customer.customer_id = one
    reply = service.stewards.Explain(request)
    assert len(reply.links) == 1 and not reply.what_if.HasField("pair")
    (change,) = reply.what_if.regroupings
    assert [list(customer.records) for customer in change.after] == [[key("if-0")]]
    found = service.customers.LookupCustomer(customer_service_pb2.LookupCustomerRequest(customer_id=one))
    assert found.customer.record_count == 2


def test_another_threshold_is_told_where_it_changes_nothing(service: Stubs, one: str) -> None:
    outcome = service.stewards.Explain(asked("if-0", "if-1", merge_threshold=0.95)).what_if
    assert (list(outcome.regroupings), outcome.regrouping_count, outcome.pair.together) == ([], 0, True)


DEVICE = identifier_pb2.StatedIdentifier(kind=identifier_pb2.IDENTIFIER_KIND_DEVICE, raw="x", namespace="web")
EMPTY = identifier_pb2.StatedIdentifier(kind=identifier_pb2.IDENTIFIER_KIND_PHONE, raw=" ")
UNKNOWN = pb.SupposedRecord(
    key=key("if-0"), evidence=record_pb2.Evidence(), update_mask=FieldMask(paths=["birth_date", "age"])
)


@pytest.mark.parametrize(
    ("supposed", "reason", "field"),
    [
        (pb.Supposition(), "FIELD_REQUIRED", "what_if.change"),
        (pb.Supposition(merge_threshold=1.5), "FIELD_INVALID", "what_if.merge_threshold"),
        (pb.Supposition(judgement=pb.SUPPOSED_JUDGEMENT_UNSPECIFIED), "FIELD_REQUIRED", "what_if.judgement"),
        (pb.Supposition(blocked_identifier=DEVICE), "FIELD_INVALID", "what_if.blocked_identifier.kind"),
        (pb.Supposition(blocked_identifier=EMPTY), "FIELD_INVALID", "what_if.blocked_identifier.raw"),
        (pb.Supposition(record=pb.SupposedRecord(key=key("x"))), "FIELD_REQUIRED", "what_if.record.evidence"),
        (pb.Supposition(record=UNKNOWN), "FIELD_INVALID", "what_if.record.update_mask.paths[1]"),
    ],
)
def test_what_makes_no_sense_is_refused(
    service: Stubs, one: str, supposed: pb.Supposition, reason: str, field: str
) -> None:
    request = asked("if-0", "if-1")
    request.what_if.CopyFrom(supposed)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, reason, field):
        service.stewards.Explain(request)


def test_what_needs_a_subject_is_refused_without_one(service: Stubs) -> None:
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", "subject"):
        service.stewards.Explain(pb.ExplainRequest(what_if=pb.Supposition(merge_threshold=0.9)))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", "pair"):
        judged = pb.Supposition(judgement=pb.SUPPOSED_JUDGEMENT_APART)
        service.stewards.Explain(pb.ExplainRequest(what_if=judged))
