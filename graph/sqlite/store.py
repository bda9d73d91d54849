"""The embedded store: `graph.store.Store` on one SQLite file."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import apsw

from graph.clock import now
from graph.errors import StoreError, StoreUnavailable
from graph.migrations import migrations
from graph.model import ChangeSet, Glance, Identifier, ReadSet
from graph.sqlite import migrate, writing
from graph.sqlite.checkpoint import Checkpointer
from graph.sqlite.connection import WriterLock, connect_reader, connect_writer
from graph.sqlite.errors import translated
from graph.sqlite.reading import SqliteSnapshot, glance

_IDLE_READERS = 32
_LOOK_EVERY_SECONDS = 0.01


class SqliteStore:
    """One company's customers in one file. Open it with `open_writer` or `open_reader`.

    Every method may be called from any thread. Snapshots in one process each have a connection of
    their own while they are open, from a pool; all writes go through one connection, in turn.
    """

    def __init__(
        self, path: Path, writer: apsw.Connection | None = None, lock: WriterLock | None = None
    ) -> None:
        self._path = path
        self._writer = writer
        self._lock = lock
        self._idle: deque[apsw.Connection] = deque()
        self._closed = threading.Event()
        self._writing = threading.Lock()
        self._committed = threading.Condition()
        self._checkpointer: Checkpointer | None = None
        if writer is not None:
            self._checkpointer = Checkpointer(path, self._writing)
            writer.set_wal_hook(self._checkpointer.committed)

    @classmethod
    def open_writer(cls, path: Path | str, *, clock: Callable[[], int] = now) -> Self:
        """Open the file to read and write; creates it and brings it to this program's generation.

        `clock` gives the time, in microseconds since 1970, noted with each migration. Raises
        `StoreLocked` where another process, or another store in this one, is its writer,
        `StoreCorrupt` where the file is not a store or is of a newer generation,
        `StoreUnavailable` where it cannot be opened or written.
        """
        path = Path(path)
        with translated:
            connection = None
            lock = WriterLock(path)
            try:
                connection = connect_writer(path)
                migrate.migrate(connection, migrations("sqlite"), clock())
                return cls(path, connection, lock)
            except BaseException:
                if connection is not None:
                    connection.close()
                lock.release()
                raise

    @classmethod
    def open_reader(cls, path: Path | str) -> Self:
        """Open the file to read only; any number of processes may, while one writes.

        Raises `StoreUnavailable` where there is no file, `StoreCorrupt` where it is not a store of
        this program's generation.
        """
        path = Path(path)
        with translated:
            connection = connect_reader(path)
            try:
                migrate.check(connection, migrations("sqlite"))
            except BaseException:
                connection.close()
                raise
        store = cls(path)
        store._idle.append(connection)
        return store

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        """Read at the latest committed revision. Any thread, any process."""
        connection = self._borrow()
        snapshot = None
        try:
            with translated:
                connection.execute("BEGIN")
            snapshot = SqliteSnapshot(connection)
            yield snapshot
        finally:
            if snapshot is not None:
                snapshot.close()
            self._give_back(connection)

    def glance(self, identifier: Identifier) -> Glance:
        """Who holds this identifier at the latest committed revision, in one statement. Any thread."""
        connection = self._borrow()
        try:
            with translated:
                return glance(connection, identifier)
        finally:
            self._give_back(connection)

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        """Commit all or none; each change set gets a revision of its own, in order, without gaps.

        Durable when it returns. Returns the last revision. Raises `Conflict` where the read set is
        stale, `StoreUnavailable` where the store cannot be written, `StoreError` where a change set
        contradicts what is stored. No change sets: no new revision.
        """
        with self._transaction() as connection:
            revision = writing.apply(connection, change_sets, read_set)
        with self._committed:
            self._committed.notify_all()
        return revision

    def wait(self, revision: int, timeout: float) -> int:
        """Block until a revision greater than `revision` is committed or `timeout` seconds have passed.

        Returns the latest revision. The writer's own threads are woken by the commit; other
        processes look every 10 ms.
        """
        end = time.monotonic() + timeout
        while True:
            with self._committed:
                latest = self._latest()
                left = end - time.monotonic()
                if latest > revision or left <= 0:
                    return latest
                if self._writer is not None:
                    self._committed.wait(left)
                    continue
            self._closed.wait(min(left, _LOOK_EVERY_SECONDS))

    def meta(self) -> Mapping[str, str]:
        """The store's settings (model, population, generation, secret): they change by adoption alone."""
        connection = self._borrow()
        try:
            with translated:
                rows: list[Any] = connection.execute("SELECT name, value FROM meta").fetchall()
                return dict(rows)
        finally:
            self._give_back(connection)

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Write settings that are not yet there; raises `StoreError` where one differs, and writes none."""
        with self._transaction() as connection:
            for name, value in values.items():
                connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))
                if connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).get != value:
                    raise StoreError(f"the store was made with another {name}")

    def close(self) -> None:
        """Release everything. Idempotent."""
        if self._closed.is_set():
            return
        self._closed.set()
        with self._committed:
            self._committed.notify_all()
        if self._checkpointer is not None:
            self._checkpointer.stop()
        while self._idle:
            self._idle.pop().close()
        with self._writing:
            if self._writer is not None:
                with suppress(apsw.Error):
                    self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._writer.close()
        if self._lock is not None:
            self._lock.release()

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        with self._writing, translated:
            if self._closed.is_set():
                raise StoreUnavailable("the store is closed")
            if self._writer is None:
                raise StoreUnavailable("the store is open for reading only")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def _latest(self) -> int:
        connection = self._borrow()
        try:
            with translated:
                revision: int = connection.execute("SELECT revision FROM head").get
                return revision
        finally:
            self._give_back(connection)

    def _borrow(self) -> apsw.Connection:
        if self._closed.is_set():
            raise StoreUnavailable("the store is closed")
        try:
            return self._idle.pop()
        except IndexError:
            with translated:
                return connect_reader(self._path)

    def _give_back(self, connection: apsw.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._idle.append(connection)
        if self._closed.is_set() or len(self._idle) > _IDLE_READERS:
            with suppress(IndexError):
                self._idle.popleft().close()
