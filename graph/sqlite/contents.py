"""All that the embedded store keeps, as items, read through one transaction that any writer may overtake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import apsw

from graph import codec
from graph.errors import StoreCorrupt
from graph.migrations import migrations
from graph.model import (
    Cause,
    Change,
    Import,
    Judgement,
    JudgementKind,
    Move,
    Node,
    Record,
    RecordKey,
    Relation,
    RelationKind,
    Statement,
    Suggestion,
    Touchpoint,
    TouchpointKey,
)
from graph.sqlite.connection import connect_reader
from graph.sqlite.derived import faults
from graph.sqlite.errors import translated
from graph.sqlite.migrate import check
from graph.whole import (
    Fault,
    Head,
    HeldCustomer,
    HeldKey,
    HeldNode,
    HeldSuggestion,
    Item,
    SilentKey,
    WaitingNode,
)

T = TypeVar("T", bound=Item)
_Row = tuple[Any, ...]


@contextmanager
def contents(path: Path | str) -> Iterator[SqliteContents]:
    """All of a store's file at its latest revision; it may be written meanwhile.

    As long as it is read, its log cannot be cut. Raises as `SqliteStore.open_reader` does.
    """
    with translated:
        connection = connect_reader(Path(path))
    try:
        with translated:
            check(connection, migrations("sqlite"))
            connection.execute("BEGIN")
            connection.execute("SELECT revision FROM head").fetchall()
        yield SqliteContents(connection)
    finally:
        connection.close()


class SqliteContents:
    """`graph.whole.Contents` of one connection, within its transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def section(self, kind: type[T]) -> Iterator[T]:
        """The items of one section: nodes, records and touchpoints as they came, others by name or revision.

        Raises `StoreCorrupt` where one names what is not there.
        """
        return cast(Iterator[T], self._section(cast(type[Item], kind)))

    def _section(self, kind: type[Item]) -> Iterator[Item]:
        with translated:
            if kind is Head:
                yield self._head()
            elif kind is Change:
                yield from self._changes()
            else:
                sql, item = _SECTIONS[kind]
                yield from map(item, self._connection.execute(sql))

    def faults(self) -> Iterator[Fault]:
        """What this store derives and does not agree with the items, a line for each kind of it."""
        with translated:
            yield from faults(self._connection)

    def _head(self) -> Head:
        rows: list[Any] = self._connection.execute("SELECT revision, silence, adopted FROM head").fetchall()
        settings: list[Any] = self._connection.execute(
            "SELECT name, value FROM meta ORDER BY name"
        ).fetchall()
        revision, silence, adopted = rows[0]
        return Head(revision, silence, adopted, tuple(settings))

    def _changes(self) -> Iterator[Change]:
        """Changes with their moves, which lie in the same order."""
        moved = groupby(self._connection.execute(_MOVES), key=_first)
        revision, moves = next(moved, _NONE)
        for row in self._connection.execute(_CHANGES):
            while revision is not None and revision < row[0]:
                revision, moves = next(moved, _NONE)
            yield _change(row, moves if revision == row[0] else ())


_NONE: Final[tuple[Any, Any]] = (None, ())
_MOVES: Final = """
    SELECT m.revision, r.source, r.record_id, m.before, m.after
    FROM move m LEFT JOIN record r ON r.id = m.record ORDER BY m.revision, m.place"""
_CHANGES: Final = """
    SELECT revision, cause, time, judgement, before, after, evidence FROM change ORDER BY revision"""


def _first(row: _Row) -> int:
    revision: int = row[0]
    return revision


def _change(row: _Row, moves: Iterable[_Row]) -> Change:
    revision, cause, time, judgement, before, after, evidence = row
    return Change(
        Cause(cause),
        time,
        codec.texts_in(before),
        codec.texts_in(after),
        tuple(Move(_record_key(source, id_), was, is_) for _, source, id_, was, is_ in moves),
        judgement,
        evidence,
        revision,
    )


def _record_key(source: str | None, record_id: str | None) -> RecordKey:
    return RecordKey(_there(source), _there(record_id))


def _there(name: str | None) -> str:
    if name is None:
        raise StoreCorrupt("the store's file names what is not there: resolver doctor tells more")
    return name


