"""The partition of records into customers: one pure function, for a stream, an import and a file alike.

    nodes -> candidates -> pair weights -> edges -> components -> customers

Its answer for some components does not depend on which others it is given, so a change may hand it the
components that it reaches, and an import all there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from graph.model import Judgement, RecordKey
from resolver.match.columns import Columns
from resolver.match.model import Model
from resolver.match.weigh import MEANS, Ints
from resolver.normalise.features import Features
from resolver.resolve import components
from resolver.resolve.alone import alone
from resolver.resolve.bonds import find_bonds
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.cluster import Clustering, Compared, Join, Part, cluster
from resolver.resolve.related import Tie, ties
from resolver.resolve.settings import Policy
from resolver.resolve.units import Unit, Verdicts, identifies, judge, make_units, visits

CHUNK = 200_000
"""Pairs that are weighed at once, so that memory stays bounded."""

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


class Spread(Protocol):
    """Who does the work: like `map`, answers in the order of the items; maybe in several processes."""

    def __call__(self, work: Callable[[_Item], _Done], items: Iterable[_Item], /) -> Iterator[_Done]:
        """What the work makes of each item."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the partition is made of.

    `nodes` are features with their blocking keys; `records` are live records with the number of their
    node; `judgements` those in force; `silent` the keys that do not speak.
    """

    nodes: Sequence[Features]
    blocks: Sequence[Sequence[str]]
    records: Sequence[tuple[RecordKey, int]]
    judgements: Sequence[Judgement]
    silent: frozenset[str]


class Link(NamedTuple):
    """A join or a doubt between customers, told by one record of each: the least of each side."""

    left: RecordKey
    right: RecordKey
    weight: int
    reason: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """One component: its nodes' numbers, its customers' records, and the links among and between them.

    Customers and their records are in order of key. `whole` is False where it was too large to be
    clustered by weight.
    """

    nodes: tuple[int, ...]
    customers: tuple[tuple[RecordKey, ...], ...]
    joins: tuple[Link, ...]
    doubts: tuple[Link, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Partition:
    """All components, in order of their least record key; visitors' records belong to no customer.

    `ties` are the nodes that are related and not one, in order; none where they were not asked for.
    """

    components: tuple[Component, ...]
    visitors: tuple[RecordKey, ...]
    ties: tuple[Tie, ...] = ()


def partition(
    model: Model,
    policy: Policy,
    evidence: Evidence,
    *,
    related: bool = False,
    candidates: tuple[Ints, Ints] | None = None,
    spread: Spread = map,
) -> Partition:
    """Records into customers: a function of records, model, policy, judgements and silence alone.

    `related`: tell who is related too. `candidates` are the pairs that blocking brings, where they are
    known already (see `candidate_pairs`). `spread` is who does the work.
    """
    if candidates is None:
        candidates = candidate_pairs(evidence.blocks, evidence.silent)
    judged = {key for judgement in evidence.judgements for part in judgement.parts for key in part}
    visiting = [visits(node, evidence.silent) for node in evidence.nodes]
    visitors = sorted(key for key, node in evidence.records if visiting[node] and key not in judged)
    passing = set(visitors)
    columns = Columns(model, evidence.nodes, evidence.silent)
    units = make_units(
        [(key, node) for key, node in evidence.records if key not in passing],
        evidence.judgements,
        _alone(policy, columns, evidence),
    )
    verdicts = judge(units, evidence.judgements)
    several = _sharing(units)
    weigher = _Weigher(policy, columns, evidence, related, *_with_themselves(candidates, several))
    (left, right, weight), met = _edges(weigher, several, spread)
    graph = _Graph(units, verdicts, left, right, weight)
    found = tuple(_components(model, policy, columns, graph, evidence, spread))
    return Partition(found, tuple(visitors), tuple(met))


@dataclass(frozen=True, slots=True)
class _Graph:
    """Units and the edges between them, must-links apart."""

    units: Sequence[Unit]
    verdicts: Verdicts
    left: Ints
    right: Ints
    weight: Ints


def _alone(policy: Policy, columns: Columns, evidence: Evidence) -> frozenset[int]:
    """Nodes whose evidence would not merge two records by itself.

    It names no identifier that speaks and weighs too little, or the policy lets its kind merge nobody.
    """
    weak = [n for n, node in enumerate(evidence.nodes) if not identifies(node, evidence.silent)]
    found: set[int] = set()
    if weak:
        numbers = np.array(weak, np.int64)
        found.update(numbers[columns.totals(numbers, numbers) < policy.merge_weight].tolist())
    for at in range(0, len(evidence.nodes) if policy.never_alone else 0, CHUNK):
        numbers = np.arange(at, min(at + CHUNK, len(evidence.nodes)))
        compared = enumerate(columns.pairs(numbers, numbers), start=at)
        found.update(n for n, pair in compared if alone(policy.never_alone, pair.said))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Weigher:
    """Pairs of nodes and all that they are weighed with; who is related is told where that is asked for."""

    policy: Policy
    columns: Columns
    evidence: Evidence
    related: bool
    left: Ints
    right: Ints

    def weigh(self, at: int) -> tuple[Ints, Sequence[Tie]]:
        """The weight of each pair of the chunk that starts here, and those that are related and not one."""
        left, right = self.left[at : at + CHUNK], self.right[at : at + CHUNK]
        verdict = self.columns.verdicts(left, right)
        if not self.related:
            return verdict.combined, ()
        nodes, silent = self.evidence.nodes, self.evidence.silent
        return verdict.combined, tuple(ties(self.policy, self.columns, nodes, silent, left, right, verdict))


def _with_themselves(
    candidates: tuple[Ints, Ints], several: Mapping[int, Sequence[int]]
) -> tuple[Ints, Ints]:
    """The pairs of nodes, and beside them each node that several units share with itself."""
    left, right = candidates
    itself = np.array(sorted(node for node, holders in several.items() if len(holders) > 1), np.int64)
    return np.append(left, itself), np.append(right, itself)


def _edges(
    weigher: _Weigher, several: Mapping[int, Sequence[int]], spread: Spread
) -> tuple[tuple[Ints, Ints, Ints], Sequence[Tie]]:
    """Those of the pairs of nodes that reach the edge threshold, as pairs of units with their weight.

    `several` are the units of each node. Pairs of nodes that are related come beside them.
    """
    left, right = weigher.left, weigher.right
    if len(left) > CHUNK:
        weigher.columns.make_ready()
    weights, met = [left[:0]], list[Tie]()
    for weight, related in spread(weigher.weigh, range(0, len(left), CHUNK)):
        weights.append(weight)
        met.extend(related)
    weight = np.concatenate(weights)
    strong = weight >= weigher.policy.edge_weight
    pairs = [
        (min(a, b), max(a, b), w)
        for one, other, w in zip(
            left[strong].tolist(), right[strong].tolist(), weight[strong].tolist(), strict=True
        )
        for a in several.get(one, ())
        for b in several.get(other, ())
        if (a < b if one == other else True)
    ]
    table = np.array(pairs, np.int64).reshape(-1, 3)
    return (table[:, 0], table[:, 1], table[:, 2]), met


def _sharing(units: Sequence[Unit]) -> Mapping[int, list[int]]:
    holders: dict[int, list[int]] = {}
    for number, unit in enumerate(units):
        holders.setdefault(unit.node, []).append(number)
    return holders


def _components(
    model: Model, policy: Policy, columns: Columns, graph: _Graph, evidence: Evidence, spread: Spread
) -> list[Component]:
    groups = _groups(graph)
    drafts = [
        _Draft(group, *_inside(graph, group_edges), verdicts) for group, group_edges, verdicts in groups
    ]
    parts = [
        (draft, part)
        for draft in drafts
        for part in components.fitting_parts(policy, draft.units, draft.left, draft.right, draft.weight)
        if len(part) > 1
    ]
    for draft, part in parts:
        if len(part) > policy.component_limit:
            draft.whole = False
            draft.take(graph, part, _compelled_only(part, draft.verdicts))
    fitting = [(draft, part) for draft, part in parts if len(part) <= policy.component_limit]
    chunks = list(_chunks(fitting))
    clustering = _Clusterer(model, policy, columns, evidence, _nodes_of(graph), chunks)
    for chunk, clusterings in zip(chunks, spread(clustering.cluster, range(len(chunks))), strict=True):
        for (draft, part), found in zip(chunk, clusterings, strict=True):
            draft.take(graph, part, found)
    return [draft.component(graph) for draft in drafts]


def _nodes_of(graph: _Graph) -> Ints:
    return np.array([unit.node for unit in graph.units], np.int64)


@dataclass(frozen=True, slots=True)
class _Clusterer:
    """All that parts of components are clustered with, and the parts, so that only a number is handed on."""

    model: Model
    policy: Policy
    columns: Columns
    evidence: Evidence
    nodes_of: Ints
    chunks: Sequence[Sequence[tuple[_Draft, Ints]]]

    def cluster(self, number: int) -> list[Clustering]:
        """The customers among the units of each part of a chunk."""
        chunk = self.chunks[number]
        nodes = [self.nodes_of[part] for _, part in chunk]
        found = []
        for (draft, part), own, compared in zip(chunk, nodes, _squares(self.columns, nodes), strict=True):
            limits = self.policy.limits
            bonds = find_bonds(self.evidence.nodes, own.tolist(), part.tolist(), draft.verdicts, limits)
            found.append(cluster(self.model, self.policy, compared, bonds))
        return found


def _groups(graph: _Graph) -> list[tuple[Ints, Ints, Verdicts]]:
    """The units, the edges and the judgements of each component."""
    together = np.array(graph.verdicts.together, np.int64).reshape(-1, 2)
    # Units of one node belong to one component, though no edge may join them: a component is what a
    # store reads and writes whole, and it holds nodes.
    first: dict[int, int] = {}
    same = np.array(
        [first.setdefault(unit.node, number) for number, unit in enumerate(graph.units)], np.int64
    )
    labels = components.label(
        len(graph.units),
        np.concatenate([graph.left, together[:, 0], np.arange(len(same))]),
        np.concatenate([graph.right, together[:, 1], same]),
    )
    edge_label = labels[graph.left]
    order = np.argsort(edge_label, kind="stable")
    groups = components.members(labels)
    bounds = np.searchsorted(edge_label[order], np.arange(len(groups) + 1))
    verdicts = _by_label(labels, graph.verdicts)
    return [
        (group, order[bounds[number] : bounds[number + 1]], verdicts.get(number, Verdicts((), ())))
        for number, group in enumerate(groups)
    ]


def _by_label(labels: Ints, verdicts: Verdicts) -> Mapping[int, Verdicts]:
    """Judgements by component; one that speaks of two components keeps them apart already."""
    found: dict[int, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
    for row, pairs in enumerate(verdicts):
        for a, b in pairs:
            if labels[a] == labels[b]:
                found.setdefault(int(labels[a]), ([], []))[row].append((a, b))
    return {number: Verdicts(tuple(together), tuple(apart)) for number, (together, apart) in found.items()}


def _inside(graph: _Graph, edges: Ints) -> tuple[Ints, Ints, Ints]:
    return graph.left[edges], graph.right[edges], graph.weight[edges]


class _Draft:
    """A component on its way: its units, its edges with the must-links among them, and what was found."""

    def __init__(self, units: Ints, left: Ints, right: Ints, weight: Ints, verdicts: Verdicts) -> None:
        must = np.array(verdicts.together, np.int64).reshape(-1, 2)
        self.units = units
        self.left = np.append(left, must[:, 0])
        self.right = np.append(right, must[:, 1])
        self.weight = np.append(weight, np.full(len(must), components.UNBREAKABLE))
        self.verdicts = verdicts
        self.leader = units.copy()
        self.joins: list[Link] = []
        self.doubts: list[Link] = []
        self.whole = True

    def take(self, graph: _Graph, part: Ints, clustering: Clustering) -> None:
        """Note what clustering found of a part."""
        self.leader[np.searchsorted(self.units, part)] = part[list(clustering.leader)]
        keys = [graph.units[unit].records[0] for unit in part.tolist()]
        self.joins.extend(
            Link(keys[j.left], keys[j.right], j.weight, "match", j.parts) for j in clustering.joins
        )
        self.doubts.extend(
            Link(keys[d.left], keys[d.right], d.weight, d.reason, d.parts) for d in clustering.doubts
        )

    def component(self, graph: _Graph) -> Component:
        """What it has become."""
        customers: dict[int, list[RecordKey]] = {}
        for unit, head in zip(self.units.tolist(), self.leader.tolist(), strict=True):
            customers.setdefault(head, []).extend(graph.units[unit].records)
        return Component(
            tuple(sorted({graph.units[unit].node for unit in self.units.tolist()})),
            tuple(sorted(tuple(sorted(records)) for records in customers.values())),
            tuple(self.joins),
            tuple(self.doubts),
            self.whole,
        )


def _compelled_only(part: Ints, verdicts: Verdicts) -> Clustering:
    place = {unit: n for n, unit in enumerate(part.tolist())}
    inside = [(place[a], place[b]) for a, b in verdicts.together if a in place and b in place]
    pairs = np.array(inside, np.int64).reshape(-1, 2)
    labels = components.label(len(part), pairs[:, 0], pairs[:, 1])
    _, first = np.unique(labels, return_index=True)
    return Clustering(tuple(first[labels].tolist()), tuple(Join(a, b, 0, ()) for a, b in inside), ())


def _squares(columns: Columns, parts: Sequence[Ints]) -> Iterator[Compared]:
    """For each part every pair of its nodes compared."""
    singles = {name: columns.single(name) for name in MEANS}
    vague = {name: columns.vague(name) for name in MEANS}
    corners = [np.triu_indices(len(nodes), 1) for nodes in parts]
    left = np.concatenate([nodes[upper] for nodes, (upper, _) in zip(parts, corners, strict=True)])
    right = np.concatenate([nodes[lower] for nodes, (_, lower) in zip(parts, corners, strict=True)])
    pairs = columns.pairs(left, right)
    start = 0
    for nodes in parts:
        stop = start + len(nodes) * (len(nodes) - 1) // 2
        values = {name: single[nodes].tolist() for name, single in singles.items()}
        yield Compared(len(nodes), pairs[start:stop], values, vague)
        start = stop


def _chunks(fitting: Iterable[tuple[_Draft, Ints]]) -> Iterator[list[tuple[_Draft, Ints]]]:
    """Parts to be clustered, so many together as have few enough pairs to compare at once."""
    chunk: list[tuple[_Draft, Ints]] = []
    pairs = 0
    for draft, part in fitting:
        if chunk and pairs + len(part) ** 2 // 2 > CHUNK // 4:
            yield chunk
            chunk, pairs = [], 0
        chunk.append((draft, part))
        pairs += len(part) ** 2 // 2
    if chunk:
        yield chunk
