"""Realistic people of six countries, each with identifiers that nobody else has, drawn from a seed."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

import phonenumbers
from anyascii import anyascii

from bench.accuracy.scenarios import names

_AREAS = ("212", "312", "415", "503", "512", "602", "608", "614", "720", "804")
_MOBILES = {
    "US": _AREAS,
    "GB": ("74", "75", "77", "78"),
    "NL": ("61", "62", "63", "64", "65"),
    "DE": ("170", "171", "175", "1511", "1512"),
    "ES": ("61", "62", "63", "64", "65"),
    "FR": ("61", "62", "63", "66", "67"),
}
_LANDLINES = {
    "US": _AREAS,
    "GB": ("2079", "1132", "1179"),
    "NL": ("302", "204", "103"),
    "DE": ("3030", "4030", "8930"),
    "ES": ("912", "933", "963"),
    "FR": ("142", "472", "561"),
}
_CALLING = {"US": "1", "GB": "44", "NL": "31", "DE": "49", "ES": "34", "FR": "33"}
_LENGTHS = {"US": 10, "GB": 10, "NL": 9, "DE": 10, "ES": 9, "FR": 9}
_WHIMS = "sunny blue happy wild lucky silent rocky velvet pixel lunar tiger maple coffee disco".split()
_PLATFORMS = ("instagram", "instagram", "facebook", "telegram", "tiktok")


class Address(NamedTuple):
    """Where somebody lives or works."""

    street: str
    house_number: str
    postcode: str
    city: str


@dataclass(frozen=True, slots=True)
class Person:
    """One person as they are, before any channel has written them down.

    `key` is the truth's label. `phone` is in E.164. Whoever shares a value has it in place of their own.
    """

    key: str
    country: str
    sex: str
    given: str
    family: str
    birth: date
    home: Address
    phone: str
    email: str
    handle: str
    platform: str
    card: str
    device: str

    @property
    def full(self) -> str:
        """Given name and surname."""
        return f"{self.given} {self.family}"


class People:
    """Draws people. No identifier is given out twice."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._issued: set[str] = set()
        self._count = 0

    def person(
        self,
        *,
        country: str = "",
        sex: str = "",
        family: str = "",
        given: str = "",
        birth: date | None = None,
        home: Address | None = None,
    ) -> Person:
        """One more person; what is not told is drawn."""
        rng = self.rng
        country = country or rng.choices(names.COUNTRIES, weights=(3, 2, 3, 2, 1, 1))[0]
        sex = sex or rng.choice("fm")
        given = given or names.given_name(rng, country, sex)
        family = family or names.family_name(rng, country)
        birth = birth or self.birth(1942, 2006)
        self._count += 1
        return Person(
            key=f"p{self._count}",
            country=country,
            sex=sex,
            given=given,
            family=family,
            birth=birth,
            home=home or self.address(country),
            phone=self.mobile(country),
            email=self.mailbox(given, family, birth.year, rng.choice(names.TABLES[country].hosts)),
            handle=self.handle(given, family, birth.year),
            platform=rng.choice(_PLATFORMS),
            card=self.digits("2", 13),
            device=self.code("dv", 16),
        )

    def other_given(self, person: Person, sex: str = "", *, alike: bool = False) -> str:
        """A given name for somebody beside `person`: another one, or where told one that is alike."""
        sex = sex or person.sex
        if alike:
            pairs = names.ALIKE[sex][person.country]
            return next(two for one, two in pairs if one == person.given)
        while True:
            given = names.given_name(self.rng, person.country, sex)
            if given != person.given:
                return given

    def birth(self, first: int, last: int) -> date:
        """A birth date of the years `first` to `last`."""
        start = date(first, 1, 1)
        return start + timedelta(days=self.rng.randrange((date(last, 12, 31) - start).days + 1))

    def address(self, country: str, city: tuple[str, str] | None = None) -> Address:
        """An address of a country, in a town told or drawn."""
        rng, table = self.rng, names.TABLES[country]
        town, code = city or rng.choice(table.towns)
        letters = "".join(rng.choices("ABDEGHJLNPRSTWXZ", k=2))
        rest = {
            "US": f"{rng.randrange(100):02}",
            "GB": f"{rng.randrange(1, 30)} {rng.randrange(1, 10)}{letters}",
            "NL": f"{rng.randrange(100):02} {letters}",
        }.get(country, f"{rng.randrange(1000):03}")
        return Address(rng.choice(table.streets), str(rng.randrange(1, 220)), code + rest, town)

    def mobile(self, country: str) -> str:
        """A mobile number in E.164."""
        return self._number(country, _MOBILES)

    def landline(self, country: str) -> str:
        """A fixed number in E.164."""
        return self._number(country, _LANDLINES)

    def _number(self, country: str, prefixes: dict[str, tuple[str, ...]]) -> str:
        while True:
            prefix = self.rng.choice(prefixes[country])
            length = _LENGTHS[country] + (len(prefix) == 4 and country == "DE" and prefix.startswith("15"))
            rest = "".join(self.rng.choices(string.digits, k=length - len(prefix)))
            number = f"+{_CALLING[country]}{prefix}{rest}"
            valid = phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)
            if valid and self._issue(number):
                return number

    def mailbox(self, given: str, family: str, year: int, host: str) -> str:
        """A mailbox, made of the name as people do, or of none of it."""
        one, two = plain(given), plain(family)
        forms = (
            f"{one}.{two}",
            f"{one}{two}",
            f"{one[0]}.{two}",
            f"{one[0]}{two}",
            f"{two}.{one}",
            f"{one}{year % 100:02}",
            f"{one}_{two}{year % 100:02}",
            f"{self._whim()}{self.rng.randrange(100)}",
        )
        return self._unique(self.rng.choices(forms, weights=(6, 4, 2, 2, 1, 2, 2, 3))[0], f"@{host}")

    def handle(self, given: str, family: str, year: int) -> str:
        """A handle, made of the name or of none of it."""
        one, two = plain(given), plain(family)
        whim, short = self._whim(), f"{year % 100:02}"
        forms = (f"{one}{two}", f"{one}.{two}", f"{one}_{short}", f"{whim}_{one}", whim)
        return self._unique(self.rng.choice(forms), "")

    def _whim(self) -> str:
        return self.rng.choice(_WHIMS) + self.rng.choice(_WHIMS)

    def _unique(self, stem: str, tail: str) -> str:
        while not self._issue(stem + tail):
            stem += str(self.rng.randrange(1, 10))
        return stem + tail

    def digits(self, start: str, length: int) -> str:
        """A number of so many digits."""
        while True:
            number = start + "".join(self.rng.choices(string.digits, k=length - len(start)))
            if self._issue(number):
                return number

    def code(self, start: str, length: int) -> str:
        """An opaque id of small letters and digits."""
        while True:
            made = f"{start}-" + "".join(self.rng.choices("0123456789abcdef", k=length))
            if self._issue(made):
                return made

    def _issue(self, value: str) -> bool:
        """Whether nobody had the value yet; from now on somebody has."""
        if value in self._issued:
            return False
        self._issued.add(value)
        return True


def plain(name: str) -> str:
    """A name as it stands in a mailbox: ASCII, small, letters only."""
    return "".join(letter for letter in anyascii(name).lower() if letter.isalpha())
