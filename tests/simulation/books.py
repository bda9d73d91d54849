"""The books that a simulation keeps beside the store: what was said, and what it comes to, in plain Python.

Everything is folded anew from all that was accepted; nothing is incremental and nothing is read back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.model import Evidence, Judgement, Node, RecordKey, Relation, Statement, TouchpointKey
from resolver.intake import Arrival
from resolver.match.model import Model
from resolver.normalise.evidence import Settings, normalise
from resolver.normalise.features import Features
from resolver.pipeline.nodes import make_node
from resolver.resolve import partition as partitioning
from resolver.resolve.keys import record_key, statement
from resolver.resolve.partition import partition
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence

Group = frozenset[RecordKey]
Doubt = tuple[RecordKey, RecordKey, int, str]

_NODES: dict[Evidence, tuple[Features, Node]] = {}


def node_of(evidence: Evidence, settings: Settings) -> tuple[Features, Node]:
    """Normalising is a function, so what it answered once is kept."""
    if evidence not in _NODES:
        features = normalise(evidence, settings)
        _NODES[evidence] = features, make_node(features)
    return _NODES[evidence]


@dataclass(frozen=True)
class Truth:
    """What must be stored once all is settled."""

    customers: frozenset[Group]
    visitors: frozenset[RecordKey]
    doubts: frozenset[Doubt]
    silent: frozenset[str]
    nodes: Mapping[str, int]
    relations: tuple[Relation, ...]


@dataclass
class Books:
    """All that was said and accepted."""

    statements: dict[RecordKey, dict[tuple[bool, int, bool, str], Evidence]] = field(default_factory=dict)
    touchpoints: dict[TouchpointKey, RecordKey] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)

    def enter(self, arrival: Arrival, settings: Settings) -> RecordKey:
        """Enter an arrival that was accepted; its record's key."""
        said = arrival.touchpoint
        key = arrival.record
        if key is None:
            assert arrival.evidence is not None
            key = record_key(
                arrival.source,
                "",
                arrival.evidence,
                node_of(arrival.evidence, settings)[0],
                said.occurred if said else None,
                said.key.touchpoint_id if said else "",
            )
        if said is not None:
            if said.key in self.touchpoints:
                return self.touchpoints[said.key]
            self.touchpoints[said.key] = key
        if arrival.evidence is not None or arrival.deleted:
            rank = statement(
                arrival.version, said.occurred if said else None, arrival.evidence, deleted=arrival.deleted
            ).rank
            self.statements.setdefault(key, {}).setdefault(rank, arrival.evidence or Evidence())
        return key

    def standing(self) -> dict[RecordKey, tuple[Statement, Evidence]]:
        """Each record's greatest statement, tombstones included."""
        found = {}
        for key, said in self.statements.items():
            rank = max(said)
            found[key] = Statement(rank[1] if rank[0] else None, rank[2], rank[3]), said[rank]
        return found

    def live(self) -> dict[RecordKey, Evidence]:
        return {key: e for key, (stands, e) in sorted(self.standing().items()) if not stands.deleted}

    def truth(self, model: Model, policy: Policy, settings: Settings) -> Truth:
        """The partition of all records at once, offline."""
        return divide(model, policy, settings, self.live(), list(self.judgements.values()))


def divide(
    model: Model,
    policy: Policy,
    settings: Settings,
    live: Mapping[RecordKey, Evidence],
    judgements: Sequence[Judgement],
) -> Truth:
    """Records by key into customers, whatever happened before."""
    held = {key: node_of(evidence, settings) for key, evidence in live.items()}
    nodes = {node.digest: (features, node) for features, node in held.values()}
    digests = sorted(nodes)
    silent = silence(policy, [nodes[digest][1] for digest in digests])
    answer = partition(
        model,
        policy,
        partitioning.Evidence(
            nodes=[nodes[digest][0] for digest in digests],
            blocks=[nodes[digest][1].blocks for digest in digests],
            records=[(key, digests.index(node.digest)) for key, (_, node) in held.items()],
            judgements=judgements,
            silent=silent,
        ),
        related=True,
    )
    return Truth(
        customers=frozenset(frozenset(keys) for found in answer.components for keys in found.customers),
        visitors=frozenset(answer.visitors),
        doubts=frozenset(
            (doubt.left, doubt.right, doubt.weight, doubt.reason)
            for found in answer.components
            for doubt in found.doubts
        ),
        silent=silent,
        nodes=Counter(node.digest for _, node in held.values()),
        relations=tuple(tie.between(digests[tie.left], digests[tie.right]) for tie in answer.ties),
    )


def grouped(customer_of: Mapping[RecordKey, str | None]) -> frozenset[Group]:
    """Records by the customer that they say they belong to."""
    groups: dict[str, set[RecordKey]] = {}
    for key, customer in customer_of.items():
        if customer is not None:
            groups.setdefault(customer, set()).add(key)
    return frozenset(map(frozenset, groups.values()))


def within(groups: Iterable[Group], keys: Iterable[RecordKey]) -> frozenset[Group]:
    """The same grouping, of these keys alone."""
    kept = frozenset(keys)
    return frozenset(group & kept for group in groups if group & kept)
