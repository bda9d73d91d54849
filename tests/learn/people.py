"""People made up for learning: what is true of them is known, so what is learnt can be held against it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.normalise.evidence import DEFAULT, normalise
from resolver.normalise.features import Features

GIVEN = "anna pieter johan maria elena marco lucas sofia emma noah olga ivan karin bram fatima yusuf".split()
SYLLABLES = "ba de ki lo mu na re si to va wen zor hal mik ros tan".split()


def surname(chance: random.Random) -> str:
    """A surname of four syllables: rare enough to be its bearer's."""
    return "".join(chance.choice(SYLLABLES) for _ in range(4))


def record(
    *,
    given: str = "",
    family: str = "",
    birth: str = "",
    phone: str = "",
    email: str = "",
    country: str = "",
    attributes: Sequence[tuple[str, str]] = (),
) -> Features:
    """One record's evidence in normal form."""
    stated = [(IdentifierKind.PHONE, phone), (IdentifierKind.EMAIL, email)]
    return normalise(
        Evidence(
            identifiers=tuple(StatedIdentifier(kind, value) for kind, value in stated if value),
            given_name=given,
            family_name=family,
            birth_date=birth,
            country=country,
            compared_attributes=tuple(attributes),
        ),
        DEFAULT,
    )


def customers(count: int, seed: int = 1, *, changes_phone: float = 0.3) -> list[Features]:
    """Two records of each of `count` people.

    The second has another phone with the chance given. Names, births and mailboxes are written alike, but
    for one given name in ten that is misspelt. Only the second states a country, so no two are equal.
    """
    chance = random.Random(seed)
    found = []
    for number in range(count):
        given, family = chance.choice(GIVEN), surname(chance)
        birth = f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        email = f"{given}.{family}{number}@ons-dorp.nl"
        phone = f"+31612{number * 7919 % 1_000_000:06}"
        other = f"+31687{number * 6101 % 1_000_000:06}" if chance.random() < changes_phone else phone
        slip = given + given[-1] if chance.random() < 0.1 else given
        found.append(record(given=given, family=family, birth=birth, phone=phone, email=email))
        found.append(record(given=slip, family=family, birth=birth, phone=other, email=email, country="NL"))
    return found
