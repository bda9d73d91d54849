from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import IdentifierKind
from resolver.batch import json_lines, text_file
from resolver.batch.labels import numbered
from resolver.batch.mapping import guess
from resolver.batch.readers import FileProblem, Reject, Row, cells, header, read_mapping, rows
from resolver.batch.rows import Refused


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in.dat"


def read(path: Path, content: bytes | str) -> list[Row | Reject]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(rows(path, read_mapping(path)))


def ids(found: list[Row | Reject]) -> list[str]:
    return [row.record_id for row in found if isinstance(row, Row)]


def rejected(found: list[Row | Reject]) -> list[tuple[int, int, str, str]]:
    return [(row.number, row.line, row.field, row.reason) for row in found if isinstance(row, Reject)]


def table(path: Path, content: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    path.write_text(content)
    return header(path), list(cells(path))


def test_the_header_is_every_name_in_order_of_appearance(file: Path) -> None:
    lines = '{"id":"1","name":"Eva"}\n\n  \n{"phone":"06","id":"2"}\r\n{}\n'
    assert table(file, lines) == (("id", "name", "phone"), [("1", "Eva", ""), ("2", "", "06"), ("", "", "")])


def test_values_are_what_csv_would_hold(file: Path) -> None:
    line = (
        '{"id": 123456789012345678901234567890, "phone": 31612345678.0, "zip": 0.10, "e": 1e5, "yes": true,'
        ' "no": false, "gone": null, "nan": NaN, "far": -Infinity, "minus": -7.000,'
        ' "text": "\\u00e9\\n", "": 5}'
    )
    names, (values,) = table(file, line)
    assert dict(zip(names, values, strict=True)) == {
        "id": "123456789012345678901234567890",
        "phone": "31612345678",
        "zip": "0.10",
        "e": "1e5",
        "yes": "true",
        "no": "false",
        "gone": "",
        "nan": "",
        "far": "-Infinity",
        "minus": "-7",
        "text": "é\n",
        "": "5",
    }


def test_what_is_nested_is_spread_over_columns(file: Path) -> None:
    line = (
        '{"id":1,"phone":["06 1",null,"06 2"],"home":{"city":"Delft","tags":[{"a":true}]},"none":[],"no":{},'
        '"spot":[[1,2],[3,4]]}'
    )
    names, (values,) = table(file, line)
    assert names[:8] == ("id", "phone", "phone.2", "phone.3", "home.city", "home.tags.a", "none", "no")
    assert names[8:] == ("spot.1", "spot.1.2", "spot.2", "spot.2.2")
    assert values == ("1", "06 1", "", "06 2", "Delft", "true", "", "", "1", "2", "3", "4")
    (row,) = rows(file, read_mapping(file))
    assert isinstance(row, Row)
    assert [(i.kind, i.raw) for i in row.evidence.identifiers] == [
        (IdentifierKind.PHONE, "06 1"),
        (IdentifierKind.PHONE, "06 2"),
    ]
    assert row.evidence.city == "Delft"


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_gzip_and_marks(file: Path, wrap: object, encoding: str) -> None:
    text = '\n {"id":"1","name":"Zoë"}\r\n{"id":"2"}'
    found = read(file, wrap(text.encode(encoding)))  # type: ignore[operator]
    assert ids(found) == ["1", "2"]
    assert [row.line for row in found] == [2, 3]
    assert isinstance(found[0], Row) and found[0].evidence.full_name == "Zoë"


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (b'{"id":"9"', "is not JSON", ""),
        (b'{"id":"9"} x', "is not JSON", ""),
        (b"{'id':9}", "is not JSON", ""),
        (b'{"id":"a\tb"}', "is not JSON", ""),
        (b"\x00\xff\xfe", "is not JSON", ""),
        (b"[1]", "is not a JSON object", ""),
        (b'"id"', "is not a JSON object", ""),
        (b"null", "is not a JSON object", ""),
        (b'{"id":"9","name":"a","id":"8"}', "the same name comes twice", "id"),
        (b'{"id":{"a":1},"id.a":1}', "the same name comes twice", "id.a"),
        (b'{"id":"9","name":"J\xf6rg"}', "not valid UTF-8", "name"),
        (b'{"id":"9","name":"\\ud83d"}', "not valid UTF-8", "name"),
        (b'{"id":"9","n\xf6":1}', "a name is not valid UTF-8", ""),
        (b'{"id":"9","' + b"n" * 1001 + b'":1}', "a name is longer than 1,000 characters", ""),
        (b'{"id":"9","name":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "is nested too deeply", ""),
        (b'{"id":"9","name":[' + b"1," * 1000 + b"1]}", "has more than 1,000 values", ""),
        (b'{"id":"9","name":"' + b"x" * 1_000_001 + b'"}', "longer than 1 MB", "name"),
    ],
)
def test_a_damaged_line_costs_itself(file: Path, line: bytes, reason: str, field: str) -> None:
    found = read(file, b'{"id":"1","name":"a"}\n' + line + b'\n{"id":"3","city":"c"}\n')
    assert ids(found) == ["1", "3"]
    assert rejected(found) == [(2, 2, field, reason)]
    (bad,) = (row for row in found if isinstance(row, Reject))
    assert bad.raw.encode("utf-8", "surrogateescape") == line
    assert [row.number for row in numbered(file)] == [1, 2, 3]


