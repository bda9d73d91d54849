from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from graph.model import RecordKey
from resolver.batch.dedupe import dedupe
from resolver.batch.inputs import Reading, inputs
from resolver.batch.readers import Row, read_mapping, rows
from resolver.batch.rejects import RejectFiles, rejects_paths
from resolver.batch.repeats import Repeats

HEADER = "first_name,last_name,email,phone,till"
WALK_IN = "walk in,N/A,-,0000000000,3"
ANNA = "Anna,Keller,anna.keller@gmail.com,,3"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "till.csv"


def read(file: Path, *lines: str) -> list[Row]:
    file.write_text("\n".join((HEADER, *lines, "")))
    return [row for row in rows(file, read_mapping(file), region="US") if isinstance(row, Row)]


def test_who_identifies_nobody_is_a_record_of_their_own_however_alike(file: Path) -> None:
    read(file, WALK_IN, ANNA, WALK_IN, ANNA, WALK_IN.replace("3", "4"))
    mapping = read_mapping(file)
    reading = Reading(inputs([file], [mapping]), RejectFiles(rejects_paths([file], file.parent)))
    at_once = dedupe(reading.lines(), make=reading.maker(region="US"), population=10**6)
    one_by_one = dedupe(rows(file, mapping, source="till", region="US"), population=10**6)
    for found in (at_once, one_by_one):
        assert found.counts.records == 4, "the two of Anna are one"
        customers = [row.customer for row in found.rows]
        assert customers[1] == customers[3]
        assert len(set(customers)) == 4
        assert [row.record_id for row in found.rows] == ["1", "2", "3", "4", "5"]
    assert [row.key and row.key.record_id for row in at_once.rows] == [
        row.key and row.key.record_id for row in one_by_one.rows
    ]


def test_the_same_file_in_another_order_has_the_same_ids(file: Path) -> None:
    lines = [WALK_IN] * 3 + [WALK_IN.replace("3", "4")] * 2 + ["," * 4] * 2
    straight = Counter(row.own_id for row in read(file, *lines))
    assert set(straight.values()) == {1} and len(straight) == len(lines)
    assert straight == Counter(row.own_id for row in read(file, *random.Random(1).sample(lines, len(lines))))


@pytest.mark.parametrize(
    ("line", "own"),
    [
        (ANNA, False),
        ("walk in,,,3038614142,", False),
        ("Anna,Keller,,,", True),
        ("Anna,Keller,info@acme.com,,", True),
        (",,n/a,unknown,", True),
        (",,,,", True),
    ],
)
def test_one_usable_identifier_is_enough_to_be_known_by_the_evidence(
    file: Path, line: str, own: bool
) -> None:
    (row,) = read(file, line)
    assert bool(row.own_id) == own


def test_a_row_with_an_id_or_a_contact_needs_none(file: Path) -> None:
    file.write_text("id,first_name,channel,date\n7,walk in,,\n,walk in,till,2024-01-02\n")
    assert [row.own_id for row in rows(file, read_mapping(file)) if isinstance(row, Row)] == ["", ""]


def test_keys_are_counted_source_by_source() -> None:
    repeats = Repeats()
    given = [RecordKey(source, "~row:a") for source in ("shop", "crm", "shop", "shop")]
    assert [each.record_id for each in map(repeats.key, given)] == [
        "~row:a",
        "~row:a",
        "~row:a:2",
        "~row:a:3",
    ]
