"""What if: a change that is supposed, planned as the pipeline plans it when it happens, and not written.

The change is brought into the form that every change has: records that state something else, a judgement
made, a policy. What it reaches is read as the pipeline reads it, and the partition that decides is the
same, so what is foretold is what would then be, once all is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final, NamedTuple

from graph.keys import identifier_block
from graph.model import (
    Change,
    CustomerId,
    Evidence,
    Identifier,
    Judgement,
    JudgementKind,
    Node,
    PartyType,
    Record,
    RecordKey,
)
from graph.store import Snapshot
from resolver.inquiry import Account, weigh_sides
from resolver.intake import Refusal
from resolver.match.model import Model
from resolver.normalise.evidence import Settings, normalise, protect
from resolver.pipeline.nodes import make_node
from resolver.pipeline.pipeline import MINTED_SHIFT
from resolver.pipeline.reach import NOT_JUDGING, Judging, Reach, features_of
from resolver.resolve.judging import contradicted
from resolver.resolve.keys import statement
from resolver.resolve.plan import Situation, plan
from resolver.resolve.settings import Policy

MOST_HOLDERS: Final = 10_000
"""Of an identifier that is supposed to be blocked: how many nodes may hold it."""
_AT_ONCE: Final = 1 << 31
"""What is foretold is where all has settled: nothing waits to be looked at again."""


class Stated(NamedTuple):
    """A record states this evidence, or comes with it.

    With `fields` those alone are taken of it, by name, the others being as the record states them now.
    """

    record: RecordKey
    evidence: Evidence
    fields: tuple[str, ...] | None = None


class Deleted(NamedTuple):
    """A record is deleted."""

    record: RecordKey


class Blocked(NamedTuple):
    """An identifier is the company's own, and weighs nothing for anyone."""

    identifier: Identifier


class MergedFrom(NamedTuple):
    """Customers are merged from this match probability. Only what the sides asked about meet is looked at."""

    probability: float


class Judged(NamedTuple):
    """A steward judges the two sides asked about one customer, or two."""

    together: bool


Supposition = Stated | Deleted | Blocked | MergedFrom | Judged


class Customer(NamedTuple):
    """A customer and its records in order of key. `id` is empty where it would be a new one."""

    id: str
    records: tuple[RecordKey, ...]


class Regrouping(NamedTuple):
    """Customers that would become others, and every record whose customer would be another."""

    before: tuple[Customer, ...]
    after: tuple[Customer, ...]
    moved: tuple[RecordKey, ...]


