from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy import calibration, sweep
from bench.accuracy.clusterings import Square, by_average, by_average_with_zeros, by_complete, by_components
from bench.accuracy.outcome import Point, at, best, point, recall_at
from bench.accuracy.peers.answer import answer
from resolver.evaluate.measures import Score


def points(*figures: tuple[float, float, float]) -> list[Point]:
    score = Score(1, 1, 1)
    return [
        Point(t, "own", Score(p, r, 2 * p * r / (p + r)), score, score, strangers=0) for t, p, r in figures
    ]


def test_recall_at_a_precision_is_the_best_of_what_reaches_it() -> None:
    swept = points((0.5, 0.90, 0.95), (0.9, 0.98, 0.80), (0.95, 0.985, 0.70), (0.99, 0.97, 0.60))
    found = recall_at(swept, 0.98)
    assert found is not None and found.pairs.recall == 0.80
    assert recall_at(swept, 0.99) is None
    assert best(swept).threshold == 0.5


def test_the_own_partition_goes_before_the_components() -> None:
    truth = ["1", "1", "2"]
    own, joined = point(0.5, "own", [0, 0, 2], truth), point(0.5, "components", [0, 0, 0], truth)
    assert at([joined, own], 0.5) is own
    with pytest.raises(KeyError):
        at([joined], 0.7)


def test_a_point_measures_a_partition() -> None:
    found = point(0.9, "own", [0, 0, 0, 3], ["1", "1", "2", "2"])
    assert found.pairs == pytest.approx((1 / 3, 1 / 2, 2 / 5))
    assert found.strangers == 10_000
    assert found.exact.f1 == 0


def test_pairs_are_swept_as_components() -> None:
    said = answer(([0, 1, 2], [1, 2, 3], [0.9, 0.5, 0.9]), 0.9)
    found = {each.threshold: each.pairs for each in sweep.points(said, ["1", "1", "2", "2"])}
    assert found[0.9] == pytest.approx((1, 1, 1))
    assert found[0.5] == pytest.approx((1 / 3, 1, 1 / 2))
    assert not list(sweep.points(said, ["1", "1", "2", "2"], swept=False))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=500), st.integers(10, 80))
def test_thresholds_are_few_and_reach_over_all_scores(scores: list[float], most: int) -> None:
    array = np.array(scores)
    found = sweep.thresholds(array, most)
    assert len(found) <= most
    assert (min(found), max(found)) == (array.min(), array.max())


@given(st.integers(1, 12), st.data())
def test_components_are_what_networkx_finds(size: int, data: st.DataObject) -> None:
    place = st.integers(0, size - 1)
    edges = data.draw(st.lists(st.tuples(place, place), max_size=20))
    ends = np.array(edges, np.int64).reshape(-1, 2)
    labels = sweep.components(size, ends[:, 0], ends[:, 1])
    graph = nx.Graph(edges)
    graph.add_nodes_from(range(size))
    found = {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}
    assert found == {frozenset(group) for group in nx.connected_components(graph)}


def test_the_nearest_threshold() -> None:
    truth = ["1", "1"]
    tried = [point(0.5, "own", [0, 0], truth), point(0.9, "components", [0, 0], truth)]
    assert sweep.nearest(tried, 0.8) == 0.9
    assert sweep.nearest(tried, 0.6) == 0.5
    assert sweep.nearest([], 0.9) == 0.9


def test_together_tells_pairs_of_one_person() -> None:
    left, right = np.array([0, 0]), np.array([1, 2])
    assert sweep.together(left, right, ["a", "b", "a"]).tolist() == [False, True]


def test_bands_count_what_is_true() -> None:
    found = calibration.bands([0.05, 0.95, 0.99, 1.0], [False, True, True, False])
    assert [(band.low, band.pairs) for band in found] == [(0.0, 1), (0.9, 3)]
    assert found[1].stated == pytest.approx(0.98)
    assert found[1].true == pytest.approx(2 / 3)


def test_a_band_of_few_pairs_says_nothing() -> None:
    found = calibration.bands([0.95] * 200 + [0.5], [True] * 190 + [False] * 11)
    assert calibration.worst(found) == pytest.approx(0.0)
    assert calibration.worst(found, least=1) == pytest.approx(0.5)
    assert calibration.worst(found, least=1000) is None


def square(weights: dict[tuple[int, int], int], size: int) -> Square:
    made = Square(np.zeros((size, size)), np.zeros((size, size), bool), np.zeros((size, size), bool))
    for (a, b), weight in weights.items():
        for one, other in ((a, b), (b, a)):
            made.weight[one, other] = weight
            made.comparable[one, other] = made.candidate[one, other] = True
    return made


CHAIN = square({(0, 1): 10_000, (1, 2): 10_000, (2, 3): 10_000}, 4)
"""Four records, each like the next and none comparable with the others."""
TORN = square({(0, 1): 12_000, (1, 2): 9_000, (0, 2): -9_000}, 3)
"""Two that are one, and a third that is like one of them and differs from the other."""


def groups(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}


def test_ways_to_cluster_differ_where_they_should() -> None:
    (chained,) = by_components(CHAIN, [0.9])
    (zeros,) = by_average_with_zeros(CHAIN, [0.9])
    (mean,) = by_average(CHAIN, [0.9])
    (complete,) = by_complete(CHAIN, [0.9])
    assert groups(chained) == groups(mean) == groups(complete) == {frozenset(range(4))}
    assert len(groups(zeros)) > 1


@pytest.mark.parametrize("way", [by_average, by_complete, by_average_with_zeros])
def test_what_differs_is_not_chained(way: object) -> None:
    assert callable(way)
    high, low = way(TORN, [0.9, 0.0001])
    assert groups(high) == {frozenset({0, 1}), frozenset({2})}
    assert len(groups(low)) <= 2
    (chained,) = by_components(TORN, [0.9])
    assert groups(chained) == {frozenset(range(3))}
