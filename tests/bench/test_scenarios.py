from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.accuracy.scenarios import Row, Scenario, Truth, all_scenarios, scenario
from bench.accuracy.scenarios.__main__ import main
from bench.accuracy.scenarios.examples import examples
from bench.accuracy.scenarios.junk import DUMMIES
from bench.accuracy.scenarios.loyal import SIZES
from bench.accuracy.scenarios.measure import customers, figures, measured, resolve
from bench.accuracy.scenarios.names import ALIKE, COUNTRIES, TABLES
from bench.accuracy.scenarios.noise import NOISE, Noise
from bench.accuracy.scenarios.people import People
from bench.accuracy.scenarios.records import COLUMNS, IDENTIFIERS, Ledger
from bench.accuracy.scenarios.scenario import APART, Target
from resolver.batch.mapping import guess
from resolver.resolve.settings import Policy

SEED = 7
PEOPLE = 60
SCENARIOS = pytest.mark.parametrize("each", all_scenarios(), ids=lambda each: each.name)

Records = Mapping[str, list[Row]]


def people_of(name: str, people: int = PEOPLE) -> Records:
    """The rows of each of a scenario's own people."""
    rows, truth = scenario(name).generate(SEED, people)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        person = truth.person[row["record_id"]]
        if person in truth.groups:
            found[person].append(row)
    return found


def number_of(person: str) -> int:
    """People are numbered as they are made."""
    return int(person[1:])


def pairs_of(name: str, people: int = PEOPLE) -> list[tuple[list[Row], list[Row]]]:
    """The rows of each two people that a scenario made after one another, in pairs."""
    found = people_of(name, people)
    made = sorted(found, key=number_of)
    return [(found[one], found[two]) for one, two in zip(made[::2], made[1::2], strict=True)]


def filled(rows: Iterable[Row], column: str) -> list[str]:
    return [row[column] for row in rows if row[column]]


def phones(rows: Iterable[Row]) -> set[str]:
    """Telephone numbers in E.164, however they are written."""
    found = set()
    for row in rows:
        if row["phone"]:
            number = phonenumbers.parse(row["phone"], row["country"])
            found.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return found


def mailboxes(rows: Iterable[Row]) -> set[str]:
    """Mailboxes without tags and capitals."""
    return {re.sub(r"\+\w+@", "@", each.lower()) for each in filled(rows, "email")}


def cards(rows: Iterable[Row]) -> set[str]:
    return {each.replace(" ", "") for each in filled(rows, "loyalty_id")}


def share(shared: Iterable[bool]) -> float:
    told = list(shared)
    return sum(told) / len(told)


@SCENARIOS
def test_the_same_seed_gives_the_same_rows(each: Scenario) -> None:
    first, second, other = (each.generate(seed, PEOPLE) for seed in (1, 1, 2))
    assert first == second
    assert first[0] != other[0]


@SCENARIOS
def test_every_row_is_known_and_can_be_read(each: Scenario) -> None:
    rows, truth = each.generate(SEED, PEOPLE)
    assert [row["record_id"] for row in rows] == list(truth.person)
    assert len(truth.groups) == PEOPLE
    assert truth.groups.keys() <= set(truth.person.values())
    assert set(truth.person.values()) > truth.groups.keys()
    for row in rows:
        assert tuple(row) == COLUMNS
        named = ("given_name", "surname", "full_name", "device_id")
        assert any(row[column] for column in (*IDENTIFIERS, *named))


def test_every_column_is_one_that_dedupe_knows() -> None:
    assert guess(COLUMNS).ignored == ()


def test_own_identifiers_are_those_of_one_person() -> None:
    rng = Random(1)
    people, ledger = People(rng), Ledger(rng)
    one, two = people.person(), people.person()
    ledger.add(one, ("email", "phone"))
    ledger.add(one, ("name",), other={"loyalty_id": "77"})
    ledger.add(two, ("name",), other={"loyalty_id": "77"})
    ledger.add(two, ("name", "handle"), other={"loyalty_id": "77"})
    ledger.add(two, ("name",), as_is={"phone": "0600000000"})
    rows, truth = ledger.close()
    kept = {record: row for row in rows if (record := row["record_id"]) in truth.own}
    assert sorted((truth.person[record], bool(row["handle"])) for record, row in kept.items()) == sorted(
        [(one.key, False), (two.key, True)]
    )


@given(st.integers())
@settings(max_examples=20)
def test_nobody_is_given_what_another_has(seed: int) -> None:
    people = People(Random(seed))
    made = [people.person() for _ in range(40)]
    for attribute in ("key", "phone", "email", "handle", "card", "device"):
        assert len({getattr(person, attribute) for person in made}) == len(made)


