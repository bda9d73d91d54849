"""A small, dense world: few people, few phones, so that everything collides with everything."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from graph.model import (
    Assurance,
    Evidence,
    IdentifierKind,
    PartyType,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from resolver.intake import Arrival
from resolver.resolve.settings import Limits, Policy

POPULATION = 1000

POLICIES = {
    "roomy": Policy(),
    "tight": Policy(
        generic_line=3,
        block_cap=4,
        identifier_cap=6,
        component_cap=5,
        component_limit=8,
        reopen_at_once=1000,
    ),
    "queued": Policy(
        generic_line=3,
        block_cap=4,
        identifier_cap=6,
        component_cap=5,
        component_limit=8,
        reopen_at_once=2,
    ),
    "broken": Policy(
        generic_line=4,
        block_cap=3,
        identifier_cap=4,
        component_cap=2,
        component_limit=3,
        reopen_at_once=3,
    ),
    "choosy": Policy(
        merge=0.95,
        generic_line=4,
        never_alone=("name", "phone", "email"),
        limits=Limits(loyalty=False, birth_date="different"),
    ),
}
"""Policies under which every rule fires within a dozen records."""


_VALUES = (
    (IdentifierKind.PHONE, "0612349876", ""),
    (IdentifierKind.PHONE, "06-1234 9876", ""),
    (IdentifierKind.PHONE, "0612349867", ""),
    (IdentifierKind.PHONE, "0208765432", ""),
    (IdentifierKind.EMAIL, "jan.devries@ziggo.nl", ""),
    (IdentifierKind.EMAIL, "jan.devreis@ziggo.nl", ""),
    (IdentifierKind.EMAIL, "familie.bakker@kpn.nl", ""),
    (IdentifierKind.EMAIL, "info@bakker.nl", ""),
    (IdentifierKind.HANDLE, "@jan.devries", "instagram"),
    (IdentifierKind.HANDLE, "@sanneke", "instagram"),
    (IdentifierKind.LOYALTY, "4711023856", "club"),
    (IdentifierKind.LOYALTY, "4711028356", "club"),
    (IdentifierKind.LOYALTY, "9930127745", "club"),
    (IdentifierKind.DEVICE, "cookie-1", "web"),
    (IdentifierKind.DEVICE, "cookie-2", "web"),
)

_ASSURANCES = st.sampled_from((Assurance.OBSERVED, Assurance.STATED, Assurance.VERIFIED))

identifiers = st.builds(
    lambda value, assurance: StatedIdentifier(value[0], value[1], value[2], assurance),
    st.sampled_from(_VALUES),
    _ASSURANCES,
)

evidences = st.builds(
    Evidence,
    identifiers=st.lists(identifiers, max_size=3, unique_by=lambda i: (i.kind, i.raw)).map(tuple),
    given_name=st.sampled_from(("", "Jan", "Jan", "J.", "Johannes", "Sanne", "Piet")),
    family_name=st.sampled_from(("", "de Vries", "de Vries", "Bakker")),
    birth_date=st.sampled_from(("", "", "1960-05-03", "1985-11-30", "1960-05-04")),
    postcode=st.sampled_from(("", "", "1011 AB")),
    organisation=st.sampled_from(("", "", "", "", "", "Bakker B.V.")),
    party_type=st.sampled_from((PartyType.UNKNOWN,) * 5 + (PartyType.PERSON,)),
    region=st.just("NL"),
    compared_attributes=st.sampled_from(((), (), (("gender", "M"),), (("sex", "f"), ("shoe size", "44")))),
)
"""Half of it says much, half next to nothing; some are visitors, some organisations."""

recurring = st.shared(st.lists(evidences, min_size=3, max_size=5), key="recurring").flatmap(st.sampled_from)

SOURCES = ("till", "web")
record_keys = st.builds(RecordKey, st.sampled_from(SOURCES), st.sampled_from([f"r{n}" for n in range(7)]))
versions = st.one_of(st.none(), st.integers(1, 4))
moments = st.sampled_from((1_767_225_600_000_000, 1_767_225_600_000_001, 1_785_000_000_000_000))


def touchpoint(source: str, number: int, occurred: int, outcome: str = "") -> Touchpoint:
    key = TouchpointKey(source, f"t{number}")
    return Touchpoint(key, RecordKey("", ""), "", occurred, occurred + 5, channel="phone", outcome=outcome)


touchpoints = st.builds(
    touchpoint,
    st.sampled_from(SOURCES),
    st.integers(0, 30),
    moments,
    st.sampled_from(("", "", "", "answered")),
)


@st.composite
def _stated(draw: st.DrawFn) -> Arrival:
    key = draw(record_keys)
    evidence = draw(st.one_of(evidences, recurring))
    said = draw(st.none() | touchpoints)
    if said is not None:
        said = replace(said, key=TouchpointKey(key.source, said.key.touchpoint_id))
    return Arrival(key.source, key, evidence, draw(versions), touchpoint=said)


@st.composite
def _seen(draw: st.DrawFn) -> Arrival:
    """A touchpoint that carries evidence whose source names no record."""
    said = draw(touchpoints)
    return Arrival(said.key.source, None, draw(st.one_of(recurring, evidences)), touchpoint=said)


@st.composite
def _pointed(draw: st.DrawFn) -> Arrival:
    """A touchpoint that only points to a record, seen or not."""
    said = draw(touchpoints)
    key = draw(record_keys)._replace(source=said.key.source)
    return Arrival(key.source, key, None, touchpoint=said)


@st.composite
def _deleted(draw: st.DrawFn) -> Arrival:
    key = draw(record_keys)
    return Arrival(key.source, key, None, draw(st.integers(1, 4)), deleted=True)


arrivals = st.one_of(_stated(), _stated(), _stated(), _seen(), _pointed(), _deleted())
