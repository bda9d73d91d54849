from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import islice
from pathlib import Path

import phonenumbers
import pytest

from graph.model import IdentifierKind
from resolver.batch.labels import read_labels
from resolver.batch.readers import Row, read_mapping, rows
from resolver.sample.__main__ import main, write
from resolver.sample.generate import COLUMNS, TRUTH, Sample, sample_rows, samples
from resolver.sample.scenarios import SCENARIOS, SHOP_PHONE, SHOWCASE, VISITOR


@pytest.fixture(scope="module")
def default() -> list[Sample]:
    return list(samples())


def column(sample: Sample, name: str) -> str:
    return sample.cells[COLUMNS.index(name)]


def told(sample: Sample, name: str) -> str:
    return sample.truth[TRUTH.index(name)]


def of(default: list[Sample], scenario: str) -> dict[str, list[Sample]]:
    """A scenario's touchpoints by person."""
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in default:
        if told(sample, "scenario") == scenario:
            found[told(sample, "person_id")].append(sample)
    return found


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    seen = []
    for number, seed in enumerate((7, 7, 8)):
        write(tmp_path / f"{number}.csv", tmp_path / f"{number}.truth.csv", 40, seed)
        seen.append([(tmp_path / f"{number}{end}.csv").read_bytes() for end in ("", ".truth")])
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[2][0]


def test_the_default_is_a_demonstration_in_size_and_speed() -> None:
    start = time.perf_counter()
    count = sum(1 for _ in samples())
    assert 1_800 <= count <= 2_300
    assert time.perf_counter() - start < 2


def test_it_streams() -> None:
    first = list(islice(samples(people=10**9), 100))
    assert len(first) == 100


def test_every_scenario_and_channel_is_there(default: list[Sample]) -> None:
    assert {told(sample, "scenario") for sample in default} == set(SCENARIOS)
    assert {column(sample, "channel") for sample in default} == {
        *("store", "web", "call_centre", "whatsapp", "instagram", "email", "app")
    }
    people = {told(sample, "person_id") for sample in default}
    people = {person for person in people if not person.startswith(VISITOR)}
    assert 300 <= len(people) <= 306


def test_the_truth_names_every_touchpoint_once_and_leaks_into_no_cell(default: list[Sample]) -> None:
    assert len({told(sample, "touchpoint_id") for sample in default}) == len(default)
    for sample in default:
        assert told(sample, "touchpoint_id") == column(sample, "touchpoint_id")
        assert told(sample, "person_id") not in sample.cells
        assert told(sample, "scenario") not in sample.cells


def test_a_record_is_one_persons(default: list[Sample]) -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sample in default:
        if column(sample, "record_id"):
            owners[told(sample, "source"), told(sample, "record_id")].add(told(sample, "person_id"))
    assert {len(people) for people in owners.values()} == {1}


def test_the_reader_takes_every_row_as_a_touchpoint(tmp_path: Path) -> None:
    out = tmp_path / "touchpoints.csv"
    assert main(["--people", "60", "--out", str(out), "--truth", str(tmp_path / "truth.csv")]) == 0
    mapping = read_mapping(out)
    assert not mapping.ignored
    read = list(rows(out, mapping, region="NL"))
    assert all(isinstance(row, Row) and row.touchpoint for row in read)
    assert [replace(row, raw="") for row in read if isinstance(row, Row)] == [
        row for row, _ in sample_rows(60)
    ]
    with (tmp_path / "truth.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(read)


def test_the_truth_is_read_as_labels_and_numbers_rows_as_dedupe_does(tmp_path: Path) -> None:
    out, truth = tmp_path / "touchpoints.csv", tmp_path / "truth.csv"
    write(out, truth, 2_500)
    labels = read_labels(truth)
    read = [row for row in rows(out, read_mapping(out), region="NL") if isinstance(row, Row)]
    assert len(read) > 1_000
    named = {(row.source, row.record_id or str(row.number)) for row in read}
    assert named == labels.keys()


def test_phones_are_valid_in_their_country(default: list[Sample]) -> None:
    for sample in default:
        phone = column(sample, "phone")
        if phone and phone != "0000000000":
            number = phonenumbers.parse(phone, column(sample, "country") or "NL")
            assert phonenumbers.is_valid_number(number), phone


def test_strangers_share_no_address(default: list[Sample]) -> None:
    shared = {"partners", "parent_and_child", "colleagues", "recycled_number", "dummy_values"}
    for name in ("email", "handle", "loyalty_id", "device_id"):
        owners: dict[str, set[str]] = defaultdict(set)
        for sample in default:
            if column(sample, name) and told(sample, "scenario") not in shared:
                owners[column(sample, name).lower()].add(told(sample, "person_id"))
        assert {value for value, people in owners.items() if len(people) > 1} == set()


def test_a_loyal_customer_has_a_hundred_touchpoints(default: list[Sample]) -> None:
    assert {len(found) for found in of(default, "loyal").values()} == {100}


def test_what_the_hard_scenarios_are_about(default: list[Sample]) -> None:
    assert any(
        column(s, "phone") == SHOP_PHONE for found in of(default, "shop_number").values() for s in found
    )
    visits = of(default, "visitor")
    assert len(visits) > 1 and all(person.startswith(f"{VISITOR}-") for person in visits)
    assert {
        kind
        for found in visits.values()
        for s in found
        for kind in ("email", "phone", "full_name")
        if column(s, kind)
    } == set()
    used: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for person, found in of(default, "recycled_number").items():
        for sample in found:
            if column(sample, "channel") == "whatsapp":
                used[column(sample, "phone")].append((column(sample, "occurred_at"), person))
    handed_on = [sorted(uses) for uses in used.values() if len({person for _, person in uses}) == 2]
    assert handed_on
    for uses in handed_on:
        first, last = uses[0], uses[-1]
        assert first[1] != last[1]
        assert int(last[0][:4]) - int(first[0][:4]) >= 2
    names: dict[str, set[str]] = defaultdict(set)
    for person, found in of(default, "father_and_son").items():
        for sample in found:
            if column(sample, "given_name") and column(sample, "surname"):
                names[column(sample, "given_name") + " " + column(sample, "surname")].add(person)
    assert any(len(people) > 1 for people in names.values())


def test_the_showcase_uses_every_channel_and_answers_on_whatsapp() -> None:
    found = [row for row, person in sample_rows(1) if person == SHOWCASE.id]
    contacts = [row.touchpoint for row in found if row.touchpoint]
    began = Counter(c.channel for c in contacts if c.direction == "inbound")
    assert len({c.channel for c in contacts}) == 7
    assert began["whatsapp"] > 2 * max(count for channel, count in began.items() if channel != "whatsapp")
    replied = Counter(c.channel for c in contacts if c.outcome == "replied")
    assert set(replied) == {"whatsapp"}
    assert max(c.occurred for c in contacts) - min(c.occurred for c in contacts) > 600 * 86_400_000_000
    cards = {
        i.raw.replace(" ", "")
        for row in found
        for i in row.evidence.identifiers
        if i.kind is IdentifierKind.LOYALTY
    }
    assert cards == {SHOWCASE.loyalty}
