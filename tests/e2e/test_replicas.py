"""Two services on one Neo4j: one is killed, then the server is; nothing acknowledged is lost."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Final

import grpc
import pytest

from resolver.v1 import customer_service_pb2, identifier_pb2
from resolver.v1 import resolution_service_pb2 as pb
from tests.e2e.serving import command, program
from tests.neo4j import shared
from tests.neo4j.server import Server, free_port
from tests.serve.builders import Stubs, contact, person, refusal, served, stubs

PEOPLE: Final = 30
TOUCHPOINTS: Final = 150
FORMER, LATTER = range(TOUCHPOINTS * 2 // 3), range(TOUCHPOINTS // 3, TOUCHPOINTS)
"""What is sent to one and to the other: a third to both, and so a third of which only one can tell."""
MESSAGE: Final = 10
GIVEN: Final = ("Anna", "Bram", "Daan", "Fleur", "Gijs", "Joris", "Lotte", "Merel", "Roos", "Sjoerd")
FAMILY: Final = ("Kuipers", "Veenstra", "Oosterling")
PATIENCE: Final = 60.0
"""Seconds in which all must have come about."""
Message = Sequence[int]


@pytest.fixture
def server() -> Server:
    """A server of which nobody has anything yet."""
    found = shared.server()
    shared.empty(found.login)
    return found


def mailbox(who: int) -> str:
    return f"person{who}@kpnmail.nl"


def touchpoint(number: int) -> pb.RecordTouchpointRequest:
    """One of a few people's, each of whom has a record in three places."""
    who = number * 7 % PEOPLE
    told = person(GIVEN[who % 10], FAMILY[who // 10], mailbox(who))
    return contact(f"t{number}", told, record=f"r{who}-{number % 3}")


def messages(seed: int, whole: range = range(TOUCHPOINTS)) -> list[Message]:
    """Touchpoints, in an order of their own."""
    numbers = list(whole)
    random.Random(seed).shuffle(numbers)
    return [numbers[at : at + MESSAGE] for at in range(0, len(numbers), MESSAGE)]


class Delivery:
    """Sends messages until each is acknowledged, to another service where one is gone."""

    def __init__(self, clients: Sequence[Stubs], due: Sequence[Message]) -> None:
        self.clients = list(clients)
        self.due = list(due)
        self.acknowledged = 0
        self.revision = 0
        self.refusals: Counter[tuple[grpc.StatusCode, str, bool]] = Counter()
        self.after: Callable[[Delivery], None] = lambda _: None

    def run(self) -> None:
        end = time.monotonic() + PATIENCE
        while self.due:
            assert time.monotonic() < end, f"{len(self.due)} messages were never taken"
            try:
                self._stream(self.clients[0])
            except grpc.RpcError as error:
                told = refusal(error)
                assert told.code is grpc.StatusCode.UNAVAILABLE
                self.refusals[told.code, told.reason, told.retry] += 1
                self.clients.append(self.clients.pop(0))
                time.sleep(0.2)

    def _stream(self, client: Stubs) -> None:
        outbox: SimpleQueue[pb.StreamTouchpointsRequest | None] = SimpleQueue()
        replies = client.resolution.StreamTouchpoints(iter(outbox.get, None), timeout=PATIENCE)
        try:
            while self.due:
                sent = self.due[0]
                outbox.put(pb.StreamTouchpointsRequest(touchpoints=map(touchpoint, sent)))
                reply = next(replies)
                answers = zip(sent, reply.acknowledgements, strict=True)
                left = [number for number, each in answers if each.HasField("error")]
                self.due[0:1] = [left] if left else []
                self.acknowledged += len(sent) - len(left)
                self.revision = max(self.revision, reply.revision)
                self.after(self)
        finally:
            outbox.put(None)
            replies.cancel()


def lookup(client: Stubs, who: int, min_revision: int = 0) -> customer_service_pb2.LookupCustomerResponse:
    query = customer_service_pb2.IdentifierQuery(
        kind=identifier_pb2.IDENTIFIER_KIND_EMAIL, value=mailbox(who)
    )
    request = customer_service_pb2.LookupCustomerRequest(identifier=query, min_revision=min_revision)
    reply: customer_service_pb2.LookupCustomerResponse = client.customers.LookupCustomer(request, timeout=20)
    return reply


def told(client: Stubs, min_revision: int = 0) -> tuple[set[frozenset[str]], Counter[str]]:
    """The records of each customer, and how often each touchpoint is told, of all customers."""
    groups: dict[str, set[str]] = {}
    request = customer_service_pb2.ListRecordsRequest(page_size=10_000, min_revision=min_revision)
    for each in client.customers.ListRecords(request, timeout=20).records:
        assert each.customer_id
        groups.setdefault(each.customer_id, set()).add(each.key.record_id)
    seen: Counter[str] = Counter()
    for customer in groups:
        asked = customer_service_pb2.ListTouchpointsRequest(page_size=1000)
        asked.customer.customer_id = customer
        page = client.customers.ListTouchpoints(asked, timeout=20)
        assert not page.next_page_token
        seen.update(each.key.touchpoint_id for each in page.touchpoints)
    return set(map(frozenset, groups.values())), seen


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> set[frozenset[str]]:
    """What one service on a file makes of them."""
    with served(tmp_path_factory.mktemp("alone") / "s.db") as (_, client):
        Delivery([client], messages(0)).run()
        groups, seen = told(client)
    assert set(seen.values()) == {1} and len(seen) == TOUCHPOINTS
    return groups


class Replicas:
    """Services on one server, each a process of its own."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self._server = server
        self._stack = stack
        self.processes: list[subprocess.Popen[str]] = []

    def add(self) -> Stubs:
        login = self._server.login
        process, address = self._stack.enter_context(
            program(
                *("serve", "--store", login.uri, "--listen", "127.0.0.1:0"),
                *("--region", "NL", "--population", "1000"),
                RESOLVER_NEO4J__PASSWORD=login.password or "",
                RESOLVER_NEO4J__PATIENCE_SECONDS="2",
            )
        )
        self.processes.append(process)
        return stubs(self._stack.enter_context(grpc.insecure_channel(address)))


@pytest.fixture
def replicas(server: Server) -> Iterator[Replicas]:
    with ExitStack() as stack:
        yield Replicas(server, stack)


def test_one_of_two_is_killed_and_the_other_goes_on(replicas: Replicas, alone: set[frozenset[str]]) -> None:
    one, other = replicas.add(), replicas.add()
    deliveries = [
        Delivery([one, other], messages(1, FORMER)),
        Delivery([other, one], messages(2, LATTER)),
    ]

    def kill_or_look(delivery: Delivery) -> None:
        """What one has acknowledged the other tells; in the middle, the first is killed."""
        if delivery.acknowledged >= TOUCHPOINTS // 3 and replicas.processes[0].poll() is None:
            replicas.processes[0].kill()
            replicas.processes[0].wait()
        elif delivery.acknowledged == MESSAGE:
            for client in (one, other):
                found = lookup(client, messages(1, FORMER)[0][0] * 7 % PEOPLE, delivery.revision)
                assert found.revision >= delivery.revision and found.customer.touchpoint_count

    deliveries[0].after = kill_or_look
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(each.run) for each in deliveries]:
            done.result(2 * PATIENCE)
    assert sum(deliveries[0].refusals.values()) > 0, "the stream of the one that was killed broke"
    revision = max(each.revision for each in deliveries)
    groups, seen = told(other, revision)
    assert groups == alone
    assert set(seen.values()) == {1} and len(seen) == TOUCHPOINTS
    again = replicas.add()
    assert told(again, revision) == (groups, seen)
    for who in range(PEOPLE):
        assert lookup(again, who, revision).customer == lookup(other, who, revision).customer


def test_a_server_that_stops_is_told_and_all_goes_on_when_it_is_back(
    server: Server, replicas: Replicas, alone: set[frozenset[str]]
) -> None:
    clients = [replicas.add(), replicas.add()]
    deliveries = [
        Delivery([client], messages(seed, whole))
        for seed, (client, whole) in enumerate(zip(clients, (FORMER, LATTER), strict=True))
    ]
    stopped = threading.Event()

    def stop(delivery: Delivery) -> None:
        if delivery.acknowledged >= TOUCHPOINTS // 4 and not stopped.is_set():
            stopped.set()
            server.kill()

    deliveries[0].after = stop
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(each.run) for each in deliveries]
        assert stopped.wait(PATIENCE)
        for client in clients:
            for call in (
                lambda client=client: lookup(client, 0),
                lambda client=client: client.resolution.RecordTouchpoint(touchpoint(0), timeout=20),
            ):
                begun = time.monotonic()
                with pytest.raises(grpc.RpcError) as caught:
                    call()
                found = refusal(caught.value)
                hint = (found.code, found.reason, found.retry)
                assert hint == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE", True)
                assert time.monotonic() - begun < 15
        server.start()
        for done in running:
            done.result(2 * PATIENCE)
    assert all(process.poll() is None for process in replicas.processes)
    revision = max(each.revision for each in deliveries)
    for client in clients:
        groups, seen = told(client, revision)
        assert groups == alone
        assert set(seen.values()) == {1} and len(seen) == TOUCHPOINTS


def test_a_wrong_password_is_told_and_not_shown(server: Server) -> None:
    done = command(
        *("serve", "--store", server.login.uri, "--listen", "127.0.0.1:0"),
        RESOLVER_NEO4J__PASSWORD="geheim-9317",
    )
    assert done.returncode == 1 and done.stdout == "" and "geheim-9317" not in done.stderr
    assert done.stderr.startswith(f"resolver: store: {server.login.uri}: ") and done.stderr.count("\n") == 1


def test_a_server_that_is_not_there_is_told_in_one_line() -> None:
    pytest.importorskip("neo4j")
    uri = f"bolt://127.0.0.1:{free_port()}"
    done = command(
        *("serve", "--store", uri, "--listen", "127.0.0.1:0"), RESOLVER_NEO4J__PATIENCE_SECONDS="1"
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"resolver: store: {uri}: ")
