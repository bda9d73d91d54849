from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from resolver.batch.labels import column, match, numbered, read_labels
from resolver.batch.problems import FileProblem
from resolver.batch.rows import Refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


def test_the_names_of_the_columns_do_not_matter_but_source_does(path: Path) -> None:
    path.write_text("who;cluster;remark\na;1;\nb;1;x\n")
    assert read_labels(path) == {("", "a"): "1", ("", "b"): "1"}
    path.write_text("Source,record_id,customer_id\nshop,a,1\ncrm,a,2\n")
    assert read_labels(path) == {("shop", "a"): "1", ("crm", "a"): "2"}
    path.write_text("record_id,customer_id,source\na,1,shop\na,1,shop\n")
    assert read_labels(path) == {("shop", "a"): "1"}
    path.write_bytes(gzip.compress(b"\xef\xbb\xbfid,c\n 1,'x'\n"))
    assert read_labels(path) == {("", " 1"): "'x'"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "the file is empty"),
        ("a\n1\n", "two columns are expected"),
        ("source,a\n1,2\n", "two columns are expected"),
        ("a,b\n", "no row in it"),
        ("a,b\n1,x\n2,\n", "line 3: column 'b' is empty"),
        ("a,b\n 	,x\n", "line 2: column 'a' is empty"),
        ("a,b\n1,x\n1,y\n", "line 3: column 'b' differs"),
        ("a,b\n1,x,y\n", "line 2: has 3 fields"),
        ('a,b\n1,"x\n2,y\n', "line 2: a quote is left open"),
        ("a,b\n\n1,x\n\n1,y\n", "line 5: column 'b' differs"),
    ],
)
def test_what_is_wrong_is_told_by_its_line_without_its_value(path: Path, content: str, told: str) -> None:
    path.write_text(content)
    with pytest.raises(FileProblem) as problem:
        read_labels(path)
    assert told in str(problem.value) and str(problem.value).startswith(str(path))
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "content", [b"\x00\x01,\xff\n\x00", b"PK\x03\x04zip", b"\xff\xfea\x00", b"a,b\n\xff,\n"]
)
def test_hostile_bytes_are_one_line(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(FileProblem) as problem:
        read_labels(path)
    assert len(str(problem.value).splitlines()) == 1


def test_a_partial_file_may_lack_labels(path: Path) -> None:
    path.write_text("a,b\n1,x\n2,\n")
    assert read_labels(path, partial=True) == {("", "1"): "x"}
    path.write_text("a,b\n2,\n")
    with pytest.raises(FileProblem, match="no row in it that has a label"):
        read_labels(path, partial=True)


def test_what_only_one_has_is_counted(path: Path) -> None:
    both = match({("", "a"): "1", ("", "b"): "2", ("", "c"): "2"}, {("", "b"): "x", ("", "d"): "y"}, path)
    assert both == ((("", "b"),), ("2",), ("x",), 2, 1)


def test_sources_are_compared_only_where_both_tell_them(path: Path) -> None:
    sourced = {("shop", "a"): "1", ("crm", "b"): "2"}
    assert match(sourced, {("", "b"): "x"}, path).records == (("", "b"),)
    assert match(sourced, {("crm", "a"): "x"}, path).records == ()
    with pytest.raises(FileProblem, match="several sources"):
        match({**sourced, ("crm", "a"): "1"}, {("", "a"): "x"}, path)


def test_a_column_is_read_by_the_numbers_that_rows_have(path: Path) -> None:
    path.write_text('id,truth\n1,x\n2,y,z\n3,\n"4\n5,w\n')
    assert dict(column([path], "truth")) == {1: "x", 5: "w"}
    assert [(row.number, row.line, isinstance(row.cells, Refused)) for row in numbered(path)] == [
        (1, 2, False),
        (2, 3, True),
        (3, 4, False),
        (4, 5, True),
        (5, 6, False),
    ]
    with pytest.raises(FileProblem, match="no column 'person'"):
        dict(column([path], "person"))


def test_a_column_is_read_over_several_files(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path, text in zip(
        paths, ("id,truth\n1,x\n2\n", "id\n1\n2\n", '{"truth":"y"}\n{"id":3}'), strict=True
    ):
        path.write_text(text)
    assert dict(column(paths, "truth")) == {1: "x", 5: "y"}
    with pytest.raises(FileProblem, match="no column 'person'"):
        dict(column(paths, "person"))