@pytest.mark.parametrize("country", COUNTRIES)
def test_numbers_are_valid_in_their_country(country: str) -> None:
    people = People(Random(country))
    for number in [draw(country) for draw in (people.mobile, people.landline) for _ in range(50)]:
        assert phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)


@pytest.mark.parametrize("country", COUNTRIES)
def test_alike_names_are_alike_and_not_equal(country: str) -> None:
    assert len(set(TABLES[country].women)) == len(TABLES[country].women)
    for sex in "fm":
        for one, two in ALIKE[sex][country]:
            assert one != two


@given(st.integers(), st.sampled_from(COUNTRIES))
@settings(max_examples=50)
def test_noise_keeps_the_value_recognisable(seed: int, country: str) -> None:
    rng = Random(seed)
    person = People(rng).person(country=country)
    careful = Noise(wrong=0, typo=0, missing=0)
    row = {"phone": person.phone, "email": person.email, "loyalty_id": person.card, "country": country}
    written = careful.row(rng, row)
    assert phones([written]) == {person.phone}
    assert mailboxes([{**written}]) == {person.email}
    assert cards([written]) == {person.card}


def test_noise_does_what_it_says_as_often_as_it_says() -> None:
    rng = Random(1)
    people = [People(rng).person() for _ in range(400)]
    row = [NOISE.row(rng, {"email": p.email, "phone": p.phone, "given_name": p.given}) for p in people]
    assert 0.01 < share("+" in each["email"] for each in row) < 0.1
    assert 0.3 < share(each["phone"] != p.phone for each, p in zip(row, people, strict=True)) < 0.7
    assert 0.01 < share(not each["given_name"] for each in row) < 0.1
    kept = [NOISE.row(rng, {"email": p.email}, keep=frozenset({"email"})) for p in people]
    assert all(each["email"] for each in kept)


def connected(rows: list[Row]) -> bool:
    """Whether a chain of equal identifiers joins all rows."""
    stated = [{(column, row[column]) for column in IDENTIFIERS if row[column]} for row in rows]
    joined, left = stated[0], stated[1:]
    while near := [each for each in left if each & joined]:
        joined = joined.union(*near)
        left = [each for each in left if each not in near]
    return not left


def test_loyal_customers_are_connected_by_one_or_two_identifiers() -> None:
    found = people_of("loyal", 14)
    assert Counter(map(len, found.values())) == dict.fromkeys(SIZES, 2)
    for rows in found.values():
        assert all(1 <= sum(bool(row[column]) for column in IDENTIFIERS) <= 2 for row in rows)
        assert connected(rows)


def test_partners_share_telephone_and_mailbox_and_differ_in_the_rest() -> None:
    found = pairs_of("household")
    assert share(bool(phones(one) & phones(two)) for one, two in found) > 0.9
    assert share(bool(mailboxes(one) & mailboxes(two)) for one, two in found) > 0.9
    for one, two in found:
        assert not cards(one) & cards(two)
        assert not {*filled(one, "handle")} & {*filled(two, "handle")}
    everybody = [row for pair in found for rows in pair for row in rows]
    assert 0.05 < share(not row["given_name"] and not row["full_name"] for row in everybody) < 0.4
    assert share(any(row[each] for each in ("loyalty_id", "handle")) for row in everybody) > 0.5


def years(rows: Iterable[Row]) -> set[int]:
    """Birth years as they are meant, the commonest reading of mistyped ones too."""
    return {int(match[0]) for each in filled(rows, "birth_date") if (match := re.search(r"\d{4}", each))}


def test_parent_and_child_are_a_generation_apart_on_one_telephone() -> None:
    found = pairs_of("parent_child")
    assert share(bool(phones(one) & phones(two)) for one, two in found) > 0.9
    gaps = [abs(a - b) for one, two in found for a in years(one) for b in years(two)]
    assert gaps and min(gaps) >= 18
    assert share(not (years(one) and years(two)) for one, two in found) > 0.1


def test_father_and_son_have_one_name_and_two_birth_dates() -> None:
    found = pairs_of("father_son")
    assert share(bool(phones(one) & phones(two)) for one, two in found) > 0.5
    for one, two in found:
        assert years(one) and years(two)
        assert not years(one) & years(two)
        assert not cards(one) & cards(two)
        assert not mailboxes(one) & mailboxes(two)
    full = [{name.lower() for name in filled([*one, *two], "surname")} for one, two in found]
    assert share(len(names) <= 2 for names in full) > 0.6


