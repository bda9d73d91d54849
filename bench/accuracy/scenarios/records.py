"""Rows as `resolver dedupe` reads them, and the truth about them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bench.accuracy.scenarios.noise import Noise
from bench.accuracy.scenarios.people import Person

COLUMNS = (
    *("record_id", "source", "channel", "occurred_at", "given_name", "surname", "full_name", "organisation"),
    *("email", "phone", "handle", "platform", "loyalty_id", "device_id", "birth_date"),
    *("street", "house_number", "postcode", "city", "country"),
)
"""The columns of every file."""

IDENTIFIERS = ("email", "phone", "handle", "loyalty_id")
"""Columns that may lead to a person."""

Row = dict[str, str]

_LATEST = datetime(2026, 6, 1, 12, tzinfo=UTC)
_SOURCES = ("web_shop", "pos", "call_centre", "crm", "app", "messenger")


@dataclass(frozen=True, slots=True)
class Truth:
    """Whose the records are.

    `person` by record id. `groups` names the scenario's own people, each with the part of the scenario
    that they are in (often only one); who is not in it is background. `own` are the records that carry
    an identifier which no other person's record carries.
    """

    person: Mapping[str, str]
    groups: Mapping[str, str]
    own: frozenset[str]


class Ledger:
    """Collects a scenario's records."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.groups: dict[str, str] = {}
        self._rows: list[Row] = []
        self._people: list[str] = []
        self._stated: list[tuple[tuple[str, str], ...]] = []

    def enlist(self, group: str, *people: Person) -> None:
        """Make these the scenario's own people."""
        for person in people:
            self.groups[person.key] = group

    def add(
        self,
        person: Person,
        columns: Iterable[str],
        *,
        noise: Noise | None = None,
        when: datetime | None = None,
        other: Mapping[str, str] | None = None,
        as_is: Mapping[str, str] | None = None,
    ) -> None:
        """One record of `person`.

        `columns` says what the channel took down (`place` is the whole address); `other` are further values,
        of which noise may be made too. `as_is` are values that are nobody's own and never mistyped: what a
        till or a habit enters. Noise never leaves the first identifier out, nor the name where there is none.
        """
        taken = {column: value for name in columns for column, value in _values(person, name)}
        row = {**taken, **(other or {})}
        stated = tuple((column, row[column]) for column in IDENTIFIERS if row.get(column))
        if noise is not None:
            kept = frozenset(column for column, _ in stated[:1])
            row = noise.row(self.rng, row, keep=kept or frozenset({"full_name", "given_name", "surname"}))
        at = when or self.when(2019, 2025)
        base = {"source": self.rng.choice(_SOURCES), "channel": "web", "occurred_at": at.isoformat()}
        self._rows.append({**base, "country": person.country, **row, **(as_is or {})})
        self._people.append(person.key)
        self._stated.append(tuple(pair for pair in stated if row.get(pair[0])))

    def when(self, first: int, last: int) -> datetime:
        """A moment of the years `first` to `last`, never later than any row's."""
        start = datetime(first, 1, 1, tzinfo=UTC)
        span = (min(datetime(last, 12, 31, tzinfo=UTC), _LATEST) - start) // timedelta(minutes=1)
        return start + timedelta(minutes=self.rng.randrange(span))

    def close(self) -> tuple[list[Row], Truth]:
        """All rows in a drawn order, with meaningless ids, and the truth about them."""
        holders: dict[tuple[str, str], set[str]] = defaultdict(set)
        for person, stated in zip(self._people, self._stated, strict=True):
            for pair in stated:
                holders[pair].add(person)
        order = list(range(len(self._rows)))
        self.rng.shuffle(order)
        rows, people, own = [], {}, set()
        for number, place in enumerate(order, start=1):
            record = f"r{number}"
            rows.append({**dict.fromkeys(COLUMNS, ""), **self._rows[place], "record_id": record})
            people[record] = self._people[place]
            if any(len(holders[pair]) == 1 for pair in self._stated[place]):
                own.add(record)
        return rows, Truth(people, dict(self.groups), frozenset(own))


def write(rows: Iterable[Row], path: Path) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _values(person: Person, name: str) -> Iterable[tuple[str, str]]:
    """What a column of this name says of a person."""
    match name:
        case "place":
            yield from person.home._asdict().items()
        case "handle":
            yield "handle", person.handle
            yield "platform", person.platform
        case "city" | "postcode":
            yield name, getattr(person.home, name)
        case "birth_date":
            yield name, person.birth.isoformat()
        case "name":
            yield "given_name", person.given
            yield "surname", person.family
        case _:
            yield name, getattr(person, _ATTRIBUTES[name])


_ATTRIBUTES = {
    "given_name": "given",
    "surname": "family",
    "full_name": "full",
    "email": "email",
    "phone": "phone",
    "loyalty_id": "card",
    "device_id": "device",
}
