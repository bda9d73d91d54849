"""People of one family who share a telephone, a mailbox, an address, a surname, even a whole name.

Of each two only the first leaves records with nothing that tells the two apart: were there such records
of both, they would be equal, and nobody could know whose they are.
"""

from __future__ import annotations

from dataclasses import replace

from bench.accuracy.scenarios.names import ALIKE
from bench.accuracy.scenarios.noise import ACCOUNT, NOISE
from bench.accuracy.scenarios.people import Person
from bench.accuracy.scenarios.scenario import APART, Scenario, World, named, sometimes

_OWN = ("loyalty_id", "handle")


def partners(world: World, people: int) -> None:
    """Two adults on one telephone and one mailbox, each with a card and a handle of their own."""
    rng = world.rng
    for _ in range(people // 2):
        one = world.people.person(birth=world.people.birth(1945, 2000))
        sex = one.sex if rng.random() < 0.1 else "mf"[one.sex == "m"]
        # In Spain nobody takes the other's surname; elsewhere some keep their own.
        family = one.family if one.country != "ES" and rng.random() < 0.85 else ""
        year = one.birth.year + rng.randint(-5, 5)
        other = world.people.person(
            country=one.country,
            sex=sex,
            family=family,
            given=world.people.other_given(one, sex),
            birth=world.people.birth(year, year),
            home=one.home,
        )
        pair = one, replace(other, phone=one.phone, email=one.email)
        world.ledger.enlist("partners", *pair)
        for person in pair:
            _records(world, person, person is one, shared=("phone", "email"), own=_OWN, given=0.8)


def parent_and_child(world: World, people: int) -> None:
    """A parent and a child on one telephone at one address, a generation apart."""
    rng = world.rng
    for _ in range(people // 2):
        parent = world.people.person(birth=world.people.birth(1950, 1982))
        year = parent.birth.year + rng.randint(19, 40)
        sex = rng.choice("fm")
        child = world.people.person(
            country=parent.country,
            sex=sex,
            family=parent.family,
            given=world.people.other_given(parent, sex),
            birth=world.people.birth(year, year),
            home=parent.home,
        )
        line = world.people.landline(parent.country)
        for person in (parent, child):
            world.ledger.enlist("parent and child", person)
            at_home, own = replace(person, phone=line), ("email", *_OWN)
            _records(world, at_home, person is parent, shared=("phone",), own=own, given=0.8)


def father_and_son(world: World, people: int) -> None:
    """Two men of one whole name on one telephone at one address, with different birth dates."""
    for _ in range(people // 2):
        father = world.people.person(sex="m", birth=world.people.birth(1945, 1978))
        year = father.birth.year + world.rng.randint(20, 38)
        son = world.people.person(
            country=father.country,
            sex="m",
            family=father.family,
            given=father.given,
            birth=world.people.birth(year, year),
            home=father.home,
        )
        line = world.people.landline(father.country)
        for person in (father, son):
            world.ledger.enlist("father and son", person)
            _same_name_records(world, replace(person, phone=line), person, person is father)


def _same_name_records(world: World, at_home: Person, mobile: Person, strays: bool) -> None:
    """Records of a man who has his father's or his son's name: most carry what is his own.

    The first is his account: the telephone at home, the address, what else is his own, and his birth date,
    without which nobody could tell the two apart. The second leads from there to his mobile.
    """
    rng = world.rng
    owned = rng.sample(("phone", "email", "loyalty_id"), k=2)
    at_all = [column for column in owned if column != "phone"]
    world.ledger.add(at_home, ("phone", "place", "birth_date", "name", *at_all), noise=ACCOUNT)
    for number in range(rng.randint(1, 5)):
        own = [column for column in owned if number == 0 or rng.random() < 0.6]
        if not own and not strays:
            own = [rng.choice(owned)]
        person = mobile if "phone" in own else at_home
        home = sometimes(rng, place=0.5, phone=0.4) if own else ("place", "phone")
        columns = (*own, *home, *sometimes(rng, birth_date=0.5), *named(rng, 0.9))
        world.ledger.add(person, columns, noise=NOISE)


def twins(world: World, people: int) -> None:
    """Two of one birth date and surname at one address; a part of them with given names that are alike."""
    rng = world.rng
    for number in range(people // 2):
        alike = number % 3 == 0
        one = world.people.person(birth=world.people.birth(1955, 2007))
        sex = one.sex
        if alike:
            one = replace(one, given=rng.choice(_alike_names(one)))
        elif rng.random() < 0.4:
            sex = "mf"[one.sex == "m"]
        other = world.people.person(
            country=one.country,
            sex=sex,
            family=one.family,
            given=world.people.other_given(one, sex, alike=alike),
            birth=one.birth,
            home=one.home,
        )
        line = world.people.landline(one.country) if rng.random() < 0.6 else ""
        for person in (one, other):
            world.ledger.enlist("names alike" if alike else "names apart", person)
            _twin_records(world, person, line, person is one)


def _alike_names(person: Person) -> tuple[str, ...]:
    return tuple(one for one, _ in ALIKE[person.sex][person.country])


def _twin_records(world: World, person: Person, line: str, strays: bool) -> None:
    rng = world.rng
    owned = tuple(rng.sample(("email", "loyalty_id", "handle"), k=2))
    shared = ("phone",) if line else ()
    person = replace(person, phone=line or person.phone)
    _records(world, person, strays, shared=shared, own=owned, given=0.85, birth=0.6)


def _records(
    world: World,
    person: Person,
    strays: bool,
    *,
    shared: tuple[str, ...],
    own: tuple[str, ...],
    given: float,
    birth: float = 0.35,
) -> None:
    """Two to six records of one who shares a household.

    Each has a value of the household, the address at least. A person has one or two of the kinds in `own`.
    The first record is the account: all values of the household, all own identifiers, the given name. Of
    the others 65 in 100 carry each own identifier, a share of `given` the given name.
    """
    rng = world.rng
    kinds = rng.sample(own, k=rng.choice((1, 2)))
    for number in range(rng.randint(2, 6)):
        account = number == 0
        home = [column for column in shared if account or rng.random() < 0.6] or [*shared[:1]] or ["place"]
        mine = [column for column in kinds if account or rng.random() < 0.65]
        told = account or home == ["place"] or not (mine or strays)
        name = named(rng, 1 if told else given)
        columns = (*home, *mine, *name, *sometimes(rng, birth_date=birth, place=0.4))
        world.ledger.add(person, columns, noise=ACCOUNT if account else NOISE)


SCENARIOS = (
    Scenario("household", "partners on one telephone and one mailbox", partners, target=APART),
    Scenario("parent_child", "a parent and a child on one telephone", parent_and_child, target=APART),
    Scenario("father_son", "a father and a son of one whole name", father_and_son, target=APART),
    Scenario("twins", "twins at one address, some with names alike", twins, target=APART),
)
"""What is here."""