def test_twins_have_one_birth_date_and_two_given_names() -> None:
    _, truth = scenario("twins").generate(SEED, PEOPLE)
    assert set(truth.groups.values()) == {"names alike", "names apart"}
    found = pairs_of("twins")
    told = [(one, two) for one, two in found if filled(one, "birth_date") and filled(two, "birth_date")]
    assert share(bool(years(one) & years(two)) for one, two in told) > 0.9
    assert share(bool(phones(one) & phones(two)) for one, two in found) > 0.3
    assert share(not mailboxes(one) & mailboxes(two) for one, two in found) == 1


def test_colleagues_share_a_switchboard_under_different_surnames() -> None:
    found = people_of("colleagues")
    holders = Counter(number for rows in found.values() for number in phones(rows))
    assert max(holders.values()) >= 3
    info = Counter(box for rows in found.values() for box in mailboxes(rows) if box.startswith("info@"))
    assert max(info.values()) >= 2
    assert share(any(not box.startswith("info@") for box in mailboxes(rows)) for rows in found.values()) > 0.9


def test_a_recycled_number_changes_hands_once_and_late() -> None:
    found = pairs_of("recycled")
    both = [pair for pair in found if phones(pair[0]) & phones(pair[1])]
    assert len(both) > len(found) / 2
    for before, after in found:
        assert max(filled(before, "occurred_at")) < "2019"
        assert min(filled(after, "occurred_at")) >= "2021"


def test_guests_borrow_a_mailbox_once_and_have_their_own_identifiers() -> None:
    found = pairs_of("guest_checkout")
    assert share(bool(mailboxes(host) & mailboxes(guest)) for host, guest in found) > 0.9
    for host, guest in found:
        assert sum(box in mailboxes(host) for box in map(str.lower, filled(guest, "email"))) <= 1
        assert phones(guest) - phones(host)


def test_one_till_card_is_on_two_hundred_people() -> None:
    found = people_of("till_card", 400)
    holders = Counter(card for rows in found.values() for card in cards(rows))
    assert sorted(holders.values()) == [200, 200]


def test_dummies_are_on_many_people() -> None:
    found = people_of("dummies")
    for column in ("phone", "email", "birth_date", "loyalty_id"):
        held = Counter(value for rows in found.values() for value in {*filled(rows, column)})
        assert all(held[value] > 2 for value in DUMMIES[column])


def test_visitors_leave_a_device_and_nothing_of_their_own() -> None:
    rows, truth = scenario("visitors").generate(SEED, PEOPLE)
    devices: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        person = truth.person[row["record_id"]]
        if truth.groups.get(person) == "visitors":
            assert {column for column in IDENTIFIERS if row[column]} <= {"phone", "email"}
            assert row["phone"] in {"", *DUMMIES["phone"]} and row["email"] in {"", *DUMMIES["email"]}
            assert not row["given_name"] and not row["full_name"]
        if person in truth.groups:
            devices[row["device_id"]].add(person)
    assert max(map(len, devices.values())) > 1


def test_who_moved_and_married_keeps_what_the_group_says() -> None:
    rows, truth = scenario("moved_married").generate(SEED, PEOPLE)
    before: dict[str, list[Row]] = defaultdict(list)
    after: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        person = truth.person[row["record_id"]]
        if person in truth.groups:
            (before if row["occurred_at"] < "2020" else after)[person].append(row)
    assert before.keys() == after.keys() == truth.groups.keys()
    for person, group in truth.groups.items():
        same_phone, same_mailbox = (
            bool(read(before[person]) & read(after[person])) for read in (phones, mailboxes)
        )
        assert not (same_phone and group != "keeps phone")
        assert not (same_mailbox and group != "keeps email")
    for group, read in (("keeps phone", phones), ("keeps email", mailboxes)):
        people = [person for person, told in truth.groups.items() if told == group]
        assert share(bool(read(before[each]) & read(after[each])) for each in people) > 0.9


def test_namesakes_share_a_name_and_a_town_and_no_identifier() -> None:
    found = people_of("namesakes")
    named = Counter(whole for rows in found.values() for whole in {*filled(rows, "full_name")})
    assert sum(people > 1 for people in named.values()) > 5
    made = [{city.lower() for city in filled(found[key], "city")} for key in sorted(found, key=number_of)]
    towns = list(pairwise(made))
    assert share(bool(one & two) for one, two in towns) > 0.3
    for one, two in combinations(found.values(), 2):
        assert not phones(one) & phones(two)
        assert not cards(one) & cards(two)


