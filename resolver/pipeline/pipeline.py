"""Acts of the pipeline: record a micro-batch, settle what waits, judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import count
from typing import Final, NamedTuple, TypeVar

from graph.errors import Conflict
from graph.model import (
    Cause,
    Change,
    ChangeSet,
    CustomerId,
    Import,
    Judgement,
    JudgementKind,
    Node,
    PartyType,
    ReadSet,
    Record,
    RecordKey,
)
from graph.store import Snapshot, Store
from resolver import backoff
from resolver.intake import Arrival, Receipt, Refusal, Verdict
from resolver.match.model import Model
from resolver.normalise.evidence import Settings, normalise
from resolver.normalise.features import Features
from resolver.pipeline.ledger import Entry, Ledger, Taken, enter
from resolver.pipeline.nodes import make_node
from resolver.pipeline.reach import NOT_JUDGING, Judging, Reach, features_of
from resolver.pipeline.rules import InForce, Rules, adopted
from resolver.resolve.judging import contradicted, grouping_before, same_judgement
from resolver.resolve.plan import Situation, encode_grounds, plan
from resolver.resolve.settings import Policy

T = TypeVar("T")
Progress = Callable[[Snapshot, Sequence[Taken | Refusal]], Import]
"""Makes of what became of a batch how far the import that it is of has come."""
Parts = Sequence[frozenset[RecordKey]]
"""Sets of records, each of which a steward draws together."""

ATTEMPTS: Final = 20
"""How often a plan is made before a caller whose plans keep conflicting is told to try later."""
_FIRST_PAUSE_SECONDS: Final = 0.002
_LONGEST_PAUSE_SECONDS: Final = 0.1
MINTED_SHIFT: Final = 20
"""Ids minted from one snapshot are ordered within 2**20."""
REMEMBERED: Final = 4096
"""Evidence without a record's name comes again and again; so many pieces are kept normalised."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written besides what the partition decides.

    `settling` are nodes to be looked at again; `rests_on` records whose judgements were read for it.
    """

    base: ChangeSet
    restated: Mapping[RecordKey, Record]
    added: Mapping[str, Node]
    settling: Sequence[str] = ()
    judging: Judging = NOT_JUDGING
    rests_on: frozenset[RecordKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft comes to, to be applied once the snapshot that it was planned on is let go.

    A snapshot that stayed open over the commit would keep the store's log from being cut. `customers`
    tells where the records reached will be; `queued` whether some wait to be looked at again.
    """

    change_sets: Sequence[ChangeSet]
    read_set: ReadSet
    revision: int
    settled_revision: int
    queued: bool
    customers: Mapping[RecordKey, str | None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an attempt came to: the revision, how far all is settled, and where the records reached are."""

    revision: int
    settled_revision: int
    customers: Mapping[RecordKey, str | None]


class Adoption(NamedTuple):
    """Rules that were adopted; not `changed` where they were in force already."""

    rules: Rules
    changed: bool
    revision: int
    settled_revision: int


class Pipeline:
    """Turns arrivals and judgements into changes of the graph. Not thread safe: one writer calls it."""

    def __init__(
        self,
        store: Store,
        *,
        model: Model,
        policy: Policy,
        settings: Settings,
        clock: Callable[[], int],
        mint: Callable[[], str],
    ) -> None:
        """`model` and `policy` are those that the store was made with; what it adopts takes their place.

        `clock` gives microseconds since 1970; `mint` a fresh opaque name at each call.
        """
        self._store = store
        self._rules = InForce(model, policy)
        self._settings = settings
        self._clock = clock
        self._mint = mint
        self._normalised = lru_cache(maxsize=REMEMBERED)(partial(normalise, settings=settings))

    def record(
        self, arrivals: Sequence[Arrival], progress: Progress | None = None
    ) -> list[Receipt | Refusal]:
        """Record one micro-batch, durably when it returns; each arrival is answered in its place.

        Where it is of an import, `progress` tells how far that has come, and is written in the same commit;
        it is asked again where the plan is made again, and what it raises ends the attempt.

        Raises `StoreUnavailable` where the store cannot be written, `Conflict` where other writers
        kept changing what was read.
        """
        entries = [enter(arrival, self._settings, self._normalised) for arrival in arrivals]
        return self._attempt(lambda snapshot: self._record(snapshot, entries, progress))

    def settle(self, limit: int = 1000, *, attempts: int = ATTEMPTS) -> bool:
        """Look again at up to `limit` nodes that wait for it; False where none waited.

        Other writers may be at the same ones: after so many `attempts` it raises `Conflict`.
        """
        return self._attempt(lambda snapshot: self._settle(snapshot, limit), attempts)

    def merge(
        self,
        sides: Parts | Callable[[Snapshot], Parts],
        *,
        author: str,
        reason: str,
        dry_run: bool = False,
    ) -> Verdict:
        """Judge all these records one customer. Raises `Refusal` where it contradicts what is in force.

        `sides` may be a function of the snapshot that the judgement is planned on, asked again where the
        plan is made again: what it reads of their customers then still stands when it is written.
        """

        def parts(snapshot: Snapshot) -> Parts:
            return (frozenset().union(*(sides(snapshot) if callable(sides) else sides)),)

        return self._pass(JudgementKind.MERGE, parts, author=author, reason=reason, dry_run=dry_run)

    def split(
        self,
        parts: Parts | Callable[[Snapshot], Parts],
        *,
        author: str,
        reason: str,
        dry_run: bool = False,
    ) -> Verdict:
        """Judge each part a customer of its own. Raises `Refusal` where it contradicts what is in force.

        `parts` may be a function of the snapshot; see `merge`.
        """
        drawn = parts if callable(parts) else lambda _: parts
        return self._pass(JudgementKind.SPLIT, drawn, author=author, reason=reason, dry_run=dry_run)

    def revert(
        self, *, revision: int = 0, judgement: str = "", author: str, reason: str, dry_run: bool = False
    ) -> Verdict:
        """Undo a change, named by its revision, or a judgement, named by its id.

        A steward's act is retracted; the retraction of one judges the same again. An automatic change
        is undone by a judgement of the grouping before it. Raises `Refusal` where there is no such
        thing, or where it contradicts what is in force.
        """
        with self._store.snapshot() as snapshot:
            change = None if judgement else snapshot.change(revision)
            if not judgement and change is None:
                raise Refusal("change_not_found", "no customers changed at this revision", "revision")
            if change is None or change.cause == Cause.JUDGEMENT:
                name = judgement if change is None else change.judgement
                return self._attempt(lambda fresh: self._retract(fresh, _judgement(fresh, name), dry_run))
            if change.cause == Cause.RETRACTION:
                again = _judgement(snapshot, change.judgement)
                return self._pass(
                    again.kind, lambda _: again.parts, author=author, reason=reason, dry_run=dry_run
                )
        return self._pass(
            JudgementKind.REVERT,
            partial(_grouping_before, change),
            author=author,
            reason=reason,
            dry_run=dry_run,
            reverts=revision,
        )

    def adopt(self, change: Callable[[Rules], Rules], *, dry_run: bool = False) -> Adoption:
        """Adopt other rules, which `change` makes of those in force; the same ones change nothing.

        From this revision on every plan is made under them, and every node waits to be looked at again:
        where `settled_revision` reaches `revision` the partition is theirs. Raises `Refusal` where they
        differ in what a store keeps for good.
        """
        return self._attempt(lambda snapshot: self._adopt(snapshot, change, dry_run))

    # -- one attempt ---------------------------------------------------------------------------

    def _attempt(
        self,
        act: Callable[[Snapshot], tuple[Proposal, Callable[[Applied], T]]],
        attempts: int = ATTEMPTS,
    ) -> T:
        """Read and plan, let the snapshot go, apply and answer; where what was read is stale, again."""
        for attempt in count(1):
            try:
                with self._store.snapshot() as snapshot:
                    proposal, answer = act(snapshot)
                return answer(self._apply(proposal))
            except Conflict as conflict:
                if attempt == attempts:
                    # One that was overtaken is no more than that: nobody is to read again for it.
                    raise Conflict(conflict.stale) from None
            time.sleep(backoff.pause(attempt, _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS))
        raise AssertionError("unreachable")

    def _apply(self, proposal: Proposal) -> Applied:
        change_sets, settled = proposal.change_sets, proposal.settled_revision
        if not change_sets:
            return Applied(proposal.revision, settled, proposal.customers)
        revision = self._store.apply(change_sets, proposal.read_set)
        if settled == proposal.revision:
            settled = revision - len(change_sets) if proposal.queued else revision
        return Applied(revision, settled, proposal.customers)

    def _record(
        self, snapshot: Snapshot, entries: Sequence[Entry | Refusal], progress: Progress | None
    ) -> tuple[Proposal, Callable[[Applied], list[Receipt | Refusal]]]:
        ready = [entry for entry in entries if isinstance(entry, Entry)]
        known = snapshot.known_touchpoints({e.touchpoint.key for e in ready if e.touchpoint is not None})
        keys = {entry.record for entry in ready} | {record for _, record in known.values()}
        stored = snapshot.records(keys)
        nodes: dict[str, Node] = {}
        ledger = Ledger(stored, known, lambda evidence: _node(self._normalised(evidence), nodes))
        taken = [ledger.take(entry) if isinstance(entry, Entry) else entry for entry in entries]
        draft = Draft(
            ChangeSet(
                touchpoints=tuple(ledger.touchpoints),
                raised=tuple((record.key, record.statement.version) for record in ledger.raised),
                imports=() if progress is None else (progress(snapshot, taken),),
            ),
            ledger.restated,
            {d: nodes[d] for d in {r.node for r in ledger.restated.values()} if d is not None},
        )
        return self._propose(snapshot, draft), lambda applied: [
            answer if isinstance(answer, Refusal) else _receipt(answer, applied, stored) for answer in taken
        ]

    def _settle(self, snapshot: Snapshot, limit: int) -> tuple[Proposal, Callable[[Applied], bool]]:
        waiting = snapshot.waiting(limit)
        if snapshot.adopted_revision > snapshot.settled_revision:
            # Under other rules whole components wait: a component is taken together, not once for each node.
            components = snapshot.components(waiting)
            waiting = sorted({*waiting, *(node.digest for one in components for node in one.nodes)})
        draft = Draft(ChangeSet(settled=tuple(waiting)), {}, {}, settling=waiting)
        return self._propose(snapshot, draft), lambda _: bool(waiting)

    def _propose(self, snapshot: Snapshot, draft: Draft) -> Proposal:
        """Plan what a draft comes to with the draft, each change in a change set of its own."""
        if not (draft.restated or draft.settling or draft.judging.id):
            planned, reach = [], None
        else:
            rules = self._rules.at(snapshot)
            reach = Reach(snapshot, rules.model, rules.policy, draft.judging)
            planned = self._planned(snapshot, reach, draft)
        change_sets = planned or ([draft.base] if draft.base != ChangeSet() else [])
        customers = {
            **({key: record.customer for key, record in reach.records.items()} if reach else {}),
            **{record.key: record.customer for c in change_sets for record in c.records},
            **{key: customer for c in change_sets for key, customer in c.moved},
        }
        return Proposal(
            change_sets,
            self._read_set(snapshot, reach, draft),
            snapshot.revision,
            snapshot.settled_revision,
            bool(reach and reach.queued),
            customers,
        )

    def _planned(self, snapshot: Snapshot, reach: Reach, draft: Draft) -> list[ChangeSet]:
        """The change sets of a draft whose records, nodes or judgements the partition must see."""
        stored = snapshot.records({*draft.restated, *draft.judging.keys})
        reach.records.update(stored)
        left = {record.node for record in stored.values() if record.node is not None}
        asserted = {record.node for record in draft.restated.values() if record.node is not None}
        there = reach.known(asserted | left | set(draft.settling))
        added = {d: draft.added[d] for d in sorted(asserted) if d not in there}
        reach.load([*there], [*draft.restated, *draft.judging.keys])
        after = {**reach.records, **draft.restated}
        still = {record.node for record in after.values()}
        removed = {d: reach.nodes[d] for d in sorted(left - still)}
        reach.cross(list(added.values()), list(removed.values()))
        judged = reach.judged_nodes({*draft.restated, *draft.judging.keys}, after)
        dirty = {**reach.known([*reach.reopened, *draft.settling, *judged]), **added}
        dirty = {d: node for d, node in dirty.items() if d not in removed}
        reach.load([*reach.reopened, *reach.meet(dirty, removed)])
        after = {**reach.records, **draft.restated}
        nodes = self._asserted(reach, after, added)
        situation = Situation(
            components=list(reach.components.values()),
            before=reach.records,
            after=after,
            nodes={node.digest: (node, features_of(node.features)) for node in nodes},
            judgements=sorted(reach.judgements.values(), key=lambda j: (j.revision, j.id)),
            silent=reach.silent_for(nodes),
            reopened=reach.reopened.union(draft.settling),
            met=reach.met,
            anchored=_by_anchor(snapshot.anchored(after)),
            time=self._clock(),
            judgement=draft.judging.id,
            retracted=bool(draft.judging.retracted),
        )
        serial = count()
        minted = (snapshot.revision + 1) << MINTED_SHIFT
        change_sets = plan(
            *self._rules.at(snapshot),
            situation,
            self._mint,
            lambda anchor: CustomerId(self._mint(), minted + next(serial), anchor),
        )
        reweighed = sorted(dirty.keys() & {*reach.reopened, *draft.settling})
        return _gathered(draft, reach, added, removed, reweighed, change_sets, stored)

    def _asserted(
        self, reach: Reach, after: Mapping[RecordKey, Record], added: Mapping[str, Node]
    ) -> list[Node]:
        digests = sorted({record.node for record in after.values() if record.node is not None})
        there = reach.known(d for d in digests if d not in added)
        return [added[d] if d in added else there[d] for d in digests]

    def _read_set(self, snapshot: Snapshot, reach: Reach | None, draft: Draft) -> ReadSet:
        touched = {*draft.restated, *(key for key, _ in draft.base.raised), *draft.rests_on}
        if reach:
            touched |= reach.read_records
        return ReadSet(
            blocks=tuple(sorted(reach.read_blocks.items())) if reach else (),
            components=tuple(sorted((c.id, c.version) for c in reach.components.values())) if reach else (),
            records=tuple((key, snapshot.revision) for key in sorted(touched)),
            imports=tuple((each.name, each.revision) for each in draft.base.imports),
            revision=snapshot.revision,
            silence=reach is not None,
        )

    # -- rules ---------------------------------------------------------------------------------

    def _adopt(
        self, snapshot: Snapshot, change: Callable[[Rules], Rules], dry_run: bool
    ) -> tuple[Proposal, Callable[[Applied], Adoption]]:
        settings = snapshot.meta()
        rules = change(Rules.of(settings))
        changes = adopted(rules, settings)
        told = Change(Cause.ADOPTION, self._clock(), (), (), (), evidence=encode_grounds(rules.model, []))
        written = [ChangeSet(adopted=changes, change=told)] if changes and not dry_run else []
        proposal = Proposal(
            written,
            ReadSet(revision=snapshot.revision),
            snapshot.revision,
            snapshot.settled_revision,
            queued=True,
            customers={},
        )
        return proposal, lambda applied: Adoption(
            rules, bool(changes), applied.revision, applied.settled_revision
        )

    # -- judgements ----------------------------------------------------------------------------

    def _pass(
        self,
        kind: JudgementKind,
        parts: Callable[[Snapshot], Parts],
        *,
        author: str,
        reason: str,
        dry_run: bool,
        reverts: int | None = None,
    ) -> Verdict:
        blank = Judgement(self._mint(), kind, (), author, reason, self._clock(), reverts=reverts)

        def judge(snapshot: Snapshot) -> tuple[Proposal, Callable[[Applied], Verdict]]:
            drawn = tuple(parts(snapshot))
            _check_parts(drawn)
            return self._judge(snapshot, replace(blank, parts=drawn), dry_run)

        return self._attempt(judge)

    def _judge(
        self, snapshot: Snapshot, judgement: Judgement, dry_run: bool
    ) -> tuple[Proposal, Callable[[Applied], Verdict]]:
        same = same_judgement(judgement, _entangled(snapshot, judgement))
        if same is not None:
            nothing = self._propose(snapshot, Draft(ChangeSet(), {}, {}))
            return nothing, _teller(snapshot, same, nothing, dry_run=False)
        if judgement.reverts is not None:
            judgement = self._standing_alone(snapshot, judgement)
        return self._passed(snapshot, judgement, _drafted(snapshot, judgement), dry_run)

    def _passed(
        self, snapshot: Snapshot, judgement: Judgement, draft: Draft, dry_run: bool
    ) -> tuple[Proposal, Callable[[Applied], Verdict]]:
        proposal = self._propose(snapshot, draft)
        if dry_run:
            proposal = replace(proposal, change_sets=())
        return proposal, _teller(snapshot, judgement, proposal, dry_run=dry_run)

    def _standing_alone(self, snapshot: Snapshot, judgement: Judgement) -> Judgement:
        """A revert with a part for each customer that one of its parts would otherwise fall to.

        Parted from those whom a change joined it with, a record may reach the merge threshold with a
        customer that the change did not touch; but reverting restores what was.
        """
        while True:
            named = frozenset().union(*judgement.parts)
            after = self._propose(snapshot, _drafted(snapshot, judgement)).customers
            before = {key: record.customer for key, record in snapshot.records(after.keys() | named).items()}
            own = {before.get(key) for key in named}
            joined = {after.get(key) for key in named} - {None}
            others = {
                before[key]
                for key, customer in after.items()
                if customer in joined and before[key] not in own
            }
            fallen_to = snapshot.members({customer for customer in others if customer is not None})
            if not fallen_to:
                return judgement
            parts = (frozenset(record.key for record in records) for records in fallen_to.values())
            judgement = replace(judgement, parts=tuple(sorted((*judgement.parts, *parts), key=min)))

    def _retract(
        self, snapshot: Snapshot, judgement: Judgement, dry_run: bool
    ) -> tuple[Proposal, Callable[[Applied], Verdict]]:
        if judgement.retracted is not None:
            raise Refusal("nothing_to_revert", "the judgement has been taken back already", "judgement_id")
        taken_back = replace(judgement, retracted=-1)
        draft = Draft(ChangeSet(judgements=(taken_back,)), {}, {}, judging=Judging(retracted=judgement))
        return self._passed(snapshot, taken_back, draft, dry_run)


def _node(features: Features, nodes: dict[str, Node]) -> str:
    """The digest of the node of these features, which is kept in `nodes`."""
    node = make_node(features)
    nodes[node.digest] = node
    return node.digest


def _teller(
    snapshot: Snapshot, judgement: Judgement, proposal: Proposal, *, dry_run: bool
) -> Callable[[Applied], Verdict]:
    """The answer once applied: the judgement with its revisions, and the customers of its records.

    A rehearsal hands out no id: a customer that would be new is not among them.
    """
    keys = {key for part in judgement.parts for key in part}
    now = {key: record.customer for key, record in snapshot.records(keys).items()}
    now.update((key, customer) for key, customer in proposal.customers.items() if key in keys)
    customers = {customer for customer in now.values() if customer is not None}
    if dry_run:
        customers &= snapshot.customer_ids(customers).keys()

    def told(applied: Applied) -> Verdict:
        stands = replace(
            judgement,
            revision=judgement.revision or applied.revision,
            retracted=applied.revision if judgement.retracted is not None else None,
        )
        return Verdict(stands, sorted(customers), applied.revision, applied.settled_revision)

    return told


def _receipt(taken: Taken, applied: Applied, stored: Mapping[RecordKey, Record]) -> Receipt:
    was = stored.get(taken.record)
    customer = applied.customers.get(taken.record, was.customer if was else None)
    return Receipt(
        taken.record,
        taken.outcome,
        taken.standing,
        customer or "",
        applied.revision,
        applied.settled_revision,
    )


def _gathered(
    draft: Draft,
    reach: Reach,
    added: Mapping[str, Node],
    removed: Mapping[str, Node],
    reweighed: Sequence[str],
    change_sets: Sequence[ChangeSet],
    stored: Mapping[RecordKey, Record],
) -> list[ChangeSet]:
    """The planned change sets with the draft in the first and the removals in the last.

    Tombstones of keys never seen belong to no component and stand in the draft's own.
    """
    orphans = [
        record
        for key, record in draft.restated.items()
        if record.node is None and (key not in stored or stored[key].node is None)
    ]
    gathered = list(change_sets) or [ChangeSet()]
    first = gathered[0]
    gathered[0] = replace(
        first,
        touchpoints=draft.base.touchpoints,
        records=(*orphans, *first.records),
        raised=draft.base.raised,
        nodes_added=tuple(added.values()),
        relations=reach.relations,
        reweighed=tuple(reweighed),
        judgements=draft.base.judgements,
        silenced=tuple(sorted(reach.crossed.silenced)),
        voiced=tuple(sorted(reach.crossed.voiced)),
        reopened=tuple(sorted(reach.queued)),
        settled=draft.base.settled,
        imports=draft.base.imports,
    )
    gathered[-1] = replace(gathered[-1], nodes_removed=tuple(removed))
    return [change_set for change_set in gathered if change_set != ChangeSet()]


def _by_anchor(ids: Iterable[CustomerId]) -> dict[RecordKey, list[CustomerId]]:
    found: dict[RecordKey, list[CustomerId]] = {}
    for identity in ids:
        if identity.anchor is not None:
            found.setdefault(identity.anchor, []).append(identity)
    return found


def _grouping_before(change: Change, snapshot: Snapshot) -> Parts:
    """The grouping that a change of customers gave way to, as the records stand that it touched."""
    members = snapshot.members(change.before)
    parts = grouping_before(change, members, snapshot.moves(change.before, change.revision - 1))
    if sum(map(len, parts)) < 2:
        raise Refusal("nothing_to_revert", "the change touched no more than one record", "revision")
    return parts


def _judgement(snapshot: Snapshot, name: str) -> Judgement:
    """The judgement of this id, retracted or not."""
    after = 0
    while page := snapshot.all_judgements(after, 1000):
        for judgement in page:
            if judgement.id == name:
                return judgement
        after = page[-1].revision
    raise Refusal("judgement_not_found", "there is no such judgement", "judgement_id")


def _entangled(snapshot: Snapshot, judgement: Judgement) -> list[Judgement]:
    """All judgements in force that records tie to this one, near or far."""
    found: dict[str, Judgement] = {}
    keys = {key for part in judgement.parts for key in part}
    while keys:
        fresh = [one for one in snapshot.judgements(keys) if one.id not in found]
        found.update((one.id, one) for one in fresh)
        keys = {key for one in fresh for part in one.parts for key in part}
    return sorted(found.values(), key=lambda one: (one.revision, one.id))


def _drafted(snapshot: Snapshot, judgement: Judgement) -> Draft:
    """What accepting a judgement writes. Raises `Refusal` where it contradicts what is in force."""
    in_force = _entangled(snapshot, judgement)
    against = contradicted(judgement, in_force)
    if against:
        raise Refusal("judgement_contradicts", f"contradicts judgements in force: {', '.join(against)}")
    _one_party_each(snapshot, judgement)
    return Draft(
        ChangeSet(judgements=(judgement,)),
        {},
        {},
        judging=Judging(added=judgement),
        rests_on=frozenset(key for one in (judgement, *in_force) for part in one.parts for key in part),
    )


def _check_parts(parts: Sequence[frozenset[RecordKey]]) -> None:
    """Refuse parts that say nothing, and a record that would be in two customers at once."""
    if not parts or not all(parts):
        raise Refusal("field_required", "each part names at least one record", "parts")
    if len(frozenset().union(*parts)) < sum(map(len, parts)):
        raise Refusal("field_invalid", "a record is named in two parts", "parts")


def _one_party_each(snapshot: Snapshot, judgement: Judgement) -> None:
    for part in judgement.parts:
        nodes = {r.node for r in snapshot.records(part).values() if r.node is not None}
        parties = {features_of(node.features).party for node in snapshot.nodes(nodes).values()}
        if {PartyType.PERSON, PartyType.ORGANISATION} <= parties:
            raise Refusal("party_types_differ", "a person and an organisation are never one customer")
