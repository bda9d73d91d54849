"""What normalising makes of evidence: the values that blocking and matching see.

Frozen, comparable and free of I/O. Two records whose features are equal are one node to every rule,
so nothing that is not identity evidence (the raw spelling, the assurance's wording) may enter here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graph.model import Assurance, Identifier, PartyType


class Flag(StrEnum):
    """What else is known of a value: mostly why it speaks less, or not at all, for a person."""

    RUBBISH = "rubbish"
    """A placeholder or a test value: 0000000000, test@test.com, n/a. Carries no weight."""
    ROLE = "role"
    """A role mailbox or a switchboard: belongs to the organisation, weighs nothing between persons."""
    OWNED = "owned"
    """The company's own number, mailbox or card. Carries no weight."""
    DISPOSABLE = "disposable"
    """A throw-away mailbox; compared as usual, told to stewards."""
    OPAQUE = "opaque"
    """Platform-scoped: byte-exact, never fuzzy."""
    LANDLINE = "landline"
    """A fixed line: whoever is at home, or in the office, answers it."""
    MALFORMED = "malformed"
    """Not of the kind's form; kept and compared exactly, never fuzzy."""


_MUTE = frozenset({Flag.RUBBISH, Flag.ROLE, Flag.OWNED})


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """One identifier in normal form.

    `identifier.value` is the form that is compared (variants of one line folded, plus tags and
    Gmail's dots gone); `address` the form to reach it by, as it came but in canonical notation, empty
    where it cannot be addressed. `flags` are sorted and without duplicates.
    """

    identifier: Identifier
    assurance: Assurance
    flags: tuple[Flag, ...] = ()
    address: str = ""

    @property
    def speaks(self) -> bool:
        """Whether it may carry weight for a person at all."""
        return not self.flags or _MUTE.isdisjoint(self.flags)


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A person's name as folded tokens (lower-case ASCII letters, particles joined to what follows).

    Words in Chinese characters, Arabic and Hebrew stay in their script (see `normalise.script`).

    `given` and `family` are in order; initials are one letter. `ordered` is False where the source
    gave one display name whose order is not certain: then tokens may stand on either side.
    """

    given: tuple[str, ...]
    family: tuple[str, ...]
    ordered: bool = True


@dataclass(frozen=True, slots=True, order=True)
class BirthDate:
    """A calendar date. `month` and `day` may be 0 where unknown.

    `ambiguous` is True where day and month could be read either way (03-05-1960).
    """

    year: int
    month: int
    day: int
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A postal address in folded form; any part may be empty. `country` is ISO 3166 alpha-2."""

    house: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """The normalised evidence of a node. Tuples are sorted and without duplicates."""

    party: PartyType
    values: tuple[Value, ...] = ()
    name: Name | None = None
    organisation: tuple[str, ...] = ()
    birth: BirthDate | None = None
    place: Place = Place()
    attributes: tuple[tuple[str, str], ...] = ()
    compared_attributes: tuple[tuple[str, str], ...] = ()
    """Name and value of each that takes part in matching; of one name there may be several."""
