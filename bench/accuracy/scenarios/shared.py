"""One value on several people: a switchboard, a number with a new owner, a friend's mailbox, a card."""

from __future__ import annotations

from dataclasses import replace

from bench.accuracy.scenarios.noise import NOISE
from bench.accuracy.scenarios.people import Person, plain
from bench.accuracy.scenarios.scenario import APART, Scenario, World, named, one_of, sometimes

_CONTACTS = ("email", "phone")

PEOPLE_PER_CARD = 200
"""On how many people's records one till card is."""


def colleagues(world: World, people: int) -> None:
    """Three to eight people of one company: its switchboard, `info@`, its domain and address."""
    rng, left = world.rng, people
    while left > 0:
        staff = min(rng.randint(3, 8), left)
        left -= staff
        first = world.people.person()
        company = f"{first.family} {rng.choice(('Consulting', 'Bouw', 'Logistics', 'Media', 'Group'))}"
        host = f"{plain(company)}.com"
        board, office = world.people.landline(first.country), world.people.address(first.country)
        for _ in range(staff):
            person = world.people.person(country=first.country, home=office)
            world.ledger.enlist("colleagues", person)
            own = replace(
                person, email=world.people.mailbox(person.given, person.family, person.birth.year, host)
            )
            _work_records(world, own, board, f"info@{host}", company)


def _work_records(world: World, person: Person, board: str, info: str, company: str) -> None:
    rng = world.rng
    kinds = ["email", one_of(rng, phone=1, loyalty_id=1)]
    for number in range(rng.randint(2, 5)):
        own = [column for column in kinds if number == 0 or rng.random() < 0.5]
        other = {"phone": board} if "phone" not in own and rng.random() < 0.7 else {}
        if "email" not in own and (not other or rng.random() < 0.3):
            other["email"] = info
        if rng.random() < 0.5:
            other["organisation"] = company
        columns = (*own, *named(rng, 1 if number == 0 else 0.9), *sometimes(rng, place=0.5))
        world.ledger.add(person, columns, noise=NOISE, other=other)


def recycled_number(world: World, people: int) -> None:
    """A number that one had until 2018 and another has since 2021, each with a mailbox of their own."""
    rng = world.rng
    for _ in range(people // 2):
        before = world.people.person()
        after = replace(world.people.person(country=before.country), phone=before.phone)
        for person, first, last in ((before, 2013, 2018), (after, 2021, 2025)):
            world.ledger.enlist("holders", person)
            for _ in range(rng.randint(2, 5)):
                columns = sometimes(rng, phone=0.7, email=0.6, birth_date=0.2, place=0.3)
                if not {"phone", "email"} & {*columns}:
                    columns = ("phone", *columns)
                columns = (*columns, *named(rng, 0.75))
                world.ledger.add(person, columns, noise=NOISE, when=world.ledger.when(first, last))


def guest_checkout(world: World, people: int) -> None:
    """Guests who ordered with a friend's or partner's mailbox, under their own name and address."""
    rng = world.rng
    for _ in range(people // 2):
        host = world.people.person()
        home = host.home if rng.random() < 0.4 else None
        guest = world.people.person(country=host.country, home=home)
        while guest.given == host.given:
            guest = replace(guest, given=world.people.other_given(host, guest.sex))
        world.ledger.enlist("owner of the mailbox", host)
        world.ledger.enlist("guest", guest)
        for _ in range(rng.randint(2, 4)):
            columns = ("email", *named(rng, 0.9), *sometimes(rng, phone=0.5, place=0.5))
            world.ledger.add(host, columns, noise=NOISE)
        kinds = ("phone", rng.choice(("email", "loyalty_id")))
        for number in range(rng.randint(2, 4)):
            borrowed = {"email": host.email} if number == 0 else {}
            own = sometimes(rng, phone=0.7) if borrowed else kinds if number == 1 else (rng.choice(kinds),)
            columns = (rng.choice(("name", "full_name")), *own, *sometimes(rng, place=0.6))
            world.ledger.add(guest, columns, noise=NOISE, other=borrowed)


def till_card(world: World, people: int) -> None:
    """A till's own loyalty card, swiped for everybody who has none."""
    rng = world.rng
    card = ""
    for number in range(people):
        if number % PEOPLE_PER_CARD == 0:
            card = world.people.digits("2", 13)
        person = world.people.person()
        world.ledger.enlist("at the till", person)
        for place in range(rng.randint(1, 4)):
            other = {"loyalty_id": card} if place == 0 or rng.random() < 0.4 else {}
            own: tuple[str, ...] = (rng.choice(_CONTACTS),)
            if place == 0:
                own = _CONTACTS
            elif other and rng.random() < 0.3:
                own = ()
            world.ledger.add(person, (*own, *named(rng, 0.7)), noise=NOISE, as_is=other)


SCENARIOS = (
    Scenario("colleagues", "colleagues behind a switchboard and info@", colleagues, target=APART),
    Scenario("recycled", "a telephone number with a new owner years later", recycled_number),
    Scenario("guest_checkout", "guests who use somebody else's mailbox", guest_checkout),
    Scenario("till_card", "a till's card on everybody's records", till_card, people=800),
)
"""What is here."""
