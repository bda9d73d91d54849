"""What other rules would come to: all live records of a snapshot under them, beside their customers now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph.model import Judgement, Node, Record, RecordKey
from graph.store import Snapshot
from resolver.normalise.features import Features
from resolver.pipeline.reach import features_of, relevant_keys
from resolver.pipeline.rules import Rules
from resolver.resolve.difference import Group, Regrouping, regroupings
from resolver.resolve.explain import Comparison, compare_customers
from resolver.resolve.partition import Evidence, Partition, partition

PAGE: Final = 10_000


class Seen(NamedTuple):
    """Two groups of records as the rules in force compare them, and as the others would."""

    left: Group
    right: Group
    now: Comparison
    then: Comparison


@dataclass(frozen=True)
class Rehearsal:
    """Customers now and under other rules. `settled`: nothing waits to be looked at again now."""

    records: Mapping[RecordKey, Record]
    nodes: Mapping[str, Node]
    silent: frozenset[str]
    now: Rules
    then: Rules
    found: Partition
    settled: bool

    @property
    def before(self) -> int:
        """How many customers there are."""
        return len({record.customer for record in self.records.values()} - {None})

    @property
    def after(self) -> int:
        """How many there would be."""
        return sum(len(component.customers) for component in self.found.components)

    def changes(self) -> list[Regrouping]:
        """Which customers would become others."""
        held: dict[str, list[RecordKey]] = {}
        for key, record in self.records.items():
            if record.customer is not None:
                held.setdefault(record.customer, []).append(key)
        there = (keys for component in self.found.components for keys in component.customers)
        return regroupings(held.values(), there)

    def seen(self, change: Regrouping) -> Seen:
        """Two groups that a change joins or parts, compared under both rules."""
        left, right = change.parts
        now, then = (self._compared(rules, left, right) for rules in (self.now, self.then))
        return Seen(left, right, now, then)

    def _compared(self, rules: Rules, left: Group, right: Group) -> Comparison:
        sides = (self._features(left), self._features(right))
        return compare_customers(rules.model, self.silent, *sides, rules.policy.limits)

    def _features(self, group: Group) -> list[Features]:
        digests = sorted({self.records[key].node or "" for key in group})
        return [features_of(self.nodes[digest].features) for digest in digests]


def rehearse(snapshot: Snapshot, rules: Rules) -> Rehearsal:
    """Partition all live records of a snapshot under these rules. Writes nothing."""
    records = {record.key: record for page in _pages(snapshot) for record in page}
    digests = sorted({record.node for record in records.values() if record.node is not None})
    nodes: dict[str, Node] = {}
    for at in range(0, len(digests), PAGE):
        nodes.update(snapshot.nodes(digests[at : at + PAGE]))
    silent = snapshot.silent(relevant_keys(nodes.values()))
    found = _found(rules, records, [nodes[digest] for digest in digests], _in_force(snapshot), silent)
    settled = snapshot.settled_revision == snapshot.revision
    return Rehearsal(records, nodes, silent, Rules.of(snapshot.meta()), rules, found, settled)


def _found(
    rules: Rules,
    records: Mapping[RecordKey, Record],
    nodes: Sequence[Node],
    judgements: Sequence[Judgement],
    silent: frozenset[str],
) -> Partition:
    number = {node.digest: place for place, node in enumerate(nodes)}
    evidence = Evidence(
        nodes=[features_of(node.features) for node in nodes],
        blocks=[node.blocks for node in nodes],
        records=[(key, number[record.node]) for key, record in records.items() if record.node is not None],
        judgements=judgements,
        silent=silent,
    )
    return partition(rules.model, rules.policy, evidence)


def _pages(snapshot: Snapshot) -> Iterator[Sequence[Record]]:
    after = None
    while page := snapshot.all_records(after, PAGE):
        yield page
        after = page[-1].key


def _in_force(snapshot: Snapshot) -> list[Judgement]:
    found: list[Judgement] = []
    after = 0
    while page := snapshot.all_judgements(after, PAGE):
        found.extend(judgement for judgement in page if judgement.retracted is None)
        after = page[-1].revision
    return found
