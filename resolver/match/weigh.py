"""Weights of pairs and of customers: three hypotheses, one sum of odds, integers throughout.

*Same person* is taken against strangers and against people who live or work together. The odds of the
two alternatives are added: -log2(2^-s + 2^-h), through one table of integers, so that the same
evidence gives the same bits in any order and in every engine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from resolver.match.model import MILLIBIT, Model

Ints = NDArray[np.int64]

Attribute = Literal[
    "phone", "email", "handle", "loyalty", "external", "government",
    "given", "family", "birth", "place", "organisation", "attributes", "alias", "alias_name",
]  # fmt: skip

ATTRIBUTES: Final[tuple[Attribute, ...]] = (
    "phone", "email", "handle", "loyalty", "external", "government",
    "given", "family", "birth", "place", "organisation", "attributes", "alias", "alias_name",
)  # fmt: skip

ROW: Final = {name: row for row, name in enumerate(ATTRIBUTES)}

SHARED_IN_FAMILIES: Final[tuple[Attribute, ...]] = ("phone", "email", "place", "family")
"""What partners, parents, colleagues share; correlated, so their sum against the household is bounded."""

OWN: Final[tuple[Attribute, ...]] = (
    "handle", "loyalty", "external", "government", "given", "birth", "organisation", "attributes",
)  # fmt: skip
"""What tells people who live together apart."""

UNNAMED: Final[tuple[Attribute, ...]] = (
    "phone", "email", "handle", "loyalty", "external", "government", "birth", "place", "organisation",
    "attributes",
)  # fmt: skip
"""What is summed against strangers as it is; names are bounded, aliases depend on the rest."""

MEANS: Final[tuple[Attribute, ...]] = ("given", "family", "birth", "place", "organisation", "attributes")
"""Attributes of which a person has one, so that what was seen of it is averaged."""

TELLING: Final[tuple[Attribute, ...]] = ("given", "birth", "loyalty", "government", "organisation")
"""Attributes whose disagreement means that two customers are known to differ."""
DIFFERS: Final = -5 * MILLIBIT
"""From here down, against the household, a telling attribute disagrees."""

NAME_BOUND: Final = 21 * MILLIBIT
"""A full name never says more than this: rare given names and surnames go together."""
FAMILY_BOUND: Final = 8 * MILLIBIT
"""What families share never says more than this for one person against the family."""
AGREES: Final = 5 * MILLIBIT
"""From here on an identifier agrees, and an alias made from it says nothing new."""

_WIDTH: Final = 16 * MILLIBIT
_SUM: Final = np.array(
    [round(MILLIBIT * math.log2(1 + 2 ** (-gap / MILLIBIT))) for gap in range(_WIDTH)], np.int64
)


@dataclass(slots=True)
class Weights:
    """Per attribute, per pair: whether it was compared, and its weights in 1/1000 bit.

    Arrays have the shape (attributes, *pairs*), where *pairs* is one column of pairs or a square of
    clusters.
    """

    compared: NDArray[np.bool_]
    stranger: Ints
    household: Ints

    @classmethod
    def blank(cls, *shape: int) -> Weights:
        """Nothing compared yet."""
        whole = (len(ATTRIBUTES), *shape)
        return cls(np.zeros(whole, bool), np.zeros(whole, np.int64), np.zeros(whole, np.int64))

    def put(self, attribute: Attribute, pairs: Ints, stranger: Ints, household: Ints) -> None:
        """Set an attribute's weights; where it has been compared already the better agreement stays."""
        row = ATTRIBUTES.index(attribute)
        worse = self.compared[row, pairs] & (self.stranger[row, pairs] >= stranger)
        pairs, stranger, household = pairs[~worse], stranger[~worse], household[~worse]
        self.compared[row, pairs] = True
        self.stranger[row, pairs] = stranger
        self.household[row, pairs] = household


@dataclass(frozen=True, slots=True)
class Verdict:
    """Total weights in 1/1000 bit: against strangers, against the household, against both."""

    stranger: Ints
    household: Ints
    combined: Ints


def verdict(model: Model, weights: Weights) -> Verdict:
    """Sum what every attribute says, each piece of evidence once."""
    s = {name: weights.stranger[row] for row, name in enumerate(ATTRIBUTES)}
    h = {name: weights.household[row] for row, name in enumerate(ATTRIBUTES)}
    alias_s, alias_h = _alias(weights, s, h)
    stranger = model.prior + np.minimum(s["given"] + s["family"], NAME_BOUND) + alias_s
    for name in UNNAMED:
        stranger = stranger + s[name]
    shared = sum(h[name] for name in SHARED_IN_FAMILIES)
    household = model.prior_household + np.minimum(shared, FAMILY_BOUND) + alias_h
    for name in OWN:
        household = household + h[name]
    return Verdict(stranger, household, add_odds(stranger, household))


