"""Accuracy where there are no labels: a sample of pairs that a person labels, and what it says of all.

Pairs are drawn in *strata*: together in one customer or apart, by probability, most around the
thresholds where a label says most. Each stratum's share of true pairs, times its size, estimates how
many there are (stratified sampling: Cochran, "Sampling Techniques", 1977, chapter 5).

Precision is of all pairs that are together. Recall is of what was *weighed*: a true pair that never met
as candidates, or met with a probability below `FLOOR`, cannot be sampled at a bearable cost, so the
recall told here is too high by as many as there are of those.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.evaluate.candidates import Candidates, Items, alike
from resolver.evaluate.intervals import SEED, Floats, Interval, wilson
from resolver.evaluate.measures import Ints, pairs_in
from resolver.match.model import MILLIBIT

FLOOR: Final = 0.01
"""Pairs apart below this probability are not sampled."""
LEAST: Final = 15
"""Pairs drawn of a stratum at least, where it has as many and so many may be drawn."""


class Stratum(NamedTuple):
    """A kind of pair: together in one customer or apart, of a probability from `low` to below `high`.

    `weighed` is False for pairs that are together through others and have no probability of their own.
    """

    together: bool
    weighed: bool
    low: float
    high: float

    @property
    def words(self) -> str:
        """What it holds."""
        place = "together" if self.together else "apart"
        if not self.weighed:
            return f"{place}, never weighed against each other"
        if self.low == 0:
            return f"{place}, below {self.high:g}"
        return f"{place}, from {self.low:g}" + (f" to {self.high:g}" if self.high < 1 else "")


STRATA: Final = (
    Stratum(True, True, 0.9999, 1.0),
    Stratum(True, True, 0.99, 0.9999),
    Stratum(True, True, 0.5, 0.99),
    Stratum(True, True, 0.0, 0.5),
    Stratum(True, False, 0.0, 1.0),
    Stratum(False, True, 0.99, 1.0),
    Stratum(False, True, 0.9, 0.99),
    Stratum(False, True, 0.5, 0.9),
    Stratum(False, True, 0.1, 0.5),
    Stratum(False, True, FLOOR, 0.1),
)
"""Every pair that is estimated over is in one of these; a file names a stratum by its place, from 1."""


class Drawn(NamedTuple):
    """A pair of items to be labelled, and its stratum's place in `STRATA`."""

    left: int
    right: int
    stratum: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs drawn, in an order that tells nothing of their stratum; `sizes` are of all strata.

    `below` counts the pairs apart that are below `FLOOR`, and `expected` how many of them are true if
    their probabilities are right.
    """

    drawn: tuple[Drawn, ...]
    sizes: tuple[int, ...]
    below: int
    expected: float


class Labelled(NamedTuple):
    """The labels of one stratum: how many pairs it has, how many were labelled, how many of them same."""

    stratum: int
    size: int
    labelled: int
    same: int

    @property
    def share(self) -> Interval:
        """The share that is true, with Wilson's interval."""
        return wilson(self.same, self.labelled)


class Estimate(NamedTuple):
    """Precision of all pairs together, and recall among the pairs weighed."""

    precision: Interval
    recall: Interval


def draw(items: Items, candidates: Candidates, size: int, seed: int = SEED) -> Sample:
    """At most `size` pairs, but one of each stratum that has any; the same for the same seed.

    A stratum gets its share by its size times the standard deviation of a label that its probabilities
    foretell (Neyman 1934), and `LEAST` in any case, or as many as there is room for in all alike.
    """
    random = np.random.default_rng(seed)
    strata = _Strata(items, candidates)
    sizes = strata.sizes()
    drawings = [_Drawing(wanted) for wanted in _allot(sizes, strata.spread(), size)]
    for left, right, stratum in strata.pairs():
        number = random.random(len(left))
        for place in np.unique(stratum).tolist():
            if place >= 0 and drawings[place].wanted:
                these = stratum == place
                drawings[place].offer(left[these], right[these], number[these])
    found = [
        Drawn(min(pair), max(pair), place)
        for place, drawing in enumerate(drawings)
        for pair in zip(drawing.left.tolist(), drawing.right.tolist(), strict=True)
    ]
    order = random.permutation(len(found)).tolist()
    return Sample(tuple(found[each] for each in order), tuple(sizes), *strata.below())


