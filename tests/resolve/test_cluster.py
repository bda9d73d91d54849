"""Clustering against an oracle: the rules in plain words, every comparison made afresh at every step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.match.model import default_model
from resolver.match.weigh import (
    AGREES,
    ATTRIBUTES,
    DIFFERS,
    MEANS,
    TELLING,
    Attribute,
    Saying,
    combined,
    counted,
    differs,
)
from resolver.resolve.alone import SPEAKS
from resolver.resolve.cluster import Bonds, Compared, Pair, accounted, cluster
from resolver.resolve.settings import Policy

MODEL = default_model(10_000)
POLICY = Policy()
CHOOSY = Policy(never_alone=("name", "loyalty"))
ROW = {name: row for row, name in enumerate(ATTRIBUTES)}
LEVELS = st.sampled_from(
    [(19_500, 3_600), (14_600, 5_600), (9_000, 7_400), (-7_000, -7_000), (-2_000, -1_500)]
)

AVERAGED: tuple[Attribute, ...] = ("given", "birth")
BEST: tuple[Attribute, ...] = ("phone", "email", "loyalty")

Units = frozenset[int]


def said_of_units(compared: Compared) -> dict[tuple[int, int], Saying]:
    pairs = zip(combinations(range(compared.size), 2), compared.pairs, strict=True)
    return {place: pair.said for (one, other), pair in pairs for place in ((one, other), (other, one))}


def firm(
    table: dict[tuple[int, int], tuple[int, int]],
    one: Units,
    other: Units,
    values: Sequence[int],
    vague: frozenset[int],
) -> dict[tuple[int, int], tuple[int, int]]:
    """What firm values of each side say, where it has any that meets one of the other."""
    met = {(values[a], values[b]) for a, b in product(one, other)} & set(table)
    for side in (0, 1):
        met = {pair for pair in met if pair[side] not in vague} or met
    return {pair: table[pair] for pair in met}


def said_of(compared: Compared, one: Units, other: Units) -> Saying:
    """What two customers say of each other: the best, or what the values of the poorer meet on average."""
    units = said_of_units(compared)
    said: Saying = {}
    for name, row in ROW.items():
        if name not in MEANS:
            found = [units[pair][row] for pair in product(one, other) if row in units[pair]]
            if found:
                said[row] = max(found)
            continue
        values = compared.values[name]
        table = {(values[a], values[b]): saying[row] for (a, b), saying in units.items() if row in saying}
        table = firm(table, one, other, values, compared.vague[name])
        mine, theirs = ({values[u] for u in side} - {-1} for side in (one, other))
        sides = [
            [[table[a, b] for b in theirs if (a, b) in table] for a in mine],
            [[table[a, b] for a in mine if (a, b) in table] for b in theirs],
        ]
        best = [[max(met) for met in side if met] for side in sides]
        if any(best):
            fewest = min(map(len, best))
            means = [tuple(sum(each) // len(side) for each in zip(*side, strict=True)) for side in best]
            said[row] = max(mean for mean, side in zip(means, best, strict=True) if len(side) == fewest)
    return said


def disagrees(said: Saying, name: Attribute) -> bool:
    return ROW[name] in said and said[ROW[name]][1] <= DIFFERS


def agrees(said: Saying, name: Attribute) -> bool:
    return ROW[name] in said and said[ROW[name]][1] >= AGREES


def forbidden(pairs: frozenset[tuple[int, int]], one: Units, other: Units) -> bool:
    return any((min(a, b), max(a, b)) in pairs for a, b in product(one, other))


class Oracle:
    def __init__(self, compared: Compared, bonds: Bonds, policy: Policy = POLICY) -> None:
        self.compared = compared
        self.policy = policy
        self.barred = bonds.judged | bonds.limited | bonds.alien
        self.bonds = bonds
        self.clusters = {frozenset({unit}) for unit in range(compared.size)}
        self.torn: set[tuple[Units, Units, Units]] = set()

    def weight(self, one: Units, other: Units) -> int:
        return combined(MODEL, said_of(self.compared, one, other))

    def apart(self, x: Units, one: Units, other: Units) -> bool:
        if forbidden(self.barred, one, other):
            return True
        said = said_of(self.compared, one, other)
        if combined(MODEL, said) >= POLICY.possible_weight:
            return False
        sides = [said_of(self.compared, x, side) for side in (one, other)]
        return any(
            disagrees(said, name)
            and not any(disagrees(side, name) for side in sides)
            and not all(agrees(side, name) for side in sides)
            for name in TELLING
        )

    def refused(self, one: Units, other: Units) -> bool:
        """Whether a name, or a card, is all that speaks for one person, and may not merge alone."""
        said = {ATTRIBUTES[row]: s for row, (s, _) in counted(said_of(self.compared, one, other)).items()}
        speaking = {name for name, stranger in said.items() if stranger >= SPEAKS}
        single = speaking <= {"given", "family"} or speaking == {"loyalty"}
        return bool(self.policy.never_alone and speaking) and single

    def join(self, one: Units, other: Units) -> None:
        self.clusters = (self.clusters - {one, other}) | {one | other}
        self.torn = {triple for triple in self.torn if one not in triple and other not in triple}

    def strongest(self) -> tuple[int, Units, Units] | None:
        blocked = {frozenset({x, side}) for x, y, z in self.torn for side in (y, z)}
        found = [
            (-self.weight(one, other), min(one), min(other), one, other)
            for one, other in product(self.clusters, repeat=2)
            if min(one) < min(other)
            and not forbidden(self.barred, one, other)
            and not self.refused(one, other)
            and frozenset({one, other}) not in blocked
        ]
        best = min(found, key=lambda each: each[:3], default=None)
        return None if best is None or -best[0] < POLICY.merge_weight else (-best[0], best[3], best[4])

    def run(self) -> set[Units]:
        for a, b in sorted(self.bonds.compelled):
            one, other = (next(c for c in self.clusters if u in c) for u in (a, b))
            if one != other and not forbidden(self.bonds.alien, one, other):
                self.join(one, other)
        while best := self.strongest():
            weight, one, other = best
            floor = max(POLICY.merge_weight, weight - 3000)
            rivals = {
                (x, y, z)
                for x, y in ((one, other), (other, one))
                for z in self.clusters - {x, y}
                if self.weight(x, z) >= floor
                and not forbidden(self.barred, x, z)
                and not self.refused(x, z)
                and self.apart(x, y, z)
            }
            if rivals:
                self.torn |= rivals
            else:
                self.join(one, other)
        return self.clusters


@st.composite
def components(draw: st.DrawFn) -> tuple[Compared, Bonds]:
    size = draw(st.integers(2, 6))
    values = {name: draw(st.lists(st.integers(-1, 2), min_size=size, max_size=size)) for name in MEANS}
    tables = {
        name: {pair: draw(st.none() | LEVELS) for pair in ((a, b) for a in range(3) for b in range(a, 3))}
        for name in AVERAGED
    }
    pairs = []
    for one, other in combinations(range(size), 2):
        said: Saying = {}
        for name, table in tables.items():
            mine, theirs = sorted((values[name][one], values[name][other]))
            answer = table[mine, theirs] if mine >= 0 else None
            if answer is not None:
                said[ROW[name]] = answer
        for best in BEST:
            level = draw(st.none() | LEVELS)
            if level is not None:
                said[ROW[best]] = level
        pairs.append(Pair(said, combined(MODEL, said), differs(said)))
    some = st.frozensets(st.sampled_from(list(combinations(range(size), 2))), max_size=2)
    judged, limited, alien, compelled = (draw(some) for _ in range(4))
    bonds = Bonds(sorted(compelled - judged), judged, limited, alien)
    numbers = st.frozensets(st.integers(0, size - 1))
    vague = {name: draw(numbers) if name in AVERAGED else frozenset[int]() for name in MEANS}
    return Compared(size, pairs, values, vague), bonds


@settings(max_examples=120, deadline=None)
@given(components(), st.sampled_from((POLICY, CHOOSY)))
def test_clusters_are_those_of_the_oracle(drawn: tuple[Compared, Bonds], policy: Policy) -> None:
    compared, bonds = drawn
    leader = cluster(MODEL, policy, compared, bonds).leader
    found = {frozenset(u for u, head in enumerate(leader) if head == each) for each in set(leader)}
    assert found == Oracle(compared, bonds, policy).run()


@settings(max_examples=50, deadline=None)
@given(components())
def test_bonds_hold_inside_clusters(drawn: tuple[Compared, Bonds]) -> None:
    compared, bonds = drawn
    free = Bonds((), bonds.judged, bonds.limited, bonds.alien)
    leader = cluster(MODEL, POLICY, compared, free).leader
    assert all(leader[a] != leader[b] for a, b in bonds.judged | bonds.limited | bonds.alien)


@settings(max_examples=50, deadline=None)
@given(components())
def test_what_is_not_joined_and_likely_is_told(drawn: tuple[Compared, Bonds]) -> None:
    compared, bonds = drawn
    found = cluster(MODEL, POLICY, compared, bonds)
    heads = sorted(set(found.leader))
    sides = {head: frozenset(u for u, h in enumerate(found.leader) if h == head) for head in heads}
    likely = {
        (one, other)
        for one, other in combinations(heads, 2)
        if combined(MODEL, said_of(compared, sides[one], sides[other])) >= POLICY.possible_weight
        and not forbidden(bonds.alien, sides[one], sides[other])
    }
    assert {(doubt.left, doubt.right) for doubt in found.doubts} == likely


EQUAL, INITIAL, OTHER = (9_000, 7_000), (3_500, 3_400), (-5_000, -5_000)


def test_who_has_been_spelt_many_ways_is_met_by_the_spelling_that_fits() -> None:
    spellings = {(1, 9): EQUAL, (2, 9): OTHER, (3, 9): OTHER}
    assert accounted(spellings, frozenset()) == EQUAL
    assert accounted({(b, a): says for (a, b), says in spellings.items()}, frozenset()) == EQUAL


def test_a_value_never_borne_before_counts_against() -> None:
    assert accounted({(1, 8): EQUAL, (1, 9): OTHER, (2, 8): OTHER, (2, 9): OTHER}, frozenset()) == (
        2000,
        1000,
    )


def test_an_initial_does_not_stand_beside_the_name_that_it_is_short_for() -> None:
    said = {(1, 9): INITIAL, (2, 9): OTHER}
    assert accounted(said, frozenset({1})) == OTHER
    assert accounted(said, frozenset({1, 2})) == INITIAL
    assert accounted({}, frozenset({1})) is None


def test_who_has_been_called_both_is_not_torn_between_two_who_are_called_one() -> None:
    def pair(**weights: tuple[int, int]) -> Pair:
        said = {row: weights[name] for name, row in ROW.items() if name in weights}
        return Pair(said, combined(MODEL, said), differs(said))

    number = {name: [-1, -1, -1] for name in MEANS} | {"given": [0, 1, 2]}
    phone, apart = (19_500, 3_600), pair(given=OTHER)

    def doubts(given_: tuple[int, int]) -> list[str]:
        fits = pair(phone=phone, given=given_)
        compared = Compared(3, [fits, fits, apart], number, dict.fromkeys(MEANS, frozenset[int]()))
        return [doubt.reason for doubt in cluster(MODEL, POLICY, compared, Bonds()).doubts]

    assert doubts(INITIAL) == ["ambiguous", "ambiguous"]
    assert "ambiguous" not in doubts(EQUAL)
