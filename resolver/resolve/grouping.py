"""Edges to customers: each component by itself, clustered from its units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graph.model import RecordKey
from resolver.match.columns import Columns
from resolver.match.model import Model
from resolver.match.section import Sections
from resolver.match.weigh import MEANS, Ints
from resolver.resolve import components
from resolver.resolve.bonds import find_bonds
from resolver.resolve.cluster import Clustering, Compared, Doubt, Join, Part, cluster
from resolver.resolve.edges import CHUNK, Edges, Spread
from resolver.resolve.settings import Policy
from resolver.resolve.units import Unit, Verdicts

AT_ONCE = CHUNK // 4
"""Pairs of units that are compared at once while components are clustered."""


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


def group(
    model: Model,
    policy: Policy,
    sections: Sections,
    units: Sequence[Unit],
    verdicts: Verdicts,
    edges: Edges,
    spread: Spread,
) -> Iterator[Component]:
    """All components, in order of their least unit, with the customers that each falls into."""
    drafts = list(_drafts(units, verdicts, edges))
    several = [draft for draft in drafts if len(draft.units) > 1]
    chunks = list(_chunks([len(draft.units) for draft in several], policy.component_limit))
    nodes_of = np.array([unit.node for unit in units], np.int64)
    clusterer = _Clusterer(model, policy, sections, nodes_of, several, chunks)
    found = (one for chunk in spread(clusterer.cluster, range(len(chunks))) for one in chunk)
    for draft in drafts:
        yield _component(units, draft, next(found) if len(draft.units) > 1 else _ALONE)


class _Draft(NamedTuple):
    """A component before it is clustered: its units, its edges, and the judgements among them."""

    units: Ints
    edges: Edges
    verdicts: Verdicts


def _drafts(units: Sequence[Unit], verdicts: Verdicts, edges: Edges) -> Iterator[_Draft]:
    together = np.array(verdicts.together, np.int64).reshape(-1, 2)
    # Units of one node belong to one component, though no edge may join them: a component is what a
    # store reads and writes whole, and it holds nodes.
    first: dict[int, int] = {}
    same = np.array([first.setdefault(unit.node, number) for number, unit in enumerate(units)], np.int64)
    labels = components.label(
        len(units),
        np.concatenate([edges.left, together[:, 0], np.arange(len(same))]),
        np.concatenate([edges.right, together[:, 1], same]),
    )
    edge_label = labels[edges.left]
    order = np.argsort(edge_label, kind="stable")
    groups = components.members(labels)
    bounds = np.searchsorted(edge_label[order], np.arange(len(groups) + 1)).tolist()
    judged = _by_label(labels, verdicts)
    for number, members in enumerate(groups):
        inside = order[bounds[number] : bounds[number + 1]]
        own = Edges(*(column[inside] for column in edges)) if len(inside) else _UNJOINED
        yield _Draft(members, own, judged.get(number, _UNJUDGED))


def _by_label(labels: Ints, verdicts: Verdicts) -> Mapping[int, Verdicts]:
    """Judgements by component; one that speaks of two components keeps them apart already."""
    found: dict[int, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
    for row, pairs in enumerate(verdicts):
        for a, b in pairs:
            if labels[a] == labels[b]:
                found.setdefault(int(labels[a]), ([], []))[row].append((a, b))
    return {number: Verdicts(tuple(together), tuple(apart)) for number, (together, apart) in found.items()}


def _chunks(sizes: Iterable[int], limit: int) -> Iterator[range]:
    """Components in a row, so many together as have few enough pairs to compare."""
    start = stop = pairs = 0
    for size in sizes:
        # What is larger falls into parts, and is compared part by part.
        own = size * min(size, limit) // 2
        if stop > start and pairs + own > AT_ONCE:
            yield range(start, stop)
            start, pairs = stop, 0
        stop += 1
        pairs += own
    if stop > start:
        yield range(start, stop)


class _Found(NamedTuple):
    """What clustering made of a component: each unit's leader, and the links, all by number of unit."""

    leader: tuple[int, ...]
    joins: tuple[Join, ...]
    doubts: tuple[Doubt, ...]
    whole: bool


_ALONE = _Found((0,), (), (), True)
_UNJUDGED = Verdicts((), ())
_UNJOINED = Edges(*(np.zeros(0, np.int64) for _ in Edges._fields))