def partition(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """`a:A/1` is a record of customer A and person 1; the ids are a, b, c."""
    told = [each.replace(":", "/").split("/") for each in text.split()]
    return {record: customer for record, customer, _ in told}, {record: who for record, _, who in told}


def test_figures_of_a_partition_made_by_hand() -> None:
    # 1 is whole but for d and shares a customer with 2, who is of no group; 3 is in two customers.
    customer, person = partition("a:A/1 b:A/1 c:A/2 d:B/1 e:C/3 f:D/3 g:E/2")
    truth = Truth(person, {"1": "x", "3": "y"}, frozenset("abe"))
    x, y, both = figures(customer, truth, [("d", "b"), ("e", "g")])
    assert (x.group, x.people, x.records, x.mixed) == ("x", 1, 3, 10_000)
    assert (x.precision, x.recall, x.recall_own) == (1 / 3, 1 / 3, 1.0)
    assert (x.suggestions, x.covered, x.suggested_precision) == (1, 1.0, 2 / 3)
    assert (y.mixed, y.precision, y.recall, y.recall_own) == (0, 1.0, 0.0, 1.0)
    assert (y.suggestions, y.covered, y.suggested_precision) == (1, 0.0, 0.0)
    assert (both.group, both.people, both.records, both.mixed) == ("all", 2, 5, 5_000)
    assert (both.precision, both.recall, both.recall_own) == (1 / 3, 1 / 4, 1.0)
    assert (both.suggestions, both.covered, both.suggested_precision) == (2, 2 / 3, 1 / 2)


def test_a_perfect_partition_reaches_every_target() -> None:
    _, truth = scenario("twins").generate(SEED, PEOPLE)
    for line in figures(truth.person, truth):
        assert (line.mixed, line.precision, line.recall, line.recall_own) == (0, 1, 1, 1)
        assert line.reaches(APART) and line.reaches(Target(0, 1))


def test_one_customer_of_all_reaches_none() -> None:
    _, truth = scenario("twins").generate(SEED, PEOPLE)
    for line in figures(dict.fromkeys(truth.person, "everybody"), truth):
        assert (line.mixed, line.recall) == (10_000, 1)
        assert line.precision < 0.1 and not line.reaches(APART)


def test_every_record_alone_reaches_none() -> None:
    _, truth = scenario("twins").generate(SEED, PEOPLE)
    for line in figures({record: record for record in truth.person}, truth):
        assert (line.mixed, line.precision, line.recall, line.recall_own) == (0, 1, 0, 0)
        assert not line.reaches(APART)


@SCENARIOS
def test_most_of_everybody_is_found_and_nearly_nobody_is_mixed_with_a_stranger(each: Scenario) -> None:
    result = measured(each, SEED, PEOPLE, Policy())
    overall = result.figures[-1]
    assert result.population in {100, 1000, 10_000}
    assert overall.recall_own > 0.3
    # Those who share most may still be mixed with each other, never with more than their household.
    assert overall.mixed < 5_000


def test_a_till_card_merges_nobody(tmp_path: Path) -> None:
    rows, truth = scenario("till_card").generate(SEED, 200)
    customer = customers(resolve(rows, Policy(), tmp_path))
    inside: dict[str, set[str]] = defaultdict(set)
    for record, person in truth.person.items():
        inside[customer[record]].add(person)
    at_the_till = [people & truth.groups.keys() for people in inside.values()]
    assert sum(len(people) > 1 for people in at_the_till) <= 1
    assert max(map(len, at_the_till)) <= 2


def test_a_device_and_dummies_make_no_customer_of_several_visitors(tmp_path: Path) -> None:
    rows, truth = scenario("visitors").generate(SEED, 200)
    customer = customers(resolve(rows, Policy(), tmp_path))
    visits = [each for each, person in truth.person.items() if truth.groups.get(person) == "visitors"]
    assert len({customer[each] for each in visits}) == len(visits)


def test_examples_show_two_sides_with_their_evidence() -> None:
    found = examples(scenario("father_son"), SEED, PEOPLE, Policy(), 2)
    assert found
    for each in found:
        assert each.left and each.right
        assert f"{each.kind} (" in each.told() and "priors" in each.told()


def test_the_command_writes_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scenarios.md"
    assert main(["--only", "household", "--people", "40", "--out", str(out), "--threshold", "0.95"]) == 0
    assert "| household | partners | 40 |" in out.read_text()
    assert out.read_text() == capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--only", "nothing of the kind"])


def test_a_birth_date_is_of_the_years_told() -> None:
    people = People(Random(1))
    assert {people.birth(1970, 1971).year for _ in range(50)} == {1970, 1971}
