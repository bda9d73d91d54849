from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.batch.dedupe import Deduped, dedupe
from resolver.batch.inputs import Reading, called, inputs
from resolver.batch.mapping import guess
from resolver.batch.readers import FileProblem, Reject, Row, read_mappings
from resolver.batch.rejects import RejectFiles, rejects_paths

MAPPING = guess(["id"])


def reading(paths: list[Path], source: str = "", **options: str) -> Reading:
    mappings = read_mappings(paths, **options)  # type: ignore[arg-type]
    return Reading(inputs(paths, mappings, source), RejectFiles(rejects_paths(paths, paths[0].parent)))


def written(folder: Path, **contents: str) -> list[Path]:
    paths = [folder / f"{name}.csv" for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_text(content)
    return paths


def test_a_file_is_called_by_its_name_without_endings() -> None:
    names = ["crm.csv", "a/crm.csv.gz", "crm.jsonl.gz", "crm.2024.parquet", "crm", ".csv"]
    assert [called(Path(name)) for name in names] == ["crm", "crm", "crm", "crm.2024", "crm", ".csv"]


def test_each_file_is_a_source_unless_one_is_named() -> None:
    two, three = (Path("shop.csv"), Path("crm.csv")), (MAPPING,) * 2
    assert [each.source for each in inputs(two, three)] == ["shop", "crm"]
    assert [each.source for each in inputs(two, three, "web")] == ["web", "web"]
    assert [each.source for each in inputs(two[:1], three[:1])] == ["shop"]
    assert [each.source for each in inputs(two[:1], three[:1], "web")] == ["web"]


@pytest.mark.parametrize("name", ["b\udcff.csv", "a\x07.csv", "x" * 101 + ".csv"])
def test_a_file_whose_name_no_source_can_have_is_of_the_default_one(name: str) -> None:
    (found,) = inputs((Path(name),), (MAPPING,))
    assert found.source == "default"
    with pytest.raises(FileProblem, match="name the --source"):
        inputs((Path("a.csv"), Path(name)), (MAPPING,) * 2)
    inputs((Path("a.csv"), Path("default.csv")), (MAPPING,) * 2)


def test_two_files_that_are_called_alike_are_refused_unless_a_source_is_named() -> None:
    alike = (Path("a/crm.csv"), Path("b/crm.jsonl.gz"))
    with pytest.raises(FileProblem, match=r"b/crm.jsonl.gz: another file is called crm too.*--source"):
        inputs(alike, (MAPPING,) * 2)
    assert len(inputs(alike, (MAPPING,) * 2, "crm")) == 2


def test_rows_are_numbered_on_and_rejects_go_to_their_own_file(tmp_path: Path) -> None:
    paths = written(
        tmp_path,
        shop="id,name\n1,Eva\n2\n",
        empty="name,id\n",
        crm="telefoon,id,bron\n06,1,\n061,2,erp\n,\n",
    )
    files = reading(paths)
    found = list(files.rows())
    assert [row.number for row in found] == [1, 2, 3, 4, 5]
    assert [row.line for row in found] == [2, 3, 2, 3, 4]
    assert [(row.source, row.record_id) for row in found if isinstance(row, Row)] == [
        ("shop", "1"),
        ("crm", "1"),
        ("erp", "2"),
    ]
    assert [files.file_of(number).path for number in range(1, 6)] == [*paths[:1] * 2, *paths[2:] * 3]
    files.refuse(Reject(1, 2, "late", "", "1,Eva"))
    files.refuse(Reject(3, 2, "later", "", "06,1,"))
    files._rejected.__exit__(None, None, None)
    told = {
        path.name: [(row["line"], row["reason"]) for row in csv.DictReader(path.read_text().splitlines())]
        for path in sorted(tmp_path.glob("*.rejects.csv"))
    }
    assert told == {
        "shop.csv.rejects.csv": [("3", "has 1 fields where the header has 2"), ("2", "late")],
        "crm.csv.rejects.csv": [("4", "has 2 fields where the header has 3"), ("2", "later")],
    }
    assert files._rejected.told() == (
        f"4 rejected, in {tmp_path}/shop.csv.rejects.csv, {tmp_path}/crm.csv.rejects.csv"
    )


def test_a_named_column_counts_where_it_is_and_must_be_somewhere(tmp_path: Path) -> None:
    paths = written(tmp_path, a="nr,name\n7,Eva\n", b="id,name\n8,Jan\n")
    map_file = tmp_path / "map.toml"
    map_file.write_text('[columns]\nname = "ignore"\nnr = "record_id"\n')
    one, other = read_mappings(paths, map_file=map_file)
    assert [c.field.name for c in one.columns] == ["record_id"] == [c.field.name for c in other.columns]
    one, other = read_mappings(paths, id_column="nr")
    assert [c.name for m in (one, other) for c in m.of("record_id")] == ["nr", "id"]
    with pytest.raises(FileProblem, match="no column 'number'"):
        read_mappings(paths, id_column="number")


VALUES = {
    "id": st.integers(1, 4).map(str),
    "given_name": st.sampled_from(["Femke", "Gerrit", "Sietske", ""]),
    "surname": st.sampled_from(["Bakker", "Postma", "Hoekstra"]),
    "email": st.sampled_from(["femke@ziggo.nl", "gerrit@ziggo.nl", "s.hoekstra@kpnmail.nl", ""]),
    "phone": st.sampled_from(["+31612345670", "+31612345671", "+31612345672", ""]),
}
ROWS = st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=6)


