"""What looks like the company's own, and what is only shared."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator

import pytest

from resolver.config import Owned
from resolver.normalise.features import Flag
from resolver.resolve.owning import Place, Seen, propose, toml_lines
from tests.resolve.people import record

SHOP, WEB, CRM = (Place("source", name) for name in ("till", "web", "crm"))
KIM = Place("agent", "kim")
NAMES = "Anna Bram Cora Dirk Els Frank Gerda Henk Ilse Joris".split()


def crowd(size: int, place: Place, *beside: Place, first: int = 0, **stated: str) -> Iterator[Seen]:
    """Different people, each with a number of their own, and what they all state."""
    for n in range(first, first + size):
        own = f"06{31_415_927 + n * 7919}"
        yield Seen(record(f"{NAMES[n % 10]} Bos{n}", phone=own, **stated), {place, *beside})


def told(*seen: Seen) -> dict[str, tuple[Place, int, int, int]]:
    records = list(seen)
    random.Random(1).shuffle(records)
    return {p.identifier.value: (p.place, p.here, p.total, p.sent) for p in propose(records, 8)}


def test_a_till_that_swipes_one_card_for_everybody_is_told() -> None:
    found = told(*crowd(30, SHOP, loyalty="100012349"), *crowd(100, WEB, first=30))
    assert found == {"100012349": (SHOP, 30, 30, 30)}


def test_an_agents_dummy_is_told_as_the_agents() -> None:
    mine = crowd(12, CRM, KIM, email="weetniet@klant.nl")
    found = told(*mine, *crowd(400, CRM, first=12))
    assert found == {"weetniet@klant.nl": (KIM, 12, 12, 12)}


def test_a_value_on_one_in_twenty_of_a_source_is_told_though_others_state_it_too() -> None:
    found = told(
        *crowd(20, SHOP, phone2="0205550000"), *crowd(100, SHOP, first=20),
        *crowd(10, WEB, first=200, phone2="0205550000"), *crowd(300, WEB, first=300),
    )  # fmt: skip
    assert found == {"+31205550000": (SHOP, 20, 30, 120)}


@pytest.mark.parametrize("people", [1, 7])
def test_what_few_state_is_not(people: int) -> None:
    """A household, and one loyal customer whose records are half of a source."""
    assert told(*crowd(people, SHOP, phone2="0205550000"), *crowd(5, WEB, first=20)) == {}


def test_a_switchboard_that_every_source_knows_is_not() -> None:
    here = (crowd(10, place, first=n * 500, phone2="0205550000") for n, place in enumerate((SHOP, WEB, CRM)))
    rest = (crowd(300, place, first=n * 500 + 10) for n, place in enumerate((SHOP, WEB, CRM)))
    assert told(*(seen for some in (*here, *rest) for seen in some)) == {}


def test_all_from_one_source_says_nothing_where_there_is_no_other() -> None:
    assert told(*crowd(10, SHOP, phone2="0205550000"), *crowd(300, SHOP, first=10)) == {}


def test_what_speaks_for_nobody_already_is_not_told_again() -> None:
    assert told(*crowd(30, SHOP, email="info@bakker.nl"), *crowd(30, WEB, first=30)) == {}


def test_the_lines_are_the_section_that_the_configuration_reads() -> None:
    stated = {
        "phone2": "0205550000",
        "email": "kassa@klant.nl",
        "handle": "winkel_utrecht",
        "loyalty": "100012349",
    }
    records = [*crowd(30, SHOP, **stated), *crowd(100, WEB, first=30)]  # type: ignore[arg-type]
    found = propose(records, 8)
    section = tomllib.loads("\n".join(toml_lines(found)))
    owned = Owned(**section["owned"]).identifiers("NL")
    assert {each.identifier for each in found} == owned
    assert len(owned) == 4
    assert all(Flag.OWNED not in value.flags for seen in records for value in seen.features.values)
