"""Why and why not: two customers compared, level by level, with the same numbers that decide. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np

from graph.model import IdentifierKind, RelationKind
from resolver.match import compare
from resolver.match.columns import IDENTIFIERS, WHOLE, Columns, aliases, voiced_codes, voices
from resolver.match.model import Model
from resolver.match.weigh import ATTRIBUTES, Attribute, Ints, Weights, counted, probability, sayings, verdict
from resolver.normalise.features import BirthDate, Features, Name, Place
from resolver.resolve.bonds import DEFAULT, find_bonds
from resolver.resolve.cluster import MEANS, accounted
from resolver.resolve.related import kind_of
from resolver.resolve.settings import Limits, Policy
from resolver.resolve.units import Verdicts


class Decision(StrEnum):
    """What the comparison of two customers comes to."""

    MATCH = "match"
    POSSIBLE_MATCH = "possible_match"
    NON_MATCH = "non_match"
    AMBIGUOUS = "ambiguous"
    RELATED = "related"


class Compared(NamedTuple):
    """One attribute of a pair: its level, its weights in 1/1000 bit, and what was compared."""

    attribute: Attribute
    level: str
    stranger: int
    household: int
    left: tuple[str, ...]
    right: tuple[str, ...]


BoundName = Literal["names_bound", "family_bound"]


class Bound(NamedTuple):
    """What facts that go together count less than their sum, in 1/1000 bit, 0 or less.

    `names_bound`, against strangers: rare given names and surnames go together. `family_bound`, against
    the household: what families share they share together.
    """

    name: BoundName
    stranger: int
    household: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides compared as customers. Weights are in 1/1000 bit; `probability` is 0 to 1.

    Prior, `attributes` and `bounds` add up to the totals against strangers and against the household.
    `limits` names what keeps the sides apart whatever their weight: those of the policy that some pair
    across the sides violates, and `party_type`. `kind` is what the sides are to each other if they are
    related.
    """

    attributes: tuple[Compared, ...]
    prior: int
    prior_household: int
    stranger: int
    household: int
    weight: int
    probability: float
    limits: tuple[str, ...]
    kind: RelationKind
    model: str
    bounds: tuple[Bound, ...] = ()


def compare_customers(
    model: Model,
    silent: frozenset[str],
    left: Sequence[Features],
    right: Sequence[Features],
    limits: Limits = DEFAULT,
) -> Comparison:
    """Compare two sides, each the distinct nodes of its records, as clustering compares customers.

    For identifiers the best agreement counts, for name, birth date and place the values of the side that
    has fewer, each by the best that it meets on the other, averaged; what cannot be compared counts neither
    for nor against.
    """
    columns = Columns(model, [*left, *right], silent)
    one, other = np.arange(len(left)), np.arange(len(left), len(left) + len(right))
    pairs = np.repeat(one, len(other)), np.tile(other, len(one))
    crossed = columns.weights(*pairs)
    whole = Weights.blank(1)
    for row, attribute in enumerate(ATTRIBUTES):
        there = np.flatnonzero(crossed.compared[row])
        if len(there):
            stranger, household = crossed.stranger[row][there], crossed.household[row][there]
            says = list(zip(stranger.tolist(), household.tolist(), strict=True))
            best = max(says)
            if attribute in MEANS:
                values = columns.single(attribute)
                met = zip(values[pairs[0][there]].tolist(), values[pairs[1][there]].tolist(), strict=True)
                best = accounted(dict(zip(met, says, strict=True)), columns.vague(attribute)) or best
            whole.put(attribute, np.array([0]), np.array([best[0]]), np.array([best[1]]))
    total = verdict(model, whole)
    weight = int(total.combined[0])
    stranger, household = int(total.stranger[0]), int(total.household[0])
    told = _told(model, silent, left, right, whole)
    return Comparison(
        attributes=tuple(told),
        prior=model.prior,
        prior_household=model.prior_household,
        stranger=stranger,
        household=household,
        weight=weight,
        probability=probability(weight),
        limits=_limits(left, right, limits),
        kind=_kind(left, right, silent),
        model=model.version,
        bounds=_bounds(model, told, stranger, household),
    )


def decide(policy: Policy, comparison: Comparison) -> Decision:
    """What two customers that are not one are to each other, judgements and rivals apart."""
    near = comparison.stranger - comparison.household >= policy.merge_weight
    if comparison.weight >= policy.possible_weight:
        return Decision.RELATED if near and comparison.limits else Decision.POSSIBLE_MATCH
    return Decision.RELATED if near else Decision.NON_MATCH


def _kind(left: Sequence[Features], right: Sequence[Features], silent: frozenset[str]) -> RelationKind:
    """An organisation joins two sides where it joins any two of their nodes."""
    kinds = {kind_of(one, other, silent) for one, other in product(left, right)}
    return max(kinds, key=list(RelationKind).index)