def together(found: Deduped) -> set[frozenset[int]]:
    groups = defaultdict(set)
    for row in found.rows:
        groups[row.customer].add(row.number)
    return {frozenset(group) for group in groups.values()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(ROWS, ROWS)
def test_two_files_are_resolved_as_one_with_a_column_for_the_source(
    tmp_path: Path, shop: list[dict[str, str]], crm: list[dict[str, str]]
) -> None:
    one, other, whole = (tmp_path / name for name in ("shop.csv", "crm.jsonl", "whole.csv"))
    names = list(VALUES)
    one.write_text(as_csv(names, shop))
    other.write_text("\n".join(json.dumps({name: each[name] for name in reversed(names)}) for each in crm))
    all_ = [{**each, "source": "shop"} for each in shop] + [{**each, "source": "crm"} for each in crm]
    whole.write_text(as_csv([*names, "source"], all_))
    apart, joined = (dedupe(reading(paths).rows()) for paths in ([one, other], [whole]))
    assert together(apart) == together(joined)
    assert [(row.source, row.record_id, row.customer) for row in apart.rows] == [
        (row.source, row.record_id, row.customer) for row in joined.rows
    ]


def as_csv(names: list[str], rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_the_only_id_of_a_file_names_its_rows_and_of_a_named_source_stays_an_identifier(
    tmp_path: Path,
) -> None:
    each = "customer_id,name,email\nC1,Eva,a@b.nl\nC2,Eva,a@b.nl\n"
    paths = written(
        tmp_path, crm=each, again=each + "C1,Jan,\n", lacking=each + ",Jan,\n", none="customer_id,name\n"
    )
    mappings = read_mappings(paths)
    named = [bool(file.mapping.of("record_id")) for file in inputs(paths, mappings)]
    assert named == [True, False, False, False]
    assert not any(file.mapping.of("external") for file in inputs(paths[:1], mappings[:1]))
    of_shop = inputs(paths, mappings, "shop")
    assert [bool(file.mapping.of("record_id")) for file in of_shop] == named
    assert all(file.mapping.of("external") for file in of_shop)
    assert ["name it with --id" in " ".join(file.mapping.warnings()) for file in of_shop] == [
        not each for each in named
    ]
    (found,) = inputs(paths[:1], mappings[:1])
    assert [(row.source, row.record_id) for row in reading(paths[:1]).rows() if isinstance(row, Row)] == [
        ("crm", "C1"),
        ("crm", "C2"),
    ]
    assert found.mapping.describe()[0] == "customer_id -> record_id"


def test_rows_of_one_channel_are_contacts_where_they_have_a_time(tmp_path: Path) -> None:
    (path,) = written(
        tmp_path, till="card,date,amount,channel\n60012,2024-01-02,5,\n60012,,5,\n60013,2024-01-02,5,App\n"
    )
    found = Reading(
        inputs([path], read_mappings([path]), channel="Till 3"), RejectFiles([path.with_suffix(".rejects")])
    )
    told = [row.touchpoint and row.touchpoint.channel for row in found.rows() if isinstance(row, Row)]
    assert told == ["till_3", None, "app"]
    (without,) = inputs([path], [guess(["card", "date", "amount"])], channel="till")
    assert "date -> occurred" in without.mapping.describe()
    (social,) = written(tmp_path, social="handle,date\n@eva,2024-01-02\n")
    (row,) = Reading(
        inputs([social], read_mappings([social]), channel="Instagram"),
        RejectFiles([path.with_suffix(".rejects")]),
    ).rows()
    assert isinstance(row, Row) and row.evidence.identifiers[0].namespace == "instagram"


def test_it_names_them_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    lines = [f"C{number},Eva {number}" for number in range(20)]
    unlike = "C3,Jan"
    for number, rows in enumerate(
        (lines, lines[::-1], [*lines, lines[3]], [*lines, unlike], [unlike, *lines])
    ):
        (path,) = written(tmp_path, **{f"f{number}": "\n".join(["customer_id,name", *rows])})
        (found,) = inputs([path], read_mappings([path]))
        assert bool(found.mapping.of("record_id")) == (unlike not in rows)
