from __future__ import annotations

import os

import pytest

from resolver.batch import workers as working
from resolver.batch.dedupe import dedupe
from resolver.batch.rows import Row
from resolver.batch.workers import workers
from resolver.sample.generate import sample_rows


def sampled() -> list[Row]:
    return [each for each, _ in sample_rows(people=120, seed=5)]


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
