"""The nodes of a file, packed: their features as bytes, their blocking keys as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from resolver.match.blocking import blocking_keys
from resolver.normalise.evidence import decode
from resolver.normalise.features import Features
from resolver.resolve.candidates import meeting
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silent_keys

Ints = NDArray[np.int64]


class Nodes(Sequence[Features]):
    """Features of every node, packed, and made anew whenever asked.

    `numbers` are the places among `packed` of those that there are; all of them where they are not given.
    """

    def __init__(self, packed: Sequence[bytes], numbers: Ints | None = None) -> None:
        self._packed = packed
        self._numbers = np.arange(len(packed)) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, number: int) -> Features: ...
    @overload
    def __getitem__(self, number: slice) -> Nodes: ...
    def __getitem__(self, number: int | slice) -> Features | Nodes:
        if isinstance(number, slice):
            return Nodes(self._packed, self._numbers[number])
        return decode(self._packed[int(self._numbers[number])])

    def __iter__(self) -> Iterator[Features]:
        return (decode(self._packed[number]) for number in self._numbers.tolist())


class Keys(Sequence[tuple[str, ...]]):
    """Blocking keys of every node in words, made anew whenever asked: for those who look at a few."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes

    def __len__(self) -> int:
        return len(self.nodes)

    @overload
    def __getitem__(self, number: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, number: slice) -> Keys: ...
    def __getitem__(self, number: int | slice) -> tuple[str, ...] | Keys:
        if isinstance(number, slice):
            return Keys(self.nodes[number])
        return blocking_keys(self.nodes[number])

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return map(blocking_keys, self.nodes)


class Asserted(NamedTuple):
    """Who asserts the identifiers that are blocking keys, as columns.

    `key` and `description` are numbers, `verified` tells how sure the assertion is.
    """

    key: Ints
    description: Ints
    verified: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocking keys of every node as columns: `key[n]` is held by `node[n]`.

    Keys are told apart by hashes of 64 bits: two keys of fifty million would be taken for one in fewer
    than one of ten thousand runs, and then bring candidates together that weighing keeps apart.
    """

    size: int
    node: Ints
    key: Ints

    def candidates(self, silent: AbstractSet[str]) -> tuple[Ints, Ints]:
        """Pairs of nodes that meet under a key which is not silent: those of `candidate_pairs`."""
        live = ~_among(self.key, np.fromiter(map(hash, silent), np.int64, len(silent)))
        return meeting(self.size, self.node[live], self.key[live])

    def silence(self, policy: Policy, asserted: Asserted, nodes: Sequence[Features]) -> frozenset[str]:
        """All silent keys, in words: those of `resolver.resolve.silence.silence`."""
        keys, sizes = np.unique(self.key, return_counts=True)
        described = _distinct(keys, asserted.key, asserted.description)
        verified = _distinct(keys, asserted.key[asserted.verified], asserted.description[asserted.verified])
        # Few are near any line, and only of these must be known what they are.
        least = min(policy.block_cap, policy.identifier_cap)
        loud = (sizes > least) | (described >= policy.generic_line) | (verified >= policy.generic_line)
        counts = {
            int(key): (int(size), int(people), int(sure))
            for key, size, people, sure in zip(
                keys[loud], sizes[loud], described[loud], verified[loud], strict=True
            )
        }
        held = np.flatnonzero(_among(self.key, keys[loud]))
        _, first = np.unique(self.key[held], return_index=True)
        holders = np.unique(self.node[held[first]])
        words = {
            key for node in holders.tolist() for key in blocking_keys(nodes[node]) if hash(key) in counts
        }
        return frozenset(silent for key in words for silent in silent_keys(policy, key, *counts[hash(key)]))


def _distinct(keys: Ints, key: Ints, description: Ints) -> Ints:
    """How many distinct descriptions each of the sorted `keys` has."""
    order = np.lexsort((description, key))
    key, description = key[order], description[order]
    another = np.append(True, (key[1:] != key[:-1]) | (description[1:] != description[:-1]))[: len(key)]
    return np.bincount(np.searchsorted(keys, key[another]), minlength=len(keys))


def _among(values: Ints, few: Ints) -> NDArray[np.bool_]:
    """Which of many values are among a few: found by halving, where sorting them all takes longer."""
    few = np.sort(few)
    place = np.minimum(np.searchsorted(few, values), max(len(few) - 1, 0))
    among: NDArray[np.bool_] = few[place] == values if len(few) else np.zeros(len(values), bool)
    return among
