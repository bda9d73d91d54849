"""One made-up person, and the many ways in which one person gets written down."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from resolver.sample.names import COUNTRIES, Country

# Below this many people an address is as natural as it gets; beyond, it ends in the person's number,
# so that no two strangers share one by accident.
_NATURAL = 5_000
_LAST_BIRTH = date(2004, 12, 31)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `number` is unique; `phone` is the national number without trunk."""

    number: int
    country: Country
    given: str
    family: str
    birth: date
    phone: str
    email: str
    handle: str
    loyalty: str
    device: str
    street: str
    house: str
    postcode: str
    city: str

    @property
    def id(self) -> str:
        """The person's name in the truth."""
        return f"person-{self.number}"


def pick(rng: Random, words: Sequence[str]) -> str:
    """One of a list that runs from frequent to rare: each as frequent as its place from the front allows."""
    return rng.choices(words, [1 / (place + 3) for place in range(len(words))])[0]


def draw_person(
    rng: Random,
    number: int,
    *,
    country: Country | None = None,
    given: str = "",
    family: str = "",
    birth: date | None = None,
) -> Person:
    """A person; what is not told is drawn, names by their frequency in the country."""
    country = country or rng.choices(COUNTRIES, [c.weight for c in COUNTRIES])[0]
    given = given or pick(rng, country.women if rng.random() < 0.5 else country.men)
    family = family or pick(rng, country.families)
    birth = birth or _LAST_BIRTH - timedelta(days=int(rng.triangular(0, 24_000, 7_000)))
    return Person(
        number=number,
        country=country,
        given=given,
        family=family,
        birth=birth,
        phone=_mobile(rng, number, country),
        email=_mailbox(rng, number, country, given, family, birth),
        handle=_handle(rng, number, given, family, birth),
        loyalty=_loyalty(number),
        device=f"{rng.getrandbits(64):016x}",
        street=pick(rng, country.streets),
        house=str(rng.randint(1, 240)),
        postcode=_postcode(rng, country),
        city=pick(rng, country.cities),
    )


def _mobile(rng: Random, number: int, country: Country) -> str:
    """A national mobile number that nobody else of another `number` has."""
    digits = f"{(number * 3_819_661 + 2_718_281) % 10_000_000:07d}"
    if country.code == "US":
        # An exchange begins with 2 to 9: those that would not are another area's.
        return ("646" if digits[0] < "2" else "212") + str(2 + (int(digits[0]) + 6) % 8) + digits[1:]
    return rng.choice(country.mobiles) + digits


def _mailbox(rng: Random, number: int, country: Country, given: str, family: str, birth: date) -> str:
    """An e-mail address of a usual form."""
    first, last = plain(given), plain(family)
    local = rng.choice((f"{first}.{last}", f"{first}{last}", f"{first[0]}.{last}", f"{first}_{last}"))
    tail = str(number) if number >= _NATURAL else rng.choice((f"{birth:%y}", f"{birth:%Y}"))
    return f"{local}{tail}@{pick(rng, country.domains)}"


def _handle(rng: Random, number: int, given: str, family: str, birth: date) -> str:
    first, last = plain(given), plain(family)
    base = rng.choice((f"{first}.{last}", f"{first}_{last}", f"its{first}{last[:4]}", f"{last}{first}"))
    return f"{base}{number}" if number >= _NATURAL else f"{base}{birth:%y}"


def _loyalty(number: int) -> str:
    """Eight scrambled digits and Luhn's check digit (ISO/IEC 7812-1)."""
    digits = f"{(number * 61_803_399 + 14_142_135) % 100_000_000:08d}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return digits + str(-(doubled + sum(int(digit) for digit in digits[-2::-2])) % 10)


def _postcode(rng: Random, country: Country) -> str:
    """A postcode of the country's form: # is a digit, @ a letter."""
    return "".join(
        str(rng.randint(1, 9))
        if letter == "#"
        else rng.choice("ABCDEFGHJKLMNPRSTVWXZ")
        if letter == "@"
        else letter
        for letter in country.postcode
    )


def plain(text: str) -> str:
    """Lower-case ASCII letters only, as addresses have them."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    return "".join(letter for letter in folded if letter.isascii() and letter.isalpha())


def write_phone(rng: Random, country: Country, phone: str) -> str:
    """A phone number in one of the forms in which people write it."""
    national = country.trunk + phone
    return rng.choice(
        (
            f"+{country.dial}{phone}",
            f"+{country.dial} {_grouped(phone)}",
            ("011" if country.code == "US" else "00") + country.dial + phone,
            national,
            _grouped(national),
            _grouped(national).replace(" ", "-"),
            f"+{country.dial} ({country.trunk}){_grouped(phone)}"
            if country.trunk
            else f"({phone[:3]}) {phone[3:]}",
        )
    )


def _grouped(digits: str) -> str:
    return " ".join((digits[:-8], digits[-8:-6], digits[-6:-4], digits[-4:-2], digits[-2:])).strip()


def write_birth(rng: Random, country: Country, birth: date) -> str:
    """A birth date in a form of the country."""
    local = "%m/%d/%Y" if country.code == "US" else "%d-%m-%Y"
    return birth.strftime(rng.choice(("%Y-%m-%d", "%Y-%m-%d", local)))


def typo(rng: Random, text: str) -> str:
    """One slip: a letter left out, doubled, or swapped with its neighbour. Short text stays."""
    if len(text) < 4:
        return text
    place = rng.randrange(1, len(text) - 1)
    before, letter, after = text[:place], text[place], text[place + 1 :]
    return rng.choice((before + after, before + letter * 2 + after, before + after[0] + letter + after[1:]))
