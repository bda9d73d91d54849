"""Bonds: what joins or keeps apart two records whatever their weight.

A judgement compels or forbids. A limit forbids, where the policy has it: another card of one programme,
a generation between two births, another id of one system. A person and an organisation are never one.
Values that one record holds, or records that a judgement joins, are no limit to each other; a judgement
outranks a limit, not the kind of party.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, product, starmap
from typing import Final, TypeVar

from graph.model import Identifier, IdentifierKind, PartyType
from resolver.match.columns import code
from resolver.match.compare import GENERATION, Code, birth_level, code_level, government_level
from resolver.normalise.features import BirthDate, Features
from resolver.resolve.cluster import Bonds
from resolver.resolve.settings import Limits
from resolver.resolve.units import Verdicts

V = TypeVar("V")

DEFAULT: Final = Limits()


def find_bonds(
    nodes: Sequence[Features],
    node_of: Sequence[int],
    units: Sequence[int],
    verdicts: Verdicts,
    limits: Limits = DEFAULT,
) -> Bonds:
    """The bonds among units, given by number, each with the number of its node."""
    place = {unit: n for n, unit in enumerate(units)}
    compelled = [(place[a], place[b]) for a, b in verdicts.together if a in place and b in place]
    judged = frozenset(_pair(place[a], place[b]) for a, b in verdicts.apart if a in place and b in place)
    features = [nodes[node] for node in node_of]
    limited = frozenset(_limited(features, compelled, limits))
    return Bonds(compelled, judged, limited, frozenset(_alien(features)))


def _alien(features: Sequence[Features]) -> Iterator[tuple[int, int]]:
    organisations = [n for n, node in enumerate(features) if node.party == PartyType.ORGANISATION]
    if organisations:
        persons = [n for n, node in enumerate(features) if node.party == PartyType.PERSON]
        yield from starmap(_pair, product(organisations, persons))


def _limited(
    features: Sequence[Features], compelled: Sequence[tuple[int, int]], limits: Limits
) -> Iterator[tuple[int, int]]:
    for kind in filter(partial(getattr, limits), _CODED):
        held = {unit: codes for unit, node in enumerate(features) if (codes := _codes(node, kind))}
        if len(held) > 1:
            yield from _another(held, _bearers(len(features), compelled), _CODED[kind])
    births = {unit: [node.birth] for unit, node in enumerate(features) if node.birth}
    if limits.birth_date != "off" and len(births) > 1:
        # One government id is issued to one person, whose births may be mistyped beyond recognition.
        one_person = [*compelled, *_same_government(features)]
        yield from _another(births, _bearers(len(features), one_person), _BIRTHS[limits.birth_date])


def _bearers(size: int, joined: Sequence[tuple[int, int]]) -> Sequence[int]:
    """For each unit the group of units that it is joined with: they bear their values together."""
    bearer = list(range(size))
    for one, other in joined:
        keep, gone = sorted((bearer[one], bearer[other]))
        bearer = [keep if group == gone else group for group in bearer]
    return bearer


def _another(
    held: Mapping[int, Sequence[V]], bearers: Sequence[int], differ: Callable[[V, V], bool]
) -> Iterator[tuple[int, int]]:
    """The pairs of units that hold differing values which no bearer holds both."""
    holders: dict[V, list[int]] = {}
    for unit, values in held.items():
        for value in values:
            holders.setdefault(value, []).append(unit)
    for (one, ones), (other, others) in combinations(holders.items(), 2):
        if differ(one, other) and {bearers[u] for u in ones}.isdisjoint(bearers[u] for u in others):
            yield from starmap(_pair, product(ones, others))


def _same_government(features: Sequence[Features]) -> Iterator[tuple[int, int]]:
    """Pairs of units that hold one government id, enough of them to join all that do."""
    holder: dict[Identifier, int] = {}
    for unit, node in enumerate(features):
        for value in node.values:
            if value.identifier.kind == IdentifierKind.GOVERNMENT and value.speaks:
                yield holder.setdefault(value.identifier, unit), unit


def _codes(node: Features, kind: IdentifierKind) -> list[Code]:
    return [code(value) for value in node.values if value.identifier.kind == kind and value.speaks]


def _another_card(one: Code, other: Code) -> bool:
    return one.namespace == other.namespace and code_level(one.text, other.text) == "different"


def _another_id(one: Code, other: Code) -> bool:
    return one.namespace == other.namespace and one.text != other.text


def _another_government(one: Code, other: Code) -> bool:
    return one.namespace == other.namespace and government_level(one.text, other.text) == "different"


def _another_birth(one: BirthDate, other: BirthDate) -> bool:
    return birth_level(one, other) == "different"


def _another_generation(one: BirthDate, other: BirthDate) -> bool:
    return abs(one.year - other.year) >= GENERATION and _another_birth(one, other)


_CODED: Final[Mapping[IdentifierKind, Callable[[Code, Code], bool]]] = {
    IdentifierKind.LOYALTY: _another_card,
    IdentifierKind.EXTERNAL: _another_id,
    IdentifierKind.GOVERNMENT: _another_government,
}
"""Kinds of identifier that have a limit, each with what makes two of them another."""
_BIRTHS: Final[Mapping[str, Callable[[BirthDate, BirthDate], bool]]] = {
    "generation": _another_generation,
    "different": _another_birth,
}


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
