"""Who would this be, and why is this so: questions that write nothing, answered as the pipeline decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graph.model import Evidence, Judgement, Node, Record, RecordKey
from graph.store import Snapshot
from resolver.match.model import Model
from resolver.normalise.evidence import Settings, normalise, protect
from resolver.normalise.features import Features
from resolver.pipeline.nodes import make_node
from resolver.pipeline.reach import Judging, Reach, features_of, relevant_keys
from resolver.resolve.alone import alone_among
from resolver.resolve.explain import Comparison, Decision, compare_customers, decide
from resolver.resolve.keys import statement
from resolver.resolve.plan import Grown, Situation, regroup
from resolver.resolve.settings import Policy

ASKED: Final = RecordKey("", "")
"""The key of the record that is only asked about; no source may be without a name."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair: its customer (empty for none), its records, least key first."""

    customer: str
    records: tuple[RecordKey, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """All that was weighed between two sides, and what came of it.

    `refusal` says why they are not one: `below_threshold`, `ambiguous`, `alone`, `limit`, `judgement`
    or `related`; empty where they are. `relation` is `same_household` or empty. `judgements` are the ids
    of those in force that join or part the sides.
    """

    left: Side
    right: Side
    comparison: Comparison
    decision: Decision
    refusal: str
    relation: str
    together: bool
    judgements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One join of a customer. `basis` is `evidence`, `equal_evidence` or `judgement`."""

    basis: str
    account: Account


@dataclass(frozen=True, slots=True)
class Prospect:
    """What recording a piece of evidence would come to.

    `customer` is the one that it would join, empty for a new one; `merged` others that it would merge
    with that one; `candidates` each customer it was weighed against, likeliest first.
    """

    decision: Decision
    customer: str
    visitor: bool
    merged: tuple[str, ...]
    candidates: tuple[Account, ...]


def resolve(
    snapshot: Snapshot, model: Model, policy: Policy, settings: Settings, evidence: Evidence, limit: int
) -> Prospect:
    """Say whom this evidence would belong to, were it recorded now. Writes nothing."""
    features = normalise(protect(evidence, settings), settings)
    node = make_node(features)
    reach = Reach(snapshot, model, policy, Judging())
    there = reach.known([node.digest])
    reach.cross([] if there else [node], [])
    reach.load([*there, *reach.reopened, *reach.meet({node.digest: node})])
    record = Record(ASKED, statement(None, 0, evidence), evidence, node.digest, None, 0)
    after = {**reach.records, ASKED: record}
    nodes = _nodes(reach, after, {node.digest: node})
    grown = regroup(model, policy, _situation(reach, after, nodes))
    mine = next((keys for found in grown for keys in found.customers if ASKED in keys), ())
    joined = _by_customer(reach.records[key] for key in mine if key != ASKED)
    weighed = _by_customer(reach.records.values())
    silent = reach.silent_for(list(nodes.values()))
    left = Side("", (ASKED,))
    accounts = []
    for customer, records in weighed.items():
        right = Side(customer, tuple(sorted(r.key for r in records)))
        comparison = compare_customers(model, silent, [features], _features(records, nodes), policy.limits)
        accounts.append(_account(policy, left, right, comparison, customer in joined, ()))
    accounts.sort(key=lambda account: (-account.comparison.weight, account.right.customer))
    borne = _borne(snapshot, mine)
    return Prospect(
        decision=_outcome(mine, joined, grown, accounts),
        customer=borne,
        visitor=not mine,
        merged=tuple(sorted(set(joined) - {borne})),
        candidates=tuple(accounts[:limit]),
    )


def explain_pair(
    snapshot: Snapshot, model: Model, policy: Policy, left: Sequence[Record], right: Sequence[Record]
) -> Account:
    """Why two sides are one customer, or why not. Each side is the live records of it, at least one."""
    nodes = snapshot.nodes({record.node for record in (*left, *right) if record.node is not None})
    silent = _silent(snapshot, nodes.values())
    judgements = snapshot.judgements([record.key for record in (*left, *right)])
    together = bool(left[0].customer) and left[0].customer == right[0].customer
    return weigh_sides(model, policy, left, right, nodes, silent, judgements, together=together)


def weigh_sides(
    model: Model,
    policy: Policy,
    left: Sequence[Record],
    right: Sequence[Record],
    nodes: Mapping[str, Node],
    silent: frozenset[str],
    judgements: Iterable[Judgement],
    *,
    together: bool,
) -> Account:
    """All that is weighed between two sides, of which these nodes, silent keys and judgements are known.

    `together` is whether they are one customer.
    """
    sides = _features(left, nodes), _features(right, nodes)
    comparison = compare_customers(model, silent, *sides, policy.limits)
    one, other = _side(left), _side(right)
    between = _between(judgements, one.records, other.records)
    return _account(policy, one, other, comparison, together, between)


def explain_customer(
    snapshot: Snapshot, model: Model, policy: Policy, records: Sequence[Record]
) -> tuple[Link, ...]:
    """The joins that hold a customer's records together: one less than there are records.

    Records of equal evidence first, then the joins of the partition in the order in which they were
    made, each with the comparison of the two sides as they were joined.
    """
    by_key = {record.key: record for record in records}
    nodes = snapshot.nodes({record.node for record in records if record.node is not None})
    silent = _silent(snapshot, nodes.values())
    judgements = snapshot.judgements(list(by_key))
    situation = Situation(
        components=(),
        before=by_key,
        after=by_key,
        nodes={digest: (node, features_of(node.features)) for digest, node in nodes.items()},
        judgements=judgements,
        silent=silent,
        anchored={},
        time=0,
    )
    grown = regroup(model, policy, situation)
    sides = {key: frozenset({key}) for key in by_key}
    links = []
    for basis, one, other in _joins(grown, by_key):
        if sides[one] == sides[other]:
            continue
        left, right = ([by_key[key] for key in sorted(sides[side])] for side in (one, other))
        account = weigh_sides(model, policy, left, right, nodes, silent, judgements, together=True)
        judged = basis == "evidence" and account.comparison.weight < policy.merge_weight
        links.append(Link("judgement" if judged else basis, account))
        union = sides[one] | sides[other]
        sides.update(dict.fromkeys(union, union))
    return tuple(links)


def _joins(
    grown: Iterable[Grown], by_key: Mapping[RecordKey, Record]
) -> Iterable[tuple[str, RecordKey, RecordKey]]:
    """Records of one node first, chained; then what the partition joined, in its order."""
    first: dict[str | None, RecordKey] = {}
    for key, record in sorted(by_key.items()):
        head = first.setdefault(record.node, key)
        if head != key:
            yield "equal_evidence", head, key
    for found in grown:
        for join in found.joins:
            yield "evidence", join.left, join.right


def _borne(snapshot: Snapshot, records: Collection[RecordKey]) -> str:
    """The id that a customer of these records bears, empty where it would be a new one."""
    identities = [one for one in snapshot.anchored(records) if not one.erased]
    return min(identities, key=lambda one: (one.minted, one.id)).id if identities else ""


def _outcome(
    mine: Collection[RecordKey],
    joined: Mapping[str, Sequence[Record]],
    grown: Iterable[Grown],
    accounts: Sequence[Account],
) -> Decision:
    if joined:
        return Decision.MATCH
    doubts = [d for found in grown for d in found.doubts if {d.left, d.right} & set(mine)]
    if any(doubt.reason == "ambiguous" for doubt in doubts):
        return Decision.AMBIGUOUS
    return max((account.decision for account in accounts[:1]), default=Decision.NON_MATCH)


def _account(
    policy: Policy,
    left: Side,
    right: Side,
    comparison: Comparison,
    together: bool,
    judgements: tuple[str, ...],
) -> Account:
    decision = Decision.MATCH if together else decide(policy, comparison)
    refusal = ""
    if not together:
        if judgements:
            refusal = "judgement"
        elif comparison.limits:
            refusal = "limit"
        elif comparison.weight >= policy.merge_weight and _alone(policy, comparison):
            refusal = "alone"
        elif comparison.weight >= policy.merge_weight:
            decision, refusal = Decision.AMBIGUOUS, "ambiguous"
        else:
            refusal = "related" if decision == Decision.RELATED else "below_threshold"
    relation = comparison.kind.value if decision == Decision.RELATED else ""
    return Account(left, right, comparison, decision, refusal, relation, together, judgements)


def _alone(policy: Policy, comparison: Comparison) -> bool:
    """Whether all that speaks for one person is of a kind that merges nobody by itself."""
    return alone_among(
        policy.never_alone, ((each.attribute, each.stranger) for each in comparison.attributes)
    )


def _between(
    judgements: Iterable[Judgement], left: Collection[RecordKey], right: Collection[RecordKey]
) -> tuple[str, ...]:
    """Judgements in force that name records of both sides."""
    return tuple(
        one.id
        for one in judgements
        if any(not part.isdisjoint(left) for part in one.parts)
        and any(not part.isdisjoint(right) for part in one.parts)
    )


def _side(records: Sequence[Record]) -> Side:
    customers = {record.customer or "" for record in records}
    return Side(min(customers), tuple(sorted(record.key for record in records)))


def _by_customer(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.customer is not None:
            found.setdefault(record.customer, []).append(record)
    return found


def _features(records: Iterable[Record], nodes: Mapping[str, Node]) -> list[Features]:
    digests = sorted({record.node for record in records if record.node is not None})
    return [features_of(nodes[digest].features) for digest in digests]


def _nodes(reach: Reach, after: Mapping[RecordKey, Record], extra: Mapping[str, Node]) -> dict[str, Node]:
    digests = {record.node for record in after.values() if record.node is not None}
    return {**extra, **reach.known(digests - extra.keys())}


def _situation(reach: Reach, after: Mapping[RecordKey, Record], nodes: Mapping[str, Node]) -> Situation:
    return Situation(
        components=tuple(reach.components.values()),
        before=reach.records,
        after=after,
        nodes={digest: (node, features_of(node.features)) for digest, node in nodes.items()},
        judgements=tuple(reach.judgements.values()),
        silent=reach.silent_for(list(nodes.values())),
        anchored={},
        time=0,
    )


def _silent(snapshot: Snapshot, nodes: Iterable[Node]) -> frozenset[str]:
    return snapshot.silent(relevant_keys(nodes))
