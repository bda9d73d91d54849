from __future__ import annotations

import threading
from pathlib import Path

import grpc
import pytest

from resolver.v1 import channel_pb2, identifier_pb2
from resolver.v1 import customer_service_pb2 as pb
from tests.serve.builders import NOON, Stubs, contact, person, record, refused, served

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND


def by_email(value: str) -> pb.LookupCustomerRequest:
    query = pb.IdentifierQuery(kind=identifier_pb2.IDENTIFIER_KIND_EMAIL, value=value)
    return pb.LookupCustomerRequest(identifier=query)


def by_id(id_: str) -> pb.LookupCustomerRequest:
    return pb.LookupCustomerRequest(customer_id=id_)


def test_a_customer_is_found_by_whatever_leads_to_them(service: Stubs) -> None:
    asked = contact("ways", person("Iris", "Bos", "iris.bos@kpnmail.nl", "06 5551 2345"), record="iris")
    asked.touchpoint.references.add(namespace="Order", value="A-77")
    id_ = service.resolution.RecordTouchpoint(asked).customer_id
    phone = pb.IdentifierQuery(kind=identifier_pb2.IDENTIFIER_KIND_PHONE, value="+31 (0)6 5551 2345")
    order = pb.IdentifierQuery(kind=identifier_pb2.IDENTIFIER_KIND_REFERENCE, namespace="order", value="A-77")
    by_record, by_touchpoint = pb.LookupCustomerRequest(), pb.LookupCustomerRequest()
    by_record.record.source, by_record.record.record_id = "shop", "iris"
    by_touchpoint.touchpoint.source, by_touchpoint.touchpoint.touchpoint_id = "shop", "ways"
    for request in (
        by_email(" IRIS.bos@KPNmail.nl"),
        pb.LookupCustomerRequest(identifier=phone),
        pb.LookupCustomerRequest(identifier=order),
        by_id(id_),
        by_record,
        by_touchpoint,
    ):
        found = service.customers.LookupCustomer(request)
        assert (found.status, found.customer.id) == (pb.LOOKUP_STATUS_FOUND, id_)
        assert found.customer.golden_record.display_name == "Iris Bos"
        assert [each.channel for each in found.customer.channels] == ["web"]
        assert [each.key.touchpoint_id for each in found.customer.latest_touchpoints] == ["ways"]


def test_a_lookup_shows_what_was_written_the_moment_before(service: Stubs) -> None:
    evidence = person("Fleur", "Kok", "fleur.kok@kpnmail.nl")
    for n in range(5):
        receipt = service.resolution.RecordTouchpoint(contact(f"fresh-{n}", evidence, record="fleur"))
        for _ in range(2):  # made, then ready
            found = service.customers.LookupCustomer(by_id(receipt.customer_id))
            assert found.customer.touchpoint_count == n + 1
            assert found.revision >= receipt.revision
            assert found.settled_revision <= found.revision


def test_nobody_several_and_visitors_are_answers(service: Stubs) -> None:
    assert service.customers.LookupCustomer(by_email("nobody@live.nl")).status == pb.LOOKUP_STATUS_NONE
    assert service.customers.LookupCustomer(by_id("no such id")).status == pb.LOOKUP_STATUS_NONE
    for name, born in (("Anna", "1950-01-02"), ("Karel", "1981-07-30")):
        service.resolution.UpsertRecord(
            record(f"shared-{name}", person(name, "Dijk", "familie.dijk@kpnmail.nl", birth_date=born))
        )
    several = service.customers.LookupCustomer(by_email("familie.dijk@kpnmail.nl"))
    assert several.status == pb.LOOKUP_STATUS_SEVERAL
    assert {each.golden_record.display_name for each in several.candidates} == {"Anna Dijk", "Karel Dijk"}
    visit = contact("visit", record="cookie")
    visit.evidence.identifiers.add(kind=identifier_pb2.IDENTIFIER_KIND_DEVICE, raw="cookie-1")
    assert service.resolution.RecordTouchpoint(visit).customer_id == ""
    visitor = pb.LookupCustomerRequest()
    visitor.record.source, visitor.record.record_id = "shop", "cookie"
    found = service.customers.LookupCustomer(visitor)
    assert (found.status, found.customer.id) == (pb.LOOKUP_STATUS_VISITOR, "")


def test_bad_lookups_are_refused(service: Stubs) -> None:
    with refused(INVALID, "FIELD_REQUIRED", "key"):
        service.customers.LookupCustomer(pb.LookupCustomerRequest())
    with refused(INVALID, "FIELD_REQUIRED", "identifier.kind", "identifier.value"):
        service.customers.LookupCustomer(pb.LookupCustomerRequest(identifier=pb.IdentifierQuery()))
    with refused(INVALID, "TEXT_INVALID", "customer_id"):
        service.customers.LookupCustomer(by_id("a\0b"))


def test_a_batch_answers_each_in_its_place_at_one_revision(service: Stubs) -> None:
    id_ = service.resolution.UpsertRecord(record("batch", person(email="batch@kpnmail.nl"))).customer_id
    reply = service.customers.BatchLookupCustomers(
        pb.BatchLookupCustomersRequest(requests=[by_id(id_), pb.LookupCustomerRequest(), by_id("none")])
    )
    assert [each.WhichOneof("result") for each in reply.results] == ["response", "error", "response"]
    assert reply.results[0].response.customer.id == id_
    assert reply.results[0].response.revision == 0 < reply.revision
    with refused(INVALID, "FIELD_REQUIRED", "requests"):
        service.customers.BatchLookupCustomers(pb.BatchLookupCustomersRequest())
    with refused(INVALID, "FIELD_TOO_LARGE", "requests"):
        service.customers.BatchLookupCustomers(pb.BatchLookupCustomersRequest(requests=[by_id("x")] * 101))


