from __future__ import annotations

import csv
import gc
import gzip
import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Direction, IdentifierKind, PartyType, StatedIdentifier
from resolver.batch import csv_file, parquet_file, text_file
from resolver.batch.mapping import guess
from resolver.batch.parquet_file import ParquetFile
from resolver.batch.readers import FileProblem, Reject, Row, header, is_windows, read_mapping, rows
from resolver.batch.rows import Refused


def read(path: Path, content: bytes | str, **settings: object) -> list[Row | Reject]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(rows(path, read_mapping(path), **settings))  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in.csv"


def ids(found: list[Row | Reject]) -> list[str]:
    return [row.record_id for row in found if isinstance(row, Row)]


def rejected(found: list[Row | Reject]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in found if isinstance(row, Reject)]


def test_a_row_is_a_record(file: Path) -> None:
    (row,) = read(file, "id,first_name,phone,mobile,handle\n7, Eva ,06 1,06 2, \n", region="NL")
    assert isinstance(row, Row)
    assert (row.number, row.line, row.source, row.record_id) == (1, 2, "default", "7")
    assert row.touchpoint is None
    assert row.version is None
    assert row.evidence.given_name == " Eva "
    assert row.evidence.region == "NL"
    assert row.evidence.identifiers == (
        StatedIdentifier(IdentifierKind.PHONE, "06 1"),
        StatedIdentifier(IdentifierKind.PHONE, "06 2"),
    )


def test_a_channel_and_a_time_make_a_touchpoint(file: Path) -> None:
    content = (
        "event_id,channel,created_at,direction,handle,order_id,amount,currency,duration,automated,party_type\n"
        'e1,Instagram,2024-01-01T00:00:00Z,Incoming,@eva,A-1,"12,50",EUR,1:00,no,Person\n'
        ",shop,2024-01-01,,@eva,A-1,,,,,\n"
        ",shop,,,,A-1,,,,,\n"
    )
    social, shop, record = read(file, content, source="crm")
    assert isinstance(social, Row) and isinstance(shop, Row) and isinstance(record, Row)
    contact = social.touchpoint
    assert contact is not None and shop.touchpoint is not None
    assert (contact.touchpoint_id, contact.channel, contact.direction) == (
        "e1",
        "instagram",
        Direction.INBOUND,
    )
    assert contact.occurred == social.version == 1_704_067_200_000_000
    assert (contact.value, contact.currency, contact.duration) == (12_500_000, "EUR", 60_000_000)
    assert social.evidence.party_type is PartyType.PERSON
    assert social.evidence.identifiers == (StatedIdentifier(IdentifierKind.HANDLE, "@eva", "instagram"),)
    assert shop.evidence.identifiers == (StatedIdentifier(IdentifierKind.HANDLE, "@eva"),)
    order = StatedIdentifier(IdentifierKind.REFERENCE, "A-1", "order")
    assert contact.references == (order,)
    assert len(shop.touchpoint.touchpoint_id) == 64
    assert record.touchpoint is None
    assert record.evidence.identifiers == (order,)
    assert {social.source, shop.source} == {"crm"}


def test_an_own_id_comes_from_every_column(file: Path) -> None:
    found = read(file, "channel,date,zzz\nweb,2024-01-01,a\nweb,2024-01-01,b\nweb,2024-01-01,a\n")
    first, other, again = (
        row.touchpoint.touchpoint_id for row in found if isinstance(row, Row) and row.touchpoint
    )
    assert first == again != other


def test_the_platform_column_names_the_handle(file: Path) -> None:
    (row,) = read(file, "channel,platform,handle,source,customer_id\napp,X,@eva,shop,4\n")
    assert isinstance(row, Row)
    assert {(i.kind, i.namespace) for i in row.evidence.identifiers} == {
        (IdentifierKind.HANDLE, "twitter"),
        (IdentifierKind.EXTERNAL, "shop"),
    }


