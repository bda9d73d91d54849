"""Applying change sets within one transaction of the writer's connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import count
from typing import Any

import apsw

from graph import codec
from graph.asserting import spoken_by, sure_of
from graph.errors import Conflict, StoreError
from graph.keys import (
    ADOPTED,
    SILENCE,
    identifier_block,
    stale_block,
    stale_component,
    stale_import,
    stale_node,
    stale_record,
    stale_touchpoint,
    suggestion_id,
    supposed_absent,
)
from graph.model import (
    Change,
    ChangeSet,
    CustomerId,
    Import,
    Judgement,
    Node,
    ReadSet,
    Record,
    RecordKey,
    Relation,
    Suggestion,
    Touchpoint,
)

_Rows = Iterable[Sequence[Any]]

_UNRELATE = "DELETE FROM relation WHERE one = ?1 OR other = ?1"
_VISITOR = b""
"""Stands where a customer's id would."""
_Held = tuple[str | None, str | None]
"""A live record's customer and the blocks of the identifiers that it asserts; None where there are none."""


def apply(connection: apsw.Connection, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
    """Write all change sets, each at the next revision; returns the last one. Commits nothing."""
    revision: int = connection.execute("SELECT revision FROM head").get
    if revision != read_set.revision and (stale := _stale(connection, change_sets, read_set)):
        raise Conflict(stale)
    writing = _Writing(connection)
    for change_set in change_sets:
        revision += 1
        writing.apply(change_set, revision)
    if change_sets:
        writing.end()
    return revision


def _stale(connection: apsw.Connection, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> list[str]:
    """What of the read set has changed since it was read, and which nodes somebody else has added."""

    def version(sql: str, values: Sequence[Any]) -> int:
        return connection.execute(sql, values).get or 0

    block = "SELECT version FROM block WHERE key = ? AND size > 0"
    component = "SELECT version FROM component WHERE name = ?"
    record = "SELECT changed FROM record WHERE source = ? AND record_id = ?"
    import_ = "SELECT revision FROM import WHERE name = ?"
    node = "SELECT count(*) FROM node WHERE digest = ?"
    head: list[tuple[Any, ...]] = connection.execute("SELECT adopted, silence FROM head").fetchall()
    ((adopted, silence),) = head
    return [
        *([ADOPTED] if adopted > read_set.revision else []),
        *([SILENCE] if read_set.silence and silence > read_set.revision else []),
        *(stale_block(key) for key, read in read_set.blocks if version(block, (key,)) != read),
        *(stale_component(name) for name, read in read_set.components if version(component, (name,)) != read),
        *(stale_record(key) for key, read in read_set.records if version(record, key) > read),
        *(stale_import(name) for name, read in read_set.imports if version(import_, (name,)) != read),
        *(stale_node(digest) for digest in supposed_absent(change_sets) if version(node, (digest,))),
    ]


class _Writing:
    """One transaction: what it has learnt of the integers behind names is kept until its end."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._records: dict[RecordKey, int] = {}
        self._revision = 0
        self._silence: int
        blocks: int
        ((self._silence, blocks),) = self._many("SELECT silence, blocks FROM head", ((),))
        self._numbers = count(blocks + 1)
        self._touched: set[int] = set()
        self._customers: set[str] = set()

    def apply(self, change_set: ChangeSet, revision: int) -> None:
        """Write one change set, whole but for its matches, which nothing here would ask for."""
        self._revision = revision
        self._touched.clear()
        self._customers.clear()
        self._intern(_named(change_set))
        if change_set.nodes_added:
            self._add_nodes(change_set.nodes_added)
        self._put_records(change_set.records)
        self._raise_records(change_set.raised)
        self._move_records(change_set.moved)
        self._put_components(change_set.components)
        for digest in change_set.nodes_removed:
            self._remove_node(digest)
        self._put_judgements(change_set.judgements)
        self._bump_components()
        if change_set.suggestions:
            self._put_suggestions(change_set.suggestions)
        if change_set.relations or change_set.reweighed:
            self._put_relations(change_set.relations, change_set.reweighed)
        self._put_ids(change_set.ids)
        if change_set.touchpoints:
            self._put_touchpoints(change_set.touchpoints)
        self._touch_customers()
        if change_set.silenced or change_set.voiced:
            self._put_silence(change_set.silenced, change_set.voiced)
        if change_set.reopened or change_set.settled:
            self._put_queue(change_set.reopened, change_set.settled)
        if change_set.adopted:
            self._adopt(change_set.adopted)
        if change_set.imports:
            self._put_imports(change_set.imports)
        if change_set.change is not None:
            self._put_change(change_set.change)

    def end(self) -> None:
        """Write what the head tells of all that was applied."""
        self._connection.execute(
            "UPDATE head SET revision = ?, silence = ?, blocks = ?",
            (self._revision, self._silence, next(self._numbers) - 1),
        )

    # -- records -----------------------------------------------------------------------------

    def _intern(self, keys: Iterable[RecordKey]) -> None:
        unknown = {key for key in keys if key not in self._records}
        self._records |= self._interned("SELECT id FROM record WHERE source = ? AND record_id = ?", unknown)
        self._records |= self._interned(
            "INSERT INTO record (source, record_id) VALUES (?, ?) RETURNING id",
            [key for key in unknown if key not in self._records],
        )

    def _interned(self, sql: str, keys: Iterable[RecordKey]) -> dict[RecordKey, int]:
        found = {}
        for key in keys:
            row = self._row(sql, key)
            if row is not None:
                found[key] = row[0]
        return found

    def _put_records(self, records: Sequence[Record]) -> None:
        for record in records:
            id_ = self._records[record.key]
            before = self._held(id_)
            node, component, asserted = (None,) * 3 if record.node is None else self._node(record.node)
            self._touch(component)
            self._connection.execute(
                """UPDATE record SET changed = ?1, first_revision = iif(digest IS NULL, ?2, first_revision),
                version = ?3, deleted = ?4, digest = ?5, evidence = ?6, node = ?7, customer = ?8
                WHERE id = ?9""",
                (
                    self._revision,
                    record.first_revision or self._revision,
                    record.statement.version,
                    record.statement.deleted,
                    record.statement.digest,
                    codec.evidence_out(record.evidence),
                    node,
                    record.customer,
                    id_,
                ),
            )
            self._hold(id_, before, (record.customer, None if record.statement.deleted else asserted))

    def _raise_records(self, raised: Sequence[tuple[RecordKey, int | None]]) -> None:
        for key, version in raised:
            customer = self._row(
                """UPDATE record SET changed = ?, version = ? WHERE id = ? AND digest IS NOT NULL
                RETURNING customer""",
                (self._revision, version, self._records[key]),
            )
            if customer is None:
                raise StoreError("a record to be raised has no statement")
            self._customers.update(name for name in customer if name is not None)

    def _move_records(self, moved: Sequence[tuple[RecordKey, str | None]]) -> None:
        for key, customer in moved:
            id_ = self._records[key]
            before = self._held(id_)
            self._connection.execute(
                "UPDATE record SET changed = ?, customer = ? WHERE id = ? AND digest IS NOT NULL",
                (self._revision, customer, id_),
            )
            if not self._connection.changes():
                raise StoreError("a record to be moved has no statement")
            self._hold(id_, before, (customer, before[1]))

    def _held(self, record: int) -> _Held:
        """How a record is held until it changes now, which touches its component."""
        row = self._row(
            """SELECT r.customer, iif(r.deleted, NULL, n.asserted), n.component
            FROM record r LEFT JOIN node n ON n.id = r.node WHERE r.id = ?""",
            (record,),
        )
        customer, asserted, component = row or (None, None, None)
        self._touch(component)
        return customer, asserted

    def _hold(self, record: int, before: _Held, after: _Held) -> None:
        """Enter a record under the identifiers that it asserts and the customer that it belongs to."""
        self._customers.update(customer for customer, _ in (before, after) if customer is not None)
        if before == after:
            return
        if before[1] is not None:
            self._many(
                "DELETE FROM holder WHERE block = ? AND customer = ? AND record = ?", _holding(record, before)
            )
        self._many(
            "INSERT INTO holder (block, customer, record, assurance) VALUES (?, ?, ?, ?)",
            (
                (*place, assurance)
                for place, (_, assurance) in zip(
                    _holding(record, after), codec.asserted_in(after[1] or "[]"), strict=True
                )
            ),
        )

    def _touch_customers(self) -> None:
        self._many(
            """INSERT INTO customer (id, touched) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET touched = excluded.touched""",
            ((customer, self._revision) for customer in sorted(self._customers)),
        )

    def _put_touchpoints(self, touchpoints: Sequence[Touchpoint]) -> None:
        for touchpoint in touchpoints:
            self._connection.execute(
                """INSERT INTO touchpoint
                (record, occurred, source, touchpoint_id, digest, channel, direction, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, touchpoint_id) DO NOTHING""",
                (
                    self._records[touchpoint.record],
                    touchpoint.occurred,
                    *touchpoint.key,
                    touchpoint.digest,
                    touchpoint.channel,
                    touchpoint.direction.value,
                    codec.touchpoint_out(touchpoint),
                ),
            )
            if not self._connection.changes():
                # Whoever planned it had not seen it.
                raise Conflict([stale_touchpoint(touchpoint.key)])
            if touchpoint.references:
                row = self._connection.last_insert_rowid()
                keys = {identifier_block(reference) for reference in touchpoint.references}
                self._many("INSERT INTO reference VALUES (?, ?)", ((key, row) for key in keys))
        contacted = self._many(
            "SELECT customer FROM record WHERE id = ? AND customer IS NOT NULL",
            ((record,) for record in {self._records[touchpoint.record] for touchpoint in touchpoints}),
        )
        self._customers.update(customer for (customer,) in contacted)

    # -- nodes and blocks --------------------------------------------------------------------

    def _node(self, digest: str) -> tuple[int, int | None, str]:
        row = self._row("SELECT id, component, asserted FROM node WHERE digest = ?", (digest,))
        if row is None:
            raise StoreError("a node that is named is not there")
        return row[0], row[1], row[2]

    def _add_nodes(self, nodes: Sequence[Node]) -> None:
        """Enter nodes, and all their blocks at once, in order of key: that is how these lie in the file."""
        sure = [sure_of(node.assertions) for node in nodes]
        member = Counter(key for node in nodes for key in frozenset(node.blocks))
        numbers = self._enter_blocks(member, Counter(key for asserted in sure for key in asserted))
        ids = self._many(
            "INSERT INTO node (digest, asserted) VALUES (?, ?) RETURNING id",
            (
                (node.digest, codec.asserted_out((numbers[key], assured) for key, assured in each.items()))
                for node, each in zip(nodes, sure, strict=True)
            ),
        )
        numbered = [(id_, node) for (id_,), node in zip(ids, nodes, strict=True)]
        self._many(
            "INSERT INTO node_body (node, features, assertions, blocks) VALUES (?, ?, ?, ?)",
            (
                (id_, node.features, codec.assertions_out(node.assertions), codec.texts_out(node.blocks))
                for id_, node in numbered
            ),
        )
        self._many(
            "INSERT INTO member (block, node) VALUES (?, ?)",
            sorted((numbers[key], id_) for id_, node in numbered for key in frozenset(node.blocks)),
        )
        self._speak(nodes, numbers)

    def _enter_blocks(self, member: Mapping[str, int], asserted: Mapping[str, int]) -> dict[str, int]:
        """Count new nodes in their blocks, and among those that assert; the blocks' numbers by key."""
        keys = sorted(member.keys() | asserted.keys())
        rows = self._many(
            """INSERT INTO block (key, id, version, size, asserting) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (key) DO UPDATE SET version = iif(?4, ?3, version), size = size + ?4,
            asserting = asserting + ?5 RETURNING id""",
            (
                (key, next(self._numbers), self._revision, member.get(key, 0), asserted.get(key, 0))
                for key in keys
            ),
        )
        return dict(zip(keys, (number for (number,) in rows), strict=True))

    def _speak(self, nodes: Sequence[Node], numbers: Mapping[str, int]) -> None:
        """Count the descriptions that new nodes give their blocks."""
        said: Counter[tuple[str, str]] = Counter()
        verified: Counter[tuple[str, str]] = Counter()
        for node in nodes:
            for place, sure in spoken_by(node.assertions, frozenset(node.blocks)).items():
                said[place] += 1
                verified[place] += sure
        places = sorted(said)
        after = self._many(
            """INSERT INTO spoken VALUES (?, ?, ?, ?) ON CONFLICT (block, description) DO UPDATE
            SET nodes = nodes + excluded.nodes, verified = verified + excluded.verified
            RETURNING nodes, verified""",
            ((numbers[key], text, said[key, text], verified[key, text]) for key, text in places),
        )
        new: dict[str, tuple[int, int]] = {}
        for place, (in_all, of_them_verified) in zip(places, after, strict=True):
            descriptions, sure_ones = new.get(place[0], (0, 0))
            new[place[0]] = (
                descriptions + (in_all == said[place]),
                sure_ones + (0 < of_them_verified == verified[place]),
            )
        self._count(new)

    def _remove_node(self, digest: str) -> None:
        row = self._row(
            """SELECT n.id, n.component, b.assertions, b.blocks FROM node n JOIN node_body b ON b.node = n.id
            WHERE n.digest = ?""",
            (digest,),
        )
        if row is None:
            raise StoreError("a node to be removed is not there")
        id_, component, assertions_text, blocks_text = row
        if self._row("SELECT 1 FROM record WHERE node = ? LIMIT 1", (id_,)) is not None:
            raise StoreError("a node to be removed is still a record's")
        self._touch(component)
        self._connection.execute("DELETE FROM node WHERE id = ?", (id_,))
        self._connection.execute("DELETE FROM node_body WHERE node = ?", (id_,))
        self._many(_UNRELATE, ((id_,),))
        assertions, blocks = codec.assertions_in(assertions_text), frozenset(codec.texts_in(blocks_text))
        asserted = sure_of(assertions).keys()
        keys = sorted(blocks | asserted)
        found = self._many("SELECT id FROM block WHERE key = ?", ((key,) for key in keys))
        numbers = dict(zip(keys, (number for (number,) in found), strict=True))
        self._many("DELETE FROM member WHERE block = ? AND node = ?", ((numbers[key], id_) for key in blocks))
        for (key, description), verified in spoken_by(assertions, blocks).items():
            self._unspeak(key, numbers[key], description, verified)
        self._many(
            """UPDATE block SET version = iif(?2, ?4, version), size = size - ?2, asserting = asserting - ?3
            WHERE key = ?1""",
            ((key, key in blocks, key in asserted, self._revision) for key in keys),
        )
        self._many("DELETE FROM block WHERE key = ? AND size = 0 AND asserting = 0", ((key,) for key in keys))

    def _unspeak(self, key: str, block: int, description: str, verified: bool) -> None:
        nodes, of_them_verified = self._row(
            """UPDATE spoken SET nodes = nodes - 1, verified = verified - ?3
            WHERE block = ?1 AND description = ?2 RETURNING nodes, verified""",
            (block, description, verified),
        ) or (0, 0)
        if nodes == 0:
            self._connection.execute(
                "DELETE FROM spoken WHERE block = ? AND description = ?", (block, description)
            )
        self._count({key: (-(nodes == 0), -(verified and of_them_verified == 0))})

    def _count(self, descriptions: Mapping[str, tuple[int, int]]) -> None:
        """Count distinct descriptions of blocks, by key, and those of them that are verified."""
        self._many(
            "UPDATE block SET descriptions = descriptions + ?, verified = verified + ? WHERE key = ?",
            ((*change, key) for key, change in descriptions.items() if any(change)),
        )

    def _put_silence(self, silenced: Sequence[str], voiced: Sequence[str]) -> None:
        self._many("DELETE FROM silent WHERE key = ?", ((key,) for key in voiced))
        self._many("INSERT OR IGNORE INTO silent VALUES (?)", ((key,) for key in silenced))
        self._many(
            "UPDATE block SET version = ? WHERE key = ?",
            ((self._revision, key) for key in (*voiced, *silenced)),
        )
        self._silence = self._revision

    def _put_queue(self, reopened: Sequence[str], settled: Sequence[str]) -> None:
        self._many("DELETE FROM waiting WHERE digest = ?", ((digest,) for digest in settled))
        self._many(
            "INSERT OR IGNORE INTO waiting VALUES (?, ?)", ((digest, self._revision) for digest in reopened)
        )

    def _adopt(self, settings: Sequence[tuple[str, str]]) -> None:
        self._many(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", settings
        )
        self._connection.execute(
            "INSERT OR IGNORE INTO waiting SELECT digest, ? FROM node", (self._revision,)
        )
        self._connection.execute("UPDATE head SET adopted = ?", (self._revision,))

    # -- components --------------------------------------------------------------------------

    def _touch(self, component: int | None) -> None:
        if component is not None:
            self._touched.add(component)

    def _component(self, name: str) -> int | None:
        row = self._row("SELECT id FROM component WHERE name = ?", (name,))
        return None if row is None else row[0]

    def _put_components(self, components: Mapping[str, tuple[str, ...]]) -> None:
        if sum(map(len, components.values())) != len({d for digests in components.values() for d in digests}):
            raise StoreError("a node is put into two components")
        for name, digests in components.items():
            component, before = self._component(name), set[str]()
            if component is not None:
                found = self._many("SELECT digest FROM node WHERE component = ?", ((component,),))
                before.update(digest for (digest,) in found)
            elif digests:
                self._connection.execute(
                    "INSERT INTO component (name, version) VALUES (?, ?)", (name, self._revision)
                )
                component = self._connection.last_insert_rowid()
            if component is not None:
                self._touched.add(component)
                self._put_nodes(component, before, digests)

    def _put_nodes(self, component: int, before: AbstractSet[str], digests: Sequence[str]) -> None:
        """Put these nodes into a component that held those `before`."""
        if gone := before - set(digests):
            self._many("UPDATE node SET component = NULL WHERE digest = ?", ((digest,) for digest in gone))
        for digest in digests:
            if digest in before:
                continue
            node, other, _ = self._node(digest)
            self._touch(other)
            self._connection.execute("UPDATE node SET component = ? WHERE id = ?", (component, node))

    def _bump_components(self) -> None:
        """Give each component touched its new version; one that has lost its last node is gone."""
        for component in self._touched:
            if self._row("SELECT 1 FROM node WHERE component = ? LIMIT 1", (component,)) is not None:
                self._connection.execute(
                    "UPDATE component SET version = ? WHERE id = ?", (self._revision, component)
                )
            else:
                self._connection.execute("DELETE FROM suggestion WHERE component = ?", (component,))
                self._connection.execute("DELETE FROM component WHERE id = ?", (component,))

    def _put_suggestions(self, suggestions: Mapping[str, tuple[Suggestion, ...]]) -> None:
        numbers = {name: self._component(name) for name in suggestions}
        self._many("DELETE FROM suggestion WHERE component = ?", ((number,) for number in numbers.values()))
        for name, of_component in suggestions.items():
            if of_component and numbers[name] is None:
                raise StoreError("a component that has suggestions is not there")
            self._many(
                "INSERT INTO suggestion VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        suggestion_id(suggestion.left, suggestion.right),
                        numbers[name],
                        suggestion.weight,
                        self._records[suggestion.left],
                        self._records[suggestion.right],
                        suggestion.reason,
                        suggestion.evidence,
                    )
                    for suggestion in of_component
                ),
            )

    def _put_relations(self, relations: Sequence[Relation], reweighed: Sequence[str]) -> None:
        self._many(_UNRELATE, ((self._node(digest)[0],) for digest in reweighed))
        self._many(
            """INSERT INTO relation (one, other, kind, stranger, household, shared)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (one, other) DO UPDATE SET kind = excluded.kind,
            stranger = excluded.stranger, household = excluded.household, shared = excluded.shared""",
            (
                (
                    *sorted((self._node(relation.left)[0], self._node(relation.right)[0])),
                    relation.kind.value,
                    relation.stranger,
                    relation.household,
                    codec.texts_out(relation.shared),
                )
                for relation in relations
            ),
        )

    # -- customers and judgements ------------------------------------------------------------

    def _put_ids(self, ids: Sequence[CustomerId]) -> None:
        self._many(
            """INSERT INTO customer (id, minted, anchor, erased) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE
            SET minted = excluded.minted, anchor = excluded.anchor, erased = excluded.erased""",
            (
                (id_.id, id_.minted, None if id_.anchor is None else self._records[id_.anchor], id_.erased)
                for id_ in ids
            ),
        )

    def _put_judgements(self, judgements: Sequence[Judgement]) -> None:
        for judgement in judgements:
            retracted = judgement.retracted
            if retracted is not None and retracted <= 0:
                retracted = self._revision
            row = self._row("SELECT id FROM judgement WHERE name = ?", (judgement.id,))
            if row is None:
                self._add_judgement(judgement, retracted)
            elif retracted is None:
                raise StoreError("a judgement is there already")
            else:
                self._connection.execute(
                    "UPDATE judgement SET retracted = ? WHERE id = ?", (retracted, row[0])
                )
            for record in {self._records[key] for part in judgement.parts for key in part}:
                self._held(record)
                self._connection.execute(
                    "UPDATE record SET changed = ? WHERE id = ?", (self._revision, record)
                )

    def _add_judgement(self, judgement: Judgement, retracted: int | None) -> None:
        self._connection.execute(
            """INSERT INTO judgement (name, kind, parts, author, reason, time, revision, retracted, reverts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                judgement.id,
                judgement.kind.value,
                codec.parts_out(judgement.parts),
                judgement.author,
                judgement.reason,
                judgement.time,
                judgement.revision or self._revision,
                retracted,
                judgement.reverts,
            ),
        )
        id_ = self._connection.last_insert_rowid()
        self._many(
            "INSERT OR IGNORE INTO judged VALUES (?, ?)",
            ((self._records[key], id_) for part in judgement.parts for key in part),
        )

    def _put_change(self, change: Change) -> None:
        self._connection.execute(
            """INSERT INTO change (revision, time, cause, judgement, before, after, evidence)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (
                self._revision,
                change.time,
                change.cause.value,
                change.judgement,
                codec.texts_out(change.before),
                codec.texts_out(change.after),
                change.evidence,
            ),
        )
        self._many(
            "INSERT INTO move (revision, place, record, before, after) VALUES (?, ?, ?, ?, ?)",
            (
                (self._revision, place, self._records[move.record], move.before, move.after)
                for place, move in enumerate(change.moves)
            ),
        )

    def _put_imports(self, imports: Sequence[Import]) -> None:
        columns = ", ".join(codec.IMPORT)
        values = ", ".join(f":{name}" for name in codec.IMPORT)
        for each in imports:
            self._connection.execute(
                f"INSERT OR REPLACE INTO import ({columns}) VALUES ({values})",
                codec.import_out(replace(each, revision=self._revision)),
            )

    # -- through the connection --------------------------------------------------------------

    def _row(self, sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        return self._connection.execute(sql, values).fetchone()

    def _many(self, sql: str, rows: _Rows) -> list[tuple[Any, ...]]:
        # Most change sets hold little of anything, and a statement costs something even for no row.
        held = rows if isinstance(rows, Sized) else list(rows)
        return self._connection.executemany(sql, held).fetchall() if held else []


def _named(change_set: ChangeSet) -> Iterator[RecordKey]:
    """Every record key that a change set names."""
    yield from (record.key for record in change_set.records)
    yield from (key for key, _ in change_set.raised)
    yield from (key for key, _ in change_set.moved)
    yield from (touchpoint.record for touchpoint in change_set.touchpoints)
    yield from (id_.anchor for id_ in change_set.ids if id_.anchor is not None)
    yield from (key for judgement in change_set.judgements for part in judgement.parts for key in part)
    for suggestions in change_set.suggestions.values():
        for suggestion in suggestions:
            yield suggestion.left
            yield suggestion.right
    if change_set.change is not None:
        yield from (move.record for move in change_set.change.moves)


def _holding(record: int, held: _Held) -> list[tuple[int, str | bytes, int]]:
    """The rows' keys under which a record is held."""
    customer, asserted = held
    whose = _VISITOR if customer is None else customer
    return [(block, whose, record) for block, _ in codec.asserted_in(asserted or "[]")]
