from __future__ import annotations

from resolver.learn.frequencies import with_frequencies
from resolver.match.document import Document, check, shipped
from resolver.normalise.features import Features
from tests.learn.people import record

NOBODY: frozenset[str] = frozenset()


def learnt(nodes: list[Features]) -> Document:
    return check(with_frequencies(shipped(), nodes, NOBODY))


def others(count: int) -> list[Features]:
    return [record(given=f"given{'abcdefghij'[n % 10]}", family=f"family{n}") for n in range(count)]


def loyal(count: int) -> list[Features]:
    """One customer of many records, who keeps one mailbox and changes everything else."""
    return [
        record(given="Zebulon", family="Quackenbush", email="z@ons-dorp.nl", phone=f"+316120000{n:02}")
        for n in range(count)
    ]


def test_a_loyal_customer_does_not_make_a_name_common() -> None:
    table = learnt(others(500) + loyal(100))["names"]
    assert "zebulon" not in table["given"]
    assert "quackenbush" not in table["family"]


def test_a_name_that_many_people_bear_is_common() -> None:
    many = [record(given="Zebulon", family=f"family{n}", email=f"{n}@ons-dorp.nl") for n in range(200)]
    nodes = others(300) + many
    found = learnt(nodes)["names"]["given"]["zebulon"]
    rarest = shipped()["names"]["rarest_given_ppm"]
    assert 20 * rarest < found < 1_000_000 * 200 / 500


def test_records_joined_by_name_and_birth_are_one_person() -> None:
    same = [
        record(given="Zebulon", family="Quackenbush", birth="1960-02-03", phone=f"+316120000{n:02}")
        for n in range(50)
    ]
    assert "zebulon" not in learnt(others(500) + same)["names"]["given"]


def test_a_silent_value_joins_nobody() -> None:
    many = [record(given="Zebulon", family=f"family{n}", email="familie@ons-dorp.nl") for n in range(50)]
    joined = with_frequencies(shipped(), others(500) + many, NOBODY)["names"]["given"]
    generic = frozenset({"generic:email::familie@ons-dorp.nl"})
    apart = with_frequencies(shipped(), others(500) + many, generic)["names"]["given"]
    assert "zebulon" not in joined
    assert "zebulon" in apart


def test_a_name_that_few_bear_is_not_told() -> None:
    two = [record(given="Zebulon", family=f"family{n}", email=f"{n}@ons-dorp.nl") for n in range(2)]
    assert "zebulon" not in learnt(others(500) + two)["names"]["given"]


def test_no_name_is_rarer_than_the_rarest() -> None:
    table = learnt(others(5000))["names"]
    assert min(table["given"].values()) > table["rarest_given_ppm"]
    assert min(table["family"].values()) > table["rarest_family_ppm"]


def test_values_of_an_attribute_are_counted_where_enough_state_it() -> None:
    stated = [
        record(
            given="Jan",
            family=f"family{n}",
            attributes=[("occupation", "baker" if n % 2 else "farmer"), *([("badge", "x")] if n < 9 else [])],
        )
        for n in range(600)
    ]
    found = learnt(stated)["attributes"]["frequencies"]
    assert set(found) == {"occupation"}
    assert found["occupation"]["values"]["baker"] > 50_000
