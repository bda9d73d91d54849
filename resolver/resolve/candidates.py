"""Candidates: pairs of nodes that share a live blocking key, each pair once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def candidate_pairs(blocks: Sequence[Sequence[str]], silent: frozenset[str]) -> tuple[Ints, Ints]:
    """Node numbers (left < right) of every pair that meets under a key which is not silent.

    `blocks` are each node's keys. Caps bound every live block, so the work is linear in the nodes.
    """
    index: dict[str, int] = {}
    node, key = [], []
    for number, keys in enumerate(blocks):
        for text in keys:
            if text not in silent:
                node.append(number)
                key.append(index.setdefault(text, len(index)))
    nodes, keys_ = np.array(node, np.int64), np.array(key, np.int64)
    order = np.lexsort((nodes, keys_))
    nodes, keys_ = nodes[order], keys_[order]
    met: list[Ints] = []
    place, step = np.arange(len(nodes)), 0
    while len(place):
        step += 1
        place = place[place + step < len(nodes)]
        place = place[keys_[place] == keys_[place + step]]
        met.append(nodes[place] * len(blocks) + nodes[place + step])
    pairs = np.unique(np.concatenate(met)) if met else np.zeros(0, np.int64)
    return pairs // max(len(blocks), 1), pairs % max(len(blocks), 1)
