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
from resolver.match.weigh import MEANS, Ints, Saying
from resolver.resolve import components
from resolver.resolve.bonds import find_bonds
from resolver.resolve.cluster import Clustering, Compared, Doubt, Join, Part, cluster, parts_of
from resolver.resolve.edges import CHUNK, Edges, Spread
from resolver.resolve.settings import Policy
from resolver.resolve.units import Unit, Verdicts

AT_ONCE = CHUNK // 10
"""Pairs of units that are compared at once while components are clustered."""


class Link(NamedTuple):
    """A join or a doubt between customers, told by one record of each: the least of each side."""

    left: RecordKey
    right: RecordKey
    weight: int
    reason: str
    said: Saying

    @property
    def parts(self) -> tuple[Part, ...]:
        """What each attribute that counts says of the two; not asked of most links."""
        return parts_of(self.said)


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
    drafts, parts = _drafted(policy, units, verdicts, edges)
    # What is large takes longest: begun last, it would keep one hand busy while the others have nothing.
    parts.sort(key=lambda part: len(part.units), reverse=True)
    chunks = list(_chunks([len(part.units) for part in parts], policy.component_limit))
    nodes_of = np.array([unit.node for unit in units], np.int64)
    clusterer = _Clusterer(model, policy, sections, nodes_of, parts, chunks)
    found: dict[int, list[_Found]] = {}
    for number, answers in enumerate(spread(clusterer.cluster, range(len(chunks)))):
        for place, answer in zip(chunks[number], answers, strict=True):
            found.setdefault(parts[place].component, []).append(answer)
    for number, members in enumerate(drafts):
        yield _component(units, members.tolist(), found.pop(number, []))


class _Part(NamedTuple):
    """Units of one component, given by number, that are clustered by themselves, and its judgements."""

    component: int
    units: Ints
    verdicts: Verdicts


def _drafted(
    policy: Policy, units: Sequence[Unit], verdicts: Verdicts, edges: Edges
) -> tuple[list[Ints], list[_Part]]:
    """The units of each component, in order, and the parts of more than one unit that they fall into."""
    together = np.array(verdicts.together, np.int64).reshape(-1, 2)
    # Units of one node belong to one component, though no edge may join them: a component is what a
    # store reads and writes whole, and it holds nodes.
    first: dict[int, int] = {}
    same = np.array([first.setdefault(unit.node, number) for number, unit in enumerate(units)], np.int64)
    left, right = np.append(edges.left, together[:, 0]), np.append(edges.right, together[:, 1])
    weight = np.append(edges.weight, np.full(len(together), components.UNBREAKABLE))
    labels = components.label(len(units), np.append(left, np.arange(len(same))), np.append(right, same))
    drafts = components.members(labels)
    judged = _by_label(labels, verdicts)
    parts: list[_Part] = []
    for number, members in enumerate(drafts):
        if len(members) > policy.component_cap:
            inside = labels[left] == number
            fitting = components.fitting_parts(policy, members, left[inside], right[inside], weight[inside])
        else:
            fitting = [members]
        own = judged.get(number, _UNJUDGED)
        parts.extend(_Part(number, part, own) for part in fitting if len(part) > 1)
    return drafts, parts