def test_lists_are_paged_without_loss(service: Stubs) -> None:
    evidence = person("Rik", "Schouten", "rik.schouten@kpnmail.nl")
    for n in range(7):
        sent = contact(f"page-{n}", evidence, record=f"rik{n % 3}", seconds=NOON + n // 2)
        id_ = service.resolution.RecordTouchpoint(sent).customer_id
    request = pb.ListTouchpointsRequest(page_size=3)
    request.customer.customer_id = id_
    seen = []
    while True:
        page = service.customers.ListTouchpoints(request)
        seen += [each.key.touchpoint_id for each in page.touchpoints]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert seen == [f"page-{n}" for n in reversed(range(7))]
    records = pb.ListRecordsRequest(page_size=2)
    records.customer.CopyFrom(request.customer)
    first = service.customers.ListRecords(records)
    records.page_token = first.next_page_token
    second = service.customers.ListRecords(records)
    assert [each.key.record_id for each in (*first.records, *second.records)] == ["rik0", "rik1", "rik2"]
    with refused(INVALID, "PAGE_TOKEN_INVALID", "page_token"):
        service.customers.ListRecords(pb.ListRecordsRequest(page_token=first.next_page_token))
    with refused(INVALID, "PAGE_TOKEN_INVALID", "page_token"):
        service.customers.ListRecords(pb.ListRecordsRequest(page_token="rubbish"))


def test_whoever_is_not_known_is_told(service: Stubs) -> None:
    request = pb.ListTouchpointsRequest()
    request.customer.customer_id = "never handed out"
    with refused(NOT_FOUND, "CUSTOMER_NOT_FOUND", "customer.customer_id"):
        service.customers.ListTouchpoints(request)
    request.customer.record.source = request.customer.record.record_id = "none"
    with refused(NOT_FOUND, "RECORD_NOT_FOUND", "customer.record"):
        service.customers.ListTouchpoints(request)


def test_channels_are_ranked_with_reasons_and_exclusions(service: Stubs) -> None:
    evidence = person("Noor", "Vos", "noor.vos@kpnmail.nl")
    for n in range(4):
        id_ = service.resolution.RecordTouchpoint(
            contact(f"rank-{n}", evidence, record="noor", channel="email", seconds=NOON + n)
        ).customer_id
    request = pb.RankChannelsRequest(purpose="service")
    request.customer.customer_id = id_
    reply = service.customers.RankChannels(request)
    assert reply.ranks[0].channel == "email"
    assert reply.ranks[0].address == "noor.vos@kpnmail.nl"
    assert reply.ranks[0].reasons
    request.purpose = "marketing"
    reply = service.customers.RankChannels(request)
    assert not reply.ranks
    assert {each.reason for each in reply.exclusions} == {
        channel_pb2.CHANNEL_EXCLUSION_REASON_CONSENT_UNKNOWN
    }
    request.purpose = ""
    with refused(INVALID, "FIELD_REQUIRED", "purpose"):
        service.customers.RankChannels(request)


def test_a_revision_is_waited_for_as_long_as_the_deadline_allows(service: Stubs) -> None:
    now = service.resolution.UpsertRecord(record("wait", person(email="wait@kpnmail.nl"))).revision
    request = by_email("wait@kpnmail.nl")
    request.min_revision = now + 1
    with refused(grpc.StatusCode.UNAVAILABLE, "REVISION_NOT_REACHED"):
        service.customers.LookupCustomer(request, timeout=0.3)
    waiting = service.customers.LookupCustomer.future(request, timeout=10)
    service.resolution.UpsertRecord(record("wait2", person("Wim", email="wait2@kpnmail.nl")))
    assert waiting.result().revision > now


def test_a_watcher_misses_no_change_and_resumes(tmp_path: Path) -> None:
    with served(tmp_path / "s.db") as (_, client):
        seen: list[int] = []
        watching = client.customers.WatchChanges(pb.WatchChangesRequest())
        assert next(watching).revision == 0  # a sign of life

        def write() -> None:
            for n in range(20):
                client.resolution.UpsertRecord(record(f"w{n}", person(f"W{n}", email=f"w{n}@kpnmail.nl")))

        writing = threading.Thread(target=write)
        writing.start()
        while len(seen) < 10:
            seen += [change.revision for change in next(watching).changes]
        watching.cancel()
        writing.join()
        rest = client.customers.WatchChanges(pb.WatchChangesRequest(after_revision=seen[-1]))
        while len(seen) < 20:
            seen += [change.revision for change in next(rest).changes]
        rest.cancel()
        listed = client.customers.ListChanges(pb.ListChangesRequest(page_size=1000))
        assert seen == [change.revision for change in listed.changes]


def test_no_more_watch_than_there_are_places(tmp_path: Path) -> None:
    with served(tmp_path / "s.db", server={"streams": 2, "threads": 1}) as (_, client):
        watching = [client.customers.WatchChanges(pb.WatchChangesRequest()) for _ in range(2)]
        for each in watching:
            next(each)
        with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED"):
            next(client.customers.WatchChanges(pb.WatchChangesRequest()))
        assert client.resolution.UpsertRecord(record("still", person(email="s@kpnmail.nl"))).revision
        for each in watching:
            each.cancel()


@pytest.mark.parametrize("purpose", ["", "service"])
def test_purpose_is_service_where_none_is_given(service: Stubs, purpose: str) -> None:
    service.resolution.UpsertRecord(record("purpose", person(email="purpose@kpnmail.nl")))
    request = by_email("purpose@kpnmail.nl")
    request.purpose = purpose
    assert service.customers.LookupCustomer(request).preferred_channel.purpose == "service"
