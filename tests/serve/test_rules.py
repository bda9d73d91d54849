"""Other rules adopted by a service that goes on serving, and by nobody else."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import grpc
import pytest

from resolver.intake import Refusal
from resolver.match.document import shipped, write
from resolver.pipeline.rules import Rules, adopted
from resolver.resolve.settings import Limits, Policy
from resolver.serve import rules
from resolver.v1 import change_pb2, customer_service_pb2, model_service_pb2_grpc
from resolver.v1 import model_service_pb2 as pb
from tests.serve.builders import Stubs, eventually, person, record, refused, served

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def models(client: Stubs) -> Any:  # noqa: ANN401 - untyped as all stubs of these tests
    return model_service_pb2_grpc.ModelServiceStub(client.channel)


def in_force(client: Stubs) -> pb.GetModelResponse:
    reply: pb.GetModelResponse = models(client).GetModel(pb.GetModelRequest())
    return reply


def customers(client: Stubs) -> dict[str, str]:
    records = client.customers.ListRecords(customer_service_pb2.ListRecordsRequest(page_size=100)).records
    return {each.key.record_id: each.customer_id for each in records}


def settled(client: Stubs) -> None:
    for _ in eventually():
        reply = in_force(client)
        if reply.revision == reply.settled_revision:
            return


def test_a_stricter_policy_parts_and_a_laxer_one_joins_again_without_a_restart(tmp_path: Path) -> None:
    with served(tmp_path / "s.db") as (_, client):
        for name in ("a", "b"):
            client.resolution.UpsertRecord(record(name, person(email="jan.devries@kpnmail.nl", city=name)))
        assert len(set(customers(client).values())) == 1
        before = in_force(client).model
        wary = pb.Policy()
        wary.CopyFrom(before.policy)
        wary.never_alone.extend(["name", "email", "place"])
        wary.merge = 0.9999999
        told = models(client).AdoptModel(pb.AdoptModelRequest(policy=wary))
        assert told.changed and told.model.policy.merge == wary.merge
        assert list(told.model.policy.never_alone) == ["email", "name", "place"]
        settled(client)
        assert len(set(customers(client).values())) == 2
        changes = client.customers.ListChanges(customer_service_pb2.ListChangesRequest()).changes
        causes = [each.cause for each in changes if each.revision >= told.revision]
        assert causes == [change_pb2.CHANGE_CAUSE_ADOPTION, change_pb2.CHANGE_CAUSE_REOPENED]
        models(client).AdoptModel(pb.AdoptModelRequest(policy=before.policy))
        settled(client)
        assert len(set(customers(client).values())) == 1


def test_another_document_is_in_force_at_once_and_after_a_restart(tmp_path: Path) -> None:
    document: dict[str, Any] = {**copy.deepcopy(dict(shipped())), "version": "ours"}
    request = pb.AdoptModelRequest(document=write(document), population=5000)
    with served(tmp_path / "s.db") as (_, client):
        assert models(client).AdoptModel(request).changed
        client.resolution.UpsertRecord(record("a", person()))
        again = models(client).AdoptModel(request)
        assert not again.changed
        assert again.model.version == "ours/5000"
    with served(tmp_path / "s.db", population=5000) as (service, client):
        reply = models(client).GetModel(pb.GetModelRequest(include_document=True))
        assert (reply.model.version, reply.model.document) == ("ours/5000", write(document))
        assert reply.model.adopted_revision == again.model.adopted_revision
        assert service.terms.model.version == "ours/5000"


def test_a_rehearsal_tells_and_writes_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "s.db") as (_, client):
        told = models(client).AdoptModel(pb.AdoptModelRequest(population=77, validate_only=True))
        assert told.changed and told.model.population == 77
        assert (told.revision, in_force(client).model.population) == (0, 1000)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.AdoptModelRequest(document=b"{}"), "document"),
        (pb.AdoptModelRequest(document=b"\xff"), "document"),
        (pb.AdoptModelRequest(population=-1), "population"),
        (pb.AdoptModelRequest(population=10**11), "population"),
        (pb.AdoptModelRequest(policy=pb.Policy(merge=0.2, possible=0.5, edge=0.1)), "policy"),
        (
            pb.AdoptModelRequest(policy=pb.Policy(merge=0.9, possible=0.5, edge=0.1, never_alone=["x"])),
            "policy",
        ),
    ],
)
def test_what_cannot_be_adopted_is_refused_by_its_field(
    service: Stubs, request_: pb.AdoptModelRequest, field: str
) -> None:
    with refused(INVALID, "FIELD_INVALID", field):
        models(service).AdoptModel(request_)


@pytest.mark.parametrize("birth", ["off", "generation", "different"])
def test_a_policy_survives_the_contract(birth: Any) -> None:  # noqa: ANN401 - a literal
    policy = Policy(merge=0.95, never_alone=("name",), limits=Limits(False, birth, True, True), block_cap=7)
    assert rules.policy_in(policy, rules.policy_out(policy)) == policy


def test_a_store_keeps_for_good_what_silence_rests_on() -> None:
    held = Rules(shipped(), 1000, Policy()).terms()
    assert adopted(Rules(shipped(), 1000, Policy(component_cap=50)), held)
    with pytest.raises(Refusal, match=r"policy\.block_cap"):
        adopted(Rules(shipped(), 1000, Policy(block_cap=7)), held)
