"""The partition is a function of the records: clustered anew, they fall into the customers that are stored.

Of a store where something waits to be looked at again it need not be true yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import nsmallest
from typing import Final

from graph.model import Component, Node, Record, RecordKey
from graph.store import Snapshot
from resolver.doctor.finding import Finding, Findings, named
from resolver.normalise.evidence import decode
from resolver.pipeline.reach import relevant_keys
from resolver.pipeline.rehearsal import PAGE, rehearse
from resolver.pipeline.rules import Rules
from resolver.resolve.partition import Evidence, partition

CHECK: Final = "partition"
_COMPONENTS: Final = 500
"""Components that are clustered together, so that memory stays bounded."""


def regrouped(snapshot: Snapshot) -> Iterator[Finding]:
    """Where all live records, taken together, would fall into other customers. Holds all of them."""
    found = Findings(CHECK)
    for change in rehearse(snapshot, Rules.of(snapshot.meta())).changes():
        words = {
            "merge": "customers are what the rules would merge with others",
            "split": "customers are what the rules would split",
        }.get(change.kind, "groups of customers are divided otherwise than by the rules")
        found.add(words, named(change.before[0][0]))
    yield from found


def sampled(snapshot: Snapshot, number: int) -> Iterator[Finding]:
    """Where components, each by itself, would fall into other customers: those of so many nodes.

    Always the same ones: the nodes of the least digests.
    """
    found = Findings(CHECK)
    rules = Rules.of(snapshot.meta())
    drawn = nsmallest(number, _digests(snapshot))
    seen: set[str] = set()
    for at in range(0, len(drawn), _COMPONENTS):
        fresh = [c for c in snapshot.components(drawn[at : at + _COMPONENTS]) if c.id not in seen]
        seen.update(component.id for component in fresh)
        _compare(found, fresh, _clustered(snapshot, rules, fresh))
    yield from found


def _digests(snapshot: Snapshot) -> set[str]:
    digests: set[str] = set()
    after = None
    while page := snapshot.all_records(after, PAGE):
        digests.update(record.node for record in page if record.node is not None)
        after = page[-1].key
    return digests


def _clustered(
    snapshot: Snapshot, rules: Rules, components: Sequence[Component]
) -> tuple[set[tuple[RecordKey, ...]], set[frozenset[str]]]:
    """The customers that the rules make of these components, and the components that they do."""
    nodes: list[Node] = [node for component in components for node in component.nodes]
    records: list[Record] = [record for component in components for record in component.records]
    place = {node.digest: number for number, node in enumerate(nodes)}
    answer = partition(
        rules.model,
        rules.policy,
        Evidence(
            nodes=[decode(node.features) for node in nodes],
            blocks=[node.blocks for node in nodes],
            records=[(record.key, place[record.node]) for record in records if record.node is not None],
            judgements=snapshot.judgements([record.key for record in records]),
            silent=snapshot.silent(relevant_keys(nodes)),
        ),
    )
    customers = {keys for each in answer.components for keys in each.customers}
    return customers, {frozenset(nodes[n].digest for n in each.nodes) for each in answer.components}


def _compare(
    found: Findings,
    components: Iterable[Component],
    clustered: tuple[Collection[tuple[RecordKey, ...]], Collection[frozenset[str]]],
) -> None:
    """Note where stored customers and components are not among those that the rules make."""
    customers, joined = clustered
    for component in components:
        held: dict[str, list[RecordKey]] = {}
        for record in component.records:
            if record.customer is not None:
                held.setdefault(record.customer, []).append(record.key)
        for keys in held.values():
            if tuple(sorted(keys)) not in customers:
                found.add("customers are others than the rules make of their component", named(min(keys)))
        if held and frozenset(node.digest for node in component.nodes) not in joined:
            found.add("components are no longer held together by any edge", component.id)
