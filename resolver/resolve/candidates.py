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
    return meeting(len(blocks), np.array(node, np.int64), np.array(key, np.int64))


def meeting(size: int, node: Ints, key: Ints) -> tuple[Ints, Ints]:
    """The same for columns: `node[n]`, a number below `size`, holds the key of number `key[n]`, once."""
    order = np.argsort(key)
    node, key = node[order], key[order]
    met: list[Ints] = []
    place, step = np.arange(len(node)), 0
    while len(place):
        step += 1
        place = place[place + step < len(node)]
        place = place[key[place] == key[place + step]]
        one, other = node[place], node[place + step]
        met.append(np.minimum(one, other) * size + np.maximum(one, other))
    # Sorted and not made unique by NumPy, which hashes: that takes a hundred times as long.
    pairs = np.concatenate(met) if met else np.zeros(0, np.int64)
    pairs.sort()
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    return pairs // max(size, 1), pairs % max(size, 1)
