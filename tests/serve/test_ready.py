from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from graph.model import (
    Cause,
    Change,
    ChangeSet,
    Direction,
    Record,
    RecordKey,
    Statement,
    Touchpoint,
    TouchpointKey,
)
from graph.model import Evidence as ModelEvidence
from resolver.serve.ready import Ready, Subject

KEY = RecordKey("shop", "1")
OTHER = RecordKey("shop", "2")
MINE = Subject("c1", None, "service")
THEIRS = Subject("c2", None, "service")


def touching(key: RecordKey) -> ChangeSet:
    contact = Touchpoint(TouchpointKey("shop", "t"), key, "", 0, 0, "web", Direction.INBOUND)
    return ChangeSet(touchpoints=(contact,))


def filled(capacity: int = 100_000, age: int = 1000) -> Ready:
    ready = Ready(capacity, age, revision=1)
    ready.put(MINE, b"mine", [KEY], 1, 0)
    ready.put(THEIRS, b"theirs", [OTHER], 1, 0)
    return ready


def held(ready: Ready, revision: int, now: int = 0) -> tuple[bool, bool]:
    return ready.get(MINE, revision, now) is not None, ready.get(THEIRS, revision, now) is not None


def test_a_touchpoint_drops_its_customer_alone() -> None:
    ready = filled()
    ready.forget([touching(KEY)], 2)
    assert held(ready, 2) == (False, True)


def test_a_change_drops_the_customers_in_it() -> None:
    ready = filled()
    change = Change(Cause.JUDGEMENT, 0, ("c1",), ("c3",), ())
    ready.forget([ChangeSet(change=change)], 2)
    assert held(ready, 2) == (False, True)


def test_a_record_that_joins_drops_the_customer_it_joins() -> None:
    ready = filled()
    record = Record(RecordKey("crm", "9"), Statement(1, False, "d"), ModelEvidence(), "n", "c1", 0)
    ready.forget([ChangeSet(records=(record,))], 2)
    assert held(ready, 2) == (False, True)


def test_a_record_that_moves_drops_both() -> None:
    ready = filled()
    ready.forget([ChangeSet(moved=((KEY, "c2"),))], 2)
    assert held(ready, 2) == (False, False)


def test_a_value_turning_generic_drops_all() -> None:
    ready = filled()
    ready.forget([ChangeSet(silenced=("phone::+31",))], 2)
    assert held(ready, 2) == (False, False)


def test_a_reply_is_of_no_other_revision_than_it_was_made_or_has_been_heard_of() -> None:
    ready = filled()
    assert held(ready, 2) == (False, False)  # a commit that has not been heard of yet
    ready.forget([touching(RecordKey("shop", "3"))], 2)
    assert held(ready, 2) == (True, True)
    assert held(ready, 0) == (False, False)
    ready.put(MINE, b"stale", [KEY], 1, 0)  # made before that commit
    assert ready.get(MINE, 2, 0) == b"mine"


def test_a_reply_grows_old() -> None:
    assert held(filled(), 1, 1000) == (True, True)
    assert held(filled(), 1, 1001) == (False, False)


def test_memory_is_bounded_and_the_least_lately_used_goes_first() -> None:
    ready = filled(capacity=1700)
    assert held(ready, 1) == (True, True)
    ready.get(MINE, 1, 0)
    ready.put(Subject("c3", None, "service"), b"third", [], 1, 0)
    assert held(ready, 1) == (True, False)
    nothing = filled(capacity=0)
    assert held(nothing, 1) == (False, False)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.lists(st.integers(0, 5), max_size=3))))
def test_no_reply_outlives_a_write_to_its_records(steps: Sequence[tuple[bool, int, list[int]]]) -> None:
    ready, revision, valid = Ready(4000, 10**9), 0, dict[int, tuple[int, ...]]()
    for put, customer, numbers in steps:
        keys = [RecordKey("s", str(number)) for number in numbers]
        if put:
            ready.put(Subject(str(customer), None, ""), b"x", keys, revision, 0)
            valid[customer] = tuple(numbers)
        else:
            revision += 1
            ready.forget([touching(key) for key in keys], revision)
            valid = {each: held for each, held in valid.items() if not set(held) & set(numbers)}
        for each in range(4):
            if ready.get(Subject(str(each), None, ""), revision, 0) is not None:
                assert each in valid