def test_a_line_that_is_too_long_costs_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "MAX_RECORD", 100)
    long = '{"id":"2","name":"' + "x" * 500 + '"}\n'
    found = read(file, '{"id":"1","name":"a"}\n' + long + '{"id":"3"}\n')
    assert ids(found) == ["1", "3"]
    assert rejected(found) == [(2, 2, "", "longer than 8 MB")]


def test_only_so_many_names_are_columns(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_COLUMNS", 3)
    lines = ['{"id":"1","name":"a"}', '{"id":"2","city":"b","x":"c"}', '{"id":"3","city":"d"}', '{"id":"4"}']
    found = read(file, "\n".join(lines))
    assert header(file) == ("id", "name", "city")
    assert ids(found) == ["1", "3", "4"]
    assert rejected(found) == [(2, 2, "", "has a name beyond the file's first 3")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("in.json", '[{"id":1}]', "array"),
        ("in.json", "[\n  {\n", "array"),
        ("in.json", '{\n  "id": 1\n}\n', "no line"),
        ("in.json", "{}\n{}\n", "no line"),
        ("in.jsonl", "id,name\n1,a\n", "not JSON lines"),
        ("in.ndjson.gz", "id,name\n1,a\n", "not JSON lines"),
        ("in.jsonl", '{"pear":1}\n', "no column"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(FileProblem, match=words) as raised:
        read_mapping(path)
    assert "\n" not in str(raised.value)


def test_what_begins_otherwise_is_no_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "once.jsonl.csv"
    path.write_text("id,name\n{1},[a]\n")
    assert list(cells(path)) == [("{1}", "[a]")]


def test_a_mapping_of_another_file_is_refused(file: Path) -> None:
    file.write_text('{"id":1,"name":"a"}\n')
    with pytest.raises(FileProblem, match="header"):
        list(rows(file, guess(["id", "email"])))


def test_a_gzip_that_is_cut_short(file: Path) -> None:
    file.write_bytes(gzip.compress(b'{"id":1}\n' * 99999)[:-9])
    with pytest.raises(FileProblem, match="gzip"):
        header(file)


COLUMNS = ("id", "name", "email", "note", "city")
CELL = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
    | st.integers()
    | st.booleans()
)
OBJECT = st.dictionaries(st.sampled_from(COLUMNS), CELL | st.none(), max_size=5)


def as_text(value: object) -> str:
    """A value as `csv` writes it, a truth as JSON does."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=100)
@given(st.lists(OBJECT, max_size=8), st.booleans())
def test_flat_objects_read_as_csv_of_the_same_rows(
    file: Path, written: list[dict[str, object]], escaped: bool
) -> None:
    written = [dict.fromkeys(COLUMNS), *written]
    file.write_text("\n".join(json.dumps(each, ensure_ascii=escaped) for each in written))
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([as_text(each.get(name)) for name in COLUMNS] for each in written)
    as_csv = file.with_suffix(".csv")
    as_csv.write_bytes(out.getvalue().encode())
    assert header(file) == header(as_csv)
    assert list(cells(file)) == [tuple(as_text(each.get(name)) for name in COLUMNS) for each in written]
    ours, theirs = (list(rows(path, read_mapping(path))) for path in (file, as_csv))
    assert [(r.number, r.record_id, r.evidence) for r in ours if isinstance(r, Row)] == [
        (r.number, r.record_id, r.evidence) for r in theirs if isinstance(r, Row)
    ]
    assert len(ours) == len(written)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def leaves(value: object) -> list[object]:
    """All that stands in a value, in order; what is empty stands for itself."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return [leaf for each in inner for leaf in leaves(each)] if inner else [value]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.lists(st.dictionaries(st.text(max_size=4), VALUE, min_size=1, max_size=4), min_size=1, max_size=5))
def test_nothing_nested_is_lost(file: Path, written: list[dict[str, object]]) -> None:
    lines = [json.dumps({"id": number, **each}) for number, each in enumerate([{}, *written])]
    file.write_text("\n".join(lines))
    found = list(numbered(file))
    assert len(found) == len(lines)
    for row, line in zip(found, lines, strict=True):
        if isinstance(row.cells, Refused):
            assert row.cells.reason in {"the same name comes twice", "a name is not valid UTF-8"}
        else:
            said = json.loads(
                line,
                parse_float=lambda text: text.removesuffix(".0"),
                parse_constant=lambda text: text.replace("NaN", ""),
            )
            texts = [as_text(leaf) for leaf in leaves(said) if leaf not in ([], {})]
            assert sorted(filter(None, row.cells)) == sorted(filter(None, texts))


PIECE = st.sampled_from(
    [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\\",
        b"\n",
        b"\r",
        b"a",
        b"1",
        b"\xff",
        b"\0",
        b'"id":',
        b"\\ud800",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.lists(st.lists(PIECE, max_size=12).map(b"".join) | st.binary(max_size=20), max_size=6), st.booleans()
)
def test_no_bytes_break_the_reader_and_no_good_line_is_lost(
    file: Path, bad: list[bytes], zipped: bool
) -> None:
    lines = [b'{"id":"good 0"}']
    for number, each in enumerate(bad, start=1):
        lines += [each, b'{"id":"good %d","name":"x"}' % number]
    whole = b"\n".join(lines)
    found = read(file, gzip.compress(whole) if zipped else whole)
    assert [row.number for row in found] == list(range(1, len(found) + 1))
    assert [row.line for row in found] == sorted({row.line for row in found})
    good = [f"good {number}" for number in range(len(bad) + 1)]
    assert [each for each in ids(found) if each.startswith("good ")] == good
