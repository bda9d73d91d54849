from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, PartyType, StatedIdentifier
from resolver.batch.dedupe import SUGGESTED, dedupe
from resolver.batch.rows import Row
from resolver.evaluate.against import CROWD, Opinions, opinions
from resolver.resolve.settings import Policy


def row(
    number: int,
    phone: str,
    given: str = "",
    family: str = "",
    birth: str = "",
    party: PartyType = PartyType.UNKNOWN,
    organisation: str = "",
) -> Row:
    stated = (StatedIdentifier(IdentifierKind.PHONE, phone),)
    evidence = Evidence(
        stated,
        given_name=given,
        family_name=family,
        birth_date=birth,
        region="NL",
        party_type=party,
        organisation=organisation,
    )
    return Row(number, number, "shop", str(number), evidence, None, None)


def held(rows: Sequence[Row], theirs: Sequence[str], most: int = 25) -> tuple[Opinions, list[str]]:
    found = dedupe(rows, population=1000)
    keys = [placed.key for placed in found.rows if placed.key is not None]
    ours = [placed.customer for placed in found.rows]
    customer = dict(zip(keys, ours, strict=True))
    unsure = {
        frozenset((customer[pair.left], customer[pair.right]))
        for pair in found.pairs
        if pair.decision in SUGGESTED
    }
    told = opinions(found.model, Policy(), found.evidence, keys, ours, theirs, unsure, most=most)
    return told, ours


JAN = [row(1, "0612345671", "Jan", "de Vries", "1970-01-12"), row(2, "0612345671", "Jan", "de Vries")]
SANNE = [row(3, "0612345671", "Sanne", "de Vries", "1973-11-30")]
FAR = [row(4, "0687654329", "Wilhelmina", "Zwartjes"), row(5, "0687654329", "Wilhelmina", "Zwartjes")]


def test_who_agrees_differs_in_nothing() -> None:
    found, ours = held([*JAN, *SANNE, *FAR], ["x", "x", "y", "z", "z"])
    assert len(set(ours)) == 3 == found.agreed == found.clusters == found.customers
    assert found.contradicted == found.doubted == found.unproven == found.missed == (0, 0, 0)
    assert (found.merges, found.wrong, found.overlooked) == (0, (), ())


def test_two_people_in_one_cluster_are_contradicted_by_what_tells_them_apart() -> None:
    found, _ = held([*JAN, *SANNE, *FAR], ["x", "x", "x", "z", "z"])
    assert found.contradicted == (1, 2, 3)
    assert found.doubted == found.unproven == (0, 0, 0) and found.agreed == 1
    (wrong,) = found.wrong
    assert sorted((wrong.left, wrong.right)) == [(0, 1), (2,)] and wrong.theirs == ("x",)
    assert {each.attribute for each in wrong.comparison.attributes if each.household < 0} >= {
        "given",
        "birth",
    }


def test_what_nothing_contradicts_is_unproven_and_no_error_of_theirs() -> None:
    found, _ = held([row(1, "0612345671", "Jan", "de Vries"), row(2, "0687654329")], ["x", "x"])
    assert found.contradicted == (0, 0, 0) and found.unproven == (1, 2, 2)
    assert found.wrong == ()


def test_what_we_suggest_ourselves_is_doubted() -> None:
    rows = [*JAN, *SANNE, row(6, "0612345671", "", "de Vries")]
    found, ours = held(rows, ["x", "x", "y", "x"])
    assert ours[3] not in ours[:3], "it fits both partners"
    assert (found.contradicted.clusters, found.doubted) == (0, (1, 2, 3))


def test_a_customer_of_ours_in_several_clusters_is_missed() -> None:
    found, ours = held([*JAN, *SANNE, *FAR], ["a", "b", "c", "d", "d"])
    assert found.missed == (2, 1, 2) and found.merges == 1
    (missed,) = found.overlooked
    assert (missed.left, missed.right, missed.theirs) == ((0,), (1,), ("a", "b"))
    assert missed.ours == (ours[0],) and missed.comparison.weight >= Policy().merge_weight


def test_rows_that_are_equal_and_in_two_clusters_are_missed_too() -> None:
    found, _ = held(FAR, ["a", "b"])
    assert found.missed == (2, 1, 2) and found.overlooked[0].comparison.weight > 0


def test_a_person_and_an_organisation_in_one_cluster_are_contradicted() -> None:
    rows = [
        row(1, "0612345671", "Jan", "de Vries", party=PartyType.PERSON),
        row(2, "0612345671", party=PartyType.ORGANISATION, organisation="Vries Dakdekkers"),
    ]
    found, _ = held(rows, ["x", "x"])
    assert found.contradicted.clusters == 1 and found.wrong[0].comparison.limits == ("party_type",)


def test_the_strongest_comes_first_and_of_a_cluster_one_only() -> None:
    rows = [
        row(1, "0612345671", "Jan", "de Vries"),
        row(2, "0612345672", "Sanne", "Bakker"),
        row(3, "0612345673", "Pieter", "Smit", "1940-01-12"),
        row(4, "0612345674", "Ellen", "Jansen", "1990-11-30"),
    ]
    found, _ = held(rows, ["x", "x", "y", "y"])
    assert [each.theirs for each in found.wrong] == [("y",), ("x",)]
    assert held(rows, ["x", "x", "x", "x"])[0].wrong[0].comparison.limits
    assert len(held(rows, ["x"] * 4)[0].wrong) == 1
    assert len(held(rows, ["x", "x", "y", "y"], most=1)[0].wrong) == 1


def test_a_cluster_of_very_many_is_held_against_its_largest_only() -> None:
    names = ["Anna", "Bram", "Chris", "Dirk", "Eva", "Frits", "Gijs", "Hans", "Iris", "Joost"]
    rows = [row(n, f"06123456{n:02}", name, f"{name}sen") for n, name in enumerate(names)]
    found, _ = held(rows, ["x"] * len(rows))
    assert len(rows) > CROWD and found.contradicted.clusters == 1
    assert found.contradicted.customers > 1


ROWS = [*JAN, *SANNE, *FAR, row(6, "0612345671", "", "de Vries"), row(7, "0611111112", "Eva", "Smit")]


@given(st.lists(st.sampled_from("abc"), min_size=len(ROWS), max_size=len(ROWS)))
def test_every_cluster_of_several_customers_is_told_once(theirs: list[str]) -> None:
    found, ours = held(ROWS, theirs)
    several = {
        cluster
        for cluster in theirs
        if len({customer for customer, each in zip(ours, theirs, strict=True) if each == cluster}) > 1
    }
    told = found.contradicted.clusters + found.doubted.clusters + found.unproven.clusters
    assert told == len(several) and {each.theirs[0] for each in found.wrong} <= several
    spread = [len({t for o, t in zip(ours, theirs, strict=True) if o == customer}) for customer in set(ours)]
    assert found.missed.customers == sum(parts > 1 for parts in spread)
    assert found.merges == sum(parts - 1 for parts in spread)
    assert found.records == len(ROWS)
