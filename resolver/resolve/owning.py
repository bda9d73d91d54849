"""Values that look like the company's own: one till, agent or source puts them on everybody. Pure.

A value that many people assert is generic and weighs nothing already (`resolver.resolve.silence`). Where
it comes from one place, or stands on a large part of what a place sends, it is rather the shop's own
number, an agent's dummy or the till's card than a switchboard: such values are worth naming as `owned`,
so that they weigh nothing from the first record on. A person decides; these are proposals.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from graph.model import Identifier, IdentifierKind
from resolver.normalise.evidence import describe
from resolver.normalise.features import Features

OWNABLE: Final[Mapping[IdentifierKind, str]] = {
    IdentifierKind.PHONE: "phones",
    IdentifierKind.EMAIL: "emails",
    IdentifierKind.HANDLE: "handles",
    IdentifierKind.LOYALTY: "loyalty",
}
"""Kinds of identifier that `owned` takes, with their setting there."""
CONCENTRATED: Final = 0.8
"""From this share of a value's assertions on, they come from one place."""
USUAL: Final = 0.5
"""A place that sends so large a share of everything says nothing by sending a value's assertions too."""
WIDESPREAD: Final = 0.05
"""From this share of a place's records on, a value stands on everybody there: no household has so many."""


class Place(NamedTuple):
    """Where records come from: `kind` is source, agent or location."""

    kind: str
    name: str


class Seen(NamedTuple):
    """One record's normalised evidence and the places that it came from."""

    features: Features
    places: Collection[Place]


class Proposal(NamedTuple):
    """A value that may be the company's own.

    `here` of the `total` records that assert it come from `place`, which sent `sent` records in all;
    `descriptions` counts the distinct persons described beside the value there.
    """

    identifier: Identifier
    place: Place
    here: int
    total: int
    sent: int
    descriptions: int


def places(source: str, contacts: Iterable[tuple[str, str]]) -> frozenset[Place]:
    """Where one record came from: its source, and of each of its contacts the agent and the location."""
    found = {Place("source", source)}
    for agent, location in contacts:
        found.update([Place("agent", agent)] if agent else [])
        found.update([Place("location", location)] if location else [])
    return frozenset(found)


def propose(records: Iterable[Seen], line: int) -> list[Proposal]:
    """The values that look like the company's own, those on the most records first.

    `line` is the number of distinct person descriptions from which a value is generic. Of the places
    that put a value on everybody the one from which most of it comes is told; of equal ones the one that
    sends least else, and a source before its agents.
    """
    sent: Counter[Place] = Counter()
    totals: Counter[Identifier] = Counter()
    here: dict[Identifier, Counter[Place]] = defaultdict(Counter)
    described: dict[Identifier, dict[Place, set[str]]] = defaultdict(lambda: defaultdict(set))
    everything = 0
    for features, places in records:
        everything += 1
        sent.update(places)
        for identifier, description in _asserted(features):
            totals[identifier] += 1
            here[identifier].update(places)
            if description is not None:
                for place in places:
                    described[identifier][place].add(description)
    found = [
        Proposal(identifier, place, count, totals[identifier], sent[place], len(said))
        for identifier, by_place in described.items()
        for place, said in by_place.items()
        if len(said) >= line
        and _on_everybody(count := here[identifier][place], totals[identifier], sent[place], everything)
    ]
    return sorted(_one_each(found), key=lambda each: (-each.here, each.identifier))


def toml_lines(proposals: Iterable[Proposal]) -> Iterator[str]:
    """The proposals as the section of the configuration that they would be."""
    kept: dict[IdentifierKind, list[str]] = {kind: [] for kind in OWNABLE}
    for kind, namespace, value in sorted(each.identifier for each in proposals):
        kept[kind].append(f"{namespace}:{value}" if namespace else value)
    yield "[owned]"
    for kind, name in OWNABLE.items():
        values = kept[kind]
        if values:
            quoted = (json.dumps(value, ensure_ascii=False) for value in values)
            yield f"{name} = [{', '.join(quoted)}]"


def _asserted(features: Features) -> Iterator[tuple[Identifier, str | None]]:
    """What may be proposed of a record, with the description of who asserts it."""
    speaking = {each.identifier for each in features.values if each.speaks}
    for assertion in describe(features):
        if assertion.identifier in speaking and assertion.identifier.kind in OWNABLE:
            yield assertion.identifier, assertion.description


def _on_everybody(count: int, total: int, sent: int, everything: int) -> bool:
    concentrated = count >= CONCENTRATED * total and sent <= USUAL * everything
    return concentrated or count >= WIDESPREAD * sent


def _one_each(proposals: Iterable[Proposal]) -> Collection[Proposal]:
    best: dict[Identifier, Proposal] = {}
    for each in sorted(proposals, key=lambda p: (-p.here, p.sent, _WIDTH[p.place.kind], p.place.name)):
        best.setdefault(each.identifier, each)
    return best.values()


_WIDTH: Final = {"source": 0, "location": 1, "agent": 2}
