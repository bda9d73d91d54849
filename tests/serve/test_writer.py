from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from graph.errors import Conflict, StoreCorrupt, StoreError, StoreUnavailable
from graph.model import RecordKey
from resolver.intake import Arrival, Outcome, Receipt, Refusal, Standing
from resolver.serve.writer import Writer
from tests.serve.builders import eventually


class Recording:
    """A pipeline that notes its batches and holds the writer where it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.settled = 0
        self.waiting = 0
        self.failing: Exception | None = None
        self.most = 1000
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()

    def record(self, arrivals: Sequence[Arrival]) -> list[Receipt | Refusal]:
        self.begun.set()
        self.gate.wait(10)
        names = [arrival.source for arrival in arrivals]
        if "poison" in names:
            raise ZeroDivisionError
        if "refused" in names:
            raise StoreError("a value is larger than an index takes")
        if "full" in names:
            raise StoreUnavailable("the disk is full")
        if "damaged" in names:
            raise StoreCorrupt("a page is not readable")
        if len(names) > self.most or "contended" in names:
            raise Conflict(("component",))
        self.batches.append(names)
        return [
            Receipt(RecordKey(name, ""), Outcome.NONE, Standing.STANDS, "", 2, 1 if name == "queue" else 2)
            for name in names
        ]

    def settle(self, limit: int = 0, *, attempts: int = 0) -> bool:  # noqa: ARG002
        self.settled += 1
        if self.failing is not None:
            raise self.failing
        self.waiting = max(0, self.waiting - 1)
        return self.waiting > 0


@pytest.fixture
def pipeline() -> Recording:
    return Recording()


@pytest.fixture
def writer(pipeline: Recording) -> Iterator[Writer]:
    writer = Writer(pipeline, batch=5, capacity=8)
    yield writer
    pipeline.gate.set()
    writer.close()


def arrivals(*names: str) -> list[Arrival]:
    return [Arrival(name) for name in names]


def hold(pipeline: Recording, writer: Writer) -> None:
    """Keep the writer busy with one arrival."""
    pipeline.gate.clear()
    writer.submit(arrivals("first"))
    assert pipeline.begun.wait(5)


def test_answers_come_to_whoever_asked(writer: Writer) -> None:
    one, two = writer.submit(arrivals("a", "b")), writer.submit(arrivals("c"))
    assert [each.record.source for each in one.result(5) if isinstance(each, Receipt)] == ["a", "b"]
    assert [each.record.source for each in two.result(5) if isinstance(each, Receipt)] == ["c"]


def test_what_waits_is_one_batch_and_no_more_than_its_size(writer: Writer, pipeline: Recording) -> None:
    hold(pipeline, writer)
    futures = [writer.submit(arrivals(name)) for name in "abcdefg"]
    pipeline.gate.set()
    for future in futures:
        future.result(5)
    assert pipeline.batches == [["first"], list("abcde"), list("fg")]


def test_a_full_queue_refuses_and_takes_again_later(writer: Writer, pipeline: Recording) -> None:
    hold(pipeline, writer)
    futures = [writer.submit(arrivals(name)) for name in "abcdefgh"]
    with pytest.raises(Refusal) as refused:
        writer.submit(arrivals("i"))
    assert refused.value.reason == "overloaded"
    with pytest.raises(Refusal):
        writer.act(lambda: None)
    pipeline.gate.set()
    assert len(futures[-1].result(5)) == 1
    writer.submit(arrivals("i")).result(5)


def test_a_patient_caller_waits_for_room(writer: Writer, pipeline: Recording) -> None:
    hold(pipeline, writer)
    for name in "abcdefgh":
        writer.submit(arrivals(name))
    threading.Timer(0.05, pipeline.gate.set).start()
    assert len(writer.submit(arrivals("i"), patience=5).result(5)) == 1


def test_more_than_the_queue_holds_is_taken_where_nothing_waits(writer: Writer) -> None:
    assert len(writer.submit(arrivals(*"abcdefghijkl")).result(5)) == 12


def test_what_nobody_waits_for_is_not_begun(writer: Writer, pipeline: Recording) -> None:
    hold(pipeline, writer)
    gone, kept = writer.submit(arrivals("gone")), writer.submit(arrivals("kept"))
    assert gone.cancel()
    pipeline.gate.set()
    kept.result(5)
    assert pipeline.batches == [["first"], ["kept"]]


@pytest.mark.parametrize("poison", ["poison", "refused"])
def test_a_defect_met_by_one_does_not_touch_its_neighbours(
    writer: Writer, pipeline: Recording, poison: str
) -> None:
    hold(pipeline, writer)
    futures = [writer.submit(arrivals(name)) for name in ("a", poison, "b")]
    pipeline.gate.set()
    answers = [future.result(5)[0] for future in futures]
    assert [isinstance(answer, Receipt) for answer in answers] == [True, False, True]
    assert isinstance(answers[1], Refusal)
    assert answers[1].reason == "internal"


@pytest.mark.parametrize(("name", "reason"), [("full", "store_unavailable"), ("damaged", "internal")])
def test_a_store_that_is_away_or_damaged_is_told_and_is_not_tried_one_by_one(
    writer: Writer, pipeline: Recording, name: str, reason: str
) -> None:
    answers = writer.submit(arrivals(name, "b")).result(5)
    assert [answer.reason for answer in answers if isinstance(answer, Refusal)] == [reason] * 2
    assert pipeline.batches == []


def test_acts_run_in_their_turn(writer: Writer, pipeline: Recording) -> None:
    hold(pipeline, writer)
    before = writer.submit(arrivals("before"))
    seen = writer.act(lambda: list(pipeline.batches))
    after = writer.submit(arrivals("after"))
    pipeline.gate.set()
    after.result(5)
    assert before.done()
    assert seen.result(5) == [["first"], ["before"]]
    with pytest.raises(ZeroDivisionError):
        writer.act(lambda: 1 // 0).result(5)


def test_what_waits_to_be_looked_at_again_is_worked_on_when_idle(writer: Writer, pipeline: Recording) -> None:
    for _ in eventually():
        if pipeline.settled == 1:
            break
    pipeline.waiting = 3
    writer.submit(arrivals("queue")).result(5)
    for _ in eventually():
        if pipeline.waiting == 0:
            break


def test_what_others_left_is_looked_for_at_rest(pipeline: Recording) -> None:
    writer = Writer(pipeline, look=0.05)
    for _ in eventually():
        if pipeline.settled == 4:
            break
    pipeline.waiting = 5
    for _ in eventually():
        if pipeline.waiting == 0:
            break
    writer.close()


def test_what_waits_to_be_looked_at_again_has_a_share_however_many_call(pipeline: Recording) -> None:
    order: list[str] = []

    class Slow(Recording):
        def record(self, arrivals: Sequence[Arrival]) -> list[Receipt | Refusal]:
            time.sleep(0.004)
            order.append("record")
            return super().record(arrivals)

        def settle(self, limit: int = 0, *, attempts: int = 0) -> bool:
            time.sleep(0.004)
            order.append("settle")
            return super().settle(limit, attempts=attempts)

    pipeline = Slow()
    writer = Writer(pipeline, batch=1, capacity=1000)
    hold(pipeline, writer)
    calls = [writer.submit(arrivals("queue")) for _ in range(200)]
    order.clear()
    pipeline.waiting = 30
    pipeline.gate.set()
    calls[-1].result(30)
    worked = [place for place, name in enumerate(order) if name == "settle"][:30]
    assert len(worked) == 30, "it starves"
    # A quarter of the time is its own: with as long a turn each, about every fourth turn.
    assert worked[-1] > 60, "it keeps the others waiting"
    writer.close()


@pytest.mark.parametrize("failure", [Conflict(("component",)), StoreUnavailable("away")])
def test_a_queue_that_fails_rests_longer_and_longer_and_recovers_by_itself(
    pipeline: Recording, failure: Exception
) -> None:
    pipeline.failing = failure
    writer = Writer(pipeline, batch=5, capacity=8)
    end = time.monotonic() + 1.0
    while time.monotonic() < end:  # what is recorded meanwhile is no reason to hurry
        assert len(writer.submit(arrivals("queue")).result(5)) == 1
        time.sleep(0.005)
    assert 1 <= pipeline.settled < 25
    pipeline.failing = None
    pipeline.waiting = 2
    for _ in eventually(20):
        if pipeline.waiting == 0:
            break
    writer.close()


def test_a_batch_that_others_contend_for_is_recorded_in_pieces(pipeline: Recording) -> None:
    writer = Writer(pipeline, batch=500)
    pipeline.most = 50
    names = [f"n{n}" for n in range(120)]
    names[110] = "contended"
    answers = writer.submit(arrivals(*names)).result(5)
    assert [len(batch) for batch in pipeline.batches] == [50, 50]
    assert [isinstance(each, Receipt) for each in answers] == [True] * 100 + [False] * 20
    assert {each.reason for each in answers if isinstance(each, Refusal)} == {"contention"}
    writer.close()


def test_closing_finishes_what_waits_and_takes_nothing_new(pipeline: Recording) -> None:
    writer = Writer(pipeline, batch=5, capacity=8)
    hold(pipeline, writer)
    waiting = writer.submit(arrivals("a"))
    threading.Timer(0.05, pipeline.gate.set).start()
    writer.close()
    assert len(waiting.result(0)) == 1
    with pytest.raises(Refusal) as refused:
        writer.submit(arrivals("b"))
    assert refused.value.reason == "draining"
