"""Stores to look over: what the simulation's hostile world made of one, and its files."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from graph.model import Evidence, IdentifierKind, RecordKey, StatedIdentifier
from graph.sqlite import SqliteStore
from graph.sqlite.contents import contents
from graph.store import Store
from graph.whole import Item, items
from resolver.doctor import Finding, examine
from resolver.intake import Arrival
from resolver.match.document import shipped
from resolver.normalise import GENERATION
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import Rules
from tests.simulation.universe import POLICIES, POPULATION, touchpoint

SETTINGS = Settings(region="NL")


def opened(path: Path, policy: str) -> SqliteStore:
    """A store with the settings that a service would give it."""
    store = SqliteStore.open_writer(path)
    rules = Rules(shipped(), POPULATION, POLICIES[policy])
    store.put_meta(
        {**rules.terms(), "generation": GENERATION, "region": "NL", "owned": "", "programmes": "{}"}
    )
    return store


def pipeline(store: Store, policy: str) -> Pipeline:
    """Who writes it."""
    names = count(1)
    rules = Rules(shipped(), POPULATION, POLICIES[policy])
    return Pipeline(
        store,
        model=rules.model,
        policy=rules.policy,
        settings=SETTINGS,
        clock=lambda: 1,
        mint=lambda: f"n{next(names):05}",
    )


def person(
    record_id: str,
    given: str,
    *identifiers: tuple[IdentifierKind, str],
    family_name: str = "",
    birth_date: str = "",
) -> Arrival:
    key = RecordKey("till", record_id)
    evidence = Evidence(
        tuple(StatedIdentifier(kind, raw) for kind, raw in identifiers),
        given_name=given,
        family_name=family_name,
        birth_date=birth_date,
        region="NL",
    )
    return Arrival(
        "till", key, evidence, 1, touchpoint=touchpoint("till", int(record_id), 1_767_225_600_000_000)
    )


def furnished(path: Path) -> None:
    """A store in which there is some of everything: customers, a merge, a split, silence, a visitor."""
    store = opened(path, "tight")
    writer = pipeline(store, "tight")
    phone, email, device = IdentifierKind.PHONE, IdentifierKind.EMAIL, IdentifierKind.DEVICE
    writer.record(
        [
            person(
                "1", "Jan", (phone, "0612349876"), (email, "jan.devries@ziggo.nl"), family_name="de Vries"
            ),
            person(
                "2", "Jan", (phone, "0612349876"), (email, "jan.devries@ziggo.nl"), family_name="de Vries"
            ),
            person("3", "Sanne", (phone, "0612349876"), (email, "sanne@kpn.nl"), family_name="de Vries"),
            person("4", "Piet", (phone, "0203141592"), family_name="Bakker", birth_date="1960-05-03"),
            person("5", "Kees", (phone, "0203141592"), family_name="Bakker"),
            person("6", "Mia", (phone, "0203141592"), family_name="Mulder"),
            person("7", "", (device, "cookie-1")),
            person("8", "Ans", (email, "ans@ziggo.nl"), family_name="Visser"),
        ]
    )
    writer.record([Arrival("till", RecordKey("till", "8"), None, 2, deleted=True)])
    card = (phone, "0612345671"), (email, "femke@ziggo.nl")
    writer.record([person(name, "Femke", *card, family_name="Postma") for name in ("11", "12")])
    email_alone = (email, "jan.devries@ziggo.nl")
    writer.record([person("10", "Jan", email_alone, family_name="de Vries", birth_date="1960-05-03")])
    writer.record([person("9", "Ans", (email, "ans@xs4all.nl"), family_name="Visser")])
    parts = [frozenset({RecordKey("till", "4")}), frozenset({RecordKey("till", "5")})]
    writer.merge(parts, author="a", reason="b")
    parts = [
        frozenset({RecordKey("till", "1")}),
        frozenset({RecordKey("till", "3"), RecordKey("web", "later")}),
    ]
    writer.split(parts, author="a", reason="b")
    parts = [frozenset({RecordKey("till", "1")}), frozenset({RecordKey("till", "10")})]
    writer.split(parts, author="a", reason="b")
    while writer.settle():
        pass
    store.close()


def looked_over(path: Path) -> list[Finding]:
    """All that the doctor finds in a file."""
    with contents(path) as held:
        return list(examine(held))


def whole(path: Path) -> list[Item]:
    """All items of a file."""
    with contents(path) as held:
        return list(items(held))
