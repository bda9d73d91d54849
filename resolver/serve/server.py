"""A gRPC server as every process of the service runs one: threads, places, health, reflection, drain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from resolver.config import Limits
from resolver.serve.call import Places

_LAST_WORDS_SECONDS: Final = 0.5
"""For replies on their way out."""


class Server:
    """Answers calls from `start` to `stop`, and tells that it is healthy meanwhile.

    `shared`: other processes listen at the same address, and the system deals connections out to them.
    """

    def __init__(self, limits: Limits, *, shared: bool = False) -> None:
        self.places = Places(limits.streams)
        self._drain_seconds = limits.drain_seconds
        self._threads = ThreadPoolExecutor(limits.threads + limits.streams, thread_name_prefix="call")
        self._server = grpc.server(
            self._threads, options=options(limits, shared=shared), maximum_concurrent_rpcs=limits.calls
        )
        self._names = [health.SERVICE_NAME, reflection.SERVICE_NAME]
        self._health = health.HealthServicer()

    def bind(self, address: str) -> int:
        """Listen at HOST:PORT or at unix:PATH from `start` on; the port. Raises RuntimeError."""
        port: int = self._server.add_insecure_port(address)
        return port

    def add(self, service: ServiceDescriptor, handler: grpc.GenericRpcHandler) -> None:
        """Have a service answered."""
        self._server.add_generic_rpc_handlers((handler,))
        self._names.append(service.full_name)

    def start(self) -> None:
        """Answer."""
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(self._names, self._server)
        self._server.start()
        for name in ("", *self._names):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def drain(self) -> None:
        """Take no further call, and wait as long as is allowed for those at hand. Idempotent."""
        self._health.enter_graceful_shutdown()
        self.places.drain(self._drain_seconds)

    def stop(self) -> None:
        """End what is left. Calls that wait for something in this process go on until that ends."""
        # What gRPC has accepted and not handed on by now would wait for its grace to the end.
        self._server.stop(_LAST_WORDS_SECONDS).wait()

    def close(self) -> None:
        """Wait for the last thread."""
        self._threads.shutdown()


def options(limits: Limits, *, shared: bool = False) -> list[tuple[str, int]]:
    """How gRPC is set up; `shared` as in `Server`."""
    return [
        ("grpc.so_reuseport", int(shared)),
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 16 << 10),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]
