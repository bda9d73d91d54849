"""Of which pair a judgement speaks: the likeliest across what it newly joins or parts.

A judgement names customers whole, and most pairs in it were never in question: the records of either side
were together before, and that any two far ends of two customers match nobody has said. Put to a steward
was whether two sides are one, and of that the likeliest pair across them is what the model has to say. So
a judgement counts as one pair, of whatever size the customers are:

- *Several parts* (a split, a suggestion refused, an automatic merge undone): the likeliest pair of two parts.
- *One part* (a merge, a suggestion accepted): it does not tell the sides, but each hung together before. So
  the sides are what the last and weakest join leaves when the records are joined strongest first (Kruskal,
  1956: the lightest edge of the heaviest spanning tree), and that join is the likeliest pair across them.

What earlier judgements decided is not counted again. Equal evidence is one node, joined without being
weighed: two such records say nothing of weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.learn.judgements import Judged
from resolver.match.columns import Columns
from resolver.match.document import Document
from resolver.match.model import build
from resolver.normalise.evidence import digest
from resolver.normalise.features import Features
from resolver.resolve.disjoint import Disjoint

Ints = NDArray[np.int64]

LARGEST: Final = 1000
"""Distinct records' evidence in a judgement beyond which it is passed over: pairs grow with the square."""


class Grouping(NamedTuple):
    """A judgement in force, by the evidence of its live records.

    One part: its records are one customer's. Several: no two parts are. A part may have no live record left.
    """

    parts: tuple[tuple[Features, ...], ...]


def telling_pairs(
    document: Document,
    groupings: Sequence[Grouping],
    *,
    population: int,
    silent: frozenset[str] = frozenset(),
) -> list[Judged]:
    """The pairs of which judgements speak, at most one of each; they are given in the order of their acts.

    Which pair is likeliest the document says, at this population; of equals the first by digest. The order
    of the records within a part, and of the parts, changes nothing.
    """
    named = [[{digest(node): node for node in part} for part in each.parts] for each in groupings]
    found = {name: node for parts in named for part in parts for name, node in part.items()}
    names = sorted(found)
    place = {name: number for number, name in enumerate(names)}
    nodes = [found[name] for name in names]
    columns = Columns(build(document, population), nodes, silent)
    known = _Known()
    judged = []
    for each in named:
        parts = sorted((frozenset(place[name] for name in part) for part in each), key=sorted)
        together = len(parts) == 1
        if len(frozenset().union(*parts)) <= LARGEST:
            pair = _weakest_join(columns, parts[0], known) if together else _nearest(columns, parts, known)
            if pair is not None:
                judged.append(Judged(nodes[pair[0]], nodes[pair[1]], together))
        known.take(parts, together=together)
    return judged


class _Known:
    """What the judgements so far have decided of nodes."""

    def __init__(self) -> None:
        self._joined = Disjoint()
        self._parted: dict[int, dict[int, set[int]]] = {}
        self._taken = 0

    def take(self, parts: Sequence[frozenset[int]], *, together: bool) -> None:
        """A judgement."""
        self._taken += 1
        if together and parts[0]:
            self._joined.join(*parts[0])
        for number, part in enumerate(parts):
            for node in part:
                # Equal evidence may stand in several parts.
                self._parted.setdefault(node, {}).setdefault(self._taken, set()).add(number)

    def sides(self, nodes: Iterable[int]) -> Disjoint:
        """These nodes, those in one set that merges have joined so far."""
        sides = Disjoint()
        for node in nodes:
            sides.join(("joined", self._joined.find(node)), node)
        return sides

    def apart(self, left: int, right: int) -> bool:
        """Whether one judgement had these nodes in two parts."""
        mine, others = self._parted.get(left, {}), self._parted.get(right, {})
        return any(len(parts | others[number]) > 1 for number, parts in mine.items() if number in others)


def _weakest_join(columns: Columns, part: frozenset[int], known: _Known) -> tuple[int, int] | None:
    """The last join of those that make a part one, strongest first; None where it is one already."""
    sides, last = known.sides(part), None
    for left, right in _strongest_first(columns, [part, part]):
        if sides.find(left) != sides.find(right):
            sides.join(left, right)
            last = left, right
    return last


def _nearest(columns: Columns, parts: Sequence[frozenset[int]], known: _Known) -> tuple[int, int] | None:
    """The likeliest pair of two parts that no judgement has parted; None where there is none."""
    pairs = _strongest_first(columns, parts)
    return next((pair for pair in pairs if not known.apart(*pair)), None)


def _strongest_first(columns: Columns, parts: Sequence[frozenset[int]]) -> Iterator[tuple[int, int]]:
    """All pairs of different nodes across parts, by weight, then by number."""
    met = {
        (min(left, right), max(left, right))
        for number, part in enumerate(parts)
        for other in parts[number + 1 :]
        for left in part
        for right in other
        if left != right
    }
    pairs: Ints = np.array(sorted(met), np.int64).reshape(-1, 2)
    order = np.argsort(-columns.totals(pairs[:, 0], pairs[:, 1]), kind="stable")
    return ((left, right) for left, right in pairs[order].tolist())


__all__ = ["Grouping", "telling_pairs"]
