"""How much is looked at, and how much must have been seen before a prior value is given up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Counts are of pairs.

    Looked at: at most `random` random pairs, `session` of each session, `candidates` of those that
    blocking proposes; `rounds` of learning strangers, then people.

    Needed: `same`, `household` and `strangers` are expected pairs of that class in which a comparison was
    made; `telling` are pairs of a session in which anything but its own attribute was compared.
    `sightings` are the events for which the prior chance of a level among strangers counts.
    """

    random: int = 200_000
    session: int = 30_000
    candidates: int = 100_000
    rounds: int = 2
    same: float = 100.0
    household: float = 200.0
    strangers: float = 1000.0
    telling: int = 200
    sightings: float = 5.0
