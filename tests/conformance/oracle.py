"""The plainest store there is: dictionaries in memory, copied whole at every write.

What a store must answer can be read here; the conformance suite holds the real ones against it.
Nothing is durable, nothing is fast, and only one process sees it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

from graph.errors import Conflict, StoreError, StoreUnavailable
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
)
from graph.model import (
    Assurance,
    Block,
    Change,
    ChangeSet,
    Component,
    CustomerId,
    Direction,
    Glance,
    Holder,
    Identifier,
    IdentifierKind,
    Import,
    Judgement,
    Move,
    Node,
    ReadSet,
    Record,
    RecordKey,
    Relation,
    Suggestion,
    Tally,
    Touchpoint,
    TouchpointKey,
)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class _State:
    """One revision. A component's version and a block's version are the revision of their last change."""

    revision: int = 0
    records: dict[RecordKey, Record] = field(default_factory=dict)
    changed: dict[RecordKey, int] = field(default_factory=dict)
    touchpoints: dict[TouchpointKey, Touchpoint] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    block_versions: dict[str, int] = field(default_factory=dict)
    component_of: dict[str, str] = field(default_factory=dict)
    component_versions: dict[str, int] = field(default_factory=dict)
    suggestions: dict[str, tuple[str, Suggestion]] = field(default_factory=dict)
    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)
    ids: dict[str, CustomerId] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    silence: int = 0
    touched: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    changes: dict[int, Change] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    adopted: int = 0
    imports: dict[str, Import] = field(default_factory=dict)

    def copy(self) -> _State:
        held: dict[str, Any] = {
            name: dict(value) for name, value in vars(self).items() if isinstance(value, dict)
        }
        return replace(self, **held)

    def live(self) -> list[Record]:
        return sorted(
            (record for record in self.records.values() if not record.statement.deleted),
            key=lambda record: record.key,
        )

    def in_block(self, key: str) -> list[Node]:
        return [node for _, node in sorted(self.nodes.items()) if key in node.blocks]


class OracleSnapshot:
    """`graph.store.Snapshot` over one state, which nothing changes any more."""

    def __init__(self, state: _State) -> None:
        self._state = state

    @property
    def revision(self) -> int:
        return self._state.revision

    @property
    def settled_revision(self) -> int:
        return min(self._state.waiting.values(), default=self._state.revision + 1) - 1

    @property
    def silence_revision(self) -> int:
        return self._state.silence

    @property
    def adopted_revision(self) -> int:
        return self._state.adopted

    def meta(self) -> Mapping[str, str]:
        return dict(self._state.meta)

    def records(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Record]:
        return _those(self._state.records, keys)

    def known_touchpoints(
        self, keys: Collection[TouchpointKey]
    ) -> Mapping[TouchpointKey, tuple[str, RecordKey]]:
        found = _those(self._state.touchpoints, keys)
        return {key: (touchpoint.digest, touchpoint.record) for key, touchpoint in found.items()}

    def blocks(self, keys: Collection[str], limit: int) -> Mapping[str, Block]:
        found = {key: self._state.in_block(key) for key in keys}
        return {key: self._block(key, members, limit) for key, members in found.items() if members}

    def _block(self, key: str, members: list[Node], limit: int) -> Block:
        spoken = {
            (assertion.description, assertion.assurance)
            for node in members
            for assertion in node.assertions
            if assertion.description is not None and identifier_block(assertion.identifier) == key
        }
        return Block(
            version=self._state.block_versions[key],
            size=len(members),
            descriptions=len({description for description, _ in spoken}),
            verified=sum(assurance is Assurance.VERIFIED for _, assurance in spoken),
            members=tuple(node.digest for node in members[:limit]),
        )

    def silent(self, keys: Collection[str]) -> frozenset[str]:
        return self._state.silent.intersection(keys)

    def nodes(self, digests: Collection[str]) -> Mapping[str, Node]:
        return _those(self._state.nodes, digests)

    def components(self, digests: Collection[str]) -> Sequence[Component]:
        found = _those(self._state.component_of, digests).values()
        return [self._component(name) for name in sorted(set(found))]

    def _component(self, name: str) -> Component:
        digests = sorted(digest for digest, of in self._state.component_of.items() if of == name)
        return Component(
            id=name,
            version=self._state.component_versions[name],
            nodes=tuple(self._state.nodes[digest] for digest in digests),
            records=tuple(record for record in self._state.live() if record.node in digests),
        )

    def judgements(self, keys: Collection[RecordKey]) -> Sequence[Judgement]:
        return [
            judgement
            for judgement in self._judgements()
            if judgement.retracted is None and any(part.intersection(keys) for part in judgement.parts)
        ]

    def anchored(self, keys: Collection[RecordKey]) -> Sequence[CustomerId]:
        found = (id_ for id_ in self._state.ids.values() if id_.anchor in keys)
        return sorted(found, key=lambda id_: (id_.minted, id_.id))

    def waiting(self, limit: int) -> Sequence[str]:
        return sorted(self._state.waiting)[:limit]

    def holders(self, identifier: Identifier, limit: int) -> Sequence[Holder]:
        held: dict[tuple[bool, str, RecordKey], list[Assurance]] = {}
        for record in self._state.live():
            if sure := self._sure(record, identifier):
                visitor = record.customer is None
                whose = (visitor, record.customer or "", record.key if visitor else RecordKey("", ""))
                held.setdefault(whose, []).append(max(sure))
        return [
            Holder(None, key, 1, sure[0], 0)
            if visitor
            else Holder(customer, None, len(sure), max(sure), self._state.touched[customer])
            for (visitor, customer, key), sure in sorted(held.items())
        ][:limit]

    def _sure(self, record: Record, identifier: Identifier) -> list[Assurance]:
        """How sure the record, or a touchpoint of it, is of the identifier, each time it is told."""
        node = self._state.nodes[record.node] if record.node is not None else None
        return [
            *(one.assurance for one in (node.assertions if node else ()) if one.identifier == identifier),
            *(
                Assurance.OBSERVED
                for touchpoint in self._state.touchpoints.values()
                if touchpoint.record == record.key
                and identifier.kind is IdentifierKind.REFERENCE
                and identifier in touchpoint.references
            ),
        ]

    def touched(self, customers: Collection[str]) -> Mapping[str, int]:
        return _those(self._state.touched, customers)

    def customer_ids(self, ids: Collection[str]) -> Mapping[str, CustomerId]:
        return _those(self._state.ids, ids)

    def members(self, customers: Collection[str]) -> Mapping[str, Sequence[Record]]:
        members: dict[str, list[Record]] = {}
        for record in self._state.live():
            if record.customer in customers and record.customer is not None:
                members.setdefault(record.customer, []).append(record)
        return members

    def timeline(
        self, records: Collection[RecordKey], before: tuple[int, TouchpointKey] | None, limit: int
    ) -> Sequence[Touchpoint]:
        found = sorted(
            (touchpoint for touchpoint in self._state.touchpoints.values() if touchpoint.record in records),
            key=lambda touchpoint: (touchpoint.occurred, touchpoint.key),
            reverse=True,
        )
        return [one for one in found if before is None or (one.occurred, one.key) < before][:limit]

    def tallies(self, records: Collection[RecordKey]) -> Sequence[Tally]:
        occurred: dict[tuple[str, Direction], list[int]] = {}
        for one in self._state.touchpoints.values():
            if one.record in records:
                occurred.setdefault((one.channel, one.direction), []).append(one.occurred)
        return [Tally(*on, len(times), min(times), max(times)) for on, times in sorted(occurred.items())]

    def touchpoint(self, key: TouchpointKey) -> Touchpoint | None:
        return self._state.touchpoints.get(key)

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        found = sorted(self._state.changes.items())
        return [change for revision, change in found if revision > after][:limit]

    def change(self, revision: int) -> Change | None:
        return self._state.changes.get(revision)

    def moves(self, customers: Collection[str], after: int) -> Sequence[tuple[int, Move]]:
        return [
            (change.revision, move)
            for change in self.changes(after, len(self._state.changes))
            for move in change.moves
            if move.before in customers or move.after in customers
        ]

    def suggestions(self, after: tuple[int, str] | None, limit: int) -> Sequence[tuple[str, Suggestion]]:
        def place(entry: tuple[str, Suggestion]) -> tuple[int, str]:
            return -entry[1].weight, entry[0]

        entries = sorted(
            ((id_, suggestion) for id_, (_, suggestion) in self._state.suggestions.items()), key=place
        )
        return [one for one in entries if after is None or place(one) > (-after[0], after[1])][:limit]

    def relations(self, digests: Collection[str]) -> Sequence[Relation]:
        return [one for pair, one in sorted(self._state.relations.items()) if set(pair).intersection(digests)]

    def bearers(self, digests: Collection[str]) -> Mapping[str, Sequence[str]]:
        found: dict[str, set[str]] = {}
        for record in self._state.live():
            if record.node in digests and record.node is not None and record.customer is not None:
                found.setdefault(record.node, set()).add(record.customer)
        return {digest: sorted(customers) for digest, customers in found.items()}

    def all_judgements(self, after: int, limit: int) -> Sequence[Judgement]:
        found = [judgement for judgement in self._judgements() if judgement.revision > after]
        if limit < len(found):
            last = found[limit - 1].revision if limit else after
            found = [judgement for judgement in found if judgement.revision <= last]
        return found

    def _judgements(self) -> list[Judgement]:
        return sorted(self._state.judgements.values(), key=lambda one: (one.revision, one.id))

    def all_records(self, after: RecordKey | None, limit: int) -> Sequence[Record]:
        return [record for record in self._state.live() if after is None or record.key > after][:limit]

    def imports(self, names: Collection[str]) -> Mapping[str, Import]:
        return _those(self._state.imports, names)

    def all_imports(self, before: tuple[int, str] | None, limit: int) -> Sequence[Import]:
        placed = sorted(((each.created, each.name), each) for each in self._state.imports.values())
        return [each for place, each in reversed(placed) if before is None or place < before][:limit]


class OracleStore:
    """`graph.store.Store` in memory."""

    def __init__(self) -> None:
        self._state = _State()
        self._committed = threading.Condition()
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[OracleSnapshot]:
        self._check_open()
        yield OracleSnapshot(self._state)

    def glance(self, identifier: Identifier) -> Glance:
        with self.snapshot() as snapshot:
            customers = {h.customer for h in snapshot.holders(identifier, 2) if h.customer is not None}
            sole = customers.pop() if len(customers) == 1 else ""
            touched = snapshot.touched([sole]).get(sole, 0)
            return Glance(
                snapshot.revision, snapshot.settled_revision, sole, touched, snapshot.silence_revision
            )

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        with self._committed:
            self._check_open()
            state = self._state
            if stale := [*_stale(state, read_set), *_added_since(state, change_sets, read_set)]:
                raise Conflict(stale)
            for change_set in change_sets:
                _check_texts(change_set)
                state = _applied(state, change_set)
            self._state = state
            self._committed.notify_all()
            return state.revision

    def wait(self, revision: int, timeout: float) -> int:
        end = time.monotonic() + timeout
        with self._committed:
            while not self._closed and self._state.revision <= revision and time.monotonic() < end:
                self._committed.wait(end - time.monotonic())
            self._check_open()
            return self._state.revision

    def meta(self) -> Mapping[str, str]:
        self._check_open()
        return dict(self._state.meta)

    def put_meta(self, values: Mapping[str, str]) -> None:
        self._check_open()
        _check_texts(values)
        if any(self._state.meta.get(name, value) != value for name, value in values.items()):
            raise StoreError("the store was made with another setting")
        self._state = replace(self._state, meta={**self._state.meta, **values})

    def close(self) -> None:
        with self._committed:
            self._closed = True
            self._committed.notify_all()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")


def _those(held: Mapping[_Key, _Value], keys: Collection[_Key]) -> dict[_Key, _Value]:
    return {key: held[key] for key in keys if key in held}


def _check_texts(value: object) -> None:
    """Every text of a value must have bytes in UTF-8."""
    try:
        _visit_texts(value, lambda text: text.encode())
    except UnicodeEncodeError:
        raise StoreError("a text holds a lone surrogate, which has no bytes") from None


def _visit_texts(value: object, visit: Callable[[str], object]) -> None:
    """Call `visit` on every text within a value of the model."""
    if isinstance(value, str):
        visit(value)
    elif isinstance(value, Mapping):
        for key, held in value.items():
            _visit_texts(key, visit)
            _visit_texts(held, visit)
    elif isinstance(value, (tuple, frozenset)):
        for held in value:
            _visit_texts(held, visit)
    elif is_dataclass(value):
        for one in fields(value):
            _visit_texts(getattr(value, one.name), visit)


def _stale(state: _State, read_set: ReadSet) -> list[str]:
    present = {key for node in state.nodes.values() for key in node.blocks}
    versions = {key: version for key, version in state.block_versions.items() if key in present}
    return [
        *([ADOPTED] if state.adopted > read_set.revision else []),
        *([SILENCE] if read_set.silence and state.silence > read_set.revision else []),
        *(stale_block(key) for key, read in read_set.blocks if versions.get(key, 0) != read),
        *(
            stale_component(name)
            for name, read in read_set.components
            if state.component_versions.get(name, 0) != read
        ),
        *(stale_record(key) for key, read in read_set.records if state.changed.get(key, 0) > read),
        *(
            stale_import(name)
            for name, read in read_set.imports
            if (state.imports[name].revision if name in state.imports else 0) != read
        ),
    ]


def _added_since(state: _State, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> Iterator[str]:
    """Nodes that are to be added and that somebody has added since the plan was made."""
    removed = set[str]()
    for change_set in change_sets if state.revision != read_set.revision else ():
        removed.update(change_set.nodes_removed)
        for node in change_set.nodes_added:
            if node.digest in state.nodes and node.digest not in removed:
                yield stale_node(node.digest)


def _applied(before: _State, change_set: ChangeSet) -> _State:
    state = replace(before.copy(), revision=before.revision + 1)
    judged = {key for judgement in change_set.judgements for part in judgement.parts for key in part}
    altered = judged.union(
        (record.key for record in change_set.records), (key for key, _ in change_set.moved)
    )
    state.changed.update(dict.fromkeys(altered, state.revision))
    state.changed.update((key, state.revision) for key, _ in change_set.raised)
    _put_nodes(state, change_set)
    _put_records(state, change_set)
    _put_components(state, change_set)
    _remove_nodes(state, change_set)
    _version(before, state, altered)
    _put_suggestions(state, change_set)
    _put_relations(state, change_set)
    _put_judgements(state, change_set)
    for touchpoint in change_set.touchpoints:
        if touchpoint.key in state.touchpoints:
            raise Conflict([stale_touchpoint(touchpoint.key)])
        state.touchpoints[touchpoint.key] = touchpoint
    _touch(before, state, change_set)
    state.ids.update((id_.id, id_) for id_ in change_set.ids)
    for digest in change_set.settled:
        state.waiting.pop(digest, None)
    for digest in change_set.reopened:
        state.waiting.setdefault(digest, state.revision)
    if change_set.adopted:
        state.meta.update(change_set.adopted)
        for digest in state.nodes:
            state.waiting.setdefault(digest, state.revision)
        state = replace(state, adopted=state.revision)
    state.imports.update((each.name, replace(each, revision=state.revision)) for each in change_set.imports)
    if change_set.change is not None:
        state.changes[state.revision] = replace(change_set.change, revision=state.revision)
    for key in (*change_set.silenced, *change_set.voiced):
        state.block_versions[key] = state.revision
    silence = state.revision if change_set.silenced or change_set.voiced else state.silence
    silent = state.silent.difference(change_set.voiced).union(change_set.silenced)
    return replace(state, silent=silent, silence=silence)


def _refuse(condition: bool, reason: str) -> None:
    if condition:
        raise StoreError(reason)


def _put_nodes(state: _State, change_set: ChangeSet) -> None:
    for node in change_set.nodes_added:
        _refuse(node.digest in state.nodes, "a node is there already")
        state.nodes[node.digest] = node
        state.block_versions.update(dict.fromkeys(node.blocks, state.revision))


def _remove_nodes(state: _State, change_set: ChangeSet) -> None:
    for digest in change_set.nodes_removed:
        _refuse(digest not in state.nodes, "a node to be removed is not there")
        _refuse(any(r.node == digest for r in state.records.values()), "a node is still a record's")
        node = state.nodes.pop(digest)
        state.component_of.pop(digest, None)
        state.block_versions.update(dict.fromkeys(node.blocks, state.revision))


def _put_records(state: _State, change_set: ChangeSet) -> None:
    for record in change_set.records:
        _refuse(record.node is not None and record.node not in state.nodes, "a node is not there")
        known = state.records.get(record.key)
        first = known.first_revision if known else record.first_revision or state.revision
        state.records[record.key] = replace(record, first_revision=first)
    for key, version in change_set.raised:
        _refuse(key not in state.records, "a record to be raised has no statement")
        stands = state.records[key]
        state.records[key] = replace(stands, statement=stands.statement._replace(version=version))
    for key, customer in change_set.moved:
        _refuse(key not in state.records, "a record to be moved has no statement")
        state.records[key] = replace(state.records[key], customer=customer)


def _touch(before: _State, state: _State, change_set: ChangeSet) -> None:
    """Note the revision with each customer that a named record is, or was, of."""
    named = {record.key for record in change_set.records}
    named.update(key for key, _ in (*change_set.moved, *change_set.raised))
    contacted = {touchpoint.record for touchpoint in change_set.touchpoints}
    customers = {record.customer for record in change_set.records} | {to for _, to in change_set.moved}
    for held, keys in ((before, named), (state, named | contacted)):
        customers.update(record.customer for record in _those(held.records, keys).values())
    state.touched.update((customer, state.revision) for customer in customers if customer is not None)


def _put_components(state: _State, change_set: ChangeSet) -> None:
    named = [digest for digests in change_set.components.values() for digest in digests]
    _refuse(len(named) != len(set(named)), "a node is put into two components")
    _refuse(not state.nodes.keys() >= set(named), "a node is not there")
    for digest, name in list(state.component_of.items()):
        if name in change_set.components:
            del state.component_of[digest]
    state.component_of.update(
        (digest, name) for name, digests in change_set.components.items() for digest in digests
    )
    state.component_versions.update(dict.fromkeys(change_set.components, state.revision))


def _version(before: _State, state: _State, altered: set[RecordKey]) -> None:
    """Raise the version of each component that holds other nodes or altered records; forget empty ones."""
    for held in (before, state):
        for key in altered:
            record = held.records.get(key)
            if record is not None and record.node in held.component_of:
                state.component_versions[held.component_of[record.node]] = state.revision
    for digest in before.component_of.keys() | state.component_of.keys():
        was, is_ = before.component_of.get(digest), state.component_of.get(digest)
        if was != is_:
            state.component_versions.update({name: state.revision for name in (was, is_) if name is not None})
    for name in state.component_versions.keys() - set(state.component_of.values()):
        del state.component_versions[name]


def _put_suggestions(state: _State, change_set: ChangeSet) -> None:
    for id_, (name, _) in list(state.suggestions.items()):
        if name in change_set.suggestions or name not in state.component_versions:
            del state.suggestions[id_]
    for name, suggestions in change_set.suggestions.items():
        _refuse(bool(suggestions) and name not in state.component_versions, "a component is not there")
        for suggestion in suggestions:
            id_ = suggestion_id(suggestion.left, suggestion.right)
            _refuse(id_ in state.suggestions, "a suggestion is there already")
            state.suggestions[id_] = (name, suggestion)


def _put_relations(state: _State, change_set: ChangeSet) -> None:
    told = {digest for one in change_set.relations for digest in (one.left, one.right)}
    _refuse(not state.nodes.keys() >= told.union(change_set.reweighed), "a node is not there")
    gone = {*change_set.reweighed, *change_set.nodes_removed}
    for pair in list(state.relations):
        if gone.intersection(pair):
            del state.relations[pair]
    state.relations.update(((one.left, one.right), one) for one in change_set.relations)


def _put_judgements(state: _State, change_set: ChangeSet) -> None:
    for judgement in change_set.judgements:
        retracted = judgement.retracted
        if retracted is not None and retracted <= 0:
            retracted = state.revision
        known = state.judgements.get(judgement.id)
        if known is None:
            new = replace(judgement, revision=judgement.revision or state.revision, retracted=retracted)
            state.judgements[judgement.id] = new
        else:
            _refuse(retracted is None, "a judgement is there already")
            state.judgements[judgement.id] = replace(known, retracted=retracted)
