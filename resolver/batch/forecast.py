"""How many comparisons blocking will bring, told before the first of them is made.

A pair may meet in several blocks and is then compared once, so every figure here is a most.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from heapq import nsmallest
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.batch.nodes import Blocks
from resolver.match.columns import generic_key

Ints = NDArray[np.int64]

MOST: Final = 10
"""How many of the keys that fell silent are named."""
SAMPLE: Final = 4000
"""Of how many blocks about as large as each other the family is looked up."""
_FILTER: Final = 22
"""Bits of a key by which most of those that are not sought are put aside."""


class Family(NamedTuple):
    """Blocking keys of one making, `name` being what stands before the first colon.

    `blocks` are those that speak and hold two nodes or more, `pairs` what they bring together at most,
    `largest` the nodes of the greatest that was looked at.
    """

    name: str
    blocks: int
    pairs: int
    largest: int


class Silenced(NamedTuple):
    """A key that finds nobody, for it would have brought `pairs` pairs of its `nodes` nodes together.

    `generic` where it is a value that too many persons share, else its block is too large. `key` holds
    personal data.
    """

    key: str
    nodes: int
    pairs: int
    generic: bool


class Forecast(NamedTuple):
    """What comparing will take.

    `pairs` is the sum over all blocks that speak, of which there are `blocks`. `families` come with the
    greatest number of pairs first; their figures are estimates where not `exact`. `explosions` are the
    keys that would have brought most, of the `silenced` keys there are, which would have brought `spared`
    pairs together. Keys that one node alone holds bring nothing and are in no figure.
    """

    nodes: int
    blocks: int
    pairs: int
    families: tuple[Family, ...]
    exact: bool
    silenced: int
    spared: int
    explosions: tuple[Silenced, ...]


def forecast(
    blocks: Blocks,
    words: Sequence[Sequence[str]],
    silent: AbstractSet[str],
    *,
    most: int = MOST,
    sample: int = SAMPLE,
) -> Forecast:
    """What the blocking keys of all nodes will bring; at most `most` silent ones are named.

    `words` are each node's keys in words, which take long to make: they are made for `sample` blocks of
    each size class, from which the class is shared out among the families. A class doubles in size from
    one to the next, and one of no more blocks than that is counted whole.
    """
    keys, sizes = _shared(blocks)
    silenced = _silenced(keys, sizes, silent)
    quiet = np.isin(keys, np.fromiter(map(hash, silent), np.int64, len(silent)))
    keys, sizes = keys[~quiet], sizes[~quiet]
    families, exact = _families(blocks, words, keys, sizes, sample)
    return Forecast(
        nodes=blocks.size,
        blocks=len(keys),
        pairs=int(_pairs(sizes).sum()),
        families=families,
        exact=exact,
        silenced=len(silenced),
        spared=sum(each.pairs for each in silenced),
        explosions=tuple(nsmallest(most, silenced, key=lambda each: (-each.nodes, each.key))),
    )


def _pairs(sizes: Ints) -> Ints:
    return sizes * (sizes - 1) // 2


def _shared(blocks: Blocks) -> tuple[Ints, Ints]:
    """Every key that several nodes hold, in order, and how many do."""
    keys = np.sort(blocks.key)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    sizes = np.diff(np.append(starts, len(keys)))
    several = sizes > 1
    return keys[starts[several]], sizes[several]


def _silenced(keys: Ints, sizes: Ints, silent: AbstractSet[str]) -> list[Silenced]:
    """The silent keys that several nodes hold, in no order; marks that are no keys fall away."""
    found = []
    for key in silent:
        place = int(np.searchsorted(keys, hash(key)))
        if place < len(keys) and keys[place] == hash(key):
            size = int(sizes[place])
            found.append(Silenced(key, size, size * (size - 1) // 2, generic_key(key) in silent))
    return found


def _families(
    blocks: Blocks, words: Sequence[Sequence[str]], keys: Ints, sizes: Ints, sample: int
) -> tuple[tuple[Family, ...], bool]:
    """Each family's share of the live keys, and whether every one of them was looked at."""
    # The keys are numbers as good as random, so the first of a class are a fair sample of it.
    classes = [(whole, whole[:sample]) for whole in _classes(sizes)]
    looked_at = np.sort(np.concatenate([seen for _, seen in classes])) if classes else sizes[:0]
    name_of = _names(blocks, words, keys[looked_at])
    count: Counter[str] = Counter()
    brought: dict[str, float] = defaultdict(float)
    number: dict[str, float] = defaultdict(float)
    largest: Counter[str] = Counter()
    for whole, seen in classes:
        blocks_each = len(whole) / len(seen)
        pairs_each = int(_pairs(sizes[whole]).sum()) / int(_pairs(sizes[seen]).sum())
        for key, size in zip(keys[seen].tolist(), sizes[seen].tolist(), strict=True):
            name = name_of[key]
            number[name] += blocks_each
            brought[name] += pairs_each * (size * (size - 1) // 2)
            largest[name] = max(largest[name], size)
            count[name] += 1
    found = (Family(name, round(number[name]), round(brought[name]), largest[name]) for name in count)
    ranked = tuple(sorted(found, key=lambda each: (-each.pairs, each.name)))
    return ranked, len(looked_at) == len(keys)


def _classes(sizes: Ints) -> Iterator[Ints]:
    """Places of blocks of two nodes or three, of four to seven, and so on: every class that has one."""
    doublings = np.frexp(sizes)[1]
    for doubling in np.unique(doublings).tolist():
        yield np.flatnonzero(doublings == doubling)


def _names(blocks: Blocks, words: Sequence[Sequence[str]], sought: Ints) -> Mapping[int, str]:
    """The families of keys, by the words of one node that holds each."""
    bits = (1 << _FILTER) - 1
    likely = np.zeros(1 << _FILTER, np.bool_)
    likely[sought & bits] = True
    places = np.flatnonzero(likely[blocks.key & bits])
    places = places[np.isin(blocks.key[places], sought)]
    held, first = np.unique(blocks.key[places], return_index=True)
    wanted = set(held.tolist())
    return {
        hash(key): key.partition(":")[0]
        for node in np.unique(blocks.node[places[first]]).tolist()
        for key in words[node]
        if hash(key) in wanted
    }
