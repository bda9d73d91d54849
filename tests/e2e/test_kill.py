"""Killed at any instant, the service has lost nothing that it acknowledged."""

from __future__ import annotations

import itertools
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import grpc

from resolver.v1 import customer_service_pb2, record_pb2
from resolver.v1 import resolution_service_pb2 as pb
from tests.e2e.serving import forked
from tests.serve.builders import Stubs, contact, person, served, stubs

KILLS = 20
PEOPLE = 40
MESSAGE = 10


def stream() -> Iterator[list[tuple[str, pb.RecordTouchpointRequest]]]:
    """Touchpoints of a few people without end, so that they meet records known and new."""
    numbers = itertools.count()
    while True:
        message = []
        for number in itertools.islice(numbers, MESSAGE):
            who = number * 7 % PEOPLE
            evidence = person(f"Name{who}", f"Family{who}", f"person{who}@kpnmail.nl")
            record = f"r{who}" if number % 3 else f"r{who}-{number}"
            message.append((f"t{number}", contact(f"t{number}", evidence, record=record)))
        yield message


def send_until_killed(
    client: Stubs,
    messages: Iterator[list[tuple[str, pb.RecordTouchpointRequest]]],
    kill: Callable[[], object],
    after: float,
) -> tuple[set[str], set[str]]:
    """What was sent, and of that what was acknowledged before the stream broke.

    The server is killed so many seconds after its first acknowledgement: in the middle of the stream.
    """
    sent: set[str] = set()
    waiting: list[list[str]] = []
    acknowledged: set[str] = set()
    outbox: SimpleQueue[pb.StreamTouchpointsRequest | None] = SimpleQueue()
    replies = client.resolution.StreamTouchpoints(iter(outbox.get, None), wait_for_ready=True)
    try:
        while True:
            while len(waiting) < 4:
                message = next(messages)
                names = [name for name, _ in message]
                waiting.append(names)
                sent.update(names)
                outbox.put(pb.StreamTouchpointsRequest(touchpoints=[request for _, request in message]))
            reply = next(replies)
            assert all(each.HasField("recorded") for each in reply.acknowledgements)
            if not acknowledged:
                threading.Timer(after, kill).start()
            acknowledged.update(waiting.pop(0))
    except grpc.RpcError:
        return sent, acknowledged
    finally:
        outbox.put(None)


def test_kill_minus_nine_loses_nothing_acknowledged(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    draw = random.Random(20)
    messages = stream()
    sent, acknowledged = set[str](), set[str]()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for _ in range(KILLS):
        with forked(store, port) as (started, address), grpc.insecure_channel(address) as channel:
            after = draw.uniform(0.0, 0.2)
            some_sent, some_acknowledged = send_until_killed(stubs(channel), messages, started.kill, after)
            sent |= some_sent
            acknowledged |= some_acknowledged
    assert KILLS * MESSAGE <= len(acknowledged) < len(sent)
    with served(store) as (_, client):
        seen = Counter(_touchpoints_of_live_customers(client))
    assert acknowledged <= set(seen) <= sent
    assert set(seen.values()) == {1}


def _touchpoints_of_live_customers(client: Stubs) -> Iterator[str]:
    """The touchpoints of every live customer; none of these records is a visitor's."""
    customers = set()
    for record in _records(client):
        assert record.customer_id
        customers.add(record.customer_id)
    for customer in customers:
        request = customer_service_pb2.ListTouchpointsRequest(page_size=1000)
        request.customer.customer_id = customer
        while True:
            page = client.customers.ListTouchpoints(request)
            yield from (each.key.touchpoint_id for each in page.touchpoints)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token


def _records(client: Stubs) -> Iterator[record_pb2.Record]:
    request = customer_service_pb2.ListRecordsRequest()
    while True:
        page = client.customers.ListRecords(request)
        yield from page.records
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
