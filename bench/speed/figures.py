"""Medians of what was measured in turns, and ratios pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure over several rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Of at least one value."""
        return cls(median(values), min(values), max(values))


def ratio(values: Sequence[float], ceilings: Sequence[float]) -> Figure:
    """Each value by the ceiling that was measured beside it: noise that lasts longer than a pair cancels."""
    return Figure.of([value / ceiling for value, ceiling in zip(values, ceilings, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def in_turns(rounds: int, *acts: Callable[[int], T]) -> list[list[T]]:
    """What each act comes to in each round: A B A B, each told the round's number."""
    results: list[list[T]] = [[] for _ in acts]
    for number in range(rounds):
        for act, so_far in zip(acts, results, strict=True):
            so_far.append(act(number))
    return results


def parted(values: Sequence[T], parts: int) -> list[Sequence[T]]:
    """The values in so many runs of about equal length, in order."""
    return [values[len(values) * n // parts : len(values) * (n + 1) // parts] for n in range(parts)]
