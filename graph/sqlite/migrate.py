"""Bringing a store's file to this program's generation, one transaction a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from graph.migrations import Migration, taken
from graph.sqlite.connection import APPLICATION_ID

_LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    number  INTEGER NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL,
    digest  TEXT NOT NULL,
    applied INTEGER NOT NULL
) STRICT
"""


def migrate(connection: apsw.Connection, steps: Sequence[Migration], applied: int) -> None:
    """Apply the steps that are not yet in the file; `applied` is the time to note with them.

    Raises `StoreCorrupt` where the file holds a step that is newer than `steps` or differs.
    """
    done = check(connection, steps, complete=False)
    for step in steps[done:]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(_LEDGER)
            connection.execute(step.text)
            connection.execute(
                "INSERT INTO migration VALUES (?, ?, ?, ?)", (step.number, step.name, step.digest, applied)
            )
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", step.number)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def check(connection: apsw.Connection, steps: Sequence[Migration], *, complete: bool = True) -> int:
    """How many of `steps` the file holds, after making sure that they are these very steps.

    Raises `StoreCorrupt` where one differs, where the file is newer, and, if `complete`, older.
    """
    held: list[tuple[Any, ...]] = []
    if connection.table_exists("main", "migration"):
        held = connection.execute("SELECT number, digest FROM migration ORDER BY number").fetchall()
    return taken(held, steps, complete=complete)