def _by_label(labels: Ints, verdicts: Verdicts) -> Mapping[int, Verdicts]:
    """Judgements by component; one that speaks of two components keeps them apart already."""
    found: dict[int, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
    for row, pairs in enumerate(verdicts):
        for a, b in pairs:
            if labels[a] == labels[b]:
                found.setdefault(int(labels[a]), ([], []))[row].append((a, b))
    return {number: Verdicts(tuple(together), tuple(apart)) for number, (together, apart) in found.items()}


def _chunks(sizes: Iterable[int], limit: int) -> Iterator[range]:
    """Parts in a row, so many together as have few enough pairs to compare."""
    start = stop = pairs = 0
    for size in sizes:
        # What is larger is not compared.
        own = size * (size - 1) // 2 if size <= limit else AT_ONCE
        if stop > start and pairs + own > AT_ONCE:
            yield range(start, stop)
            start, pairs = stop, 0
        stop += 1
        pairs += own
    if stop > start:
        yield range(start, stop)


class _Found(NamedTuple):
    """What clustering made of a part: each unit's leader, and the links, all by number of unit.

    `whole` is False where it was too large to be clustered by weight.
    """

    leader: Mapping[int, int]
    joins: tuple[Join, ...]
    doubts: tuple[Doubt, ...]
    whole: bool


_UNJUDGED = Verdicts((), ())


@dataclass(frozen=True, slots=True)
class _Clusterer:
    """All that parts are clustered with, and the parts, so that only a number is handed on."""

    model: Model
    policy: Policy
    sections: Sections
    nodes_of: Ints
    parts: Sequence[_Part]
    chunks: Sequence[range]

    def cluster(self, number: int) -> list[_Found]:
        """What each part of a chunk falls into."""
        chunk = self.chunks[number]
        parts = self.parts[chunk.start : chunk.stop]
        limit = self.policy.component_limit
        # The largest come first.
        fitting = [part for part in parts if len(part.units) <= limit]
        larger = [
            _found(part, _compelled_only(part), whole=False) for part in parts if len(part.units) > limit
        ]
        return [*larger, *self._compared(fitting)]

    def _compared(self, parts: Sequence[_Part]) -> Iterator[_Found]:
        if not parts:
            return
        nodes = [self.nodes_of[part.units] for part in parts]
        section = self.sections.holding(*nodes)
        places = [section.places(own) for own in nodes]
        for part, own, compared in zip(parts, places, _squares(section.columns, places), strict=True):
            limits = self.policy.limits
            bonds = find_bonds(section.nodes, own.tolist(), part.units.tolist(), part.verdicts, limits)
            yield _found(part, cluster(self.model, self.policy, compared, bonds), whole=True)


def _found(part: _Part, clustering: Clustering, *, whole: bool) -> _Found:
    """The same by number of unit instead of place in the part."""
    units = part.units.tolist()
    return _Found(
        {unit: units[head] for unit, head in zip(units, clustering.leader, strict=True)},
        tuple(join._replace(left=units[join.left], right=units[join.right]) for join in clustering.joins),
        tuple(each._replace(left=units[each.left], right=units[each.right]) for each in clustering.doubts),
        whole,
    )


def _compelled_only(part: _Part) -> Clustering:
    place = {unit: n for n, unit in enumerate(part.units.tolist())}
    inside = [(place[a], place[b]) for a, b in part.verdicts.together if a in place and b in place]
    pairs = np.array(inside, np.int64).reshape(-1, 2)
    labels = components.label(len(place), pairs[:, 0], pairs[:, 1])
    _, first = np.unique(labels, return_index=True)
    return Clustering(tuple(first[labels].tolist()), tuple(Join(a, b, 0, {}) for a, b in inside), ())


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


def _component(units: Sequence[Unit], members: Sequence[int], found: Sequence[_Found]) -> Component:
    """The component of these units, of whose parts this was found; a unit of none stands alone."""
    if not found and len(members) == 1:
        alone = units[members[0]]
        return Component((alone.node,), (alone.records,), (), ())
    found = sorted(found, key=lambda each: (each.whole, min(each.leader)))
    leader = {unit: head for each in found for unit, head in each.leader.items()}
    customers: dict[int, list[RecordKey]] = {}
    for unit in members:
        customers.setdefault(leader.get(unit, unit), []).extend(units[unit].records)

    def key(unit: int) -> RecordKey:
        return units[unit].records[0]

    return Component(
        tuple(sorted({units[unit].node for unit in members})),
        tuple(sorted(tuple(sorted(records)) for records in customers.values())),
        tuple(
            Link(key(j.left), key(j.right), j.weight, "match", j.said) for each in found for j in each.joins
        ),
        tuple(
            Link(key(d.left), key(d.right), d.weight, d.reason, d.said) for each in found for d in each.doubts
        ),
        all(each.whole for each in found),
    )