def _node(row: _Row) -> HeldNode:
    digest, features, assertions, blocks, component, number = row
    if features is None:
        _there(None)
    node = Node(digest, features, codec.assertions_in(assertions), codec.texts_in(blocks))
    return HeldNode(node, None if number is None else _there(component))


def _key(row: _Row) -> HeldKey:
    source, record_id, changed, first, deleted, version, number, node, customer, digest, evidence = row
    key = RecordKey(source, record_id)
    if digest is None:
        return HeldKey(key, changed, None)
    statement = Statement(version, bool(deleted), digest)
    named = None if number is None else _there(node)
    return HeldKey(key, changed, Record(key, statement, codec.evidence_in(evidence), named, customer, first))


def _customer(row: _Row) -> HeldCustomer:
    id_, minted, number, source, record_id, erased, touched = row
    anchor = None if number is None else _record_key(source, record_id)
    return HeldCustomer(id_, minted, anchor, bool(erased), touched)


def _judgement(row: _Row) -> Judgement:
    name, kind, parts, *rest = row
    return Judgement(name, JudgementKind(kind), codec.parts_in(parts), *rest)


def _suggestion(row: _Row) -> HeldSuggestion:
    component, *sides, weight, reason, evidence = row
    left, right = _record_key(*sides[:2]), _record_key(*sides[2:])
    return HeldSuggestion(_there(component), Suggestion(left, right, weight, reason, evidence))


def _relation(row: _Row) -> Relation:
    one, other, kind, stranger, household, shared = row
    left, right = sorted((_there(one), _there(other)))
    return Relation(left, right, RelationKind(kind), stranger, household, codec.texts_in(shared))


def _touchpoint(row: _Row) -> Touchpoint:
    return codec.touchpoint_in(TouchpointKey(row[0], row[1]), _record_key(row[2], row[3]), *row[4:])


_SECTIONS: Final[Mapping[type[Item], tuple[str, Callable[[_Row], Item]]]] = {
    HeldNode: (
        """SELECT n.digest, b.features, b.assertions, b.blocks, c.name, n.component
        FROM node n LEFT JOIN node_body b ON b.node = n.id LEFT JOIN component c ON c.id = n.component
        ORDER BY n.id""",
        _node,
    ),
    HeldKey: (
        """SELECT r.source, r.record_id, r.changed, r.first_revision, r.deleted, r.version, r.node, n.digest,
            r.customer, r.digest, r.evidence
        FROM record r LEFT JOIN node n ON n.id = r.node ORDER BY r.id""",
        _key,
    ),
    HeldCustomer: (
        """SELECT c.id, c.minted, c.anchor, r.source, r.record_id, c.erased, c.touched
        FROM customer c LEFT JOIN record r ON r.id = c.anchor ORDER BY c.id""",
        _customer,
    ),
    Judgement: (
        """SELECT name, kind, parts, author, reason, time, revision, retracted, reverts
        FROM judgement ORDER BY id""",
        _judgement,
    ),
    HeldSuggestion: (
        """SELECT c.name, a.source, a.record_id, b.source, b.record_id, s.weight, s.reason, s.evidence
        FROM suggestion s LEFT JOIN component c ON c.id = s.component
        LEFT JOIN record a ON a.id = s.left_record LEFT JOIN record b ON b.id = s.right_record
        ORDER BY s.id""",
        _suggestion,
    ),
    Relation: (
        """SELECT n.digest, m.digest, r.kind, r.stranger, r.household, r.shared
        FROM relation r LEFT JOIN node n ON n.id = r.one LEFT JOIN node m ON m.id = r.other
        ORDER BY r.one, r.other""",
        _relation,
    ),
    Touchpoint: (
        """SELECT t.source, t.touchpoint_id, r.source, r.record_id,
            t.digest, t.occurred, t.channel, t.direction, t.body
        FROM touchpoint t LEFT JOIN record r ON r.id = t.record ORDER BY t.id""",
        _touchpoint,
    ),
    SilentKey: ("SELECT key FROM silent ORDER BY key", lambda row: SilentKey(*row)),
    WaitingNode: ("SELECT digest, revision FROM waiting ORDER BY digest", lambda row: WaitingNode(*row)),
    Import: (f"SELECT {', '.join(codec.IMPORT)} FROM import ORDER BY name", codec.import_in),
}