def test_ids_are_taken_byte_for_byte(file: Path) -> None:
    found = read(
        file, "id,event_id,channel,date\nA ,É ,web,2024-01-01\na,e,web,2024-01-01\n  , ,web,2024-01-01\n"
    )
    assert ids(found) == ["A ", "a", ""]
    assert [r.touchpoint.touchpoint_id for r in found if isinstance(r, Row) and r.touchpoint][:2] == [
        "É ",
        "e",
    ]


def test_a_prefix_stands_before_the_surname(file: Path) -> None:
    found = read(file, "voornaam,tussenvoegsel,achternaam\nEva,van der,Meer\nJan,,Bos\nTim,de,\n")
    assert [r.evidence.family_name for r in found if isinstance(r, Row)] == ["van der Meer", "Bos", ""]


def test_versions(file: Path) -> None:
    found = read(file, "id,version\na,3\nb,2024-01-01\nc,\nd,new\n")
    assert [r.version for r in found if isinstance(r, Row)] == [3, 1_704_067_200_000_000, None]
    assert rejected(found) == [(5, "neither a whole number nor a time")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("direction", "north"),
        ("created_at", "someday"),
        ("created_at", "2099-01-01"),
        ("amount", "1,234"),
        ("amount", "much"),
        ("duration", "long"),
        ("automated", "perhaps"),
    ],
)
def test_a_bad_value_is_a_reject_that_names_the_field(file: Path, column: str, value: str) -> None:
    told = {"created_at": "2024-01-01"} | {column: value}
    out = io.StringIO()
    csv.writer(out).writerows([["channel", *told], ["web", *told.values()]])
    (bad,) = read(file, out.getvalue(), latest=1_800_000_000_000_000)
    assert isinstance(bad, Reject)
    assert bad.field == column
    assert value not in bad.reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_gzip_and_marks(file: Path, delimiter: str, wrap: object, encoding: str) -> None:
    text = f'id{delimiter}name\r\n1{delimiter}Zoë\r\n\r\n2{delimiter}"a{delimiter}b\r\nc"\r\n3{delimiter}x'
    found = read(file, wrap(text.encode(encoding)))  # type: ignore[operator]
    assert ids(found) == ["1", "2", "3"]
    assert [row.evidence.full_name for row in found if isinstance(row, Row)] == [
        "Zoë",
        f"a{delimiter}b\r\nc",
        "x",
    ]
    assert [row.line for row in found] == [2, 4, 6]


def test_invalid_utf8_costs_its_row(file: Path) -> None:
    found = read(file, b"id,name\n1,a\n2,J\xf6rg\n3,c\n")
    assert ids(found) == ["1", "3"]
    (bad,) = (row for row in found if isinstance(row, Reject))
    assert (bad.number, bad.line, bad.field, bad.reason) == (2, 3, "name", "not valid UTF-8")
    assert bad.raw.encode("utf-8", "surrogateescape") == b"2,J\xf6rg"


def test_what_a_spreadsheet_writes_on_windows_is_read(file: Path) -> None:
    text = "id;name;Straße\n1;Jörg;Ring 1\n2;Zoë;Kö\n3;a;b\n"
    found = read(file, text.encode("cp1252"))
    assert [row.evidence.full_name for row in found if isinstance(row, Row)] == ["Jörg", "Zoë", "a"]
    assert is_windows(file)
    assert read(file, text.encode()) == found
    assert not is_windows(file)


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_three_lines_are_no_damage(file: Path, wrap: object) -> None:
    content = b"id,name\n1,a\n2,J\xf6rg\n3,Zo\xeb\n4,\xd6zg\xfcr\n"
    found = read(file, wrap(content))  # type: ignore[operator]
    assert [row.evidence.full_name for row in found if isinstance(row, Row)] == ["a", "Jörg", "Zoë", "Özgür"]


def test_one_line_of_utf8_tells_that_the_others_are_damaged(file: Path) -> None:
    found = read(file, b"id,name\n2,J\xf6rg\n3,Zo\xeb\n4,\xd6zg\xfcr\n" + "5,Jörg\n".encode())
    assert ids(found) == ["5"]
    assert {reason for _, reason in rejected(found)} == {"not valid UTF-8"}


