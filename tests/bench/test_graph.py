from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.accuracy.datasets import DATASETS
from bench.graph import inputs, written
from bench.graph.bulk import Bulk
from bench.speed.stores import opened
from graph.sqlite import SqliteStore
from graph.sqlite.filling import fill
from resolver.batch.arrivals import arrival
from resolver.batch.mapping import guess
from resolver.batch.readers import Row
from resolver.batch.rows import RowMaker
from resolver.inquiry import resolve
from tests.neo4j import shared
from tests.simulation.books import grouped
from tests.simulation.check import customers, live

COLUMNS = ("event_id", "channel", "created_at", "record_id", "name", "email", "phone")


def rows(people: int) -> list[Row]:
    """Three records of each person, who shares a phone with the one beside them."""
    make = RowMaker(guess(COLUMNS))
    made = [
        make(
            n,
            n,
            (
                f"t{n}", "web", "2024-01-01", f"r{n}", f"Person Of{chr(97 + who % 26)}{chr(97 + who // 26)}",
                f"person{who}@ziggo.nl" if n % 3 else "", f"+3120555{who // 2:04}" if n % 3 < 2 else "",
            ),
        )
        for who in range(people)
        for n in range(3 * who, 3 * who + 3)
    ]  # fmt: skip
    return [row for row in made if isinstance(row, Row)]


def test_a_bulk_is_what_recording_the_same_comes_to(tmp_path: Path) -> None:
    said = rows(40)
    with opened(tmp_path / "recorded.db") as recorded:
        arrivals = [arrival(row, 0) for row in said]
        recorded.pipeline.record(arrivals)
        while recorded.pipeline.settle():
            pass
        terms, settings = recorded.terms, recorded.store.meta()
        bulk = Bulk.of(lambda: said, terms, settings)
        fill(tmp_path / "filled.db", bulk.items())
        filled = SqliteStore.open_writer(tmp_path / "filled.db")
        try:
            assert grouped(customers(filled)) == grouped(customers(recorded.store))
            with filled.snapshot() as here, recorded.store.snapshot() as there:
                assert here.meta() == there.meta()
                assert {key: one.statement for key, one in live(here).items()} == {
                    key: one.statement for key, one in live(there).items()
                }
                assert [s for _, s in here.suggestions(None, 999)] == [
                    s for _, s in there.suggestions(None, 999)
                ]
                digests = {one.node for one in live(here).values() if one.node is not None}
                assert {c.nodes for c in here.components(digests)} == {
                    c.nodes for c in there.components(digests)
                }
                assert here.known_touchpoints(
                    [a.touchpoint.key for a in arrivals if a.touchpoint]
                ).keys() == {a.touchpoint.key for a in arrivals if a.touchpoint}
                asked = said[4].evidence
                one, other = (
                    resolve(s, terms.model, terms.policy, terms.settings, asked, 10) for s in (here, there)
                )
                assert one.decision == other.decision and one.customer and other.customer
        finally:
            filled.close()


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
    dataset = next(each for each in DATASETS if each.name == "omni_10k")
    file = tmp_path / dataset.file
    file.parent.mkdir()
    told = [
        {
            "record_id": f"r{n}",
            "entity_id": f"p{n % 50}",
            "channel": "web",
            "created_at": "2024-01-01T10:00:00Z",
        }
        for n in range(200)
    ]
    pq.write_table(pa.Table.from_pylist(told), file)
    grown = inputs.grown(inputs.Rows(dataset, tmp_path), (40, 100, 500))
    held = [{row.record_id for row in store()} for store in grown.stores]
    asked = {row.record_id for row in grown.asked}
    assert [len(each) for each in held] == [*grown.sizes] == [36, 96, 196] and len(asked) == 4
    assert held[0] < held[1] < held[2] and asked.isdisjoint(held[2])
