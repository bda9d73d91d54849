"""Two opinions on who is who: the clusters of another tool beside ours, neither of them the truth.

Where the other tool puts together what we keep apart, three cases are told apart, for *we did not join
them* is no proof: something speaks against it; we are unsure ourselves; or nothing is known that would
join them. Where it keeps apart what we join, the evidence is what joined them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.model import IdentifierKind, PartyType, RecordKey
from resolver.evaluate.measures import Ints
from resolver.match.columns import Columns
from resolver.match.model import Model
from resolver.match.weigh import DIFFERS, ROW, TELLING
from resolver.normalise.features import Features, Place
from resolver.resolve.explain import Comparison, compare_customers
from resolver.resolve.partition import Evidence
from resolver.resolve.settings import Policy

SIDE: Final = 40
"""Nodes of a side that are compared for an example."""
GLANCE: Final = 8
"""Nodes of a side that are looked at where all differences are, and not a few examples."""
CROWD: Final = 6
"""Groups up to which each is held against each; of more, each against the largest."""
CHUNK: Final = 200_000
"""Pairs that are weighed at once, so that memory stays bounded."""
SHORTLIST: Final = 2
"""How many times as many examples are compared in full as are told."""

Group = tuple[str, str]
"""One of their clusters and one of our customers: the records that both have."""


class Dispute(NamedTuple):
    """Two groups of records, as places, on which the opinions differ, compared as customers.

    `theirs` are the clusters in question, one where the other tool joins them; `ours` the customers.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    comparison: Comparison


class Extent(NamedTuple):
    """How far a difference goes: clusters of theirs, customers of ours, and their records in question."""

    clusters: int
    customers: int
    records: int


@dataclass(frozen=True, slots=True)
class Opinions:
    """What two groupings of the same records differ in.

    `contradicted`: clusters that hold several of our customers although something tells two of these
    apart; `doubted`: the same, but we are unsure too; `unproven`: the same, and nothing is known that
    would join them. `missed`: customers of ours that are in several of their clusters; `merges` is how
    many merges would bring these together. `wrong` and `overlooked` are examples of the first and the
    last, the strongest evidence first.
    """

    records: int
    clusters: int
    customers: int
    agreed: int
    contradicted: Extent
    doubted: Extent
    unproven: Extent
    missed: Extent
    merges: int
    wrong: tuple[Dispute, ...]
    overlooked: tuple[Dispute, ...]


def opinions(
    model: Model,
    policy: Policy,
    evidence: Evidence,
    keys: Sequence[RecordKey],
    ours: Sequence[str],
    theirs: Sequence[str],
    unsure: AbstractSet[frozenset[str]],
    *,
    most: int = 25,
) -> Opinions:
    """Hold their clusters against our customers, record by record.

    Args:
        model: what weighs evidence.
        policy: whose limits hold.
        evidence: what our customers were made of.
        keys: the records; a place is one in this order.
        ours: the customer of each.
        theirs: the cluster of each.
        unsure: pairs of our customers that we suggest to join.
        most: how many examples of either kind are told, of a cluster or a customer one only.

    Raises:
        KeyError: there is no evidence of a record.
    """
    node = dict(evidence.records)
    held: dict[Group, list[int]] = defaultdict(list)
    for place, group in enumerate(zip(theirs, ours, strict=True)):
        held[group].append(place)
    sides = _Sides(model, policy, evidence, [node[key] for key in keys], held)
    by_cluster, by_customer = _sharing(held, 0), _sharing(held, 1)
    together = [pair for groups in by_cluster.values() for pair in _paired(groups, held)]
    objections = sides.objections(together)
    contradicted = {
        pair: found for pair, found in zip(together, objections.tolist(), strict=True) if found < 0
    }
    apart = [pair for groups in by_customer.values() for pair in _paired(groups, held)]
    weight = dict(zip(apart, sides.weights(apart).tolist(), strict=True))
    wrong = {pair[0][0] for pair in contradicted}
    doubted = {pair[0][0] for pair in together if frozenset((pair[0][1], pair[1][1])) in unsure} - wrong
    unproven = by_cluster.keys() - wrong - doubted
    return Opinions(
        records=len(keys),
        clusters=len({cluster for cluster, _ in held}),
        customers=len({customer for _, customer in held}),
        agreed=_agreed(held, by_cluster, by_customer),
        contradicted=_extent(held, {group for pair in contradicted for group in pair}),
        doubted=_extent(held, (group for cluster in doubted for group in by_cluster[cluster])),
        unproven=_extent(held, (group for cluster in unproven for group in by_cluster[cluster])),
        missed=_extent(held, (group for groups in by_customer.values() for group in groups)),
        merges=sum(len(groups) - 1 for groups in by_customer.values()),
        wrong=sides.wrong(contradicted, most),
        overlooked=sides.overlooked(weight, most),
    )


