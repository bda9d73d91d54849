"""The comparison that is shown is the one that decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, PartyType, RecordKey, RelationKind, StatedIdentifier
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


@settings(max_examples=150, deadline=None)
@given(
    sides,
    sides,
    st.sets(st.sampled_from(("generic:phone::+31612349876", "generic:handle:instagram:sanneke"))),
)
def test_the_parts_add_up_to_the_totals(
    left: list[Features], right: list[Features], silent: set[str]
) -> None:
    told = compare_customers(MODEL, frozenset(silent), left, right)
    parts = [(each.stranger, each.household) for each in told.attributes]
    parts += [(each.stranger, each.household) for each in told.bounds]
    assert told.prior + sum(stranger for stranger, _ in parts) == told.stranger
    assert told.prior_household + sum(household for _, household in parts) == told.household
    for bound in told.bounds:
        taken, nothing = bound.stranger, bound.household
        if bound.name == "family_bound":
            taken, nothing = nothing, taken
        assert (taken < 0, nothing) == (True, 0)


def test_what_families_share_together_is_bounded_by_name() -> None:
    mail = StatedIdentifier(IdentifierKind.EMAIL, "familie.bakker@kpn.nl")
    home = normalise(
        Evidence(
            (JAN, mail), "", family_name="Zijlstra", street="Dorpsweg", house_number="7", postcode="1011 AB"
        )
    )
    assert "family_bound" in {
        each.name for each in compare_customers(MODEL, frozenset(), [home], [home]).bounds
    }


def test_attributes_are_told_as_one_with_their_levels() -> None:
    left, right = (
        normalise(Evidence(compared_attributes=own))
        for own in (
            (("Birth place", "Delft"), ("occupation", "baker"), ("hair", "red")),
            (("birth_place", "Dellft"), ("Occupation", "Baker")),
        )
    )
    (told,) = compare_customers(MODEL, frozenset(), [left], [right]).attributes
    assert (told.attribute, told.level) == ("attributes", "birth_place close, occupation equal")
    assert told.left == ("birth_place: delft", "hair: red", "occupation: baker")
    assert told.right == ("birth_place: dellft", "occupation: baker")


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


def test_colleagues_are_related_through_their_organisation() -> None:
    jan, sanne = (
        normalise(Evidence((JAN,), given, family_name="de Vries", organisation="Bakker B.V."))
        for given in ("Jan", "Sanne")
    )
    alone = said(given="Jan", family="de Vries")
    comparison = compare_customers(MODEL, frozenset(), [alone, jan], [sanne])
    assert (decide(POLICY, comparison), comparison.kind) == (
        Decision.RELATED,
        RelationKind.SAME_ORGANISATION,
    )
    assert compare_customers(MODEL, frozenset(), [alone], [sanne]).kind == RelationKind.SAME_HOUSEHOLD


def test_father_and_son_of_one_name_are_related_whatever_they_weigh() -> None:
    father = said(JAN, given="Jan", family="de Vries", birth="1960-05-03")
    son = said(JAN, given="Jan", family="de Vries", birth="1990-07-11")
    comparison = compare_customers(MODEL, frozenset(), [father], [son])
    assert comparison.limits == ("birth_date",)
    assert decide(POLICY, comparison) == Decision.RELATED


HOME_MAIL = StatedIdentifier(IdentifierKind.EMAIL, "thuis@jansenhoekstra.nl")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan", "Sanne"),
        ("Hans", "Sanne"),
        ("Peter", "Petra"),
        ("Paul", "Paula"),
        ("Daniel", "Daniela"),
        ("Robert", "Roberta"),
        ("Tim", "Tom"),
        ("Marc", "Marcel"),
    ],
)
@pytest.mark.parametrize("family", ["Jansen", "Hansen", "Peters", "de Vries", "Hoekstra"])
def test_what_a_household_shares_never_outweighs_another_given_name(
    one: str, other: str, family: str
) -> None:
    left, right = (said(JAN, HOME_MAIL, given=given, family=family) for given in (one, other))
    comparison = compare_customers(MODEL, frozenset(), [left], [right])
    assert comparison.weight < POLICY.merge_weight


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bill", "William"),
        ("Erik", "Eric"),
        ("Catherine", "Katherine"),
        ("Stephen", "Steven"),
        ("Mohammed", "Mohamed"),
        ("Sara", "Sarah"),
    ],
)
def test_spellings_of_one_name_at_one_birth_are_one_person(one: str, other: str) -> None:
    left, right = (said(JAN, given=each, family="Hoekstra", birth="1971-05-23") for each in (one, other))
    assert compare_customers(MODEL, frozenset(), [left], [right]).weight >= POLICY.merge_weight