def estimate(labels: Iterable[Labelled]) -> Estimate:
    """Precision and recall from labels, one entry for each stratum that holds pairs.

    The counts of true pairs are those of stratified sampling, without bias. Their intervals are made of
    each stratum's own (Wilson's, narrowed by the share of the stratum that was labelled) by recovering
    the variance there is on either side: MOVER, for sums (Zou and Donner 2008) and for ratios (Donner
    and Zou 2012). Unlike a bootstrap they do not take a stratum without an error for one that cannot err.

    Raises:
        ValueError: a stratum without any label, since nothing can then be said of all.
    """
    told = [each for each in labels if each.size]
    for each in told:
        if not each.labelled:
            words = STRATA[each.stratum].words
            raise ValueError(f"no pair of stratum {each.stratum + 1} ({words}) is labelled")
    joined = [each for each in told if STRATA[each.stratum].together]
    together, apart = _true(joined), _true([each for each in told if not STRATA[each.stratum].together])
    size = sum(each.size for each in joined)
    precision = Interval(*(count / size for count in together)) if size else Interval(1.0, 0.0, 1.0)
    return Estimate(precision, _recall(together, apart))


def _true(labels: Sequence[Labelled]) -> Interval:
    """How many pairs of some strata are true."""
    count, below, above = 0.0, 0.0, 0.0
    for each in labels:
        share = each.share
        unseen = (each.size - each.labelled) / max(each.size - 1, 1)
        count += each.size * share.estimate
        below += (each.size * (share.estimate - share.low)) ** 2 * unseen
        above += (each.size * (share.high - share.estimate)) ** 2 * unseen
    most = sum(each.size for each in labels)
    return Interval(count, max(count - math.sqrt(below), 0.0), min(count + math.sqrt(above), most))


def _recall(together: Interval, apart: Interval) -> Interval:
    """The share of the true pairs that is together: 1 / (1 + apart / together)."""
    if not together.estimate:
        return Interval(0.0 if apart.estimate else 1.0, 0.0, 1.0)
    product = together.estimate * apart.estimate
    most = _bound(product, 1, apart, together, apart.high, together.low)
    least = _bound(product, -1, apart, together, apart.low, together.high)
    return Interval(1 / (1 + apart.estimate / together.estimate), 1 / (1 + most), 1 / (1 + least))


def _bound(product: float, sign: int, top: Interval, bottom: Interval, one: float, other: float) -> float:
    """A bound of a ratio; what the bounds of its two parts leave open is without bound."""
    room = other * (2 * bottom.estimate - other)
    inside = product**2 - one * other * (2 * top.estimate - one) * (2 * bottom.estimate - other)
    if room <= 0:
        return math.inf if sign > 0 else 0.0
    return max((product + sign * math.sqrt(max(inside, 0.0))) / room, 0.0)


def _allot(sizes: Sequence[int], spread: Sequence[float], whole: int) -> list[int]:
    """How many pairs of each stratum to draw."""
    fit = [each for each in range(1, LEAST + 1) if sum(min(each, size) for size in sizes) <= whole]
    least = [min(max(fit, default=1), size) for size in sizes]
    claims = np.array([size * math.sqrt(each) for size, each in zip(sizes, spread, strict=True)])
    rest = max(whole - sum(least), 0)
    shares = claims / claims.sum() if claims.sum() else claims
    return [
        min(size, floor + int(rest * share))
        for size, floor, share in zip(sizes, least, shares.tolist(), strict=True)
    ]


