"""Chances of levels, class by class: taken from a document, and told back to one with where they came from.

`Chances` are, for each variable, an array of shape (classes, levels). A level that a table of values
weighs pair by pair has the chance 1 among strangers; the pair's `rarity` is the rest of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from resolver.learn.em import CLASSES, HOUSEHOLD, SAME, STRANGER
from resolver.learn.levels import ATTRIBUTE, Variable, is_tabled, probabilities
from resolver.match.document import LEAST, Document

Floats = NDArray[np.float64]

CLASS_OF: Final[Mapping[str, int]] = {"m": SAME, "h": HOUSEHOLD, "u": STRANGER}
"""What the document calls the chances of each class."""
OF_WHOM: Final[Mapping[str, str]] = {"m": "one person", "h": "one household", "u": "strangers"}


@dataclass(slots=True)
class Learnt:
    """What has been found of one variable.

    `pairs` are the expected pairs of each class in which it was compared, `seen` those at each level, both
    of the shape (classes, ...). `letters` are what was learnt, of m, h and u; `shared` how many strangers
    share one value, where that was. `why` tells, by letter, why a prior value stays.
    """

    chances: Floats
    pairs: Floats
    seen: Floats
    letters: set[str] = field(default_factory=set)
    shared: float | None = None
    why: dict[str, str] = field(default_factory=dict)


def begin(document: Document, variable: Variable, population: int) -> Learnt:
    """A variable as the document has it, nothing learnt yet."""
    told = probabilities(document, variable)
    tabled = [is_tabled(document, variable, name) for name in variable.levels]
    chances = np.array(
        [[_chance(told[name], letter, population) for name in variable.levels] for letter in CLASS_OF]
    )
    whole = chances / chances.sum(axis=1, keepdims=True)
    if not any(tabled):
        chances[STRANGER] = whole[STRANGER]
    chances[[SAME, HOUSEHOLD]] = whole[[SAME, HOUSEHOLD]]
    chances[STRANGER, tabled] = 1.0
    return Learnt(chances, np.zeros(CLASSES), np.zeros_like(chances))


def _chance(level: Mapping[str, float], letter: str, population: int) -> float:
    if letter in level:
        return level[letter]
    return max(LEAST, min(1.0, level["shared"] / population))


def tell(document: Document, found: Sequence[tuple[Variable, Learnt]]) -> Document:
    """The document with what was learnt; a level that two variables have is told by the one seen more."""
    comparisons = {name: dict(each) for name, each in document["comparisons"].items()}
    own = {name: dict(each) for name, each in document["attributes"]["levels"].items()}
    whole = {each.name for each, learnt in found if {"m", "u"} <= learnt.letters}
    holders: dict[tuple[str, str], int] = {}
    for variable, _ in found:
        for level in variable.levels:
            holders[variable.comparison, level] = holders.get((variable.comparison, level), 0) + 1
    for variable, learnt in sorted(found, key=lambda each: (float(each[1].pairs[SAME]), each[0].name)):
        if variable.comparison.startswith(ATTRIBUTE):
            if not learnt.letters:
                continue
            name = variable.comparison.removeprefix(ATTRIBUTE)
            place = own.setdefault(name, dict(own["default"]))
        else:
            place = comparisons[variable.comparison]
        for level, numbers in _levels(document, variable, learnt):
            # A level of two conditions is told by one of them, in whole: m of the one over u of the other
            # would be nobody's.
            if holders[variable.comparison, level] > 1 and variable.name not in whole:
                continue
            place[level] = {**place[level], **numbers}
            if "u" in numbers:
                place[level].pop("shared", None)
    return {
        **document,
        "comparisons": comparisons,
        "attributes": {**document["attributes"], "levels": own},
    }


def _levels(document: Document, variable: Variable, learnt: Learnt) -> Iterator[tuple[str, dict[str, float]]]:
    """The numbers learnt of each level."""
    told = probabilities(document, variable)
    for at, level in enumerate(variable.levels):
        tabled = is_tabled(document, variable, level)
        numbers = {
            letter: _rounded(learnt.chances[CLASS_OF[letter], at])
            for letter in sorted(learnt.letters)
            if not (letter == "u" and (tabled or "shared" in told[level]))
        }
        if "shared" in told[level] and learnt.shared is not None:
            numbers["shared"] = _rounded(learnt.shared)
        yield level, numbers


def _rounded(number: float) -> float:
    """Four digits: more would tell of the machine's arithmetic, not of the data."""
    return float(f"{max(float(number), LEAST):.4g}")


def account(found: Sequence[tuple[Variable, Learnt]]) -> dict[str, Any]:
    """For each comparison what was learnt, from how many pairs, and in words what stays prior and why."""
    told: dict[str, Any] = {}
    for variable, learnt in found:
        told[variable.name] = {
            "learnt": sorted(learnt.letters | ({"shared"} if learnt.shared is not None else set())),
            "pairs": {whom: round(learnt.pairs[CLASS_OF[letter]]) for letter, whom in OF_WHOM.items()},
            "prior": [f"{letter}: {why}" for letter, why in sorted(learnt.why.items())],
        }
    return told


__all__ = ["Learnt", "account", "begin", "tell"]
