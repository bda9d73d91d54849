"""Which level each comparison of a pair reaches, for columns of pairs, each pair of values compared once.

A *variable* is one set of levels of which exactly one is reached: `given` is equal, nickname, alike or
different where both names are written out, and `given:initial` is another variable, with other chances,
where one is an initial; so is `phone:landline` where both numbers are fixed lines, which a household
shares as a matter of course. What cannot be compared is `NONE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.match import compare
from resolver.match.columns import IDENTIFIERS, Column, any_part, is_firm, voiced_codes
from resolver.match.document import Document, levels
from resolver.match.model import MILLIBIT, Model
from resolver.normalise.features import BirthDate, Features, Name, Place

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NONE: Final = -1

UNSEEN: Final = frozenset({"alias"})
"""Compared only where they agree, so how often they do not is never seen."""
APART: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]]] = {
    "phone": {"landline": (("landline",), ("tail", "slip", "close", "different"))},
    "handle": {"elsewhere": (("elsewhere",), ())},
    "given": {"initial": (("initial", "uninitial"), ())},
    "family": {"initial": (("initial", "uninitial"), ())},
    "birth": {"year": (("year",), ("different",))},
    "postcode": {"fine": (("fine",), ("slip", "different")), "coarse": (("coarse",), ("slip", "different"))},
    "street": {"within": (("equal_in_postcode",), ("road", "different"))},
}
"""Levels that are reached under a condition of their own: those of none other, and those it shares."""
TABLED: Final = frozenset(
    {("given", "equal"), ("given", "nickname"), ("given", "alike"), ("given", "kindred")}
    | {("family", "equal"), ("family", "alike"), ("family", "part")}
)
"""Levels whose chance among strangers comes from the name tables, pair by pair."""
ATTRIBUTE: Final = "attributes."
FULLEST: Final = 1 << 18
"""Pairs observed at once, so that memory stays bounded."""


class Variable(NamedTuple):
    """Levels of which exactly one is reached; `comparison` names their place in the document."""

    name: str
    comparison: str
    levels: tuple[str, ...]


class _Told(NamedTuple):
    """What a pair of values says of a variable: the level's number, its weights against both alternatives."""

    variable: int
    level: int
    stranger: int
    household: int


@dataclass(frozen=True, slots=True)
class Observed:
    """Pairs' levels, shape (variables, pairs), `NONE` where nothing was compared.

    `rarity`, of the same shape, is log2 of the chance that two strangers agree on this very value, where
    a table of values tells it; else 0.
    """

    level: NDArray[np.int8]
    rarity: Floats

    @classmethod
    def joined(cls, parts: Sequence[Observed]) -> Observed:
        """One after another."""
        return cls(
            np.concatenate([each.level for each in parts], axis=1),
            np.concatenate([each.rarity for each in parts], axis=1),
        )

    def without(self, hidden: Sequence[int]) -> Observed:
        """The same, these variables not compared."""
        level, rarity = self.level.copy(), self.rarity.copy()
        level[list(hidden)], rarity[list(hidden)] = NONE, 0.0
        return Observed(level, rarity)


def variables(document: Document, attributes: Iterable[str] = ()) -> tuple[Variable, ...]:
    """The variables of a document's comparisons, and of these attributes of the company's own."""
    found = []
    for comparison, told in sorted(document["comparisons"].items()):
        if comparison in UNSEEN:
            continue
        groups = APART.get(comparison, {})
        own = {name for only, _ in groups.values() for name in only}
        shared = {name for _, also in groups.values() for name in also}
        main = tuple(name for name in levels(told) if name not in own)
        found.append(Variable(comparison, comparison, main if set(main) - shared else ()))
        for group, (only, also) in groups.items():
            found.append(Variable(f"{comparison}:{group}", comparison, (*only, *also)))
    found.extend(
        Variable(f"{ATTRIBUTE}{name}", f"{ATTRIBUTE}{name}", tuple(attribute(document, name)))
        for name in sorted(attributes)
    )
    return tuple(each for each in found if len(each.levels) > 1)


def attribute(document: Document, name: str) -> Mapping[str, Mapping[str, float]]:
    """The levels by which a document compares an attribute of the company's own."""
    known = document["attributes"]["levels"]
    return levels(known.get(name, known["default"]))


