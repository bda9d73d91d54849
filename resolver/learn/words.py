"""A model in words: what each level of each comparison means, what it weighs, and where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from resolver.learn.levels import ATTRIBUTE, TABLED
from resolver.match import compare
from resolver.match.document import Document, levels
from resolver.match.model import MILLIBIT, Level, Model, build

MEANINGS: Final[Mapping[str, str]] = {
    "equal": "the same",
    "landline": "the same fixed line",
    "slip": "one slip of the finger apart",
    "close": "two slips apart, or another wording",
    "tail": "the same last eight digits",
    "digits": "the same letters, other digits",
    "local": "the same local part at another provider",
    "elsewhere": "the same on another platform",
    "nickname": "one is short for the other",
    "alike": "spellings of one name",
    "kindred": "alike, but both are names that exist",
    "garbled": "most letters in common",
    "unknown": "different, and one is in no list of names",
    "part": "agrees in part",
    "initial": "an initial that fits",
    "uninitial": "an initial that does not fit",
    "swapped": "day and month swapped",
    "near": "each part off by little",
    "year": "the same year, no day known",
    "fine": "the same, of the kind that is a street",
    "coarse": "the same, of the kind that is a district",
    "equal_in_postcode": "the same house, the postcode being the same",
    "road": "the same street, another house",
    "short": "the same, but only a code",
    "named": "spells the name",
    "initialled": "spells an initial and the surname",
    "different": "different",
}
THOUSAND: Final = 10 * MILLIBIT
"""How rare the name is by which a level is told whose weight depends on the name: one in a thousand."""
SAMPLES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("given", "equal"): ("wilhelmina", "wilhelmina"),
    ("given", "nickname"): ("robert", "bob"),
    ("given", "alike"): ("wilhelmina", "wilhelmine"),
    ("given", "kindred"): ("karin", "karen"),
    ("family", "equal"): ("vandermeer", "vandermeer"),
    ("family", "alike"): ("vandermeer", "vandermeers"),
    ("family", "part"): ("vandermeer dewit", "vandermeer"),
}
"""Two names that reach each level of which the tables weigh the very name."""
LETTERS: Final[Mapping[str, str]] = {"m": "one person's", "h": "a household's", "u": "strangers'"}


class LevelTold(NamedTuple):
    """One level: its weights in bits, and what it means.

    `rare` says that the weight against strangers depends on how rare the very value is; it is told for
    one that one in a thousand has. `chances` tells in words how often the level is reached.
    """

    name: str
    meaning: str
    stranger: float
    household: float
    rare: bool
    chances: str


class ComparisonTold(NamedTuple):
    """One comparison: why it is weighed as it is, its levels, and what was learnt or stayed prior."""

    name: str
    why: str
    levels: tuple[LevelTold, ...]
    learnt: tuple[str, ...]


class ModelTold(NamedTuple):
    """A model in words. `prior` and `prior_household` are bits; `learnt` tells how it came about."""

    version: str
    population: int
    about: str
    prior: float
    prior_household: float
    comparisons: tuple[ComparisonTold, ...]
    learnt: tuple[str, ...]


def explain(document: Document, population: int) -> ModelTold:
    """The model that a document makes at this population, in words."""
    model = build(document, population)
    learnt = document.get("learnt", {})
    sections = [(name, name, told) for name, told in document["comparisons"].items()]
    sections += [
        (f"{ATTRIBUTE}{name}", name, told) for name, told in document["attributes"]["levels"].items()
    ]
    return ModelTold(
        version=model.version,
        population=population,
        about=document["about"],
        prior=model.prior / MILLIBIT,
        prior_household=model.prior_household / MILLIBIT,
        comparisons=tuple(
            ComparisonTold(
                name,
                str(told.get("why", "")),
                tuple(_levels(model, document, name, short, told)),
                tuple(_learnt(name, learnt.get("comparisons", {}))),
            )
            for name, short, told in sections
        ),
        learnt=tuple(_history(learnt)),
    )


def _levels(
    model: Model, document: Document, name: str, short: str, told: Mapping[str, Any]
) -> Iterator[LevelTold]:
    own = name.startswith(ATTRIBUTE)
    counted = own and short in document["attributes"]["frequencies"]
    for level, numbers in levels(told).items():
        if counted and level == "short":
            continue  # with frequencies a code is as rare as its value
        weight: Level = model.attribute(short, level) if own else model.level(name, level)
        rare = (name, level) in TABLED or (counted and level == "equal")
        yield LevelTold(
            level,
            MEANINGS.get(level, level.replace("_", " ")),
            (_of_a_thousand(model, name, weight) if rare else weight.stranger) / MILLIBIT,
            weight.household / MILLIBIT,
            rare,
            _chances(numbers),
        )


def _of_a_thousand(model: Model, name: str, level: Level) -> int:
    """The weight against strangers where one in a thousand has the value."""
    sample = SAMPLES.get((name, level.name))
    if sample is None:
        return level.stranger + THOUSAND
    one, other = (words.split() for words in sample)
    # Two given names that exist are another level than two that do not.
    exist = {word: THOUSAND for word in (*one, *other) if word in model.given_names}
    even = replace(model, given_names=exist, family_names={}, rarest_given=THOUSAND, rarest_family=THOUSAND)
    part = (compare.compare_given if name == "given" else compare.compare_family)(even, one, other)
    return part.stranger


def _chances(numbers: Mapping[str, float]) -> str:
    said = [f"{whose} {numbers[letter]:.3g}" for letter, whose in LETTERS.items() if letter in numbers]
    if "shared" in numbers:
        said.append(f"{numbers['shared']:.3g} strangers share one")
    return ", ".join(said)


def _learnt(name: str, told: Mapping[str, Any]) -> Iterator[str]:
    """What was learnt of a comparison and what stays prior, a line for each of its variables."""
    for variable, account in sorted(told.items()):
        if variable.partition(":")[0] != name:
            continue
        condition = variable.partition(":")[2]
        pairs = ", ".join(f"{count} of {whom}" for whom, count in account["pairs"].items())
        what = ", ".join(account["learnt"]) or "nothing"
        head = f"{condition}: " if condition else ""
        yield f"{head}learnt {what} (pairs compared: {pairs})"
        yield from (f"{head}prior {reason}" for reason in account["prior"])


def _history(learnt: Mapping[str, Any]) -> Iterator[str]:
    if not learnt:
        yield "not learnt from data"
        return
    yield (
        f"learnt from {learnt['rows']} rows ({learnt['distinct']} distinct), population "
        f"{learnt['population']}, seed {learnt['seed']}, starting from model {learnt['start']}"
    )
    yield "pairs looked at: " + ", ".join(f"{count} {name}" for name, count in learnt["pairs"].items())
    yield from (f"prior {name}: {told}" for name, told in sorted(learnt["prior"].items()))
    if "partners" in learnt:
        yield learnt["partners"]
    if "judgements" in learnt:
        told = learnt["judgements"]
        # Documents that were learnt from pairs alone tell neither.
        given, in_force = told.get("given", told["same"] + told["different"]), told.get("in_force", 0)
        yield (
            f"judgements: {told['same']} same, {told['different']} different, from {given} pairs given "
            f"and {in_force} judgements in force; changed {told['changed']}"
        )


__all__ = ["ComparisonTold", "LevelTold", "ModelTold", "explain"]
