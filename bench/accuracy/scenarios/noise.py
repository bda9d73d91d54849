"""What real channels do to values: other formats, nicknames, typing errors, tags, parts left out."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

import phonenumbers
from anyascii import anyascii

from bench.accuracy.scenarios import names

_SHORT = (("straße", "str."), ("straat", "str."), ("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"))
_FORMATS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
)


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each thing happens, as probabilities. The default is an ordinary company's channels."""

    reformatted: float = 0.6
    wrong: float = 0.01
    nickname: float = 0.1
    initial: float = 0.06
    typo: float = 0.025
    plain: float = 0.3
    tag: float = 0.05
    upper: float = 0.1
    shortened: float = 0.25
    missing: float = 0.04

    def row(self, rng: Random, row: dict[str, str], *, keep: frozenset[str] = frozenset()) -> dict[str, str]:
        """A row as a channel writes it down. Columns in `keep` are not left out."""
        changes: dict[str, Callable[[Random, str], str]] = {
            "given_name": self.given,
            "surname": self.name,
            "full_name": self.full,
            "email": self.email,
            "phone": self.phone,
            "loyalty_id": self.number,
            "birth_date": self.birth,
            "street": self.street,
            "city": self.name,
        }
        written = {}
        for column, value in row.items():
            if column in changes and value:
                gone = column not in keep and rng.random() < self.missing
                written[column] = "" if gone else changes[column](rng, value)
            else:
                written[column] = value
        return written

    def given(self, rng: Random, value: str) -> str:
        """A given name: a nickname, an initial, or as it is."""
        if value in names.NICKNAMES and rng.random() < self.nickname:
            return names.NICKNAMES[value]
        if rng.random() < self.initial:
            return f"{value[0]}."
        return self.name(rng, value)

    def full(self, rng: Random, value: str) -> str:
        """A whole name, given name first; now and then the surname first."""
        given, _, family = value.partition(" ")
        given, family = self.given(rng, given), self.name(rng, family)
        return f"{family}, {given}" if rng.random() < 0.05 else f"{given} {family}"

    def name(self, rng: Random, value: str) -> str:
        """A name with a typing error, without its accents, or in capitals."""
        if rng.random() < self.typo:
            value = typed(rng, value, string.ascii_lowercase)
        if rng.random() < self.plain:
            value = anyascii(value)
        return value.upper() if rng.random() < self.upper else value

    def email(self, rng: Random, value: str) -> str:
        """A mailbox with a tag, in capitals, or with a typing error."""
        local, _, host = value.partition("@")
        if rng.random() < self.typo / 2:
            local = typed(rng, local, string.ascii_lowercase)
        if rng.random() < self.tag:
            local += rng.choice(("+shop", "+news", "+orders"))
        value = f"{local}@{host}"
        return value.upper() if rng.random() < self.upper else value

    def phone(self, rng: Random, value: str) -> str:
        """A telephone number in another format, or with a wrong digit."""
        if rng.random() < self.wrong:
            value = value[:-3] + typed(rng, value[-3:], string.digits)
        if rng.random() >= self.reformatted:
            return value
        number = phonenumbers.parse(value)
        text = phonenumbers.format_number(number, rng.choice(_FORMATS))
        return text.replace(" ", rng.choice((" ", "-", "")))

    def number(self, rng: Random, value: str) -> str:
        """A card number in groups, or with two digits swapped."""
        if rng.random() < self.wrong:
            at = rng.randrange(1, len(value) - 1)
            value = value[:at] + value[at + 1] + value[at] + value[at + 2 :]
        if rng.random() < self.upper:
            value = " ".join(value[at : at + 4] for at in range(0, len(value), 4))
        return value

    def birth(self, rng: Random, value: str) -> str:
        """A birth date with a wrong digit; another form where it can be read in one way only."""
        day = date.fromisoformat(value)
        if rng.random() < self.wrong:
            day = day.replace(day=rng.randrange(1, 29))
        if day.day > 12 and rng.random() < self.reformatted / 2:
            return f"{day.day:02}-{day.month:02}-{day.year}"
        return day.isoformat()

    def street(self, rng: Random, value: str) -> str:
        """A street, shortened as people do, or mistyped."""
        if rng.random() < self.shortened:
            for long, short in _SHORT:
                value = value.replace(long, short)
        return self.name(rng, value)


def typed(rng: Random, value: str, letters: str) -> str:
    """A value with one typing error: a letter wrong, left out, doubled, or two in the wrong order.

    Of digits only a wrong one: nobody's number is shorter than their country's.
    """
    at = rng.randrange(len(value))
    wrong = value[:at] + rng.choice([letter for letter in letters if letter != value[at]]) + value[at + 1 :]
    if letters == string.digits or len(value) < 4:
        return wrong
    swapped = value[:at] + value[at + 1 : at + 2] + value[at] + value[at + 2 :]
    return rng.choice((wrong, value[:at] + value[at + 1 :], value[:at] + value[at] + value[at:], swapped))


NOISE = Noise()
"""An ordinary company's channels."""
ACCOUNT = Noise(missing=0)
"""A form of which every field must be filled."""
