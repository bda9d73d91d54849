"""One snapshot of the store, read through one connection's transaction."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import apsw

from graph import codec
from graph.errors import StoreError
from graph.keys import identifier_block
from graph.model import (
    Assurance,
    Block,
    Cause,
    Change,
    Component,
    CustomerId,
    Direction,
    Glance,
    Holder,
    Identifier,
    IdentifierKind,
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
    Tally,
    Touchpoint,
    TouchpointKey,
)
from graph.sqlite.errors import translated

_Row = tuple[Any, ...]

_HEAVIEST = 2**63 - 1
"""No weight is heavier: the first page of suggestions starts here."""
_OF_RECORD = """
    SELECT r.source, r.record_id, r.version, r.deleted, r.digest, r.evidence, r.customer, r.first_revision"""
_RECORD = f"{_OF_RECORD}, n.digest FROM record r LEFT JOIN node n ON n.id = r.node"
_LIVE = "r.digest IS NOT NULL AND NOT r.deleted"
_TOUCHPOINT = """
    SELECT t.source, t.touchpoint_id, r.source, r.record_id,
        t.digest, t.occurred, t.channel, t.direction, t.body
    FROM touchpoint t JOIN record r ON r.id = t.record"""
_LATEST = """
    SELECT r.id,
        (SELECT max(t.occurred) FROM touchpoint t
        WHERE t.record = r.id AND t.occurred <= coalesce(?3, 9223372036854775807)),
        r.source, r.record_id
    FROM record r WHERE r.source = ?1 AND r.record_id = ?2"""
_HOLDING = """
    SELECT customer, record, assurance FROM holder WHERE block = (SELECT id FROM block WHERE key = ?1)"""
_CARRYING = f"""
    SELECT customer, record, max(assurance) AS assurance FROM ({_HOLDING}
        UNION ALL SELECT coalesce(r.customer, x''), r.id, {Assurance.OBSERVED.value}
        FROM reference f CROSS JOIN touchpoint t ON t.id = f.touchpoint CROSS JOIN record r ON r.id = t.record
        WHERE f.key = ?1 AND {_LIVE}) GROUP BY customer, record"""
_ASSURANCES = {assurance.value: assurance for assurance in Assurance}
_OF_JUDGEMENT = """
    SELECT j.name, j.kind, j.parts, j.author, j.reason, j.time, j.revision, j.retracted, j.reverts"""
_JUDGEMENT = f"{_OF_JUDGEMENT} FROM judgement j"
_CUSTOMER = """
    SELECT c.id, c.minted, r.source, r.record_id, c.erased
    FROM customer c LEFT JOIN record r ON r.id = c.anchor"""
_CHANGE = "SELECT revision, cause, time, judgement, before, after, evidence FROM change"
_MOVE = """
    SELECT m.revision, m.place, r.source, r.record_id, m.before, m.after
    FROM move m JOIN record r ON r.id = m.record"""

_IMPORT = f"SELECT {', '.join(codec.IMPORT)} FROM import"


def glance(connection: apsw.Connection, identifier: Identifier) -> Glance:
    """Who holds an identifier now: one statement, which sees one revision without a transaction."""
    held = _CARRYING if identifier.kind is IdentifierKind.REFERENCE else _HOLDING
    # Customers' ids are texts and visitors' the empty blob, which stands after them.
    rows: list[Any] = connection.execute(
        f"""SELECT revision, silence, (SELECT min(revision) FROM waiting), customer,
            (SELECT touched FROM customer c WHERE c.id = customer)
        FROM head LEFT JOIN (SELECT customer FROM ({held}) GROUP BY customer ORDER BY customer LIMIT 2)""",
        (identifier_block(identifier),),
    ).fetchall()
    revision, silence, waiting, _, _ = rows[0]
    customers = [(customer, touched) for *_, customer, touched in rows if isinstance(customer, str)]
    customer, touched = customers[0] if len(customers) == 1 else ("", 0)
    return Glance(revision, revision if waiting is None else waiting - 1, customer, touched, silence)


class SqliteSnapshot:
    """What `graph.store.Snapshot` says, at the revision that was the latest when it was opened."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection: apsw.Connection | None = connection
        self._revision: int
        self._silence: int
        self._waiting: int | None
        self._adopted: int
        ((self._revision, self._silence, self._adopted, self._waiting),) = self._all(
            "SELECT revision, silence, adopted, (SELECT min(revision) FROM waiting) FROM head"
        )

    def close(self) -> None:
        """Forget the connection; the snapshot answers no more."""
        self._connection = None

    @property
    def revision(self) -> int:
        """The revision that this snapshot sees."""
        return self._revision

    @property
    def settled_revision(self) -> int:
        """The latest revision whose re-openings are all done; `revision` where none is waiting."""
        return self._revision if self._waiting is None else self._waiting - 1

    @property
    def silence_revision(self) -> int:
        """The latest revision at which any blocking key fell silent or spoke again, 0 before the first."""
        return self._silence

    @property
    def adopted_revision(self) -> int:
        """The latest revision at which the store's settings gave way to others, 0 before the first."""
        return self._adopted

    def meta(self) -> Mapping[str, str]:
        """The store's settings at this revision."""
        return dict(self._all("SELECT name, value FROM meta"))

    # -- for planning ------------------------------------------------------------------------

    def records(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Record]:
        """The records of these keys as they stand, tombstones included."""
        rows = self._keyed(
            f"""{_OF_RECORD}, n.digest FROM carray(?1)
            CROSS JOIN record r ON r.source = ?2 AND r.record_id = CAST(value AS TEXT)
            LEFT JOIN node n ON n.id = r.node WHERE r.digest IS NOT NULL""",
            keys,
        )
        return {record.key: record for record in map(_record, rows)}

    def known_touchpoints(
        self, keys: Collection[TouchpointKey]
    ) -> Mapping[TouchpointKey, tuple[str, RecordKey]]:
        """The digest and the record of each touchpoint already stored."""
        rows = self._keyed(
            """SELECT t.source, t.touchpoint_id, t.digest, r.source, r.record_id FROM carray(?1)
            CROSS JOIN touchpoint t ON t.source = ?2 AND t.touchpoint_id = CAST(value AS TEXT)
            CROSS JOIN record r ON r.id = t.record""",
            keys,
        )
        return {TouchpointKey(row[0], row[1]): (row[2], RecordKey(row[3], row[4])) for row in rows}

    def blocks(self, keys: Collection[str], limit: int) -> Mapping[str, Block]:
        """Each blocking key's version, counts and at most `limit` members in order of digest."""
        rows = self._named(
            """SELECT id, key, version, size, descriptions, verified
            FROM carray(?) CROSS JOIN block ON key = CAST(value AS TEXT) WHERE size > 0""",
            keys,
        )
        members: dict[int, list[str]] = {row[0]: [] for row in rows}
        found = self._numbered(
            """SELECT m.block, n.digest FROM carray(?) CROSS JOIN member m ON m.block = value
            CROSS JOIN node n ON n.id = m.node""",
            [block for block, _, _, size, _, _ in rows if size <= limit],
        ) + self._many(
            """SELECT m.block, n.digest FROM member m CROSS JOIN node n ON n.id = m.node
            WHERE m.block = ? ORDER BY n.digest LIMIT ?""",
            ((block, limit) for block, _, _, size, _, _ in rows if size > limit),
        )
        for block, digest in found:
            members[block].append(digest)
        return {
            key: Block(version, size, descriptions, verified, tuple(sorted(members[block])))
            for block, key, version, size, descriptions, verified in rows
        }

    def silent(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these blocking keys that do not speak now (generic, or over their cap)."""
        rows = self._named("SELECT key FROM carray(?) CROSS JOIN silent ON key = CAST(value AS TEXT)", keys)
        return frozenset(key for (key,) in rows)

    def nodes(self, digests: Collection[str]) -> Mapping[str, Node]:
        """The nodes of these digests."""
        rows = self._named(
            """SELECT n.digest, b.features, b.assertions, b.blocks
            FROM carray(?) CROSS JOIN node n ON n.digest = CAST(value AS TEXT)
            CROSS JOIN node_body b ON b.node = n.id""",
            digests,
        )
        return {row[0]: _node(row) for row in rows}

    def components(self, digests: Collection[str]) -> Sequence[Component]:
        """The components that hold any of these nodes, each once, in order of id, whole.

        Their nodes are in order of digest, their records in order of key.
        """
        found = set(
            self._named(
                """SELECT c.name, c.version, c.id FROM carray(?)
                CROSS JOIN node n ON n.digest = CAST(value AS TEXT) JOIN component c ON c.id = n.component""",
                digests,
            )
        )
        # A few rows each: sorting them here is cheaper than a sorter for every component.
        nodes: dict[int, list[_Row]] = {number: [] for _, _, number in found}
        records: dict[int, list[_Row]] = {number: [] for number in nodes}
        for *row, component in self._numbered(
            """SELECT n.digest, b.features, b.assertions, b.blocks, n.component
            FROM carray(?) CROSS JOIN node n ON n.component = value
            CROSS JOIN node_body b ON b.node = n.id""",
            nodes,
        ):
            nodes[component].append(tuple(row))
        for *row, component in self._numbered(
            f"""{_OF_RECORD}, n.digest, n.component
            FROM carray(?) CROSS JOIN node n ON n.component = value CROSS JOIN record r ON r.node = n.id""",
            nodes,
        ):
            records[component].append(tuple(row))
        return [
            Component(
                name,
                version,
                tuple(map(_node, sorted(nodes[number], key=_digest))),
                tuple(map(_record, sorted(records[number], key=_key))),
            )
            for name, version, number in sorted(found)
        ]

    def judgements(self, keys: Collection[RecordKey]) -> Sequence[Judgement]:
        """The judgements in force that name any of these records, each once, in order of revision."""
        rows = set(
            self._keyed(
                f"""{_OF_JUDGEMENT} FROM carray(?1)
                CROSS JOIN record r ON r.source = ?2 AND r.record_id = CAST(value AS TEXT)
                CROSS JOIN judged d ON d.record = r.id
                CROSS JOIN judgement j ON j.id = d.judgement AND j.retracted IS NULL""",
                keys,
            )
        )
        return sorted(map(_judgement, rows), key=lambda judgement: (judgement.revision, judgement.id))

    def anchored(self, keys: Collection[RecordKey]) -> Sequence[CustomerId]:
        """The customer ids anchored at these records, in order of minting."""
        rows = self._keyed(
            """SELECT c.id, c.minted, r.source, r.record_id, c.erased FROM carray(?1)
            CROSS JOIN record r ON r.source = ?2 AND r.record_id = CAST(value AS TEXT)
            CROSS JOIN customer c ON c.anchor = r.id""",
            keys,
        )
        return sorted(map(_customer, rows), key=lambda customer: (customer.minted, customer.id))

    def waiting(self, limit: int) -> Sequence[str]:
        """Nodes that wait to be looked at again, in order of digest."""
        rows = self._all("SELECT digest FROM waiting ORDER BY digest LIMIT ?", (limit,))
        return [digest for (digest,) in rows]

    def imports(self, names: Collection[str]) -> Mapping[str, Import]:
        """The imports of these names as they stand."""
        rows = self._many(f"{_IMPORT} WHERE name = ?", ((name,) for name in set(names)))
        return {row[0]: codec.import_in(row) for row in rows}

    # -- for answering -----------------------------------------------------------------------

    def holders(self, identifier: Identifier, limit: int) -> Sequence[Holder]:
        """Whose live records assert this identifier: customers in order of id, then visitors by key.

        For a `reference` also the live records of the touchpoints that carry it. At most `limit` are
        told, each with all of its records counted, however many they are.
        """
        key = identifier_block(identifier)
        held = _CARRYING if identifier.kind is IdentifierKind.REFERENCE else _HOLDING
        # Customers' ids are texts and visitors' the empty blob: these are one group, and the last.
        rows = self._all(
            f"""SELECT customer, count(*), max(assurance),
                (SELECT touched FROM customer c WHERE c.id = h.customer)
            FROM ({held}) h GROUP BY customer ORDER BY customer LIMIT ?2""",
            (key, limit),
        )
        visited = bool(rows) and isinstance(rows[-1][0], bytes)
        found = [
            Holder(customer, None, count, _ASSURANCES[assurance], touched)
            for customer, count, assurance, touched in (rows[:-1] if visited else rows)
        ]
        if visited:
            visitors = self._all(
                f"""SELECT r.source, r.record_id, h.assurance FROM ({held}) h
                CROSS JOIN record r ON r.id = h.record WHERE h.customer = x''
                ORDER BY r.source, r.record_id LIMIT ?2""",
                (key, limit - len(found)),
            )
            found += (Holder(None, RecordKey(*row[:2]), 1, _ASSURANCES[row[2]], 0) for row in visitors)
        return found

    def touched(self, customers: Collection[str]) -> Mapping[str, int]:
        """The revision at which a record of each customer, or its touchpoints, last came, changed or went.

        While it and `silence_revision` stay as they are, so does all that a profile shows. Silent on
        those that never had a record.
        """
        rows = self._named(
            """SELECT id, touched FROM carray(?) CROSS JOIN customer ON id = CAST(value AS TEXT)
            WHERE touched > 0""",
            customers,
        )
        return dict(rows)

    def customer_ids(self, ids: Collection[str]) -> Mapping[str, CustomerId]:
        """What is known of ids ever handed out, with their anchors."""
        rows = self._many(
            f"{_CUSTOMER} WHERE c.id = ? AND c.minted IS NOT NULL", ((id_,) for id_ in set(ids))
        )
        return {row[0]: _customer(row) for row in rows}

    def members(self, customers: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The live records of each of these customers, in order of key."""
        rows = self._many(
            f"{_RECORD} WHERE r.customer = ? AND {_LIVE}", ((customer,) for customer in set(customers))
        )
        members: dict[str, list[Record]] = {}
        for row in sorted(rows, key=_key):
            members.setdefault(row[6], []).append(_record(row))
        return members

    def timeline(
        self, records: Collection[RecordKey], before: tuple[int, TouchpointKey] | None, limit: int
    ) -> Sequence[Touchpoint]:
        """Touchpoints of these records, latest first: the greatest (occurred time, key) stands first.

        Only those that stand after `before` in that order, where it is given: the last one of the
        previous page.
        """
        latest = self._many(_LATEST, ((*key, before and before[0]) for key in set(records)))
        latest.sort(key=_latest, reverse=True)
        rows: list[_Row] = []
        for number, last, source, record_id in latest:
            # What is later than a full page so far is all that another record can add to it.
            floor = rows[-1][0] if len(rows) >= limit > 0 else None
            if last is None or (floor is not None and last < floor):
                break
            key = RecordKey(source, record_id)
            rows += ((*row, key) for row in self._all(*_timeline_query(number, before, floor, limit)))
            rows.sort(key=_place, reverse=True)
            del rows[limit:]
        return [
            codec.touchpoint_in(TouchpointKey(*row[1:3]), row[7], row[3], row[0], *row[4:7]) for row in rows
        ]

    def tallies(self, records: Collection[RecordKey]) -> Sequence[Tally]:
        """All touchpoints of these records counted, in order of channel and direction."""
        numbers = self._many("SELECT id FROM record WHERE source = ? AND record_id = ?", set(records))
        rows = self._numbered(
            """SELECT t.channel, t.direction, count(*), min(t.occurred), max(t.occurred)
            FROM carray(?) CROSS JOIN touchpoint t ON t.record = value
            GROUP BY t.channel, t.direction ORDER BY t.channel, t.direction""",
            (number for (number,) in numbers),
        )
        return [Tally(channel, Direction(direction), *counts) for channel, direction, *counts in rows]

    def touchpoint(self, key: TouchpointKey) -> Touchpoint | None:
        """One touchpoint, whole."""
        rows = self._all(f"{_TOUCHPOINT} WHERE t.source = ? AND t.touchpoint_id = ?", key)
        return _touchpoint(rows[0]) if rows else None

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        """Changes of customers with a greater revision, in order."""
        return self._changes(f"{_CHANGE} WHERE revision > ? ORDER BY revision LIMIT ?", (after, limit))

    def change(self, revision: int) -> Change | None:
        """The change of customers at this revision, if there was one."""
        changes = self._changes(f"{_CHANGE} WHERE revision = ?", (revision,))
        return changes[0] if changes else None

    def _changes(self, sql: str, values: Sequence[Any]) -> list[Change]:
        rows = self._all(sql, values)
        moves: dict[int, list[Move]] = {row[0]: [] for row in rows}
        for row in self._many(
            f"{_MOVE} WHERE m.revision = ? ORDER BY m.place", ((revision,) for revision in moves)
        ):
            moves[row[0]].append(_move(row))
        return [
            Change(
                cause=Cause(cause),
                time=time,
                before=codec.texts_in(before),
                after=codec.texts_in(after),
                moves=tuple(moves[revision]),
                judgement=judgement,
                evidence=evidence,
                revision=revision,
            )
            for revision, cause, time, judgement, before, after, evidence in rows
        ]

    def moves(self, customers: Collection[str], after: int) -> Sequence[tuple[int, Move]]:
        """Moves out of or into these customers at a greater revision, in order, with the revision."""
        rows = set(
            self._many(
                f"""{_MOVE} WHERE m.before = ?1 AND m.revision > ?2
                UNION ALL {_MOVE} WHERE m.after = ?1 AND m.revision > ?2""",
                ((customer, after) for customer in set(customers)),
            )
        )
        return [(row[0], _move(row)) for row in sorted(rows, key=lambda row: row[:2])]

    def suggestions(self, after: tuple[int, str] | None, limit: int) -> Sequence[tuple[str, Suggestion]]:
        """Suggestions with their ids, heaviest first, then by id; those after the (weight, id) given."""
        weight, id_ = after or (_HEAVIEST, "")
        rows = self._all(
            """SELECT s.id, l.source, l.record_id, r.source, r.record_id, s.weight, s.reason, s.evidence
            FROM suggestion s CROSS JOIN record l ON l.id = s.left_record
            CROSS JOIN record r ON r.id = s.right_record
            WHERE s.weight <= ?1 AND (s.weight < ?1 OR s.id > ?2) ORDER BY s.weight DESC, s.id LIMIT ?3""",
            (weight, id_, limit),
        )
        return [
            (row[0], Suggestion(RecordKey(*row[1:3]), RecordKey(*row[3:5]), row[5], row[6], row[7]))
            for row in rows
        ]

    def relations(self, digests: Collection[str]) -> Sequence[Relation]:
        """The relations of any of these nodes with any other, each once, in order of their digests."""
        rows = self._named(
            """SELECT n.digest, m.digest, r.kind, r.stranger, r.household, r.shared
            FROM carray(?) CROSS JOIN node n ON n.digest = CAST(value AS TEXT)
            CROSS JOIN relation r ON r.one = n.id OR r.other = n.id
            CROSS JOIN node m ON m.id = r.one + r.other - n.id""",
            digests,
        )
        return sorted(set(map(_relation, rows)))

    def bearers(self, digests: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The customers that have a live record of each of these nodes, in order of id; silent on none."""
        bearers: dict[str, list[str]] = {}
        for digest, customer in sorted(
            self._named(
                """SELECT DISTINCT n.digest, r.customer
                FROM carray(?) CROSS JOIN node n ON n.digest = CAST(value AS TEXT)
                CROSS JOIN record r ON r.node = n.id WHERE r.customer IS NOT NULL""",
                digests,
            )
        ):
            bearers.setdefault(digest, []).append(customer)
        return bearers

    def all_judgements(self, after: int, limit: int) -> Sequence[Judgement]:
        """Judgements, retracted ones included, with a greater revision, in order.

        Those of one revision are never parted, so that paging by revision misses none: the last of
        them may exceed `limit`.
        """
        rows = self._all(
            f"""{_JUDGEMENT} WHERE j.revision > ?1 AND j.revision <= (
                SELECT max(revision) FROM (
                    SELECT revision FROM judgement WHERE revision > ?1 ORDER BY revision LIMIT ?2))
            ORDER BY j.revision, j.name""",
            (after, limit),
        )
        return [_judgement(row) for row in rows]

    def all_records(self, after: RecordKey | None, limit: int) -> Sequence[Record]:
        """Live records in order of key, those after the key given."""
        follows = ">=" if after is None else ">"
        rows = self._all(
            f"""{_RECORD} WHERE {_LIVE} AND (r.source, r.record_id) {follows} (?, ?)
            ORDER BY r.source, r.record_id LIMIT ?""",
            (*(after or ("", "")), limit),
        )
        return [_record(row) for row in rows]

    def all_imports(self, before: tuple[int, str] | None, limit: int) -> Sequence[Import]:
        """Imports, the last created first, then by name backwards; those before the (created, name) given."""
        rows = self._all(
            f"""{_IMPORT} {"WHERE (created, name) < (?, ?)" if before else ""}
            ORDER BY created DESC, name DESC LIMIT ?""",
            (*(before or ()), limit),
        )
        return [codec.import_in(row) for row in rows]

    # -- through the connection --------------------------------------------------------------

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[_Row]:
        with translated:
            return self._open().execute(sql, values).fetchall()

    def _many(self, sql: str, values: Iterable[Sequence[Any]]) -> list[_Row]:
        """The rows of one prepared statement for each of several sets of values."""
        with translated:
            return self._open().executemany(sql, values).fetchall()

    def _numbered(self, sql: str, numbers: Iterable[int]) -> list[_Row]:
        """The rows of one statement for all these integers at once, its only value: ``carray(?)``."""
        held = array("q", numbers)
        return self._all(sql, (apsw.carray(held),)) if held else []

    def _named(self, sql: str, names: Iterable[str]) -> list[_Row]:
        """The rows of one statement for all these texts at once: ``carray(?)``, ``CAST(value AS TEXT)``.

        They go as bytes: an array of texts would end each at its first NUL character.
        """
        with translated:
            held = tuple(name.encode() for name in set(names))
        return self._all(sql, (apsw.carray(held),)) if held else []

    def _keyed(self, sql: str, keys: Iterable[tuple[str, str]]) -> list[_Row]:
        """The rows of one statement for all ids of each source: ``carray(?1)`` as above, and ``?2``."""
        ids: dict[str, list[bytes]] = {}
        with translated:
            for source, id_ in sorted(set(keys)):
                ids.setdefault(source, []).append(id_.encode())
        return [
            row for source, held in ids.items() for row in self._all(sql, (apsw.carray(tuple(held)), source))
        ]

    def _open(self) -> apsw.Connection:
        if self._connection is None:
            raise StoreError("the snapshot is closed")
        return self._connection


def _timeline_query(
    record: int, before: tuple[int, TouchpointKey] | None, floor: int | None, limit: int
) -> tuple[str, list[Any]]:
    """The statement, with its values, for one record's share of a page not earlier than `floor`."""
    sql = """SELECT occurred, source, touchpoint_id, digest, channel, direction, body FROM touchpoint
    WHERE record = ?"""
    values: list[Any] = [record]
    if before is not None:
        occurred, (source, touchpoint_id) = before
        sql += " AND occurred <= ? AND (occurred < ? OR (source, touchpoint_id) < (?, ?))"
        values += [occurred, occurred, source, touchpoint_id]
    if floor is not None:
        sql += " AND occurred >= ?"
        values.append(floor)
    sql += " ORDER BY occurred DESC, source DESC, touchpoint_id DESC LIMIT ?"
    return sql, [*values, limit]


def _latest(row: _Row) -> tuple[bool, int]:
    return (row[1] is not None, row[1] or 0)


def _place(row: _Row) -> tuple[Any, ...]:
    return row[:3]


def _digest(row: _Row) -> str:
    digest: str = row[0]
    return digest


def _key(row: _Row) -> tuple[Any, ...]:
    return row[:2]


def _record(row: _Row) -> Record:
    source, record_id, version, deleted, digest, evidence, customer, first_revision, node = row
    return Record(
        RecordKey(source, record_id),
        Statement(version, bool(deleted), digest),
        codec.evidence_in(evidence),
        node,
        customer,
        first_revision,
    )


def _node(row: _Row) -> Node:
    digest, features, assertions, blocks = row
    return Node(digest, features, codec.assertions_in(assertions), codec.texts_in(blocks))


def _customer(row: _Row) -> CustomerId:
    id_, minted, source, record_id, erased = row
    return CustomerId(id_, minted, None if source is None else RecordKey(source, record_id), bool(erased))


def _touchpoint(row: _Row) -> Touchpoint:
    return codec.touchpoint_in(TouchpointKey(row[0], row[1]), RecordKey(row[2], row[3]), *row[4:])


def _judgement(row: _Row) -> Judgement:
    name, kind, parts, *rest = row
    return Judgement(name, JudgementKind(kind), codec.parts_in(parts), *rest)


def _relation(row: _Row) -> Relation:
    one, other, kind, stranger, household, shared = row
    left, right = sorted((one, other))
    return Relation(left, right, RelationKind(kind), stranger, household, codec.texts_in(shared))


def _move(row: _Row) -> Move:
    return Move(RecordKey(row[2], row[3]), row[4], row[5])
