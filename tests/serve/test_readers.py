"""A service with readers before its writer: the same to its callers, whichever process is at what."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from resolver.config import load
from resolver.serve.process import StartError, serving
from resolver.v1 import customer_service_pb2 as customers_pb
from resolver.v1 import identifier_pb2, stewardship_service_pb2
from resolver.v1 import resolution_service_pb2 as pb
from tests.serve.builders import Stubs, contact, eventually, person, refusal, refused, stubs


@contextmanager
def running(store: Path, **flags: object) -> Iterator[tuple[Stubs, Any]]:
    """A client of a service with a reader, and what has it drain."""
    told = {"store": store, "listen": "127.0.0.1:0", "region": "NL", "population": 1000, **flags}
    with ExitStack() as clients, serving(load(None, told)) as (address, drain):
        yield stubs(clients.enter_context(grpc.insecure_channel(address))), drain


def by_email(value: str) -> customers_pb.LookupCustomerRequest:
    query = customers_pb.IdentifierQuery(kind=identifier_pb2.IDENTIFIER_KIND_EMAIL, value=value)
    return customers_pb.LookupCustomerRequest(identifier=query)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    with running(tmp_path_factory.mktemp("store") / "s.db") as (client, _):
        yield client


def test_what_was_acknowledged_is_found_at_once(service: Stubs) -> None:
    for number in range(20):
        email = f"at-once-{number}@live.nl"
        receipt = service.resolution.RecordTouchpoint(contact(f"once{number}", person(email=email)))
        found = service.customers.LookupCustomer(by_email(email))
        assert found.customer.id == receipt.customer_id
        assert found.revision >= receipt.revision


def test_streams_are_passed_on_as_they_come(service: Stubs) -> None:
    outbox: SimpleQueue[pb.StreamTouchpointsRequest | None] = SimpleQueue()
    replies = service.resolution.StreamTouchpoints(iter(outbox.get, None))
    for number in range(3):
        touchpoint = contact(f"s{number}", person(email=f"stream{number}@live.nl"))
        outbox.put(pb.StreamTouchpointsRequest(touchpoints=[touchpoint]))
        [acknowledged] = next(replies).acknowledgements
        assert acknowledged.recorded.outcome == pb.TOUCHPOINT_OUTCOME_CREATED
    outbox.put(None)
    assert list(replies) == []


def test_changes_are_watched_through_a_reader(service: Stubs) -> None:
    watching = service.customers.WatchChanges(customers_pb.WatchChangesRequest())
    receipt = service.resolution.RecordTouchpoint(contact("watched", person(email="watched@live.nl")))
    told = (change.revision for news in watching for change in news.changes)
    assert receipt.revision in told
    watching.cancel()


def test_refusals_come_back_with_all_that_they_tell(service: Stubs) -> None:
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED", "touchpoint.key.touchpoint_id"):
        service.resolution.RecordTouchpoint(contact("", person(email="refused@live.nl")))


def test_a_deadline_holds_at_the_other_end(service: Stubs) -> None:
    asked = stewardship_service_pb2.ListSuggestionsRequest(min_revision=10**9)
    with pytest.raises(grpc.RpcError) as caught:
        service.stewards.ListSuggestions(asked, timeout=1)
    told = refusal(caught.value)
    assert told.reason == "REVISION_NOT_REACHED" or told.code == grpc.StatusCode.DEADLINE_EXCEEDED


def test_callers_who_go_leave_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path / "s.db", server={"streams": 1}) as (client, _):
        asked = stewardship_service_pb2.ListSuggestionsRequest(min_revision=10**9)

        def waits() -> bool:
            """Whether there is a place to wait in; it is left again."""
            call = client.stewards.ListSuggestions.future(asked)
            try:
                call.result(0.3)
            except grpc.FutureTimeoutError:
                return bool(call.cancel())
            except grpc.RpcError:
                return False  # overloaded
            raise AssertionError("it answers at a revision that is never reached")

        for _ in range(3):
            for _ in eventually():
                if waits():
                    break


def test_a_reader_tells_how_it_is(service: Stubs) -> None:
    health: Any = health_pb2_grpc.HealthStub(service.channel)
    for name in ("", "resolver.v1.ResolutionService", "resolver.v1.CustomerService"):
        status = health.Check(health_pb2.HealthCheckRequest(service=name)).status
        assert status == health_pb2.HealthCheckResponse.SERVING


def test_draining_ends_passed_streams_and_watchers(tmp_path: Path) -> None:
    with running(tmp_path / "s.db") as (client, drain):
        outbox: SimpleQueue[pb.StreamTouchpointsRequest] = SimpleQueue()
        stream = client.resolution.StreamTouchpoints(iter(outbox.get, None))
        outbox.put(pb.StreamTouchpointsRequest(touchpoints=[contact("a", person(email="a@live.nl"))]))
        next(stream)
        watching = client.customers.WatchChanges(customers_pb.WatchChangesRequest())
        next(watching)
        drain()
        for call in (stream, watching):
            with pytest.raises(grpc.RpcError) as caught:
                list(call)
            assert refusal(caught.value).reason == "DRAINING"


def test_a_reader_that_is_killed_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    begin = subprocess.Popen

    def noted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - as it stands
        started.append(begin(*arguments, **options))
        return started[-1]

    monkeypatch.setattr("resolver.serve.readers.subprocess.Popen", noted)
    with running(tmp_path / "s.db") as (client, _):
        client.resolution.RecordTouchpoint(contact("a", person(email="a@live.nl")))
        started[0].kill()
        started[0].wait()
        for _ in eventually(60):
            # A call that the dead one had taken is lost with it, and its caller calls again.
            with suppress(grpc.RpcError):
                found = client.customers.LookupCustomer(
                    by_email("a@live.nl"), wait_for_ready=True, timeout=60
                )
                break
        assert found.status == customers_pb.LOOKUP_STATUS_FOUND
        assert len(started) > 1
    assert all(each.returncode is not None for each in started)


def test_readers_that_do_not_start_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.serve.readers._PROGRAM", "resolver.no_such_program")
    with pytest.raises(StartError, match="does not start"), running(tmp_path / "s.db"):
        pass


def test_an_address_has_one_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.serve.process._GIVEN_UP_SECONDS", 0.1)
    told = {"store": tmp_path / "s.db", "listen": "127.0.0.1:0"}
    with serving(load(None, told)) as (address, _):
        other = {"store": tmp_path / "t.db", "listen": address}
        with pytest.raises(StartError, match=address), serving(load(None, other)):
            pass
