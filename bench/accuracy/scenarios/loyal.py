"""Loyal customers: up to a hundred records of one or two identifiers each, connected by shared values."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from bench.accuracy.scenarios.noise import NOISE, Noise
from bench.accuracy.scenarios.people import People, Person
from bench.accuracy.scenarios.scenario import Scenario, Target, World

SIZES = (1, 2, 5, 10, 20, 40, 100)

_Value = tuple[str, Mapping[str, str]]
_NAMES: tuple[tuple[str, ...], ...] = ((), (), ("name",), ("full_name",), ("surname",))


def clean(world: World, people: int) -> None:
    """Nothing is ever mistyped."""
    _customers(world, people, None)


def noisy(world: World, people: int) -> None:
    """The same people, written down by real channels."""
    _customers(world, people, NOISE)


def _customers(world: World, people: int, noise: Noise | None) -> None:
    for number in range(people):
        size = SIZES[number % len(SIZES)]
        person = world.people.person()
        world.ledger.enlist(f"{size} record{'s' * (size > 1)}", person)
        known, unknown = _identifiers(world.rng, world.people, person, size)
        for _ in range(size):
            kind, cells = world.rng.choice(known)
            others = [value for value in (*known, *unknown) if value[0] != kind]
            if others and world.rng.random() < 0.6:
                # A value that nobody has seen comes beside one that is known, so that all are connected.
                second = world.rng.choice(others)
                cells = {**cells, **second[1]}
                if second in unknown:
                    unknown.remove(second)
                    known.append(second)
            world.ledger.add(person, world.rng.choice(_NAMES), noise=noise, other=cells)


def _identifiers(rng: Random, people: People, person: Person, size: int) -> tuple[list[_Value], list[_Value]]:
    """What a person is known by, the first and the others: the more records, the more of each kind."""
    pool: list[_Value] = [
        ("email", {"email": person.email}),
        ("phone", {"phone": person.phone}),
        ("loyalty_id", {"loyalty_id": person.card}),
        ("handle", {"handle": person.handle, "platform": person.platform}),
    ]
    for _ in range(size // 20):
        host = rng.choice(("gmail.com", "outlook.com", "icloud.com"))
        mailbox = people.mailbox(person.given, person.family, person.birth.year, host)
        pool.append(("email", {"email": mailbox}))
        pool.append(("phone", {"phone": people.mobile(person.country)}))
    rng.shuffle(pool)
    return pool[:1], pool[1:]


SCENARIOS = (
    Scenario(
        "loyal",
        "customers of 1 to 100 records, one or two identifiers each and maybe a name, without errors",
        clean,
        people=210,
        background=2.0,
        target=Target(0, 1.0),
    ),
    Scenario(
        "loyal_noisy",
        "the same, with other formats, nicknames, typing errors, missing parts and +tags",
        noisy,
        people=210,
        background=2.0,
    ),
)
"""What is here."""
