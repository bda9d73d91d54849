"""The serving process: opens the store, starts the one writer and the gRPC server, drains at the end."""

from __future__ import annotations

import math
import secrets
import signal
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Final, Self
from uuid import uuid4

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from graph.errors import StoreError
from graph.store import Store
from resolver import opening
from resolver.config import ConfigError, Configuration, Limits, Loaded, address, is_loopback
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import DOCUMENT, InForce, Rules
from resolver.serve.adopting import Adopting
from resolver.serve.call import Places
from resolver.serve.customer import Customers
from resolver.serve.edge import handlers
from resolver.serve.importing import Importer, Importing
from resolver.serve.ready import Ready
from resolver.serve.resolution import Resolution
from resolver.serve.stewardship import Stewardship
from resolver.serve.terms import ADOPT, Terms, drifted, overlaid
from resolver.serve.writer import Writer
from resolver.v1 import (
    customer_service_pb2,
    import_service_pb2,
    model_service_pb2,
    resolution_service_pb2,
    stewardship_service_pb2,
)

_log = structlog.get_logger("resolver.serve")

_SECRET_BYTES: Final = 32
_LAST_WORDS_SECONDS: Final = 0.5
"""For replies on their way out."""
_LOOK_SECONDS: Final = 5.0
"""How often a replica at rest looks for what others may have left."""
_ABANDONED_SECONDS: Final = 30.0
"""How long an import stands still before another replica goes on with it."""
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


class StartError(Exception):
    """The service cannot start. One line that says why."""


def now() -> int:
    """The clock: microseconds since 1970."""
    return time.time_ns() // 1000


def mint() -> str:
    """A fresh opaque name."""
    return str(uuid4())


class Service:
    """A store being served. Use it in a `with`: it listens inside and has drained after.

    Raises `StartError` where the store or the address cannot be had.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._limits = loaded.configuration.server
        self._places = Places(self._limits.streams)

    def __enter__(self) -> Self:
        host, port = _listening(self._loaded.configuration)
        _free(host, port)
        self._store = _open(self._loaded.configuration)
        try:
            self._terms = settle_terms(self._store, self._loaded)
            self._serve(host, port)
        except BaseException:
            self._store.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._health.enter_graceful_shutdown()
        self._places.drain(self._limits.drain_seconds)
        # What gRPC has accepted and not handed on by now would wait for its grace to the end.
        self._server.stop(_LAST_WORDS_SECONDS).wait()
        self._importer.close()
        self._writer.close()
        self._threads.shutdown()
        self._store.close()

    @property
    def address(self) -> str:
        """HOST:PORT, the port being the real one where 0 was asked for."""
        return self._address

    @property
    def terms(self) -> Terms:
        """What it answers under."""
        return self._terms

    def _serve(self, host: str, port: int) -> None:
        limits, store = self._limits, self._store
        shared = opening.shared(self._loaded.configuration)
        terms, rules = self._terms, InForce(self._terms.model, self._terms.policy)
        pipeline = Pipeline(
            store, model=terms.model, policy=terms.policy, settings=terms.settings, clock=now, mint=mint
        )
        self._threads = ThreadPoolExecutor(limits.threads + limits.streams, thread_name_prefix="call")
        self._server = grpc.server(
            self._threads, options=_options(limits), maximum_concurrent_rpcs=limits.calls
        )
        self._address = _bind(self._server, host, port)
        look = _LOOK_SECONDS if shared else math.inf
        self._writer = Writer(pipeline, batch=limits.batch, capacity=limits.queue, look=look)
        folder = self._loaded.configuration.imports.folder
        self._importer = Importer(
            store, pipeline, self._writer, folder, now, abandoned=_ABANDONED_SECONDS if shared else 0.0
        )
        servants = {
            resolution_service_pb2.DESCRIPTOR: Resolution(store, self._writer, terms, rules, now),
            customer_service_pb2.DESCRIPTOR: Customers(store, Ready(limits.cache_bytes), terms, now),
            stewardship_service_pb2.DESCRIPTOR: Stewardship(store, pipeline, self._writer, terms, rules, now),
            model_service_pb2.DESCRIPTOR: Adopting(store, pipeline, self._writer, terms, now),
            import_service_pb2.DESCRIPTOR: Importing(
                store, pipeline, self._writer, self._importer, terms, folder, now
            ),
        }
        names = [health.SERVICE_NAME, reflection.SERVICE_NAME]
        for file, servant in servants.items():
            for service in file.services_by_name.values():
                self._server.add_generic_rpc_handlers((handlers(service, servant, self._places),))
                names.append(service.full_name)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(names, self._server)
        self._server.start()
        for name in ("", *names):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)


def run(loaded: Loaded, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `announce` is told HOST:PORT, once it listens.

    Raises `StartError`. To be called from the main thread.
    """
    told: SimpleQueue[int] = SimpleQueue()

    def note(number: int, _: FrameType | None) -> None:
        # To the end of the drain, which is short: whoever is impatient may send the same signal again.
        told.put(number)

    before = {number: signal.signal(number, note) for number in _STOPPING}
    try:
        with Service(loaded) as service:
            announce(service.address)
            _log.info("draining", signal=signal.Signals(told.get()).name)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def settle_terms(store: Store, loaded: Loaded) -> Terms:
    """The terms of a store: what it was made with, else what is configured, which it then keeps.

    Population, region and policy need not be said again for a store that has them. Raises `StartError`
    where anything that decides who is one customer is not as it was when the store was made.
    """
    kept = _meta(store)
    terms, chosen = _settled(kept, loaded)
    try:
        if chosen:
            store.put_meta(chosen)
    except StoreError as error:
        # Another process may have begun the same store at the same moment: its choice stands.
        if _meta(store) == kept:
            raise StartError(f"store: {error}") from None
        return settle_terms(store, loaded)
    return terms


