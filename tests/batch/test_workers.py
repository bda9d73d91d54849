from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.batch import workers as working
from resolver.batch.dedupe import dedupe
from resolver.batch.rows import Reject, Row
from resolver.batch.workers import WorkerLost, workers
from resolver.resolve.settings import Policy
from resolver.sample.generate import sample_rows

ROOT = Path(__file__).parents[2]
_KILLED = """
import os, signal, sys
from resolver.batch.workers import workers

for number, process in enumerate(workers(2)(lambda _: os.getpid(), range(100))):
    print(process, flush=True)
    if number == 20:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def sampled() -> list[Row]:
    return [each for each, _ in sample_rows(people=120, seed=5)]


def test_a_worker_that_is_ended_is_told() -> None:
    with pytest.raises(WorkerLost, match="a worker was ended"):
        list(workers(2)(lambda _: os.kill(os.getpid(), signal.SIGKILL), range(4)))


def test_answers_come_in_order_and_from_other_processes() -> None:
    own = os.getpid()
    shared = list(range(100))
    answers = list(workers(2)(lambda place: (shared[place], os.getpid()), range(100)))
    assert [answer for answer, _ in answers] == shared
    assert own not in {process for _, process in answers}


def test_no_more_is_taken_than_is_soon_answered() -> None:
    taken: list[int] = []

    def items() -> object:
        for number in range(50):
            taken.append(number)
            yield number

    spread = workers(2)(str, items())  # type: ignore[arg-type]
    assert next(spread) == "0" and len(taken) <= 2 * working.AHEAD
    assert len(list(spread)) == 49


def test_of_long_items_fewer_are_taken_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "AHEAD_BYTES", 5000)
    taken: list[int] = []

    def items() -> Iterator[str]:
        for number in range(50):
            taken.append(number)
            yield "x" * 3000

    spread = workers(2)(len, items())
    assert next(spread) == 3000 and len(taken) == 4
    assert list(spread) == [3000] * 49


def test_workers_are_no_more_once_whoever_they_work_for_was_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # Its output ends when the last of them is gone: they all hold the other end of it.
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED], env=environment, stdout=subprocess.PIPE, timeout=30, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert len({*ended.stdout.split()}) in {1, 2}


def test_what_fails_in_a_worker_fails_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(workers(2)(lambda number: 1 // number, [1, 0]))
    with pytest.raises(ValueError, match="at least 1"):
        workers(0)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_any_number_of_workers_finds_the_same_customers(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.batch.preparing.CHUNK", 37)
    monkeypatch.setattr("resolver.resolve.edges.CHUNK", 50)
    monkeypatch.setattr("resolver.resolve.grouping.AT_ONCE", 60)
    rows = sampled()
    alone, several = dedupe(rows), dedupe(rows, spread=workers(number))
    assert (alone.rows, alone.pairs, alone.counts) == (several.rows, several.pairs, several.counts)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("at_once", [2, 15, 64])
def test_however_few_nodes_are_unpacked_at_a_time_the_answer_is_the_same(
    number: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolver.resolve.edges.CHUNK", 50)
    monkeypatch.setattr("resolver.resolve.grouping.AT_ONCE", 60)
    rows = sampled()
    rules = Policy(never_alone=("name",))
    whole = dedupe(rows, policy=rules, related=True)
    parted = dedupe(rows, policy=rules, related=True, room=lambda _: at_once, spread=workers(number))
    assert whole.relations
    assert (whole.rows, whole.pairs, whole.counts) == (parted.rows, parted.pairs, parted.counts)
    assert whole.relations == parted.relations


def test_rows_are_made_by_whoever_makes_them_ready_and_what_is_refused_is_told_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("resolver.batch.preparing.CHUNK", 3)
    rows = sampled()[:20]

    def make(place: int) -> Row | Reject:
        return Reject(place, place, "odd", "", str(os.getpid())) if place % 2 else rows[place]

    refused: list[Reject] = []
    found = dedupe(range(20), make=make, refused=refused.append, spread=workers(2))
    assert [each.number for each in refused] == list(range(1, 20, 2))
    assert str(os.getpid()) not in {each.raw for each in refused}
    assert found.counts.rejected == 10 and found.rows[1].customer == "rejected-1"
