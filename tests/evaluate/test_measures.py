from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.evaluate.measures import (
    Cost,
    b_cubed,
    cluster_exact,
    information,
    merge_distance,
    one,
    pairwise,
    product,
    strangers_per_10000,
    suggestions,
    variation_of_information,
)

PARTITIONS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=14).map(
    lambda labels: ([p for p, _ in labels], [t for _, t in labels])
)


def members(labels: Sequence[int], which: int) -> set[int]:
    return {place for place, label in enumerate(labels) if label == which}


def together(labels: Sequence[int]) -> set[tuple[int, int]]:
    return {(a, b) for a, b in combinations(range(len(labels)), 2) if labels[a] == labels[b]}


@given(PARTITIONS)
def test_pairwise_counts_pairs(partitions: tuple[list[int], list[int]]) -> None:
    pred, truth = partitions
    found, true = together(pred), together(truth)
    score = pairwise(pred, truth)
    assert (score.tp, score.fp, score.fn) == (len(found & true), len(found - true), len(true - found))
    assert score.precision == (len(found & true) / len(found) if found else 1)
    assert score.recall == (len(found & true) / len(true) if true else 1)


@given(PARTITIONS)
def test_b_cubed_averages_over_records(partitions: tuple[list[int], list[int]]) -> None:
    pred, truth = partitions
    precision = recall = 0.0
    for cluster, person in zip(pred, truth, strict=True):
        mine, true = members(pred, cluster), members(truth, person)
        precision += len(mine & true) / len(mine) / len(pred)
        recall += len(mine & true) / len(true) / len(pred)
    score = b_cubed(pred, truth)
    assert score[:2] == pytest.approx((precision, recall))
    assert score.f1 == pytest.approx(2 * precision * recall / (precision + recall))


@given(PARTITIONS)
def test_exact_clusters_are_sets_in_both(partitions: tuple[list[int], list[int]]) -> None:
    pred, truth = partitions
    found = {frozenset(members(pred, label)) for label in pred}
    true = {frozenset(members(truth, label)) for label in truth}
    score = cluster_exact(pred, truth)
    assert score[:2] == (len(found & true) / len(found), len(found & true) / len(true))


@given(PARTITIONS)
def test_strangers_are_people_not_records(partitions: tuple[list[int], list[int]]) -> None:
    pred, truth = partitions
    sharing = {t for p, t in zip(pred, truth, strict=True) if len({truth[m] for m in members(pred, p)}) > 1}
    assert strangers_per_10000(pred, truth) == 10_000 * len(sharing) / len(set(truth))


@given(PARTITIONS, st.data())
def test_suggestions_are_pairs_of_customers(
    partitions: tuple[list[int], list[int]], data: st.DataObject
) -> None:
    pred, truth = partitions
    place = st.integers(0, len(pred) - 1)
    pairs = data.draw(st.lists(st.tuples(place, place), max_size=6))
    customers = {frozenset((pred[a], pred[b])) for a, b in pairs if pred[a] != pred[b]}
    between = {
        (a, b) for a, b in combinations(range(len(pred)), 2) if frozenset((pred[a], pred[b])) in customers
    }
    true, missed = between & together(truth), together(truth) - together(pred)
    found = suggestions(pairs, pred, truth)
    assert found.offered == len(customers)
    assert found.covered == (len(true) / len(missed) if missed else 1)
    assert found.precision == (len(true) / len(between) if between else 1)


def test_labels_may_be_any_text_and_sizes_must_agree() -> None:
    assert pairwise(["a", "a", "b"], [None, 1, 1])[:3] == (0, 1, 1)
    with pytest.raises(ValueError, match="one set of records"):
        pairwise(["a"], [])


def test_a_million_records_in_one_cluster_do_not_overflow() -> None:
    assert pairwise([0] * 1_000_000, [0] * 1_000_000).tp == 499_999_500_000


def moves(
    partition: frozenset[frozenset[int]], truth: Sequence[int]
) -> Iterator[tuple[frozenset[frozenset[int]], int, int, bool]]:
    """Every partition one step away: the sizes of the two parts, and whether it was a split.

    Nothing is merged that is not of one person.
    """
    for left, right in combinations(partition, 2):
        if len({truth[m] for m in left | right}) == 1:
            yield partition - {left, right} | {left | right}, len(left), len(right), False
    for whole in partition:
        members_ = sorted(whole)
        for mask in range(1, 2 ** (len(members_) - 1)):
            part = frozenset(m for place, m in enumerate(members_) if mask >> place & 1)
            yield partition - {whole} | {part, whole - part}, len(part), len(whole - part), True


def shortest(pred: Sequence[int], truth: Sequence[int], split: Cost, merge: Cost) -> float:
    """The least cost of any way from one partition to the other (Dijkstra)."""
    start, goal = (frozenset(frozenset(members(x, label)) for label in x) for x in (pred, truth))
    best = {start: 0.0}
    waiting = [(0.0, 0, start)]
    count = 0
    while waiting:
        cost, _, here = heappop(waiting)
        if here == goal:
            return cost
        for there, left, right, parted in moves(here, truth):
            total = cost + (split if parted else merge)(left, right)
            if total < best.get(there, math.inf) - 1e-12:
                best[there] = total
                count += 1
                heappush(waiting, (total, count, there))
    raise AssertionError("every partition can be reached")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5),
    st.sampled_from([(one, one), (product, product), (one, product), (information(5), information(5))]),
)
def test_the_merge_distance_is_the_cheapest_way(
    labels: list[tuple[int, int]], costs: tuple[Cost, Cost]
) -> None:
    pred, truth = [p for p, _ in labels], [t for _, t in labels]
    found = merge_distance(pred, truth, split=costs[0], merge=costs[1])
    assert found.total == pytest.approx(shortest(pred, truth, *costs))


@given(PARTITIONS)
def test_the_merge_distance_of_products_counts_false_and_missed_pairs(
    partitions: tuple[list[int], list[int]],
) -> None:
    score = pairwise(*partitions)
    assert merge_distance(*partitions, split=product, merge=product) == (score.fp, score.fn)


@given(PARTITIONS)
def test_the_merge_distance_has_a_hand_count_of_steps(partitions: tuple[list[int], list[int]]) -> None:
    pred, truth = partitions
    people_in = sum(len({truth[m] for m in members(pred, label)}) - 1 for label in set(pred))
    clusters_of = sum(len({pred[m] for m in members(truth, label)}) - 1 for label in set(truth))
    assert merge_distance(pred, truth) == (people_in, clusters_of)


def entropy(labels: Sequence[object]) -> float:
    return -sum(n / len(labels) * math.log2(n / len(labels)) for n in Counter(labels).values())


@given(PARTITIONS)
def test_variation_of_information_is_of_two_conditional_entropies(
    partitions: tuple[list[int], list[int]],
) -> None:
    pred, truth = partitions
    both = entropy(list(zip(pred, truth, strict=True)))
    expected = 2 * both - entropy(pred) - entropy(truth)
    assert variation_of_information(pred, truth) == pytest.approx(expected, abs=1e-9)


def test_nothing_is_no_distance() -> None:
    assert merge_distance([], []) == (0, 0)
    assert variation_of_information([], []) == 0
