"""`python -m bench.speed.bare`: the service's server with nothing in it, the ceiling of a lookup.

Options, threads and kind of server are those of the service. A request is answered with the reply kept
under its bytes (`--replies`), by one read of SQLite, or with as many bytes (`--bytes`), by none.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apsw
import grpc

from resolver.config import Limits
from resolver.serve.server import options

SERVICE = "resolver.v1.CustomerService"
METHOD = "LookupCustomer"

Handler = Callable[[bytes, grpc.ServicerContext], bytes]


def write_replies(path: Path, replies: Mapping[bytes, bytes]) -> None:
    """Make the table that `--replies` reads."""
    connection = apsw.Connection(str(path))
    try:
        connection.pragma("journal_mode", "wal")
        connection.execute("CREATE TABLE ready (request BLOB NOT NULL PRIMARY KEY, reply BLOB NOT NULL)")
        with connection:
            connection.executemany("INSERT INTO ready VALUES (?, ?)", replies.items())
    finally:
        connection.close()


def _reading(path: Path) -> Handler:
    """One read a request, each thread with a connection of its own."""
    mine = threading.local()

    def handle(request: bytes, _context: grpc.ServicerContext) -> bytes:
        connection: apsw.Connection | None = getattr(mine, "connection", None)
        if connection is None:
            connection = mine.connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        reply: bytes | None = connection.execute("SELECT reply FROM ready WHERE request = ?", (request,)).get
        return reply or b""

    return handle


def _echoing(size: int) -> Handler:
    reply = bytes(size)
    return lambda _request, _context: reply


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed.bare", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--replies", type=Path)
    what.add_argument("--bytes", type=int)
    told = parser.parse_args()
    limits = Limits()
    server = grpc.server(
        ThreadPoolExecutor(limits.threads + limits.streams),
        options=options(limits),
        maximum_concurrent_rpcs=limits.calls,
    )
    handler = _reading(told.replies) if told.replies else _echoing(told.bytes)
    methods: dict[str, Any] = {METHOD: grpc.unary_unary_rpc_method_handler(handler)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    stop.wait()
    server.stop(None).wait()


if __name__ == "__main__":
    main()
