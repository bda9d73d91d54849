from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.model import Evidence, IdentifierKind, RecordKey, StatedIdentifier
from resolver.normalise.evidence import fingerprint, normalise
from resolver.resolve.keys import half_year, record_key, statement

PHONE = Evidence((StatedIdentifier(IdentifierKind.PHONE, "06 12345671"),), region="NL")
DEVICE = Evidence((StatedIdentifier(IdentifierKind.DEVICE, "till 3"),), given_name="Jan")


def micros(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1_000_000)


def made(evidence: Evidence, occurred: int | None, touchpoint: str = "t1", record: str = "") -> RecordKey:
    return record_key("shop", record, evidence, normalise(evidence), occurred, touchpoint)


def test_a_source_names_its_own_records() -> None:
    assert made(PHONE, micros(2026, 3, 1), record="17") == ("shop", "17")


def test_evidence_of_one_half_year_is_one_record_and_of_the_next_another() -> None:
    first = made(PHONE, micros(2026, 1, 1))
    assert first == made(PHONE, micros(2026, 6, 30, 23), "t2")
    assert first != made(PHONE, micros(2026, 7, 1))
    assert first.record_id == f"~2026H1:{fingerprint(PHONE)}"


def test_evidence_without_a_usable_identifier_is_its_touchpoints_alone() -> None:
    assert made(DEVICE, micros(2026, 3, 1), "t9") == ("shop", "~touchpoint:t9")


def test_evidence_without_a_time_is_named_by_its_digest() -> None:
    assert made(PHONE, None, "").record_id == f"~evidence:{fingerprint(PHONE)}"
    assert made(DEVICE, None, "").record_id == f"~evidence:{fingerprint(DEVICE)}"


@pytest.mark.parametrize(("moment", "half"), [(0, "1970H1"), (-1, "1969H2")])
def test_half_years_are_of_utc(moment: int, half: str) -> None:
    assert half_year(moment) == half


def test_the_greatest_version_stands_and_a_deletion_wins_at_an_equal_one() -> None:
    unknown, timed, given_ = statement(None, None, PHONE), statement(None, 5, PHONE), statement(6, 5, PHONE)
    gone = statement(6, None, None, deleted=True)
    assert unknown.rank < timed.rank < given_.rank < gone.rank < statement(7, None, PHONE).rank
    assert given_.digest == statement(8, None, PHONE).digest != statement(8, None, DEVICE).digest


def test_a_deletion_needs_a_version_and_anything_else_evidence() -> None:
    with pytest.raises(ValueError, match="version"):
        statement(None, 5, None, deleted=True)
    with pytest.raises(ValueError, match="evidence"):
        statement(5, None, None)
