from __future__ import annotations

import csv
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import apsw
import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.accuracy.environments import NotMade
from bench.batch import growth, linking
from bench.batch.__main__ import main
from bench.batch.callers import Acknowledged, Callers, CallFailed, _ask, _begin
from bench.batch.feed import Follower, misplaced
from bench.batch.files import SHARED_COLUMN, SHARED_PHONE, generated, half_shared, labelled
from bench.batch.half import regrouped
from bench.batch.importing import insert
from bench.batch.processes import Spent, descendants, spent
from bench.batch.shock import Span, rate
from bench.batch.stages import Stage, stages
from bench.command import RunFailed
from bench.speed import lookups, servers, stores
from bench.speed.written import tables
from graph.sqlite import SqliteStore
from resolver.batch.arrivals import arrival
from resolver.cli.delivery import touchpoint_request
from resolver.sample.generate import sample_rows

# Stands for a resolver that goes by the name alone.
BY_NAME = """
import csv, sys
at = {name: sys.argv[sys.argv.index(name) + 1] for name in ("--out", "--id") if name in sys.argv}
with open(sys.argv[2]) as file, open(at["--out"], "w") as out:
    print("record_id,customer_id", file=out)
    for number, row in enumerate(csv.DictReader(file), start=1):
        print(row[at["--id"]] if "--id" in at else number, row.get("full_name"), sep=",", file=out)
print("reading: 1,200 in 0.1 s, 12,000/s, peak memory 30 MiB", file=sys.stderr)
"""
GROWN = "import os, time; held = bytearray(64 << 20); {fork}; time.sleep(1.3)"


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "resolver.py"
    path.write_text(text)
    return f"{sys.executable} {path}"


def omni(data: Path, people: int = 20) -> None:
    """A set of three records each, under the name of the smallest one."""
    (data / "omni").mkdir()
    rows = [
        {"record_id": f"{who}-{n}", "entity_id": f"p{who}", "full_name": f"Name {who}", "phone": ""}
        for who in range(people)
        for n in range(3)
    ]
    pq.write_table(pa.Table.from_pylist(rows), data / "omni" / "omni_10k.parquet")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


def run(tmp_path: Path, *told: str) -> str:
    omni(tmp_path)
    out = tmp_path / "report.md"
    usual = ["--data", str(tmp_path), "--out", str(out), "--kept", str(tmp_path / "kept"), "--rounds", "1"]
    assert main([*usual, "--resolver", script(tmp_path, BY_NAME), *told]) == 0
    return out.read_text()


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell")
def test_memory_is_of_all_processes_and_shared_pages_count_once(tmp_path: Path) -> None:
    alone, forked = (
        spent([sys.executable, "-c", GROWN.format(fork=fork)], tmp_path / "log").peak
        for fork in ("pass", "os.fork() and os.fork()")
    )
    assert 64 << 20 < alone < forked < 128 << 20


def test_processes_are_found_however_deep() -> None:
    inner = "import time; time.sleep(30)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer]) as started:
        try:
            end = time.monotonic() + 20
            while not (found := [*descendants(started.pid)]) and time.monotonic() < end:
                time.sleep(0.05)
            assert len(found) == 1
            assert {started.pid, *found} <= {*descendants(os.getpid())}
        finally:
            for process_id in [*descendants(started.pid), started.pid]:
                os.kill(process_id, 9)


def test_a_command_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"bench\.batch\.nothing ended with 1"):
        spent([sys.executable, "-m", "bench.batch.nothing"], tmp_path / "log")