def _settled(kept: Mapping[str, str], loaded: Loaded) -> tuple[Terms, Mapping[str, str]]:
    """The terms of a store that keeps these settings, and those that it is to keep besides."""
    configuration = loaded.configuration
    rules = _rules(kept, loaded)
    region = kept["region"] if "region" in kept and not loaded.given("region") else configuration.region
    settled = configuration.model_copy(update={"region": region})
    secret = kept.get("government_secret", "")
    chosen = {}
    if configuration.government_ids and not secret:
        chosen["government_secret"] = secret = secrets.token_hex(_SECRET_BYTES)
    terms = Terms(
        model=rules.model,
        policy=rules.policy,
        settings=settled.settings(bytes.fromhex(secret) if configuration.government_ids else None),
    )
    # The documents are the same, or `_rules` would have raised: that one was completed is no drift.
    named = {**kept, "model": rules.model.version} if DOCUMENT in kept else kept
    for line in drifted(named, terms):
        raise StartError(line)
    if named.get("model") != kept.get("model"):
        _log.warning("model completed", model=rules.model.version, advice=ADOPT)
    settings = {**terms.decisive(), **rules.terms(), **chosen}
    return terms, {key: value for key, value in settings.items() if key not in kept}


def _rules(kept: Mapping[str, str], loaded: Loaded) -> Rules:
    """The rules of a store with what the configuration says otherwise; a new one has the configured ones."""
    if "population" not in kept:
        configuration = loaded.configuration
        return Rules(configuration.document(), configuration.population, configuration.rules())
    try:
        held = Rules.of(kept)
    except StoreError as error:
        raise StartError(f"store: {error}") from None
    rules = overlaid(held, loaded)
    if rules.document != held.document:
        raise StartError(f"model: the store has {kept['model']} and not this one; to change it, {ADOPT}")
    return rules


def _meta(store: Store) -> Mapping[str, str]:
    try:
        return store.meta()
    except StoreError as error:
        raise StartError(f"store: {error}") from None


def _open(configuration: Configuration) -> Store:
    try:
        return opening.writer(configuration)
    except ConfigError as error:
        raise StartError(str(error)) from None
    except (StoreError, opening.MissingDriver) as error:
        raise StartError(f"store: {configuration.store}: {error}") from None


def _listening(configuration: Configuration) -> tuple[str, int]:
    host, port = address(configuration.listen)
    if not is_loopback(host):
        raise StartError(
            f"listen: {configuration.listen} is reached from other machines, and serving them needs TLS and "
            "authentication, which this version has not; listen on 127.0.0.1 behind a proxy that has"
        )
    return host, port


def _free(host: str, port: int) -> None:
    """Tell in one line that an address is taken, before gRPC does in many."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(f"listen: {host}:{port}: {error.strerror}") from None


def _bind(server: grpc.Server, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    try:
        return f"{shown}:{server.add_insecure_port(f'{shown}:{port}')}"
    except RuntimeError:
        raise StartError(f"listen: {shown}:{port} cannot be had") from None


def _options(limits: Limits) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 16 << 10),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]
