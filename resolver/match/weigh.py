"""Weights of pairs and of customers: three hypotheses, one sum of odds, integers throughout.

*Same person* is taken against strangers and against people who live or work together. The odds of the
two alternatives are added: -log2(2^-s + 2^-h), through one table of integers, so that the same
evidence gives the same bits in any order and in every engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

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

AGREES: Final = 3500
"""From here on, against the household, a telling attribute surely agrees."""

NAME_BOUND: Final = 21 * MILLIBIT
"""A full name never says more than this: rare given names and surnames go together."""
FAMILY_BOUND: Final = 8 * MILLIBIT
"""What families share never says more than this for one person against the family."""
APART: Final = -1 * MILLIBIT
"""From here down, against the household, two given names are two persons'."""
APART_BOUND: Final = 2500
"""The same for two who bear two given names, or were born on two days and bear names that do not outweigh
that: such families share everything."""
SURELY: Final = 12 * MILLIBIT
"""From here on two mailboxes or handles are one, or a slip apart; below they resemble each other."""

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

    def of(self, pairs: Ints) -> Weights:
        """The same of some of the pairs, by their places in the column."""
        return Weights(self.compared[:, pairs], self.stranger[:, pairs], self.household[:, pairs])

    def put(self, attribute: Attribute, pairs: Ints, stranger: Ints, household: Ints) -> None:
        """Set an attribute's weights; where it has been compared already the better agreement stays."""
        row = ATTRIBUTES.index(attribute)
        best, beside = self.stranger[row, pairs], self.household[row, pairs]
        worse = self.compared[row, pairs] & ((best > stranger) | ((best == stranger) & (beside >= household)))
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
    stranger, household = _totals(_ARRAYS, model, _once(_ARRAYS, _told(weights)))
    return Verdict(stranger, household, add_odds(stranger, household))


def add_odds(one: Ints, other: Ints) -> Ints:
    """The weight against two alternatives together, from the weight against each."""
    gap = np.minimum(np.abs(one - other), _WIDTH - 1)
    summed: Ints = np.minimum(one, other) - _SUM[gap]
    return summed


# -- the sum, written once for columns of pairs and for one pair -----------------------------------


class _Told(NamedTuple):
    """By number of attribute: weights against strangers and the household, and whether it was compared."""

    stranger: list[Any]
    household: list[Any]
    compared: Any


class _Operations(NamedTuple):
    """What the sum needs of integers, be they one pair's or columns."""

    least: Callable[[Any, Any], Any]
    most: Callable[[Any, Any], Any]
    pick: Callable[[Any, Any, Any], Any]


_ARRAYS: Final = _Operations(np.minimum, np.maximum, np.where)
_NUMBERS: Final = _Operations(min, max, lambda holds, one, other: one if holds else other)

_GIVEN, _FAMILY, _BIRTH = ROW["given"], ROW["family"], ROW["birth"]
_HANDLE, _EMAIL = ROW["handle"], ROW["email"]
_ALIAS, _ALIAS_NAME = ROW["alias"], ROW["alias_name"]
_ALIASES: Final = (_ALIAS, _ALIAS_NAME)
_SHARED_ROWS: Final = [ROW[name] for name in SHARED_IN_FAMILIES]
_OWN_ROWS: Final = [*(ROW[name] for name in OWN), *_ALIASES]
_UNNAMED_ROWS: Final = [*(ROW[name] for name in UNNAMED), *_ALIASES]


def _told(weights: Weights) -> _Told:
    return _Told(list(weights.stranger), list(weights.household), weights.compared)


@lru_cache(maxsize=1 << 12)  # who sums a pair up will soon tell of its parts, and customers say much alike
def _counting(said: tuple[tuple[int, tuple[int, int]], ...]) -> _Told:
    """What counts of what one pair says, given as the items of a `Saying`."""
    stranger, household, compared = [0] * len(ATTRIBUTES), [0] * len(ATTRIBUTES), [False] * len(ATTRIBUTES)
    for row, says in said:
        stranger[row], household[row] = says
        compared[row] = True
    return _once(_NUMBERS, _Told(stranger, household, compared))


def _totals(do: _Operations, model: Model, counting: _Told) -> tuple[Any, Any]:
    """The sums of what counts against strangers and against the household, priors included."""
    s, h, _ = counting
    stranger = model.prior + do.least(s[_GIVEN] + s[_FAMILY], NAME_BOUND)
    for row in _UNNAMED_ROWS:
        stranger = stranger + s[row]
    shared = 0
    for row in _SHARED_ROWS:
        shared = shared + h[row]
    apart = (h[_GIVEN] <= APART) | ((h[_BIRTH] <= DIFFERS) & (h[_GIVEN] + h[_BIRTH] <= APART))
    bound = do.pick(apart, APART_BOUND, FAMILY_BOUND)
    household = model.prior_household + do.least(shared, bound)
    for row in _OWN_ROWS:
        household = household + h[row]
    return stranger, household


