"""The worst errors, as customers compared: who was taken for another, and who was not recognised.

An error is told between two groups of records and not two records, since customers are what clustering
compares: the evidence shown adds up to the weight that decided, not to that of some pair among many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from resolver.evaluate.candidates import Candidates, Items
from resolver.evaluate.measures import Ints
from resolver.match.model import Model
from resolver.resolve.explain import Comparison, compare_customers
from resolver.resolve.partition import Evidence
from resolver.resolve.settings import Policy

SHORTLIST: Final = 100
"""Errors that are compared in full; the list shown is the worst of these."""
SIDE: Final = 40
"""Nodes of a side that are compared: an example is read, and customers may have thousands."""

Group = tuple[int, int]
"""A customer and a person: the records of one that are the other's."""


class Error(NamedTuple):
    """Two groups of records, as places among the items, wrongly together or wrongly apart.

    `pairs` counts the pairs of records between them that are wrong. `met` is the weight, in 1/1000 bit,
    of the strongest candidate between them; None where they never met.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    pairs: int
    met: int | None
    comparison: Comparison


class Errors(NamedTuple):
    """The worst of each kind, the heaviest first, and how many there are of it.

    `merged`: two people in one customer. `missed`: two customers of one person that met as candidates.
    `unmet`: the same, but no record of the person in one shares a live blocking key with one in the
    other.
    """

    merged: tuple[Error, ...]
    missed: tuple[Error, ...]
    unmet: tuple[Error, ...]
    merged_count: int
    missed_count: int
    unmet_count: int


def worst_errors(
    model: Model,
    policy: Policy,
    evidence: Evidence,
    items: Items,
    person: Ints,
    candidates: Candidates,
    *,
    most: int = 10,
) -> Errors:
    """The `most` worst errors of each kind. `person` numbers who each item truly is."""
    groups = _groups(items.customer, person)
    met = _strongest(items, person, candidates)
    merged = list(_sharing(groups, 0))
    missed = list(_sharing(groups, 1))
    court = _Court(model, policy, evidence, items, groups, met)
    return Errors(
        merged=court.heaviest(merged, most),
        missed=court.heaviest([pair for pair in missed if pair in met], most),
        unmet=court.heaviest([pair for pair in missed if pair not in met], most),
        merged_count=len(merged),
        missed_count=sum(pair in met for pair in missed),
        unmet_count=sum(pair not in met for pair in missed),
    )


class _Court:
    """Two groups are compared with the whole of what was known."""

    def __init__(
        self,
        model: Model,
        policy: Policy,
        evidence: Evidence,
        items: Items,
        groups: dict[Group, list[int]],
        met: dict[tuple[Group, Group], int],
    ) -> None:
        self.model, self.policy, self.evidence, self.items = model, policy, evidence, items
        self.groups, self.met = groups, met

    def heaviest(self, errors: Iterable[tuple[Group, Group]], most: int) -> tuple[Error, ...]:
        """The errors that look most like what they are not, the strongest candidates being looked at."""
        ranked = sorted(errors, key=lambda pair: (-self.met.get(pair, -(10**9)), -self._wrong(*pair), pair))
        told = [self._told(left, right) for left, right in ranked[:SHORTLIST]]
        told.sort(key=lambda error: (-error.comparison.weight, error.left, error.right))
        return tuple(told[:most])

    def _wrong(self, left: Group, right: Group) -> int:
        return len(self.groups[left]) * len(self.groups[right])

    def _told(self, left: Group, right: Group) -> Error:
        sides = [self.groups[left], self.groups[right]]
        nodes = [
            [self.evidence.nodes[node] for node in sorted(set(self.items.node[side].tolist()))[:SIDE]]
            for side in sides
        ]
        return Error(
            tuple(sides[0]),
            tuple(sides[1]),
            self._wrong(left, right),
            self.met.get((left, right)),
            compare_customers(
                self.model, self.evidence.silent, nodes[0], nodes[1], limits=self.policy.limits
            ),
        )


def _groups(customer: Ints, person: Ints) -> dict[Group, list[int]]:
    found: dict[Group, list[int]] = defaultdict(list)
    for item, group in enumerate(zip(customer.tolist(), person.tolist(), strict=True)):
        found[group].append(item)
    return dict(found)


def _sharing(groups: Iterable[Group], part: int) -> Iterator[tuple[Group, Group]]:
    """Pairs of groups of one customer (part 0) or of one person (part 1), the lesser group first."""
    shared: dict[int, list[Group]] = defaultdict(list)
    for group in groups:
        shared[group[part]].append(group)
    for held in shared.values():
        yield from combinations(sorted(held), 2)


def _strongest(items: Items, person: Ints, candidates: Candidates) -> dict[tuple[Group, Group], int]:
    """The greatest weight of a candidate between two groups that share a customer or a person."""
    held: dict[int, set[Group]] = defaultdict(set)
    for node, *group in zip(items.node.tolist(), items.customer.tolist(), person.tolist(), strict=True):
        held[node].add((group[0], group[1]))
    found: dict[tuple[Group, Group], int] = {}
    wrong = _erring(items, person, candidates)
    rows = (candidates.left[wrong], candidates.right[wrong], candidates.weight[wrong])
    for left, right, weight in zip(*(row.tolist() for row in rows), strict=True):
        for one in held[left]:
            for other in held[right]:
                if (one[0] == other[0]) != (one[1] == other[1]):
                    pair = (min(one, other), max(one, other))
                    found[pair] = max(weight, found.get(pair, weight))
    return found


def _erring(items: Items, person: Ints, candidates: Candidates) -> Ints:
    """The places of the candidates that may be wrongly together or apart: most are neither."""
    size = int(
        max(candidates.left.max(initial=0), candidates.right.max(initial=0), items.node.max(initial=0))
    )
    customer_of, person_of = np.full(size + 1, -1), np.full(size + 1, -1)
    customer_of[items.node], person_of[items.node] = items.customer, person
    mixed = np.zeros(size + 1, bool)
    odd = (customer_of[items.node] != items.customer) | (person_of[items.node] != person)
    mixed[items.node[odd]] = True
    left, right = candidates.left, candidates.right
    together, true = customer_of[left] == customer_of[right], person_of[left] == person_of[right]
    return np.flatnonzero((together != true) | mixed[left] | mixed[right])
