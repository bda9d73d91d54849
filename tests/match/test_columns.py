from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import IdentifierKind
from resolver.match import compare
from resolver.match.columns import FEW, Columns, voiced_codes, voices
from resolver.match.model import default_model
from resolver.match.screen import Words
from resolver.match.weigh import ATTRIBUTES, sayings, verdict
from resolver.normalise.features import Features
from tests.resolve.people import record
from tests.resolve.test_partition import small_records

MODEL = default_model(10_000)
NOTHING: frozenset[str] = frozenset()


@settings(max_examples=80, deadline=None)
@given(st.lists(small_records(), min_size=2, max_size=8), st.booleans())
def test_columns_and_single_pairs_have_the_same_bits(nodes: list[Features], generic: bool) -> None:
    silent = frozenset({"generic:phone::+31612345671"}) if generic else NOTHING
    columns = Columns(MODEL, nodes, silent)
    left, right = np.array(list(combinations(range(len(nodes)), 2))).T
    weights = columns.weights(left, right)
    single = columns.pairs(left, right)
    assert len(left) <= FEW
    assert sayings(weights) == [pair.said for pair in single] == sayings(columns.weights(right, left))
    assert verdict(MODEL, weights).combined.tolist() == [pair.weight for pair in single]
    assert columns.totals(left, right).tolist() == [pair.weight for pair in single]
    many = np.tile(left, FEW), np.tile(right, FEW)
    assert columns.pairs(*many) == single * FEW
    for pair, a, b in zip(single, left.tolist(), right.tolist(), strict=True):
        alone = Columns(MODEL, [nodes[b], nodes[a]], silent)
        assert alone.pairs(np.array([0]), np.array([1])) == [pair]


def test_a_name_is_counted_once_whatever_spells_it() -> None:
    """Two mailboxes of one provider that spell the name add nothing to it, two that spell none do."""
    spelt = [record("Chau Mai", email=each) for each in ("chau.mai@gmx.de", "chaumai@gmx.de")]
    others = [record("Chau Mai", email=each) for each in ("sun.flower@gmx.de", "sunflower@gmx.de")]
    row = ATTRIBUTES.index("email")
    slip = MODEL.level("email", "slip")
    for nodes, expected in ((spelt, (0, 0)), (others, (slip.stranger, slip.household))):
        columns = Columns(MODEL, nodes, NOTHING)
        many = columns.weights(np.zeros(FEW + 1, np.int64), np.ones(FEW + 1, np.int64))
        assert set(many.stranger[row].tolist()) == {expected[0]}
        assert columns.pairs(np.array([0]), np.array([1]))[0].said[row] == expected


def test_whoever_compares_a_mailbox_knows_the_name_beside_it() -> None:
    node = record("Chau Mai", email="chau.mai@gmx.de", phone="0612345671")
    (mailbox,) = voiced_codes(node, IdentifierKind.EMAIL, NOTHING)
    (phone,) = voiced_codes(node, IdentifierKind.PHONE, NOTHING)
    assert mailbox.named and not phone.named


def test_a_generic_value_is_not_compared() -> None:
    nodes = [record(phone="0612345671", email="jan.devries@gmail.com"), record(phone="0612345671")]
    row = ATTRIBUTES.index("phone")
    loud, quiet = (
        Columns(MODEL, nodes, silent).weights(np.array([0]), np.array([1])).compared[row, 0]
        for silent in (NOTHING, frozenset({"generic:phone::+31612345671"}))
    )
    assert loud and not quiet


def test_role_mailboxes_speak_for_organisations_only() -> None:
    person, firm = (record(email="info@bakker.nl", party=party) for party in ("person", "organisation"))
    assert not voices(person, person.values[0], NOTHING)
    assert voices(firm, firm.values[0], NOTHING)


@settings(max_examples=60, deadline=None)
@given(small_records(), small_records())
def test_attributes_of_one_side_change_nothing(one: Features, other: Features) -> None:
    bare = replace(other, compared_attributes=())
    told, plain = (
        Columns(MODEL, [node, bare], NOTHING).pairs(np.array([0]), np.array([1]))
        for node in (one, replace(one, compared_attributes=()))
    )
    assert told == plain


def test_attributes_that_agree_speak_for_one_person_and_others_against() -> None:
    jan, same, other, bare = (
        record("Jan Jansen", phone="0612345671", compared=own)
        for own in ("occupation=baker", "Beruf=Baker", "occupation=miller", "")
    )
    columns = Columns(MODEL, [jan, same, other, bare], NOTHING)
    agreed, against, silent = columns.totals(np.array([0, 0, 0]), np.array([1, 2, 3])).tolist()
    assert agreed > silent > against


GIVEN = (
    "jan",
    "jon",
    "maria",
    "marie",
    "marc",
    "marcel",
    "qvzx",
    "aucal",
    "lca",
    "oliver",
    "oievr",
    "rajesh",
    "j",
)


def test_names_that_exist_and_that_do_not_weigh_the_same_in_columns_and_alone() -> None:
    nodes = [record(f"{first} {family}") for first in GIVEN for family in ("Bakker", "Bkaker", "Xu")]
    columns = Columns(MODEL, nodes, frozenset())
    left, right = np.triu_indices(len(nodes), 1)
    together = columns.totals(left, right)
    alone = [int(columns.totals(left[n : n + 1], right[n : n + 1])[0]) for n in range(len(left))]
    assert together.tolist() == alone


@settings(max_examples=60, deadline=None)
@given(st.lists(small_records(), min_size=2, max_size=8), st.integers(-30_000, 30_000))
def test_only_weights_that_do_not_reach_the_least_are_left_open(nodes: list[Features], least: int) -> None:
    columns = Columns(MODEL, nodes, NOTHING)
    left, right = np.array(list(combinations(range(len(nodes)), 2))).T
    many = np.tile(left, FEW + 1), np.tile(right, FEW + 1)
    whole, told = columns.totals(*many), columns.reaching(least, *many)
    assert len(told) > FEW
    reached = whole >= least
    assert told[reached].tolist() == whole[reached].tolist()
    assert (told[~reached] < least).all()


def test_nodes_of_one_given_name_follow_each_other() -> None:
    names = ("Jan Jansen", "Piet Smit", "", "Jan Bakker", "Piet Jansen", "")
    columns = Columns(MODEL, [record(name, phone="0612345671") for name in names], NOTHING)
    order = columns.by_given_name(np.arange(len(names))).tolist()
    assert sorted(order) == list(range(len(names)))
    assert abs(order.index(0) - order.index(3)) == abs(order.index(1) - order.index(4)) == 1


@given(
    st.lists(
        st.sampled_from(("jan", "johannes", "hans", "liz", "elisabeth", "elizabeth", "bob", "robert", "ro"))
        | st.text("abcjnor", min_size=1, max_size=8),
        min_size=2,
        max_size=8,
    )
)
def test_words_that_are_held_back_are_surely_different(words: list[str]) -> None:
    left, right = np.array(list(combinations(range(len(words)), 2))).T
    screened = Words(words)
    alike, nicknamed = screened.alike(left, right), screened.nicknamed(left, right)
    for place, (a, b) in enumerate(combinations(words, 2)):
        assert nicknamed[place] == compare.nicknamed(a, b)
        level = compare.given_level(a, b)
        assert alike[place] or nicknamed[place] or level in {"different", "initial", "uninitial"}