def test_nul_and_wrong_width(file: Path) -> None:
    found = read(file, "id,name\n1,a\0\n2\n3,a,b\n4,d\n")
    assert ids(found) == ["4"]
    assert rejected(found) == [
        (2, "holds a control character"),
        (3, "has 1 fields where the header has 2"),
        (4, "has 3 fields where the header has 2"),
    ]


GOOD = "".join(f"{n},n{n},c{n},z{n}\n" for n in range(3, 9))


@pytest.mark.parametrize(
    ("broken", "lost"),
    [
        ('1,"Jan,a,b\n2,x,y,z\n', [2]),  # open to the end of the file
        ('1,"Jan,a,b\n2,"Piet",y,z\n', [2]),  # closed by the next row's opening quote
        ('1,"Jan,a,b\n2,Piet",y,z\n', [2]),  # closed by a stray quote of the same column
        ('1,"Jan"x,a,b\n2,x,y,z\n', [2]),  # text after a closing quote
        ('1,"Jan,a,b\n2,"",y,z\n', [2]),  # an empty quoted field reads as a doubled quote
        ('1,Jan,a,"b\n2,x,y,z\n', [2]),
    ],
)
def test_a_broken_quote_costs_its_own_line(file: Path, broken: str, lost: list[int]) -> None:
    found = read(file, "id,name,city,zip\n" + broken + GOOD)
    assert ids(found) == ["2", "3", "4", "5", "6", "7", "8"]
    assert [line for line, _ in rejected(found)] == lost
    assert "quote" in rejected(found)[0][1]


def test_a_quote_inside_a_plain_field_is_a_letter(file: Path) -> None:
    assert ids(read(file, 'id,name\n1,5" pipe\n2,b\n')) == ["1", "2"]


def test_long_fields_and_rows(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(file, "id,zzz\n1," + "x" * 1_000_001 + "\n2," + "y" * 1_000_000 + "\n3,z\n")
    assert ids(found) == ["2", "3"]
    assert rejected(found)[0] == (2, "a field is longer than 1 MB")
    for module in (csv_file, text_file):
        monkeypatch.setattr(module, "MAX_RECORD", 1000)
    found = read(file, "id,name\n1," + "x" * 5000 + '\n2,"' + "y\n" * 600 + "3,z\n")
    assert ids(found)[-1] == "3"
    assert rejected(found)[0] == (2, "longer than 8 MB or 10,000 lines, or a quote is left open")
    assert [line for line, _ in rejected(found)] == list(range(2, 603))
    found = read(file, 'id,name\n1,"a\n2,' + "x" * 5000 + "\n3,z\n4,z\n")
    assert ids(found) == ["3", "4"]


@pytest.mark.parametrize(
    ("damaged", "end"),
    [
        ('a","b\n', ""),  # open to the end of the file
        ('a""","b\n', ""),
        ('a","b\n', 'x"\n'),  # closed by the last line, with too many fields
    ],
)
def test_rows_that_are_all_left_open_are_not_read_again_for_each(
    file: Path, damaged: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 0
    following = csv_file._Lines.__next__

    def counted(lines: csv_file._Lines) -> str:
        nonlocal taken
        taken += 1
        return following(lines)

    monkeypatch.setattr(csv_file._Lines, "__next__", counted)
    found = read(file, "id,email\n1,eva@ziggo.nl\n" + damaged * 3000 + end + '2,"a\nb"\n3,c\n')
    assert ids(found) == ["1", "2", "3"]
    assert [line for line, _ in rejected(found)] == list(range(3, 3003 + bool(end)))
    assert taken < 15 * len(found)


def test_among_rows_left_open_the_good_ones_are_read(file: Path) -> None:
    """As long as what another has swallowed is tried again, a row over two lines may begin in it."""
    stray = '1,Jan,a,"b\n2,5" pipe",c,"multi\nline"\n'
    found = read(file, "id,name,zip,note\n" + stray + GOOD + ('x,"y,a,b\n' * 9 + '4,"a\nb",c,d\n') * 3)
    assert ids(found)[:2] == ["2", "3"]
    assert ids(found)[-3:] == ["4"] * 3
    assert len(rejected(found)) == 1 + 27


def test_a_row_of_very_many_lines_is_given_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "_ROW_LINES", 20)
    found = read(file, 'id,note\n1,"' + "y\n" * 19 + '"\n2,"' + "z\n" * 20 + '"\n3,c\n')
    assert ids(found) == ["1", "3"]
    assert rejected(found)[0] == (22, "longer than 8 MB or 10,000 lines, or a quote is left open")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("before", "delimiter"),
    [
        ("sep=;\r\n", ";"),
        ('"sep=;"\r\n', ";"),
        ("SEP=\t\r\n", "\t"),
        ("sep=^\n", "^"),
        ("\n\nsep=|\n\n", "|"),
        ("\r\n \r\n", ","),
        (";;\n", ";"),
    ],
)
def test_what_stands_before_the_header_is_passed_over(
    file: Path, before: str, delimiter: str, encoding: str
) -> None:
    text = before + "id,naam,Straße, Süd\n1,Jörg,Süd,x\n2,Zoë,Kö,\n".replace(",", delimiter)
    found = read(file, text.encode(encoding))
    assert [(r.record_id, r.evidence.full_name) for r in found if isinstance(r, Row)] == [
        ("1", "Jörg"),
        ("2", "Zoë"),
    ]
    lines = before.count("\n") + 1
    assert [row.line for row in found] == [lines + 1, lines + 2]


