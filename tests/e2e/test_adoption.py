"""An adoption survives kill -9: whatever was looked at again stays so, and the rest is taken up."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import grpc

from graph.sqlite import SqliteStore
from resolver.pipeline.rehearsal import rehearse
from resolver.pipeline.rules import Rules
from resolver.v1 import model_service_pb2, model_service_pb2_grpc
from resolver.v1 import resolution_service_pb2 as pb
from tests.e2e.serving import forked
from tests.serve.builders import Stubs, contact, eventually, person, stubs

PEOPLE = 400
KILLS = 4


def fill(client: Stubs) -> None:
    """People of two records, each pair in one mailbox and nothing else."""
    touchpoints = [
        contact(f"t{n}-{m}", person(email=f"person{n}@kpnmail.nl", city=city), record=f"r{n}-{m}")
        for n in range(PEOPLE)
        for m, city in enumerate(("Utrecht", "Zwolle"))
    ]
    messages = [pb.StreamTouchpointsRequest(touchpoints=touchpoints[n : n + 100]) for n in range(0, 800, 100)]
    for reply in client.resolution.StreamTouchpoints(iter(messages), wait_for_ready=True):
        assert all(each.HasField("recorded") for each in reply.acknowledgements)


def test_an_adoption_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with forked(store, port) as (started, address), grpc.insecure_channel(address) as channel:
        fill(stubs(channel))
        models = model_service_pb2_grpc.ModelServiceStub(channel)
        held = models.GetModel(model_service_pb2.GetModelRequest()).model
        held.policy.never_alone.extend(["email", "name"])
        held.policy.merge = 0.9999999
        adopted = models.AdoptModel(model_service_pb2.AdoptModelRequest(policy=held.policy))
        assert adopted.changed and adopted.settled_revision < adopted.revision
        started.kill()
    for number in range(KILLS):
        with forked(store, port) as (started, _):
            time.sleep(0.05 * number)
            started.kill()
    with forked(store, port) as (_, address), grpc.insecure_channel(address) as channel:
        models = model_service_pb2_grpc.ModelServiceStub(channel)
        for _ in eventually(30):
            state = models.GetModel(model_service_pb2.GetModelRequest())
            if state.settled_revision == state.revision:
                break
        assert state.model.policy == adopted.model.policy
    reader = SqliteStore.open_reader(store)
    with reader.snapshot() as snapshot:
        rehearsal = rehearse(snapshot, Rules.of(snapshot.meta()))
    reader.close()
    assert rehearsal.settled and rehearsal.changes() == []
    assert rehearsal.before == rehearsal.after == 2 * PEOPLE