class Foretold(NamedTuple):
    """What would come of a supposition.

    `regroupings` are all that would change, in order of the least record moved; `pair` the two sides asked
    about as they would be, None where none were or one would have no live record.
    """

    regroupings: tuple[Regrouping, ...]
    pair: Account | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom is asked about: the records of two sides, or all on the left. May be nobody."""

    left: frozenset[RecordKey] = frozenset()
    right: frozenset[RecordKey] = frozenset()

    @property
    def keys(self) -> frozenset[RecordKey]:
        """The records of both sides."""
        return self.left | self.right


NOBODY: Final = Asked()


def foretell(
    snapshot: Snapshot,
    model: Model,
    policy: Policy,
    settings: Settings,
    supposition: Supposition,
    asked: Asked = NOBODY,
) -> Foretold:
    """Say what would come of a supposition. Writes nothing.

    Raises `Refusal`: field_invalid for a threshold that is none, or a judgement on sides that share a
    record; field_too_large for an identifier that too many hold; judgement_contradicts and
    party_types_differ as the judgement itself would be refused.
    """
    if isinstance(supposition, MergedFrom):
        policy = _merging_from(policy, supposition.probability)
    judging = _judging(supposition, asked)
    reach = Reach(snapshot, model, replace(policy, reopen_at_once=_AT_ONCE), judging)
    change = _change(snapshot, reach, settings, supposition)
    situation = _situation(snapshot, reach, change, judging, asked)
    if judging.added is not None:
        _admissible(judging.added, situation)
    fresh: set[str] = set()
    now = {key: record.customer for key, record in situation.before.items()}
    changes = [
        written.change
        for written in plan(model, policy, situation, _names("component"), _minting(snapshot, fresh))
        if written.change is not None
    ]
    then = {**now, **{move.record: move.after for each in changes for move in each.moves}}
    regroupings = (_regrouping(each, now, then, fresh) for each in changes)
    return Foretold(
        tuple(sorted(regroupings, key=_least)),
        _pair(model, policy, situation, asked, then, fresh),
    )


# -- the supposition as a change ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Restated:
    """Records as they would stand, and the nodes that they would assert, by digest."""

    records: dict[RecordKey, Record] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)

    def state(self, key: RecordKey, was: Record | None, evidence: Evidence, settings: Settings) -> None:
        """Let a record state this evidence, which is protected already."""
        node = make_node(normalise(evidence, settings))
        version = was.statement.version if was is not None else None
        said = statement(version, None, evidence)
        self.nodes[node.digest] = node
        self.records[key] = _stands(was, Record(key, said, evidence, node.digest, None, 0))

    def delete(self, key: RecordKey, was: Record | None) -> None:
        """Let a record be deleted."""
        said = statement((was.statement.version if was is not None else None) or 0, None, None, deleted=True)
        self.records[key] = _stands(was, Record(key, said, Evidence(), None, None, 0))


def _stands(was: Record | None, record: Record) -> Record:
    """A record with the customer and the age of what it was."""
    if was is None:
        return record
    return replace(record, customer=was.customer, first_revision=was.first_revision)


def _change(snapshot: Snapshot, reach: Reach, settings: Settings, supposition: Supposition) -> _Restated:
    restated = _Restated()
    match supposition:
        case Stated(key, evidence, names):
            was = snapshot.records([key]).get(key)
            said = protect(evidence, settings)
            if names is not None:
                taken: dict[str, Any] = {name: getattr(said, name) for name in names}
                said = replace(was.evidence if was is not None else Evidence(), **taken)
            restated.state(key, was, said, settings)
        case Deleted(key):
            restated.delete(key, snapshot.records([key]).get(key))
        case Blocked(identifier):
            owning = replace(settings, owned=settings.owned | {identifier})
            for record in _holding(snapshot, reach, identifier):
                restated.state(record.key, record, record.evidence, owning)
    return restated


def _holding(snapshot: Snapshot, reach: Reach, identifier: Identifier) -> Iterable[Record]:
    """The live records that assert an identifier, whose components are read for it."""
    key = identifier_block(identifier)
    block = snapshot.blocks([key], MOST_HOLDERS + 1).get(key)
    if block is None:
        return []
    if block.size > MOST_HOLDERS:
        raise Refusal("field_too_large", f"more than {MOST_HOLDERS:,} hold it", "what_if.blocked_identifier")
    reach.load(block.members)
    members = frozenset(block.members)
    return [record for record in reach.records.values() if record.node in members]


def _merging_from(policy: Policy, probability: float) -> Policy:
    try:
        return replace(policy, merge=probability)
    except ValueError:
        told = f"above the possible threshold, {policy.possible}, and below 1 is expected"
        raise Refusal("field_invalid", told, "what_if.merge_threshold") from None


def _judging(supposition: Supposition, asked: Asked) -> Judging:
    if not isinstance(supposition, Judged):
        return NOT_JUDGING
    if asked.left & asked.right:
        raise Refusal("field_invalid", "a record is on both sides", "what_if.judgement")
    kind = JudgementKind.MERGE if supposition.together else JudgementKind.SPLIT
    parts = (asked.keys,) if supposition.together else (asked.left, asked.right)
    return Judging(added=Judgement("", kind, parts, "", "", 0))


def _admissible(judgement: Judgement, situation: Situation) -> None:
    """Refuse a judgement that the pipeline would refuse."""
    against = contradicted(judgement, [one for one in situation.judgements if one is not judgement])
    if against:
        raise Refusal("judgement_contradicts", f"contradicts judgements in force: {', '.join(against)}")
    for part in judgement.parts:
        nodes = {record.node for key in part if (record := situation.after.get(key)) is not None}
        parties = {situation.nodes[node][1].party for node in nodes if node is not None}
        if {PartyType.PERSON, PartyType.ORGANISATION} <= parties:
            raise Refusal("party_types_differ", "a person and an organisation are never one customer")


# -- what it reaches, and what comes of it -----------------------------------------------------


def _situation(
    snapshot: Snapshot, reach: Reach, change: _Restated, judging: Judging, asked: Asked
) -> Situation:
    """All that the plan rests on, read in the order in which the pipeline reads it for a change."""
    keys = {*change.records, *judging.keys, *asked.keys}
    stored = snapshot.records(keys)
    reach.records.update(stored)
    held = {record.node for record in stored.values() if record.node is not None}
    there = reach.known(held | change.nodes.keys())
    added = {digest: node for digest, node in sorted(change.nodes.items()) if digest not in there}
    reach.load(there, keys)
    still = {record.node for record in {**reach.records, **change.records}.values()}
    removed = {digest: reach.nodes[digest] for digest in sorted(held - still)}
    reach.cross(list(added.values()), list(removed.values()))
    after = {**reach.records, **change.records}
    judged = reach.judged_nodes({*change.records, *judging.keys}, after)
    dirty = {**reach.known([*reach.reopened, *judged]), **added}
    dirty = {digest: node for digest, node in dirty.items() if digest not in removed}
    reach.load([*reach.reopened, *reach.meet(dirty, removed)])
    after = {**reach.records, **change.records}
    asserted = {record.node for record in after.values() if record.node is not None}
    nodes = {**reach.known(asserted - added.keys()), **{d: added[d] for d in asserted & added.keys()}}
    anchored: dict[RecordKey, list[CustomerId]] = {}
    for identity in snapshot.anchored(after):
        if identity.anchor is not None:
            anchored.setdefault(identity.anchor, []).append(identity)
    return Situation(
        components=list(reach.components.values()),
        before=reach.records,
        after=after,
        nodes={digest: (node, features_of(node.features)) for digest, node in sorted(nodes.items())},
        judgements=sorted(reach.judgements.values(), key=lambda one: (one.revision, one.id)),
        silent=reach.silent_for(list(nodes.values())),
        anchored=anchored,
        time=0,
    )


def _names(kind: str) -> Callable[[], str]:
    serial = count()
    return lambda: f"~{kind} {next(serial)}"


def _minting(snapshot: Snapshot, fresh: set[str]) -> Callable[[RecordKey], CustomerId]:
    """What gives new customers names that are nobody's id, younger than every id; they are noted."""
    name, order = _names("customer"), count((snapshot.revision + 1) << MINTED_SHIFT)

    def minted(anchor: RecordKey) -> CustomerId:
        identity = CustomerId(name(), next(order), anchor)
        fresh.add(identity.id)
        return identity

    return minted


