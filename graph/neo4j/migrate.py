"""Bringing a database to this program's generation.

Schema and data may not change in one transaction, so a step is one transaction a statement, each of which
may run twice, and is noted once all of them have: a step that was cut short is taken again, whole. Two
programs that migrate at once do no harm to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import LiteralString

from neo4j import Session

from graph.errors import StoreCorrupt
from graph.migrations import Migration, taken

UNFINISHED = 1_000_000
"""Stands for a step as long as the database is being filled, so that nobody opens it."""

_LEDGER = "CREATE CONSTRAINT migration_number IF NOT EXISTS FOR (n:Migration) REQUIRE n.number IS UNIQUE"
_NOTE = """
MERGE (m:Migration {number: $number})
ON CREATE SET m.name = $name, m.digest = $digest, m.applied = $applied
"""
_HELD = "MATCH (m:Migration) RETURN m.number, m.digest ORDER BY m.number"


def migrate(session: Session, steps: Sequence[Migration], applied: int) -> None:
    """Take the steps that were not yet taken; `applied` is the time to note with them.

    Raises `StoreCorrupt` where the database holds a step that is newer than `steps` or differs, or nodes
    but no step: then it is another program's.
    """
    done = check(session, steps, complete=False)
    if done == 0:
        if session.run("MATCH (n) WHERE NOT n:Migration AND NOT n:Head RETURN n LIMIT 1").single():
            raise StoreCorrupt("the database holds what is not of this program")
        session.run(_LEDGER).consume()
    for step in steps[done:]:
        for statement in statements(step.text):
            session.run(statement).consume()
        session.run(_NOTE, number=step.number, name=step.name, digest=step.digest, applied=applied).consume()


def check(session: Session, steps: Sequence[Migration], *, complete: bool = True) -> int:
    """How many of `steps` the database holds, after making sure that they are these very steps.

    Raises `StoreCorrupt` where one differs, where the database is newer, and, if `complete`, older.
    """
    held = [(number, digest) for number, digest in session.run(_HELD)]
    if held and held[-1][0] == UNFINISHED:
        raise StoreCorrupt("the database has not been filled to its end: fill it anew")
    return taken(held, steps, complete=complete)


def statements(text: str) -> Iterator[LiteralString]:
    """The statements of a migration: each ends with a semicolon at the end of a line; comments go."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("//")]
    for statement in "\n".join(lines).split(";\n"):
        if statement.strip():
            yield statement.strip().removesuffix(";")
