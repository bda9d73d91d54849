"""How sure a measure is: confidence intervals that respect what hangs together.

Pairs are no independent trials: one false link makes many false pairs, and a cluster and the people in
it stand or fall together. What is drawn anew is therefore a *group*, a connected part of truth and
prediction together: records that one cluster or one person joins. Groups share nothing, and each
measure is a ratio of sums over groups, so a draw is a weighted sum and no record is looked at twice.

The bootstrap over groups: Field and Welsh, "Bootstrapping clustered data" (2007).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolver.evaluate.measures import Ints, Labels, Table, information, one, pairs_in, slices

REPLICATES: Final = 1000
SEED: Final = 1
CONFIDENCE: Final = 0.95

_Z: Final = 1.959963984540054
"""The normal quantile of a two-sided interval at 95 %."""
_AT_ONCE: Final = 2_000_000
"""Counts drawn at once, so that memory stays bounded."""

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """A measure, and between which values it lies with a confidence of 95 %."""

    estimate: float
    low: float
    high: float


class _Sums(NamedTuple):
    """What measures are ratios of, by group; or, summed up, by draw."""

    tp: Floats
    together: Floats
    true: Floats
    b_precision: Floats
    b_recall: Floats
    records: Floats
    exact: Floats
    clusters: Floats
    people: Floats
    sharing: Floats
    splits: Floats
    merges: Floats
    information: Floats


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.ones_like(part), where=whole > 0)


def _share(part: Floats, whole: Floats) -> Floats:
    """A share of people or records of whom there are some: none in none is none."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _f1(precision: Floats, recall: Floats) -> Floats:
    return _share(2 * precision * recall, precision + recall)


class _Measure(NamedTuple):
    """How a measure is made of sums, and what it is at most."""

    of: Callable[[_Sums], Floats]
    most: float = 1.0


_MEASURES: Final[Mapping[str, _Measure]] = {
    "pairwise_precision": _Measure(lambda s: _ratio(s.tp, s.together)),
    "pairwise_recall": _Measure(lambda s: _ratio(s.tp, s.true)),
    "pairwise_f1": _Measure(lambda s: _f1(_ratio(s.tp, s.together), _ratio(s.tp, s.true))),
    "b_cubed_precision": _Measure(lambda s: _ratio(s.b_precision, s.records)),
    "b_cubed_recall": _Measure(lambda s: _ratio(s.b_recall, s.records)),
    "b_cubed_f1": _Measure(lambda s: _f1(_ratio(s.b_precision, s.records), _ratio(s.b_recall, s.records))),
    "cluster_precision": _Measure(lambda s: _ratio(s.exact, s.clusters)),
    "cluster_recall": _Measure(lambda s: _ratio(s.exact, s.people)),
    "cluster_f1": _Measure(lambda s: _f1(_ratio(s.exact, s.clusters), _ratio(s.exact, s.people))),
    "strangers_per_10000": _Measure(lambda s: 10_000 * _share(s.sharing, s.people), 10_000.0),
    "splits_per_1000_people": _Measure(lambda s: 1000 * _share(s.splits, s.people), np.inf),
    "merges_per_1000_people": _Measure(lambda s: 1000 * _share(s.merges, s.people), np.inf),
    "variation_of_information": _Measure(lambda s: _share(s.information, s.records), np.inf),
}

NAMES: Final = tuple(_MEASURES)
"""The measures that have intervals. Those `per` so many are counts; the information is in bits."""


def intervals(
    pred: Labels, truth: Labels, *, replicates: int = REPLICATES, seed: int = SEED
) -> dict[str, Interval]:
    """Every measure of `NAMES` with its interval: the quantiles of `replicates` draws of groups.

    The same seed gives the same intervals, whatever the order of the records. Where a share is 0 or 1 in
    every draw, because no group errs or all do, draws tell nothing of how rare an error may be; the
    interval is then Wilson's for as many trials as there are groups.
    """
    groups = _by_group(Table(pred, truth))
    whole = _Sums(*(column.sum(keepdims=True) for column in groups))
    rounded = np.round(np.stack(groups, axis=1), 9).astype(np.float64)
    distinct, counts = np.unique(rounded, axis=0, return_counts=True)
    drawn = _Sums(*_draws(distinct, counts, replicates, seed).T)
    return {
        name: _interval(float(measure.of(whole)[0]), measure.of(drawn), measure.most, int(counts.sum()))
        for name, measure in _MEASURES.items()
    }


def wilson(successes: float, trials: float) -> Interval:
    """A share with its interval at 95 % (Wilson 1927); between 0 and 1 where nothing was tried."""
    if trials <= 0:
        return Interval(1.0, 0.0, 1.0)
    share = successes / trials
    middle = share + _Z**2 / (2 * trials)
    reach = _Z * np.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    scale = 1 + _Z**2 / trials
    low, high = float((middle - reach) / scale), float((middle + reach) / scale)
    return Interval(share, min(max(low, 0.0), share), max(min(high, 1.0), share))


def _by_group(table: Table) -> _Sums:
    """The sums of each group."""
    clusters, people = len(table.clusters), len(table.people)
    edges = coo_array(
        (np.ones(len(table.cells)), (table.cluster, clusters + table.person)),
        shape=(clusters + people, clusters + people),
    )
    number, labels = connected_components(edges, directed=False)
    label: Ints = labels.astype(np.int64)
    of_cluster, of_person = label[:clusters], label[clusters:]
    of_cell = of_cluster[table.cluster]
    cells = table.cells.astype(np.float64)

    def summed(where: Ints, what: object) -> Floats:
        return np.bincount(where, np.asarray(what, np.float64), number).astype(np.float64)

    splits, merges = slices(table, one, one)
    cost = information(1)
    told = np.add(*slices(table, cost, cost))
    return _Sums(
        tp=summed(of_cell, pairs_in(table.cells)),
        together=summed(of_cluster, pairs_in(table.clusters)),
        true=summed(of_person, pairs_in(table.people)),
        b_precision=summed(of_cell, cells**2 / table.clusters[table.cluster]),
        b_recall=summed(of_cell, cells**2 / table.people[table.person]),
        records=summed(of_cell, cells),
        exact=summed(of_cell, table.exact()),
        clusters=summed(of_cluster, np.ones(clusters)),
        people=summed(of_person, np.ones(people)),
        sharing=summed(of_person, table.sharing()),
        splits=summed(of_cell, splits),
        merges=summed(of_cell, merges),
        information=summed(of_cell, told),
    )


def _draws(distinct: Floats, counts: Ints, replicates: int, seed: int) -> Floats:
    """The sums of each draw of as many groups as there are; groups of equal sums are drawn together."""
    if not len(counts):
        return np.zeros((1, distinct.shape[1]))
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // len(counts))
    sizes = [min(step, replicates - start) for start in range(0, replicates, step)]
    shares = counts / counts.sum()
    return np.concatenate(
        [random.multinomial(int(counts.sum()), shares, size).astype(np.float64) @ distinct for size in sizes]
    )


def _interval(estimate: float, drawn: Floats, most: float, groups: int) -> Interval:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail)).tolist()
    if groups and np.isfinite(most) and np.ptp(drawn) == 0 and estimate in (0.0, most):
        unseen = wilson(groups if estimate else 0, groups)
        return Interval(estimate, most * unseen.low, most * unseen.high)
    return Interval(estimate, min(low, estimate), max(high, estimate))
