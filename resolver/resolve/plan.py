"""From a partition to change sets: what each component's change writes. A function of what was read.

    situation -> partition -> components' changes -> ids -> change sets

One component's change is one change set, so that it can be told, and taken back, by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np

from graph.model import (
    Cause,
    Change,
    ChangeSet,
    Component,
    CustomerId,
    Judgement,
    Match,
    Move,
    Node,
    Record,
    RecordKey,
    Suggestion,
)
from resolver.match.model import Model
from resolver.match.weigh import Ints
from resolver.normalise.features import Features
from resolver.resolve import partition as partitioning
from resolver.resolve.disjoint import Disjoint
from resolver.resolve.edges import Weighed
from resolver.resolve.identity import bear
from resolver.resolve.partition import Link, partition
from resolver.resolve.settings import Policy


class Met(NamedTuple):
    """What pairs of nodes weigh: `left` and `right` are places among `nodes`, digests; each pair is once."""

    nodes: Sequence[str]
    left: Ints
    right: Ints
    weight: Ints

    def numbered(self, number: Mapping[str, int]) -> Weighed:
        """The same of nodes that have numbers; pairs of others are left out."""
        numbers = np.array([number.get(digest, -1) for digest in self.nodes], np.int64)
        left, right = numbers[self.left], numbers[self.right]
        there = (left >= 0) & (right >= 0)
        left, right = left[there], right[there]
        return Weighed(np.minimum(left, right), np.maximum(left, right), self.weight[there])


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a plan rests on, as read at one snapshot and as it will stand.

    `components` are the stored ones that the change reaches. `before` and `after` are records by key:
    those of the components and those restated, tombstones included; `after` has each restated record's
    new statement with the customer that it had. `nodes` are all nodes that live records assert
    afterwards, with their features; `judgements` those in force afterwards; `silent` the keys that do
    not speak afterwards; `anchored` the ids anchored at each of the records; `reopened` nodes for which
    that silence is news, so that whoever planned for them before must plan again. `met` is what pairs of
    nodes have been found to weigh under this silence, where that is known. `judgement` is the id of
    the judgement that is the cause, if one is, and `retracted` whether it was taken back.
    """

    components: Sequence[Component]
    before: Mapping[RecordKey, Record]
    after: Mapping[RecordKey, Record]
    nodes: Mapping[str, tuple[Node, Features]]
    judgements: Sequence[Judgement]
    silent: frozenset[str]
    anchored: Mapping[RecordKey, Sequence[CustomerId]]
    time: int
    reopened: frozenset[str] = frozenset()
    met: Met | None = None
    judgement: str = ""
    retracted: bool = False


class Grown(NamedTuple):
    """One component as the partition found it: its nodes, its customers, and what links them."""

    nodes: tuple[str, ...]
    customers: tuple[tuple[RecordKey, ...], ...]
    joins: tuple[Link, ...]
    doubts: tuple[Link, ...]


class Tie(NamedTuple):
    """One link of a customer or of a suggestion, as it is kept: keys, weights and attributes, no values."""

    left: RecordKey
    right: RecordKey
    weight: int
    parts: tuple[tuple[str, int, int], ...]


class Grounds(NamedTuple):
    """Why a change or a suggestion came to be, under which model."""

    model: str
    ties: tuple[Tie, ...]


def encode_grounds(model: Model, links: Iterable[Link]) -> bytes:
    """Links as evidence to be kept beside a change or a suggestion."""
    ties = tuple(
        Tie(
            link.left,
            link.right,
            link.weight,
            tuple((p.attribute, p.stranger, p.household) for p in link.parts),
        )
        for link in links
    )
    return msgspec.json.encode(Grounds(model.version, ties))


def decode_grounds(encoded: bytes) -> Grounds:
    """The inverse of `encode_grounds`; empty bytes are no grounds."""
    return msgspec.json.decode(encoded, type=Grounds) if encoded else Grounds("", ())


def regroup(model: Model, policy: Policy, situation: Situation) -> list[Grown]:
    """The components and customers of a situation, visitors' nodes as components without customers."""
    digests = sorted(situation.nodes)
    number = {digest: n for n, digest in enumerate(digests)}
    live = [(key, number[record.node]) for key, record in situation.after.items() if record.node is not None]
    answer = partition(
        model,
        policy,
        partitioning.Evidence(
            nodes=[situation.nodes[digest][1] for digest in digests],
            blocks=[situation.nodes[digest][0].blocks for digest in digests],
            records=live,
            judgements=situation.judgements,
            silent=situation.silent,
        ),
        weighed=None if situation.met is None else situation.met.numbered(number),
    )
    grown = [
        Grown(tuple(digests[n] for n in found.nodes), found.customers, found.joins, found.doubts)
        for found in answer.components
    ]
    placed = {digest for component in grown for digest in component.nodes}
    return grown + [Grown((digest,), (), (), ()) for digest in digests if digest not in placed]