class Observer:
    """The nodes of a file, ready to be observed in pairs."""

    def __init__(
        self,
        model: Model,
        document: Document,
        variables_: Sequence[Variable],
        nodes: Sequence[Features],
        silent: frozenset[str],
    ) -> None:
        self._model = model
        self._document = document
        self._nodes = nodes
        self._silent = silent
        self._variables = variables_
        named = sorted({each.comparison for each in variables_})
        self._comparison = np.array([named.index(each.comparison) for each in variables_], np.int64)
        self._place = {
            (each.name, name): (number, at)
            for number, each in enumerate(variables_)
            for at, name in enumerate(each.levels)
        }

    def observe(self, left: Ints, right: Ints) -> Observed:
        """The levels of these pairs of nodes."""
        chunks = range(0, max(len(left), 1), FULLEST)
        return Observed.joined(
            [self._observe(left[at : at + FULLEST], right[at : at + FULLEST]) for at in chunks]
        )

    def holders(self, identifier: str) -> int:
        """How many nodes have a value of this kind that speaks."""
        starts = self._columns[[*map(str, IDENTIFIERS)].index(identifier)][0].starts
        return int(np.count_nonzero(np.diff(starts)))

    def _observe(self, left: Ints, right: Ints) -> Observed:
        shape = (len(self._variables), len(left))
        level, rarity = np.full(shape, NONE, np.int8), np.zeros(shape)
        for column, tell in self._columns:
            self._put(level, rarity, column, tell, left, right)
        return Observed(level, rarity)

    def _put(
        self,
        level: NDArray[np.int8],
        rarity: Floats,
        column: Column,
        tell: Callable[[Any, Any], Iterator[_Told]],
        left: Ints,
        right: Ints,
    ) -> None:
        """Note a column's levels: of several pairs of values the best agreement, as when they are weighed."""
        pair, one, other = column.crossed(column, left, right)
        width = max(len(column.values), 1)
        met, inverse = np.unique(np.minimum(one, other) * width + np.maximum(one, other), return_inverse=True)
        values = column.values
        rows = [
            (number, *told)
            for number, (a, b) in enumerate(zip((met // width).tolist(), (met % width).tolist(), strict=True))
            for told in tell(values[a], values[b])
        ]
        if not rows:
            return
        table = np.array(rows, np.int64)
        first = np.searchsorted(table[:, 0], np.arange(len(met) + 1))
        count = np.diff(first)[inverse]
        row = np.repeat(first[inverse], count) + _within(count)
        said, pair = table[row], np.repeat(pair, count)
        comparison = self._comparison[said[:, 1]]
        order = np.lexsort((said[:, 4], said[:, 3], comparison, pair))
        said, pair, comparison = said[order], pair[order], comparison[order]
        best = np.append((np.diff(pair) != 0) | (np.diff(comparison) != 0), True)
        said, pair = said[best], pair[best]
        level[said[:, 1], pair] = said[:, 2]
        rarity[said[:, 1], pair] = self._rarity(said)

    def _rarity(self, said: Ints) -> Floats:
        """log2 of strangers' chance of a tabled level: what weighs it, m taken out."""
        width = max(len(each.levels) for each in self._variables)
        tabled, chance = (
            np.zeros((len(self._variables), width), bool),
            np.zeros((len(self._variables), width)),
        )
        for number, each in enumerate(self._variables):
            for at, name in enumerate(each.levels):
                tabled[number, at] = is_tabled(self._document, each, name)
                chance[number, at] = np.log2(probabilities(self._document, each)[name]["m"])
        variable, level = said[:, 1], said[:, 2]
        return np.where(tabled[variable, level], chance[variable, level] - said[:, 3] / MILLIBIT, 0.0)

    @cached_property
    def _columns(self) -> list[tuple[Column, Callable[[Any, Any], Iterator[_Told]]]]:
        nodes, silent = self._nodes, self._silent
        found: list[tuple[Column, Callable[[Any, Any], Iterator[_Told]]]] = []
        for name, (kind, comparator) in IDENTIFIERS.items():
            column = Column.of(voiced_codes(node, kind, silent) for node in nodes)
            found.append((column, self._phones if name == "phone" else self._whole(name, comparator)))
        found.extend(
            [
                (Column.of((node.name,) if node.name else () for node in nodes), self._names),
                (Column.of((node.birth,) if node.birth else () for node in nodes), self._births),
                (Column.of((node.place,) if any_part(node) else () for node in nodes), self._places),
                (
                    Column.of((node.organisation,) if is_firm(node) else () for node in nodes),
                    self._whole("organisation", compare.compare_organisation),
                ),
                (
                    Column.of(
                        (node.compared_attributes,) if node.compared_attributes else () for node in nodes
                    ),
                    self._attributes,
                ),
            ]
        )
        return found

    def _told(self, variable: str, answer: tuple[str, int, int]) -> Iterator[_Told]:
        """An answer as numbers; nothing where the variable has no such level."""
        level, stranger, household = answer
        place = self._place.get((variable, level))
        if place is not None:
            yield _Told(*place, stranger, household)

    def _whole(self, name: str, comparator: compare.Comparator) -> Callable[[Any, Any], Iterator[_Told]]:
        def tell(one: Any, other: Any) -> Iterator[_Told]:  # noqa: ANN401 - any kind of value
            answer = comparator(self._model, *sorted((one, other)))
            return iter(()) if answer is None else self._told(name, answer)

        return tell

    def _phones(self, one: compare.Code, other: compare.Code) -> Iterator[_Told]:
        answer = compare.compare_phone(self._model, *sorted((one, other)))
        if answer is not None:
            yield from self._told("phone:landline" if one.landline and other.landline else "phone", answer)

    def _names(self, one: Name, other: Name) -> Iterator[_Told]:
        compared = compare.compare_name_parts(self._model, *sorted((one, other)))
        for name, part in (("given", compared.given), ("family", compared.family)):
            if part is not None:
                group = ":initial" if part.level in {"initial", "uninitial"} else ""
                yield from self._told(f"{name}{group}", part)

    def _births(self, one: BirthDate, other: BirthDate) -> Iterator[_Told]:
        answer = compare.compare_birth(self._model, *sorted((one, other)))
        if answer is not None:
            yield from self._told("birth" if one.day and other.day else "birth:year", answer)

    def _places(self, one: Place, other: Place) -> Iterator[_Told]:
        one, other = sorted((one, other))
        parts = dict(compare.place_parts(self._model, one, other))
        if one.country and other.country and "country" not in parts:
            equal = self._model.level("country", "equal")
            yield from self._told("country", (equal.name, equal.stranger, equal.household))
        coarse = one.postcode.isdigit() and other.postcode.isdigit()
        within = bool(one.postcode) and one.postcode == other.postcode
        group = {"postcode": ":coarse" if coarse else ":fine", "street": ":within" if within else ""}
        for name, part in parts.items():
            yield from self._told(f"{name}{group.get(name, '')}", part)

    def _attributes(self, one: compare.Attributes, other: compare.Attributes) -> Iterator[_Told]:
        for name, part in compare.attribute_parts(self._model, *sorted((tuple(one), tuple(other)))):
            yield from self._told(f"{ATTRIBUTE}{name}", part)


def probabilities(document: Document, variable: Variable) -> Mapping[str, Mapping[str, float]]:
    """The levels of a variable's comparison as the document has them."""
    if variable.comparison.startswith(ATTRIBUTE):
        return attribute(document, variable.comparison.removeprefix(ATTRIBUTE))
    return levels(document["comparisons"][variable.comparison])


def is_tabled(document: Document, variable: Variable, level: str) -> bool:
    """Whether strangers' chance of this level comes from a table of values, pair by pair."""
    if variable.comparison.startswith(ATTRIBUTE):
        known = document["attributes"]["frequencies"]
        return level == "equal" and variable.comparison.removeprefix(ATTRIBUTE) in known
    return (variable.comparison, level) in TABLED


def _within(count: Ints) -> Ints:
    """0, 1, 2 and so on within each run of these lengths."""
    return np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)


__all__ = ["NONE", "Observed", "Observer", "Variable", "is_tabled", "probabilities", "variables"]
