"""Bonds: what joins or keeps apart two records whatever their weight.

A judgement compels or forbids. A limit forbids: another card of one programme, a generation between
two births. A person and an organisation are never one. Values that one record holds, or records that
a judgement joins, are no limit to each other; a judgement outranks a limit, not the kind of party.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product, starmap
from typing import Final, TypeVar

from graph.model import Identifier, IdentifierKind, PartyType
from resolver.match.columns import code
from resolver.match.compare import Code, birth_level, code_level
from resolver.normalise.features import BirthDate, Features
from resolver.resolve.cluster import Bonds
from resolver.resolve.units import Verdicts

V = TypeVar("V")

GENERATION: Final = 20
"""Years between two births from which a limit holds: these are parent and child, not one person."""


def find_bonds(
    nodes: Sequence[Features], node_of: Sequence[int], units: Sequence[int], verdicts: Verdicts
) -> Bonds:
    """The bonds among units, given by number, each with the number of its node."""
    place = {unit: n for n, unit in enumerate(units)}
    compelled = [(place[a], place[b]) for a, b in verdicts.together if a in place and b in place]
    judged = frozenset(_pair(place[a], place[b]) for a, b in verdicts.apart if a in place and b in place)
    features = [nodes[node] for node in node_of]
    return Bonds(compelled, judged, frozenset(_limited(features, compelled)), frozenset(_alien(features)))


def _alien(features: Sequence[Features]) -> Iterator[tuple[int, int]]:
    organisations = [n for n, node in enumerate(features) if node.party == PartyType.ORGANISATION]
    if organisations:
        persons = [n for n, node in enumerate(features) if node.party == PartyType.PERSON]
        yield from starmap(_pair, product(organisations, persons))


def _limited(features: Sequence[Features], compelled: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    cards = {unit: held for unit, node in enumerate(features) if (held := _cards(node))}
    births = {unit: [node.birth] for unit, node in enumerate(features) if node.birth}
    if len(cards) > 1:
        yield from _another(cards, _bearers(len(features), compelled), _another_card)
    if len(births) > 1:
        # One government id is issued to one person, whose births may be mistyped beyond recognition.
        one_person = [*compelled, *_same_government(features)]
        yield from _another(births, _bearers(len(features), one_person), _another_generation)


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


def _cards(node: Features) -> list[Code]:
    return [
        code(value)
        for value in node.values
        if value.identifier.kind == IdentifierKind.LOYALTY and value.speaks
    ]


def _another_card(one: Code, other: Code) -> bool:
    return one.namespace == other.namespace and code_level(one.text, other.text) == "different"


def _another_generation(one: BirthDate, other: BirthDate) -> bool:
    return abs(one.year - other.year) >= GENERATION and birth_level(one, other) == "different"


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
