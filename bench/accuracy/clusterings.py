"""Which way of comparing customers is best: the same scored pairs, clustered in five ways.

In each component that edges join, all pairs of units are compared, and the clusters made by

- *components*: the connected components of the candidate pairs at the threshold;
- *average with zeros*: average linkage of match probabilities, pairs with nothing in common counting 0;
- *average*: average linkage of match weights, over the pairs that can be compared;
- *complete*: complete linkage, over the pairs that can be compared;
- *as customers*: what ships, attribute by attribute (`resolver.resolve.cluster`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from bench.accuracy import ours
from bench.accuracy.contenders import OURS
from bench.accuracy.datasets import Dataset, blind
from bench.accuracy.outcome import Point, best, point, recall_at
from bench.accuracy.report import PRECISIONS, table
from bench.accuracy.sweep import components
from resolver.match.columns import Columns
from resolver.match.weigh import threshold
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.components import members
from resolver.resolve.settings import Policy
from resolver.resolve.units import identifies, make_units

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WHOLE: Final = 400
"""Units up to which a component is compared whole; beyond that every way but ours takes components."""
_CHUNK: Final = 200_000


@dataclass(frozen=True, slots=True)
class Square:
    """One component: every pair of its units compared. `weight` in 1/1000 bit, where `comparable`."""

    weight: Floats
    comparable: NDArray[np.bool_]
    candidate: NDArray[np.bool_]


Way = Callable[[Square, Sequence[float]], Iterator[Ints]]
"""Labels of a component's units at each of the thresholds, which fall."""


def by_components(square: Square, thresholds: Sequence[float]) -> Iterator[Ints]:
    """Connected components of candidate pairs."""
    for each in thresholds:
        left, right = np.nonzero(np.triu(square.candidate & (square.weight >= threshold(each)), 1))
        yield components(len(square.weight), left, right)


def by_average_with_zeros(square: Square, thresholds: Sequence[float]) -> Iterator[Ints]:
    """Average linkage of probabilities; what cannot be compared counts 0."""
    chance = np.where(square.comparable, 1 / (1 + 2.0 ** np.minimum(-square.weight / 1000, 1000)), 0.0)
    np.fill_diagonal(chance, 1.0)
    tree = linkage(squareform(1 - chance, checks=False), "average")
    for each in thresholds:
        yield fcluster(tree, 1 - each, criterion="distance").astype(np.int64)


def by_average(square: Square, thresholds: Sequence[float]) -> Iterator[Ints]:
    """Average linkage of weights over comparable pairs."""
    count = square.comparable.astype(np.float64)

    def mean(total: Floats, pairs: Floats) -> Floats:
        found: Floats = np.divide(total, pairs, out=np.full(total.shape, -np.inf), where=pairs > 0)
        return found

    yield from _agglomerated(
        (np.where(square.comparable, square.weight, 0.0), count), np.add, mean, thresholds
    )


def by_complete(square: Square, thresholds: Sequence[float]) -> Iterator[Ints]:
    """Complete linkage over comparable pairs."""
    count = square.comparable.astype(np.float64)
    least = np.where(square.comparable, square.weight, np.inf)

    def told(weight: Floats, _: Floats) -> Floats:
        return np.where(np.isinf(weight), -np.inf, weight)

    yield from _agglomerated((least, count), np.minimum, told, thresholds)


def _agglomerated(
    told: tuple[Floats, Floats],
    joined: Callable[[Floats, Floats], Floats],
    score: Callable[[Floats, Floats], Floats],
    thresholds: Sequence[float],
) -> Iterator[Ints]:
    """Strongest first, ties by place; the state when nothing open reaches a threshold is its answer."""
    value, count = (each.copy() for each in told)
    labels = np.arange(len(value), dtype=np.int64)
    scores = score(value, count)
    scores[np.tril_indices(len(scores))] = -np.inf
    for each in thresholds:
        while len(scores) and scores.max() >= threshold(each):
            keep, gone = (int(n) for n in np.unravel_index(scores.argmax(), scores.shape))
            labels[labels == gone] = keep
            value[keep] = value[:, keep] = joined(value[keep], value[gone])
            count[keep] = count[:, keep] = count[keep] + count[gone]
            value[gone] = value[:, gone] = count[gone] = count[:, gone] = 0
            fresh = score(value[keep], count[keep])
            live = np.unique(labels)
            scores[gone] = scores[:, gone] = -np.inf
            above, below = live[live > keep], live[live < keep]
            scores[keep, above], scores[below, keep] = fresh[above], fresh[below]
        yield labels.copy()


WAYS: Final[Mapping[str, Way]] = {
    "components": by_components,
    "average with zeros": by_average_with_zeros,
    "average": by_average,
    "complete": by_complete,
}
SHIPPED: Final = "as customers"


