"""Who is related and not one: a function of two nodes, whichever stands left and whatever else is there."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import PartyType, RelationKind
from resolver.match.blocking import blocking_keys
from resolver.match.columns import FEW, Columns
from resolver.match.model import default_model
from resolver.normalise.evidence import normalise
from resolver.normalise.features import Features
from resolver.resolve import related
from resolver.resolve.bonds import find_bonds
from resolver.resolve.related import Related, Tie, customers_related, kind_of, ties
from resolver.resolve.settings import Limits, Policy
from resolver.resolve.units import Verdicts
from tests.resolve.people import quiet, record, resolved
from tests.simulation.universe import POLICIES, evidences

MODEL = default_model(10_000)
POLICY = Policy()
HOME = "0612349876"
HOUSEHOLD, ORGANISATION = RelationKind


def tied(
    *nodes: Features, policy: Policy = POLICY, silent: frozenset[str] = frozenset(), repeated: int = 1
) -> list[Tie]:
    """Every pair of these nodes weighed, `repeated` times over, and what is related of the first time."""
    columns = Columns(MODEL, nodes, silent)
    pairs = list(combinations(range(len(nodes)), 2)) * repeated
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    found = list(ties(policy, columns, nodes, silent, left, right, columns.verdicts(left, right)))
    assert found == found[: len(found) // repeated] * repeated
    return found[: len(found) // repeated]


JAN, SANNE = record("Jan Bakker", phone=HOME), record("Sanne Bakker", phone=HOME)


def test_partners_are_related_by_what_they_share() -> None:
    (tie,) = tied(JAN, SANNE)
    assert (tie.left, tie.right, tie.kind) == (0, 1, HOUSEHOLD)
    assert set(tie.shared) == {"phone", "family"}
    assert tie.stranger - tie.household >= POLICY.merge_weight
    assert tie.household < POLICY.possible_weight


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(record("Jan Bakker", phone=HOME), id="the same again"),
        pytest.param(record("Sanne Bakker"), id="a namesake"),
        pytest.param(record("Sanne Bakker", phone="0687654321"), id="another phone"),
        pytest.param(record(" Bakker", phone=HOME), id="one who may be he"),
    ],
)
def test_neither_one_person_nor_strangers_are_related(other: Features) -> None:
    assert tied(JAN, other) == []


def test_what_tells_two_persons_apart_does_not_make_strangers_of_them() -> None:
    """Another card, another handle and another birth date are what members of a household have."""
    jan = record("Jan Bakker", "1960-05-03", phone=HOME, loyalty="4711023856", handle="@janbakker")
    sanne = record("Sanne Bakker", "1963-11-21", phone=HOME, loyalty="9930127745", handle="@sanneke")
    (tie,) = tied(jan, sanne)
    assert tie.stranger < 0
    assert set(tie.shared) == {"phone", "family"}


def test_namesakes_with_different_cards_are_strangers() -> None:
    cards = [record("Jan Bakker", loyalty=card) for card in ("4711023856", "9930127745")]
    assert tied(*cards) == []


def test_what_has_fallen_silent_relates_nobody() -> None:
    assert tied(JAN, SANNE, silent=frozenset({"generic:phone::+31612349876"})) == []


def test_father_and_son_of_one_name_are_related_by_the_limit_between_them() -> None:
    father = record("Jan Bakker", "1960-05-03", phone=HOME, postcode="1011 AB")
    son = record("Jan Bakker", "1990-07-11", phone=HOME, postcode="1011 AB")
    (tie,) = tied(father, son)
    assert tie.kind == HOUSEHOLD
    assert "birth" not in tie.shared
    off = replace(POLICY, limits=Limits(birth_date="off"))
    assert len(tied(father, son, policy=off)) == (tie.household < off.possible_weight)


def test_a_person_belongs_to_the_organisation_at_whose_number_and_address_they_are() -> None:
    at = {"phone": HOME, "street": "Kerkstraat", "house_number": "12", "postcode": "1011 AB"}
    firm = record(organisation="Bakker B.V.", **at)
    assert firm.party == PartyType.ORGANISATION
    person = record("Jan Bakker", party="person", **at)
    (tie,) = tied(person, firm)
    assert tie.kind == ORGANISATION


SILENT = frozenset({"generic:phone::+31206231184"})


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ({"organisation": "Jansen B.V."}, {"organisation": "Jansen BV"}, ORGANISATION),
        ({"organisation": "Jansen B.V."}, {"organisation": "Smit & Zn."}, HOUSEHOLD),
        ({"organisation": "Jansen B.V."}, {}, HOUSEHOLD),
        ({"email": "info@jansen.nl"}, {"email": "info@jansen.nl"}, ORGANISATION),
        ({"email": "info@jansen.nl"}, {"email": "sales@jansen.nl"}, HOUSEHOLD),
        ({"email": "jansen@ziggo.nl"}, {"email": "jansen@ziggo.nl"}, HOUSEHOLD),
        ({"phone": "020-6231184"}, {"phone": "+31 20 623 11 84"}, ORGANISATION),
        ({"phone": "0612345678"}, {"phone": "0612345678"}, HOUSEHOLD),
    ],
)
def test_colleagues_are_told_by_what_is_their_organisations(
    left: dict[str, Any], right: dict[str, Any], kind: RelationKind
) -> None:
    jan, piet = record("Jan de Vries", **left), record("Piet Smit", **right)
    assert kind_of(jan, piet, SILENT) == kind_of(piet, jan, SILENT) == kind


def test_a_family_that_is_found_at_a_shared_number_is_a_family() -> None:
    """The shop's own number stands on everybody; it makes no colleagues of partners."""
    shop = "020-6231184"
    jan, sanne = record("Jan Bakker", phone=shop), record("Sanne Bakker", phone=shop)
    assert kind_of(jan, sanne, SILENT) == HOUSEHOLD


