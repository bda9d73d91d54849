from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy.metrics import b_cubed, cluster_exact, pairwise, strangers_per_10000, suggestions

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
