from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from resolver.serve.ready import Ready, State, Subject

MINE = Subject("c1", "service")
THEIRS = Subject("c2", "service")
FIRST = State(1, 0)


def filled(capacity: int = 100_000, age: int = 1000) -> Ready:
    ready = Ready(capacity, age)
    ready.put(MINE, b"mine", FIRST, 0)
    ready.put(THEIRS, b"theirs", FIRST, 0)
    return ready


def held(ready: Ready, now: int = 0) -> tuple[bool, bool]:
    return ready.get(MINE, FIRST, now) is not None, ready.get(THEIRS, FIRST, now) is not None


def test_a_reply_is_of_its_state_and_purpose_alone() -> None:
    ready = filled()
    assert ready.get(MINE, FIRST, 0) == b"mine"
    assert ready.get(MINE, State(2, 0), 0) is None, "something of the customer was written"
    assert ready.get(MINE, State(1, 2), 0) is None, "a value turned generic"
    assert ready.get(Subject("c1", "marketing"), FIRST, 0) is None


def test_who_is_behind_takes_nothing_away() -> None:
    ready = filled()
    ready.put(MINE, b"newer", State(3, 0), 0)
    assert ready.get(MINE, FIRST, 0) is None
    ready.put(MINE, b"older", State(2, 0), 0)
    assert ready.get(MINE, State(3, 0), 0) == b"newer"
    ready.put(MINE, b"after a value turned generic", State(3, 4), 0)
    assert ready.get(MINE, State(3, 4), 0) == b"after a value turned generic"


def test_a_reply_grows_old() -> None:
    assert held(filled(), 1000) == (True, True)
    assert held(filled(), 1001) == (False, False)


def test_memory_is_bounded_and_the_least_lately_used_goes_first() -> None:
    ready = filled(capacity=1700)
    assert held(ready) == (True, True)
    ready.get(MINE, FIRST, 0)
    ready.put(Subject("c3", "service"), b"third", FIRST, 0)
    assert held(ready) == (True, False)
    assert held(filled(capacity=0)) == (False, False)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), max_size=40))
def test_a_reply_is_what_was_last_put_of_its_state(steps: Sequence[tuple[int, int, int]]) -> None:
    ready, latest = Ready(3000, 10**9), dict[int, tuple[State, bytes]]()
    for place, (customer, touched, silence) in enumerate(steps):
        state, reply = State(touched, silence), str(place).encode()
        ready.put(Subject(str(customer), ""), reply, state, 0)
        if customer not in latest or latest[customer][0] <= state:
            latest[customer] = state, reply
        for each, (at, last) in latest.items():
            assert ready.get(Subject(str(each), ""), at, 0) in {last, None}
        assert ready.get(Subject(str(customer), ""), latest[customer][0], 0) is not None
