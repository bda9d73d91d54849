"""Clustering one component into customers: strongest first, compared as customers, ties by record key.

Clusters are compared attribute by attribute over the values that both sides can compare, each
attribute once: for identifiers, of which people have several, the best agreement; for name, birth
date and place the values of the side that has fewer, each by the best that it meets on the other,
averaged. What cannot be compared counts neither for nor against, so a customer
of a hundred records attracts like one of two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import Final, NamedTuple

from resolver.match.model import MILLIBIT, Model
from resolver.match.weigh import (
    ATTRIBUTES,
    MEANS,
    Attribute,
    Pair,
    Saying,
    agrees_in,
    combined,
    counted,
    differences,
    differs,
    differs_in,
)
from resolver.resolve.alone import alone
from resolver.resolve.settings import Policy

Says = tuple[int, int]
"""What is said against strangers and against the household, in 1/1000 bit."""
Table = Mapping[int, Mapping[int, Says]]
"""What two distinct values of one attribute say, by one and the other; absent: not to be compared."""

_MEANS: Final = {ATTRIBUTES.index(name): name for name in MEANS}


class Part(NamedTuple):
    """What one attribute said when two clusters were compared, in 1/1000 bit."""

    attribute: Attribute
    stranger: int
    household: int


class Join(NamedTuple):
    """Two clusters became one: the least units of both, the weight that joined them, and what was said."""

    left: int
    right: int
    weight: int
    said: Saying


class Doubt(NamedTuple):
    """Two clusters that stay apart though they compare at or above the possible threshold."""

    left: int
    right: int
    weight: int
    reason: str
    said: Saying


@dataclass(frozen=True, slots=True)
class Clustering:
    """The clusters of one component, as the least unit of each unit's cluster, and what led to them."""

    leader: tuple[int, ...]
    joins: tuple[Join, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Bonds:
    """What is not a matter of weight, over the units of a component; pairs with the lesser unit first.

    `compelled`: pairs that a judgement joins. `judged`: pairs that one keeps apart. `limited`: pairs
    that a limit keeps apart. `alien`: a person and an organisation.
    """

    compelled: Sequence[tuple[int, int]] = ()
    judged: frozenset[tuple[int, int]] = frozenset()
    limited: frozenset[tuple[int, int]] = frozenset()
    alien: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Compared:
    """The units of one component compared with each other.

    `pairs` are in the order (0, 1), (0, 2), ... (1, 2), ...; `values` gives for each averaged attribute
    the number of each unit's distinct value, -1 for none, and `vague` the numbers of those that say too
    little to stand beside a firm one.
    """

    size: int
    pairs: Sequence[Pair]
    values: Mapping[Attribute, Sequence[int]]
    vague: Mapping[Attribute, frozenset[int]]


class _Clusters:
    """The state of a clustering: rows of pairs between live clusters, each named by its least unit."""

    def __init__(self, model: Model, compared: Compared, bonds: Bonds) -> None:
        size = compared.size
        self.model = model
        self.leader = list(range(size))
        self.rows: dict[int, dict[int, Pair]] = {unit: {} for unit in range(size)}
        for (left, right), pair in zip(_corner(size), compared.pairs, strict=True):
            self.rows[left][right] = self.rows[right][left] = pair
        self.bonds = {
            reason: _neighbours(pairs)
            for reason, pairs in (
                ("party", bonds.alien),
                ("judgement", bonds.judged),
                ("limit", bonds.limited),
            )
            if pairs
        }
        self.held = {
            row: [{value} if value >= 0 else set() for value in compared.values[name]]
            for row, name in _MEANS.items()
        }
        self.compared = compared
        self.tables: dict[int, Table] = {}

    def forbidden(self, one: int, other: int) -> str:
        """Why two clusters may not join, whatever their weight; empty where they may."""
        for reason, neighbours in self.bonds.items():
            if other in neighbours.get(one, ()):
                return reason
        return ""

    def absorb(self, keep: int, gone: int) -> None:
        """Make two clusters one and compare it anew with all others."""
        self.leader = [keep if head == gone else head for head in self.leader]
        grown = {row: held[keep] | held[gone] for row, held in self.held.items() if held[gone] - held[keep]}
        mine, theirs = self.rows[keep], self.rows.pop(gone)
        del mine[gone]
        for other, pair in theirs.items():
            if other != keep:
                mine[other] = self.rows[other][keep] = self._together(mine[other], pair, other, grown)
                del self.rows[other][gone]
        for row, values in grown.items():
            self.held[row][keep] = values
        for neighbours in self.bonds.values():
            for other in neighbours.pop(gone, set()) - {keep}:
                neighbours[other].discard(gone)
                neighbours[other].add(keep)
                neighbours.setdefault(keep, set()).add(other)
            neighbours.get(keep, set()).discard(gone)

    def _together(self, one: Pair, two: Pair, other: int, grown: Mapping[int, set[int]]) -> Pair:
        """What a cluster and the one that it takes in say together of another.

        `grown` are the values that they have together, of the attributes to which the latter adds some.
        """
        said = dict(one.said)
        for row, says in two.said.items():
            if row not in _MEANS and (row not in said or says > said[row]):
                said[row] = says
        for row, values in grown.items():
            mean = self._mean(row, values, self.held[row][other])
            if mean is not None:
                said[row] = mean
        if said == one.said:
            return one
        return Pair(said, combined(self.model, said), differs(said))

    def _mean(self, row: int, mine: set[int], theirs: set[int]) -> Says | None:
        """What the distinct values of two clusters say, those that can be compared."""
        if not (mine and theirs):
            return None
        table = self.tables.get(row)
        if table is None:
            table = self.tables[row] = _table(self.compared, row)
        vague = self.compared.vague[_MEANS[row]]
        few, many = (mine, theirs) if len(mine) < len(theirs) else (theirs, mine)
        if len(few) == 1:  # by far the most
            return _of_one(table.get(next(iter(few)), {}), many, vague)
        met = {(a, b): table[a][b] for a in few if a in table for b in many if b in table[a]}
        return accounted(met, vague)


def _of_one(known: Mapping[int, Says], others: Iterable[int], vague: frozenset[int]) -> Says | None:
    """What `accounted` tells where one side has one value, of which this is `known` about the other's."""
    met = [other for other in others if other in known]
    firm = [other for other in met if other not in vague] if len(met) > 1 else met
    return max((known[other] for other in firm or met), default=None)


def accounted(said: Mapping[tuple[int, int], Says], vague: frozenset[int]) -> Says | None:
    """What distinct values say together: those of the side that has fewer, by what the other knows of them.

    `said` has (stranger, household) by (value of the one side, value of the other). Each value counts by
    the best that it meets, averaged; where both sides have as many the better average stands. So a record
    that spells a name as a customer of many spellings has spelt it before agrees in full, and a value that
    the customer has never borne counts against. A `vague` value, which many would fit, is left out where
    its side has a firm one. Rounded toward minus infinity; None where nothing is compared.
    """
    if not said:
        return None
    if not vague.isdisjoint(chain.from_iterable(said)):
        said = _firmly(said, vague)
    mine: dict[int, Says] = {}
    theirs: dict[int, Says] = {}
    for (one, other), says in said.items():
        if one not in mine or says > mine[one]:
            mine[one] = says
        if other not in theirs or says > theirs[other]:
            theirs[other] = says
    if len(mine) == len(theirs):
        return max(_mean(mine), _mean(theirs))
    return _mean(min(mine, theirs, key=len))


def _firmly(said: Mapping[tuple[int, int], Says], vague: frozenset[int]) -> Mapping[tuple[int, int], Says]:
    """Only what firm values say, on each side that has one."""
    for side in (0, 1):
        firm = {values: says for values, says in said.items() if values[side] not in vague}
        said = firm or said
    return said


def _mean(best: Mapping[int, Says]) -> Says:
    if len(best) == 1:
        return next(iter(best.values()))
    stranger, household = zip(*best.values(), strict=True)
    return sum(stranger) // len(best), sum(household) // len(best)


@dataclass(slots=True)
class _Course:
    """One clustering on its way: what may be joined next, and who stands between two."""

    policy: Policy
    state: _Clusters
    joins: list[Join] = field(default_factory=list)
    waiting: list[tuple[int, int, int]] = field(default_factory=list)
    rivals: list[tuple[int, int, int]] = field(default_factory=list)

    def compel(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Join what judgements join, first of all; a person and an organisation not even then."""
        for left, right in sorted(pairs):
            keep, gone = sorted((self.state.leader[left], self.state.leader[right]))
            if keep != gone and self.state.forbidden(keep, gone) != "party":
                self._join(keep, gone)

    def run(self) -> None:
        """Join strongest first until nothing open reaches the merge threshold."""
        self.waiting = [
            (-pair.weight, left, right)
            for left, row in self.state.rows.items()
            for right, pair in row.items()
            if left < right and pair.weight >= self.policy.merge_weight
        ]
        heapify(self.waiting)
        while self.waiting:
            weight, keep, gone = heappop(self.waiting)
            pair = self.state.rows.get(keep, {}).get(gone)
            if pair is None or pair.weight != -weight or not self._open(keep, gone, pair):
                continue
            torn = list(self._torn(keep, gone, pair.weight))
            if torn:
                self.rivals.extend(torn)
                continue
            self._join(keep, gone)
            self._renew(keep, gone)

    def _join(self, keep: int, gone: int) -> None:
        pair = self.state.rows[keep][gone]
        self.joins.append(Join(keep, gone, pair.weight, pair.said))
        self.state.absorb(keep, gone)

    def _renew(self, keep: int, gone: int) -> None:
        """Look again at what the join has changed, and at those who were torn by one of the two."""
        for other, pair in self.state.rows[keep].items():
            self._wait(keep, other, pair)
        changed = [triple for triple in self.rivals if keep in triple or gone in triple]
        self.rivals = [triple for triple in self.rivals if keep not in triple and gone not in triple]
        for x, *rivals in changed:
            row = self.state.rows.get(x, {})
            for rival in rivals:
                if rival in row:
                    self._wait(x, rival, row[rival])

    def _wait(self, one: int, other: int, pair: Pair) -> None:
        if pair.weight >= self.policy.merge_weight:
            heappush(self.waiting, (-pair.weight, min(one, other), max(one, other)))

    def _open(self, one: int, other: int, pair: Pair) -> bool:
        return self._may(one, other, pair) and not any(
            x in {one, other} and ({one, other} <= {x, y} or {one, other} <= {x, z})
            for x, y, z in self.rivals
        )

    def _torn(self, keep: int, gone: int, weight: int) -> Iterator[tuple[int, int, int]]:
        """The rivals for which one of two clusters fits about equally, though they are known to differ.

        Each is (x, y, z): x reaches the merge threshold with y and with z within the policy's bits, and
        y and z are forbidden to join, or compare below the possible threshold and disagree in what
        tells people apart, while x says nothing of it. Merely having nothing in common does not make two
        customers different; and where x itself disagrees with one of them in that its weight has paid for
        it, and where it agrees with both they differ no more than x does within itself.
        """
        floor = max(self.policy.merge_weight, weight - self.policy.ambiguous_within * MILLIBIT)
        for x, y in ((keep, gone), (gone, keep)):
            for z, pair in self.state.rows[x].items():
                if z != y and pair.weight >= floor and self._may(x, z, pair) and self._apart(x, y, z):
                    yield x, y, z

    def _may(self, one: int, other: int, pair: Pair) -> bool:
        """Whether two clusters may join where their weight says so; who may not is nobody's rival."""
        return not self.state.forbidden(one, other) and not alone(self.policy.never_alone, pair.said)

    def _apart(self, x: int, y: int, z: int) -> bool:
        if self.state.forbidden(y, z):
            return True
        pair = self.state.rows[y][z]
        if not pair.apart or pair.weight >= self.policy.possible_weight:
            return False
        sides = [self.state.rows[x][side].said for side in (y, z)]
        return any(not _settled(row, sides) for row in differences(pair.said))

    def doubts(self) -> Iterator[Doubt]:
        """Those that stay apart though they compare at or above the possible threshold."""
        ambiguous = {tuple(sorted(pair)) for x, y, z in self.rivals for pair in ((x, y), (x, z))}
        for left, row in sorted(self.state.rows.items()):
            for right, pair in sorted(row.items()):
                if right < left or pair.weight < self.policy.possible_weight:
                    continue
                reason = self.state.forbidden(left, right)
                if reason != "party":
                    reason = reason or ("ambiguous" if (left, right) in ambiguous else self._short_of(pair))
                    yield Doubt(left, right, pair.weight, reason, pair.said)

    def _short_of(self, pair: Pair) -> str:
        """What two clusters lack that nothing forbids to join: weight, or a second kind of evidence."""
        reached = pair.weight >= self.policy.merge_weight
        return "alone" if reached and alone(self.policy.never_alone, pair.said) else "possible"


def _settled(row: int, sides: Sequence[Saying]) -> bool:
    """Whether an attribute in which two rivals differ is spoken of: against one of them, or for both."""
    return any(differs_in(row, said) for said in sides) or all(agrees_in(row, said) for said in sides)


def parts_of(said: Saying) -> tuple[Part, ...]:
    """What each attribute that counts says of two clusters, in the attributes' order."""
    return tuple(Part(ATTRIBUTES[row], *weights) for row, weights in sorted(counted(said).items()))


def cluster(model: Model, policy: Policy, compared: Compared, bonds: Bonds) -> Clustering:
    """The customers among the units of one component, which come in order of their least record key."""
    course = _Course(policy, _Clusters(model, compared, bonds))
    course.compel(bonds.compelled)
    course.run()
    return Clustering(tuple(course.state.leader), tuple(course.joins), tuple(course.doubts()))


def _corner(size: int) -> Iterator[tuple[int, int]]:
    return ((left, right) for left in range(size) for right in range(left + 1, size))


def _neighbours(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _table(compared: Compared, row: int) -> Table:
    """What values of an attribute say of each other, as their units do: units of equal value say the same."""
    values = compared.values[_MEANS[row]]
    table: dict[int, dict[int, Says]] = {value: {} for value in values}
    for (left, right), pair in zip(_corner(compared.size), compared.pairs, strict=True):
        says = pair.said.get(row)
        if says is not None:
            one, other = values[left], values[right]
            table[one][other] = table[other][one] = says
    return table


__all__ = [
    "MEANS",
    "Bonds",
    "Clustering",
    "Compared",
    "Doubt",
    "Join",
    "Pair",
    "Part",
    "cluster",
    "parts_of",
]
