from __future__ import annotations

import random
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Judgement
from resolver.match.blocking import blocking_keys
from resolver.match.columns import Columns
from resolver.match.model import default_model
from resolver.normalise.features import Features
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.edges import Weighed
from resolver.resolve.partition import Evidence, Partition, partition
from resolver.resolve.settings import Policy
from tests.resolve.people import customers, doubts, groups, judgement, key, quiet, record, resolved

GIVEN = ("Jan", "Johannes", "Piet", "Anna", "Sanne", "J", "")
FAMILY = ("de Vries", "Vries", "Jansen", "Janssen", "Wigglesworth", "")
PHONES = ("0612345671", "0612345617", "0687654329", "0201234568")
MAILS = (
    *("jan.devries@gmail.com", "jan.devries@gmial.com", "sanne88@ziggo.nl", "info@bakker.nl"),
    *("jan.devries@ziggo.nl", "jandevries@ziggo.nl"),
)
BIRTHS = ("1960-05-03", "1960-03-05", "1988-11-30", "1990-01-02")


def maybe(values: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(("", "", *values))


@st.composite
def small_records(draw: st.DrawFn) -> Features:
    return record(
        f"{draw(st.sampled_from(GIVEN))} {draw(st.sampled_from(FAMILY))}",
        draw(maybe(BIRTHS)),
        phone=draw(maybe(PHONES)),
        email=draw(maybe(MAILS)),
        handle=draw(maybe(("jan.devries", "sanne_88", "jandevries1"))),
        loyalty=draw(maybe(("100012349", "100012394", "200099887"))),
        government=draw(maybe(("123456782", "123456728", "998877665"))),
        postcode=draw(maybe(("1011AB", "1011AC"))),
        city=draw(maybe(("Amsterdam", "Utrecht"))),
        party=draw(st.sampled_from(("", "", "", "person", "organisation"))),
        compared=" ".join(
            (
                f"gender={draw(maybe(('m', 'f')))}",
                f"occupation={draw(maybe(('baker', 'bakker', 'miller')))}",
                f"hair={draw(maybe(('red',)))}",
            )
        ),
    )


@st.composite
def populations(draw: st.DrawFn) -> tuple[dict[str, Features], list[Judgement]]:
    records = dict(
        zip(string.ascii_lowercase, draw(st.lists(small_records(), min_size=2, max_size=9)), strict=False)
    )
    names = st.lists(st.sampled_from(sorted(records)), min_size=1, max_size=3, unique=True)
    judgements = []
    for number in range(draw(st.integers(0, 2))):
        one = draw(names)
        other = [name for name in draw(names) if name not in one]
        judgements.append(judgement(*(" ".join(part) for part in (one, other) if part), number=number))
    return records, judgements


@settings(max_examples=60, deadline=None)
@given(populations(), st.randoms(use_true_random=False))
def test_no_order_of_records_nodes_or_judgements_matters(
    drawn: tuple[dict[str, Features], list[Judgement]], chance: random.Random
) -> None:
    records, judgements = drawn
    shuffled = list(records.items())
    chance.shuffle(shuffled)
    chance.shuffle(judgements)
    first = resolved(records, judgements)
    again = resolved(dict(shuffled), judgements)
    assert told(again) == told(first)


def told(found: Partition) -> list[object]:
    """All of a partition but the numbers of its nodes, which follow the order that they were given in."""
    return [[(c.customers, c.joins, c.doubts, c.whole) for c in found.components], found.visitors]


@settings(max_examples=60, deadline=None)
@given(populations())
def test_a_component_alone_comes_out_as_among_the_others(
    drawn: tuple[dict[str, Features], list[Judgement]],
) -> None:
    records, judgements = drawn
    silent = quiet(records.values(), Policy())
    whole = resolved(records, judgements, silent=silent)
    nodes = list(dict.fromkeys(records.values()))
    for component in whole.components:
        inside = {nodes[number] for number in component.nodes}
        alone = resolved({n: f for n, f in records.items() if f in inside}, judgements, silent=silent)
        assert [(c.customers, c.joins, c.doubts) for c in alone.components] == [
            (component.customers, component.joins, component.doubts)
        ]


@settings(max_examples=40, deadline=None)
@given(populations())
def test_every_live_record_is_once_somewhere(drawn: tuple[dict[str, Features], list[Judgement]]) -> None:
    records, judgements = drawn
    found = resolved(records, judgements)
    members = [name for group in groups(found) for name in group]
    members.extend(visitor.record_id for visitor in found.visitors)
    assert sorted(members) == sorted(records)


# -- loyal customers -------------------------------------------------------------------------------


def sparse(identifiers: list[tuple[str, str]], count: int, chance: random.Random) -> dict[str, Features]:
    """Error-free records of one person, one or two identifiers each, connected through shared values."""
    records: dict[str, Features] = {}
    for n in range(count):
        first = identifiers[n % len(identifiers)]
        held = {first, identifiers[(n + 1) % len(identifiers)] if n < len(identifiers) else first}
        if chance.random() < 0.5:
            held.add(chance.choice(identifiers))
        name = chance.choice(("Marieke Hoogendoorn", "Marieke Hoogendoorn", "M Hoogendoorn"))
        records[f"{n:02}"] = record(name, **dict(sorted(held)[:2]))
    return records


IDENTIFIERS = [
    ("phone", "0612345671"),
    ("email", "marieke.hoogendoorn@ziggo.nl"),
    ("loyalty", "100012349"),
    ("handle", "mhoogendoorn"),
    ("phone2", "0205551234"),
    ("email2", "marieke@hoogendoorn.nl"),
]


@pytest.mark.parametrize("seed", range(5))
def test_one_customer_with_forty_sparse_records_is_one_customer(seed: int) -> None:
    records = sparse(IDENTIFIERS, 40, random.Random(seed))
    assert len(customers(records)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_repeating_known_evidence_never_removes_a_merge(seed: int) -> None:
    chance = random.Random(seed)
    records = sparse(IDENTIFIERS, 12, chance)
    before = groups(resolved(records))
    for n in range(60):
        records[f"again{n:02}"] = records[f"{chance.randrange(12):02}"]
        if n % 20 == 19:
            after = groups(resolved(records))
            assert all(any(group <= larger for larger in after) for group in before)


def test_two_half_matches_on_different_attributes_add_up() -> None:
    named = record("Jan Jansen", "1960-05-03", email="windmill77@gmail.com")
    called = record(phone="0612345671", email="windmill77@gmail.com")
    loose = record("Jan Jansen", phone="0612345617")
    assert customers({"a": named, "c": loose}) == {"a", "c"}
    assert customers({"b": called, "c": loose}) == {"b", "c"}
    assert customers({"a": named, "b": called, "c": loose}) == {"a b c"}


# -- households ------------------------------------------------------------------------------------

HOME = {"street": "Kerkstraat", "house_number": "12", "postcode": "1011AB", "city": "Amsterdam"}


def test_partners_stay_apart_though_they_share_all_that_families_share() -> None:
    shared = {"phone": "0201234568", "email": "familiedevries@ziggo.nl", **HOME}
    assert customers(
        {
            "jan1": record("Jan de Vries", "1960-05-03", **shared),
            "jan2": record("Jan de Vries", handle="jan.devries60", **shared),
            "anna1": record("Anna de Vries", "1962-11-30", **shared),
            "anna2": record("Anna de Vries", loyalty="100012349", **shared),
        }
    ) == {"jan1 jan2", "anna1 anna2"}


def test_father_and_son_of_one_name_stay_apart() -> None:
    shared = {"phone": "0201234568", **HOME}
    father = record("Jan de Vries", "1960-05-03", email="jan.devries@ziggo.nl", **shared)
    son = record("Jan de Vries", "1988-11-30", email="jdv88@gmail.com", **shared)
    again = record("Jan de Vries", "1988-11-30", email="jdv88@gmail.com")
    assert customers({"father": father, "son": son, "again": again}) == {"father", "again son"}


def test_twins_stay_apart() -> None:
    shared = {"born": "1988-11-30", "phone": "0201234568", **HOME}
    assert customers(
        {
            "anna1": record("Anna Jansen", email="anna.jansen88@gmail.com", **shared),
            "anna2": record("Anna Jansen", "1988-11-30", email="anna.jansen88@gmail.com"),
            "sofie": record("Sofie Jansen", **shared),
        }
    ) == {"anna1 anna2", "sofie"}


def test_colleagues_behind_one_switchboard_stay_apart() -> None:
    shared = {"phone": "0201234568", "street": "Zuidas", "house_number": "1", "postcode": "1082MA"}
    people = {
        name: record(f"{name} {family}", **shared)
        for name, family in (("Anna", "Bakker"), ("Piet", "Smit"), ("Sanne", "Visser"), ("Kees", "Mulder"))
    }
    assert customers(people) == set(people)


# -- limits, judgements, kinds of party ------------------------------------------------------------


def test_another_card_of_the_programme_is_a_limit_inside_clusters() -> None:
    shared = {"email": "jan.devries@gmail.com", "phone": "0612345671"}
    records = {
        "a": record("Jan de Vries", loyalty="100012349", **shared),
        "b": record("Jan de Vries", **shared),
        "c": record("Jan de Vries", loyalty="734981205", **shared),
    }
    assert not any({"a", "c"} <= group for group in groups(resolved(records)))
    assert "limit" in doubts(resolved(records)).values()
    assert customers(records, [judgement("a c")]) == {"a b c"}


def test_a_mistyped_card_is_no_limit() -> None:
    shared = {"email": "jan.devries@gmail.com"}
    records = {
        "a": record("Jan de Vries", loyalty="100012349", **shared),
        "b": record("Jan de Vries", loyalty="100012394", **shared),
    }
    assert customers(records) == {"a b"}


def test_a_generation_is_a_limit_but_not_where_one_government_id_is_held() -> None:
    shared = {"phone": "0612345671", "email": "jan.devries@gmail.com", **HOME}
    young, old = "1988-11-30", "1952-02-14"
    assert customers(
        {"a": record("Jan de Vries", young, **shared), "b": record("Jan de Vries", old, **shared)}
    ) == {
        "a",
        "b",
    }
    found = resolved(
        {
            "a": record("Jan de Vries", young, government="123456782", **shared),
            "b": record("Jan de Vries", old, government="123456782", **shared),
        }
    )
    assert groups(found) == {frozenset("ab")}


def test_a_cannot_link_holds_inside_clusters_and_a_must_link_compels() -> None:
    same = {name: record("Jan de Vries", email="jan.devries@gmail.com", phone=f"061234567{n}")
            for n, name in enumerate("abcd", start=1)}  # fmt: skip
    assert customers(same) == {"a b c d"}
    split = resolved(same, [judgement("a", "d")])
    assert not any({"a", "d"} <= group for group in groups(split))
    strangers = {
        "a": record("Jan de Vries", phone="0612345671"),
        "b": record("Sanne Bakker", phone="0687654329"),
    }
    assert customers(strangers) == {"a", "b"}
    assert customers(strangers, [judgement("a b")]) == {"a b"}


def test_a_judgement_tells_records_of_equal_evidence_apart() -> None:
    one = record("Jan de Vries", email="jan.devries@gmail.com")
    assert customers({"a": one, "b": one, "c": one}) == {"a b c"}
    assert customers({"a": one, "b": one}, [judgement("a", "b")]) == {"a", "b"}


def test_a_person_is_no_organisation_even_where_a_judgement_says_so() -> None:
    shared = {"phone": "0201234568", "email": "jan@bakkerijjansen.nl"}
    records = {
        "man": record("Jan Jansen", party="person", **shared),
        "shop": record(organisation="Bakkerij Jansen BV", party="organisation", **shared),
    }
    assert customers(records) == {"man", "shop"}
    assert customers(records, [judgement("man shop")]) == {"man", "shop"}


def test_names_of_common_people_merge_nobody() -> None:
    assert customers({name: record("Jan de Vries") for name in "ab"}) == {"a", "b"}
    assert customers(
        {"a": record("Jan de Vries", city="Utrecht"), "b": record("Jan de Vries", city="Utrecht")}
    ) == {
        "a",
        "b",
    }


# -- generic values, visitors, ambiguous records ---------------------------------------------------


def crowd(phone: str, size: int, **verified: str) -> dict[str, Features]:
    names = ("Anna Bakker", "Bram Smit", "Cora Visser", "Dirk Mulder", "Els Bos", "Frank Kok", "Gerda Dekker",
             "Henk Prins", "Ilse Post", "Joris Vos")  # fmt: skip
    return {name[0].lower(): record(name, phone=phone, **verified) for name in names[:size]}


def test_a_value_that_many_share_is_generic_whichever_came_first() -> None:
    one = {"x1": record(phone="0201234568"), "x2": record(phone="0201234568", handle="xmarksthespot")}
    assert customers({**one, **crowd("0201234568", 3)}, policy=Policy(merge=0.9)) >= {"x1 x2"}
    many = resolved({**one, **crowd("0201234568", 10)}, policy=Policy(merge=0.9))
    assert {"x1"} not in groups(many) and not any({"x1", "x2"} <= group for group in groups(many))
    assert [visitor.record_id for visitor in many.visitors] == ["x1"]


def test_who_holds_a_value_verified_keeps_it_when_others_make_it_generic() -> None:
    owner = {
        "o1": record("Jan Jansen", phone="0201234568", verified=["phone"]),
        "o2": record("Jan Jansen", phone="0201234568", email="windmill77@gmail.com", verified=["phone"]),
    }
    found = groups(resolved({**owner, **crowd("0201234568", 10)}))
    assert frozenset({"o1", "o2"}) in found
    stated = {name: record("Jan Jansen", phone="0201234568", **more) for name, more in
              (("o1", {}), ("o2", {"email": "windmill77@gmail.com"}))}  # fmt: skip
    assert frozenset({"o1", "o2"}) not in groups(resolved({**stated, **crowd("0201234568", 10)}))


def test_devices_and_role_mailboxes_are_visitors() -> None:
    records = {
        "device": record(device="e2a1-77"),
        "again": record(device="e2a1-77"),
        "role": record(email="info@bakker.nl"),
        "person": record("Jan de Vries", device="e2a1-77", phone="0612345671"),
    }
    found = resolved(records)
    assert [visitor.record_id for visitor in found.visitors] == ["again", "device", "role"]
    assert groups(found) == {frozenset({"person"})}
    assert customers(records, [judgement("device person")]) == {"device person"}


def test_a_record_that_fits_two_partners_is_ambiguous_until_it_says_more() -> None:
    jan = record("Jan de Vries", "1960-05-03", phone="0612345671", email="jan.devries@gmail.com")
    anna = record("Anna de Vries", "1962-11-30", phone="0612345671", email="anna88@ziggo.nl")
    x = record(" de Vries", phone="0612345671")
    policy = Policy(merge=0.9)
    found = resolved({"jan": jan, "anna": anna, "x": x}, policy=policy)
    assert groups(found) == {frozenset({"jan"}), frozenset({"anna"}), frozenset({"x"})}
    assert [reason for names, reason in doubts(found).items() if "x" in names] == ["ambiguous", "ambiguous"]
    assert customers({"jan": jan, "x": x}, policy=policy) == {"jan x"}
    more = record(" de Vries", phone="0612345671", handle="jan.devries", email="jan.devries@gmail.com")
    assert customers({"jan": jan, "anna": anna, "x": more}, policy=policy) == {"jan x", "anna"}


# -- large components ------------------------------------------------------------------------------


def chain(size: int) -> dict[str, Features]:
    """One person's records, each with the number of the one before and one of its own."""
    return {
        f"{n:04}": record(
            "Jan de Vries", phone=f"06{10_000_000 + 7919 * n}", phone2=f"06{10_000_000 + 7919 * (n + 1)}"
        )
        for n in range(size)
    }


def test_a_component_over_its_cap_sheds_weak_edges_only() -> None:
    policy = Policy(component_cap=10, component_limit=100)
    assert len(customers(chain(30), policy=policy)) == 1


def test_a_component_over_its_limit_joins_only_what_judgements_join() -> None:
    policy = Policy(component_cap=10, component_limit=20)
    records = chain(30)
    found = resolved(records, [judgement("0003 0017")], policy=policy)
    assert [component.whole for component in found.components] == [False]
    assert len(groups(found)) == 29 and frozenset({"0003", "0017"}) in groups(found)


@given(populations(), st.integers(0, 1 << 16))
@settings(max_examples=40, deadline=None)
def test_what_is_known_to_weigh_so_much_is_not_weighed_again(
    population: tuple[dict[str, Features], list[Judgement]], some: int
) -> None:
    nodes = sorted(population[0].items())
    evidence = Evidence(
        nodes=[features for _, features in nodes],
        blocks=[blocking_keys(features) for _, features in nodes],
        records=[(key(name), number) for number, (name, _) in enumerate(nodes)],
        judgements=population[1],
        silent=frozenset(),
    )
    model = default_model(10_000)
    left, right = candidate_pairs(evidence.blocks, evidence.silent)
    known = np.array([some >> (number % 16) & 1 for number in range(len(left))], bool)
    left, right = left[known], right[known]
    weight = Columns(model, evidence.nodes, frozenset()).totals(left, right)
    plain = partition(model, Policy(), evidence)
    assert partition(model, Policy(), evidence, weighed=Weighed(left, right, weight)) == plain
    # And it is believed: a pair of which it is told that it weighs nothing is no edge.
    untold = Weighed(left, right, np.full(len(left), Policy().edge_weight - 1))
    apart = partition(model, Policy(), evidence, weighed=untold)
    assert len(apart.components) >= len(plain.components)