def _once(do: _Operations, told: _Told) -> _Told:
    """Each piece of evidence once: what follows from other evidence is reduced by what that says.

    - Mailboxes and handles are made from names: where the names agree, one that merely resembles the
      other's repeats them in the main, and so does one that is spelt like a mailbox.
    - One that spells a name says what the name says, so it counts for what is not said already, and
      not at all where the same mailbox or handle is on both sides.
    - Twins share their birth, so it tells one person from another of the household no further than
      the given names bear out.
    """
    s, h, compared = list(told.stranger), list(told.household), told.compared
    name = s[_GIVEN] + s[_FAMILY]
    agrees = name > 0
    known = (s[_HANDLE] >= SURELY) | (s[_EMAIL] >= SURELY)
    repeated = [(row, agrees & (s[row] > 0) & (s[row] < SURELY)) for row in (_HANDLE, _EMAIL)]
    for row, repeats in (*repeated, (_ALIAS, agrees)):
        s[row] = do.pick(repeats, do.most(s[row] // 3, s[row] - name), s[row])
        h[row] = do.pick(repeats, do.most(h[row] // 3, h[row] - do.most(h[_GIVEN], 0)), h[row])
    # What a mailbox or handle says of itself, its alias has said.
    direct_s = do.most(do.most(s[_HANDLE], s[_EMAIL]), 0)
    direct_h = do.most(do.most(h[_HANDLE], h[_EMAIL]), 0)
    open_ = (s[_GIVEN] >= 0) & (s[_FAMILY] >= 0)
    s[_ALIAS_NAME] = do.pick(open_, do.most(s[_ALIAS_NAME] - name - direct_s, 0), 0)
    h[_ALIAS_NAME] = do.pick(open_, do.most(h[_ALIAS_NAME] - do.most(h[_GIVEN], 0) - direct_h, 0), 0)
    s[_ALIAS], h[_ALIAS] = do.most(s[_ALIAS] - direct_s, 0), do.most(h[_ALIAS] - direct_h, 0)
    better = s[_ALIAS_NAME] > s[_ALIAS]
    for weights in (s, h):
        weights[_ALIAS] = do.pick(known | better, 0, weights[_ALIAS])
        weights[_ALIAS_NAME] = do.pick(known, 0, do.pick(better, weights[_ALIAS_NAME], 0))
    borne = do.pick(compared[_GIVEN], do.most(2 * h[_GIVEN], 0), h[_BIRTH])
    h[_BIRTH] = do.least(h[_BIRTH], borne)
    return _Told(s, h, compared)


Saying = dict[int, tuple[int, int]]
"""One pair: by the number of the attribute in `ATTRIBUTES`, its weights (stranger, household)."""

_NOTHING: Final = (0, 0)
_TELLING_ROWS: Final = [ROW[name] for name in TELLING]
_SUMS: Final[list[int]] = _SUM.tolist()


def combined(model: Model, said: Saying) -> int:
    """The weight of one pair against both alternatives."""
    return summed(model, said)[2]


def summed(model: Model, said: Saying) -> tuple[int, int, int]:
    """`verdict` of one pair, without arrays: the same integers, sooner for a few."""
    stranger, household = _totals(_NUMBERS, model, _counting(tuple(said.items())))
    both = min(stranger, household) - _SUMS[min(abs(stranger - household), _WIDTH - 1)]
    return stranger, household, both


def counted(said: Saying) -> Saying:
    """What counts of what was said, each piece of evidence once; what adds nothing is left out."""
    told = _counting(tuple(said.items()))
    counts = {row: (told.stranger[row], told.household[row]) for row in said}
    return {row: says for row, says in counts.items() if row not in _ALIASES or says != _NOTHING}


def differs(said: Saying) -> bool:
    """Whether something that tells people who live together apart disagrees."""
    for row in _TELLING_ROWS:  # noqa: SIM110 - asked of every pair, and a loop is three times as fast
        if row in said and said[row][1] <= DIFFERS:
            return True
    return False


def differences(said: Saying) -> Iterator[int]:
    """The attributes, by number, that tell people who live together apart and disagree."""
    return (row for row in _TELLING_ROWS if differs_in(row, said))


def differs_in(row: int, said: Saying) -> bool:
    """Whether this attribute, by number, was compared and disagrees."""
    return row in said and said[row][1] <= DIFFERS


def agrees_in(row: int, said: Saying) -> bool:
    """Whether this attribute, by number, was compared and surely agrees, against the household too."""
    return row in said and said[row][1] >= AGREES


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
