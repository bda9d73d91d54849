"""The embedded store: one SQLite file in WAL mode, one writing process, any number that read."""

from __future__ import annotations

from graph.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
