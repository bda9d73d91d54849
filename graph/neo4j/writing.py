"""Applying change sets within one transaction: a few queries, however much they hold.

First the head is locked: writers take turns, revisions come in order, and nobody waits for another in a
circle. Then the read set is compared, and the head moved on. What remains is a query for each kind of thing
that there is to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from neo4j import ManagedTransaction

from graph.errors import Conflict, StoreError
from graph.keys import (
    ADOPTED,
    SILENCE,
    stale_block,
    stale_component,
    stale_import,
    stale_node,
    stale_record,
    stale_touchpoint,
    supposed_absent,
)
from graph.model import ChangeSet, ReadSet, TouchpointKey
from graph.neo4j import queries, rows
from graph.neo4j.keys import indexed, pair
from graph.neo4j.rows import Row
from graph.neo4j.runs import Numbered, runs


class Call(NamedTuple):
    """One call of `apply`: who makes it, and which of theirs it is.

    It is noted with what it writes, so that whoever did not hear whether it was done can ask.
    """

    writer: str
    number: int


def apply(
    transaction: ManagedTransaction,
    call: Call,
    change_sets: Sequence[ChangeSet],
    read_set: ReadSet,
    *,
    together: bool,
) -> int:
    """Write all change sets, each at the next revision; returns the last one. Commits nothing.

    `together`: those that do not touch the same things in the same queries. What then contradicts the store
    might not, one change set after the other. A call that was done already is not done again.
    """
    keys = {indexed(pair(*one.key)): one.key for given in change_sets for one in given.touchpoints}
    begun = _one(
        transaction,
        queries.BEGIN,
        writer=call.writer,
        call=call.number,
        count=len(change_sets),
        silence=_last(change_sets, lambda one: bool(one.silenced or one.voiced)),
        adopted=_last(change_sets, lambda one: bool(one.adopted)),
        read=read_set.revision,
        blocks=[[indexed(key), version, i] for i, (key, version) in enumerate(read_set.blocks)],
        components=[[indexed(name), version, i] for i, (name, version) in enumerate(read_set.components)],
        records=[[rows.record_key(key), version, i] for i, (key, version) in enumerate(read_set.records)],
        imports=[[indexed(name), version, i] for i, (name, version) in enumerate(read_set.imports)],
        nodes=[[indexed(digest), digest] for digest in supposed_absent(change_sets)],
        touchpoints=[*keys],
    )
    revision, done, reached, *read, told = begun
    if done:
        return int(reached)
    if stale := _stale(read_set, *read):
        raise Conflict(stale)
    numbered = [Numbered(revision + i, one) for i, one in enumerate(change_sets, start=1)]
    writing = _Writing(transaction, {keys[key] for key in told})
    for run in runs(numbered) if together else ([one] for one in numbered):
        writing.write(run)
    writing.end()
    return int(revision) + len(change_sets)


def put_settings(transaction: ManagedTransaction, values: Mapping[str, str]) -> None:
    """Write settings that are not yet there; raises `StoreError` where one differs."""
    given = [{"key": indexed(name), "name": name, "value": value} for name, value in values.items()]
    (differ,) = _one(transaction, queries.PUT_SETTINGS, rows=given)
    if differ:
        raise StoreError(f"the store was made with another {differ[0]}")


def _last(change_sets: Sequence[ChangeSet], holds: Callable[[ChangeSet], bool]) -> int:
    """The number, from 1, of the last change set of which something holds; 0 for none."""
    return max((i for i, one in enumerate(change_sets, start=1) if holds(one)), default=0)


def _stale(
    read_set: ReadSet,
    adopted: int,
    silence: int,
    blocks: Iterable[int],
    components: Iterable[int],
    records: Iterable[int],
    imports: Iterable[int],
    nodes: Iterable[str],
) -> list[str]:
    """What of the read set has changed since it was read, in order; then nodes that somebody else added."""
    return [
        *([ADOPTED] if adopted > read_set.revision else []),
        *([SILENCE] if read_set.silence and silence > read_set.revision else []),
        *(stale_block(read_set.blocks[i][0]) for i in blocks),
        *(stale_component(read_set.components[i][0]) for i in components),
        *(stale_record(read_set.records[i][0]) for i in records),
        *(stale_import(read_set.imports[i][0]) for i in imports),
        *map(stale_node, nodes),
    ]


class _Writing:
    """One transaction behind the head's lock."""

    def __init__(self, transaction: ManagedTransaction, told: set[TouchpointKey]) -> None:
        self._transaction = transaction
        self._told = told
        self._head: dict[str, int] = {}
        self._known: set[str] = set()
        self._emptied: set[str] = set()

    def write(self, run: Sequence[Numbered]) -> None:
        """Write change sets that do not touch the same things."""
        self._emptied.clear()
        self._name(run)
        self._add_nodes(run)
        self._touch_components(run, before=True)
        self._put_records(run)
        self._bear(run)
        self._put_components(run)
        self._remove_nodes(run)
        self._put_judgements(run)
        self._touch_components(run, before=False)
        self._drop_components(run)
        self._put_suggestions(run)
        self._put_matches(run)
        self._put_relations(run)
        self._put_ids(run)
        self._put_touchpoints(run)
        self._put_silence(run)
        self._put_queue(run)
        self._adopt(run)
        self._put_imports(run)
        self._put_changes(run)

    def end(self) -> None:
        """Write what the head tells of all that was written."""
        if self._head:
            self._run(queries.HEAD, properties=self._head)

    # -- records -----------------------------------------------------------------------------

    def _name(self, run: Sequence[Numbered]) -> None:
        """Make sure that every record that is named is there, and learn which of them have a statement."""
        keys = {key for _, one in run for key in rows.named(one)}
        if keys:
            given = sorted((rows.record_name(key) for key in keys), key=lambda row: str(row["key"]))
            (known,) = _one(self._transaction, queries.NAMES, rows=given)
            self._known = set(known)

    def _put_records(self, run: Sequence[Numbered]) -> None:
        restated = [rows.record(record, revision) for revision, one in run for record in one.records]
        self._rows(queries.LEAVE_EVIDENCE, [row for row in restated if row["key"] in self._known])
        self._rows(queries.STATE, restated)
        self._all(queries.SAY, [row for row in restated if row["node"] is not None], "a node that is named")
        self._all(
            queries.RAISE,
            [
                {"key": rows.record_key(key), "version": version, "revision": revision}
                for revision, one in run
                for key, version in one.raised
            ],
            "a record to be raised",
        )
        self._all(
            queries.CHANGED,
            [
                {"key": rows.record_key(key), "revision": revision}
                for revision, one in run
                for key, _ in one.moved
            ],
            "the statement of a record to be moved",
        )

    def _bear(self, run: Sequence[Numbered]) -> None:
        """Put records that were restated or moved to their customers; what is both is moved afterwards."""
        stated = [
            rows.borne(record.key, record.customer, revision)
            for revision, one in run
            for record in one.records
        ]
        moved = [rows.borne(key, customer, revision) for revision, one in run for key, customer in one.moved]
        if {row["key"] for row in stated}.isdisjoint(row["key"] for row in moved):
            stated, moved = [*stated, *moved], []
        for borne in (stated, moved):
            self._rows(
                queries.LEAVE_CUSTOMER, [row for row in borne if borne is moved or row["key"] in self._known]
            )
            self._rows(queries.JOIN_CUSTOMER, [row for row in borne if row["customer"] is not None])

    # -- nodes and blocks --------------------------------------------------------------------

    def _add_nodes(self, run: Sequence[Numbered]) -> None:
        for revision, one in run:
            if one.nodes_added:
                blocks = rows.blocks(one.nodes_added, revision)
                spoken = [row for row in blocks if row["said"]]
                self._rows(queries.BLOCKS, blocks)
                # Whoever speaks so already is counted out before those that are new come, and in after.
                self._rows(queries.SPOKEN, spoken, sign=-1)
                self._rows(queries.EVIDENCE, [rows.node(node, revision) for node in one.nodes_added])
                self._rows(queries.SPOKEN, spoken, sign=1)

    def _remove_nodes(self, run: Sequence[Numbered]) -> None:
        for revision, one in run:
            if not one.nodes_removed:
                continue
            digests = [indexed(digest) for digest in one.nodes_removed]
            found = list(self._transaction.run(queries.REMOVED, rows=digests))
            if len(found) < len(digests):
                raise StoreError("a node to be removed is not there")
            if any(said for *_, said, _ in found):
                raise StoreError("a node to be removed is still a record's")
            self._emptied.update(component for *_, component in found if component is not None)
            blocks = rows.blocks((rows.node_in(*row[:4]) for row in found), revision)
            spoken = [row for row in blocks if row["said"]]
            self._rows(queries.SPOKEN, spoken, sign=-1)
            self._run(queries.REMOVE, rows=digests, revision=revision)
            self._rows(queries.SPOKEN, spoken, sign=1)
            self._rows(queries.SHRINK, blocks)
            self._run(queries.DROP_BLOCKS, keys=[row["key"] for row in blocks])
            self._head["vanished"] = revision

    def _put_silence(self, run: Sequence[Numbered]) -> None:
        for revision, one in run:
            voiced = [indexed(key) for key in one.voiced]
            if voiced:
                self._run(queries.VOICE, keys=voiced, revision=revision)
            silenced = [{**rows.name(key), "revision": revision} for key in one.silenced]
            self._rows(queries.SILENCE, silenced)
            if voiced:
                self._run(queries.DROP_BLOCKS, keys=voiced)

    def _put_queue(self, run: Sequence[Numbered]) -> None:
        for revision, one in run:
            if one.settled:
                (settled,) = _one(
                    self._transaction, queries.SETTLE, keys=[indexed(digest) for digest in one.settled]
                )
                if settled:
                    self._head["dequeued"] = revision
            self._rows(queries.REOPEN, [rows.name(digest) for digest in one.reopened], revision=revision)

    def _adopt(self, run: Sequence[Numbered]) -> None:
        for revision, one in run:
            if one.adopted:
                given = [{"key": indexed(name), "name": name, "value": value} for name, value in one.adopted]
                self._rows(queries.ADOPT, given)
                self._run(queries.REOPEN_ALL, revision=revision)

    # -- components --------------------------------------------------------------------------

    def _touch_components(self, run: Sequence[Numbered], *, before: bool) -> None:
        """Raise the versions of the components in which altered records are."""
        placed = {digest for _, one in run for digests in one.components.values() for digest in digests}
        altered: dict[str, int] = {}
        for revision, one in run:
            # A node that is placed in the same run has the revision from there.
            keys = {record.key for record in one.records if before or record.node not in placed}
            keys.update(key for key, _ in one.moved)
            keys.update(key for judgement in one.judgements for part in judgement.parts for key in part)
            altered.update((rows.record_key(key), revision) for key in keys)
        self._rows(
            queries.TOUCH_COMPONENTS,
            [
                {"key": key, "revision": revision}
                for key, revision in altered.items()
                if not before or key in self._known
            ],
        )

    def _put_components(self, run: Sequence[Numbered]) -> None:
        given = [
            {**rows.name(name), "digests": [indexed(digest) for digest in digests], "revision": revision}
            for revision, one in run
            for name, digests in one.components.items()
        ]
        digests = [digest for row in given for digest in row["digests"]]
        if len(digests) != len(set(digests)):
            raise StoreError("a node is put into two components")
        self._rows(queries.CLEAR_COMPONENTS, given)
        if digests:
            placed, left = _one(
                self._transaction, queries.PLACE, rows=[row for row in given if row["digests"]]
            )
            if placed < len(digests):
                raise StoreError("a node that is named is not there")
            self._emptied.update(left)
        self._emptied.update(row["name"] for row in given if not row["digests"])

    def _drop_components(self, run: Sequence[Numbered]) -> None:
        """Components that have lost their last node are gone, with what hung on them."""
        if not self._emptied:
            return
        (gone,) = _one(self._transaction, queries.DROP_COMPONENTS, keys=sorted(self._emptied))
        if gone:
            self._head["vanished"] = run[-1].revision
            self._unsuggest(gone, run[-1].revision)
            self._run(queries.UNMATCH, keys=gone)

    def _put_suggestions(self, run: Sequence[Numbered]) -> None:
        names = [indexed(name) for _, one in run for name in one.suggestions]
        if names:
            self._unsuggest(names, run[-1].revision)
        given = [
            rows.suggestion(name, suggestion)
            for _, one in run
            for name, held in one.suggestions.items()
            for suggestion in held
        ]
        if given:
            self._all(queries.SUGGEST, given, "a component that has suggestions")
            self._head["suggested"] = run[-1].revision

    def _unsuggest(self, components: Sequence[str], revision: int) -> None:
        (count,) = _one(self._transaction, queries.UNSUGGEST, keys=components)
        if count:
            self._head["suggested"] = revision

    def _put_matches(self, run: Sequence[Numbered]) -> None:
        names = [indexed(name) for _, one in run for name in one.matches]
        if names:
            self._run(queries.UNMATCH, keys=names)
        self._rows(
            queries.MATCH,
            [
                rows.match(name, match)
                for _, one in run
                for name, held in one.matches.items()
                for match in held
            ],
        )

    def _put_relations(self, run: Sequence[Numbered]) -> None:
        for revision, one in run:
            reweighed = sorted({indexed(digest) for digest in one.reweighed})
            if reweighed:
                (count,) = _one(self._transaction, queries.UNRELATE, rows=reweighed, revision=revision)
                if count < len(reweighed):
                    raise StoreError("a node that is named is not there")
            last = {(relation.left, relation.right): relation for relation in one.relations}
            self._all(
                queries.RELATE,
                [rows.relation(relation, revision) for relation in last.values()],
                "a node that is named",
            )

    # -- customers, judgements, touchpoints --------------------------------------------------

    def _put_ids(self, run: Sequence[Numbered]) -> None:
        self._rows(queries.IDS, [rows.customer_id(id_, revision) for revision, one in run for id_ in one.ids])

    def _put_judgements(self, run: Sequence[Numbered]) -> None:
        given = [rows.judgement(judgement, revision) for revision, one in run for judgement in one.judgements]
        if not given:
            return
        (found,) = _one(self._transaction, queries.JUDGEMENTS_THERE, keys=[row["id"] for row in given])
        there = set(found)
        if any(row["id"] in there and row["retracted"] is None for row in given):
            raise StoreError("a judgement is there already")
        self._rows(queries.JUDGE, [row for row in given if row["id"] not in there])
        self._rows(queries.RETRACT, [row for row in given if row["id"] in there])
        self._rows(
            queries.CHANGED,
            [
                {"key": key, "revision": revision}
                for key, revision in {
                    rows.record_key(key): revision
                    for revision, one in run
                    for judgement in one.judgements
                    for part in judgement.parts
                    for key in part
                }.items()
            ],
        )

    def _put_touchpoints(self, run: Sequence[Numbered]) -> None:
        for _, one in run:
            for key in (touchpoint.key for touchpoint in one.touchpoints):
                if key in self._told:
                    raise Conflict([stale_touchpoint(key)])
                self._told.add(key)
        given = [(touchpoint, revision) for revision, one in run for touchpoint in one.touchpoints]
        there = {key for _, one in run for key in (*rows.named(one), *(key for key, _ in one.raised))}
        named = map(rows.record_name, {touchpoint.record for touchpoint, _ in given} - there)
        self._rows(
            queries.TOUCHPOINTS,
            [rows.touchpoint(*one) for one in given],
            named={row["key"]: row["properties"] for row in named},
        )
        self._rows(queries.REFER, [row for touchpoint, _ in given for row in rows.references(touchpoint)])

    def _put_imports(self, run: Sequence[Numbered]) -> None:
        self._rows(
            queries.IMPORT, [rows.an_import(each, revision) for revision, one in run for each in one.imports]
        )

    def _put_changes(self, run: Sequence[Numbered]) -> None:
        given = [rows.change(one.change, revision) for revision, one in run if one.change is not None]
        self._rows(queries.CHANGE, given)
        self._rows(queries.LEFT, [row for row in given if row["left"] or row["joined"]])

    # -- through the transaction -------------------------------------------------------------

    def _run(self, text: LiteralString, **values: object) -> None:
        self._transaction.run(text, values).consume()

    def _rows(self, text: LiteralString, given: Sequence[Row], **values: object) -> None:
        """Run a query on rows, if there are any."""
        if given:
            self._run(text, rows=given, **values)

    def _all(self, text: LiteralString, given: Sequence[Row], what: str) -> None:
        """Run a query that counts the rows for which it found what they name."""
        if given:
            (count,) = _one(self._transaction, text, rows=given)
            if count < len(given):
                raise StoreError(f"{what} is not there")


def _one(transaction: ManagedTransaction, text: LiteralString, **values: object) -> tuple[Any, ...]:
    return tuple(transaction.run(text, values).single(strict=True))