pairs = st.tuples(evidences.map(normalise), evidences.map(normalise))
strict = Policy(limits=Limits(birth_date="different", external=True, government=True))


@settings(max_examples=200, deadline=None)
@given(pairs, st.sampled_from((POLICY, strict)))
def test_no_limit_is_overlooked(pair: tuple[Features, Features], policy: Policy) -> None:
    bonds = find_bonds(pair, (0, 1), (0, 1), Verdicts((), ()), policy.limits)
    assert related._parted(policy, *pair) == bool(bonds.limited or bonds.alien)


features = st.lists(evidences.map(normalise), min_size=2, max_size=5, unique=True)


@settings(max_examples=100, deadline=None)
@given(features, st.sampled_from(sorted(POLICIES)))
def test_it_does_not_matter_who_stands_left_and_how_many_are_weighed_at_once(
    nodes: list[Features], policy: str
) -> None:
    how = {"policy": POLICIES[policy], "silent": quiet(nodes, POLICIES[policy])}

    def told(found: list[Tie], order: list[Features]) -> dict[frozenset[Features], tuple[object, ...]]:
        return {frozenset((order[tie.left], order[tie.right])): tie[2:] for tie in found}

    one = told(tied(*nodes, **how), nodes)  # type: ignore[arg-type]
    assert one == told(tied(*nodes[::-1], **how), nodes[::-1])  # type: ignore[arg-type]
    assert one == told(tied(*nodes, repeated=FEW, **how), nodes)  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(features, st.sampled_from(sorted(POLICIES)))
def test_the_partition_tells_those_who_meet_under_a_key_that_speaks(
    nodes: list[Features], policy: str
) -> None:
    rules = POLICIES[policy]
    silent = quiet(nodes, rules)
    live = [set(blocking_keys(node)) - silent for node in nodes]
    named = {f"r{n}": node for n, node in enumerate(nodes)}
    found = resolved(named, policy=rules, silent=silent)
    assert found.ties == ()
    met = resolved(named, policy=rules, silent=silent, related=True)
    assert met.components == found.components
    assert list(met.ties) == [
        tie for tie in tied(*nodes, policy=rules, silent=silent) if live[tie.left] & live[tie.right]
    ]


def test_customers_are_related_through_their_nodes_by_the_strongest() -> None:
    weak = Tie(0, 1, HOUSEHOLD, 7000, -100, ("phone",))
    strong = Tie(0, 2, ORGANISATION, 9000, -900, ("email",))
    bearers = {0: ["a", "c"], 1: ["b"], 2: ["b", "a"]}
    for order in ([weak, strong], [strong, weak]):
        assert list(customers_related(order, bearers).items()) == [
            (("a", "b"), Related(9000, -900, ORGANISATION, ("email",))),
            (("a", "c"), Related(9000, -900, ORGANISATION, ("email",))),
            (("b", "c"), Related(9000, -900, ORGANISATION, ("email",))),
        ]
    assert customers_related([weak], {0: ["a"], 1: ["a"]}) == {}
    assert customers_related([weak], {0: ["a"]}) == {}
