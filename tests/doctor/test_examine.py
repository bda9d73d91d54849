"""The doctor finds nothing in a sound store, whatever happened to it, and each thing that is broken."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import RecordKey
from graph.sqlite import SqliteStore
from graph.sqlite.contents import contents
from graph.sqlite.filling import fill
from graph.whole import Fault, HeldKey, Item, items
from resolver.doctor import CHECKS, Finding
from resolver.doctor.census import Census
from resolver.doctor.passing import Contacts
from resolver.doctor.regrouped import regrouped, sampled
from resolver.intake import Arrival
from tests.conformance.samples import touchpoint
from tests.doctor.stores import furnished, looked_over, opened, pipeline, whole
from tests.simulation.test_neutrality import judgings, run
from tests.simulation.universe import POLICIES, arrivals

T = TypeVar("T", bound=Item)


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(
    policy=st.sampled_from(sorted(POLICIES)),
    said=st.lists(st.one_of(arrivals, arrivals, arrivals, judgings), min_size=3, max_size=25),
    more=st.lists(arrivals, max_size=8),
    cuts=st.randoms(use_true_random=False),
)
def test_a_sound_store_is_found_sound_and_so_is_its_copy(
    policy: str, said: list[object], more: list[Arrival], cuts: random.Random
) -> None:
    with TemporaryDirectory() as folder:
        path, copy = Path(folder) / "store.db", Path(folder) / "copy.db"
        store = opened(path, policy)
        run(store, policy, said, cuts, between=False)  # type: ignore[arg-type]
        assert looked_over(path) == []
        with store.snapshot() as snapshot:
            assert list(regrouped(snapshot)) == []
            assert list(sampled(snapshot, 5)) == []
        fill(copy, whole(path))
        other = SqliteStore.open_writer(copy)
        # Both go on: under the same names they come to the same, item by item.
        for each in (store, other):
            _go_on(each, policy, more)
        assert looked_over(path) == looked_over(copy) == []
        assert whole(path) == whole(copy)
        store.close()
        other.close()


def _go_on(store: SqliteStore, policy: str, more: list[Arrival]) -> None:
    writer = pipeline(store, policy)
    names = count(1)
    writer._mint = lambda: f"later{next(names):05}"
    writer.record(more)
    while writer.settle(2):
        pass


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "store.db"
    furnished(path)
    assert looked_over(path) == []
    found = {type(item).__name__ for item in whole(path)}
    assert {"HeldSuggestion", "Relation", "SilentKey", "Judgement", "Touchpoint"} <= found
    return path


_FIRST = "(SELECT id FROM record WHERE record_id = '6')"
_A_BLOCK = "(SELECT min(block) FROM member)"
BROKEN = {
    "a setting is gone": ("DELETE FROM meta WHERE name = 'region'", "settings", "missing"),
    "the model is gone": ("DELETE FROM meta WHERE name = 'population'", "settings", "cannot be read"),
    "another generation": ("UPDATE meta SET value = '0' WHERE name = 'generation'", "settings", "generation"),
    "a customer nobody knows": (
        f"UPDATE record SET customer = 'x' WHERE id = {_FIRST}",
        "records",
        "never handed out",
    ),
    "an erased customer": (
        f"UPDATE customer SET erased = 1 WHERE id = (SELECT customer FROM record WHERE id = {_FIRST})",
        "records",
        "erased",
    ),
    "a record without its node": (
        f"UPDATE record SET node = NULL WHERE id = {_FIRST}",
        "records",
        "no node",
    ),
    "a tombstone with a customer": (
        "UPDATE record SET customer = 'x' WHERE deleted",
        "records",
        "deleted records",
    ),
    "a node in no component": (
        f"UPDATE node SET component = NULL WHERE id = (SELECT node FROM record WHERE id = {_FIRST})",
        "components",
        "no component",
    ),
    "a node of nobody": (
        f"UPDATE record SET deleted = 1, node = NULL, customer = NULL WHERE id = {_FIRST}",
        "components",
        "no live record's",
    ),
    "a customer in two components": (
        """UPDATE node SET component = (SELECT n.component FROM node n JOIN record r ON r.node = n.id
        WHERE r.record_id = '11') WHERE id = (SELECT node FROM record WHERE record_id = '4')""",
        "components",
        "another component",
    ),
    "an id without an anchor": (
        "UPDATE customer SET anchor = NULL WHERE anchor IS NOT NULL",
        "ids",
        "no anchor",
    ),
    "a younger id that is borne": (
        f"""INSERT INTO customer (id, minted, anchor, touched)
        SELECT 'aa', 0, {_FIRST}, 1""",
        "ids",
        "oldest id",
    ),
    "an untouched customer": ("UPDATE customer SET touched = 0", "ids", "touched"),
    "judgements that contradict": (
        """INSERT INTO judgement (name, kind, parts, author, reason, time, revision)
        SELECT 'j', 'merge', '[[["till","1"],["till","3"]]]', '', '', 1, revision FROM head""",
        "judgements",
        "contradict",
    ),
    "a judgement that does not hold": (
        """INSERT INTO judgement (name, kind, parts, author, reason, time, revision)
        SELECT 'j', 'merge', '[[["till","1"],["till","9"]]]', '', '', 1, revision FROM head""",
        "judgements",
        "not together",
    ),
    "a split that does not hold": (
        """INSERT INTO judgement (name, kind, parts, author, reason, time, revision)
        SELECT 'j', 'split', '[[["till","11"]],[["till","12"]]]', '', '', 1, revision FROM head""",
        "judgements",
        "are together",
    ),
    "a suggestion of one customer": (
        "UPDATE suggestion SET right_record = left_record",
        "suggestions",
        "not of two",
    ),
    "a suggestion elsewhere": (
        "UPDATE suggestion SET component = (SELECT max(id) FROM component)",
        "suggestions",
        "another component",
    ),
    "features that cannot be read": ("UPDATE node_body SET features = x'00'", "evidence", "cannot be read"),
    "features of somebody else": (
        """UPDATE node_body SET features = (SELECT features FROM node_body WHERE node = (SELECT max(node)
        FROM node_body)) WHERE node = (SELECT min(node) FROM node_body)""",
        "evidence",
        "not what",
    ),
    "a move that never was": ("DELETE FROM move WHERE place = 0", "feed", "customer that the feed"),
    "a move from elsewhere": ("UPDATE move SET before = 'x' WHERE place = 0", "feed", "where it was not"),
    "a change that moves nobody": ("DELETE FROM move", "feed", "move nobody"),
    "an id of nobody": ("""UPDATE change SET after = '["x"]'""", "feed", "not known"),
    "a later revision": ("UPDATE head SET revision = 1", "revisions", "later revision"),
    "a record before its time": ("UPDATE record SET changed = 0", "revisions", "before they were"),
    "a generic value that speaks": ("DELETE FROM silent", "silence", "speak that are generic"),
    "a value that was silenced": ("INSERT INTO silent VALUES ('x')", "silence", "should speak"),
    "a touchpoint of nobody": ("UPDATE touchpoint SET record = 999 WHERE id = 1", "derived", "touchpoints"),
    "an anchor that is gone": (
        "UPDATE customer SET anchor = 999 WHERE anchor IS NOT NULL",
        "derived",
        "anchors",
    ),
    "a member too few": (f"DELETE FROM member WHERE block = {_A_BLOCK}", "derived", "other members"),
    "a member too many": (
        f"INSERT OR IGNORE INTO member SELECT {_A_BLOCK}, id FROM node",
        "derived",
        "other members",
    ),
    "a wrong size": (f"UPDATE block SET size = size + 1 WHERE id = {_A_BLOCK}", "derived", "another size"),
    "a wrong count": ("UPDATE block SET descriptions = 9 WHERE size = 1", "derived", "another size"),
    "a block that is gone": (f"DELETE FROM block WHERE id = {_A_BLOCK}", "derived", "have no block"),
    "a description too many": (
        "UPDATE spoken SET nodes = nodes + 1 WHERE block = (SELECT max(block) FROM spoken)",
        "derived",
        "other descriptions",
    ),
    "a description verified": (
        "UPDATE spoken SET verified = 1 WHERE block = (SELECT max(block) FROM spoken)",
        "derived",
        "other descriptions",
    ),
    "a holder too few": (f"DELETE FROM holder WHERE record = {_FIRST}", "derived", "held by others"),
    "a holder of another customer": (
        f"UPDATE holder SET customer = 'x' WHERE record = {_FIRST}",
        "derived",
        "held by others",
    ),
    "a surer holder": (
        f"UPDATE holder SET assurance = 3 WHERE record = {_FIRST}",
        "derived",
        "held by others",
    ),
    "assertions that are not listed": (
        "UPDATE node SET asserted = '[]' WHERE id = (SELECT max(id) FROM node)",
        "derived",
        "other identifiers",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_found(case: str, sound: Path, tmp_path: Path) -> None:
    sql, check, words = BROKEN[case]
    path = tmp_path / "store.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    assert connection.total_changes() > 0
    connection.close()
    found = [each for each in looked_over(path) if words in f"{each.words}"]
    assert [each.check for each in found] == [check]
    assert found[0].number > 0


def test_every_check_was_broken_once() -> None:
    # What hangs on nothing ends the reading of this store; that check is for those that have no such end.
    assert {check for _, check, _ in BROKEN.values()} == set(CHECKS) - {"touchpoints"}


def test_a_touchpoint_that_hangs_on_nothing_is_found() -> None:
    census = Census()
    check = Contacts(census)
    census.count(HeldKey(RecordKey("shop", "1"), 1, None))
    for record_id in ("1", "2"):
        check.see(touchpoint(f"t{record_id}", record_id, 1))
    (found,) = check.findings(Nothing())
    assert found == Finding("touchpoints", "touchpoints hang on no record", 1, "till:t2")


class Nothing:
    """An empty store."""

    def section(self, _: type[T]) -> Iterator[T]:
        return iter(())

    def faults(self) -> Iterator[Fault]:
        return iter(())


def test_a_damaged_file_is_found(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    page: int = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'move_after'").get
    size: int = connection.pragma("page_size")
    connection.close()
    content = bytearray(path.read_bytes())
    place = page * size - 40
    content[place : place + 20] = bytes(20)
    path.write_bytes(content)
    assert "file" in {fault.name for fault in _faults(path)}


def _faults(path: Path) -> list[Fault]:
    with contents(path) as held:
        return list(held.faults())


def test_customers_that_the_rules_would_not_make_are_found(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE record SET customer = 'x' WHERE record_id = '12'")
    connection.close()
    store = SqliteStore.open_reader(path)
    with store.snapshot() as snapshot:
        assert [each.words for each in regrouped(snapshot)] == [
            "customers are what the rules would merge with others"
        ]
        (found,) = sampled(snapshot, 50)
        assert found.check == "partition" and "others" in found.words
    store.close()


def test_a_component_that_nothing_holds_together_is_found(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE node SET component = 1")
    connection.close()
    store = SqliteStore.open_reader(path)
    with store.snapshot() as snapshot:
        assert "components are no longer held together by any edge" in {
            e.words for e in sampled(snapshot, 50)
        }
    store.close()


def test_an_empty_store_is_sound(tmp_path: Path) -> None:
    SqliteStore.open_writer(tmp_path / "store.db").close()
    assert looked_over(tmp_path / "store.db") == []
    with contents(tmp_path / "store.db") as held:
        assert len(list(items(held))) == 1
