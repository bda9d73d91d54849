"""Partners, and whoever else lives or works together, over gRPC."""

from __future__ import annotations

import grpc

from resolver.v1 import customer_service_pb2 as pb
from resolver.v1 import explanation_pb2, identifier_pb2, record_pb2, stewardship_service_pb2
from resolver.v1 import resolution_service_pb2 as resolution_pb
from tests.serve.builders import Stubs, contact, person, record, refused

HOUSEHOLD = explanation_pb2.RELATION_SAME_HOUSEHOLD
ORGANISATION = explanation_pb2.RELATION_SAME_ORGANISATION


def upsert(service: Stubs, name: str, given: str, phone: str, family: str = "Dijkstra", **more: str) -> str:
    evidence = person(given, family, phone=phone, **more)
    id_: str = service.resolution.UpsertRecord(record(name, evidence)).customer_id
    return id_


def request(customer: str, **more: int | str) -> pb.ListRelationsRequest:
    asked = pb.ListRelationsRequest(**more)  # type: ignore[arg-type]
    asked.customer.customer_id = customer
    return asked


def related(service: Stubs, customer: str) -> dict[str, int]:
    reply = service.customers.ListRelations(request(customer))
    assert reply.next_page_token == "" and reply.revision > 0
    return {each.customer_id: each.relation for each in reply.relations}


def test_partners_stay_two_customers_and_each_answers_the_other(service: Stubs) -> None:
    one = upsert(service, "anna", "Anna", "0624685731")
    assert related(service, one) == {}
    other = upsert(service, "bert", "Bert", "0624685731")
    assert one != other
    assert related(service, one) == {other: HOUSEHOLD}
    (told,) = service.customers.ListRelations(request(other)).relations
    assert (told.customer_id, set(told.shared_attributes)) == (one, {"phone", "family"})
    assert told.strangers_millibits > 0 > told.household_millibits
    by_record = pb.ListRelationsRequest()
    by_record.customer.record.CopyFrom(record_pb2.RecordKey(source="crm", record_id="anna"))
    reply = service.customers.ListRelations(by_record)
    assert (reply.customer_id, [each.customer_id for each in reply.relations]) == (one, [other])


def test_explaining_the_two_says_the_same(service: Stubs) -> None:
    one = upsert(service, "cor", "Cor", "0638127946")
    other = upsert(service, "dora", "Dora", "0638127946")
    asked = stewardship_service_pb2.ExplainRequest()
    asked.pair.left.customer_id, asked.pair.right.customer_id = one, other
    pair = service.stewards.Explain(asked).pair
    assert (pair.decision, pair.relation) == (explanation_pb2.DECISION_RELATED, HOUSEHOLD)
    (told,) = service.customers.ListRelations(request(one)).relations
    assert (told.strangers_millibits, told.household_millibits) == (
        pair.strangers_millibits,
        pair.household_millibits,
    )


def test_colleagues_are_told_from_families(service: Stubs) -> None:
    firm = {"organisation": "Veenstra Transport B.V."}
    one = upsert(service, "evi", "Evi", "0652904618", **firm)
    other = upsert(service, "floor", "Floor", "0652904618", **firm)
    assert related(service, one) == {other: ORGANISATION}


def test_relations_follow_a_merge_a_split_and_a_deletion(service: Stubs) -> None:
    one = upsert(service, "gijs", "Gijs", "0617359284")
    other = upsert(service, "hanna", "Hanna", "0617359284")
    apart = upsert(service, "wubbo", "Wubbo", "0643092857", "Tamsma")
    merge = stewardship_service_pb2.MergeCustomersRequest(steward="s")
    for customer in (other, apart):
        merge.sides.add().customer.customer_id = customer
    judgement = service.stewards.MergeCustomers(merge).judgement.id
    assert related(service, one) == {other: HOUSEHOLD}
    reply = service.customers.ListRelations(request(apart))
    assert (reply.customer_id, [each.customer_id for each in reply.relations]) == (other, [one])
    service.stewards.Revert(stewardship_service_pb2.RevertRequest(judgement_id=judgement, steward="s"))
    assert related(service, one) == {other: HOUSEHOLD}
    assert related(service, apart) == {}
    key = record_pb2.RecordKey(source="crm", record_id="hanna")
    service.resolution.DeleteRecord(resolution_pb.DeleteRecordRequest(key=key, version=2))
    assert related(service, one) == {}
    assert related(service, other) == {}


def test_many_are_told_a_page_at_a_time(service: Stubs) -> None:
    family = {upsert(service, given, given, "0681473052") for given in ("Ivo", "Joke", "Kars", "Lies", "Mo")}
    one = min(family)
    asked, seen = request(one, page_size=3), []
    while True:
        page = service.customers.ListRelations(asked)
        seen += [each.customer_id for each in page.relations]
        if not page.next_page_token:
            break
        asked.page_token = page.next_page_token
    assert seen == sorted(family - {one})
    asked.customer.customer_id = max(family)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", "page_token"):
        service.customers.ListRelations(asked)


def test_who_is_nobody_or_a_visitor_has_none(service: Stubs) -> None:
    with refused(grpc.StatusCode.NOT_FOUND, "CUSTOMER_NOT_FOUND", "customer.customer_id"):
        service.customers.ListRelations(request("nobody"))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", "customer"):
        service.customers.ListRelations(pb.ListRelationsRequest())
    visit = contact("passing", record="cookie-9")
    visit.evidence.identifiers.add(kind=identifier_pb2.IDENTIFIER_KIND_DEVICE, raw="cookie-9")
    service.resolution.RecordTouchpoint(visit)
    asked = pb.ListRelationsRequest()
    asked.customer.record.CopyFrom(record_pb2.RecordKey(source="shop", record_id="cookie-9"))
    reply = service.customers.ListRelations(asked)
    assert (reply.customer_id, list(reply.relations)) == ("", [])
