"""One person who changes, and strangers who look like one: moved and married; names and places in common."""

from __future__ import annotations

from dataclasses import replace

from bench.accuracy.scenarios import names
from bench.accuracy.scenarios.noise import NOISE
from bench.accuracy.scenarios.scenario import Scenario, World, one_of, sometimes

KEPT = ("phone", "email", "birth_date")
"""What stays when surname and address change."""


def moved_and_married(world: World, people: int) -> None:
    """Another surname at another address; the telephone, the mailbox or the birth date alone stays."""
    rng = world.rng
    for number in range(people):
        kept = KEPT[number % len(KEPT)]
        before = world.people.person(sex="f", birth=world.people.birth(1965, 2000))
        family = names.family_name(rng, before.country)
        new = world.people.person(
            country=before.country, sex="f", family=family, given=before.given, birth=before.birth
        )
        after = replace(new, key=before.key)
        after = replace(after, phone=before.phone) if kept == "phone" else after
        after = replace(after, email=before.email) if kept == "email" else after
        world.ledger.enlist(f"keeps {kept.replace('_', ' ')}", before)
        for person, first, last in ((before, 2015, 2019), (after, 2020, 2025)):
            for place in range(rng.randint(1, 3)):
                extra = sometimes(rng, place=0.6, birth_date=0.3)
                columns = {rng.choice(("name", "full_name")): None, **dict.fromkeys(extra)}
                columns[kept if place == 0 else one_of(rng, phone=1, email=1)] = None
                if kept == "birth_date" and place == 0:
                    columns[one_of(rng, phone=1, email=1)] = None
                world.ledger.add(person, columns, noise=NOISE, when=world.ledger.when(first, last))


def namesakes(world: World, people: int) -> None:
    """Strangers of one common name in one town, each with their own; some born in one year."""
    rng, left = world.rng, people
    while left > 0:
        country = rng.choice(names.COUNTRIES)
        sex = rng.choice("fm")
        table = names.TABLES[country]
        given = rng.choice((table.women if sex == "f" else table.men)[:10])
        family = rng.choice(table.families[:15])
        town = rng.choice(table.towns)
        same_year = rng.random() < 0.4
        year = rng.randint(1950, 2000)
        for _ in range(min(rng.randint(2, 6), left)):
            left -= 1
            birth = world.people.birth(year, year) if same_year else None
            home = world.people.address(country, town)
            person = world.people.person(
                country=country, sex=sex, given=given, family=family, birth=birth, home=home
            )
            world.ledger.enlist("one birth year" if same_year else "other birth years", person)
            kinds = rng.sample(("phone", "email", "loyalty_id"), k=2)
            for number in range(rng.randint(2, 4)):
                own = kinds if number == 0 else [rng.choice(kinds)]
                place = sometimes(rng, place=0.4) or sometimes(rng, city=0.5)
                columns = (*own, rng.choice(("name", "full_name")), *place, *sometimes(rng, birth_date=0.5))
                world.ledger.add(person, columns, noise=NOISE)


def one_town(world: World, people: int) -> None:
    """The customers of a business that serves one town: all of eight districts."""
    rng = world.rng
    country = rng.choice(names.COUNTRIES)
    town = rng.choice(names.TABLES[country].towns)
    districts = [world.people.address(country, town).postcode for _ in range(8)]
    for _ in range(people):
        home = world.people.address(country, town)._replace(postcode=rng.choice(districts))
        person = world.people.person(country=country, home=home)
        world.ledger.enlist("of the town", person)
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
            own = sometimes(rng, phone=0.5, email=0.5, place=0.75, birth_date=0.3)
            world.ledger.add(person, (rng.choice(("name", "full_name")), *own), noise=NOISE)


SCENARIOS = (
    Scenario("moved_married", "surname and address change", moved_and_married, people=900),
    Scenario("namesakes", "strangers of one common name in one town", namesakes),
    Scenario(
        "one_town", "customers of one town, and a few from elsewhere", one_town, people=6000, background=0.05
    ),
)
"""What is here."""
