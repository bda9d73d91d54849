from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.evaluate.audit import FLOOR, LEAST, STRATA, Labelled, Sample, draw, estimate, tally
from resolver.evaluate.candidates import Candidates, Items
from resolver.evaluate.measures import Ints
from resolver.match.weigh import probability


@dataclass(frozen=True)
class World:
    """Items that were resolved, and who they truly are."""

    items: Items
    candidates: Candidates
    person: Ints

    def stratum(self, left: int, right: int) -> int:
        together = self.items.customer[left] == self.items.customer[right]
        nodes = tuple(sorted((int(self.items.node[left]), int(self.items.node[right]))))
        weights = {
            (int(a), int(b)): int(w)
            for a, b, w in zip(
                self.candidates.left, self.candidates.right, self.candidates.weight, strict=True
            )
        }
        if nodes not in weights:
            return 4 if together else -1
        chance = probability(weights[nodes])
        for place, stratum in enumerate(STRATA):
            if stratum.weighed and stratum.together == together and stratum.low <= chance:
                return place
        return -1


def world(seed: int, people: int = 400) -> World:
    """People of one to four records, weighed about as well as they are true, joined with some error."""
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), random.integers(1, 5, people))
    size = len(person)
    left, right, weight, customer = [], [], [], np.arange(size)
    pairs = {(a, b) for a, b in random.integers(0, size, (size * 2, 2)).tolist() if a < b}
    pairs |= {(i, j) for i in range(size) for j in range(i + 1, min(i + 4, size)) if person[i] == person[j]}
    for one, other in sorted(pairs):
        same = person[one] == person[other]
        if random.random() < 0.85:
            left.append(one)
            right.append(other)
            weight.append(int(random.normal(8000 if same else -5000, 5000)))
            if weight[-1] > 6600:
                customer[customer == customer[other]] = customer[one]
    _, customer = np.unique(customer, return_inverse=True)
    columns = (np.array(each, np.int64) for each in (left, right, weight, np.ones(len(left))))
    return World(Items(np.arange(size), customer), Candidates(*columns), person)


def answered(sample: Sample, person: Ints) -> tuple[Labelled, ...]:
    answers: dict[int, list[bool]] = {}
    for pair in sample.drawn:
        answers.setdefault(pair.stratum, []).append(bool(person[pair.left] == person[pair.right]))
    return tally(answers, dict(enumerate(sample.sizes)))


def truth(of: World) -> tuple[float, float]:
    """Precision, and recall over what is sampled."""
    items, candidates, person = of.items, of.candidates, of.person
    together = [
        (a, b)
        for customer in np.unique(items.customer)
        for a, b in combinations(np.flatnonzero(items.customer == customer).tolist(), 2)
    ]
    right = sum(person[a] == person[b] for a, b in together)
    missed = sum(
        person[a] == person[b] and items.customer[a] != items.customer[b] and probability(int(w)) >= FLOOR
        for a, b, w in zip(candidates.left, candidates.right, candidates.weight, strict=True)
    )
    return right / len(together), right / (right + missed)


def test_the_estimates_are_right_on_average_and_the_intervals_as_often_as_they_say() -> None:
    of = world(7, people=250)
    precision, recall = truth(of)
    found = [estimate(answered(draw(of.items, of.candidates, 150, seed), of.person)) for seed in range(80)]
    assert np.mean([each.precision.estimate for each in found]) == pytest.approx(precision, abs=0.006)
    assert np.mean([each.recall.estimate for each in found]) == pytest.approx(recall, abs=0.006)
    assert np.mean([each.precision.low <= precision <= each.precision.high for each in found]) >= 0.9
    assert np.mean([each.recall.low <= recall <= each.recall.high for each in found]) >= 0.9


def test_a_sample_of_everything_knows_everything() -> None:
    of = world(3, people=30)
    sample = draw(of.items, of.candidates, 1_000_000)
    assert Counter(pair.stratum for pair in sample.drawn) == {n: s for n, s in enumerate(sample.sizes) if s}
    found = estimate(answered(sample, of.person))
    for each, true in zip((found.precision, found.recall), truth(of), strict=True):
        assert each == pytest.approx((true, true, true))


def test_a_pair_is_drawn_once_and_of_the_stratum_that_it_is_said_to_be_of() -> None:
    of = world(5, people=60)
    sample = draw(of.items, of.candidates, 80)
    assert len({(pair.left, pair.right) for pair in sample.drawn}) == len(sample.drawn)
    assert all(pair.left < pair.right for pair in sample.drawn)
    assert all(of.stratum(pair.left, pair.right) == pair.stratum for pair in sample.drawn)
    drawn = Counter(pair.stratum for pair in sample.drawn)
    assert len(sample.drawn) <= 80 and all(drawn[n] for n, size in enumerate(sample.sizes) if size)
    more = Counter(pair.stratum for pair in draw(of.items, of.candidates, 300).drawn)
    assert all(more[n] >= min(LEAST, size) for n, size in enumerate(sample.sizes))
    assert len(draw(of.items, of.candidates, 1).drawn) == sum(size > 0 for size in sample.sizes)
    assert sample.drawn == draw(of.items, of.candidates, 80).drawn
    assert sample.drawn != draw(of.items, of.candidates, 80, seed=9).drawn


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=10),
    st.lists(st.integers(-9000, 20_000), min_size=10, max_size=10),
)
def test_records_of_equal_evidence_are_sampled_as_pairs(
    held: list[tuple[int, int]], weights: list[int]
) -> None:
    node, customer = (np.array([each[part] for each in held], np.int64) for part in (0, 1))
    _, customer = np.unique(customer, return_inverse=True)
    ends = [(a, b) for a in range(4) for b in range(a, 4)]
    pairs = [
        sum(tuple(sorted((held[i][0], held[j][0]))) == end for i in range(len(held)) for j in range(i))
        for end in ends
    ]
    kept = [place for place, count in enumerate(pairs) if count]
    columns = ([ends[p][0] for p in kept], [ends[p][1] for p in kept], [weights[p] for p in kept])
    left, right, weight = (np.array(each, np.int64) for each in columns)
    candidates = Candidates(left, right, weight, np.array([pairs[p] for p in kept], np.int64))
    of = World(Items(node, customer), candidates, customer)
    sample = draw(of.items, candidates, 1000)
    everything = {
        (i, j): place for i, j in combinations(range(len(held)), 2) if (place := of.stratum(i, j)) >= 0
    }
    assert {(pair.left, pair.right): pair.stratum for pair in sample.drawn} == everything
    assert sum(sample.sizes) == len(everything)
    assert sample.below == len(held) * (len(held) - 1) // 2 - len(everything)


def test_a_stratum_without_a_label_says_so() -> None:
    with pytest.raises(ValueError, match="stratum 3"):
        estimate([Labelled(0, 5, 5, 5), Labelled(2, 5, 0, 0)])


def test_agreement_of_a_few_labels_is_not_certainty() -> None:
    found = estimate([Labelled(0, 100_000, 20, 20), Labelled(7, 1000, 10, 0)])
    assert found.precision.estimate == 1 > found.precision.low > 0.8
    assert found.recall.estimate == 1 > found.recall.low
