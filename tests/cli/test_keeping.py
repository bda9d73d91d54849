"""`resolver dump`, `restore`, `migrate` and `doctor`, beside a service and without one."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from graph.migrations import migrations
from graph.sqlite.connection import connect_writer
from graph.sqlite.migrate import migrate
from resolver.cli import main
from tests.serve.builders import person, record, served

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("made") / "store.db"
    with served(store) as (_, client):
        for name, city in (("a", "Utrecht"), ("b", "Zwolle")):
            evidence = person(email="jan.devries@kpnmail.nl", phone="0612345671", city=city)
            client.resolution.UpsertRecord(record(name, evidence))
        client.resolution.UpsertRecord(record("c", person("Femke", "Postma", email="femke@ziggo.nl")))
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made, tmp_path / "store.db")
    return Path("store.db")


@pytest.mark.parametrize("name", ["out.cgdump", "out.cgdump.gz", "out.cgdump.zst"])
def test_a_dump_is_restored_to_the_same_store(run: Run, store: Path, name: str) -> None:
    code, out, err = run("dump", name, "--store", store)
    assert (code, out) == (0, "")
    assert "records: 3 in" in err
    assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    code, out, _ = run("restore", name, "--store", "copy.db")
    assert (code, out) == (0, "copy.db is at revision 3\n")
    run("dump", "again.cgdump", "--store", "copy.db", "--quiet")
    run("dump", "first.cgdump", "--store", store, "--quiet")
    assert Path("again.cgdump").read_bytes() == Path("first.cgdump").read_bytes()
    run("dump", f"again-{name}", "--store", "copy.db", "--quiet")
    assert Path(f"again-{name}").read_bytes() == Path(name).read_bytes()


def test_a_dump_is_taken_while_the_store_is_served_and_what_is_restored_is_served(
    run: Run, store: Path
) -> None:
    with served(store.resolve()) as (_, client):
        assert run("dump", "out.zst", "--store", store, "--quiet")[0] == 0
        client.resolution.UpsertRecord(record("d", person("Kees", "Bakker", phone="0612345672")))
    assert run("restore", "out.zst", "--store", "copy.db", "--quiet")[0] == 0
    with served(Path("copy.db").resolve()) as (_, client):
        client.resolution.UpsertRecord(record("d", person("Kees", "Bakker", phone="0612345672")))
    for place in (store, "copy.db"):
        assert run("doctor", "--store", place, "--partition", "all", "--quiet")[0] == 0


def test_a_dump_goes_through_a_pipe(
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["resolver", "dump", "-", "--store", str(store), "--quiet"])
    assert main() == 0
    dumped = capfdbinary.readouterr().out
    for content in (dumped, dumped[:-1000]):
        copy = f"{len(content)}.db"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
        monkeypatch.setattr(sys, "argv", ["resolver", "restore", "-", "--store", copy, "--quiet"])
        assert main() == (0 if content == dumped else 1)
        assert Path(copy).exists() == (content == dumped)
    assert b"resolver: stdin: line" in capfdbinary.readouterr().err


def test_a_store_is_copied_without_a_dump(run: Run, store: Path) -> None:
    assert run("restore", "--from", store, "--store", "copy.db", "--quiet")[0] == 0
    assert run("dump", "a", "--store", "copy.db", "--quiet") == run("dump", "b", "--store", store, "--quiet")
    assert Path("a").read_bytes() == Path("b").read_bytes()
    code, _, err = run("restore", "--from", store, "--store", "copy.db", "--quiet")
    assert (code, err) == (1, "resolver: store: copy.db: there is a store already, and it is not empty\n")
    code, _, err = run("restore", "--from", "none.db", "--store", "new.db", "--quiet")
    assert (code, err) == (1, "resolver: store: none.db: none.db does not exist\n")


@pytest.mark.parametrize("name", ["out.cgdump", "out.cgdump.gz", "out.cgdump.zst"])
def test_a_damaged_dump_makes_no_store(run: Run, store: Path, name: str) -> None:
    run("dump", name, "--store", store, "--quiet")
    content = Path(name).read_bytes()
    place = len(content) // 2
    for damaged in (content[:-30], content[:place], content[:place] + b"###" + content[place + 3 :], b""):
        Path(name).write_bytes(damaged)
        code, out, err = run("restore", name, "--store", "copy.db", "--quiet")
        assert (code, out) == (1, "")
        assert err.startswith(f"resolver: {name}: ") and "line" in err and err.count("\n") == 1
        assert not Path("copy.db").exists()


def test_a_dump_that_cannot_be_written_leaves_nothing(run: Run, store: Path) -> None:
    code, _, err = run("dump", "no/where.zst", "--store", store, "--quiet")
    assert (code, err) == (1, "resolver: no/where.zst.part: No such file or directory\n")
    code, _, err = run("dump", "out", "--store", "none.db", "--quiet")
    assert (code, err) == (1, "resolver: store: none.db: none.db does not exist\n")
    assert not Path("out").exists() and not Path("out.part").exists()


def test_what_to_restore_is_named_once(run: Run) -> None:
    for arguments in ([], ["dump.zst", "--from", "store.db"]):
        code, _, err = run("restore", *arguments, "--store", "copy.db")
        assert (code, err) == (1, "resolver: name a dump, or a store by --from\n")
    code, _, err = run("restore", "none.zst", "--store", "copy.db")
    assert (code, err) == (1, "resolver: none.zst: No such file or directory\n")


def test_a_store_of_this_generation_is_left_as_it_is(run: Run, store: Path) -> None:
    last = migrations("sqlite")[-1].number
    assert run("migrate", "--store", store)[:2] == (0, f"store.db is of this program's generation, {last}\n")


def test_an_older_store_is_brought_to_this_generation(run: Run, tmp_path: Path) -> None:
    connection = connect_writer(tmp_path / "old.db")
    migrate(connection, migrations("sqlite")[:1], 1)
    connection.execute("INSERT INTO node (digest, asserted) VALUES ('n1', '[]')")
    connection.execute("INSERT INTO node_body VALUES (1, x'', '[]', '[]')")
    connection.execute("UPDATE head SET revision = 5")
    connection.close()
    last = migrations("sqlite")[-1].number
    code, out, _ = run("migrate", "--store", "old.db", "--dry-run")
    assert code == 0
    assert "2 relations: to be done\n3 adoption: to be done\n" in out
    assert out.endswith(f"old.db would be of generation {last}, after 1\n")
    assert run("dump", "out", "--store", "old.db")[2] == (
        "resolver: store: old.db: the store is of an older generation: open it for writing once\n"
    )
    code, out, _ = run("migrate", "--store", "old.db")
    assert "2 relations: done\n" in out
    assert f"old.db is of generation {last}, after 1\nsome records wait to be looked at again" in out
    assert run("migrate", "--store", "old.db", "--dry-run")[1].endswith(f"generation, {last}\n")


def test_a_newer_store_and_none_are_refused(run: Run, store: Path) -> None:
    with closing(sqlite3.connect(store)) as database:
        database.execute("INSERT INTO migration VALUES (99, 'x', 'y', 1)")
        database.commit()
    assert "newer generation" in run("migrate", "--store", store)[2]
    assert run("migrate", "--store", "none.db")[0] == 1
    assert not Path("none.db").exists()


def test_a_served_store_of_an_older_generation_cannot_be(run: Run, store: Path) -> None:
    with served(store.resolve()):
        assert run("migrate", "--store", store)[0] == 0


def test_a_sound_store_is_told_so(run: Run, store: Path) -> None:
    code, out, err = run("doctor", "--store", store, "--partition", 2)
    assert code == 0
    assert out.splitlines()[0] == "settings: in order"
    assert out.splitlines()[-2:] == ["derived: in order", "partition: in order"]
    assert "records: 3 in" in err


def test_what_is_broken_is_told_in_a_line(run: Run, store: Path) -> None:
    with closing(sqlite3.connect(store)) as database:
        database.execute("DELETE FROM member")
        database.execute("UPDATE customer SET touched = 0")
        database.commit()
    code, out, _ = run("doctor", "--store", store, "--quiet")
    assert code == 1
    assert "ids: 2 customers were never touched, though they have records, one of them " in out
    assert "blocks have other members than the nodes that are in them, one of them block " in out
    assert "feed: in order" in out and "@" not in out
    code, out, err = run("doctor", "--store", store, "--json")
    told = json.loads(out)
    assert (code, err, told["sound"], told["revision"]) == (1, "", False, 3)
    assert told["checks"]["feed"] == []
    assert told["checks"]["ids"][0]["number"] == 2


def test_where_records_wait_the_partition_is_not_looked_at(run: Run, store: Path) -> None:
    with closing(sqlite3.connect(store)) as database:
        database.execute("INSERT INTO waiting SELECT digest, 1 FROM node LIMIT 1")
        database.commit()
    code, out, _ = run("doctor", "--store", store, "--partition", "all", "--quiet")
    assert code == 0
    assert out.endswith("partition: not looked at, for records wait to be looked at again\n")
    assert run("doctor", "--store", store, "--partition", "some")[0] == 2
