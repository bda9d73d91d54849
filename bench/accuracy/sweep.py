"""Scored pairs become partitions, at a series of thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.accuracy.outcome import Point, point
from bench.accuracy.peers.answer import Answer
from resolver.evaluate.measures import Labels

MOST = 80
"""Thresholds tried on a peer's pairs: what is read off with the labels is then the best there is."""


def components(size: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels of `size` records that these pairs join."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def thresholds(score: NDArray[np.float64], most: int = MOST) -> list[float]:
    """Thresholds worth trying: every score there is, or as many spread over ranks and over the scale."""
    distinct = np.unique(score)
    if len(distinct) <= most:
        return [float(each) for each in distinct]
    by_rank = np.quantile(score, np.linspace(0, 1, most // 2), method="nearest")
    scale = np.linspace(distinct[0], distinct[-1], most - len(by_rank))
    return [float(each) for each in np.unique(np.concatenate([by_rank, scale]))]


def points(answer: Answer, truth: Labels, *, swept: bool = True, most: int = MOST) -> Iterator[Point]:
    """A contender's own partitions, and those of its pairs' components where they are `swept`."""
    for threshold, labels in sorted(answer.own.items()):
        yield point(threshold, "own", labels.tolist(), truth)
    for threshold in thresholds(answer.score, most) if swept and len(answer.score) else ():
        strong = answer.score >= threshold
        labels = components(len(truth), answer.left[strong], answer.right[strong])
        yield point(threshold, "components", labels.tolist(), truth)


def nearest(points: Sequence[Point], threshold: float) -> float:
    """The threshold tried that is nearest to one, an own partition's first; the same where none was tried."""
    ranked = sorted(points, key=lambda each: (abs(each.threshold - threshold), each.how != "own"))
    return ranked[0].threshold if ranked else threshold


def together(left: NDArray[np.int64], right: NDArray[np.int64], truth: Sequence[str]) -> NDArray[np.bool_]:
    """Which pairs of places are one person's."""
    codes = {person: code for code, person in enumerate(dict.fromkeys(truth))}
    person = np.array([codes[each] for each in truth], np.int64)
    same: NDArray[np.bool_] = person[left] == person[right]
    return same
