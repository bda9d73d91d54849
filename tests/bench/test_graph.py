from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.accuracy.datasets import DATASETS
from bench.graph import inputs, written
from bench.graph.filling import fill
from bench.graph.lookups import Rounds
from graph.neo4j import Address
from graph.neo4j.whole import contents
from graph.whole import HeldKey, items
from resolver.config import NESTED, PREFIX
from tests.neo4j import shared

DATASET = next(each for each in DATASETS if each.name == "omni_10k")


def dataset(folder: Path, count: int) -> inputs.Rows:
    """So many touchpoints of 50 people in turn."""
    file = folder / DATASET.file
    file.parent.mkdir()
    told = [
        {
            "record_id": f"r{n}",
            "entity_id": f"p{n % 50}",
            "channel": "web",
            "email": f"person{n % 50}@ziggo.nl",
            "created_at": "2024-01-01T10:00:00Z",
        }
        for n in range(count)
    ]
    pq.write_table(pa.Table.from_pylist(told), file)
    return inputs.Rows(DATASET, folder)


def test_a_server_is_filled_with_the_rows_that_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = shared.login()
    shared.empty(login)
    for name, value in (("USER", login.user), ("PASSWORD", login.password)):
        if value is not None:
            monkeypatch.setenv(f"{PREFIX}NEO4J{NESTED}{name}", value)
    took = fill(
        login, inputs.Some(dataset(tmp_path, 20), lambda number, person: number < 9 or person == "p9")
    )
    assert took.imported > 0 and took.restored > 0
    with contents(Address(login.uri, login.user or "", login.password or "")) as held:
        keys = {item.key.record_id for item in items(held) if isinstance(item, HeldKey)}
    assert keys == {f"r{n}" for n in range(10)}


def test_whose_a_row_is_is_not_written(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    inputs.Some(dataset(tmp_path, 5), lambda number, _: number != 2).write(out)
    with out.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert "entity_id" not in header and [row[header.index("record_id")] for row in rows] == [
        "r0",
        "r1",
        "r3",
        "r4",
    ]
    assert not any("p1" in row for row in rows)


def test_what_is_reachable_is_both_one_after_the_other() -> None:
    assert Rounds([1.0], [100.0], [100.0]).reachable == [50.0]


def test_what_was_written_can_be_taken_back_and_written_again() -> None:
    login = shared.login()
    shared.empty(login)
    driver = shared.driver(login)
    driver.execute_query("CREATE CONSTRAINT thing_name IF NOT EXISTS FOR (n:Thing) REQUIRE n.name IS UNIQUE")
    try:
        driver.execute_query(
            "CREATE (a:Thing {name: 'a', n: 1})-[:NEAR {far: 1}]->(b:Thing:Round {name: 'b'})"
            "-[:LIKES]->(c:Thing {name: 'c'})"
        )
        before = written.picture(driver)
        driver.execute_query(
            "MATCH (a:Thing {name: 'a'})-[near:NEAR]->(b)-[likes:LIKES]->(c) DELETE likes "
            "SET a.n = 2, near.far = 2 CREATE (a)-[:LIKES]->(d:Thing:Round {name: 'd'}), "
            "(b)-[:LIKES {n: 1}]->(d), (b)-[:LIKES {n: 2}]->(d)"
        )
        after = written.picture(driver)
        what = written.written(before, after)
        assert what.count == 2 + 4
        written.undo(driver, what)
        undone = written.picture(driver)
        assert undone.nodes == before.nodes
        assert before.relations.keys() - undone.relations.keys() == {
            key for key in before.relations if key.type == "LIKES"
        }
        assert written.replay(driver, what, 2) > 0
        again = written.picture(driver)
        assert (again.nodes, again.relations) == (after.nodes, after.relations)
    finally:
        shared.empty(login)
        driver.execute_query("DROP CONSTRAINT thing_name")


def test_a_greater_store_holds_all_people_of_the_smaller_and_none_of_the_records_asked(
    tmp_path: Path,
) -> None:
    grown = inputs.grown(dataset(tmp_path, 200), (40, 100, 500))
    held = [{row.record_id for row in store()} for store in grown.stores]
    asked = {row.record_id for row in grown.asked}
    assert [len(each) for each in held] == [*grown.sizes] == [36, 96, 196] and len(asked) == 4
    assert held[0] < held[1] < held[2] and asked.isdisjoint(held[2])
