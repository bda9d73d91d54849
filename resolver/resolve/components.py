"""Components: what edges join, and how one that has grown too large sheds its weakest edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolver.match.model import MILLIBIT
from resolver.resolve.settings import Policy

Ints = NDArray[np.int64]

UNBREAKABLE = np.iinfo(np.int64).max
"""The weight of an edge that is never shed: a must-link."""


def label(size: int, left: Ints, right: Ints) -> Ints:
    """For each of `size` nodes the number of its component; components are numbered by first node."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse].astype(np.int64)


def members(labels: Ints) -> list[Ints]:
    """The nodes of each component, in order."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1) if len(labels) else []


def fitting_parts(policy: Policy, nodes: Ints, left: Ints, right: Ints, weight: Ints) -> list[Ints]:
    """A component as parts to cluster, each on its own.

    One of more than `component_cap` nodes sheds its weakest edges bit by bit, each part that does not
    fit by itself, up to the merge threshold: an edge that would merge two records by itself is not
    shed, for a loyal customer may have more records than the cap. `left`, `right` and `weight` are its
    edges.
    """
    parts: list[Ints] = []
    waiting = [(nodes, left, right, weight, policy.edge_weight)]
    while waiting:
        part, left, right, weight, floor = waiting.pop()
        if len(part) <= policy.component_cap or floor >= policy.merge_weight:
            parts.append(part)
            continue
        floor = min(floor + MILLIBIT, policy.merge_weight)
        strong = weight >= floor
        left, right, weight = left[strong], right[strong], weight[strong]
        labels = label(len(part), np.searchsorted(part, left), np.searchsorted(part, right))
        edge_label = labels[np.searchsorted(part, left)]
        order = np.argsort(edge_label, kind="stable")
        groups = members(labels)
        bounds = np.searchsorted(edge_label[order], np.arange(len(groups) + 1)).tolist()
        for number, group in enumerate(groups):
            own = order[bounds[number] : bounds[number + 1]]
            waiting.append((part[group], left[own], right[own], weight[own], floor))
    return sorted(parts, key=lambda part: int(part[0]))
