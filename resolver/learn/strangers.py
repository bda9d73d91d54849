"""What strangers agree on by chance: u, from random pairs, and how many share one identifier.

Random pairs hold true matches: few, but nearly all of those that agree on anything rare. So each counts
by its chance to be strangers. Of an identifier's value even that says too little (two in a billion pairs
of strangers share one), so the session of those who share one is asked how many of them are strangers,
told by everything but the identifier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from resolver.learn.chances import Learnt
from resolver.learn.effort import Effort
from resolver.learn.em import STRANGER, Patterns, expected
from resolver.learn.levels import Variable
from resolver.match.document import LEAST

Floats = NDArray[np.float64]


def learn_chances(
    learnt: Learnt,
    prior: Floats,
    tabled: Sequence[bool],
    counts: Floats,
    effort: Effort,
) -> None:
    """Set strangers' chances of a variable's levels from their expected counts.

    A level's prior chance counts as `sightings` events, so that one which is too rare to be met in the
    sample stays where it was, and the commonest level takes what the others leave. What a table of
    values tells is not touched.
    """
    pairs = float(counts.sum())
    learnt.pairs[STRANGER] = pairs
    learnt.seen[STRANGER] = counts
    if pairs < effort.strangers:
        learnt.why["u"] = f"{pairs:.0f} pairs of strangers were compared, {effort.strangers:.0f} are needed"
        return
    chances = (counts + effort.sightings) / (pairs + effort.sightings / prior)
    table = np.array(tabled, bool)
    rest = int(np.argmax(np.where(table, 0.0, prior)))
    others = float(np.where(table, counts / pairs, chances).sum() - chances[rest])
    chances[rest] = max(LEAST, 1.0 - others)
    learnt.chances[STRANGER] = np.where(table, 1.0, chances)
    learnt.letters.add("u")
    learnt.why.pop("u", None)


def learn_shared(
    learnt: Learnt,
    known: Mapping[str, float],
    *,
    strangers: float,
    telling: int,
    exposure: float,
    population: int,
    effort: Effort,
) -> None:
    """Set how many strangers share one value of an identifier.

    Args:
        learnt: the identifier's variable, whose first level is `equal`.
        known: that level in the document, with its `shared`.
        strangers: expected pairs of strangers among all that share a value.
        telling: pairs that share one in which something else tells whether they are strangers.
        exposure: pairs of nodes that both have a value, over the population: among so many one pair of
            strangers shares a value where `shared` is 1.
        population: how many customers are expected.
        effort: how much must be seen.
    """
    if telling < effort.telling:
        learnt.why["shared"] = (
            f"{telling} pairs that share a value tell who they are, {effort.telling} needed"
        )
        return
    learnt.shared = (effort.sightings + strangers) / (effort.sightings / known["shared"] + exposure)
    learnt.chances[STRANGER, 0] = max(LEAST, min(1.0, learnt.shared / population))
    learnt.why.pop("shared", None)


def stranger_counts(patterns: Patterns, posterior: Floats, variables: Sequence[Variable]) -> list[Floats]:
    """For each variable the expected pairs of strangers at each of its levels."""
    return [
        expected(patterns, posterior, number, len(each.levels))[STRANGER]
        for number, each in enumerate(variables)
    ]


__all__ = ["learn_chances", "learn_shared", "stranger_counts"]