def test_a_mark_behind_the_hint_is_no_part_of_a_name(file: Path) -> None:
    read(file, "sep=,\n\ufeffid,name\n1,Jan\n")
    assert header(file) == ("id", "name")
    with pytest.raises(FileProblem, match="empty"):
        read(file, "\ufeffsep=,\n\n")


def test_a_name_over_several_lines_is_on_one_in_the_header(file: Path) -> None:
    found = read(file, '"Customer\r\nid";"E-mail \n address";phone\r\n1;a@ziggo.nl;06\r\n2;"b\nc";07\n')
    assert header(file) == ("Customer id", "E-mail address", "phone")
    assert [row.line for row in found] == [4, 5]
    for text in ('id,"name\n' + "1,x\n" * 200, 'id,"name,zip\n1,Jan",x\n2,"",y\n', 'a,b,c,"id\n1,2,3,"x\n'):
        file.write_text(text)
        with pytest.raises(FileProblem, match="the header has a broken quote"):
            header(file)
    file.write_text('id,name,zip,"city\n1,Jan,9,Delft"\n2,Piet,8,Gouda\n')
    with pytest.raises(FileProblem, match="the header has a broken quote"):
        header(file)


def test_what_is_rejected_is_let_go_with_its_text(file: Path) -> None:
    """Rows that are damaged may be long, and nobody looks for garbage while an import records."""
    gc.collect()
    gc.disable()
    try:
        found = read(file, "id,name\n" + "1,a,b\n" * 500)
        del found
        assert gc.collect() < 100
    finally:
        gc.enable()


