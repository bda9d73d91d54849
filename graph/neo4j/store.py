"""The server store: `graph.store.Store` on Neo4j."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from secrets import token_hex
from typing import Final, Self, TypeVar

from neo4j import Driver, ManagedTransaction, Session, unit_of_work

from graph.clock import now
from graph.errors import Conflict, StoreError, StoreUnavailable
from graph.keys import identifier_block
from graph.migrations import migrations
from graph.model import ChangeSet, Glance, Identifier, IdentifierKind, ReadSet
from graph.neo4j import migrate, reading, writing
from graph.neo4j.connection import Address, Limits, connect, persist
from graph.neo4j.errors import translated
from graph.neo4j.keys import indexed
from graph.neo4j.reading import Neo4jSnapshot, Reading
from graph.neo4j.together import Together

_T = TypeVar("_T")

_LOOK_EVERY_SECONDS: Final = 0.02
_LIMITS: Final = Limits()


class Neo4jStore:
    """One company's customers in one database of a server. Open it with `open` or `open_reader`.

    Any number of processes may, each to read and write. Every method may be called from any thread;
    writes of one store go one after the other, as those of all do on the server.
    """

    def __init__(self, driver: Driver, address: Address, limits: Limits, *, writes: bool) -> None:
        self._driver = driver
        self._database = address.database or None
        self._limits = limits
        self._writes = writes
        self._closed = False
        self._name = token_hex(12)
        self._calls = count(1)
        self._writing = threading.Lock()
        self._committed = threading.Condition()
        self._looking = threading.Lock()
        self._looked = 0.0
        self._latest = 0
        self._known = 0
        self._held = Together(partial(self._glances, carried=False))
        self._carried = Together(partial(self._glances, carried=True))

    @classmethod
    def open(cls, address: Address, *, limits: Limits = _LIMITS, clock: Callable[[], int] = now) -> Self:
        """Open the database to read and write; brings it to this program's generation.

        `clock` gives the time, in microseconds since 1970, noted with each migration. Raises
        `StoreUnavailable` where the server cannot be reached, `StoreCorrupt` where the database is another
        program's or of a newer generation, `StoreError` where the server refuses the user.
        """
        store = cls(connect(address, limits), address, limits, writes=True)
        store._prepared(lambda session: migrate.migrate(session, migrations("neo4j"), clock()))
        return store

    @classmethod
    def open_reader(cls, address: Address, *, limits: Limits = _LIMITS) -> Self:
        """Open the database to read only.

        Raises as `open` does, and `StoreCorrupt` where the database is not of this program's generation.
        """
        store = cls(connect(address, limits), address, limits, writes=False)
        store._prepared(lambda session: migrate.check(session, migrations("neo4j")))
        return store

    def _prepared(self, prepare: Callable[[Session], object]) -> None:
        try:
            with self._session() as session, translated:
                prepare(session)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[Neo4jSnapshot]:
        """Read at the latest committed revision. Any thread, any process.

        One round trip, two where that revision is another process's and not yet known here.
        """
        with self._reading() as opened:
            snapshot = Neo4jSnapshot(opened, self._known)
            self._know(snapshot.revision)
            yield snapshot

    def glance(self, identifier: Identifier) -> Glance:
        """Who holds this identifier at the latest committed revision. Any thread.

        One statement, which those who ask meanwhile share.
        """
        with translated:
            key = indexed(identifier_block(identifier))
        return (self._carried if identifier.kind is IdentifierKind.REFERENCE else self._held)(key)

    def _glances(self, keys: Sequence[str], *, carried: bool) -> Sequence[Glance]:
        with self._reading() as opened:
            glances = reading.glances(opened, keys, self._known, carried=carried)
        self._know(glances[0].revision)
        return glances

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        """Commit all or none; each change set gets a revision of its own, in order, without gaps.

        Durable when it returns. Returns the last revision. Raises `Conflict` where the read set is
        stale or a touchpoint is there already, `StoreUnavailable` where the store cannot be written within
        its patience, `StoreError` where a change set contradicts what is stored. No change sets: no new
        revision. Where the connection is lost over the commit, what became of it is looked up.
        """
        with self._turn():
            try:
                revision = self._apply(change_sets, read_set, together=True)
            except (Conflict, StoreUnavailable):
                raise
            except StoreError:
                if len(change_sets) < 2:
                    raise
                revision = self._apply(change_sets, read_set, together=False)
        self._know(revision)
        with self._committed:
            self._latest = max(self._latest, revision)
            self._committed.notify_all()
        return revision

    def _apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet, *, together: bool) -> int:
        call = writing.Call(self._name, next(self._calls))
        return self._write(
            lambda transaction: writing.apply(transaction, call, change_sets, read_set, together=together)
        )

    def wait(self, revision: int, timeout: float) -> int:
        """Block until a revision greater than `revision` is committed or `timeout` seconds have passed.

        Returns the latest revision. However many wait, the server is asked every 20 ms.
        """
        end = time.monotonic() + timeout
        while True:
            latest = self._look()
            left = end - time.monotonic()
            if latest > revision or left <= 0:
                return latest
            with self._committed:
                if self._latest <= revision and not self._closed:
                    self._committed.wait(min(left, _LOOK_EVERY_SECONDS))

    def meta(self) -> Mapping[str, str]:
        """The store's settings (model, population, generation, secret): they change by adoption alone."""
        with self._reading() as opened:
            return reading.settings(opened)

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Write settings that are not yet there; raises `StoreError` where one differs, and writes none."""
        with self._turn():
            self._write(lambda transaction: writing.put_settings(transaction, values))

    def close(self) -> None:
        """Release everything. Idempotent."""
        self._closed = True
        with self._committed:
            self._committed.notify_all()
        self._driver.close()

    # -- sessions ----------------------------------------------------------------------------

    @contextmanager
    def _session(self) -> Iterator[Session]:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        with translated:
            session = self._driver.session(database=self._database)
        try:
            yield session
        finally:
            with translated:
                session.close()

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        with self._session() as session:
            opened = Reading(session, self._limits.transaction)
            try:
                yield opened
            finally:
                opened.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The turn of one thread to write."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if not self._writes:
            raise StoreUnavailable("the store is open for reading only")
        if not self._writing.acquire(timeout=self._limits.patience):
            raise StoreUnavailable("other writes take too long")
        try:
            yield
        finally:
            self._writing.release()

    def _write(self, work: Callable[[ManagedTransaction], _T]) -> _T:
        """One transaction, tried again as long as the patience lasts; `work` must know what it did before."""
        bounded = unit_of_work(timeout=self._limits.transaction)(work)

        def once() -> _T:
            with self._session() as session:
                return session.execute_write(bounded)

        with translated:
            return persist(once, self._limits.patience)

    # -- what is known of revisions ----------------------------------------------------------

    def _know(self, revision: int) -> None:
        """All up to this revision can be seen."""
        with self._committed:
            self._known = max(self._known, revision)

    def _look(self) -> int:
        """The latest revision, as of a moment ago at most."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        with self._looking:
            if time.monotonic() - self._looked >= _LOOK_EVERY_SECONDS:
                with self._reading() as opened:
                    latest = reading.latest(opened)
                with self._committed:
                    self._latest = max(self._latest, latest)
                self._looked = time.monotonic()
            return self._latest