def _regrouping(
    change: Change,
    now: Mapping[RecordKey, str | None],
    then: Mapping[RecordKey, str | None],
    fresh: Collection[str],
) -> Regrouping:
    before, after = (_customers(ids, whose) for ids, whose in ((change.before, now), (change.after, then)))
    known = tuple(Customer("" if each.id in fresh else each.id, each.records) for each in after)
    moved = tuple(sorted(move.record for move in change.moves))
    return Regrouping(tuple(before), tuple(sorted(known, key=lambda each: each.records)), moved)


def _customers(ids: Iterable[str], whose: Mapping[RecordKey, str | None]) -> list[Customer]:
    held: dict[str, list[RecordKey]] = {id_: [] for id_ in ids}
    for key, customer in whose.items():
        if customer in held:
            held[customer].append(key)
    return [Customer(id_, tuple(sorted(keys))) for id_, keys in sorted(held.items())]


def _least(regrouping: Regrouping) -> RecordKey:
    return min(regrouping.moved)


def _pair(
    model: Model,
    policy: Policy,
    situation: Situation,
    asked: Asked,
    then: Mapping[RecordKey, str | None],
    fresh: Collection[str],
) -> Account | None:
    """The two sides as they would be."""
    left, right = (_live(situation, side, then, fresh) for side in (asked.left, asked.right))
    if not (left and right):
        return None
    homes = {then.get(record.key) for record in (*left, *right)}
    nodes = {digest: node for digest, (node, _) in situation.nodes.items()}
    account = weigh_sides(
        model,
        policy,
        left,
        right,
        nodes,
        situation.silent,
        situation.judgements,
        together=len(homes) == 1 and None not in homes,
    )
    return replace(account, judgements=tuple(filter(None, account.judgements)))


def _live(
    situation: Situation,
    side: Iterable[RecordKey],
    then: Mapping[RecordKey, str | None],
    fresh: Collection[str],
) -> Sequence[Record]:
    records = (situation.after[key] for key in sorted(side) if key in situation.after)
    homes = ((record, then.get(record.key)) for record in records if record.node is not None)
    return [replace(record, customer=None if home in fresh else home) for record, home in homes]
