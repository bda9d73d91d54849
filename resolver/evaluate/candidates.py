"""The pairs that were weighed: every two records that share a live blocking key, with their weight.

Records of equal evidence are one node and are weighed once; counts are always of pairs of records, so
that one node of a thousand equal records speaks for half a million pairs, not for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from graph.model import RecordKey
from resolver.evaluate.measures import Ints, Labels, codes
from resolver.match.columns import Columns
from resolver.match.model import Model
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.partition import Evidence

CHUNK = 200_000
"""Pairs that are weighed or counted at once, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Items:
    """The records that are looked at: the node of each, and the customer that it was given.

    Both are numbers from 0; two items are of one customer where their customers are equal.
    """

    node: Ints
    customer: Ints

    @classmethod
    def of(cls, evidence: Evidence, keys: Sequence[RecordKey], customers: Labels) -> Items:
        """Items in the order of `keys`. Raises KeyError for a record that there is no evidence of."""
        nodes = dict(evidence.records)
        return cls(np.array([nodes[key] for key in keys], np.int64), codes(customers))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of nodes that were weighed; `left` is `right` where one node has several items.

    `weight` is in 1/1000 bit; `pairs` counts the pairs of items that it speaks for.
    """

    left: Ints
    right: Ints
    weight: Ints
    pairs: Ints

    def select(self, which: Ints) -> Candidates:
        """Those at these places."""
        return Candidates(self.left[which], self.right[which], self.weight[which], self.pairs[which])


def weighed(model: Model, evidence: Evidence, items: Items) -> Candidates:
    """All candidates among the items, as clustering weighs them before it compares customers."""
    left, right = candidate_pairs(evidence.blocks, evidence.silent)
    held = np.bincount(items.node, minlength=len(evidence.nodes))
    several = np.flatnonzero(held > 1)
    left, right = np.append(left, several), np.append(right, several)
    there = (held[left] > 0) & (held[right] > 0)
    left, right = left[there], right[there]
    columns = Columns(model, evidence.nodes, evidence.silent)
    weight = [
        columns.totals(left[at : at + CHUNK], right[at : at + CHUNK]) for at in range(0, len(left), CHUNK)
    ]
    pairs = alike(left, right, items.node, np.zeros(len(items.node), np.int64))
    return Candidates(left, right, np.concatenate(weight) if weight else np.zeros(0, np.int64), pairs)


def alike(left: Ints, right: Ints, node: Ints, label: Ints) -> Ints:
    """For each pair of nodes, how many pairs of their items bear the same label (numbers from 0)."""
    if not len(left):
        return np.zeros(0, np.int64)
    shape = int(max(left.max(), right.max(), node.max())) + 1, int(label.max()) + 1
    table = csr_array((np.ones(len(node), np.int64), (node, label)), shape=shape)
    table.sum_duplicates()
    held = np.asarray(table.sum(axis=1), np.int64)
    chunks = []
    for at in range(0, len(left), CHUNK):
        one, other = left[at : at + CHUNK], right[at : at + CHUNK]
        met = np.asarray((table[one] * table[other]).sum(axis=1), np.int64)
        chunks.append(np.where(one == other, (met - held[one]) // 2, met))
    return np.concatenate(chunks)