@dataclass(frozen=True, slots=True)
class _Clusterer:
    """All that components are clustered with, and the components, so that only a number is handed on."""

    model: Model
    policy: Policy
    sections: Sections
    nodes_of: Ints
    drafts: Sequence[_Draft]
    chunks: Sequence[range]

    def cluster(self, number: int) -> list[_Found]:
        """What each component of a chunk falls into."""
        drafts = [self.drafts[place] for place in self.chunks[number]]
        parts = [(draft, part) for draft in drafts for part in _parts(self.policy, draft) if len(part) > 1]
        found: dict[int, list[tuple[Ints, Clustering]]] = {}
        for draft, part, clustering in self._clustered(parts):
            found.setdefault(int(draft.units[0]), []).append((part, clustering))
        return [
            _joined(draft, found.get(int(draft.units[0]), ()), self.policy.component_limit)
            for draft in drafts
        ]

    def _clustered(self, parts: Sequence[tuple[_Draft, Ints]]) -> Iterator[tuple[_Draft, Ints, Clustering]]:
        fitting = []
        for draft, part in parts:
            if len(part) > self.policy.component_limit:
                yield draft, part, _compelled_only(part, draft.verdicts)
            else:
                fitting.append((draft, part))
        for few in _chunks([len(part) for _, part in fitting], self.policy.component_limit):
            yield from self._few(fitting[few.start : few.stop])

    def _few(self, parts: Sequence[tuple[_Draft, Ints]]) -> Iterator[tuple[_Draft, Ints, Clustering]]:
        nodes = [self.nodes_of[part] for _, part in parts]
        section = self.sections.holding(*nodes)
        places = [section.places(own) for own in nodes]
        squares = _squares(section.columns, places)
        for (draft, part), own, compared in zip(parts, places, squares, strict=True):
            limits = self.policy.limits
            bonds = find_bonds(section.nodes, own.tolist(), part.tolist(), draft.verdicts, limits)
            yield draft, part, cluster(self.model, self.policy, compared, bonds)


def _parts(policy: Policy, draft: _Draft) -> list[Ints]:
    """The units of a component, in parts of which each is clustered on its own."""
    must = np.array(draft.verdicts.together, np.int64).reshape(-1, 2)
    return components.fitting_parts(
        policy,
        draft.units,
        np.append(draft.edges.left, must[:, 0]),
        np.append(draft.edges.right, must[:, 1]),
        np.append(draft.edges.weight, np.full(len(must), components.UNBREAKABLE)),
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


def _joined(draft: _Draft, parts: Iterable[tuple[Ints, Clustering]], limit: int) -> _Found:
    """What was found of the parts of a component, as one; what no part holds stands alone."""
    leader = draft.units.copy()
    joins: list[Join] = []
    doubts: list[Doubt] = []
    whole = True
    for part, clustering in parts:
        units = part.tolist()
        whole &= len(units) <= limit
        leader[np.searchsorted(draft.units, part)] = part[list(clustering.leader)]
        joins.extend(
            join._replace(left=units[join.left], right=units[join.right]) for join in clustering.joins
        )
        doubts.extend(
            each._replace(left=units[each.left], right=units[each.right]) for each in clustering.doubts
        )
    return _Found(tuple(leader.tolist()), tuple(joins), tuple(doubts), whole)


def _component(units: Sequence[Unit], draft: _Draft, found: _Found) -> Component:
    if found is _ALONE:
        unit = units[int(draft.units[0])]
        return Component((unit.node,), (unit.records,), (), ())
    customers: dict[int, list[RecordKey]] = {}
    numbers = draft.units.tolist()
    for unit, head in zip(numbers, found.leader, strict=True):
        customers.setdefault(head, []).extend(units[unit].records)

    def key(unit: int) -> RecordKey:
        return units[unit].records[0]

    return Component(
        tuple(sorted({units[unit].node for unit in numbers})),
        tuple(sorted(tuple(sorted(records)) for records in customers.values())),
        tuple(Link(key(j.left), key(j.right), j.weight, "match", j.parts) for j in found.joins),
        tuple(Link(key(d.left), key(d.right), d.weight, d.reason, d.parts) for d in found.doubts),
        found.whole,
    )
