from __future__ import annotations

import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import grpc
import pytest

from resolver.serve.writer import Writer
from resolver.v1 import customer_service_pb2, errors_pb2, explanation_pb2, record_pb2
from resolver.v1 import resolution_service_pb2 as pb
from tests.serve.builders import NOON, Stubs, contact, person, record, refusal, refused, served

INVALID = grpc.StatusCode.INVALID_ARGUMENT
STREAM = "/resolver.v1.ResolutionService/StreamTouchpoints"


def message(*entries: pb.RecordTouchpointRequest) -> pb.StreamTouchpointsRequest:
    return pb.StreamTouchpointsRequest(touchpoints=entries)


def raw_call(client: Stubs, method: str, raw: bytes) -> Any:  # noqa: ANN401
    return client.channel.unary_unary(f"/resolver.v1.{method}")(raw)


def test_a_touchpoint_becomes_a_customer(service: Stubs) -> None:
    request = contact("become", person("Eva", "Jansen", email="eva.jansen@kpnmail.nl"), record="eva")
    first = service.resolution.RecordTouchpoint(request)
    assert first.outcome == pb.TOUCHPOINT_OUTCOME_CREATED
    assert first.statement == record_pb2.STATEMENT_OUTCOME_STANDS
    assert (first.record.source, first.record.record_id) == ("shop", "eva")
    assert first.customer_id and first.revision >= 1 and first.settled_revision <= first.revision
    again = service.resolution.RecordTouchpoint(request)
    assert again.outcome == pb.TOUCHPOINT_OUTCOME_DUPLICATE
    assert (again.customer_id, again.revision) == (first.customer_id, first.revision)


def test_compared_attributes_take_part_and_are_shown(service: Stubs) -> None:
    evidence = person("Lars", "Smit", email="lars.smit@kpnmail.nl")
    evidence.compared_attributes.add(name="occupation", value="Baker")
    evidence.compared_attributes.add(name="Sex", value="m")
    customer = service.resolution.UpsertRecord(record("lars", evidence)).customer_id
    asked = person("Lars", "Smit", email="lars.smit@kpnmail.nl")
    asked.compared_attributes.add(name="Beruf", value="baker")
    (candidate,) = service.resolution.Resolve(pb.ResolveRequest(evidence=asked)).candidates
    assert candidate.customer_id == customer
    assert "occupation equal" in {each.level for each in candidate.explanation.comparisons}
    found = service.customers.LookupCustomer(customer_service_pb2.LookupCustomerRequest(customer_id=customer))
    shown = found.customer.golden_record.attributes
    assert {name: each.value for name, each in shown.items()} == {"occupation": "Baker", "Sex": "m"}


def test_attributes_alone_make_a_visitor(service: Stubs) -> None:
    evidence = record_pb2.Evidence()
    evidence.compared_attributes.add(name="occupation", value="lighthouse keeper")
    assert service.resolution.UpsertRecord(record("somebody", evidence)).customer_id == ""


def test_the_same_key_with_other_content_is_refused(service: Stubs) -> None:
    service.resolution.RecordTouchpoint(contact("differs", person(email="differs@kpnmail.nl")))
    with refused(grpc.StatusCode.ALREADY_EXISTS, "TOUCHPOINT_DIFFERS", "touchpoint"):
        service.resolution.RecordTouchpoint(
            contact("differs", person(email="differs@kpnmail.nl"), channel="app")
        )


def test_bad_fields_are_refused_all_at_once(service: Stubs) -> None:
    bad = contact("", person(family="x" * 1_000_000), channel="", seconds=NOON * 3, source="")
    fields = ("key.source", "key.touchpoint_id", "occurred_time", "channel")
    with refused(
        INVALID, "FIELD_REQUIRED", "evidence.family_name", *(f"touchpoint.{field}" for field in fields)
    ):
        service.resolution.RecordTouchpoint(bad)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x0a\x04\x0a\x02\x0a\xff",  # cut short
        b"\x0a\x06\x2a\x04\xff\xfe\xfd\xfc",  # a channel that is not UTF-8
        b"\x0d\x00\x00\x00\x00\xff\xff\xff",  # another wire type and rubbish
        b"\xff" * 100,
    ],
)
def test_bytes_that_are_no_message_are_refused(service: Stubs, raw: bytes) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw_call(service, "ResolutionService/RecordTouchpoint", raw)
    assert refusal(caught.value)[:2] == (INVALID, "TEXT_INVALID")