def _alias(weights: Weights, s: Mapping[Attribute, Ints], h: Mapping[Attribute, Ints]) -> tuple[Ints, Ints]:
    """What handles, local parts and names say across kinds, where nothing direct says it already."""
    known = (s["handle"] >= AGREES) | (s["email"] >= AGREES)
    named = weights.compared[ROW["given"]] | weights.compared[ROW["family"]]
    agrees = s["given"] + s["family"] > 0
    alias_s = np.where(known, 0, np.where(agrees, s["alias"] // 3, s["alias"]))
    alias_h = np.where(known, 0, np.where(agrees, h["alias"] // 3, h["alias"]))
    name_s = np.where(named | known, 0, s["alias_name"])
    name_h = np.where(named | known, 0, h["alias_name"])
    better = name_s > alias_s
    return np.where(better, name_s, alias_s), np.where(better, name_h, alias_h)


def add_odds(one: Ints, other: Ints) -> Ints:
    """The weight against two alternatives together, from the weight against each."""
    gap = np.minimum(np.abs(one - other), _WIDTH - 1)
    summed: Ints = np.minimum(one, other) - _SUM[gap]
    return summed


Saying = dict[int, tuple[int, int]]
"""One pair: by the number of the attribute in `ATTRIBUTES`, its weights (stranger, household)."""

_GIVEN, _FAMILY, _HANDLE, _EMAIL = ROW["given"], ROW["family"], ROW["handle"], ROW["email"]
_ALIAS, _ALIAS_NAME = ROW["alias"], ROW["alias_name"]
_UNNAMED_ROWS: Final = [ROW[name] for name in UNNAMED]
_SHARED_ROWS: Final = [ROW[name] for name in SHARED_IN_FAMILIES]
_OWN_ROWS: Final = [ROW[name] for name in OWN]
_TELLING_ROWS: Final = [ROW[name] for name in TELLING]
_SUMS: Final[list[int]] = _SUM.tolist()
_NOTHING: Final = (0, 0)


def combined(model: Model, said: Saying) -> int:
    """The weight of one pair against both alternatives."""
    return summed(model, said)[2]


def summed(model: Model, said: Saying) -> tuple[int, int, int]:
    """`verdict` of one pair, without arrays: the same integers, sooner for a few."""
    given, family = said.get(_GIVEN, _NOTHING)[0], said.get(_FAMILY, _NOTHING)[0]
    alias_s, alias_h = _alias_of(said, given + family > 0)
    stranger = model.prior + min(given + family, NAME_BOUND) + alias_s
    for row in _UNNAMED_ROWS:
        if row in said:
            stranger += said[row][0]
    shared, own = 0, 0
    for row in _SHARED_ROWS:
        if row in said:
            shared += said[row][1]
    for row in _OWN_ROWS:
        if row in said:
            own += said[row][1]
    household = model.prior_household + min(shared, FAMILY_BOUND) + own + alias_h
    both = min(stranger, household) - _SUMS[min(abs(stranger - household), _WIDTH - 1)]
    return stranger, household, both


def _alias_of(said: Saying, agrees: bool) -> tuple[int, int]:
    if said.get(_HANDLE, _NOTHING)[0] >= AGREES or said.get(_EMAIL, _NOTHING)[0] >= AGREES:
        return _NOTHING
    alias = said.get(_ALIAS, _NOTHING)
    if agrees:
        alias = (alias[0] // 3, alias[1] // 3)
    named = _GIVEN in said or _FAMILY in said
    name = _NOTHING if named else said.get(_ALIAS_NAME, _NOTHING)
    return name if name[0] > alias[0] else alias


def counted(said: Saying) -> Saying:
    """What counts of what was said: an alias that only repeats a name or an identifier is left out."""
    given, family = said.get(_GIVEN, _NOTHING)[0], said.get(_FAMILY, _NOTHING)[0]
    alias = _alias_of(said, given + family > 0)
    counts = {row: weights for row, weights in said.items() if row not in {_ALIAS, _ALIAS_NAME}}
    if alias != _NOTHING:
        counts[_ALIAS_NAME if alias == said.get(_ALIAS_NAME) else _ALIAS] = alias
    return counts


def differs(said: Saying) -> bool:
    """Whether something that tells people who live together apart disagrees."""
    for row in _TELLING_ROWS:  # noqa: SIM110 - asked of every pair, and a loop is three times as fast
        if row in said and said[row][1] <= DIFFERS:
            return True
    return False


@dataclass(slots=True)
class Pair:
    """Two nodes or clusters compared: what each attribute says, and the sum of it.

    `weight` is against both alternatives, in 1/1000 bit; `apart` tells that something which tells
    people apart disagrees.
    """

    said: Saying
    weight: int
    apart: bool


def sayings(weights: Weights) -> list[Saying]:
    """Columns of pairs, one pair after another."""
    pair, row = np.nonzero(weights.compared.T)
    found: list[Saying] = [{} for _ in range(weights.compared.shape[1])]
    said = zip(weights.stranger[row, pair].tolist(), weights.household[row, pair].tolist(), strict=True)
    for number, attribute, says in zip(pair.tolist(), row.tolist(), said, strict=True):
        found[number][attribute] = says
    return found


def probability(weight: int) -> float:
    """Match probability, 0 to 1, of a match weight in 1/1000 bit."""
    return float(1.0 / (1.0 + 2.0 ** (-weight / MILLIBIT)))


def threshold(probability_: float) -> int:
    """The least weight, in 1/1000 bit, whose match probability reaches this one (0 < p < 1)."""
    return math.ceil(MILLIBIT * math.log2(probability_ / (1.0 - probability_)))