def _sharing(held: Iterable[Group], part: int) -> Mapping[str, list[Group]]:
    """Groups of each cluster (part 0) or customer (part 1) that has several."""
    found: dict[str, list[Group]] = defaultdict(list)
    for group in held:
        found[group[part]].append(group)
    return {name: groups for name, groups in found.items() if len(groups) > 1}


def _paired(groups: Sequence[Group], held: Mapping[Group, Sequence[int]]) -> list[tuple[Group, Group]]:
    """Each with each; where there is a crowd of them, each with the largest."""
    ranked = sorted(groups, key=lambda group: (-len(held[group]), group))
    if len(ranked) <= CROWD:
        return list(combinations(ranked, 2))
    return [(ranked[0], other) for other in ranked[1:]]


def _agreed(held: Iterable[Group], *several: Mapping[str, list[Group]]) -> int:
    """Groups that are a whole cluster of theirs and a whole customer of ours."""
    disputed = {group for sharing in several for groups in sharing.values() for group in groups}
    return sum(group not in disputed for group in held)


def _extent(held: Mapping[Group, Sequence[int]], groups: Iterable[Group]) -> Extent:
    concerned = set(groups)
    return Extent(
        len({cluster for cluster, _ in concerned}),
        len({customer for _, customer in concerned}),
        sum(len(held[group]) for group in concerned),
    )


_NEVER: Final = np.iinfo(np.int64).min


class _Glance(NamedTuple):
    """Pairs of nodes, as places in `nodes`, with the number of the pair of groups that each is of."""

    pair: Ints
    left: Ints
    right: Ints
    nodes: Sequence[Features]
    columns: Columns

    def alien(self) -> NDArray[np.bool_]:
        """Which pairs are a person and an organisation."""
        person, firm = (
            np.array([node.party == kind for node in self.nodes], bool)
            for kind in (PartyType.PERSON, PartyType.ORGANISATION)
        )
        alien: NDArray[np.bool_] = (person[self.left] & firm[self.right]) | (
            firm[self.left] & person[self.right]
        )
        return alien


def _whole(node: Features) -> Features:
    return node


def _telling(node: Features) -> Features:
    """What tells people apart, and nothing else, since most of the time goes into the rest."""
    cards = tuple(value for value in node.values if value.identifier.kind in _CARDS)
    return replace(node, values=cards, place=Place(), attributes=(), compared_attributes=())


_CARDS: Final = frozenset({IdentifierKind.LOYALTY, IdentifierKind.GOVERNMENT})
"""Kinds of identifier of which people have one, so that another tells them apart."""