def test_a_message_too_large_is_refused_and_the_server_stays_up(service: Stubs) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw_call(service, "ResolutionService/RecordTouchpoint", b"\x0a" * (9 << 20))
    assert refusal(caught.value).code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.resolution.RecordTouchpoint(contact("after", person(email="after@kpnmail.nl"))).customer_id


def test_a_record_is_stated_superseded_and_deleted(service: Stubs) -> None:
    upsert = service.resolution.UpsertRecord
    first = upsert(record("versions", person(email="versions@kpnmail.nl"), 2))
    assert (first.outcome, bool(first.customer_id)) == (record_pb2.STATEMENT_OUTCOME_STANDS, True)
    older = upsert(record("versions", person("Piet", email="versions@kpnmail.nl"), 1))
    assert older.outcome == record_pb2.STATEMENT_OUTCOME_SUPERSEDED
    gone = service.resolution.DeleteRecord(pb.DeleteRecordRequest(key=first.key, version=2))
    assert gone.outcome == record_pb2.STATEMENT_OUTCOME_STANDS
    found = service.customers.LookupCustomer(
        customer_service_pb2.LookupCustomerRequest(customer_id=first.customer_id)
    )
    assert found.status == customer_service_pb2.LOOKUP_STATUS_EMPTY


def test_resolve_answers_who_it_would_be_and_writes_nothing(service: Stubs) -> None:
    known = service.resolution.UpsertRecord(
        record("resolve", person("Teun", "Postma", email="teun.postma@kpnmail.nl", phone="0612349876"))
    )
    asked = person("Teun", "Postma", email="teun.postma@kpnmail.nl", phone="+31 6 1234 9876")
    reply = service.resolution.Resolve(pb.ResolveRequest(evidence=asked))
    assert (reply.decision, reply.customer_id) == (explanation_pb2.DECISION_MATCH, known.customer_id)
    assert reply.candidates[0].customer_id == known.customer_id
    assert reply.candidates[0].explanation.comparisons
    assert not any(each.left_values for each in reply.candidates[0].explanation.comparisons)
    assert reply.revision == service.resolution.Resolve(pb.ResolveRequest(evidence=asked)).revision
    with refused(INVALID, "FIELD_TOO_LARGE", "max_candidates"):
        service.resolution.Resolve(pb.ResolveRequest(evidence=asked, max_candidates=101))


# -- streams -----------------------------------------------------------------------------------


def test_messages_are_answered_in_order_each_by_one(service: Stubs) -> None:
    sizes = [1, 7, 100, 3]
    sent = [
        message(*(contact(f"order-{n}-{m}", person(email=f"o{m}@kpnmail.nl")) for m in range(size)))
        for n, size in enumerate(sizes)
    ]
    replies = list(service.resolution.StreamTouchpoints(iter(sent)))
    assert [len(reply.acknowledgements) for reply in replies] == sizes
    assert all(each.HasField("recorded") for reply in replies for each in reply.acknowledgements)
    assert [reply.revision for reply in replies] == sorted(reply.revision for reply in replies)


def test_a_bad_touchpoint_neither_ends_the_stream_nor_touches_its_neighbours(service: Stubs) -> None:
    good = contact("good", person(email="good@kpnmail.nl"))
    bad = contact("bad", person(email="bad@kpnmail.nl"), channel="NO")
    differs = contact("good", person(email="good@kpnmail.nl"), channel="app")
    later = message(contact("later", person(email="later@kpnmail.nl")))
    first, second = service.resolution.StreamTouchpoints(iter([message(good, bad, differs), later]))
    kinds = [each.WhichOneof("result") for each in first.acknowledgements]
    assert kinds == ["recorded", "error", "error"]
    error = first.acknowledgements[1].error
    assert error.reason == errors_pb2.ERROR_REASON_FIELD_INVALID
    assert [each.field for each in error.field_violations] == ["touchpoint.channel"]
    assert first.acknowledgements[2].error.reason == errors_pb2.ERROR_REASON_TOUCHPOINT_DIFFERS
    assert second.acknowledgements[0].HasField("recorded")


