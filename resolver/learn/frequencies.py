"""How many people bear a name, learnt from people rather than from records.

A loyal customer of a hundred records must not make a name common. So records are first joined where they
are one person's or one household's beyond doubt (an identifier that speaks, or the whole name with the
birth date or the address), and a name counts once for each group that bears it.

A name is weighed where two records bear it, and then what matters is how many *others* do: of `c` groups
`c - 1`. A name that one group bears is as rare as the tables say; counting it as one in so many would
make every rare name of a small file common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from graph.keys import identifier_block
from resolver.match.columns import ATTRIBUTE_OF, voices
from resolver.match.document import Document
from resolver.normalise.features import Features
from resolver.resolve.components import label

PULL: Final = 2000.0
"""People at which the tables that ship count, so that a small file changes them little."""
BEARERS: Final = 3
"""Groups that must bear a value before it is told: a model file names nobody."""
FEW: Final = 500
"""Groups that must state an attribute before the frequencies of its values are told."""
RAREST: Final = 50.0
"""Parts per million of an attribute's value that hardly anyone states."""
_PPM: Final = 1_000_000.0

Bearer = tuple[int, str]
"""A group and what it bears."""


def with_frequencies(document: Document, nodes: Sequence[Features], silent: frozenset[str]) -> Document:
    """The document with the names of these nodes, and the values of their attributes, counted in."""
    group = _groups(nodes, silent)
    names = document["names"]
    people = [(each, node.name) for each, node in zip(group, nodes, strict=True) if node.name is not None]
    given = [(each, token) for each, name in people for token in name.given if len(token) > 1]
    family = [(each, token) for each, name in people for token in name.family if len(token) > 1]
    firsts = {(each, name.given[0]) for each, name in people if name.given}
    surnames = {(each, name.family) for each, name in people if name.family}
    return {
        **document,
        "names": {
            **names,
            "given": _table(given, len(firsts), names["given"], names["rarest_given_ppm"]),
            "family": _table(family, len(surnames), names["family"], names["rarest_family_ppm"]),
        },
        "attributes": {
            **document["attributes"],
            "frequencies": {**document["attributes"]["frequencies"], **_attributes(document, nodes, group)},
        },
    }


def _table(
    bearers: Iterable[Bearer], people: int, shipped: Mapping[str, float], rarest: float
) -> Mapping[str, float]:
    """Parts per million by token, those that are no commoner than the rarest left out."""
    counts = _counted(bearers)
    found = {}
    for token in sorted({*shipped, *(token for token, count in counts.items() if count >= BEARERS)}):
        others = max(counts.get(token, 0) - 1, 0)
        known = shipped.get(token, rarest) / _PPM
        ppm = float(f"{_PPM * (others + PULL * known) / (people + PULL):.4g}")
        if ppm > rarest:
            found[token] = min(ppm, _PPM)
    return found


def _attributes(document: Document, nodes: Sequence[Features], group: Sequence[int]) -> Mapping[str, Any]:
    """Frequencies of the values of each attribute that enough groups state, with two values or more."""
    stated: dict[str, list[Bearer]] = {}
    for each, node in zip(group, nodes, strict=True):
        for name, value in node.compared_attributes:
            stated.setdefault(name, []).append((each, value))
    found = {}
    for name, bearers in sorted(stated.items()):
        before = document["attributes"]["frequencies"].get(name, {"rarest_ppm": RAREST, "values": {}})
        groups = len({each for each, _ in bearers})
        if groups >= FEW:
            rarest = max(before["rarest_ppm"], float(f"{_PPM / groups:.4g}"))
            found[name] = {"rarest_ppm": rarest, "values": _table(bearers, groups, before["values"], rarest)}
    return found


def _counted(bearers: Iterable[Bearer]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for _, token in set(bearers):
        counts[token] = counts.get(token, 0) + 1
    return counts


def _groups(nodes: Sequence[Features], silent: frozenset[str]) -> list[int]:
    """For each node the group it is of: what shares a key that means one person or one household."""
    first: dict[str, int] = {}
    left, right = [], []
    for number, node in enumerate(nodes):
        for key in _keys(node, silent):
            left.append(first.setdefault(key, number))
            right.append(number)
    labels: list[int] = label(len(nodes), np.array(left, np.int64), np.array(right, np.int64)).tolist()
    return labels


def _keys(node: Features, silent: frozenset[str]) -> Iterator[str]:
    for value in node.values:
        if value.identifier.kind in ATTRIBUTE_OF and voices(node, value, silent):
            yield identifier_block(value.identifier)
    name, birth, place = node.name, node.birth, node.place
    if name is not None and name.given and name.family:
        whole = f"{name.given[0]} {' '.join(name.family)}"
        if birth is not None and birth.day:
            yield f"born:{birth.year}-{birth.month}-{birth.day}:{whole}"
        if place.postcode:
            yield f"at:{place.postcode}:{whole}"
        if place.street:
            yield f"at:{place.street}:{place.house}:{whole}"


__all__ = ["with_frequencies"]
