"""One evaluation: all measures with their intervals, what probabilities and suggestions are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from resolver.evaluate.candidates import Candidates, Items, alike
from resolver.evaluate.curve import Bin, Curve, calibration, calibration_error, precision_recall
from resolver.evaluate.intervals import Interval, intervals
from resolver.evaluate.measures import (
    Ints,
    Labels,
    Pairwise,
    Suggestions,
    codes,
    pairwise,
    ratio,
    suggestions,
)
from resolver.match.model import MILLIBIT


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A partition against the truth. `measures` are those of `intervals.NAMES`."""

    records: int
    people: int
    customers: int
    pairs: Pairwise
    measures: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the probabilities of candidates are worth.

    `candidates` counts the pairs of records that were weighed, `met` is the share of the true pairs
    among them, 0 to 1; `error` is the expected calibration error.
    """

    candidates: int
    met: float
    curve: Curve
    bins: tuple[Bin, ...]
    error: float


class Suggested(NamedTuple):
    """Two customers that may be one: a record of each, as places, and the probability."""

    left: int
    right: int
    probability: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What a steward's time is worth.

    `right` is the share of suggestions whose two customers have a person in common, by probability in
    `bins`; `per_1000_customers` is how many wait for each thousand customers.
    """

    whole: Suggestions
    right: float
    per_1000_customers: float
    bins: tuple[Bin, ...]


def evaluate(pred: Labels, truth: Labels) -> Evaluation:
    """Measure a partition: equal labels are one customer, or one person."""
    return Evaluation(
        len(pred), len(set(truth)), len(set(pred)), pairwise(pred, truth), intervals(pred, truth)
    )


def weigh_up(items: Items, person: Ints, candidates: Candidates, true_pairs: int) -> Weighing:
    """What the probabilities of candidates are worth.

    `person` numbers who each item truly is; `true_pairs` counts the pairs that should be found, whether
    or not their records are among the items.
    """
    probability = 1.0 / (1.0 + np.exp2(-candidates.weight / MILLIBIT))
    true = alike(candidates.left, candidates.right, items.node, person)
    bins = calibration(probability, candidates.pairs, true)
    return Weighing(
        candidates=int(candidates.pairs.sum()),
        met=ratio(int(true.sum()), true_pairs),
        curve=precision_recall(probability, candidates.pairs, true, true_pairs),
        bins=bins,
        error=calibration_error(bins),
    )


def advise(suggested: Sequence[Suggested], pred: Labels, truth: Labels) -> Advice:
    """What suggestions are worth; of several for two customers the most probable counts."""
    customer = codes(pred).tolist()
    people: dict[int, set[object]] = {}
    for code, who in zip(customer, truth, strict=True):
        people.setdefault(code, set()).add(who)
    best: dict[tuple[int, int], float] = {}
    for left, right, probability in suggested:
        one, other = sorted((customer[left], customer[right]))
        if one != other:
            best[one, other] = max(probability, best.get((one, other), 0.0))
    kin = [not people[one].isdisjoint(people[other]) for one, other in best]
    return Advice(
        whole=suggestions([(each.left, each.right) for each in suggested], pred, truth),
        right=sum(kin) / len(kin) if kin else 1.0,
        per_1000_customers=1000 * len(best) / len(people) if people else 0.0,
        bins=calibration(
            np.array(list(best.values()), np.float64), np.ones(len(best), np.int64), np.array(kin, np.int64)
        ),
    )
