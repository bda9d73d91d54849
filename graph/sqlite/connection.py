"""Opening the store's file, for the one writer and for readers."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

import apsw

from graph.errors import StoreCorrupt, StoreError, StoreLocked, StoreUnavailable

APPLICATION_ID = 0x52_73_6C_76
"""Marks the file as ours ("Rslv"), so that no other program's database is taken for a store."""
UNFINISHED = 0x52_73_6C_66
"""Marks one that is being filled ("Rslf"); where nobody does so any more, it is no store yet."""

BUSY_MILLISECONDS = 10_000
_STATEMENTS_CACHED = 300
_READER_CACHE_KIBIBYTES = 32_768
_WRITER_CACHE_KIBIBYTES = 131_072
_LEAST_SQLITE = 3_051_003

if apsw.sqlite3_sourceid() and apsw.SQLITE_VERSION_NUMBER < _LEAST_SQLITE:
    # Up to 3.51.2 a checkpoint that meets a commit may, rarely, corrupt a WAL database.
    raise ImportError("SQLite 3.51.3 or later is needed")


def connect_writer(path: Path) -> apsw.Connection:
    """A connection that creates the file where there is none, and makes each commit durable.

    Only for the holder of the `WriterLock`.
    """
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise StoreUnavailable(f"{path} may not be written")
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = _connect(path, flags, _WRITER_CACHE_KIBIBYTES)
    try:
        _check_owner(connection, path, empty_allowed=True)
        _log_ahead(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> apsw.Connection:
    """A connection that can only read; the file must be a store already."""
    _check_place(path)
    if not path.exists():
        raise StoreUnavailable(f"{path} does not exist")
    if not os.access(path, os.R_OK):
        raise StoreUnavailable(f"{path} may not be read")
    connection = _connect(path, apsw.SQLITE_OPEN_READONLY, _READER_CACHE_KIBIBYTES)
    try:
        _check_owner(connection, path, empty_allowed=False)
    except BaseException:
        connection.close()
        raise
    return connection


class WriterLock:
    """The right to be a file's only writer; held until released or until the process ends.

    It is the process's own: forked ones do not have it, so that none keeps it beyond the process's end.
    """

    def __init__(self, path: Path) -> None:
        _check_place(path)
        try:
            self._file = os.open(f"{path}-writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            raise StoreUnavailable(f"{path}-writer cannot be opened for writing") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise StoreLocked(f"another process writes to {path}") from None
        _locks.add(self)

    def release(self) -> None:
        """Let another writer in. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


_locks: weakref.WeakSet[WriterLock] = weakref.WeakSet()


def _part_with_locks() -> None:
    """Close what a forked process has inherited; its parent goes on holding the locks."""
    for lock in list(_locks):
        lock.release()


os.register_at_fork(after_in_child=_part_with_locks)


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder, not a store")
    if not path.parent.is_dir():
        raise StoreError(f"{path.parent} is not a folder")


def _connect(path: Path, flags: int, cache_kibibytes: int) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags, statementcachesize=_STATEMENTS_CACHED)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    connection.pragma("cache_size", -cache_kibibytes)
    connection.pragma("temp_store", "memory")
    return connection


def _log_ahead(connection: apsw.Connection, path: Path) -> None:
    if connection.pragma("journal_mode", "wal") != "wal":
        raise StoreUnavailable(f"{path} is on a file system that cannot share memory between processes")
    connection.pragma("synchronous", "full")
    connection.wal_autocheckpoint(0)


def _check_owner(connection: apsw.Connection, path: Path, *, empty_allowed: bool) -> None:
    owner = connection.pragma("application_id")
    if owner == APPLICATION_ID:
        return
    if owner == UNFINISHED:
        raise StoreCorrupt(f"{path} has not been filled to its end: fill it anew")
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").get == 0
    if not (empty and empty_allowed and owner == 0):
        raise StoreCorrupt(f"{path} is not a store of this program")
