"""The partition of records into customers: one pure function, for a stream, an import and a file alike.

    nodes -> candidates -> pair weights -> edges -> components -> customers

Its answer for some components does not depend on which others it is given, so a change may hand it the
components that it reaches, and an import all there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


def partition(model: Model, policy: Policy, evidence: Evidence, *, related: bool = False) -> Partition:
    """Records into customers: a function of records, model, policy, judgements and silence alone.

    `related`: tell who is related too.
    """
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
    met: list[Tie] | None = [] if related else None
    left, right, weight = _edges(policy, columns, units, evidence, met)
    graph = _Graph(units, verdicts, left, right, weight)
    found = tuple(_components(model, policy, columns, graph, evidence))
    return Partition(found, tuple(visitors), tuple(met or ()))


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


def _edges(
    policy: Policy, columns: Columns, units: Sequence[Unit], evidence: Evidence, met: list[Tie] | None
) -> tuple[Ints, Ints, Ints]:
    """Pairs of units that share a live blocking key and reach the edge threshold, with their weight.

    Pairs of nodes that are related are put into `met`, where there is one.
    """
    left, right = candidate_pairs(evidence.blocks, evidence.silent)
    several = _sharing(units)
    itself = np.array(sorted(node for node, holders in several.items() if len(holders) > 1), np.int64)
    left, right = np.append(left, itself), np.append(right, itself)
    weights = [left[:0]]
    for at in range(0, len(left), CHUNK):
        pairs_ = left[at : at + CHUNK], right[at : at + CHUNK]
        verdict = columns.verdicts(*pairs_)
        weights.append(verdict.combined)
        if met is not None:
            met.extend(ties(policy, columns, evidence.nodes, evidence.silent, *pairs_, verdict))
    weight = np.concatenate(weights)
    strong = weight >= policy.edge_weight
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
    return table[:, 0], table[:, 1], table[:, 2]


def _sharing(units: Sequence[Unit]) -> Mapping[int, list[int]]:
    holders: dict[int, list[int]] = {}
    for number, unit in enumerate(units):
        holders.setdefault(unit.node, []).append(number)
    return holders


def _components(
    model: Model, policy: Policy, columns: Columns, graph: _Graph, evidence: Evidence
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
    nodes_of = np.array([unit.node for unit in graph.units], np.int64)
    squares = _squares(columns, [nodes_of[part] for _, part in fitting])
    for (draft, part), compared in zip(fitting, squares, strict=True):
        bonds = find_bonds(
            evidence.nodes, nodes_of[part].tolist(), part.tolist(), draft.verdicts, policy.limits
        )
        draft.take(graph, part, cluster(model, policy, compared, bonds))
    return [draft.component(graph) for draft in drafts]


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
    for chunk in _chunks(parts):
        corners = [np.triu_indices(len(nodes), 1) for nodes in chunk]
        left = np.concatenate([nodes[upper] for nodes, (upper, _) in zip(chunk, corners, strict=True)])
        right = np.concatenate([nodes[lower] for nodes, (_, lower) in zip(chunk, corners, strict=True)])
        pairs = columns.pairs(left, right)
        start = 0
        for nodes in chunk:
            stop = start + len(nodes) * (len(nodes) - 1) // 2
            values = {name: single[nodes].tolist() for name, single in singles.items()}
            yield Compared(len(nodes), pairs[start:stop], values, vague)
            start = stop


def _chunks(parts: Sequence[Ints]) -> Iterator[list[Ints]]:
    chunk: list[Ints] = []
    pairs = 0
    for nodes in parts:
        if chunk and pairs + len(nodes) ** 2 // 2 > CHUNK:
            yield chunk
            chunk, pairs = [], 0
        chunk.append(nodes)
        pairs += len(nodes) ** 2 // 2
    if chunk:
        yield chunk
