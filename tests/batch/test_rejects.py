from __future__ import annotations

import csv
from pathlib import Path

from resolver.batch.readers import Reject, read_mapping, rows
from resolver.batch.rejects import RejectFile, RejectFiles, rejects_path, rejects_paths


def test_no_reject_no_file(tmp_path: Path) -> None:
    with RejectFile(rejects_path(tmp_path / "in.csv", tmp_path)) as rejects:
        pass
    assert rejects.count == 0
    assert not rejects.path.exists()


def test_a_reject_says_where_and_why_and_keeps_the_row_as_it_came(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out"
    out.mkdir()
    source.write_bytes(b'id,name\n1,J\xf6rg\n2,ok\n3,"a"b,c\n')
    with RejectFile(rejects_path(source, out)) as rejects:
        for row in rows(source, read_mapping(source)):
            if isinstance(row, Reject):
                rejects.write(row)
    assert rejects.count == 2
    assert rejects.path == out / "in.csv.rejects.csv"
    with rejects.path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(r["line"], r["reason"], r["field"]) for r in told] == [
        ("2", "not valid UTF-8", "name"),
        ("4", "a quote is broken", ""),
    ]
    assert told[0]["row"].encode("utf-8", "surrogateescape") == b"1,J\xf6rg"
    assert told[1]["row"] == '3,"a"b,c'


def test_rejects_of_files_of_one_name_do_not_meet() -> None:
    paths = rejects_paths([Path("a/x.csv"), Path("b/x.csv"), Path("y.csv")], Path("out"))
    assert [path.name for path in paths] == ["x.csv.rejects.csv", "x.csv.2.rejects.csv", "y.csv.rejects.csv"]
    assert {path.parent for path in paths} == {Path("out")}


def test_each_file_has_its_rejects(tmp_path: Path) -> None:
    one, other, clean = (tmp_path / name for name in ("one", "other", "clean"))
    with RejectFiles([one, other, clean]) as rejects:
        assert rejects.told() == "0 rejected"
        for place, line in ((1, 2), (0, 3), (1, 4)):
            rejects.write(place, Reject(line, line, "why", "", "row"))
    assert rejects.count == 3
    assert rejects.told() == f"3 rejected, in {one}, {other}"
    assert [len(path.read_text().splitlines()) for path in (one, other)] == [2, 3]
    assert not clean.exists()
