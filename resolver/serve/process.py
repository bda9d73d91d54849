"""The serving process: opens the store, starts the one writer and the gRPC server, drains at the end."""

from __future__ import annotations

import errno
import math
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from types import FrameType, TracebackType
from typing import Final, Self
from uuid import uuid4

import structlog

from graph.clock import now
from graph.errors import StoreError
from graph.store import Store
from resolver import opening
from resolver.config import ConfigError, Configuration, Loaded, address, is_loopback
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import DOCUMENT, InForce, Rules
from resolver.serve.adopting import Adopting
from resolver.serve.customer import Customers
from resolver.serve.edge import handlers
from resolver.serve.importing import Importer, Importing
from resolver.serve.interpreter import settle_down
from resolver.serve.readers import Post, ReaderFailed, Readers
from resolver.serve.ready import Ready
from resolver.serve.resolution import Resolution
from resolver.serve.server import Server
from resolver.serve.stewardship import Stewardship
from resolver.serve.terms import ADOPT, Hearing, Terms, drifted, overlaid
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
_LOOK_SECONDS: Final = 5.0
"""How often a replica at rest looks for what others may have left."""
_ABANDONED_SECONDS: Final = 30.0
"""How long an import stands still before another replica goes on with it."""
_GIVEN_UP_SECONDS: Final = 3.0
"""How long an address is waited for that the readers of a service which was killed have yet."""
_SIGNAL_SECONDS: Final = 0.5
"""How long a signal may go unnoticed that came while this process was stopped."""
_PROBE_SECONDS: Final = 0.05
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


class StartError(Exception):
    """The service cannot start. One line that says why."""


def mint() -> str:
    """A fresh opaque name."""
    return str(uuid4())


class Service:
    """A store being served. Use it in a `with`: it listens inside and has drained after.

    It listens where the configuration says, unless at `at`, unix:PATH, for readers that listen there.
    Raises `StartError` where the store or the address cannot be had.
    """

    def __init__(self, loaded: Loaded, at: str = "") -> None:
        self._loaded = loaded
        self._at = at
        self._limits = loaded.configuration.server
        self._server = Server(self._limits)

    def __enter__(self) -> Self:
        host, port = _listening(self._loaded.configuration)
        if not self._at:
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
        self._server.drain()
        self._server.stop()
        self._importer.close()
        self._writer.close()
        self._server.close()
        self._store.close()

    def drain(self) -> None:
        """Take no further call, and wait for those at hand; leaving the `with` does it, too."""
        self._server.drain()

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
        self._address = self._at or _at(host, port)
        bound = _bound(self._server, self._address)
        if not self._at:
            self._address = _at(host, bound)
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
        for file, servant in servants.items():
            for service in file.services_by_name.values():
                self._server.add(service, handlers(service, servant, self._server.places))
        self._server.start()


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
        with serving(loaded) as (at, drain):
            settle_down()
            announce(at)
            _log.info("draining", signal=signal.Signals(_first(told)).name)
            drain()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(told: SimpleQueue[int]) -> int:
    """The signal that came. The system may hand it to another thread, which does not wake this one."""
    while True:
        with suppress(Empty):
            return told.get(timeout=_SIGNAL_SECONDS)


@contextmanager
def serving(loaded: Loaded) -> Iterator[tuple[str, Callable[[], None]]]:
    """A store served by this process and its readers: where they listen, and what has them drain.

    Raises `StartError`.
    """
    configuration = loaded.configuration
    limits = configuration.server
    if not limits.readers:
        with Service(loaded) as service:
            yield service.address, service.drain
        return
    with (
        _kept(*_listening(configuration)) as place,
        TemporaryDirectory(prefix="resolver-") as folder,
        Readers(limits.readers, limits.drain_seconds) as readers,
        Service(loaded, f"unix:{folder}/writer") as service,
    ):
        told = Configuration.model_construct(**dict(configuration))
        try:
            readers.begin(Post(told, Hearing(service.terms.settings), place, service.address))
        except ReaderFailed as error:
            raise StartError(str(error)) from None

        def drain() -> None:
            readers.leave()
            service.drain()  # which ends the streams that they pass on

        yield place, drain


def settle_terms(store: Store, loaded: Loaded) -> Terms:
    """The terms of a store: what it was made with, else what is configured, which it then keeps.

    Population, region and policy need not be said again for a store that has them. Raises `StartError`
    where anything that decides who is one customer is not as it was when the store was made.
    """
    kept = _meta(store)
    terms, chosen = settled(kept, loaded)
    try:
        if chosen:
            store.put_meta(chosen)
    except StoreError as error:
        # Another process may have begun the same store at the same moment: its choice stands.
        if _meta(store) == kept:
            raise StartError(f"store: {error}") from None
        return settle_terms(store, loaded)
    return terms


def settled(kept: Mapping[str, str], loaded: Loaded) -> tuple[Terms, Mapping[str, str]]:
    """The terms of a store that keeps these settings, and those that it is to keep besides.

    Raises `StartError` as `settle_terms` does.
    """
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


def _free(host: str, port: int, patience: float = 0.0) -> None:
    """Tell in one line that an address is taken, before gRPC does in many."""
    until = time.monotonic() + patience
    while True:
        with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise StartError(f"listen: {host}:{port}: {error.strerror}") from None
            else:
                return
        time.sleep(_PROBE_SECONDS)


@contextmanager
def _kept(host: str, port: int) -> Iterator[str]:
    """Keep an address for processes that are to listen there, several at once. Raises `StartError`."""
    _free(host, port, _GIVEN_UP_SECONDS)
    with socket.socket(_family(host), socket.SOCK_STREAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            held.bind((host, port))
        except OSError as error:
            raise StartError(f"listen: {host}:{port}: {error.strerror}") from None
        yield _at(host, held.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bound(server: Server, place: str) -> int:
    try:
        return server.bind(place)
    except RuntimeError:
        raise StartError(f"listen: {place} cannot be had") from None