def compared(resolved: ours.Read, truth: Sequence[str]) -> Mapping[str, Sequence[Point]]:
    """The points of every way on one set."""
    thresholds = sorted(ours.THRESHOLDS, reverse=True)
    size = len(truth)
    found = {name: np.tile(np.arange(size), (len(thresholds), 1)) for name in WAYS}
    for places, square in _squares(resolved):
        least = np.array([each[0] for each in places])
        for name, way in WAYS.items():
            taken = by_components if len(places) > WHOLE else way
            for row, labels in zip(found[name], taken(square, thresholds), strict=True):
                _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
                for unit, label in enumerate(inverse.tolist()):
                    row[places[unit]] = least[first[label]]
    points = {
        name: [point(each, "own", row.tolist(), truth) for each, row in zip(thresholds, rows, strict=True)]
        for name, rows in found.items()
    }
    points[SHIPPED] = [
        point(each, "own", ours.labels(resolved, each).tolist(), truth) for each in ours.THRESHOLDS
    ]
    return points


def _squares(resolved: ours.Read) -> Iterator[tuple[list[list[int]], Square]]:
    """Each component of several units: the places of each unit's records, and all its pairs compared."""
    evidence, model, policy = resolved.found.evidence, resolved.found.model, Policy()
    columns = Columns(model, evidence.nodes, evidence.silent)
    units = make_units(evidence.records, evidence.judgements, _alone(columns, resolved, policy))
    places = [sorted(resolved.place[key] for key in unit.records) for unit in units]
    node = np.array([unit.node for unit in units], np.int64)
    holders: dict[int, list[int]] = {}
    for number, unit in enumerate(units):
        holders.setdefault(unit.node, []).append(number)
    left, right = candidate_pairs(evidence.blocks, evidence.silent)
    itself = np.array([n for n, several in sorted(holders.items()) if len(several) > 1], np.int64)
    left, right = np.append(left, itself), np.append(right, itself)
    strong = _totals(columns, left, right) >= policy.edge_weight
    edges = {
        (min(a, b), max(a, b))
        for one, other in zip(left[strong].tolist(), right[strong].tolist(), strict=True)
        for a in holders.get(one, ())
        for b in holders.get(other, ())
        if a != b
    }
    ends = np.array(sorted(edges), np.int64).reshape(-1, 2)
    for group in members(components(len(units), ends[:, 0], ends[:, 1])):
        if len(group) > 1:
            yield [places[unit] for unit in group.tolist()], _square(columns, node[group], group, edges)


def _alone(columns: Columns, resolved: ours.Read, policy: Policy) -> frozenset[int]:
    """Nodes that identify nobody and would not merge with their own like; each record stands for itself."""
    evidence = resolved.found.evidence
    weak = np.array(
        [n for n, each in enumerate(evidence.nodes) if not identifies(each, evidence.silent)], np.int64
    )
    return frozenset(weak[_totals(columns, weak, weak) < policy.merge_weight].tolist())


def _totals(columns: Columns, left: Ints, right: Ints) -> Ints:
    starts = range(0, len(left), _CHUNK)
    return np.concatenate(
        [columns.totals(left[n : n + _CHUNK], right[n : n + _CHUNK]) for n in starts] or [left]
    )


def _square(columns: Columns, nodes: Ints, group: Ints, edges: set[tuple[int, int]]) -> Square:
    size = len(nodes)
    one, other = np.triu_indices(size, 1)
    near = np.array(
        [(a, b) in edges for a, b in zip(group[one].tolist(), group[other].tolist(), strict=True)], bool
    )
    if size > WHOLE:
        one, other, near = one[near], other[near], near[near]
    pairs = columns.pairs(nodes[one], nodes[other])
    square = Square(np.zeros((size, size)), np.zeros((size, size), bool), np.zeros((size, size), bool))
    for a, b in ((one, other), (other, one)):
        square.weight[a, b] = [pair.weight for pair in pairs]
        square.comparable[a, b] = [bool(pair.said) for pair in pairs]
        square.candidate[a, b] = near
    return square


def tables(sets: Sequence[Dataset], folder: Path, cache: Path) -> str:
    """The comparison on each set that is not large, in Markdown; kept like outcomes."""
    header = ("set", "way", "R at P .97", ".98", ".99", "best F1", "at", "strangers there")
    rows: list[Sequence[str]] = []
    for dataset in sets:
        if not dataset.large and not dataset.like:
            for name, points in _kept(dataset, folder, cache).items():
                rows.append((dataset.name, name, *_figures(points)))
    return (__doc__ or "").partition("\n\n")[2] + "\n" + table(header, rows)


def _kept(dataset: Dataset, folder: Path, cache: Path) -> Mapping[str, Sequence[Point]]:
    kept = cache / "clusterings" / f"{dataset.name}-{OURS.version()}.json"
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=dict[str, list[Point]])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.csv"
        truth = list(blind(dataset, folder, path).values())
        found = compared(
            ours.read(path, dataset.id_column, region=dataset.region, attributes=dataset.attributes), truth
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(msgspec.json.encode(found))
    return found


def _figures(points: Sequence[Point]) -> Iterator[str]:
    for precision in PRECISIONS:
        found = recall_at(points, precision)
        yield f"{found.pairs.recall:.4f}" if found else "none"
    top = best(points)
    yield f"{top.pairs.f1:.4f}"
    yield f"{top.threshold:g}"
    yield f"{top.strangers:.0f}"
