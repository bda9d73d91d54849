"""Checks of what stands: functions of the census. See `DESIGN`'s invariants 2, 3 and 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

from graph.errors import StoreError
from graph.model import Judgement, RecordKey
from graph.whole import HeldCustomer
from resolver.doctor.census import Census, Stands
from resolver.doctor.finding import Finding, Findings, named
from resolver.normalise import GENERATION
from resolver.pipeline.rules import Rules
from resolver.resolve.disjoint import Disjoint

_MADE_WITH: Final = ("generation", "owned", "population", "programmes", "region")
"""What a store is served under, besides its rules."""


def settings(census: Census) -> Iterator[Finding]:
    """A store that anything was written to has all the settings that decide, and they can be read."""
    found = Findings("settings")
    held = census.settings
    rules = rules_of(census)
    if rules is None:
        if census.head.revision:
            found.add("sets of rules are not there, or cannot be read")
    else:
        for name in sorted({*_MADE_WITH, *rules.terms()} - held.keys()):
            found.add("settings are missing", name)
    if held.get("generation", GENERATION) != GENERATION:
        found.add("settings are of another generation of this program", "generation")
    yield from found


def rules_of(census: Census) -> Rules | None:
    """The rules of the store; None where they are not there or cannot be read."""
    try:
        rules = Rules.of(census.settings)
        rules.terms()
    except (KeyError, ValueError, StoreError):
        return None
    return rules


def records(census: Census) -> Iterator[Finding]:
    """Every live record has its node and is on one live customer or a visitor's; a tombstone has neither."""
    found = Findings("records")
    for key, record in census.records.items():
        if record is None:
            continue
        if record.deleted:
            if record.node is not None or record.customer is not None:
                found.add("deleted records have a customer or evidence still", named(key))
            continue
        if record.node is None or record.node not in census.components:
            found.add("live records have no node", named(key))
        if record.customer is not None:
            customer = census.customers.get(record.customer)
            if customer is None or customer.minted is None:
                found.add("live records are on a customer that was never handed out", named(key))
            elif customer.erased:
                found.add("live records are on an erased customer", named(key))
    yield from found


def components(census: Census) -> Iterator[Finding]:
    """Every node is some live record's, and in one component; a customer's records are all in one."""
    found = Findings("components")
    asserted = set()
    of_customer: dict[str, str | None] = {}
    for key, record in census.live().items():
        if record.node is None:
            continue
        asserted.add(record.node)
        if record.customer is not None:
            component = census.components.get(record.node)
            if of_customer.setdefault(record.customer, component) != component:
                found.add("records are in another component than others of their customer", named(key))
    for digest, component in census.components.items():
        if component is None:
            found.add("nodes are in no component", digest)
        if digest not in asserted:
            found.add("nodes are no live record's", digest)
    yield from found


def ids(census: Census) -> Iterator[Finding]:
    """Every id leads somewhere, and every customer bears the oldest id anchored in its records."""
    found = Findings("ids")
    oldest: dict[str, tuple[int, str]] = {}
    for id_, customer in census.customers.items():
        if customer.erased or customer.minted is None:
            continue
        if customer.anchor is None or customer.anchor not in census.records:
            found.add("customer ids have no anchor, and lead nowhere", id_)
            continue
        home = _customer_of(census, customer.anchor)
        if home is not None:
            age = customer.minted, id_
            oldest[home] = min(oldest.get(home, age), age)
    for id_ in {record.customer for record in census.live().values() if record.customer is not None}:
        if id_ not in oldest:
            found.add("customers have no id anchored in their records", id_)
        elif oldest[id_][1] != id_:
            found.add("customers do not bear the oldest id anchored in their records", id_)
        if _touched(census.customers.get(id_)) == 0:
            found.add("customers were never touched, though they have records", id_)
    yield from found


def _customer_of(census: Census, key: RecordKey) -> str | None:
    record = census.records.get(key)
    return None if record is None else record.customer


def _touched(customer: HeldCustomer | None) -> int:
    return 0 if customer is None else customer.touched


def judgements(census: Census) -> Iterator[Finding]:
    """Judgements in force do not contradict each other, and hold: a part is together, no two parts are."""
    found = Findings("judgements")
    in_force = [judgement for judgement in census.judgements if judgement.retracted is None]
    together = Disjoint()
    for judgement in in_force:
        for part in judgement.parts:
            together.join(*part)
    for judgement in in_force:
        ends = [together.find(next(iter(part))) for part in judgement.parts if part]
        if len(set(ends)) < len(ends):
            found.add("judgements in force contradict each other", judgement.id)
        for words in sorted(set(_broken(census.records, judgement))):
            found.add(words, judgement.id)
    yield from found


def _broken(records: Mapping[RecordKey, Stands | None], judgement: Judgement) -> Iterator[str]:
    sides = [
        {record.customer for key in part if (record := records.get(key)) is not None and not record.deleted}
        for part in judgement.parts
    ]
    for side in sides:
        if len(side) > 1 or None in side:
            yield "judgements in force are broken: a part of theirs is not together"
    for one, other in combinations(sides, 2):
        if not one.isdisjoint(other):
            yield "judgements in force are broken: parts of theirs are together"


def suggestions(census: Census) -> Iterator[Finding]:
    """A suggestion is of two live customers of its component."""
    found = Findings("suggestions")
    live = census.live()
    for component, left, right in census.suggestions:
        sides = [live.get(key) for key in (left, right)]
        customers = {None if side is None else side.customer for side in sides}
        if None in customers or len(customers) < 2:
            found.add("suggestions are not of two customers", f"{named(left)} {named(right)}")
        elif any(census.components.get(side.node or "") != component for side in sides if side is not None):
            found.add(
                "suggestions are of another component than their records", f"{named(left)} {named(right)}"
            )
    yield from found
