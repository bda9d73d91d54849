"""Pairs of nodes weighed: those that reach the edge threshold are edges, others may be related."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeVar

import numpy as np

from resolver.match.section import Section, Sections
from resolver.match.weigh import Ints
from resolver.resolve.related import Tie, ties
from resolver.resolve.settings import Policy

CHUNK: Final = 200_000
"""Pairs that are weighed at once, so that memory stays bounded."""

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


class Spread(Protocol):
    """Who does the work: like `map`, answers in the order of the items; maybe in several processes."""

    def __call__(self, work: Callable[[_Item], _Done], items: Iterable[_Item], /) -> Iterator[_Done]:
        """What the work makes of each item."""


class Weighed(NamedTuple):
    """Pairs of nodes, the lesser first, each once, and what they weigh against both alternatives: columns."""

    left: Ints
    right: Ints
    weight: Ints


class Edges(NamedTuple):
    """Pairs of units, the lesser first, that reach the edge threshold, with their weight, as columns."""

    left: Ints
    right: Ints
    weight: Ints


def edges(
    policy: Policy,
    sections: Sections,
    silent: frozenset[str],
    candidates: tuple[Ints, Ints],
    holders: Mapping[int, Sequence[int]],
    *,
    related: bool,
    weighed: Weighed | None,
    spread: Spread,
) -> tuple[Edges, Sequence[Tie]]:
    """The edges between units, and beside them the pairs of nodes that are related, where it is asked for.

    `candidates` are pairs of nodes; `holders` are the units of each node that has any. `weighed` is what is
    known of pairs of nodes, which are not weighed again, nor are they told where they are related.
    """
    left, right = _with_themselves(candidates, holders)
    weight, unknown = _known(left, right, weighed)
    weight[unknown], met = _weighed(
        policy, sections, silent, left[unknown], right[unknown], related=related, spread=spread
    )
    strong = weight >= policy.edge_weight
    return _between_units(left[strong], right[strong], weight[strong], holders), sorted(met)


def _known(left: Ints, right: Ints, weighed: Weighed | None) -> tuple[Ints, Ints | slice]:
    """The weight of each pair, as far as it is known, and the places of those of which it is not."""
    weight = np.empty(len(left), np.int64)
    if weighed is None:
        return weight, slice(None)
    width = 1 + max(right.max(initial=0), weighed.right.max(initial=0))
    pairs, known = left * width + right, weighed.left * width + weighed.right
    _, place, where = np.intersect1d(pairs, known, assume_unique=True, return_indices=True)
    weight[place] = weighed.weight[where]
    return weight, np.delete(np.arange(len(left)), place)


def _weighed(
    policy: Policy,
    sections: Sections,
    silent: frozenset[str],
    left: Ints,
    right: Ints,
    *,
    related: bool,
    spread: Spread,
) -> tuple[Ints, list[Tie]]:
    """The weight of each pair of nodes that may be an edge; and those that are related, if that is asked."""
    if len(left) > CHUNK:
        sections.make_ready()
    weigher = _Weigher(policy, sections, silent, related, left, right, *_tiles(left, right, sections))
    weight = np.empty(len(left), np.int64)
    met: list[Tie] = []
    for number, (weights, found) in enumerate(spread(weigher.weigh, range(len(weigher.bounds) - 1))):
        weight[weigher.pairs_of(number)] = weights
        met.extend(found)
    return weight, met


def _with_themselves(
    candidates: tuple[Ints, Ints], holders: Mapping[int, Sequence[int]]
) -> tuple[Ints, Ints]:
    """The pairs of nodes, and beside them each node that several units share with itself."""
    left, right = candidates
    itself = np.array(sorted(node for node, units in holders.items() if len(units) > 1), np.int64)
    return np.append(left, itself), np.append(right, itself)


def _tiles(left: Ints, right: Ints, sections: Sections) -> tuple[Ints | None, Sequence[int]]:
    """The order in which pairs are weighed, None for their own, and where each share of the work begins.

    Pairs whose names are alike are weighed together, so that few names are compared twice. Where not all
    nodes are held at once a share is a tile: pairs of the nodes of two stretches.
    """
    if sections.whole or sections.at_once is None:
        order = sections.holding().columns.by_given_name(left) if len(left) > CHUNK else None
        return order, [*range(0, len(left), CHUNK), len(left)]
    stretch = max(sections.at_once // 2, 1)
    tile = (left // stretch) * (int(right.max(initial=0)) // stretch + 1) + right // stretch
    order = np.argsort(tile, kind="stable")
    return order, [0, *(np.flatnonzero(np.diff(tile[order])) + 1).tolist(), len(left)]


@dataclass(frozen=True, slots=True)
class _Weigher:
    """Pairs of nodes and all that they are weighed with, in shares that begin at `bounds` of `order`."""

    policy: Policy
    sections: Sections
    silent: frozenset[str]
    related: bool
    left: Ints
    right: Ints
    order: Ints | None
    bounds: Sequence[int]

    def pairs_of(self, number: int) -> Ints | slice:
        """Which pairs are in a share."""
        share = slice(self.bounds[number], self.bounds[number + 1])
        return share if self.order is None else self.order[share]

    def weigh(self, number: int) -> tuple[Ints, Sequence[Tie]]:
        """The weight of each pair of a share that may be an edge, and those that are related and not one.

        Of what surely is no edge only that is told (see `Columns.reaching`).
        """
        pairs = self.pairs_of(number)
        left, right = self.left[pairs], self.right[pairs]
        section = self.sections.holding(left, right)
        weights, met = [left[:0]], list[Tie]()
        for at in range(0, len(left), CHUNK):
            chunk = slice(at, at + CHUNK)
            weight, found = self._weigh(section, left[chunk], right[chunk])
            weights.append(weight)
            met.extend(found)
        return np.concatenate(weights), met

    def _weigh(self, section: Section, left: Ints, right: Ints) -> tuple[Ints, Sequence[Tie]]:
        one, other = section.places(left), section.places(right)
        if not self.related:
            return section.columns.reaching(self.policy.edge_weight, one, other), ()
        verdict = section.columns.verdicts(one, other)
        found = ties(self.policy, section.columns, section.nodes, self.silent, one, other, verdict)
        return verdict.combined, [
            tie._replace(left=section.number(tie.left), right=section.number(tie.right)) for tie in found
        ]


def _between_units(left: Ints, right: Ints, weight: Ints, holders: Mapping[int, Sequence[int]]) -> Edges:
    pairs = [
        (min(a, b), max(a, b), w)
        for one, other, w in zip(left.tolist(), right.tolist(), weight.tolist(), strict=True)
        for a in holders.get(one, ())
        for b in holders.get(other, ())
        if (a < b if one == other else True)
    ]
    return Edges(*np.array(pairs, np.int64).reshape(-1, 3).T)