class _Sides:
    """Groups of records compared: at a glance all of them, in full the few that are told."""

    def __init__(
        self,
        model: Model,
        policy: Policy,
        evidence: Evidence,
        node: Sequence[int],
        held: Mapping[Group, Sequence[int]],
    ) -> None:
        self.model, self.policy, self.evidence, self.node, self.held = model, policy, evidence, node, held

    def objections(self, pairs: Sequence[tuple[Group, Group]]) -> Ints:
        """For each pair how strongly something tells the two apart, in 1/1000 bit, 0 where nothing does.

        The same thing must differ between all nodes of both that state it. A person is no organisation.
        """
        found = np.zeros(len(pairs), np.int64)
        for glance in self._glances(pairs, _telling):
            found[glance.pair[glance.alien()]] = DIFFERS
            weights = glance.columns.weights(glance.left, glance.right)
            for row in map(ROW.__getitem__, TELLING):
                best = np.full(len(pairs), _NEVER)
                there = weights.compared[row]
                np.maximum.at(best, glance.pair[there], weights.household[row][there])
                found += np.where((best <= DIFFERS) & (best > _NEVER), best, 0)
        return found

    def weights(self, pairs: Sequence[tuple[Group, Group]]) -> Ints:
        """For each pair the weight of the two nodes of it that are most alike, in 1/1000 bit."""
        found = np.full(len(pairs), _NEVER)
        for glance in self._glances(pairs, _whole):
            np.maximum.at(found, glance.pair, glance.columns.totals(glance.left, glance.right))
        return found

    def wrong(self, objections: Mapping[tuple[Group, Group], int], most: int) -> tuple[Dispute, ...]:
        """The pairs that the most speaks against, of each of their clusters one."""
        ranked = _first(sorted(objections, key=lambda pair: (objections[pair], pair)), 0, SHORTLIST * most)
        looked_at = [self._dispute(*pair) for pair in ranked]
        # Of a very large side more is compared here than at a glance, and it may explain the difference.
        told = [each for each in looked_at if each.comparison.limits or _against(each.comparison) < 0]
        told.sort(key=lambda each: (-len(each.comparison.limits), _against(each.comparison), each.left))
        return tuple(told[:most])

    def overlooked(self, weight: Mapping[tuple[Group, Group], int], most: int) -> tuple[Dispute, ...]:
        """The pairs that the most speaks for, of each of our customers one."""
        ranked = _first(sorted(weight, key=lambda pair: (-weight[pair], pair)), 1, SHORTLIST * most)
        told = [self._dispute(*pair) for pair in ranked]
        told.sort(key=lambda each: (-each.comparison.weight, each.left))
        return tuple(told[:most])

    def _glances(
        self, pairs: Sequence[tuple[Group, Group]], part: Callable[[Features], Features]
    ) -> Iterator[_Glance]:
        """Pairs of groups, node by node, a part of what is known compared; those of one are never in two."""
        chunk: list[tuple[int, int, int]] = []
        for number, sides in enumerate(pairs):
            left, right = (self._nodes(group, GLANCE) for group in sides)
            chunk.extend((number, one, other) for one, other in product(left, right))
            if len(chunk) >= CHUNK or number == len(pairs) - 1:
                pair, left_node, right_node = np.array(chunk, np.int64).T
                used, places = np.unique(np.concatenate([left_node, right_node]), return_inverse=True)
                nodes = [part(self.evidence.nodes[node]) for node in used.tolist()]
                columns = Columns(self.model, nodes, self.evidence.silent)
                yield _Glance(pair, places[: len(pair)], places[len(pair) :], nodes, columns)
                chunk = []

    def _nodes(self, group: Group, most: int) -> list[int]:
        return sorted({self.node[place] for place in self.held[group]})[:most]

    def _dispute(self, left: Group, right: Group) -> Dispute:
        one, other = (
            [self.evidence.nodes[node] for node in self._nodes(group, SIDE)] for group in (left, right)
        )
        return Dispute(
            tuple(self.held[left]),
            tuple(self.held[right]),
            tuple(dict.fromkeys((left[0], right[0]))),
            tuple(dict.fromkeys((left[1], right[1]))),
            compare_customers(self.model, self.evidence.silent, one, other, self.policy.limits),
        )


def _first(pairs: Iterable[tuple[Group, Group]], part: int, most: int) -> list[tuple[Group, Group]]:
    """The first pair of each cluster (part 0) or customer (part 1), at most so many."""
    found: dict[str, tuple[Group, Group]] = {}
    for pair in pairs:
        if len(found) == most:
            break
        found.setdefault(pair[0][part], pair)
    return list(found.values())


def _against(comparison: Comparison) -> int:
    """How strongly what tells people apart speaks against one person, in 1/1000 bit, 0 or less."""
    telling = (each.household for each in comparison.attributes if each.attribute in TELLING)
    return sum(household for household in telling if household < 0)
