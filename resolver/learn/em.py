"""Expectation maximisation for three classes that nobody has labelled: same person, household, stranger.

Dempster, Laird and Rubin (1977), in the form that Winkler (1988) gave it for record linkage: within a
class the variables are independent, and each reaches its levels with probabilities to be found. Pairs
come in groups (the sessions by which they were found), each with shares of the classes of its own, since
pairs that share a mailbox are mostly one person's and pairs born on one day mostly strangers.

The start is also the pull: every probability to be found has pseudo-counts from it (a Dirichlet prior),
so that a level that is hardly seen stays near where it began. What is fixed is not looked for at all, and
that is what tells the classes from each other: the labels cannot be switched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resolver.learn.levels import NONE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SAME: Final = 0
HOUSEHOLD: Final = 1
STRANGER: Final = 2
CLASSES: Final = 3

PULL: Final = 50.0
"""Pseudo-pairs of a class at which a variable's start counts."""
SHARE_PULL: Final = 3.0
"""Pseudo-pairs at which a group's shares at the start count."""
ROUNDS: Final = 200
NEAR: Final = 1e-7
"""Relative gain of the objective below which nothing more is found."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """What is known of each pair.

    `level` has the shape (variables, pairs), `NONE` where nothing was compared; `rarity` (pairs) is log2
    of a stranger's chance of the values that tables speak of; `group` and `weight` have the shape (pairs).
    """

    level: NDArray[np.int8]
    rarity: Floats
    group: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Mixture:
    """Parameters: `shares` (groups, classes) and for each variable `chances` (classes, levels)."""

    shares: Floats
    chances: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was found. `objective` is the log2 posterior after each round, which never falls."""

    mixture: Mixture
    posterior: Floats
    objective: tuple[float, ...]


def fit(
    patterns: Patterns,
    start: Mixture,
    free: Mapping[int, Sequence[int]],
    *,
    most: Mapping[tuple[int, int], Floats] | None = None,
    pull: float = PULL,
    rounds: int = ROUNDS,
) -> Fit:
    """The mixture that explains the patterns best, from this start.

    `free` names for each class the variables whose chances are looked for; the rest stay. `most` bounds,
    by class and variable, the chance of each level, shape (levels); of one level at least it is 1. Returns
    with the `posterior` of each pair, shape (classes, pairs).
    """
    mixture = start
    objective: list[float] = []
    while True:
        joint = joint_log2(patterns, mixture)
        evidence = _log2_sum(joint)
        chance: Floats = np.exp2(joint - evidence)
        objective.append(float((patterns.weight * evidence).sum()) + _pulled(start, mixture, free, pull))
        if len(objective) > rounds or _settled(objective):
            return Fit(mixture, chance, tuple(objective))
        mixture = _maximise(patterns, chance, start, free, most or {}, pull)


def posterior(patterns: Patterns, mixture: Mixture) -> Floats:
    """The chance of each class for each pair, shape (classes, pairs)."""
    joint = joint_log2(patterns, mixture)
    chance: Floats = np.exp2(joint - _log2_sum(joint))
    return chance


def joint_log2(patterns: Patterns, mixture: Mixture) -> Floats:
    """log2 of the chance of each pair's group share and levels, shape (classes, pairs)."""
    joint: Floats = np.log2(mixture.shares).T[:, patterns.group].copy()
    for level, chances in zip(patterns.level, mixture.chances, strict=True):
        # A last column of certainty for what was not compared, which `NONE` finds.
        joint += np.append(np.log2(chances), np.zeros((CLASSES, 1)), axis=1)[:, level]
    joint[STRANGER] += patterns.rarity
    return joint


def expected(patterns: Patterns, chance: Floats, variable: int, size: int) -> Floats:
    """The expected weight of pairs of each class at each level of a variable, shape (classes, levels)."""
    level = patterns.level[variable]
    there = np.flatnonzero(level != NONE)
    return np.stack(
        [
            np.bincount(level[there], patterns.weight[there] * chance[each, there], minlength=size)
            for each in range(CLASSES)
        ]
    )


def _maximise(
    patterns: Patterns,
    chance: Floats,
    start: Mixture,
    free: Mapping[int, Sequence[int]],
    most: Mapping[tuple[int, int], Floats],
    pull: float,
) -> Mixture:
    shares: Floats = np.stack(
        [np.bincount(patterns.group, patterns.weight * each, minlength=len(start.shares)) for each in chance],
        axis=1,
    )
    shares = shares + SHARE_PULL * start.shares
    found = []
    for variable, chances in enumerate(start.chances):
        counts = expected(patterns, chance, variable, chances.shape[1]) + pull * chances
        rows = [
            _bounded(counts[each] / counts[each].sum(), most.get((each, variable)))
            if variable in free.get(each, ())
            else chances[each]
            for each in range(CLASSES)
        ]
        found.append(np.stack(rows))
    return Mixture(shares / shares.sum(axis=1, keepdims=True), tuple(found))


def _bounded(chances: Floats, most: Floats | None) -> Floats:
    """The likeliest chances of which none is more than its bound: the others share what those leave."""
    if most is None:
        return chances
    held = chances > most
    while True:
        rest = (1.0 - most[held].sum()) / chances[~held].sum()
        found: Floats = np.where(held, most, chances * rest)
        over = ~held & (found > most)
        if not over.any():
            return found
        held |= over


def _pulled(start: Mixture, mixture: Mixture, free: Mapping[int, Sequence[int]], pull: float) -> float:
    """log2 of the prior's density, up to a constant."""
    total = float((SHARE_PULL * start.shares * np.log2(mixture.shares)).sum())
    for each, named in free.items():
        for variable in named:
            counted = pull * start.chances[variable][each]
            total += float((counted * np.log2(mixture.chances[variable][each])).sum())
    return total


def _log2_sum(joint: Floats) -> Floats:
    highest = joint.max(axis=0)
    summed: Floats = highest + np.log2(np.exp2(joint - highest).sum(axis=0))
    return summed


def _settled(objective: Sequence[float]) -> bool:
    return len(objective) > 1 and objective[-1] - objective[-2] <= NEAR * (1 + abs(objective[-1]))


__all__ = ["HOUSEHOLD", "SAME", "STRANGER", "Fit", "Mixture", "Patterns", "expected", "fit", "posterior"]