def plan(
    model: Model,
    policy: Policy,
    situation: Situation,
    mint: Callable[[], str],
    minted: Callable[[RecordKey], CustomerId],
) -> list[ChangeSet]:
    """The change sets that bring the stored components to what the partition says, one for each change.

    What changes no customer comes first, together, if there is any of it.
    `mint` gives names for new components, `minted` new customer ids anchored at a record.
    """
    return planned(model, situation, regroup(model, policy, situation), mint, minted)


def planned(
    model: Model,
    situation: Situation,
    grown: Sequence[Grown],
    mint: Callable[[], str],
    minted: Callable[[RecordKey], CustomerId],
) -> list[ChangeSet]:
    """The same where it is known what the partition says: of nodes no more than their digests counts."""
    affairs = _affairs(situation, grown)
    written = [_Change(model, situation, affair).change_set(mint, minted) for affair in affairs]
    quiet = [change_set for change_set in written if change_set.change is None]
    return [*_together(quiet), *(change_set for change_set in written if change_set.change is not None)]


def _together(quiet: Sequence[ChangeSet]) -> Iterator[ChangeSet]:
    """What moves no record is nobody's change: it is written at one revision."""
    if quiet:
        yield ChangeSet(
            records=tuple(record for one in quiet for record in one.records),
            components={name: nodes for one in quiet for name, nodes in one.components.items()},
            suggestions={name: held for one in quiet for name, held in one.suggestions.items()},
            matches={name: held for one in quiet for name, held in one.matches.items()},
            ids=tuple(identity for one in quiet for identity in one.ids),
        )


@dataclass(frozen=True, slots=True)
class _Affair:
    """What one change is about: stored components that become found ones, and the records of both.

    `before` and `after` are those of the situation, of this affair alone.
    """

    old: list[Component] = field(default_factory=list)
    new: list[Grown] = field(default_factory=list)
    before: dict[RecordKey, Record] = field(default_factory=dict)
    after: dict[RecordKey, Record] = field(default_factory=dict)


def _affairs(situation: Situation, grown: Sequence[Grown]) -> Iterable[_Affair]:
    """Stored components and found ones, gathered where they share a node or a record that went over."""
    sets = Disjoint()
    for component in situation.components:
        sets.join(*(node.digest for node in component.nodes))
    for found in grown:
        sets.join(*found.nodes)
    went = {key: _nodes_of(situation, key) for key in situation.after}
    for nodes in went.values():
        if len(nodes) > 1:
            sets.join(*nodes)
    affairs: dict[Hashable, _Affair] = defaultdict(_Affair)
    for component in situation.components:
        affairs[sets.find(component.nodes[0].digest)].old.append(component)
    for found in grown:
        affairs[sets.find(found.nodes[0])].new.append(found)
    for key, nodes in went.items():
        if nodes:
            affair = affairs[sets.find(nodes[0])]
            affair.after[key] = situation.after[key]
            if key in situation.before and situation.before[key].node is not None:
                affair.before[key] = situation.before[key]
    return affairs.values()


def _nodes_of(situation: Situation, key: RecordKey) -> list[str]:
    """The nodes that a record is at now and was at before; none for a tombstone that was one."""
    was, is_ = situation.before.get(key), situation.after[key]
    return [record.node for record in (is_, was) if record is not None and record.node is not None]


