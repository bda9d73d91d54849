from __future__ import annotations

import grpc

from resolver.v1 import customer_service_pb2, explanation_pb2, judgement_pb2
from resolver.v1 import stewardship_service_pb2 as pb
from tests.serve.builders import Stubs, person, record, refused

# Names of their own in each test: who was merged by a steward is known by both names, and draws whoever
# bears one of them.
PEOPLE = {
    "merge": (("Bram", "Kuipers"), ("Lotte", "Veenstra")),
    "etag": (("Joris", "Hagenaar"), ("Fleur", "Oosterling")),
    "nothing": (("Daan", "Zwolsman"), ("Roos", "Terlouw")),
    "why-not": (("Sjoerd", "Wijnalda"), ("Merel", "Duivenbode")),
}


def two(service: Stubs, name: str) -> tuple[str, str]:
    """Two customers that nothing joins."""
    first, second = (
        service.resolution.UpsertRecord(
            record(f"{name}-{number}", person(*bearer, email=f"{name}.{number}@kpnmail.nl"))
        ).customer_id
        for number, bearer in enumerate(PEOPLE[name])
    )
    assert first != second
    return first, second


def merge(*ids: str, **fields: object) -> pb.MergeCustomersRequest:
    request = pb.MergeCustomersRequest(steward="ann", reason="seen", **fields)  # type: ignore[arg-type]
    for id_ in ids:
        request.sides.add().customer.customer_id = id_
    return request


def whole(service: Stubs, id_: str) -> customer_service_pb2.LookupCustomerResponse:
    request = customer_service_pb2.LookupCustomerRequest(customer_id=id_)
    reply: customer_service_pb2.LookupCustomerResponse = service.customers.LookupCustomer(request)
    return reply


def test_a_merge_redirects_and_its_revert_restores(service: Stubs) -> None:
    one, other = two(service, "merge")
    before = [whole(service, id_).customer for id_ in (one, other)]
    tried = service.stewards.MergeCustomers(merge(one, other, validate_only=True))
    assert (tried.judgement.id, tried.judgement.revision) == ("", 0)
    assert whole(service, other).redirected_from == ""
    merged = service.stewards.MergeCustomers(merge(one, other))
    assert merged.customer_id == one
    assert merged.judgement.kind == judgement_pb2.JUDGEMENT_KIND_MERGE
    assert [set(change.customers_before) for change in merged.changes] == [{one, other}]
    found = whole(service, other)
    assert (found.customer.id, found.redirected_from) == (one, other)
    again = service.stewards.MergeCustomers(merge(one, other))
    assert (again.judgement.id, list(again.changes)) == (merged.judgement.id, [])
    reverted = service.stewards.Revert(pb.RevertRequest(judgement_id=merged.judgement.id, steward="ann"))
    assert reverted.judgement.retracted_revision == reverted.revision
    assert [whole(service, id_).customer for id_ in (one, other)] == before


def test_a_split_parts_and_what_contradicts_it_is_refused(service: Stubs) -> None:
    for n in range(2):
        id_ = service.resolution.UpsertRecord(
            record(f"split-{n}", person("Gijs", "Mulder", "gijs.mulder@kpnmail.nl", "0687654321"))
        ).customer_id
    request = pb.SplitCustomerRequest(steward="ann")
    request.customer.customer_id = id_
    request.parts.add().records.add(source="crm", record_id="split-0")
    split = service.stewards.SplitCustomer(request)
    assert len(set(split.customer_ids)) == 2
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "JUDGEMENT_CONTRADICTS"):
        service.stewards.MergeCustomers(merge(*split.customer_ids))
    listed = service.stewards.ListJudgements(pb.ListJudgementsRequest(page_size=1000))
    assert split.judgement.id in {each.id for each in listed.judgements}
    [mine] = [each for each in listed.judgements if each.id == split.judgement.id]
    assert (mine.steward, len(mine.parts)) == ("ann", 2)


def test_what_changed_since_it_was_seen_is_refused(service: Stubs) -> None:
    one, other = two(service, "etag")
    request = merge(one, other)
    request.sides[0].etag = whole(service, one).customer.etag
    service.resolution.UpsertRecord(record("etag-0", person("Joris", "Hagenaar", "etag.0@kpnmail.nl"), 7))
    with refused(grpc.StatusCode.ABORTED, "ETAG_MISMATCH", "sides[0].etag"):
        service.stewards.MergeCustomers(request)
    request.sides[0].etag = whole(service, one).customer.etag
    assert service.stewards.MergeCustomers(request).customer_id == one