def _told(
    model: Model,
    silent: frozenset[str],
    left: Sequence[Features],
    right: Sequence[Features],
    weights: Weights,
) -> list[Compared]:
    """What counts, attribute by attribute: evidence that only repeats another's is not told."""
    said = counted(sayings(weights)[0])
    return [
        Compared(
            attribute,
            _level(model, attribute, left, right, silent),
            *said[row],
            _values(attribute, left, silent),
            _values(attribute, right, silent),
        )
        for row, attribute in enumerate(ATTRIBUTES)
        if row in said
    ]


def _bounds(model: Model, told: Sequence[Compared], stranger: int, household: int) -> tuple[Bound, ...]:
    """What the totals are less than the sum of their parts."""
    names = stranger - model.prior - sum(each.stranger for each in told)
    family = household - model.prior_household - sum(each.household for each in told)
    bounds = Bound("names_bound", names, 0), Bound("family_bound", 0, family)
    return tuple(bound for bound in bounds if bound.stranger or bound.household)


def _level(
    model: Model,
    attribute: Attribute,
    left: Sequence[Features],
    right: Sequence[Features],
    silent: frozenset[str],
) -> str:
    """The level of the best pair of values, which is the one that a person looks for first."""
    found = []
    for one in left:
        for other in right:
            found.extend(_levels(model, attribute, one, other, silent))
    return max(found, default=(0, ""))[1]


def _levels(
    model: Model, attribute: Attribute, one: Features, other: Features, silent: frozenset[str]
) -> list[tuple[int, str]]:
    if attribute in IDENTIFIERS:
        kind, comparator = IDENTIFIERS[attribute]
        sides = [voiced_codes(node, kind, silent) for node in (one, other)]
        answers = [comparator(model, *sorted((a, b))) for a in sides[0] for b in sides[1]]
        return [(answer.stranger, answer.level) for answer in answers if answer is not None]
    if attribute in {"given", "family"}:
        if one.name is None or other.name is None:
            return []
        part = getattr(compare.compare_name_parts(model, *sorted((one.name, other.name))), attribute)
        return [] if part is None else [(part.stranger, part.level)]
    if attribute in WHOLE:
        values = _whole(one, attribute), _whole(other, attribute)
        if not (values[0] and values[1]):
            return []
        answer = WHOLE[attribute](model, *sorted(values))
        return [] if answer is None else [(answer.stranger, answer.level)]
    return [(0, "spells the same")]


def _values(attribute: Attribute, nodes: Sequence[Features], silent: frozenset[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for node in nodes:
        if attribute in IDENTIFIERS:
            kind = IDENTIFIERS[attribute][0]
            held = [value for value in node.values if value.identifier.kind == kind]
            found.update(value.identifier.value for value in held if voices(node, value, silent))
        elif attribute in {"alias", "alias_name"}:
            for kind in (IdentifierKind.HANDLE, IdentifierKind.EMAIL):
                found.update(alias.text for alias in aliases(node.values, kind))
            if attribute == "alias_name" and node.name:
                found.add(_shown(node.name))
        elif attribute in {"given", "family"}:
            found.update([" ".join(getattr(node.name, attribute))] if node.name else [])
        elif attribute == "attributes":
            found.update(f"{name}: {value}" for name, value in node.compared_attributes)
        else:
            found.add(_shown(_whole(node, attribute)))
    return tuple(sorted(found - {""}))


def _whole(node: Features, attribute: Attribute) -> Any:  # noqa: ANN401
    """What a node holds of an attribute that is compared as one value."""
    return node.compared_attributes if attribute == "attributes" else getattr(node, attribute)


def _shown(value: Name | BirthDate | Place | tuple[str, ...] | None) -> str:
    match value:
        case Name():
            return " ".join((*value.given, *value.family))
        case BirthDate():
            return f"{value.year:04}-{value.month:02}-{value.day:02}"
        case Place():
            parts = (value.street, value.house, value.postcode, value.city, value.state, value.country)
            return " ".join(part for part in parts if part)
        case None:
            return ""
        case _:
            return " ".join(value)


def _limits(left: Sequence[Features], right: Sequence[Features], limits: Limits) -> tuple[str, ...]:
    """The kinds of limit that some pair across the sides violates."""
    names = (each.name for each in fields(limits))
    found = tuple(name for name in names if _across([*left, *right], len(left), limits.only(name)))
    parties = [{node.party for node in side} for side in (left, right)]
    alien = any({"person", "organisation"} == {a.value, b.value} for a in parties[0] for b in parties[1])
    return (*found, "party_type") if alien else found


def _across(nodes: Sequence[Features], middle: int, limits: Limits) -> bool:
    numbers = list(range(len(nodes)))
    bonds = find_bonds(nodes, numbers, numbers, Verdicts((), ()), limits)
    return any(one < middle <= other for one, other in map(sorted, bonds.limited))


__all__ = ["Bound", "BoundName", "Compared", "Comparison", "Decision", "Ints", "compare_customers", "decide"]
