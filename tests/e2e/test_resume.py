"""A file on its way to a server that is killed arrives whole at the one that follows."""

from __future__ import annotations

import socket
from itertools import islice
from pathlib import Path

import grpc

from resolver.batch.mapping import guess
from resolver.batch.rows import Row, RowMaker
from resolver.cli.delivery import MESSAGE, Sender
from resolver.cli.options import connected
from resolver.v1 import customer_service_pb2
from tests.e2e.serving import forked
from tests.serve.builders import stubs

COLUMNS = ("event_id", "channel", "created_at", "record_id", "name", "email")
ROWS = 15 * MESSAGE


def rows() -> list[Row]:
    make = RowMaker(guess(COLUMNS))
    made = [
        make(n, n, (f"t{n}", "web", "2024-01-01", f"r{n % 50}", "Jan Kok", f"jan{n % 50}@ziggo.nl"))
        for n in range(ROWS)
    ]
    return [row for row in made if isinstance(row, Row)]


def test_a_broken_stream_is_taken_up_where_its_acknowledgements_ended(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sent = rows()
    with connected(f"127.0.0.1:{port}") as channel:
        answers = Sender(channel).send(sent)
        with forked(tmp_path / "s.db", port) as (server, _):
            answered = list(islice(answers, 3 * MESSAGE))
            server.kill()
        with forked(tmp_path / "s.db", port) as (_, address):
            answered += answers
            with grpc.insecure_channel(address) as other:
                request = customer_service_pb2.BatchLookupCustomersRequest()
                for row in sent[::20]:
                    assert row.touchpoint is not None
                    key = request.requests.add().touchpoint
                    key.source, key.touchpoint_id = row.source, row.touchpoint.touchpoint_id
                found = stubs(other).customers.BatchLookupCustomers(request).results
    assert [answer.row for answer in answered] == sent
    assert not any(answer.error for answer in answered)
    assert {each.response.status for each in found} == {customer_service_pb2.LOOKUP_STATUS_FOUND}