def test_header_only_has_no_rows(file: Path) -> None:
    assert read(file, "id,name\n") == []


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        pytest.param(gzip.compress(b""), "empty", id="empty gzip"),
        (None, "no such file"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"PAR1junk", "Parquet"),
        (b"a\0b\n", "neither"),
        (b"\xff\xfea", "neither|encoding|no column"),
        (b"id,name,name\n", "columns 2 and 3"),
        (b'id,"name\n', "quote"),
        (b"pear,apple\n", "no column"),
        pytest.param(gzip.compress(b"id,name\n" + b"1,x\n" * 9999)[:-9], "gzip", id="gzip cut short"),
    ],
)
def test_a_file_that_cannot_be_read(file: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(FileProblem, match=words) as raised:
        list(rows(file, read_mapping(file)))
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_a_false_name_and_a_missing_column(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="folder"):
        header(tmp_path)
    (tmp_path / "x.parquet").write_text("id,name\n1,a\n")
    with pytest.raises(FileProblem, match="not Parquet"):
        header(tmp_path / "x.parquet")
    (tmp_path / "x.csv").write_text("id,name\n1,a\n")
    with pytest.raises(FileProblem, match=r"x\.csv: there is no column 'nr'"):
        read_mapping(tmp_path / "x.csv", id_column="nr")
    (tmp_path / "map.toml").write_text("[columns]\nname = 'nome'\n")
    with pytest.raises(FileProblem, match=r"map\.toml: columns\.name"):
        read_mapping(tmp_path / "x.csv", map_file=tmp_path / "map.toml")
    with pytest.raises(FileProblem, match="header"):
        list(rows(tmp_path / "x.csv", guess(["id", "email"])))


def test_parquet_values_are_what_csv_would_hold(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "phone": pa.array([31612345678.0, float("nan")]),
            "birth_date": pa.array([date(1980, 2, 1), None]),
            "dob": pa.array([None, datetime.fromisoformat("1980-02-01")], pa.timestamp("ns")),
            "city": pa.array(["Delft", None]).dictionary_encode(),
            "loyalty": pa.array([Decimal("12.50"), None]),
            "zip": pa.array([0.1, 3.0], pa.float32()),
            "created_at": pa.array(
                [datetime.fromisoformat("2024-01-01T00:00:00.000005")] * 2,
                pa.timestamp("us", "Europe/Amsterdam"),
            ),
            "channel": pa.array([b"web", b"\xff"]),
            "automated": pa.array([True, False]),
            "remarks": pa.array([["a"], None]),
        }
    )
    pq.write_table(table, path)
    good, bad = rows(path, read_mapping(path))
    assert isinstance(good, Row) and isinstance(bad, Reject)
    assert good.record_id == "1"
    assert [i.raw for i in good.evidence.identifiers] == ["31612345678", "12.50"]
    assert (good.evidence.birth_date, good.evidence.city, good.evidence.postcode) == (
        "1980-02-01",
        "Delft",
        "0.1",
    )
    assert good.touchpoint is not None
    assert good.touchpoint.occurred == 1_704_067_200_000_005
    assert good.touchpoint.automated is True
    assert (bad.number, bad.field, bad.reason) == (2, "channel", "not valid UTF-8")
    assert "1980-02-01,Delft" not in bad.raw and bad.raw.startswith("2,,,1980-02-01,")


