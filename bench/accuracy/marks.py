"""What each set must reach, at thresholds fixed in advance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.accuracy.outcome import Outcome, Point, at


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure of `contender` at a preset's merge threshold, and what it must be: at least, or at most."""

    what: str
    contender: str
    threshold: float
    figure: Callable[[Point], float]
    least: float = float("-inf")
    most: float = float("inf")

    def reached(self, value: float) -> bool:
        """Whether a figure is what it must be."""
        return self.least <= value <= self.most

    @property
    def wanted(self) -> str:
        """The mark in words."""
        return f"at least {self.least:g}" if self.least > float("-inf") else f"at most {self.most:g}"


@dataclass(frozen=True, slots=True)
class Held:
    """A mark held against what was measured."""

    set: str
    mark: Mark
    value: float


def _precision(found: Point) -> float:
    return found.pairs.precision


def _recall(found: Point) -> float:
    return found.pairs.recall


def _f1(found: Point) -> float:
    return found.pairs.f1


def _strangers(found: Point) -> float:
    return found.strangers


def _default(precision: float, recall: float, strangers: float) -> tuple[Mark, ...]:
    return (
        Mark("`default`: precision", "ours", 0.99, _precision, least=precision),
        Mark("`default`: recall", "ours", 0.99, _recall, least=recall),
        Mark("`default`: strangers", "ours", 0.99, _strangers, most=strangers),
    )


def _balanced(f1: float, contender: str = "ours") -> Mark:
    return Mark(f"`balanced`: F1, {contender}", contender, 0.95, _f1, least=f1)


def _strict(strangers: float) -> Mark:
    return Mark("`strict`: strangers", "ours", 0.999, _strangers, most=strangers)


MARKS: Final[Mapping[str, Sequence[Mark]]] = {
    "omni_10k": (*_default(0.985, 0.80, 150), _balanced(0.92), _strict(50)),
    "omni_100k": (*_default(0.98, 0.72, 230), _balanced(0.89), _strict(50)),
    "omni_heavy": (*_default(0.985, 0.85, 150), _balanced(0.95)),
    "omni_1m": (*_default(0.97, 0.66, 300), _balanced(0.86)),
    "fake_1000": (_balanced(0.94),),
    "febrl3": (_balanced(0.9995),),
    "febrl3_ids": (_balanced(0.9995),),
    "historical_50k": (_balanced(0.87), _balanced(0.90, "trained")),
}


def held(outcomes: Sequence[Outcome]) -> Iterator[Held]:
    """Every mark whose set and contender were measured at its threshold."""
    for each in outcomes:
        for mark in MARKS.get(each.set, ()):
            if mark.contender == each.contender and not each.failed:
                try:
                    found = at(each.points, mark.threshold)
                except KeyError:
                    continue
                yield Held(each.set, mark, mark.figure(found))
