"""Measures of a partition against the truth; from counts, so a million records cost no pairs.

`pred` and `truth` label the same records in the same order: equal labels are one cluster, or one
person. Where a measure divides by nothing it is 1: nothing was claimed, or nothing was to be found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Labels = Sequence[Hashable]
Ints = NDArray[np.int64]
Cost = Callable[[int, int], float]
"""What it costs to make one of two groups of these sizes, or two of one."""


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


class Distance(NamedTuple):
    """What makes the prediction the truth: the cost of the splits, and of the merges after them."""

    splits: float
    merges: float

    @property
    def total(self) -> float:
        """Both together: the generalised merge distance."""
        return self.splits + self.merges


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
    table = Table(pred, truth)
    tp = int(pairs_in(table.cells).sum())
    fp = int(pairs_in(table.clusters).sum()) - tp
    fn = int(pairs_in(table.people).sum()) - tp
    return Pairwise(tp, fp, fn, *score(ratio(tp, tp + fp), ratio(tp, tp + fn)))


def b_cubed(pred: Labels, truth: Labels) -> Score:
    """Each record's own precision and recall, averaged over records (Bagga and Baldwin 1998)."""
    table = Table(pred, truth)
    squares = table.cells.astype(np.float64) ** 2
    records = float(table.cells.sum())
    precision = float((squares / table.clusters[table.cluster]).sum())
    recall = float((squares / table.people[table.person]).sum())
    return score(ratio(precision, records), ratio(recall, records))


def cluster_exact(pred: Labels, truth: Labels) -> Score:
    """Clusters that are one person's records, all of them and no others."""
    table = Table(pred, truth)
    exact = int(table.exact().sum())
    return score(ratio(exact, len(table.clusters)), ratio(exact, len(table.people)))


def strangers_per_10000(pred: Labels, truth: Labels) -> float:
    """People who share a customer with a stranger, per 10,000 people."""
    table = Table(pred, truth)
    return 10_000 * int(table.sharing().sum()) / len(table.people) if len(table.people) else 0.0


def one(_left: int, _right: int) -> float:
    """A step is a step, whatever the sizes: what a steward counts."""
    return 1.0


def product(left: int, right: int) -> float:
    """The pairs of records that a step separates or joins: what pairwise measures count."""
    return float(left * right)


def information(records: int) -> Cost:
    """The bits by which a step changes what a cluster's label tells of a record (variation of information).

    `records` is the size of the whole. Meila (2003); as a cost of steps: Menestrina et al. (2010).
    """
    return lambda left, right: (_entropy(left + right) - _entropy(left) - _entropy(right)) / records


def merge_distance(pred: Labels, truth: Labels, *, split: Cost = one, merge: Cost = one) -> Distance:
    """The least cost of splits and merges of clusters that turn the prediction into the truth.

    The slice algorithm of Menestrina, Whang and Garcia-Molina, "Evaluating entity resolution results"
    (VLDB 2010), linear in the records: each true person's share is cut out of each cluster that holds
    some of it, and the shares are merged. It is the least of all ways on which nothing is merged that
    does not belong together, where the cost does not depend on the order of the steps, as with `one`,
    `product` and `information`.
    """
    table = Table(pred, truth)
    splits, merges = slices(table, split, merge)
    return Distance(math.fsum(splits), math.fsum(merges))


def slices(table: Table, split: Cost, merge: Cost) -> tuple[list[float], list[float]]:
    """What each filled cell of the table, in the order of its people, costs in splits and in merges.

    Of a cluster the share that comes last needs no cut, of a person the one that comes first no merge.
    """
    left = table.clusters.tolist()
    gathered = [0] * len(table.people)
    splits, merges = [0.0] * len(table.cells), [0.0] * len(table.cells)
    order = np.lexsort((table.cluster, table.person)).tolist()
    clusters, people, cells = table.cluster.tolist(), table.person.tolist(), table.cells.tolist()
    for cell in order:
        cluster, person, size = clusters[cell], people[cell], cells[cell]
        left[cluster] -= size
        if left[cluster]:
            splits[cell] = split(size, left[cluster])
        if gathered[person]:
            merges[cell] = merge(size, gathered[person])
        gathered[person] += size
    return splits, merges


def variation_of_information(pred: Labels, truth: Labels) -> float:
    """The bits that the prediction tells too much and too little about a record; 0 where it is the truth."""
    cost = information(max(len(pred), 1))
    return merge_distance(pred, truth, split=cost, merge=cost).total


def suggestions(pairs: Iterable[tuple[int, int]], pred: Labels, truth: Labels) -> Suggestions:
    """What suggested pairs are worth. A pair names two records by position; it means their customers."""
    cluster, person = codes(pred), codes(truth)
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
    return Suggestions(len(between), ratio(true, pairwise(pred, truth).fn), ratio(true, every))


class Table:
    """The contingency table of two partitions, its filled cells only.

    `cells` counts the records of cluster `cluster[i]` and person `person[i]`; `clusters` and `people`
    are the sizes.
    """

    def __init__(self, pred: Labels, truth: Labels) -> None:
        if len(pred) != len(truth):
            raise ValueError("two partitions of one set of records are expected")
        rows, columns = codes(pred), codes(truth)
        self.clusters: Ints = np.bincount(rows)
        self.people: Ints = np.bincount(columns)
        filled, self.cells = np.unique(rows * max(len(self.people), 1) + columns, return_counts=True)
        self.cluster: Ints
        self.person: Ints
        self.cluster, self.person = np.divmod(filled, max(len(self.people), 1))

    def exact(self) -> NDArray[np.bool_]:
        """For each cell, whether it is the whole of its cluster and of its person."""
        of_cluster, of_person = self.clusters[self.cluster], self.people[self.person]
        whole: NDArray[np.bool_] = (self.cells == of_cluster) & (self.cells == of_person)
        return whole

    def sharing(self) -> NDArray[np.bool_]:
        """For each person, whether some cluster holds records of them and of another."""
        mixed = self.cells < self.clusters[self.cluster]
        met: Ints = np.bincount(self.person[mixed], minlength=len(self.people))
        return met > 0


def codes(labels: Labels) -> Ints:
    """Labels as 0, 1, 2 in the order of their first record."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(label, len(seen)) for label in labels], dtype=np.int64)


def pairs_in(sizes: Ints) -> Ints:
    """How many unordered pairs groups of these sizes hold."""
    wide = sizes.astype(np.int64)
    return wide * (wide - 1) // 2


def ratio(part: float, whole: float) -> float:
    """A share of a whole; 1 where there is none."""
    return part / whole if whole else 1.0


def score(precision: float, recall: float) -> Score:
    """With their harmonic mean."""
    both = precision + recall
    return Score(precision, recall, 2 * precision * recall / both if both else 0.0)


def _entropy(size: int) -> float:
    return size * math.log2(size) if size else 0.0
