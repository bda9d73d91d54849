from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from resolver.learn.effort import Effort
from resolver.learn.partners import stay_apart
from resolver.learn.train import Grouping, Judged, named, train
from resolver.match.document import Document, read, shipped, write
from resolver.match.model import build
from resolver.normalise.features import Features
from tests.learn.people import customers, record

SMALL = Effort(random=20_000, session=5000, candidates=20_000)
PEOPLE = 700


def learnt(nodes: list[Features], seed: int = 0, population: int = 1000) -> Document:
    return train(nodes, population=population, rows=len(nodes), seed=seed, effort=SMALL)


@pytest.fixture(scope="module")
def nodes() -> list[Features]:
    return customers(PEOPLE)


@pytest.fixture(scope="module")
def document(nodes: list[Features]) -> Document:
    return learnt(nodes)


def account(document: Document, variable: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = document["learnt"]["comparisons"][variable]
    return told


def test_how_often_people_keep_their_phone_is_found(document: Document) -> None:
    phone = document["comparisons"]["phone"]
    assert phone["equal"]["m"] == pytest.approx(0.7, abs=0.06)
    assert phone["different"]["m"] == pytest.approx(0.3, abs=0.06)
    assert "m" in account(document, "phone")["learnt"]


def test_how_often_a_name_is_misspelt_is_found(document: Document) -> None:
    given = document["comparisons"]["given"]
    assert given["equal"]["m"] == pytest.approx(0.9, abs=0.05)


def test_how_many_records_a_person_has_is_found(document: Document) -> None:
    # Two records of each of 700: of all pairs one in 1399 is one person's.
    share = document["prior"]["records_per_customer"] / 1000
    assert share == pytest.approx(1 / (2 * PEOPLE - 1), rel=0.15)


def test_strangers_sharing_an_identifier_are_not_inflated_by_true_matches(
    document: Document, nodes: list[Features]
) -> None:
    phones = [next(v.identifier.value for v in node.values if v.identifier.kind == "phone") for node in nodes]
    counts = np.array([phones.count(phone) for phone in set(phones)])
    naive = (counts * (counts - 1)).sum() / (len(nodes) * (len(nodes) - 1)) * 1000
    assert naive > 0.3  # what random pairs say: all of it true matches
    assert document["comparisons"]["phone"]["equal"]["shared"] < naive / 10
    assert "shared" in account(document, "phone")["learnt"]


def test_strangers_who_do_share_a_number_are_counted() -> None:
    plain = customers(PEOPLE)
    chance = random.Random(2)
    recycled = list(plain)
    for number in range(0, 2 * PEOPLE, 20):
        # Somebody else's record with the number that this one had.
        given, family = chance.choice(("greta", "hugo")), f"recycler{number}"
        phone = next(v.identifier.value for v in plain[number].values if v.identifier.kind == "phone")
        recycled.append(
            record(
                given=given, family=family, birth=f"19{40 + number % 50}-05-0{1 + number % 9}", phone=phone
            )
        )
    before, after = (learnt(each)["comparisons"]["phone"]["equal"]["shared"] for each in (plain, recycled))
    assert after > 3 * before


def test_chances_of_strangers_do_not_count_true_matches(document: Document) -> None:
    # One pair in 1399 is one person's and born on one day; of strangers one pair in some 22,000 is.
    assert document["comparisons"]["birth"]["equal"]["u"] < 1 / 5000


def test_what_was_not_there_stays_and_is_told(document: Document) -> None:
    for name in ("handle", "loyalty", "postcode:fine", "birth:year"):
        comparison = name.partition(":")[0]
        told = account(document, name)
        assert told["learnt"] == []
        assert any("are needed" in reason for reason in told["prior"])
        for level, numbers in shipped()["comparisons"][comparison].items():
            if comparison in {"handle", "loyalty"}:
                assert document["comparisons"][comparison][level] == numbers


def test_what_tells_a_household_apart_is_not_learnt(document: Document) -> None:
    for level, numbers in document["comparisons"]["given"].items():
        if level != "why":
            assert numbers["h"] == shipped()["comparisons"]["given"][level]["h"]
    assert any("without labels" in reason for reason in account(document, "given")["prior"])


def test_a_level_that_was_hardly_seen_stays_and_is_told(document: Document) -> None:
    prior = shipped()["comparisons"]["family"]["part"]
    # m is told as a share of the levels that exclude each other, so by the same numbers.
    assert document["comparisons"]["family"]["part"]["m"] == pytest.approx(prior["m"], rel=0.1)
    assert any("part" in reason for reason in account(document, "family")["prior"])


def test_the_same_records_and_seed_give_the_same_bytes(nodes: list[Features], document: Document) -> None:
    turned = random.Random(8).sample(nodes, len(nodes))
    assert write(learnt(turned)) == write(document)
    assert learnt(nodes, seed=5)["version"] != document["version"]


def test_a_learnt_document_is_whole_and_names_itself(document: Document) -> None:
    assert read(write(document)) == document
    assert document["version"] == named(document)
    assert build(document, 1000).version == f"{document['version']}/1000"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_records_teach_nothing(count: int) -> None:
    found = learnt(customers(1)[:count])
    assert found["comparisons"] == shipped()["comparisons"]
    assert found["prior"] == shipped()["prior"]
    assert found["names"] == {**shipped()["names"], **{k: found["names"][k] for k in ("given", "family")}}


def test_households_are_not_learnt_as_one_person() -> None:
    people = customers(PEOPLE)
    # Couples: another given name and birth at the same phone, with one surname.
    partners: list[Features] = []
    for number in range(0, PEOPLE, 2):
        one = people[number]
        assert one.name is not None
        phone = next(v.identifier.value for v in one.values if v.identifier.kind == "phone")
        partners.extend(
            record(
                given="wilhelmina",
                family=" ".join(one.name.family),
                birth=f"{1930 + number % 60}-11-{1 + number % 28:02}",
                phone=phone,
                email=mailbox,
            )
            for mailbox in ("", f"partner{number}@ons-dorp.nl")
        )
    document = learnt(people + partners)
    found, before = document["comparisons"], shipped()["comparisons"]
    # m is told as a share of the levels that exclude each other, so by nearly the same numbers.
    for name in ("given", "birth"):
        assert found[name]["different"]["m"] <= 2.1 * before[name]["different"]["m"]
    assert found["birth"]["equal"]["m"] > 0.8
    assert stay_apart(document, 1000, 0.99)


def test_fixed_lines_are_learnt_apart_from_other_numbers(document: Document) -> None:
    # All of these people's numbers are mobile ones.
    assert document["comparisons"]["phone"]["landline"] == shipped()["comparisons"]["phone"]["landline"]
    assert account(document, "phone:landline")["learnt"] == []


def test_a_pair_that_is_judged_as_one_and_within_a_judgement_counts_once() -> None:
    one, other, third, fourth = customers(2)
    groupings = [Grouping(((other, one),)), Grouping(((one, other), (third, fourth)))]
    for judged, same in (((), 1), ([Judged(one, other, True)], 1), ([Judged(one, other, False)], 0)):
        document = train(
            [one, other, third, fourth], population=10, rows=4, judged=judged, groupings=groupings
        )
        told = document["learnt"]["judgements"]
        assert (told["same"], told["different"]) == (same, 2 - same)
        assert (told["given"], told["in_force"]) == (len(judged), 2)