def test_stages_are_read_from_what_a_run_tells(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(
        "phone -> phone\n"
        "reading: 1,000,000 in 1,020.5 s, 980/s, peak memory 1.2 GiB\n"
        "blocking: 3.0 s, peak memory 1.2 GiB\n"
        "comparing, in chunks: 25 in 2.5 s, 10/s, peak memory 1.3 GiB\n"
        "population 1000000, from 1000000 valid rows\n"
    )
    assert [*stages(tmp_path / "log", Spent(1030.0, 0, 0))] == [
        Stage("reading", 1020.5),
        Stage("blocking", 3.0),
        Stage("comparing, in chunks", 2.5),
        Stage("start, writing and end", 4.0),
    ]


def test_half_of_the_rows_have_the_value_and_nothing_else_differs(tmp_path: Path) -> None:
    omni(tmp_path)
    rows = labelled(tmp_path, 60, tmp_path / "rows.csv")
    bare, half = tmp_path / "bare.csv", tmp_path / "half.csv"
    others = half_shared(rows.path, bare, half)
    both = [read(path) for path in (bare, half)]
    values = [[row.pop(SHARED_COLUMN) for row in each] for each in both]
    assert both[0] == both[1] == read(rows.path)
    assert set(values[0]) == {""}
    assert {place for place, value in enumerate(values[1]) if not value} == others
    assert set(values[1]) == {"", SHARED_PHONE}


def test_so_many_rows_of_a_set_with_their_people(tmp_path: Path) -> None:
    omni(tmp_path)
    rows = labelled(tmp_path, 10, tmp_path / "rows.csv")
    found = read(rows.path)
    assert [row["record_id"] for row in found] == [str(place) for place in range(10)]
    assert [row["full_name"].replace("Name ", "p") for row in found] == [*rows.truth]


def test_people_are_the_same_at_every_size_and_nobody_comes_twice(tmp_path: Path) -> None:
    few, many = generated(tmp_path, [200, 2_000])
    assert many.read_text().startswith(few.read_text())
    rows = read(many)
    assert len(rows) == len({row["touchpoint_id"] for row in rows}) == 2_000
    surnames: dict[str, set[str]] = {}
    for row in rows:
        surnames.setdefault(row["loyalty_id"], set()).add(row["surname"])
    married_and_mistyped = 3
    assert max(len(names) for card, names in surnames.items() if card) <= married_and_mistyped
    before = many.stat()
    assert generated(tmp_path, [200, 2_000])[1].stat() == before


def test_sizes_keep_their_proportions() -> None:
    assert growth.sizes(None) == growth.sizes(9_000_000) == (100_000, 1_000_000, 4_000_000)
    assert growth.sizes(40_000) == [1_000, 10_000, 40_000]


def test_rows_that_are_grouped_otherwise() -> None:
    assert regrouped("aabbc", "xxyyz", range(5)) == 0
    assert regrouped("aabbc", "xxyzz", range(5)) == 3
    assert regrouped("aabbc", "xxyzz", [0, 1, 2]) == 0


def test_a_feed_is_held_against_the_history() -> None:
    assert misplaced([1, 2, 5], [1, 2, 5]) == 0
    assert misplaced([1, 5, 2], [1, 2, 5]) == 2
    assert misplaced([1, 2], [1, 2, 5]) == misplaced([1, 2, 5, 5], [1, 2, 5]) == 1


def test_the_rate_is_of_what_is_new() -> None:
    told = [Acknowledged(at, 10, at >= 4) for at in (0.5, 1.5, 2.5, 3.5, 4.0, 4.1, 4.2)]
    assert rate(told, Span(1, 3)) == 10
    assert rate(told, Span(2, 6)) == 10
    with pytest.raises(RunFailed, match="ran out"):
        rate(told, Span(5, 6))


def test_the_bare_inserts_write_the_whole_store(tmp_path: Path) -> None:
    made, bare = tmp_path / "made.db", tmp_path / "bare.db"
    with stores.opened(made) as opened:
        opened.pipeline.record([arrival(row, 0) for row, _ in sample_rows(30)])
    found = insert(made, bare, 7)
    held = [contents(path) for path in (made, bare)]
    assert held[0] == held[1]
    assert found.rows == sum(map(len, held[0].values()))
    assert found.seconds > 0
    SqliteStore.open_writer(bare).close()


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = apsw.Connection(str(path))
    try:
        return {
            table.name: connection.execute(
                f"SELECT * FROM {table.name} ORDER BY {', '.join(table.key)}"
            ).fetchall()
            for table in tables(connection)
        }
    finally:
        connection.close()


def test_callers_go_on_until_they_are_stopped(tmp_path: Path) -> None:
    rows = [row for row, _ in sample_rows(100)]
    requests = [touchpoint_request(row, row.touchpoint) for row in rows if row.touchpoint is not None]
    with (
        servers.service(tmp_path / "s.db", 100) as server,
        grpc.insecure_channel(server.address) as channel,
        Follower(channel) as follower,
    ):
        with Callers(server.address) as callers:
            telling = callers.tell([each.SerializeToString() for each in requests], 0)
            asking = callers.ask(lookups.requests(requests), 40)
            while not follower.changes or not telling.running():
                time.sleep(0.05)
            time.sleep(0.5)
            callers.stop()
            told, waits = telling.result(30), asking.result(30)
        assert sum(each.touchpoints for each in told if not each.again) >= 100
        assert [each.at for each in told] == sorted(each.at for each in told)
        assert len({each.due for each in waits}) == len(waits) > 5
        assert follower.wrong() == 0
        _begin(stop := threading.Event())
        with pytest.raises(CallFailed, match="INVALID_ARGUMENT"):
            _ask(server.address, [b""], 40)
        assert stop.is_set()


def test_a_value_on_half_of_the_rows_is_measured(tmp_path: Path) -> None:
    text = run(tmp_path, "--only", "half", "--records", "60")
    assert "| rows without the value that are grouped otherwise | rows | 0 |  |  | <= 0: yes |" in text
    assert "60 rows with an empty column" in text


def test_growth_is_measured(tmp_path: Path) -> None:
    text = run(tmp_path, "--only", "growth", "--records", "1000")
    assert "| wall time a row, 1,000 rows against 500 |" in text
    assert "| ... files that differ from the one made without a bound |  | 0 |  |  | <= 0: yes |" in text
    assert "| reading | 0.1 |" in text


def test_without_splink_ours_is_measured_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, cache: Path) -> Path:
        raise NotMade("no network")

    monkeypatch.setattr(linking, "python_of", missing)
    text = run(tmp_path, "--only", "splink", "--records", "60")
    assert "Splink did not run: it cannot be installed: no network" in text
    assert "| ... precision |  | 1 |" in text


def test_a_part_that_fails_is_told_and_the_next_begun(tmp_path: Path) -> None:
    omni(tmp_path)
    out = tmp_path / "report.md"
    told = [
        "--data",
        str(tmp_path),
        "--out",
        str(out),
        "--kept",
        str(tmp_path),
        "--only",
        "import",
        "--records",
        "60",
    ]
    assert main([*told, "--resolver", f"{sys.executable} -c 1/0"]) == 1
    assert "Not measured: " in out.read_text()
