"""How often strangers among some people agree, beside what a model supposes of strangers.

A model weighs an agreement by how rare the value is in whole populations. The customers of one town, or of
one community, are another population: strangers among them agree more often, and what the model calls a
match is less sure than it says. Where its tables are right, the likelihood ratio of an agreement is 1 in the
mean over pairs of strangers, or less; where it is sixteen, their agreement says four bits too much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from math import fsum
from typing import Any, Final, Literal, NamedTuple, TypeVar

from resolver.match.compare import compare_family, compare_given, place_parts
from resolver.match.model import MILLIBIT, Model
from resolver.normalise.features import Features, Place

Trait = Literal["given", "family", "postcode"]
_Person = TypeVar("_Person")

LEAST: Final = 200
"""Of fewer people nothing is said: a pair of them is too much by chance."""
MOST: Final = 20_000
"""As many people tell as much as more do."""
TIMES: Final = 16.0
"""From here on it is told. People of whom two records were not found to be one account for some of it."""


class Common(NamedTuple):
    """A trait in which strangers agree `times` as often as the model supposes, as agreement weighs."""

    trait: Trait
    times: float


def common(model: Model, people: Sequence[Features]) -> tuple[Common, ...]:
    """The traits in which these people agree `TIMES` as often as the model supposes or more; most first.

    `people` are one record of each person.
    """
    found = (Common(trait, _times(model, trait, people)) for trait in _TRAITS)
    return tuple(sorted((each for each in found if each.times >= TIMES), key=lambda each: -each.times))


def evenly(people: Sequence[_Person]) -> Sequence[_Person]:
    """All of some people, or as many as tell enough, drawn at even distances."""
    return people[:: -(-len(people) // MOST)] if people else people


def _times(model: Model, trait: Trait, people: Sequence[Features]) -> float:
    """The mean likelihood ratio of an agreement in this trait over all pairs of these people."""
    read, weigh = _TRAITS[trait]
    bearers = Counter(value for person in people for value in read(person))
    size = bearers.total()
    if size < LEAST:
        return 0.0
    agreed = fsum(
        count * (count - 1) * 2 ** (weigh(model, value) / MILLIBIT)
        for value, count in bearers.items()
        if count > 1
    )
    return agreed / (size * (size - 1))


def _given(person: Features) -> Iterator[str]:
    if person.name is not None and person.name.given and len(person.name.given[0]) > 1:
        yield person.name.given[0]


def _family(person: Features) -> Iterator[tuple[str, ...]]:
    if person.name is not None and len("".join(person.name.family)) > 1:
        yield person.name.family


def _postcode(person: Features) -> Iterator[Place]:
    if person.place.postcode:
        yield Place(postcode=person.place.postcode)


def _same_place(model: Model, value: Place) -> int:
    return sum(part.stranger for _, part in place_parts(model, value, value))


_TRAITS: Final[
    Mapping[Trait, tuple[Callable[[Features], Iterator[Hashable]], Callable[[Model, Any], int]]]
] = {
    "given": (_given, lambda model, value: compare_given(model, (value,), (value,)).stranger),
    "family": (_family, lambda model, value: compare_family(model, value, value).stranger),
    "postcode": (_postcode, _same_place),
}
"""How a person's trait is read, and what agreement in it weighs against strangers."""
