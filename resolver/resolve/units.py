"""Units: the records that every rule treats as one.

Records of equal evidence are one unit where that evidence identifies its bearer, and where no
judgement names some of them apart. Evidence that identifies nobody (a common name, a shared phone) is
no reason to think two records one, so each of its records is a unit of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from graph.model import IdentifierKind, Judgement, RecordKey
from resolver.match.columns import voices
from resolver.normalise.features import Features

PERSONAL = frozenset(
    {
        IdentifierKind.PHONE,
        IdentifierKind.EMAIL,
        IdentifierKind.HANDLE,
        IdentifierKind.LOYALTY,
        IdentifierKind.EXTERNAL,
        IdentifierKind.GOVERNMENT,
    }
)
"""Kinds of identifier that make a record a person's, and not only a visitor's."""

Signature = frozenset[tuple[str, int]]


class Unit(NamedTuple):
    """Records treated as one, in order of key, and the number of their node."""

    records: tuple[RecordKey, ...]
    node: int


class Verdicts(NamedTuple):
    """What judgements say of units, as pairs of unit numbers: together, and apart."""

    together: tuple[tuple[int, int], ...]
    apart: tuple[tuple[int, int], ...]


def identifies(node: Features, silent: frozenset[str]) -> bool:
    """Whether a node holds a personal identifier that speaks now."""
    return any(v.identifier.kind in PERSONAL and voices(node, v, silent) for v in node.values)


def visits(node: Features, silent: frozenset[str]) -> bool:
    """Whether a node is a visitor's: nothing but a device or generic values, and no name."""
    return node.name is None and not node.organisation and not identifies(node, silent)


def make_units(
    records: Iterable[tuple[RecordKey, int]], judgements: Sequence[Judgement], alone: Collection[int]
) -> list[Unit]:
    """Units in order of their least record key.

    `records` are live records with the number of their node; `alone` are the nodes whose records each
    stand for themselves.
    """
    signatures = _signatures(judgements)
    groups: dict[tuple[int, Signature, RecordKey | None], list[RecordKey]] = defaultdict(list)
    for key, node in records:
        by_itself = key if node in alone else None
        groups[node, signatures.get(key, frozenset()), by_itself].append(key)
    return sorted(Unit(tuple(sorted(keys)), node) for (node, _, _), keys in groups.items())


def judge(units: Sequence[Unit], judgements: Sequence[Judgement]) -> Verdicts:
    """Judgements in force as pairs of units; a key that no unit holds says nothing yet."""
    unit_of: Mapping[RecordKey, int] = {key: n for n, unit in enumerate(units) for key in unit.records}
    together: set[tuple[int, int]] = set()
    apart: set[tuple[int, int]] = set()
    for judgement in judgements:
        parts = [sorted({unit_of[key] for key in part if key in unit_of}) for part in judgement.parts]
        for part in parts:
            together.update(pairwise(part))
        for one, other in combinations(parts, 2):
            apart.update((min(a, b), max(a, b)) for a in one for b in other if a != b)
    return Verdicts(tuple(sorted(together)), tuple(sorted(apart)))


def _signatures(judgements: Sequence[Judgement]) -> Mapping[RecordKey, Signature]:
    named: dict[RecordKey, set[tuple[str, int]]] = defaultdict(set)
    for judgement in judgements:
        for number, part in enumerate(judgement.parts):
            for key in part:
                named[key].add((judgement.id, number))
    return {key: frozenset(places) for key, places in named.items()}
