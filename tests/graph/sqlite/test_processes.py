"""The embedded store among processes: killed writers, readers beside a writer, the lock, a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from graph.model import TouchpointKey
from graph.sqlite import SqliteStore
from tests.conformance.samples import key, phone

ROOT = Path(__file__).parents[3]


def start(role: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.graph.sqlite.processes", role, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def finished(role: str, path: Path) -> list[str]:
    with start(role, path) as process:
        lines, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return lines.split("\n")[:-1]


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    acknowledged = 0
    for commits in (1, 2, 5, 17, 40, 71, 113):
        with start("write", path) as process:
            assert process.stdout is not None
            for _ in range(commits):
                acknowledged = int(process.stdout.readline())
            process.kill()
            # Lines that it still got out before it died are acknowledgements too.
            acknowledged = max(acknowledged, *map(int, process.stdout.read().split()), 0)
        store = SqliteStore.open_writer(path)
        with store.snapshot() as snapshot:
            revision = snapshot.revision
            assert revision >= acknowledged
            numbers = range(1, revision + 1)
            assert [one.revision for one in snapshot.changes(0, 10**6)] == [*numbers]
            assert snapshot.records([key(str(i)) for i in range(revision + 9)]).keys() == {
                key(str(i)) for i in numbers
            }
            told = [TouchpointKey("till", str(i)) for i in range(revision + 9)]
            assert snapshot.known_touchpoints(told).keys() == {TouchpointKey("till", str(i)) for i in numbers}
            phones = {f"phone::{i}" for i in numbers}
            assert snapshot.blocks(phones, 9).keys() == phones
            (holder,) = snapshot.holders(phone(str(acknowledged)), 9)
            assert (holder.customer, holder.touched) == (f"c{acknowledged}", acknowledged)
        store.close()


def test_readers_beside_a_writer_see_every_revision_whole(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqliteStore.open_writer(path).close()
    readers = [start("watch", path) for _ in range(3)]
    with start("write", path) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 300:
                break
        for reader in readers:
            lines, _ = reader.communicate(timeout=60)
            assert reader.returncode == 0
            assert int(lines) >= 300
        writer.kill()


def test_one_process_at_a_time_is_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore.open_writer(path)
    assert finished("lock", path) == ["locked"]
    store.close()
    assert finished("lock", path) == ["opened"]


def test_a_full_disk_refuses_the_write_whole_and_passes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first, second, last = finished("fill", path)
    assert first == second != "written"
    assert last == "3"
    store = SqliteStore.open_reader(path)
    with store.snapshot() as snapshot:
        assert snapshot.blocks(["k" * 5000], 0)["k" * 5000].size == 200
        assert snapshot.records([key("kept")])
    store.close()


def test_a_forked_process_does_not_keep_the_lock_when_the_writer_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore.open_writer(path)
    child_hears, telling = os.pipe()
    hearing, child_tells = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(telling)
        os.write(child_tells, b"!")
        os.read(child_hears, 1)  # until nobody could tell any more
        os._exit(0)
    assert os.read(hearing, 1) == b"!"
    store.close()
    SqliteStore.open_writer(path).close()
    os.close(telling)
    assert os.waitpid(child, 0)[1] == 0
    for end in (child_hears, hearing, child_tells):
        os.close(end)
