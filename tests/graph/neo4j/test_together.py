"""Questions of many threads, asked together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import count

import pytest

from graph.errors import StoreUnavailable
from graph.neo4j.together import Together

LONG = 10.0
"""Seconds, for what is to happen at once."""


class Asker:
    """Answers a number with its double; holds up each asking until it is let go."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)

    def __call__(self, questions: Sequence[int]) -> list[int]:
        self.asked.append([*questions])
        self.begun.release()
        assert self.let_go.acquire(timeout=LONG)
        if 13 in questions:
            raise ValueError("thirteen")
        if 99 in questions:
            raise StoreUnavailable("away")
        return [2 * each for each in questions]


@pytest.fixture
def asker() -> Asker:
    return Asker()


@pytest.fixture
def together(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> Together[int, int]:
    monkeypatch.setattr("graph.neo4j.together._PATIENCE_SECONDS", LONG)
    return Together(asker)


def waiting(together: Together[int, int], number: int) -> None:
    """Return when so many wait for those who are on their way."""
    while len(together._waiting) < number:
        threading.Event().wait(0.001)


def test_who_comes_alone_asks_alone(asker: Asker, together: Together[int, int]) -> None:
    asker.let_go.release(2)
    assert (together(1), together(2)) == (2, 4)
    assert asker.asked == [[1], [2]]


def test_who_comes_meanwhile_asks_together(asker: Asker, together: Together[int, int]) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(together, 1)
        assert asker.begun.acquire(timeout=LONG)
        others = [pool.submit(together, each) for each in (2, 3, 4)]
        waiting(together, 3)
        asker.let_go.release(2)
        assert [each.result(LONG) for each in (first, *others)] == [2, 4, 6, 8]
    assert asker.asked[0] == [1] and sorted(asker.asked[1]) == [2, 3, 4] and len(asker.asked) == 2
    asker.let_go.release()
    assert together(5) == 10


def test_of_those_who_failed_together_only_the_culprit_fails(
    asker: Asker, together: Together[int, int]
) -> None:
    with ThreadPoolExecutor() as pool:
        pool.submit(together, 1)
        assert asker.begun.acquire(timeout=LONG)
        others = [pool.submit(together, each) for each in (2, 13, 4)]
        waiting(together, 3)
        asker.let_go.release(10)
        wait(others, LONG)
    assert [each.exception() is None for each in others] == [True, False, True]
    assert (others[0].result(), others[2].result()) == (4, 8)
    assert together(5) == 10


def test_where_nobody_answers_all_are_told_at_once(asker: Asker, together: Together[int, int]) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(together, 1)
        assert asker.begun.acquire(timeout=LONG)
        others = [pool.submit(together, each) for each in (2, 99)]
        waiting(together, 2)
        asker.let_go.release(2)
        assert first.result(LONG) == 2
        for each in others:
            with pytest.raises(StoreUnavailable, match="away"):
                each.result(LONG)
    assert len(asker.asked) == 2


def test_one_that_takes_long_holds_nobody_up(asker: Asker) -> None:
    together = Together(asker)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(together, 1)
        assert asker.begun.acquire(timeout=LONG)
        other = pool.submit(together, 2)
        assert asker.begun.acquire(timeout=LONG)
        assert not slow.done()
        asker.let_go.release(2)
        assert (slow.result(LONG), other.result(LONG)) == (2, 4)
    assert asker.asked == [[1], [2]]


def test_no_answer_is_older_than_its_question() -> None:
    moments = count()

    def ask(questions: Sequence[int]) -> list[tuple[int, int]]:
        now = next(moments)
        return [(each, now) for each in questions]

    together = Together(ask)

    def repeat(number: int) -> None:
        for each in range(300):
            before = next(moments)
            question, now = together(1000 * number + each)
            assert question == 1000 * number + each and now > before

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(repeat, range(8), timeout=60))