class _Strata:
    """The pairs of each stratum: how many there are, and all of them in turn."""

    def __init__(self, items: Items, candidates: Candidates) -> None:
        self.items, self.candidates = items, candidates
        self.probability = 1.0 / (1.0 + np.exp2(-candidates.weight / MILLIBIT))
        self.together = alike(candidates.left, candidates.right, items.node, items.customer)
        self.apart = candidates.pairs - self.together
        self.every = int(pairs_in(np.bincount(items.customer)).sum())

    def sizes(self) -> list[int]:
        """How many pairs each holds."""
        unweighed = self.every - int(self.together.sum())
        return [int(self._counts(stratum).sum()) if stratum.weighed else unweighed for stratum in STRATA]

    def spread(self) -> list[float]:
        """The variance of a label that the probabilities foretell, and never quite none."""
        found = []
        for stratum in STRATA:
            counts = self._counts(stratum)
            mean = float((counts * self.probability).sum() / counts.sum()) if counts.any() else 0.9
            found.append(max(mean * (1 - mean), 0.01))
        return found

    def below(self) -> tuple[int, float]:
        """How many pairs apart are below the floor, and how many of them should be true."""
        low = self.apart * (self.probability < FLOOR)
        return int(low.sum()), float((low * self.probability).sum())

    def pairs(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """All pairs, a part at a time: two items each, and the stratum's place."""
        nodes = int(self.items.node.max(initial=0)) + 1
        order = np.argsort(self.candidates.left * nodes + self.candidates.right)
        known = (self.candidates.left * nodes + self.candidates.right)[order]
        stratum_of = self._place(together=True)[order]
        (unweighed,) = (place for place, stratum in enumerate(STRATA) if not stratum.weighed)
        for left, right in _within(_members(self.items.customer)):
            ends = self.items.node[left], self.items.node[right]
            codes = np.minimum(*ends) * nodes + np.maximum(*ends)
            at = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
            met = known[at] == codes if len(known) else np.zeros(len(codes), bool)
            yield left, right, np.where(met, stratum_of[at] if len(known) else 0, unweighed)
        yield from self._pairs_apart()

    def _pairs_apart(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """A candidate may stand for many pairs, where its nodes have several items; most stand for one."""
        held = _members(self.items.node)
        count = np.array([len(each) for each in held], np.int64)
        left, right, customer = self.candidates.left, self.candidates.right, self.items.customer
        stratum_of = self._place(together=False)
        wanted = (self.apart > 0) & (self.probability >= FLOOR)
        single = wanted & (count[left] == 1) & (count[right] == 1)
        first = np.array([each[0] if len(each) else -1 for each in held], np.int64)
        yield first[left[single]], first[right[single]], stratum_of[single]
        for place in np.flatnonzero(wanted & ~single).tolist():
            mine, theirs = held[left[place]], held[right[place]]
            same = left[place] == right[place]
            for at, item in enumerate(mine.tolist()):
                others = theirs[at + 1 :] if same else theirs
                others = others[customer[others] != customer[item]]
                yield np.full(len(others), item), others, np.full(len(others), stratum_of[place])

    def _counts(self, stratum: Stratum) -> Ints:
        """How many of each candidate's pairs are in a stratum."""
        if not stratum.weighed:
            return np.zeros(len(self.probability), np.int64)
        counts: Ints = (self.together if stratum.together else self.apart) * self._inside(stratum)
        return counts

    def _place(self, *, together: bool) -> Ints:
        """The stratum of each candidate's pairs that are together, or apart; -1 for none."""
        found = np.full(len(self.probability), -1, np.int64)
        for place, stratum in enumerate(STRATA):
            if stratum.weighed and stratum.together == together:
                found[self._inside(stratum)] = place
        return found

    def _inside(self, stratum: Stratum) -> NDArray[np.bool_]:
        below = np.full(len(self.probability), stratum.high == 1) | (self.probability < stratum.high)
        inside: NDArray[np.bool_] = (self.probability >= stratum.low) & below
        return inside


class _Drawing:
    """Pairs seen one after another of which those with the least random numbers are kept."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.number: Floats = np.zeros(0)
        self.left: Ints = np.zeros(0, np.int64)
        self.right: Ints = np.zeros(0, np.int64)

    def offer(self, left: Ints, right: Ints, number: Floats) -> None:
        """Look at some more; every pair has the same chance, whenever it comes."""
        if len(self.number) == self.wanted:
            better = number < self.number.max(initial=0.0)
            left, right, number = left[better], right[better], number[better]
        numbers = np.append(self.number, number)
        kept = np.argsort(numbers)[: self.wanted]
        self.number = numbers[kept]
        self.left = np.append(self.left, left)[kept]
        self.right = np.append(self.right, right)[kept]


def _within(groups: Sequence[Ints]) -> Iterator[tuple[Ints, Ints]]:
    """All pairs of members of each group, groups of one size at once where they are small."""
    sizes: dict[int, list[Ints]] = defaultdict(list)
    for members in groups:
        sizes[len(members)].append(members)
    for size, alike_ in sorted(sizes.items()):
        if 1 < size <= _SMALL:
            table = np.stack(alike_)
            upper, lower = np.triu_indices(size, 1)
            rows = max(1, _AT_ONCE // len(upper))
            for at in range(0, len(table), rows):
                part = table[at : at + rows]
                yield part[:, upper].ravel(), part[:, lower].ravel()
        elif size > _SMALL:
            for members in alike_:
                for at in range(size - 1):
                    yield np.full(size - at - 1, members[at]), members[at + 1 :]


_SMALL: Final = 1000
_AT_ONCE: Final = 1_000_000


def _members(labels: Ints) -> list[Ints]:
    """The places of each label, which are numbers from 0, in order."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.cumsum(np.bincount(labels))[:-1]) if len(labels) else []


def tally(answers: Mapping[int, Sequence[bool]], sizes: Mapping[int, int]) -> tuple[Labelled, ...]:
    """The labels of each stratum, by its place in `STRATA`; one without answers is there with none."""
    return tuple(
        Labelled(stratum, size, len(answers.get(stratum, ())), sum(answers.get(stratum, ())))
        for stratum, size in sorted(sizes.items())
    )
