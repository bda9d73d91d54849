"""Two pipelines on one store, as two replicas are: each plans on what the other may overtake."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from graph.errors import Conflict, Overtaken
from graph.model import (
    ChangeSet,
    Direction,
    Evidence,
    IdentifierKind,
    ReadSet,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from graph.sqlite import SqliteStore
from graph.store import Snapshot, Store
from resolver.intake import Arrival, Outcome, Receipt, Refusal
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline import pipeline as pipeline_module
from resolver.resolve.settings import Policy
from tests.simulation.relay import Relay

_names = count(1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open_writer(tmp_path / "s.db")
    yield opened
    opened.close()


def pipeline(store: Store) -> Pipeline:
    return Pipeline(
        store,
        model=default_model(10_000),
        policy=Policy(),
        settings=Settings(region="NL"),
        clock=lambda: 7,
        mint=lambda: f"n{next(_names):05}",
    )


class Meeting(Relay):
    """A store whose writers have all planned before the first of them writes."""

    def __init__(self, store: Store, writers: int) -> None:
        super().__init__(store)
        self._all_planned = threading.Barrier(writers)
        self._met = threading.local()

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        if not getattr(self._met, "before", False):
            self._met.before = True
            self._all_planned.wait(10)
        return super().apply(change_sets, read_set)


def arrival(name: str, record: str, *, evidence: Evidence | None = None, agent: str = "") -> Arrival:
    key = RecordKey("shop", record)
    contact = Touchpoint(TouchpointKey("shop", name), key, "", 1, 1, "web", Direction.INBOUND, agent=agent)
    return Arrival("shop", key, evidence, touchpoint=contact)


def evidence(email: str) -> Evidence:
    return Evidence((StatedIdentifier(IdentifierKind.EMAIL, email),), "Jan", family_name="de Vries")


def both(store: Store, *batches: Sequence[Arrival]) -> list[list[Receipt | Refusal]]:
    """What two writers answer who have planned at the same moment."""
    meeting = Meeting(store, len(batches))
    with ThreadPoolExecutor(len(batches)) as threads:
        return list(threads.map(lambda batch: pipeline(meeting).record(batch), batches))


@pytest.mark.parametrize("known", [True, False])
def test_one_touchpoint_sent_to_both_is_recorded_once(store: SqliteStore, known: bool) -> None:
    said = evidence("jan@kpnmail.nl")
    if known:
        pipeline(store).record([arrival("before", "1", evidence=said)])
    for each in (None, said):  # without evidence it merely points to its record: nothing else is read
        name = f"t{each is None}"
        answers = [answer for [answer] in both(store, *[[arrival(name, "1", evidence=each)]] * 2)]
        outcomes = sorted(answer.outcome for answer in answers if isinstance(answer, Receipt))
        assert outcomes == [Outcome.CREATED, Outcome.DUPLICATE]
        assert len({answer.customer for answer in answers if isinstance(answer, Receipt)}) == 1
    with store.snapshot() as snapshot:
        assert sum(tally.count for tally in snapshot.tallies([RecordKey("shop", "1")])) == 2 + known


def test_one_touchpoint_of_two_contents_is_taken_as_it_was_first(store: SqliteStore) -> None:
    answers = both(store, [arrival("t", "1", agent="a")], [arrival("t", "1", agent="b")])
    [refused] = [answer for [answer] in answers if isinstance(answer, Refusal)]
    assert refused.reason == "touchpoint_differs"


def test_two_who_first_state_one_mailbox_are_one_customer(store: SqliteStore) -> None:
    said = evidence("jan@kpnmail.nl")
    answers = both(store, *([arrival(name, name, evidence=said)] for name in ("1", "2", "3")))
    with store.snapshot() as snapshot:
        records = snapshot.all_records(None, 10)
        assert [record.key.record_id for record in records] == ["1", "2", "3"]
        assert len({record.customer for record in records}) == 1
        assert snapshot.revision == len(answers)


def test_a_side_is_drawn_again_where_it_changed_while_it_was_judged(store: SqliteStore) -> None:
    writer = pipeline(store)
    for name in ("1", "2"):
        writer.record(
            [arrival(name, name, evidence=replace(evidence(f"x{name}@kpnmail.nl"), given_name=name))]
        )
    drawn: list[int] = []

    class Between(Relay):
        """Another writer states record 1 anew between the first plan and its commit."""

        def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
            if len(drawn) == 1:
                said = replace(evidence("x1@kpnmail.nl"), given_name="1", city="Zwolle")
                pipeline(self.store).record([Arrival("shop", RecordKey("shop", "1"), said, 99)])
            return super().apply(change_sets, read_set)

    def sides(snapshot: Snapshot) -> list[frozenset[RecordKey]]:
        drawn.append(snapshot.revision)
        return [frozenset({RecordKey("shop", name)}) for name in ("1", "2")]

    verdict = pipeline(Between(store)).merge(sides, author="s", reason="r")
    assert len(drawn) == 2 and drawn[0] < drawn[1] < verdict.revision
    with store.snapshot() as snapshot:
        assert len({record.customer for record in snapshot.all_records(None, 10)}) == 1


class Stale(Relay):
    """A store in which everything was overtaken, or changed, so many times."""

    def __init__(self, store: Store, failure: Callable[[], Conflict], times: int) -> None:
        super().__init__(store)
        self.failure = failure
        self.times = times
        self.attempts = 0

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        self.attempts += 1
        if self.attempts <= self.times:
            raise self.failure()
        return super().apply(change_sets, read_set)


def test_a_conflict_is_planned_again_and_in_the_end_told_as_one(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_module, "_LONGEST_PAUSE_SECONDS", 0.001)
    said = [arrival("t", "1", evidence=evidence("jan@kpnmail.nl"))]
    for failure in (lambda: Conflict(("x",)), lambda: Overtaken(("x",))):
        stale = Stale(store, failure, pipeline_module.ATTEMPTS)
        with pytest.raises(Conflict) as caught:
            pipeline(stale).record(said)
        assert type(caught.value) is Conflict and caught.value.stale == ("x",)
        assert stale.attempts == pipeline_module.ATTEMPTS
    again = Stale(store, lambda: Overtaken(()), pipeline_module.ATTEMPTS - 1)
    [receipt] = pipeline(again).record(said)
    assert isinstance(receipt, Receipt) and receipt.revision == 1


def test_settling_may_leave_it_to_who_is_at_it(store: SqliteStore) -> None:
    [receipt] = pipeline(store).record([arrival("t", "1", evidence=evidence("jan@kpnmail.nl"))])
    assert isinstance(receipt, Receipt)
    with store.snapshot() as snapshot:
        (node,) = {record.node for record in snapshot.all_records(None, 10) if record.node}
    store.apply([ChangeSet(reopened=(node,))], ReadSet(revision=1))
    stale = Stale(store, lambda: Conflict(()), 1)
    with pytest.raises(Conflict):
        pipeline(stale).settle(attempts=1)
    assert stale.attempts == 1
    assert pipeline(stale).settle(attempts=1) and not pipeline(stale).settle(attempts=1)
