"""Bringing a database to this program's generation, and refusing those of others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from neo4j import Session

from graph.errors import StoreCorrupt
from graph.migrations import Migration, migrations
from graph.neo4j import Address, Neo4jStore
from graph.neo4j.migrate import check, migrate, statements
from tests.conformance.samples import one_customer, put
from tests.neo4j import shared
from tests.neo4j.server import Login

FIRST = Migration(1, "first", "digest of first", "MERGE (n:Head {one: 1});\n")
SECOND = Migration(2, "second", "digest of second", "MATCH (n:Head)\nSET n.two = coalesce(n.two, 0) + 2;\n")


@pytest.fixture
def session(login: Login) -> Iterator[Session]:
    shared.empty(login)
    with shared.driver(login).session() as session:
        yield session
    shared.empty(login)


def test_each_step_is_taken_once_and_noted_with_its_time(session: Session) -> None:
    migrate(session, [FIRST], 10)
    migrate(session, [FIRST, SECOND], 20)
    migrate(session, [FIRST, SECOND], 30)
    noted = session.run("MATCH (m:Migration) RETURN m.number, m.name, m.digest, m.applied ORDER BY m.number")
    assert [tuple(one) for one in noted] == [
        (1, "first", "digest of first", 10),
        (2, "second", "digest of second", 20),
    ]
    assert [tuple(one) for one in session.run("MATCH (n:Head) RETURN n.one, n.two")] == [(1, 2)]


def test_a_step_that_was_cut_short_is_taken_again(session: Session) -> None:
    (first,) = migrations("neo4j")[:1]
    for statement in [*statements(first.text)][:3]:
        session.run(statement).consume()
    migrate(session, [first], 1)
    assert check(session, [first]) == 1
    assert session.run("MATCH (h:Head) RETURN count(h)").single(strict=True)[0] == 1


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([FIRST], "newer"),
        ([], "newer"),
        ([FIRST, Migration(2, "second", "another digest", SECOND.text)], "altered"),
        ([Migration(1, "first", "another digest", FIRST.text), SECOND], "altered"),
    ],
)
def test_a_newer_or_altered_generation_is_refused(session: Session, steps: list[Migration], why: str) -> None:
    migrate(session, [FIRST, SECOND], 10)
    for refuse in (lambda: migrate(session, steps, 20), lambda: check(session, steps)):
        with pytest.raises(StoreCorrupt, match=why):
            refuse()


def test_a_reader_refuses_an_older_generation(session: Session, address: Address) -> None:
    migrate(session, [FIRST], 10)
    with pytest.raises(StoreCorrupt, match="older"):
        check(session, [FIRST, SECOND])
    shared.empty(shared.login())
    with pytest.raises(StoreCorrupt, match="older"):
        Neo4jStore.open_reader(address)


def test_another_programs_database_is_refused_and_left_alone(session: Session, address: Address) -> None:
    session.run("CREATE (:Theirs {a: 1})").consume()
    with pytest.raises(StoreCorrupt, match="not of this program"):
        Neo4jStore.open(address)
    assert [one[0] for one in session.run("MATCH (n) RETURN labels(n)")] == [["Theirs"]]


def test_opening_a_store_again_keeps_what_is_in_it(session: Session, address: Address) -> None:
    for revision in (1, 2):
        store = Neo4jStore.open(address, clock=lambda: 123)
        assert (
            put(store, one_customer(str(revision), f"n{revision}", f"k{revision}", f"c{revision}"))
            == revision
        )
        store.close()
    noted = session.run("MATCH (m:Migration) RETURN collect(DISTINCT m.applied)").single(strict=True)
    assert noted[0] == [123]
