"""What a probability is worth: precision and recall at every threshold, and calibration.

Both are over *pairs that were weighed*. A true pair that never met as candidates has no probability: it
counts against recall, and calibration does not know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.evaluate.intervals import Interval, wilson
from resolver.evaluate.measures import Ints

Floats = NDArray[np.float64]

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall of the pairs from each probability up, the highest first.

    A point stands for all pairs of one probability, so a threshold is always one of `probability`.
    """

    probability: Floats
    precision: Floats
    recall: Floats

    def recall_at(self, precision: float) -> float:
        """The greatest recall with at least this precision; 0 where no threshold has it."""
        return float(self.recall[self.precision >= precision].max(initial=0.0))


class Bin(NamedTuple):
    """Pairs of a range of probability: how many, their mean probability, and the share that is true.

    The share's interval takes pairs for independent, which they are not wherever a customer has several
    records: it is the least that there is to doubt. `low` is within the range, `high` only in the last.
    """

    low: float
    high: float
    pairs: int
    probability: float
    true: Interval


def precision_recall(probability: Floats, pairs: Ints, true: Ints, all_true: int) -> Curve:
    """The curve of weighed pairs.

    `pairs` and `true` count the pairs of records that each probability speaks for and those of one
    person among them; `all_true` counts the pairs of one person, weighed or not.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], np.ones(min(len(ranked), 1), bool)))
    found, right = np.cumsum(pairs[order])[last], np.cumsum(true[order])[last]
    filled = found > 0
    last, found, right = last[filled], found[filled], right[filled]
    return Curve(ranked[last], right / found, right / max(all_true, 1))


def calibration(probability: Floats, pairs: Ints, true: Ints) -> tuple[Bin, ...]:
    """Ten ranges of probability of equal width; those in which there is no pair are left out."""
    place = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    count, right = np.bincount(place, pairs, BINS), np.bincount(place, true, BINS)
    mean = np.bincount(place, probability * pairs, BINS)
    return tuple(
        Bin(n / BINS, (n + 1) / BINS, int(count[n]), mean[n] / count[n], wilson(right[n], count[n]))
        for n in range(BINS)
        if count[n]
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """The expected calibration error: the mean gap of probability and share true, weighed by pairs.

    Naeini, Cooper and Hauskrecht (2015), with bins of equal width; 0 where there is no pair.
    """
    whole = sum(each.pairs for each in bins)
    gap = sum(each.pairs * abs(each.probability - each.true.estimate) for each in bins)
    return gap / whole if whole else 0.0
