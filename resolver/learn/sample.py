"""Pairs to learn from: random ones for strangers, and those that agree on one attribute for people.

    random     any two nodes: nearly all strangers
    session    two nodes that agree on one attribute exactly: a mixture to be told apart by the *others*

A pair that was found through an attribute says nothing of how often people agree on it, so every session
leaves its own attribute out. What one attribute cannot tell another session does.

Nodes are taken in the order of their digest and drawn by counted bits, so neither the order of rows nor
the library's version changes what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.keys import identifier_block
from resolver.match.columns import ATTRIBUTE_OF, is_firm, voices
from resolver.normalise.evidence import digest
from resolver.normalise.features import Features

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PLACE: Final = ("postcode", "street", "city", "country")
BLOCK: Final = 500
"""Nodes that may share a value before it is left out of its session: it names no one."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of nodes (left < right). `weight` is what each counts; `scale` how many pairs each stands for.

    A block of n nodes counts n - 1, not n(n - 1)/2, so that one loyal customer of a hundred records is
    no more than the hundred records of one.
    """

    left: Ints
    right: Ints
    weight: Floats
    scale: float

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True)
class Session:
    """Pairs that agree on one attribute; `hidden` are the comparisons that they cannot speak of."""

    name: str
    hidden: tuple[str, ...]
    pairs: Pairs


def canonical(nodes: Iterable[Features]) -> list[Features]:
    """Each node once, in the order of its digest: the same list for any order of rows."""
    return [node for _, node in sorted({digest(node): node for node in nodes}.items())]


def random_pairs(size: int, count: int, seed: int) -> Pairs:
    """At most `count` distinct pairs of `size` nodes; all of them where there are no more."""
    total = size * (size - 1) // 2
    number = _drawn(total, count, seed)
    left, right = _unranked(number, np.zeros(len(number), np.int64))
    return Pairs(left, right, np.ones(len(number)), total / max(len(number), 1))


def sessions(nodes: Sequence[Features], silent: frozenset[str], count: int, seed: int) -> list[Session]:
    """All sessions that have a pair, each of at most `count` pairs, drawn from all that it has."""
    found = []
    for name, hidden, keys in _keys(silent):
        pairs = sharing((keys(node) for node in nodes), count, seed)
        if len(pairs):
            found.append(Session(name, hidden, pairs))
    return found


def sharing(keys: Iterable[Sequence[str]], count: int, seed: int, block: int = BLOCK) -> Pairs:
    """Pairs that share a key, at most `count`, uniformly from all pairs of blocks of 2 to `block` nodes.

    A pair that shares several keys may be drawn for each.
    """
    members: dict[str, list[int]] = {}
    for node, texts in enumerate(keys):
        for text in texts:
            members.setdefault(text, []).append(node)
    blocks = [each for _, each in sorted(members.items()) if 2 <= len(each) <= block]
    flat = np.array([*chain.from_iterable(blocks)], np.int64)
    sizes = np.array([len(each) for each in blocks], np.int64)
    counts = sizes * (sizes - 1) // 2
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    drawn = _drawn(total, count, seed)
    home = np.searchsorted(ends, drawn, side="right")
    starts = np.cumsum(sizes) - sizes
    left, right = _unranked(drawn - (ends - counts)[home], starts[home])
    return Pairs(flat[left], flat[right], 2.0 / sizes[home], total / max(len(drawn), 1))


def candidates(blocks: Sequence[Sequence[str]], silent: frozenset[str], count: int, seed: int) -> Pairs:
    """At most `count` of the pairs that meet under a live blocking key; `blocks` are each node's keys.

    A pair that shares several keys may be drawn by each, and weighs so much the less.
    """
    live = [frozenset(keys) - silent for keys in blocks]
    pairs = sharing((sorted(keys) for keys in live), count, seed, block=len(live))
    met = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    shared = np.array([len(live[a] & live[b]) for a, b in met], np.float64)
    return Pairs(pairs.left, pairs.right, 1.0 / shared, pairs.scale)


def _unranked(number: Ints, start: Ints) -> tuple[Ints, Ints]:
    """The number-th pair of a block that starts there: (0, 1), (0, 2), (1, 2), (0, 3) and so on."""
    right = ((1 + np.sqrt(1 + 8 * number.astype(np.float64))) / 2).astype(np.int64)
    right -= right * (right - 1) // 2 > number  # the root of a large number may be off by one
    right += right * (right + 1) // 2 <= number
    left = number - right * (right - 1) // 2
    return start + left, start + right


def _drawn(total: int, count: int, seed: int) -> Ints:
    """Sorted distinct numbers below `total`: all, or nearly `count` by counted bits."""
    if total <= count:
        return np.arange(total, dtype=np.int64)
    # The bits of a bit generator never change with the library's version; what is made of them may.
    bits = np.random.PCG64(seed).random_raw(count)
    return np.unique(bits % np.uint64(total)).astype(np.int64)


_Keys = Callable[[Features], Sequence[str]]


def _keys(silent: frozenset[str]) -> list[tuple[str, tuple[str, ...], _Keys]]:
    identifiers: list[tuple[str, tuple[str, ...], _Keys]] = [
        (attribute, (attribute,), _identifier(attribute, silent)) for attribute in ATTRIBUTE_OF.values()
    ]
    return [
        *identifiers,
        ("name", ("given", "family"), _name),
        ("birth", ("birth",), _birth),
        ("place", PLACE, _place),
        ("organisation", ("organisation",), _organisation),
    ]


def _identifier(attribute: str, silent: frozenset[str]) -> _Keys:
    def keys(node: Features) -> Sequence[str]:
        mine = (value for value in node.values if ATTRIBUTE_OF.get(value.identifier.kind) == attribute)
        return sorted({identifier_block(value.identifier) for value in mine if voices(node, value, silent)})

    return keys


def _name(node: Features) -> Sequence[str]:
    name = node.name
    if name is None or not (name.given and name.family) or len(name.given[0]) == 1:
        return ()
    return (f"{name.given[0]} {' '.join(name.family)}",)


def _birth(node: Features) -> Sequence[str]:
    birth = node.birth
    if birth is None or not birth.day or birth.ambiguous:
        return ()
    return (f"{birth.year}-{birth.month}-{birth.day}",)


def _place(node: Features) -> Sequence[str]:
    place = node.place
    if place.street and place.house and (place.postcode or place.city):
        return (f"{place.country}:{place.postcode or place.city}:{place.street}:{place.house}",)
    if place.postcode and not place.postcode.isdigit():
        return (f"{place.country}:{place.postcode}",)
    return ()


def _organisation(node: Features) -> Sequence[str]:
    return (" ".join(sorted(node.organisation)),) if is_firm(node) else ()
