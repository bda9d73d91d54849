"""Copying the write-ahead log into the database beside the request path."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw

from graph.errors import StoreError
from graph.sqlite.connection import connect_writer

_PAGES_A_CHECKPOINT = 2_000
_PAGES_TO_RESTART = 32_000
"""About 128 MiB: a log that long is started afresh, for which the writer has to stand still."""
_STANDSTILL_MILLISECONDS = 20


class Checkpointer:
    """A thread that follows the log's growth.

    It copies without stopping anybody (a passive checkpoint). Only where the log has grown long,
    because commits or readers never left a gap, it holds `writing` for the little that is left.
    """

    def __init__(self, path: Path, writing: threading.Lock) -> None:
        self._path = path
        self._writing = writing
        self._due = threading.Event()
        self._stopping = False
        self._copied = 0
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)
        self._thread.start()

    def committed(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        """SQLite's hook after each commit: the log is `pages` long now."""
        if pages < self._copied:
            self._copied = 0
        if pages - self._copied >= _PAGES_A_CHECKPOINT:
            self._due.set()
        return apsw.SQLITE_OK

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping = True
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        connection: apsw.Connection | None = None
        while True:
            self._due.wait()
            if self._stopping:
                break
            self._due.clear()
            # Where something stands in the way, the log waits for the next time.
            try:
                connection = connection or self._connect()
                length, copied = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._copied = length
                # Behind an old snapshot nothing is to be gained by stopping the writer.
                if length >= _PAGES_TO_RESTART and copied == length:
                    with self._writing:
                        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                        self._copied = 0
            except (apsw.Error, StoreError):
                continue
        if connection is not None:
            connection.close()

    def _connect(self) -> apsw.Connection:
        connection = connect_writer(self._path)
        connection.set_busy_timeout(_STANDSTILL_MILLISECONDS)
        return connection
