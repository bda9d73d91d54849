"""What one person's records agree on, m, and those of a household, h: the sessions taken together.

The classes are held apart by what is not learnt: strangers are as `resolver.learn.strangers` found them,
and what tells members of a household from each other stays as it was, for without labels a household is
known by nothing else. Learnt for the household is only how often it shares what households share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resolver.learn.chances import OF_WHOM, Learnt
from resolver.learn.effort import Effort
from resolver.learn.em import HOUSEHOLD, SAME, STRANGER, Fit, Mixture, Patterns, expected, fit
from resolver.learn.levels import Variable
from resolver.match.document import LEAST

Floats = NDArray[np.float64]

SHARED_AT_HOME: Final = frozenset({"phone", "email", "family", "postcode", "street", "city"})
"""What partners, parents and children share; how often they do differs from country to country."""
MOVED: Final = frozenset({"postcode", "street", "city", "country"})
"""What a household changes together: it tells one person from the household as little as before."""
TELLING: Final = frozenset({"given", "birth"})
"""What tells members of a household apart."""
APART: Final = frozenset({"different", "unknown", "uninitial"})
"""Their levels at which two are told apart."""
DIFFER: Final = 2.0
"""How many times as often as before one person's records may differ in what tells a household apart.

Beyond it twins, or a father and his son, are being taken for one person: to the fit they look alike.
"""
SHARE: Final = 2.0
"""How many times as often as before a household may share one telephone that is not a fixed line.

Beyond it one person's records without a name in common are being taken for a household.
"""
START: Final = (0.6, 0.1, 0.3)
"""Shares of a session's pairs that are one person's, a household's and strangers', to begin with."""


def fit_people(
    patterns: Patterns,
    groups: int,
    variables: Sequence[Variable],
    begun: Sequence[Floats],
    strangers: Sequence[Floats],
) -> Fit:
    """The mixture of the sessions' pairs: m of every variable, h of what homes share, shares by session."""
    chances = []
    for prior, now in zip(begun, strangers, strict=True):
        start = prior.copy()
        start[STRANGER] = now[STRANGER]
        chances.append(np.maximum(start, LEAST))
    home = [number for number, each in enumerate(variables) if each.comparison in SHARED_AT_HOME]
    start_ = Mixture(np.tile(np.array(START), (groups, 1)), tuple(chances))
    return fit(
        patterns,
        start_,
        {SAME: range(len(variables)), HOUSEHOLD: home},
        most=_bounds(variables, begun),
    )


def _bounds(variables: Sequence[Variable], begun: Sequence[Floats]) -> dict[tuple[int, int], Floats]:
    """The most that the chances of levels may become, by class and variable."""
    found = {}
    for number, (variable, prior) in enumerate(zip(variables, begun, strict=True)):
        if variable.comparison in TELLING:
            apart = np.array([level in APART for level in variable.levels])
            found[SAME, number] = np.where(apart, np.minimum(0.5, DIFFER * prior[SAME]), 1.0)
        if variable.name == "phone":
            one = np.array([level == "equal" for level in variable.levels])
            found[HOUSEHOLD, number] = np.where(one, np.minimum(0.5, SHARE * prior[HOUSEHOLD]), 1.0)
    return found


def adopt(
    variable: Variable,
    learnt: Learnt,
    prior: Floats,
    found: Floats,
    seen: Floats,
    tabled: Sequence[bool],
    effort: Effort,
) -> None:
    """Take what was found of one variable, where enough was seen of it and it makes sense.

    `found` are the chances after the fit, `seen` the expected pairs at each level, both of the shape
    (classes, levels).
    """
    for letter, class_, needed in (("m", SAME, effort.same), ("h", HOUSEHOLD, effort.household)):
        learnt.letters.discard(letter)
        learnt.why.pop(letter, None)
        learnt.seen[class_] = seen[class_]
        learnt.pairs[class_] = seen[class_].sum()
        reason = _doubt(variable, letter, class_, learnt, found, tabled, needed)
        if reason:
            learnt.chances[class_] = prior[class_]
            learnt.why[letter] = reason
            continue
        rare = seen[class_] < effort.sightings
        learnt.chances[class_] = np.where(rare, prior[class_], found[class_])
        learnt.letters.add(letter)
        if rare.any():
            never = ", ".join(name for name, few in zip(variable.levels, rare, strict=True) if few)
            learnt.why[letter] = f"hardly seen, so as before: {never}"
    if variable.comparison in MOVED and "m" in learnt.letters and "h" not in learnt.letters:
        ratio = learnt.chances[SAME] / prior[SAME]
        learnt.chances[HOUSEHOLD] = np.minimum(1.0, prior[HOUSEHOLD] * ratio)
        learnt.letters.add("h")
        learnt.why["h"] += "; so it follows m, as a household moves together"


def _doubt(
    variable: Variable,
    letter: str,
    class_: int,
    learnt: Learnt,
    found: Floats,
    tabled: Sequence[bool],
    needed: float,
) -> str:
    """Why what was found is not believed; empty where it is."""
    if letter == "h" and variable.comparison not in SHARED_AT_HOME:
        return "what tells people of one household apart is not learnt without labels"
    pairs = float(learnt.pairs[class_])
    if pairs < needed:
        return f"{pairs:.0f} pairs of {OF_WHOM[letter]} were compared, {needed:.0f} are needed"
    agree = found[class_, 0]
    if letter == "m" and not tabled[0] and agree <= learnt.chances[STRANGER, 0]:
        return "it collapsed: one person's records would agree no more often than strangers'"
    if letter == "m" and tabled[0] and agree <= found[class_, -1]:
        return "it collapsed: one person's records would differ more often than agree"
    return ""


def seen_of(patterns: Patterns, fitted: Fit, variables: Sequence[Variable]) -> list[Floats]:
    """For each variable the expected pairs of each class at each of its levels."""
    return [
        expected(patterns, fitted.posterior, number, len(each.levels))
        for number, each in enumerate(variables)
    ]


__all__ = ["adopt", "fit_people", "seen_of"]
