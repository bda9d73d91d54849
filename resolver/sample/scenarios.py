"""The small worlds of the sample: who lives in them, and what each channel gets to know of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from resolver.sample.names import COUNTRIES, NICKNAMES, Country
from resolver.sample.people import Person, draw_person, plain, typo, write_birth, write_phone

START = datetime(2024, 11, 1, 7, tzinfo=UTC)
END = datetime(2026, 10, 31, 20, tzinfo=UTC)
"""The two years that the sample tells of; only a recycled number is older."""

VISITOR = "visitor"
SHOP_PHONE = "+31 20 794 6810"
"""The company's own number, which its shops write where a customer gives none."""

Cells = dict[str, str]

# Channel: the source that reports it, and how often it is used.
_CHANNELS = {
    "store": ("pos", 22),
    "web": ("webshop", 22),
    "call_centre": ("crm", 12),
    "whatsapp": ("whatsapp", 14),
    "instagram": ("instagram", 8),
    "email": ("mailbox", 10),
    "app": ("app", 12),
}
_OWN_IDS = frozenset({"webshop", "crm", "app"})


@dataclass(slots=True)
class World:
    """One small world being told: its source of chance, its people's numbers, its touchpoints so far."""

    rng: Random
    scenario: str
    number: int
    touchpoints: list[tuple[datetime, Cells, str]] = field(default_factory=list)
    records: dict[tuple[int, str], str] = field(default_factory=dict)

    def person(
        self,
        *,
        country: Country | None = None,
        given: str = "",
        family: str = "",
        birth: date | None = None,
    ) -> Person:
        """Another person of this world; see `draw_person`."""
        drawn = draw_person(self.rng, self.number, country=country, given=given, family=family, birth=birth)
        self.number += 1
        return drawn

    def relative(self, of: Person, given: str = "", birth: date | None = None) -> Person:
        """Another person under one roof and of one surname; of another given name where none is told."""
        others = [name for name in of.country.women + of.country.men if name != of.given]
        name = given or self.rng.choice(others)
        drawn = self.person(country=of.country, given=name, family=of.family, birth=birth)
        return replace(drawn, street=of.street, house=of.house, postcode=of.postcode, city=of.city)

    def tell(
        self,
        person: Person,
        count: int,
        *,
        channels: Mapping[str, int] | None = None,
        start: datetime = START,
        end: datetime = END,
        write: Callable[[Random, Person, str], Cells] | None = None,
    ) -> None:
        """`count` touchpoints of a person, drawn over channels and time; each channel writes them its way."""
        weights = channels or {channel: weight for channel, (_, weight) in _CHANNELS.items()}
        known: dict[str, dict[str, str]] = {}
        for _ in range(count):
            channel = self.rng.choices(list(weights), list(weights.values()))[0]
            if channel not in known:
                known[channel] = self.record(person, channel) | (write or identity)(self.rng, person, channel)
            self.add(person.id, channel, self.moment(start, end), known[channel], person.country.code)

    def record(self, person: Person, channel: str) -> dict[str, str]:
        """The record's id where the channel's source gives one: the same for one person in one source."""
        source = _CHANNELS[channel][0]
        if source not in _OWN_IDS:
            return {}
        drawn = f"{source[0].upper()}{self.rng.getrandbits(52):013x}"
        return {"record_id": self.records.setdefault((person.number, source), drawn)}

    def moment(self, start: datetime, end: datetime) -> datetime:
        """A moment in the opening hours of a day between two others, to the second."""
        drawn = start + timedelta(seconds=self.rng.randrange(int((end - start).total_seconds())))
        return drawn.replace(hour=8 + drawn.hour // 2)

    def add(self, who: str, channel: str, when: datetime, record: Cells, country: str) -> None:
        """One touchpoint, with what a contact on that channel says beside the record."""
        common = {
            "touchpoint_id": f"{self.rng.getrandbits(64):016x}",
            "source": _CHANNELS[channel][0],
            "channel": channel,
            "occurred_at": f"{when:%Y-%m-%dT%H:%M:%SZ}",
        }
        self.touchpoints.append((when, {**common, **contact(self.rng, channel, country), **record}, who))


def contact(rng: Random, channel: str, country: str) -> dict[str, str]:
    """What happened in one contact: mostly the customer's doing, at times the company's."""
    currency = {"GB": "GBP", "US": "USD"}.get(country, "EUR")
    case = f"C{rng.randrange(10**9):09d}"
    sale = {
        "value": f"{rng.randint(5, 250)}.{rng.randint(0, 99):02d}",
        "currency": currency,
        "outcome": "bought",
    }
    match channel:
        case "store":
            return {
                "direction": "inbound",
                "kind": "purchase",
                "purpose": "order",
                "store": rng.choice(("Amsterdam Kalverstraat", "London Strand", "Online pick-up")),
                **sale,
            }
        case "web":
            order = f"W{rng.randrange(10**10):010d}"
            return {"direction": "inbound", "kind": "order", "purpose": "order", "order_id": order, **sale}
        case "app":
            return {
                "direction": "inbound",
                "kind": "session",
                "purpose": "browse",
                "duration": str(rng.randint(20, 900)),
            }
        case "call_centre":
            return {
                "direction": "inbound",
                "kind": "call",
                "purpose": "service",
                "case_id": case,
                "agent": f"agent-{rng.randint(1, 12)}",
                "duration": str(rng.randint(40, 1500)),
                "outcome": rng.choice(("resolved", "resolved", "call_back")),
            }
        case "email" if rng.random() < 0.4:
            return {
                "direction": "outbound",
                "kind": "newsletter",
                "purpose": "marketing",
                "automated": "true",
                "outcome": rng.choice(("delivered", "delivered", "opened")),
            }
        case _:
            thread = f"{channel[0]}{rng.getrandbits(40):010x}"
            return {
                "direction": "inbound",
                "kind": "message",
                "purpose": "service",
                "conversation_id": thread,
                "outcome": rng.choice(("answered", "resolved")),
            }


def identity(rng: Random, person: Person, channel: str) -> dict[str, str]:
    """What a channel gets to know of a person, written as people write it."""
    country = person.country
    phone = write_phone(rng, country, person.phone)
    names = {"given_name": person.given, "surname": person.family}
    whole = {"full_name": f"{person.given} {person.family}"}
    address = {
        "street": person.street,
        "house_number": person.house,
        "postcode": person.postcode,
        "city": person.city,
        "country": country.code,
    }
    match channel:
        case "store":
            extra = rng.choice(({"email": person.email}, {"phone": phone}, {"postcode": person.postcode}))
            return {**names, "loyalty_id": person.loyalty, "country": country.code, **extra}
        case "web":
            maybe = rng.choice(({}, {"phone": phone}))
            return {**names, "email": person.email, **maybe, **address}
        case "call_centre":
            born = rng.choice(({}, {"birth_date": write_birth(rng, country, person.birth)}))
            return {**names, "phone": phone, **born, "postcode": person.postcode, "country": country.code}
        case "whatsapp":
            return {**whole, "phone": f"+{country.dial}{person.phone}"}
        case "instagram":
            return {**whole, "handle": f"@{person.handle}"}
        case "email":
            return {**whole, "email": person.email}
        case _:
            maybe = rng.choice(({}, {"loyalty_id": person.loyalty}, {"handle": person.handle}))
            return {"given_name": person.given, "email": person.email, "device_id": person.device, **maybe}


# -- the worlds --------------------------------------------------------------------------------


def _everyday(world: World) -> None:
    world.tell(world.person(), world.rng.randint(1, 10))


def _loyal(world: World) -> None:
    world.tell(world.person(), 100)


def _typos(world: World) -> None:
    def slips(rng: Random, person: Person, channel: str) -> Cells:
        cells = identity(rng, person, channel)
        wrong = rng.choice(
            [name for name in ("surname", "full_name", "email", "street", "given_name") if name in cells]
        )
        return {**cells, wrong: typo(rng, cells[wrong])}

    world.tell(world.person(), world.rng.randint(4, 9), write=slips)


def _nickname(world: World) -> None:
    country = world.rng.choice(COUNTRIES)
    given = world.rng.choice([name for name in country.women + country.men if name in NICKNAMES])
    person = world.person(country=country, given=given)

    def familiar(rng: Random, known: Person, channel: str) -> Cells:
        short = (
            replace(known, given=NICKNAMES[given]) if channel in ("whatsapp", "instagram", "app") else known
        )
        return identity(rng, short, channel)

    world.tell(person, world.rng.randint(4, 10), write=familiar)


def _moved(world: World) -> None:
    before = world.person()
    there = draw_person(world.rng, before.number, country=before.country)
    after = replace(before, street=there.street, house=there.house, postcode=there.postcode, city=there.city)
    middle = world.moment(START + (END - START) / 4, END - (END - START) / 4)
    world.tell(before, world.rng.randint(2, 5), end=middle)
    world.tell(after, world.rng.randint(2, 5), start=middle)


def _married(world: World) -> None:
    before = world.person()
    names = [name for name in before.country.families if name != before.family]
    after = replace(before, family=world.rng.choice(names))
    middle = world.moment(START + (END - START) / 4, END - (END - START) / 4)
    world.tell(before, world.rng.randint(3, 6), end=middle)
    world.tell(after, world.rng.randint(3, 6), start=middle)


def _partners(world: World) -> None:
    """One phone and one mailbox for two."""
    one = world.person()
    two = replace(world.relative(one), phone=one.phone, email=one.email)
    if world.rng.random() < 0.5:
        two = replace(two, family=world.rng.choice(two.country.families))
    for person in (one, two):
        world.tell(person, world.rng.randint(3, 8))


def _parent_and_child(world: World) -> None:
    parent = world.person(birth=_of_parents_age(world.rng))
    child = replace(world.relative(parent, birth=_years_later(parent.birth, 27)), phone=parent.phone)
    world.tell(parent, world.rng.randint(3, 8))
    world.tell(
        child, world.rng.randint(2, 5), channels={"store": 3, "call_centre": 2, "instagram": 3, "app": 2}
    )


def _father_and_son(world: World) -> None:
    """One name, one address; a mobile, a mailbox and a birth date each."""
    country = world.rng.choice(COUNTRIES)
    given = world.rng.choice(country.men)
    father = world.person(country=country, given=given, birth=_of_parents_age(world.rng))
    son = world.relative(father, given=given, birth=_years_later(father.birth, 27))
    for person in (father, son):
        world.tell(person, world.rng.randint(3, 7), write=_with_birth)


def _twins(world: World) -> None:
    one = world.person()
    two = world.relative(one, birth=one.birth)
    for person in (one, two):
        world.tell(person, world.rng.randint(3, 7), write=_with_birth)


def _with_birth(rng: Random, person: Person, channel: str) -> Cells:
    cells = identity(rng, person, channel)
    return {**cells, "birth_date": f"{person.birth}"} if channel in ("store", "web", "call_centre") else cells


def _of_parents_age(rng: Random) -> date:
    return date(rng.randint(1950, 1976), rng.randint(1, 12), rng.randint(1, 28))


def _years_later(birth: date, years: int) -> date:
    return birth.replace(year=birth.year + years)


def _colleagues(world: World) -> None:
    """A firm's switchboard and its info@ beside each one's own name and card."""
    first = world.person()
    firm = f"{first.family} {world.rng.choice(('Logistics', 'Bouw', 'Design', 'Consulting', 'Foods'))}"
    shared = {
        "company": firm,
        "phone": f"+{first.country.dial} {_switchboard(first)}",
        "email": f"info@{plain(firm)}.com",
    }

    def at_work(rng: Random, person: Person, channel: str) -> Cells:
        cells = identity(rng, person, channel)
        return {**cells, **shared} if channel in ("store", "web", "call_centre") else cells

    for person in (first, *(world.person(country=first.country) for _ in range(world.rng.randint(2, 4)))):
        world.tell(person, world.rng.randint(2, 5), write=at_work)


def _switchboard(person: Person) -> str:
    """A landline of a large city, without the calling code."""
    area = {"NL": "20 6", "DE": "30 6", "GB": "20 76", "US": "202 6", "ES": "91 6", "FR": "1 46"}[
        person.country.code
    ]
    return f"{area}{(person.number * 38_639 + 203_117) % 1_000_000:06d}"


def _recycled_number(world: World) -> None:
    """The operator gives a number out again, years after its owner has left."""
    owner = world.person()
    heir = replace(world.person(country=owner.country), phone=owner.phone)
    phones = {"whatsapp": 5, "call_centre": 3, "store": 1}
    world.tell(
        owner,
        world.rng.randint(3, 6),
        channels=phones,
        start=START - timedelta(days=1500),
        end=START - timedelta(days=900),
    )
    world.tell(heir, world.rng.randint(3, 6), channels=phones, start=START + timedelta(days=200))


def _shop_number(world: World) -> None:
    def at_the_till(rng: Random, person: Person, channel: str) -> Cells:
        cells = identity(rng, person, channel)
        return {**cells, "phone": SHOP_PHONE} if channel == "store" else cells

    world.tell(
        world.person(),
        world.rng.randint(2, 6),
        channels={"store": 3, "web": 1, "email": 1},
        write=at_the_till,
    )


def _dummy_values(world: World) -> None:
    def to_get_on(rng: Random, person: Person, channel: str) -> Cells:
        cells = identity(rng, person, channel)
        dummies = (
            {"phone": "0000000000"},
            {"email": "test@test.com"},
            {"birth_date": "1900-01-01"},
            {"email": "n/a"},
        )
        return {**cells, **rng.choice(dummies)} if channel in ("call_centre", "store") else cells

    world.tell(
        world.person(),
        world.rng.randint(2, 6),
        channels={"store": 3, "call_centre": 3, "email": 1},
        write=to_get_on,
    )


def _visitor(world: World) -> None:
    """A browser or a phone, and nobody known behind it."""
    record = {"device_id": f"{world.rng.getrandbits(64):016x}"}
    for _ in range(world.rng.randint(1, 3)):
        when = world.moment(START, END)
        world.add(f"{VISITOR}-{record['device_id']}", "app", when, record, "NL")


SHOWCASE = Person(
    number=0,
    country=COUNTRIES[0],
    given="Sanne",
    family="van der Linden",
    birth=date(1987, 5, 14),
    phone="622718281",
    email="sanne.vanderlinden@ziggo.nl",
    handle="sanne.vanderlinden",
    loyalty="141421354",
    device="5a11ed0b5e55ed01",
    street="Lindelaan",
    house="43",
    postcode="3532 GV",
    city="Utrecht",
)
"""The customer to show: on every channel for two years, and answering on WhatsApp."""


def _showcase(world: World) -> None:
    world.number += 1
    favourites = {"whatsapp": 24, "web": 8, "store": 7, "app": 6, "call_centre": 3, "instagram": 3}
    written = {
        "store": {
            "given_name": "S.",
            "surname": "v.d. Linden",
            "loyalty_id": "141 421 354",
            "email": SHOWCASE.email,
        },
        "web": {
            "given_name": "Sanne",
            "surname": "van der Linden",
            "email": "Sanne.vanderLinden@Ziggo.nl",
            "phone": "06-22718281",
            "street": "Lindelaan",
            "house_number": "43",
            "postcode": "3532 GV",
            "city": "Utrecht",
            "country": "NL",
        },
        "call_centre": {
            "given_name": "Sanne",
            "surname": "van der Lindem",
            "phone": "+31 (0)6 22 71 82 81",
            "birth_date": "14-05-1987",
            "postcode": "3532GV",
            "country": "NL",
        },
        "whatsapp": {"full_name": "Sanne vd Linden", "phone": "+31622718281"},
        "instagram": {"full_name": "Sanne van der Linden", "handle": "@sanne.vanderlinden"},
        "email": {"full_name": "Sanne van der Linden", "email": SHOWCASE.email},
        "app": {
            "given_name": "Sanne",
            "email": SHOWCASE.email,
            "device_id": SHOWCASE.device,
            "loyalty_id": "141421354",
        },
    }
    records = {channel: world.record(SHOWCASE, channel) | cells for channel, cells in written.items()}
    days = (END - START).days
    visits = [channel for channel, count in favourites.items() for _ in range(count)]
    world.rng.shuffle(visits)
    for place, channel in enumerate(visits):
        when = START + timedelta(days=days * place / len(visits), minutes=world.rng.randrange(600))
        world.add(SHOWCASE.id, channel, when, records[channel], "NL")
    for month in range(0, 24, 3):  # what the company sends by e-mail, she leaves unanswered
        when = START + timedelta(days=30 * month + 2, hours=2)
        told = {
            "direction": "outbound",
            "kind": "newsletter",
            "purpose": "marketing",
            "automated": "true",
            "outcome": "delivered",
            "conversation_id": "",
        }
        world.add(SHOWCASE.id, "email", when, {**records["email"], **told}, "NL")
    for month in range(1, 24, 2):  # what it asks on WhatsApp, she answers within the hour
        asked = START + timedelta(days=30 * month, hours=3)
        thread = {"conversation_id": f"w-sanne-{month:02d}", "purpose": "service", "kind": "message"}
        company, she = (
            {"direction": "outbound", "outcome": "replied"},
            {"direction": "inbound", "outcome": "answered"},
        )
        world.add(SHOWCASE.id, "whatsapp", asked, {**records["whatsapp"], **thread, **company}, "NL")
        answered = asked + timedelta(minutes=world.rng.randint(2, 50))
        world.add(SHOWCASE.id, "whatsapp", answered, {**records["whatsapp"], **thread, **she}, "NL")


_WORLDS: dict[str, tuple[Callable[[World], None], int]] = {
    "everyday": (_everyday, 44),
    "loyal": (_loyal, 1),
    "typos": (_typos, 8),
    "nickname": (_nickname, 6),
    "moved": (_moved, 5),
    "married": (_married, 4),
    "partners": (_partners, 6),
    "parent_and_child": (_parent_and_child, 5),
    "father_and_son": (_father_and_son, 4),
    "twins": (_twins, 3),
    "colleagues": (_colleagues, 3),
    "recycled_number": (_recycled_number, 3),
    "shop_number": (_shop_number, 5),
    "dummy_values": (_dummy_values, 5),
    "visitor": (_visitor, 18),
}
SCENARIOS = ("showcase", *_WORLDS)
"""Every scenario, as the truth names it."""


def worlds(people: int, seed: int) -> Iterator[World]:
    """Small worlds until they hold `people` people: the showcase, one of each kind, then as they come."""
    number, place = 0, 0
    while number < people:
        rng = Random(f"{seed}/{place}")  # noqa: S311 - a sample, no secret
        if place == 0:
            world = World(rng, "showcase", number)
            _showcase(world)
        else:
            kinds = list(_WORLDS)
            kind = (
                kinds[place - 1]
                if place <= len(kinds)
                else rng.choices(kinds, [w for _, w in _WORLDS.values()])[0]
            )
            world = World(rng, kind, number)
            _WORLDS[kind][0](world)
        yield world
        number, place = world.number, place + 1
