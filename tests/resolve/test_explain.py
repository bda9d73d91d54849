"""The comparison that is shown is the one that decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, PartyType, RecordKey, StatedIdentifier
from resolver.match.model import default_model
from resolver.normalise.evidence import normalise
from resolver.normalise.features import Features
from resolver.resolve import partition as partitioning
from resolver.resolve.explain import Decision, compare_customers, decide
from resolver.resolve.partition import partition
from resolver.resolve.settings import Policy
from tests.simulation.universe import evidences

MODEL = default_model(1000)
POLICY = Policy()
JAN = StatedIdentifier(IdentifierKind.PHONE, "+31612349876")


def said(*identifiers: StatedIdentifier, given: str = "", family: str = "", birth: str = "") -> Features:
    return normalise(Evidence(identifiers, given, family_name=family, birth_date=birth))


def card(number: str) -> StatedIdentifier:
    return StatedIdentifier(IdentifierKind.LOYALTY, number, "club")


def levels(left: Features, right: Features, silent: frozenset[str] = frozenset()) -> dict[str, str]:
    return {one.attribute: one.level for one in compare_customers(MODEL, silent, [left], [right]).attributes}


sides = st.lists(evidences.map(normalise), min_size=1, max_size=3, unique=True)


@settings(max_examples=60, deadline=None)
@given(sides, sides)
def test_it_does_not_matter_who_stands_left(left: list[Features], right: list[Features]) -> None:
    one = compare_customers(MODEL, frozenset(), left, right)
    other = compare_customers(MODEL, frozenset(), right[::-1], left[::-1])
    assert (one.weight, one.stranger, one.household, sorted(one.limits)) == (
        other.weight,
        other.stranger,
        other.household,
        sorted(other.limits),
    )
    assert [(a.attribute, a.level, a.left, a.right) for a in one.attributes] == [
        (a.attribute, a.level, a.right, a.left) for a in other.attributes
    ]


@settings(max_examples=60, deadline=None)
@given(evidences.map(normalise), evidences.map(normalise))
def test_two_records_weigh_what_the_partition_weighs(left: Features, right: Features) -> None:
    """Every join and every doubt between two records carries the weight that is shown."""
    keys = RecordKey("s", "a"), RecordKey("s", "b")
    answer = partition(
        MODEL,
        POLICY,
        partitioning.Evidence(
            [left, right], [("met",), ("met",)], [(keys[0], 0), (keys[1], 1)], (), frozenset()
        ),
    )
    shown = compare_customers(MODEL, frozenset(), [left], [right])
    for component in answer.components:
        for link in (*component.joins, *component.doubts):
            assert link.weight == shown.weight
            assert {p.attribute: (p.stranger, p.household) for p in link.parts} == {
                one.attribute: (one.stranger, one.household) for one in shown.attributes
            }


def test_what_cannot_be_compared_is_not_told() -> None:
    assert set(levels(said(JAN, given="Jan"), said(JAN))) == {"phone"}


def test_what_has_fallen_silent_is_not_told() -> None:
    assert "phone" not in levels(said(JAN), said(JAN), frozenset({"generic:phone::+31612349876"}))


def test_the_values_of_both_sides_are_shown_in_normal_form() -> None:
    (phone,) = compare_customers(MODEL, frozenset(), [said(JAN)], [said(JAN)]).attributes
    assert phone.left == phone.right == ("+31612349876",)


@pytest.mark.parametrize(
    ("left", "right", "limits"),
    [
        (said(card("4711023856")), said(card("9930127745")), ("loyalty",)),
        (said(given="Jan", birth="1960-05-03"), said(given="Jan", birth="1985-11-30"), ("birth_date",)),
        (said(JAN), said(JAN), ()),
    ],
)
def test_limits_are_named(left: Features, right: Features, limits: tuple[str, ...]) -> None:
    assert compare_customers(MODEL, frozenset(), [left], [right]).limits == limits


def test_a_person_and_an_organisation_are_limited_by_their_kind() -> None:
    person = normalise(Evidence(given_name="Jan", party_type=PartyType.PERSON))
    firm = normalise(Evidence(organisation="Bakker B.V.", party_type=PartyType.ORGANISATION))
    assert "party_type" in compare_customers(MODEL, frozenset(), [person], [firm]).limits


def test_partners_are_related_and_not_one() -> None:
    jan = said(JAN, given="Jan", family="de Vries")
    sanne = said(JAN, given="Sanne", family="de Vries")
    comparison = compare_customers(MODEL, frozenset(), [jan], [sanne])
    assert decide(POLICY, comparison) == Decision.RELATED
    assert comparison.stranger > 0 > comparison.weight
