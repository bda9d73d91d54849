"""Examples of an answer: a few merges and doubts, each explained as clustering saw it.

Chosen from the pairs first, and only the chosen are compared: of a million rows a page takes no longer
than of a thousand. Nothing is drawn: the same answer gives the same examples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest, nsmallest
from typing import Final, NamedTuple, TypeVar

from graph.model import RecordKey
from resolver.batch.dedupe import SUGGESTED, Weighed
from resolver.normalise.features import Features
from resolver.report.register import Register
from resolver.resolve.explain import Comparison, compare_customers
from resolver.resolve.settings import Policy

Item = TypeVar("Item")

SIDE: Final = 40
"""Nodes of a side that are compared: an example is read, and customers may have thousands."""
POOL: Final = 10_000
"""Merges among which the surprising ones are looked for."""
ROWS: Final = 2
"""Records of a side that are shown."""
CLEAR: Final = 5
SURPRISING: Final = 12
NARROW: Final = 8
DOUBTS: Final = 12
"""Examples of each sort; of doubts so many for each reason."""
SPARE: Final = 8
"""How many times as many are ranked, of which those of one customer are passed over."""


class Case(NamedTuple):
    """Two sides compared; `left` and `right` are records of each that tell the most, `more` counts others."""

    left: tuple[RecordKey, ...]
    right: tuple[RecordKey, ...]
    more: int
    comparison: Comparison
    decision: str


class Duplicates(NamedTuple):
    """Merges: the clearest, those whose rows look least alike, those nearest to not being made."""

    clear: tuple[Case, ...]
    surprising: tuple[Case, ...]
    narrow: tuple[Case, ...]


def duplicates(register: Register, policy: Policy) -> Duplicates:
    """Some merges of each sort, of a customer one only."""
    merges = [pair for pair in register.result.pairs if pair.decision == "match"]
    taken: set[str] = set()
    narrow = _distinct(register, nsmallest(SPARE * NARROW, merges, key=_by_weight), taken, NARROW)
    pool = merges[:: max(1, -(-len(merges) // POOL))]
    surprising = _distinct(register, _surprising(register, pool), taken, SURPRISING)
    clear = _distinct(register, nlargest(SPARE * CLEAR, merges, key=_by_weight), taken, CLEAR)
    sides = _sides_when_joined(register, merges, [*clear, *surprising, *narrow])
    return Duplicates(
        *(
            tuple(case(register, policy, *sides[pair.left, pair.right], pair.decision) for pair in chosen)
            for chosen in (clear, surprising, narrow)
        )
    )


def doubts(register: Register, policy: Policy) -> Mapping[str, tuple[Case, ...]]:
    """By the reason why they were not merged, pairs of customers that may be one, the likeliest first.

    They stand for all: from the likeliest to the least likely at equal steps.
    """
    unsure: dict[str, dict[tuple[str, ...], Weighed]] = {}
    suggested = (pair for pair in register.result.pairs if pair.decision in SUGGESTED)
    for pair in sorted(suggested, key=_by_weight, reverse=True):
        both = tuple(sorted((register.customer[pair.left], register.customer[pair.right])))
        unsure.setdefault(pair.decision, {}).setdefault(both, pair)
    chosen = {decision: _spread(list(found.items()), DOUBTS) for decision, found in sorted(unsure.items())}
    members = register.members({name for found in chosen.values() for both, _ in found for name in both})
    return {
        decision: tuple(
            case(
                register,
                policy,
                _first(pair.left, members[register.customer[pair.left]]),
                _first(pair.right, members[register.customer[pair.right]]),
                decision,
            )
            for _, pair in found
        )
        for decision, found in chosen.items()
    }


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """The first, the last, and others at equal steps between them."""
    steps = min(most, len(items))
    return [items[at * (len(items) - 1) // max(steps - 1, 1)] for at in range(steps)]


def case(
    register: Register, policy: Policy, left: Sequence[RecordKey], right: Sequence[RecordKey], decision: str
) -> Case:
    """Two groups of records compared as customers, with the records of each that the other is most like."""
    result = register.result
    one, other = register.nodes(left, SIDE), register.nodes(right, SIDE)
    comparison = compare_customers(result.model, result.evidence.silent, one, other, policy.limits)
    return shown(register, left, right, comparison, decision)


def shown(
    register: Register,
    left: Sequence[RecordKey],
    right: Sequence[RecordKey],
    comparison: Comparison,
    decision: str = "",
) -> Case:
    """A comparison of two groups of records, with the records of each that the other is most like."""
    one, other = register.nodes(left, SIDE), register.nodes(right, SIDE)
    sides = _telling(register, left, other), _telling(register, right, one)
    return Case(*sides, len(left) + len(right) - sum(map(len, sides)), comparison, decision)


def _telling(
    register: Register, side: Sequence[RecordKey], others: Collection[Features]
) -> tuple[RecordKey, ...]:
    """The records of a side that have the most in common with the other, each what those before have not."""
    open_ = set().union(*(_traits(each) for each in others))
    left = {key: _traits(register.features(key)) for key in side[:SIDE]}
    chosen: list[RecordKey] = []
    while left and len(chosen) < ROWS:
        best = min(left, key=lambda key: (-len(open_ & left[key]), -len(left[key]), key))
        open_ -= left[best]
        chosen.append(best)
        del left[best]
    return tuple(chosen)


def _first(key: RecordKey, records: Sequence[RecordKey]) -> list[RecordKey]:
    """The records of a customer, this one first, so that it is among those compared."""
    return [key, *(each for each in records if each != key)]


def _by_weight(pair: Weighed) -> tuple[int, RecordKey, RecordKey]:
    return pair.weight, pair.left, pair.right


def _distinct(register: Register, pairs: Iterable[Weighed], taken: set[str], most: int) -> list[Weighed]:
    """The first pairs, of each customer one and of those taken none."""
    found: list[Weighed] = []
    for pair in pairs:
        customer = register.customer[pair.left]
        if customer not in taken and len(found) < most:
            taken.add(customer)
            found.append(pair)
    return found


def _sides_when_joined(
    register: Register, merges: Iterable[Weighed], chosen: Iterable[Weighed]
) -> Mapping[tuple[RecordKey, RecordKey], tuple[list[RecordKey], list[RecordKey]]]:
    """The records on both sides of each chosen merge as they were before it: the merges are told in order.

    A record of equal evidence with one that merged is on its side.
    """
    wanted = {(pair.left, pair.right) for pair in chosen}
    concerned = {register.customer[left] for left, _ in wanted}
    group: dict[RecordKey, list[RecordKey]] = {}
    found = {}
    for pair in merges:
        if register.customer[pair.left] in concerned:
            left, right = (group.setdefault(key, [key]) for key in (pair.left, pair.right))
            if (pair.left, pair.right) in wanted:
                found[pair.left, pair.right] = (list(left), list(right))
            if left is not right:
                left.extend(right)
                group.update(dict.fromkeys(right, left))
    return found


# -- surprise -------------------------------------------------------------------------------------


def _surprising(register: Register, merges: Iterable[Weighed]) -> list[Weighed]:
    """Merges by how much their rows differ, those that differ alike one after the other in turn."""
    ranked: dict[tuple[str, ...], list[tuple[tuple[int, RecordKey, RecordKey], Weighed]]] = defaultdict(list)
    for pair in merges:
        differing = tuple(_differing(register.features(pair.left), register.features(pair.right)))
        if differing:
            ranked[differing].append((_by_weight(pair), pair))
    turns = [
        (-turn, len(differing), weight, pair)
        for differing, found in ranked.items()
        for turn, (weight, pair) in enumerate(nlargest(SURPRISING, found))
    ]
    return [pair for *_, pair in nlargest(SPARE * SURPRISING, turns)]


def _differing(left: Features, right: Features) -> Iterator[str]:
    """What both records state and state otherwise, whatever it may come to."""
    if left.name and right.name:
        tokens = {*right.name.given, *right.name.family}
        for part in ("given", "family"):
            one, other = getattr(left.name, part), getattr(right.name, part)
            if one and other and one != other:
                yield "turned" if tokens & set(one) else part
    for kind in ("phone", "email"):
        sides = [
            {value.identifier for value in each.values if value.identifier.kind == kind}
            for each in (left, right)
        ]
        if all(sides) and not sides[0] & sides[1]:
            yield kind
    if left.birth and right.birth and left.birth != right.birth:
        yield "birth"
    if left.place.postcode and right.place.postcode and left.place.postcode != right.place.postcode:
        yield "postcode"


def _traits(features: Features) -> set[object]:
    """All that a record states, piece by piece."""
    found: set[object] = {value.identifier for value in features.values}
    if features.name:
        found.update(("given", token) for token in features.name.given)
        found.update(("family", token) for token in features.name.family)
    found.update(
        (name, part) for name, part in (("birth", features.birth), ("place", features.place)) if part
    )
    return found
