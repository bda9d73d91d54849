"""A scenario: people in a certain situation, among a background of others; and what it must reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from bench.accuracy.scenarios.noise import NOISE
from bench.accuracy.scenarios.people import People
from bench.accuracy.scenarios.records import Ledger, Row, Truth

_BACKGROUND = (
    ("email", "name", "place"),
    ("email", "name", "phone", "place"),
    ("email", "full_name"),
    ("phone", "full_name"),
    ("phone", "name", "city"),
    ("loyalty_id", "surname"),
    ("loyalty_id", "email", "name", "birth_date"),
    ("handle", "full_name"),
    ("email", "phone", "name", "birth_date", "place"),
)
"""What ordinary channels take down."""


class Target(NamedTuple):
    """What is to be reached. `mixed` at most, people per 10,000; `recall` at least, of own records."""

    mixed: float
    recall: float


APART = Target(200, 0.9)
"""For people who share much and are not one."""


class World(NamedTuple):
    """What a scenario makes its records with. All that is drawn is drawn from `rng`."""

    rng: Random
    people: People
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Scenario:
    """One situation.

    `about` is a line on what it holds. `make` adds the records of some `people` to a world. `people` is
    how many by default, `background` how many others for each of them. `target` is None where the figures
    only tell.
    """

    name: str
    about: str
    make: Callable[[World, int], None]
    people: int = 1000
    background: float = 1.0
    target: Target | None = None

    def generate(self, seed: int, people: int = 0) -> tuple[list[Row], Truth]:
        """Rows and the truth about them, the same for the same seed and number of people (0: default)."""
        rng = Random(f"{self.name}:{seed}")
        world = World(rng, People(rng), Ledger(rng))
        count = people or self.people
        self.make(world, count)
        _background(world, round(count * self.background))
        return world.ledger.close()


def _background(world: World, count: int) -> None:
    """Ordinary people, each with one to five records."""
    for _ in range(count):
        person = world.people.person()
        for _ in range(1 + min(int(world.rng.expovariate(0.7)), 4)):
            world.ledger.add(person, world.rng.choice(_BACKGROUND), noise=NOISE)


def sometimes(rng: Random, **chances: float) -> tuple[str, ...]:
    """Those of the columns that happen, each with its own probability."""
    return tuple(column for column, chance in chances.items() if rng.random() < chance)


def one_of(rng: Random, **weights: float) -> str:
    """One of the columns by weight."""
    return rng.choices(tuple(weights), weights=tuple(weights.values()))[0]


def named(rng: Random, chance: float) -> tuple[str, ...]:
    """The columns of a name: with probability `chance` the whole of it, else the surname or nothing."""
    if rng.random() < chance:
        return (rng.choice(("name", "full_name")),)
    return rng.choice(((), ("surname",)))