def test_text_that_is_not_utf8_spoils_its_own_touchpoint_alone(service: Stubs) -> None:
    good = contact("beside", person(email="beside@kpnmail.nl")).SerializeToString()
    bad = b"\x0a\x03\x2a\x01\xff"
    raw = b"".join(b"\x0a" + _varint(len(each)) + each for each in (bad, good))
    [reply] = service.channel.stream_stream(STREAM)(iter([raw]))
    answers = pb.StreamTouchpointsResponse.FromString(reply).acknowledgements
    assert answers[0].error.reason == errors_pb2.ERROR_REASON_TEXT_INVALID
    assert answers[1].HasField("recorded")


def _varint(number: int) -> bytes:
    return bytes([number & 127 | 128, number >> 7]) if number > 127 else bytes([number])


def test_an_empty_message_ends_the_stream_after_what_was_sent_before_it(service: Stubs) -> None:
    before = message(contact("before-empty", person(email="before@kpnmail.nl")))
    replies = service.resolution.StreamTouchpoints(iter([before, message()]))
    assert next(replies).acknowledgements[0].HasField("recorded")
    with refused(INVALID, "FIELD_REQUIRED", "touchpoints"):
        next(replies)


def test_a_message_of_too_many_is_refused(service: Stubs) -> None:
    with refused(INVALID, "FIELD_TOO_LARGE", "touchpoints"):
        next(service.resolution.StreamTouchpoints(iter([message(*(contact("x") for _ in range(1001)))])))


def test_a_stream_cut_in_the_middle_loses_nothing_acknowledged(service: Stubs) -> None:
    outbox: SimpleQueue[pb.StreamTouchpointsRequest] = SimpleQueue()
    call = service.resolution.StreamTouchpoints(iter(outbox.get, None))
    for n in range(20):
        outbox.put(message(contact(f"cut-{n}", person(email=f"cut{n}@kpnmail.nl"))))
    acknowledged = [next(call).acknowledgements[0].recorded for _ in range(5)]
    call.cancel()
    for n, each in enumerate(acknowledged):
        again = service.resolution.RecordTouchpoint(contact(f"cut-{n}", person(email=f"cut{n}@kpnmail.nl")))
        assert (again.outcome, again.customer_id) == (pb.TOUCHPOINT_OUTCOME_DUPLICATE, each.customer_id)


# -- overload, deadlines -----------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A writer that takes half a second for each batch; the sizes of the batches."""
    sizes: list[int] = []
    answers = Writer._answers

    def held(self: Writer, arrivals: Any) -> Any:  # noqa: ANN401
        time.sleep(0.5)
        sizes.append(len(arrivals))
        return answers(self, arrivals)

    monkeypatch.setattr(Writer, "_answers", held)
    return sizes


def test_an_overloaded_server_says_so_and_when_to_come_back(tmp_path: Path, slow: list[int]) -> None:
    with served(tmp_path / "s.db", server={"queue": 2, "batch": 1}) as (_, client):
        calls = [
            client.resolution.RecordTouchpoint.future(contact(f"o{n}", person(email=f"o{n}@kpnmail.nl")))
            for n in range(8)
        ]
        refusals = [refusal(error) for call in calls if (error := call.exception()) is not None]
        assert 1 <= len(refusals) <= 6
        assert {(each.code, each.reason, each.retry) for each in refusals} == {
            (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", True)
        }


def test_work_whose_caller_has_gone_is_not_begun(tmp_path: Path, slow: list[int]) -> None:
    with served(tmp_path / "s.db") as (_, client):
        held = client.resolution.RecordTouchpoint.future(contact("held", person(email="held@kpnmail.nl")))
        time.sleep(0.2)
        with pytest.raises(grpc.RpcError) as caught:
            client.resolution.RecordTouchpoint(contact("late", person(email="late@kpnmail.nl")), timeout=0.05)
        assert refusal(caught.value).code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert held.result().customer_id
        time.sleep(0.6)
        late = customer_service_pb2.LookupCustomerRequest()
        late.touchpoint.source, late.touchpoint.touchpoint_id = "shop", "late"
        assert client.customers.LookupCustomer(late).status == customer_service_pb2.LOOKUP_STATUS_NONE
    assert sum(slow) == 1
