"""Values that are nobody's: what an agent types to get on, and visitors known by a device alone."""

from __future__ import annotations

from bench.accuracy.scenarios.noise import NOISE
from bench.accuracy.scenarios.scenario import Scenario, World, named, one_of, sometimes

DUMMIES: dict[str, tuple[str, ...]] = {
    "phone": ("0600000000", "0000000000", "0612345678", "0123456789", "9999999999"),
    "email": ("test@test.com", "noemail@noemail.com", "none@none.com", "info@example.com", "a@a.nl"),
    "birth_date": ("1970-01-01", "1900-01-01"),
    "full_name": ("unknown", "onbekend", "test test", "Unbekannt", "n/a"),
    "loyalty_id": ("0000000000000", "1111111111111"),
}
"""What agents type where a field must be filled."""


def agents_dummies(world: World, people: int) -> None:
    """People whose records are filled up with dummy values, some with nothing else but a name."""
    rng = world.rng
    for _ in range(people):
        person = world.people.person()
        world.ledger.enlist("behind dummies", person)
        kinds = rng.sample(("email", "phone", "loyalty_id"), k=2)
        for number in range(rng.randint(1, 4)):
            own = [column for column in kinds if number == 0 or rng.random() < 0.55]
            name = named(rng, 0.8)
            other = {
                column: rng.choice(values)
                for column, values in DUMMIES.items()
                if column not in own and column != "full_name" and rng.random() < 0.5
            }
            if not name and (not own or rng.random() < 0.5):
                other["full_name"] = rng.choice(DUMMIES["full_name"])
            world.ledger.add(person, (*own, *name), noise=NOISE, as_is=other)


def visitors(world: World, people: int) -> None:
    """Up to four people on one device: most leave nothing else or a dummy, some log in with a mailbox."""
    rng, left = world.rng, people
    while left > 0:
        device = world.people.code("dv", 16)
        for _ in range(min(rng.randint(1, 4), left)):
            left -= 1
            person = world.people.person()
            logs_in = rng.random() < 0.25
            world.ledger.enlist("logged in" if logs_in else "visitors", person)
            for _ in range(rng.randint(1, 3)):
                other = {"device_id": device}
                if not logs_in and rng.random() < 0.2:
                    column = one_of(rng, email=1, phone=1)
                    other[column] = rng.choice(DUMMIES[column])
                own = ("email", *sometimes(rng, full_name=0.3)) if logs_in else ()
                world.ledger.add(person, own, noise=NOISE, as_is=other)


SCENARIOS = (
    Scenario("dummies", "an agent's dummy values", agents_dummies),
    Scenario("visitors", "device ids and dummy values only", visitors),
)
"""What is here."""
