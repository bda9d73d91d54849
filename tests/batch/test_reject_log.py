"""The file of rejected rows: what was not committed gives way, whatever was."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from resolver.batch.reject_log import RejectLog
from resolver.batch.rows import Reject


def reject(line: int, raw: str = "a,b") -> Reject:
    return Reject(line - 1, line, "not a time", "when", raw)


def lines(path: Path) -> list[int]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return [int(row["line"]) for row in csv.DictReader(file)]


def test_what_was_written_and_not_committed_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    log = RejectLog(path)
    first = log.put(0, [reject(2), reject(3)])
    assert (lines(path), path.stat().st_size) == ([2, 3], first)
    log.put(first, [reject(5), reject(6), reject(7)])
    assert lines(path) == [2, 3, 5, 6, 7]
    second = RejectLog(path).put(first, [reject(5)])
    assert lines(path) == [2, 3, 5]
    assert RejectLog(path).put(second, []) == second
    log.put(second, [reject(9)])
    assert log.put(second, []) == second and lines(path) == [2, 3, 5]


def test_no_reject_no_file_and_nothing_is_left_of_a_chunk_that_never_was(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    log = RejectLog(path)
    assert log.put(0, []) == 0 and not path.exists()
    log.put(0, [reject(2)])
    assert log.put(0, []) == 0 and path.read_bytes() == b""
    log.put(0, [reject(3)])
    assert lines(path) == [3]


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    log = RejectLog(path)
    size = log.put(0, [reject(2)])
    path.unlink()
    assert log.put(size, []) == 0 and not path.exists()
    log.put(size, [reject(9)])
    assert lines(path) == [9]


def test_damaged_bytes_are_written_as_they_came(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    RejectLog(path).put(0, [reject(2, b"\xff;x".decode("utf-8", "surrogateescape"))])
    assert b"\xff;x" in path.read_bytes()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        RejectLog(tmp_path / "absent" / "r.csv").put(0, [reject(2)])
