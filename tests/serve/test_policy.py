"""What a company forbids, as stewards are told it."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolver.v1 import explanation_pb2, identifier_pb2, record_pb2, stewardship_service_pb2
from tests.serve.builders import Stubs, person, record, served

RARE = ("Wolfgangerius", "Quackenbosch")


def explained(client: Stubs, left: str, right: str) -> explanation_pb2.PairExplanation:
    request = stewardship_service_pb2.ExplainRequest()
    for side, name in ((request.pair.left, left), (request.pair.right, right)):
        side.record.CopyFrom(record_pb2.RecordKey(source="crm", record_id=name))
    pair: explanation_pb2.PairExplanation = client.stewards.Explain(request).pair
    return pair


def test_a_name_alone_is_a_suggestion_with_its_reason_where_it_may_not_merge(tmp_path: Path) -> None:
    flags = {"never_alone": ["name"], "thresholds": {"merge": 0.9}}
    with served(tmp_path / "s.db", **flags) as (_, client):
        client.resolution.UpsertRecord(record("a", person(*RARE, phone="0612345671")))
        client.resolution.UpsertRecord(record("b", person(*RARE, email="wq@kpnmail.nl")))
        (told,) = client.stewards.ListSuggestions(
            stewardship_service_pb2.ListSuggestionsRequest()
        ).suggestions
        assert told.explanation.refusal_reason == explanation_pb2.REFUSAL_REASON_ALONE
        pair = explained(client, "a", "b")
    assert pair.decision == explanation_pb2.DECISION_POSSIBLE_MATCH
    assert pair.refusal_reason == explanation_pb2.REFUSAL_REASON_ALONE
    assert pair.probability >= 0.9 and not pair.together


@pytest.mark.parametrize(("trusted", "together"), [(True, False), (False, True)])
def test_two_ids_of_one_system_are_a_limit_where_the_system_is_trusted(
    tmp_path: Path, trusted: bool, together: bool
) -> None:
    def client_of(name: str, id_: str) -> record_pb2.Evidence:
        evidence = person("Jan", "de Vries", "jan.devries@kpnmail.nl", "0612345671", birth_date="1960-05-03")
        kind = identifier_pb2.IDENTIFIER_KIND_EXTERNAL
        evidence.identifiers.add(kind=kind, raw=id_, namespace="crm")
        return evidence

    with served(tmp_path / "s.db", limits={"external": trusted}) as (_, client):
        for name, id_ in (("a", "C-1001"), ("b", "C-1002")):
            client.resolution.UpsertRecord(record(name, client_of(name, id_)))
        pair = explained(client, "a", "b")
    assert pair.together == together
    assert list(pair.limits) == ([explanation_pb2.LIMIT_KIND_EXTERNAL] if trusted else [])
    if trusted:
        assert pair.refusal_reason == explanation_pb2.REFUSAL_REASON_LIMIT