class _Change:
    """One affair on its way to a change set."""

    def __init__(self, model: Model, situation: Situation, affair: _Affair) -> None:
        self.model = model
        self.situation = situation
        self.old = affair.old
        self.new = affair.new
        self.before = affair.before
        self.after = affair.after
        self.restated = {key for key, record in self.after.items() if self._restated(key, record)}
        self.anchored = [identity for key in self.after for identity in situation.anchored.get(key, ())]

    def _restated(self, key: RecordKey, record: Record) -> bool:
        was = self.situation.before.get(key)
        return was is None or was.statement != record.statement

    def change_set(self, mint: Callable[[], str], minted: Callable[[RecordKey], CustomerId]) -> ChangeSet:
        """What this change writes."""
        customers = [keys for found in self.new for keys in found.customers]
        ages = {key: record.first_revision for key, record in self.after.items()}
        bearing = bear(customers, self.anchored, self.before, self._reworded(), ages, minted)
        bearer = {key: name for keys, name in zip(customers, bearing.ids, strict=True) for key in keys}
        moves = tuple(self._moves(bearer))
        components = self._components(mint)
        names = self._names(components)
        stored = {component.id for component in self.old}
        suggestions = {
            names[found.nodes]: tuple(self._suggestion(link) for link in found.doubts)
            for found in self.new
            if found.doubts or names[found.nodes] in stored
        }
        matches = {
            names[found.nodes]: tuple(_match(link) for link in found.joins)
            for found in self.new
            if found.joins or names[found.nodes] in stored
        }
        return ChangeSet(
            records=tuple(self._with_customer(key, bearer) for key in sorted(self.restated)),
            moved=tuple((m.record, m.after) for m in moves if m.record not in self.restated),
            components=components,
            suggestions=suggestions,
            matches=matches,
            ids=bearing.written,
            change=self._change(moves, bearer),
        )

    def _reworded(self) -> set[RecordKey]:
        """Records whose evidence is another than before, or gone; a mere new version is not that."""
        return {k for k in self.restated if k in self.before and self.before[k].node != self.after[k].node}

    def _with_customer(self, key: RecordKey, bearer: Mapping[RecordKey, str]) -> Record:
        record = self.after[key]
        return Record(
            record.key, record.statement, record.evidence, record.node, bearer.get(key), record.first_revision
        )

    def _moves(self, bearer: Mapping[RecordKey, str]) -> Iterator[Move]:
        for key in sorted(self.after):
            was = self.before[key].customer if key in self.before else None
            if was != bearer.get(key):
                yield Move(key, was, bearer.get(key))

    def _kept(self) -> dict[tuple[str, ...], str]:
        """Found components that are stored just so, with their names."""
        stored = {tuple(sorted(node.digest for node in c.nodes)): c.id for c in self.old}
        return {found.nodes: stored[found.nodes] for found in self.new if found.nodes in stored}

    def _components(self, mint: Callable[[], str]) -> dict[str, tuple[str, ...]]:
        """The components to write. The largest part of a stored one keeps its name; names never return."""
        kept = self._kept()
        free = {c.id: {n.digest for n in c.nodes} for c in self.old if c.id not in kept.values()}
        written: dict[str, tuple[str, ...]] = {}
        for found in sorted(self.new, key=lambda f: (-len(f.nodes), f.nodes)):
            if found.nodes in kept:
                continue
            heir = max(free, key=lambda name: (len(free[name].intersection(found.nodes)), name), default=None)
            if heir is not None and free[heir].intersection(found.nodes):
                del free[heir]
            else:
                heir = mint()
            written[heir] = found.nodes
        same = [found.nodes for found in self.new if found.nodes in kept and self._news(found)]
        return {**dict.fromkeys(free, ()), **written, **{kept[nodes]: nodes for nodes in same}}

    def _news(self, found: Grown) -> bool:
        return not self.situation.reopened.isdisjoint(found.nodes)

    def _names(self, components: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], str]:
        return {**{nodes: name for name, nodes in components.items()}, **self._kept()}

    def _suggestion(self, link: Link) -> Suggestion:
        return Suggestion(link.left, link.right, link.weight, link.reason, encode_grounds(self.model, [link]))

    def _change(self, moves: Sequence[Move], bearer: Mapping[RecordKey, str]) -> Change | None:
        if not moves:
            return None
        gone = {m.before for m in moves if m.before is not None}
        come = {m.after for m in moves if m.after is not None}
        was = {key: record.customer for key, record in self.before.items()}
        after = come | {name for key, name in bearer.items() if was.get(key) in gone}
        before = gone | {name for key, name in was.items() if name is not None and bearer.get(key) in after}
        return Change(
            cause=self._cause(),
            time=self.situation.time,
            before=tuple(sorted(before)),
            after=tuple(sorted(after)),
            moves=tuple(moves),
            judgement=self.situation.judgement,
            evidence=encode_grounds(self.model, self._new_ties(was)),
        )

    def _new_ties(self, was: Mapping[RecordKey, str | None]) -> list[Link]:
        """The joins that this change rests on: between records that were not of one customer before."""
        return [
            link
            for found in self.new
            for link in found.joins
            if was.get(link.left) is None or was.get(link.left) != was.get(link.right)
        ]

    def _cause(self) -> Cause:
        if self.situation.judgement:
            return Cause.RETRACTION if self.situation.retracted else Cause.JUDGEMENT
        if not self.restated:
            return Cause.REOPENED
        deleted = all(self.after[key].statement.deleted for key in self.restated)
        return Cause.DELETION if deleted else Cause.RECORD


def _match(link: Link) -> Match:
    """A join as people look at it: with the attributes that speak for it."""
    return Match(
        link.left, link.right, link.weight, tuple(str(p.attribute) for p in link.parts if p.stranger > 0)
    )
