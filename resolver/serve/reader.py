"""`python -m resolver.serve.reader LINE`: a process that answers for customers, beside the writer.

A plan holds an interpreter for long; who is asked for meanwhile is found by another one, in a snapshot of the
same store. What writes, and what rests on the rules in force, is passed on to the writer.

LINE is an open file, a `multiprocessing` connection. On it the process is told what to serve and tells when
it listens, and where it is cut it stops: the writer has told it to, or is no more.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

import grpc

from graph.clock import now
from resolver import opening
from resolver.serve.customer import Customers
from resolver.serve.edge import handlers
from resolver.serve.interpreter import settle_down
from resolver.serve.logs import log_to_stderr
from resolver.serve.passing import OPTIONS, passed_on
from resolver.serve.readers import Post
from resolver.serve.ready import Ready
from resolver.serve.server import Server
from resolver.v1 import (
    customer_service_pb2,
    import_service_pb2,
    model_service_pb2,
    resolution_service_pb2,
    stewardship_service_pb2,
)

_PASSED_ON: Final = (
    resolution_service_pb2.DESCRIPTOR,
    stewardship_service_pb2.DESCRIPTOR,
    model_service_pb2.DESCRIPTOR,
    import_service_pb2.DESCRIPTOR,
)


def main() -> None:
    """Serve until the line is cut, then drain."""
    # Ctrl-C and a service manager tell every process; when this one stops is for the writer to say.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    log_to_stderr()
    with Connection(int(sys.argv[1])) as line, suppress(EOFError):
        post: Post = line.recv()
        _serve(post, line)


def _serve(post: Post, line: Connection) -> None:
    limits = post.configuration.server
    store = opening.reader(post.configuration)
    server = Server(limits, shared=True)
    with grpc.insecure_channel(post.writer, options=OPTIONS) as channel:
        customers = Customers(store, Ready(limits.cache_bytes), post.hearing, now)
        for service in customer_service_pb2.DESCRIPTOR.services_by_name.values():
            server.add(service, handlers(service, customers, server.places))
        for file in _PASSED_ON:
            for service in file.services_by_name.values():
                server.add(service, passed_on(service, channel, server.places))
        server.bind(post.address)
        server.start()
        settle_down()
        line.send(None)
        with suppress(EOFError):
            line.recv()
        server.drain()
        server.stop()
        server.close()
    store.close()


if __name__ == "__main__":
    main()