def test_acts_on_nothing_are_refused(service: Stubs) -> None:
    one, _ = two(service, "nothing")
    with refused(grpc.StatusCode.NOT_FOUND, "CUSTOMER_NOT_FOUND", "sides[1].customer.customer_id"):
        service.stewards.MergeCustomers(merge(one, "never handed out"))
    with refused(grpc.StatusCode.NOT_FOUND, "JUDGEMENT_NOT_FOUND", "judgement_id"):
        service.stewards.Revert(pb.RevertRequest(judgement_id="none", steward="ann"))
    with refused(grpc.StatusCode.NOT_FOUND, "CHANGE_NOT_FOUND", "revision"):
        service.stewards.Revert(pb.RevertRequest(revision=10**9, steward="ann"))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", "target", "steward"):
        service.stewards.Revert(pb.RevertRequest())


def test_why_and_why_not_are_answered_with_numbers(service: Stubs) -> None:
    for n in range(3):
        id_ = service.resolution.UpsertRecord(
            record(f"why-{n}", person("Wouter", "Dekker", "wouter.dekker@kpnmail.nl", f"061111222{n}"))
        ).customer_id
    together = pb.ExplainRequest()
    together.customer.customer_id = id_
    reply = service.stewards.Explain(together)
    assert len(reply.links) == 2
    assert list(reply.customer_ids) == [id_]
    one, other = two(service, "why-not")
    apart = pb.ExplainRequest()
    apart.pair.left.customer_id, apart.pair.right.customer_id = one, other
    pair = service.stewards.Explain(apart).pair
    assert not pair.together
    assert pair.decision == explanation_pb2.DECISION_NON_MATCH
    assert {each.attribute for each in pair.comparisons} >= {"given", "family"}
    assert [list(each.left_values) for each in pair.comparisons if each.attribute == "given"] == [["sjoerd"]]
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", "subject"):
        service.stewards.Explain(pb.ExplainRequest())


def test_possible_matches_wait_with_the_reason(service: Stubs) -> None:
    stated = (("Sietske", "s.wiersma@kpnmail.nl"), ("S.", "s.wiersmaa@ziggo.nl"))
    for n, (given, email) in enumerate(stated):
        service.resolution.UpsertRecord(record(f"suggest-{n}", person(given, "Wiersma", email)))
    waiting = service.stewards.ListSuggestions(pb.ListSuggestionsRequest(page_size=1000)).suggestions
    assert {"suggest-0", "suggest-1"} in [
        {each.explanation.left.record.record_id, each.explanation.right.record.record_id} for each in waiting
    ]
    for each in waiting:
        assert each.id
        assert each.explanation.refusal_reason
        assert not any(compared.left_values for compared in each.explanation.comparisons)


def test_a_split_after_a_merge_restores_the_profiles_byte_for_byte(service: Stubs) -> None:
    mails = [person("Noor", "Hoekstra", email="noor.hoekstra@kpnmail.nl"), person("Noor", phone="0655512873")]
    for n, evidence in enumerate(mails):
        service.resolution.UpsertRecord(record(f"again-{n}", evidence))
    ids = [whole_of(service, f"again-{n}").customer.id for n in range(2)]
    before = [whole(service, id_).customer.SerializeToString(deterministic=True) for id_ in ids]
    bridge = person("Noor", "Hoekstra", "noor.hoekstra@kpnmail.nl", "0655512873")
    merged = service.resolution.UpsertRecord(record("again-2", bridge))
    assert {whole(service, id_).customer.id for id_ in ids} == {merged.customer_id}
    request = pb.SplitCustomerRequest(steward="ann")
    for n in range(3):
        request.parts.add().records.add(source="crm", record_id=f"again-{n}")
    service.stewards.SplitCustomer(request)
    after = [whole(service, id_).customer.SerializeToString(deterministic=True) for id_ in ids]
    assert after == before
    assert whole_of(service, "again-2").customer.id not in ids


def whole_of(service: Stubs, name: str) -> customer_service_pb2.LookupCustomerResponse:
    """The customer of a record."""
    request = customer_service_pb2.LookupCustomerRequest()
    request.record.source, request.record.record_id = "crm", name
    reply: customer_service_pb2.LookupCustomerResponse = service.customers.LookupCustomer(request)
    return reply
