"""Measures of a partition against the truth. Pure; from counts, so a million records cost no pairs.

`pred` and `truth` label the same records in the same order: equal labels are one cluster, or one
person. Where a measure divides by nothing it is 1: nothing was claimed, or nothing was to be found.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Labels = Sequence[Hashable]
_Codes = NDArray[np.int64]


class Pairwise(NamedTuple):
    """Over all unordered pairs of records. `precision`, `recall` and `f1` are 0 to 1."""

    tp: int
    fp: int
    fn: int
    precision: float
    recall: float
    f1: float


class Score(NamedTuple):
    """Precision, recall and their harmonic mean, 0 to 1."""

    precision: float
    recall: float
    f1: float


class Suggestions(NamedTuple):
    """What accepting every suggestion would bring.

    `offered` counts distinct pairs of customers; `covered` is the share of the true pairs missed that lie
    between two such customers, `precision` the share of true ones among all pairs between them.
    """

    offered: int
    covered: float
    precision: float


def pairwise(pred: Labels, truth: Labels) -> Pairwise:
    """Pairs of records that are together against those that should be."""
    table = _Table(pred, truth)
    tp = _pairs(table.cells)
    fp = _pairs(table.clusters) - tp
    fn = _pairs(table.people) - tp
    return Pairwise(tp, fp, fn, *_score(_ratio(tp, tp + fp), _ratio(tp, tp + fn)))


def b_cubed(pred: Labels, truth: Labels) -> Score:
    """Each record's own precision and recall, averaged over records (Bagga and Baldwin 1998)."""
    table = _Table(pred, truth)
    squares = table.cells.astype(np.float64) ** 2
    records = float(table.cells.sum())
    precision = float((squares / table.clusters[table.cluster]).sum())
    recall = float((squares / table.people[table.person]).sum())
    return _score(_ratio(precision, records), _ratio(recall, records))


def cluster_exact(pred: Labels, truth: Labels) -> Score:
    """Clusters that are one person's records, all of them and no others."""
    table = _Table(pred, truth)
    whole = (table.cells == table.clusters[table.cluster]) & (table.cells == table.people[table.person])
    exact = int(whole.sum())
    return _score(_ratio(exact, len(table.clusters)), _ratio(exact, len(table.people)))


def strangers_per_10000(pred: Labels, truth: Labels) -> float:
    """People who share a customer with a stranger, per 10,000 people."""
    table = _Table(pred, truth)
    people_in = np.bincount(table.cluster, minlength=len(table.clusters))
    sharing = np.unique(table.person[people_in[table.cluster] > 1])
    return 10_000 * len(sharing) / len(table.people) if len(table.people) else 0.0


def suggestions(pairs: Iterable[tuple[int, int]], pred: Labels, truth: Labels) -> Suggestions:
    """What suggested pairs are worth. A pair names two records by position; it means their customers."""
    cluster, person = _codes(pred), _codes(truth)
    joined = {tuple(sorted((int(cluster[left]), int(cluster[right])))) for left, right in pairs}
    between = {(left, right) for left, right in joined if left != right}
    people: dict[int, dict[int, int]] = {code: {} for pair in between for code in pair}
    for code, who in zip(cluster.tolist(), person.tolist(), strict=True):
        if code in people:
            people[code][who] = people[code].get(who, 0) + 1
    true = sum(
        count * people[right].get(who, 0) for left, right in between for who, count in people[left].items()
    )
    every = sum(sum(people[left].values()) * sum(people[right].values()) for left, right in between)
    return Suggestions(len(between), _ratio(true, pairwise(pred, truth).fn), _ratio(true, every))


class _Table:
    """The contingency table of two partitions, its filled cells only.

    `cells` counts the records of cluster `cluster[i]` and person `person[i]`; `clusters` and `people`
    are the sizes.
    """

    def __init__(self, pred: Labels, truth: Labels) -> None:
        if len(pred) != len(truth):
            raise ValueError("two partitions of one set of records are expected")
        rows, columns = _codes(pred), _codes(truth)
        self.clusters = np.bincount(rows)
        self.people = np.bincount(columns)
        codes, self.cells = np.unique(rows * max(len(self.people), 1) + columns, return_counts=True)
        self.cluster, self.person = np.divmod(codes, max(len(self.people), 1))


def _codes(labels: Labels) -> _Codes:
    """Labels as 0, 1, 2 in the order of their first record."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(label, len(seen)) for label in labels], dtype=np.int64)


def _pairs(sizes: _Codes) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _score(precision: float, recall: float) -> Score:
    both = precision + recall
    return Score(precision, recall, 2 * precision * recall / both if both else 0.0)