def test_a_parquet_date_that_no_calendar_has_spoils_its_own_row_at_most(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    beyond = 10**18  # microseconds: the year 33658, which Python does not know
    table = pa.table(
        {
            "id": pa.array([1, 2, 3]),
            "email": pa.array(["a@live.nl", "b@live.nl", "c@live.nl"]),
            "birth_date": pa.array([0, beyond, None], pa.timestamp("us")),
            "channel": pa.array(["web"] * 3),
            "created_at": pa.array([10**15, 10**15, beyond], pa.timestamp("us", "UTC")),
            "unmapped": pa.array([[0], [beyond], [0]], pa.list_(pa.timestamp("us"))),
        }
    )
    pq.write_table(table, path)
    one, two, three = rows(path, read_mapping(path))
    assert isinstance(one, Row) and one.evidence.birth_date == "1970-01-01"
    assert isinstance(two, Row) and two.evidence.birth_date == "(unreadable)"
    assert isinstance(three, Reject) and three.field == "created_at"


@pytest.mark.parametrize("kind", ["plain", "dictionary", "prefixes"])
def test_long_parquet_values_are_decoded_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path, room = tmp_path / "in.parquet", 100_000
    monkeypatch.setattr(parquet_file, "_ROOM", room)
    notes = ["y"] * 500 + ["x" * 5000] * 300 + [None] * 3 + ["z"] * 1000
    numbers = [str(number) for number in range(len(notes))]
    note = pa.array(notes).dictionary_encode() if kind == "dictionary" else pa.array(notes)
    written: dict[str, object] = {"row_group_size": 700}
    if kind == "prefixes":
        written |= {"use_dictionary": False, "column_encoding": {"note": "DELTA_BYTE_ARRAY"}}
    pq.write_table(pa.table({"id": numbers, "note": note}), path, **written)
    with path.open("rb") as file:
        table = ParquetFile(path, file)
        read = [line.cells for line in table.lines() if not isinstance(line.cells, Refused)]
        sizes = [len(batch) for group in range(3) for batch in table._batches(group)]
    assert read == [(number, note or "") for number, note in zip(numbers, notes, strict=True)]
    assert sum(sizes) == len(notes)
    if kind == "dictionary":
        assert len({id(cells[1]) for cells in read[500:530]}) == 1
    else:  # one batch finds that they have become long, those after it have as many as there is room for
        assert sum(size for size in sizes if size < 2 * room // 5000) > 250
        assert len(sizes) < 100


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0,"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL, CELL), max_size=8))
def test_written_csv_and_parquet_read_alike(file: Path, written: list[tuple[str, ...]]) -> None:
    columns = ["id", "name", "email", "note", "city"]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([columns, *written])
    file.write_bytes(out.getvalue().encode())
    pq.write_table(
        pa.table(
            [pa.array(c, pa.string()) for c in zip(*written, strict=True)] or [pa.array([], pa.string())] * 5,
            columns,
        ),
        file.with_suffix(".pq"),
    )
    as_csv = list(rows(file, read_mapping(file)))
    as_parquet = list(rows(file.with_suffix(".pq"), read_mapping(file.with_suffix(".pq"))))
    assert [(r.number, r.record_id, r.evidence) for r in as_csv if isinstance(r, Row)] == [
        (r.number, r.record_id, r.evidence) for r in as_parquet if isinstance(r, Row)
    ]
    assert len(as_parquet) == len(written)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.lists(
        st.sampled_from([b'"', b",", b"\n", b"\r\n", b"a", b"\xff", b"\0", b'""', b"x,y,z"]), max_size=40
    )
)
def test_no_bytes_break_the_reader_and_no_line_is_lost(file: Path, parts: list[bytes]) -> None:
    body = b"".join(parts)
    file.write_bytes(b"id,name,city\n" + body + b"\nlast,b,c\n")
    found = list(rows(file, read_mapping(file)))
    assert [row.number for row in found] == list(range(1, len(found) + 1))
    assert [row.line for row in found] == sorted({row.line for row in found})
    assert (
        "last" in ids(found)
        or any("last" in row.raw for row in found if isinstance(row, Reject))
        or any("last" in row.evidence.full_name + row.evidence.city for row in found if isinstance(row, Row))
    )


def test_a_mapped_attribute_is_evidence(file: Path, tmp_path: Path) -> None:
    map_file = tmp_path / "map.toml"
    map_file.write_text('[columns]\nJob = "attribute:occupation"\nSex = "attribute:gender"\n')
    file.write_text("name,Sex,Job,hair\nEva,f, Baker ,red\nJan, ,,\n")
    eva, jan = rows(file, read_mapping(file, map_file=map_file))
    assert isinstance(eva, Row) and isinstance(jan, Row)
    assert eva.evidence.compared_attributes == (("gender", "f"), ("occupation", " Baker "))
    assert jan.evidence.compared_attributes == ()


def test_all_unknown_columns_are_taken_on_request_unless_their_values_say_no(file: Path) -> None:
    file.write_text(
        "id,name,hair,nr,empty,same,eyes\n1,Eva,red,17,,x,\n2,Jan,red,18,,x,\n3,Piet,fair,19,,x,\n"
    )
    assert read_mapping(file).of("attribute") == ()
    understood = read_mapping(file, attributes=True)
    assert [c.name for c in understood.of("attribute")] == ["hair"]
    assert {i.name: i.reason for i in understood.ignored} == {
        "nr": "no value comes twice: an id or free text",
        "empty": "it is empty",
        "same": "it has one value only",
        "eyes": "it is empty",
    }
    (row, *_) = rows(file, understood)
    assert isinstance(row, Row) and row.evidence.compared_attributes == (("hair", "red"),)


def test_parquet_has_attributes_too(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"name": ["Eva", "Jan", "Piet"], "floor": [1, 2, 1]}), path)
    understood = read_mapping(path, attributes=True)
    (row, *_) = rows(path, understood)
    assert isinstance(row, Row) and row.evidence.compared_attributes == (("floor", "1"),)
