"""What a contender made of a set, as it is measured, kept and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resolver.evaluate import measures
from resolver.evaluate.measures import Labels, Score

How = Literal["own", "components"]
"""A contender's own clustering, or the connected components of its scored pairs."""


@dataclass(frozen=True, slots=True)
class Point:
    """The partition at one threshold, measured against the truth.

    `strangers`: people who share a customer with a stranger, per 10,000 people.
    """

    threshold: float
    how: How
    pairs: Score
    b_cubed: Score
    exact: Score
    strangers: float


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs whose stated probability is in [`low`, `high`): how many, their mean, the share that is true."""

    low: float
    high: float
    pairs: int
    stated: float
    true: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the suggestions at the default threshold add.

    `covered`: the share of the missed true pairs that they would bring, `precision`: the share of true
    ones in all that they would bring; `per_1000`: suggestions per 1,000 customers.
    """

    offered: int
    covered: float
    precision: float
    per_1000: float
    bands: Sequence[Band]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How true stated probabilities are: of joins and suggestions, and of all candidate pairs scored."""

    told: Sequence[Band]
    scored: Sequence[Band]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One contender on one set. `usual` is the threshold fixed in advance, a point of `points`.

    `seconds` of wall time, `cpu` seconds and `peak` bytes resident (of the largest process) are from file to
    clusters, training included.
    `failed` tells why there are no points; `notes` what else a reader must know.
    """

    set: str
    contender: str
    version: str
    records: int
    people: int
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    usual: float = 0.0
    points: Sequence[Point] = ()
    failed: str = ""
    notes: str = ""
    suggested: Suggested | None = None
    calibration: Calibration | None = None


def point(threshold: float, how: How, pred: Labels, truth: Labels) -> Point:
    """Measure one partition."""
    pairs = measures.pairwise(pred, truth)
    return Point(
        threshold,
        how,
        Score(pairs.precision, pairs.recall, pairs.f1),
        Score(*measures.b_cubed(pred, truth)),
        Score(*measures.cluster_exact(pred, truth)),
        measures.strangers_per_10000(pred, truth),
    )


def best(points: Sequence[Point]) -> Point:
    """The point of the greatest pairwise F1: what a threshold chosen with the labels would bring."""
    return max(points, key=lambda each: each.pairs.f1)


def recall_at(points: Sequence[Point], precision: float) -> Point | None:
    """The point of the greatest recall among those of at least this pairwise precision; None without one."""
    precise = [each for each in points if each.pairs.precision >= precision]
    return max(precise, key=lambda each: each.pairs.recall, default=None)


def at(points: Sequence[Point], threshold: float) -> Point:
    """The contender's own partition at a threshold, else that of its components; KeyError without either."""
    found = [each for each in points if each.threshold == threshold]
    if not found:
        raise KeyError(threshold)
    return min(found, key=lambda each: each.how != "own")
