"""The service as it is typed, with a reader: stopped, killed and started again at its address."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import grpc

from resolver.v1 import customer_service_pb2 as pb
from tests.e2e.serving import program
from tests.serve.builders import contact, person, stubs

KILLS = 3
_SECONDS = 30


def told(store: Path, port: int) -> tuple[str, ...]:
    listen = ("--listen", f"127.0.0.1:{port}")
    return ("serve", "--store", str(store), *listen, "--region", "NL", "--population", "1000")


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_lookups_are_answered_while_the_writer_stands_still(tmp_path: Path) -> None:
    with (
        program(*told(tmp_path / "s.db", 0)) as (started, address),
        grpc.insecure_channel(address) as channel,
    ):
        client = stubs(channel)
        customer = client.resolution.RecordTouchpoint(contact("a", person(email="a@live.nl"))).customer_id
        started.send_signal(signal.SIGSTOP)
        try:
            asked = pb.LookupCustomerRequest(customer_id=customer)
            found = client.customers.LookupCustomer(asked, timeout=_SECONDS)
        finally:
            started.send_signal(signal.SIGCONT)
        assert found.customer.id == customer
        started.terminate()
        assert started.wait(_SECONDS) == 0


def test_a_service_that_was_killed_is_started_at_the_same_address(tmp_path: Path) -> None:
    port = free()
    customers: list[str] = []
    for number in range(KILLS):
        with (
            program(*told(tmp_path / "s.db", port)) as (_, address),
            grpc.insecure_channel(address) as channel,
        ):
            client = stubs(channel)
            for customer in customers:
                asked = pb.LookupCustomerRequest(customer_id=customer)
                assert client.customers.LookupCustomer(asked).customer.id == customer
            one = contact(f"t{number}", person(f"Name{number}", email=f"kill{number}@live.nl"))
            customers.append(client.resolution.RecordTouchpoint(one).customer_id)
