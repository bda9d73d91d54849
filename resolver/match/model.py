"""The model: for each comparison level, how likely it is in one person, in a household, among strangers.

Fellegi and Sunter (1969), with two alternatives to *same person* instead of one. A level's weight
against strangers is log2(m / u), against the household log2(m / h); both are integers, 1/1000 bit,
fixed when the model is loaded, so that every engine adds the same bits in any order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from resolver.match.document import shipped

DEFAULT: Final = "default"
"""The attribute that stands for those which the model does not know."""
MILLIBIT: Final = 1000
"""Weights are counted in thousandths of a bit."""


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison: its weights against strangers and against the household."""

    name: str
    stranger: int
    household: int


@dataclass(frozen=True, slots=True)
class Model:
    """All that weighs evidence; versioned, and a function of its file and the population alone.

    `prior` and `prior_household` are the weights, in 1/1000 bit, of *same person* against strangers
    and against people who live or work together, before anything is compared.
    """

    version: str
    population: int
    prior: int
    prior_household: int
    comparisons: Mapping[str, Mapping[str, Level]]
    given_names: Mapping[str, int]
    family_names: Mapping[str, int]
    rarest_given: int
    rarest_family: int
    attributes: Mapping[str, Mapping[str, Level]]
    attribute_values: Mapping[str, Mapping[str, int]]
    rarest_attribute: Mapping[str, int]

    def level(self, comparison: str, name: str) -> Level:
        """The level of this name; KeyError for one the model does not have."""
        return self.comparisons[comparison][name]

    def attribute(self, name: str, level: str) -> Level:
        """A level of an attribute of the company's own; the default's where the model does not know it."""
        return self.attributes.get(name, self.attributes[DEFAULT])[level]

    def attribute_bits(self, name: str, value: str) -> int:
        """How rare a value of an attribute is, in 1/1000 bit; 0 where the model has no frequencies of it."""
        rarest = self.rarest_attribute.get(name)
        return 0 if rarest is None else self.attribute_values[name].get(value, rarest)

    def given_bits(self, token: str) -> int:
        """How rare a given name is, -log2 of its frequency, in 1/1000 bit; bounded for unlisted ones."""
        rarity = self.given_names.get(token)
        return min(self.rarest_given, self.family_bits(token)) if rarity is None else rarity

    def family_bits(self, token: str) -> int:
        """How rare a surname is, -log2 of its frequency, in 1/1000 bit; bounded for unlisted ones."""
        return self.family_names.get(token, self.rarest_family)


def bits(ratio: float) -> int:
    """log2 of a ratio in 1/1000 bit, rounded toward minus infinity."""
    return math.floor(MILLIBIT * math.log2(ratio))


def build(document: Mapping[str, Any], population: int) -> Model:
    """A model from its document and the number of customers that the company expects to hold.

    A level's `u` is a probability, or `shared`: the expected number of strangers who share one value,
    which makes u = shared / population, since two strangers meet on it the less the more there are.
    """
    if population < 1:
        raise ValueError("population must be at least 1")
    comparisons = {
        comparison: {
            name: _level(name, probabilities, population)
            for name, probabilities in levels.items()
            if name != "why"
        }
        for comparison, levels in document["comparisons"].items()
    }
    names = document["names"]
    return Model(
        version=f"{document['version']}/{population}",
        population=population,
        prior=bits(document["prior"]["records_per_customer"] / population),
        prior_household=bits(document["prior"]["person_to_household"]),
        comparisons=comparisons,
        given_names=_rarity(names["given"], names["rarest_given_ppm"]),
        family_names=_rarity(names["family"], names["rarest_family_ppm"]),
        rarest_given=_bits_of_ppm(names["rarest_given_ppm"]),
        rarest_family=_bits_of_ppm(names["rarest_family_ppm"]),
        attributes=_attributes(document["attributes"], population),
        attribute_values={
            name: _rarity(known["values"], known["rarest_ppm"])
            for name, known in document["attributes"]["frequencies"].items()
        },
        rarest_attribute={
            name: _bits_of_ppm(known["rarest_ppm"])
            for name, known in document["attributes"]["frequencies"].items()
        },
    )


@lru_cache(maxsize=8)
def default_model(population: int) -> Model:
    """The model that ships, at this population."""
    return build(shipped(), population)


def _level(name: str, probabilities: Mapping[str, float], population: int) -> Level:
    m, h = probabilities["m"], probabilities["h"]
    u = probabilities["u"] if "u" in probabilities else min(1.0, probabilities["shared"] / population)
    return Level(name, bits(m / u), bits(m / h))


def _attributes(section: Mapping[str, Any], population: int) -> Mapping[str, Mapping[str, Level]]:
    """Each attribute's levels; `short` is told apart from `equal` only where the document does so.

    Where it has frequencies of an attribute's values they are u, so the levels themselves have none.
    """
    found = {}
    for attribute in sorted({*section["levels"], *section["frequencies"]}):
        known = section["levels"].get(attribute, section["levels"][DEFAULT])
        levels = {name: _level(name, each, population) for name, each in known.items() if name != "why"}
        if attribute in section["frequencies"]:
            levels = {**levels, "equal": _level("equal", {**known["equal"], "u": 1.0}, population)}
            levels.pop("short", None)
        found[attribute] = {"short": levels["equal"], **levels}
    return found


def _rarity(ppm: Mapping[str, float], rarest_ppm: float) -> Mapping[str, int]:
    return {token: _bits_of_ppm(max(frequency, rarest_ppm)) for token, frequency in ppm.items()}


def _bits_of_ppm(ppm: float) -> int:
    return bits(1_000_000 / ppm)
