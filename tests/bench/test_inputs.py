from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bench.accuracy.datasets import Dataset
from bench.speed import inputs
from resolver.batch.readers import FileProblem
from resolver.v1 import resolution_service_pb2 as pb

SET = Dataset("x", "x.csv", "record_id", "who")
COLUMNS = ("who", "record_id", "channel", "created_at", "email")


def write(folder: Path, rows: int = 300) -> None:
    with (folder / "x.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(rows):
            writer.writerow((f"p{n // 3}", n, "shop", "2024-03-01T10:00:00Z", f"p{n // 3}@example.org"))


def ids(requests: inputs.Requests) -> set[int]:
    return {int(request.touchpoint.record.record_id) for request in requests}


def test_what_is_held_out_is_in_no_store(tmp_path: Path) -> None:
    write(tmp_path)
    read = inputs.read(SET, tmp_path)
    assert ids(read.known) | ids(read.asked) | ids(read.new) == set(range(300))
    assert len(read.known) + len(read.asked) + len(read.new) == 300
    assert len(read.asked) + len(read.new) == 300 // inputs.HELD_OUT_SHARE


def test_the_small_part_is_of_whole_people(tmp_path: Path) -> None:
    write(tmp_path)
    read = inputs.read(SET, tmp_path)
    people = {n // 3 for n in ids(read.few)}
    assert 5 <= len(people) <= 10
    assert ids(read.few) | ids(read.asked) == {
        n for n in range(300) if n // 3 in people | {n // 3 for n in ids(read.asked)}
    }
    assert not ids(read.few) & ids(read.asked)


def test_only_the_first_rows_are_taken(tmp_path: Path) -> None:
    write(tmp_path)
    read = inputs.read(SET, tmp_path, 50)
    assert ids(read.known) | ids(read.asked) | ids(read.new) == set(range(50))


def test_a_row_that_is_no_touchpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("who,record_id,email\n1,1,a@example.org\n")
    with pytest.raises(FileProblem, match="no touchpoint"):
        inputs.read(SET, tmp_path)


def test_later_touchpoints_say_the_same_of_the_same_records(tmp_path: Path) -> None:
    write(tmp_path, 20)
    known = inputs.read(SET, tmp_path).known
    later, latest = inputs.again(known, 1), inputs.again(known, 2)
    assert [each.evidence for each in later] == [each.evidence for each in known]
    assert [each.touchpoint.record for each in later] == [each.touchpoint.record for each in known]
    keys = {each.touchpoint.key.touchpoint_id for part in (known, later, latest) for each in part}
    assert len(keys) == 3 * len(known)
    for first, second, third in zip(known, later, latest, strict=True):
        assert first.record_version < second.record_version < third.record_version
    assert not any(each.HasField("evidence") for each in inputs.bare(later))


def test_a_stream_is_cut_into_messages(tmp_path: Path) -> None:
    write(tmp_path, 25)
    known = inputs.read(SET, tmp_path).known
    cut = [pb.StreamTouchpointsRequest.FromString(raw).touchpoints for raw in inputs.messages(known, 10)]
    assert [len(part) for part in cut] == [10, 10, len(known) - 20]
    assert [each for part in cut for each in part] == list(known)
