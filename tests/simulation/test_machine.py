"""The whole pipeline against plain books, under whatever a hostile scheduler sends it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

from hypothesis import HealthCheck, assume, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from graph.model import Cause, ChangeSet, JudgementKind, ReadSet, RecordKey
from graph.sqlite.store import SqliteStore
from graph.store import Store
from resolver.intake import Arrival, Outcome, Receipt, Refusal, Standing, Verdict
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from tests.conformance.oracle import OracleStore
from tests.neo4j import shared, stores
from tests.simulation import check
from tests.simulation.books import Books, grouped, within
from tests.simulation.relay import Relay
from tests.simulation.universe import POLICIES, POPULATION, arrivals, record_keys

MODEL = default_model(POPULATION)
SETTINGS = Settings(region="NL")

batches = st.lists(arrivals, min_size=1, max_size=6)
parts = st.lists(st.frozensets(record_keys, min_size=1, max_size=3), min_size=2, max_size=3)


class Act(Protocol):
    """A steward's act, for real or as a rehearsal."""

    def __call__(self, *, dry_run: bool) -> Verdict: ...


class Crash(Exception):
    """The process is gone."""


class Fragile(Relay):
    """A store whose process may die just before or just after a commit."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.dies = ""

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        if self.dies == "before":
            raise Crash
        revision = super().apply(change_sets, read_set)
        if self.dies == "after":
            raise Crash
        return revision


class Machine(RuleBasedStateMachine):
    """One store, one writer, and the books."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.handed_out: set[str] = set()
        self.batch: list[Arrival] = []
        self.names = count(1)
        self.time = count(1)
        self.before: dict[RecordKey, str | None] = {}
        self.last = 0
        self.store: Fragile
        self.open()

    def open(self) -> None:
        self.store = Fragile(OracleStore())

    def reopen(self) -> None:
        self.store = Fragile(self.store.store)

    @initialize(policy=st.sampled_from(sorted(POLICIES)))
    def choose(self, policy: str) -> None:
        note(f"policy {policy}")
        self.policy = POLICIES[policy]
        self.pipeline = self.start()

    def start(self) -> Pipeline:
        return Pipeline(
            self.store,
            model=MODEL,
            policy=self.policy,
            settings=SETTINGS,
            clock=lambda: next(self.time),
            mint=lambda: f"n{next(self.names):05}",
        )

    @property
    def revision(self) -> int:
        with self.store.snapshot() as snapshot:
            return snapshot.revision

    # -- what arrives --------------------------------------------------------------------------

    @rule(batch=batches)
    def record(self, batch: list[Arrival]) -> None:
        self.before = check.customers(self.store)
        self.last = self.revision
        self.answer(batch, self.pipeline.record(batch))
        self.batch = batch

    def answer(self, batch: list[Arrival], answers: list[Receipt | Refusal]) -> None:
        assert len(answers) == len(batch)
        now = check.customers(self.store)
        for arrival, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Refusal):
                assert answer.reason == "touchpoint_differs"
                assert arrival.touchpoint is not None
                assert arrival.touchpoint.key in self.books.touchpoints
                continue
            if arrival.touchpoint is not None:
                there = arrival.touchpoint.key in self.books.touchpoints
                assert answer.outcome == (Outcome.DUPLICATE if there else Outcome.CREATED)
            assert answer.record == self.books.enter(arrival, SETTINGS)
            assert answer.customer == (now.get(answer.record) or "")
            self.handed_out.add(answer.customer)
            with self.store.snapshot() as snapshot:
                assert (answer.revision, answer.settled_revision) == (
                    snapshot.revision,
                    snapshot.settled_revision,
                )

    @precondition(lambda self: self.batch)
    @rule()
    def record_again(self) -> None:
        revision = self.revision
        answers = self.pipeline.record(self.batch)
        assert self.revision == revision
        for answer in answers:
            if isinstance(answer, Receipt):
                assert answer.outcome in {Outcome.DUPLICATE, Outcome.NONE}
                assert answer.standing != Standing.STANDS

    @rule(batch=batches, dies=st.sampled_from(("before", "after")))
    def crash(self, batch: list[Arrival], dies: str) -> None:
        """What was not acknowledged is there whole or not at all, and can be sent again."""
        self.batch, self.before, self.last = [], {}, 0
        self.store.dies = dies
        try:
            answers = self.pipeline.record(batch)
        except Crash:
            self.reopen()
            self.pipeline = self.start()
            revision = self.revision
            answers = self.pipeline.record(batch)
            assert (self.revision == revision) == (dies == "after")
            for arrival, answer in zip(batch, answers, strict=True):
                if isinstance(answer, Receipt):
                    self.books.enter(arrival, SETTINGS)
                    self.handed_out.add(answer.customer)
        else:
            self.store.dies = ""
            self.answer(batch, answers)

    @rule()
    def restart(self) -> None:
        self.reopen()
        self.pipeline = self.start()

    @rule(limit=st.integers(1, 4))
    def settle(self, limit: int) -> None:
        with self.store.snapshot() as snapshot:
            waited = bool(snapshot.waiting(1))
        if waited:
            self.batch, self.before, self.last = self.batch, {}, 0
        assert self.pipeline.settle(limit) == waited

    # -- what stewards say ---------------------------------------------------------------------

    def judged(self, act: Act) -> Verdict | None:
        """Do a steward's act, first as a rehearsal."""
        revision = self.revision
        rehearsed, verdict = (_answer(act, dry_run=True), self.revision), _answer(act, dry_run=False)
        assert rehearsed[1] == revision
        if isinstance(verdict, Refusal):
            assert isinstance(rehearsed[0], Refusal) and rehearsed[0].reason == verdict.reason
            assert self.revision == revision
            if verdict.reason == "judgement_contradicts":
                assert any(name in str(verdict) for name in self.books.judgements)
            return None
        assert isinstance(rehearsed[0], Verdict)
        self.handed_out.update(rehearsed[0].customers, verdict.customers)
        with self.store.snapshot() as snapshot:
            old = {
                one.id
                for one in snapshot.customer_ids(verdict.customers).values()
                if one.minted >> 20 <= revision
            }
            assert set(rehearsed[0].customers) == old
            assert (verdict.revision, verdict.settled_revision) == (
                snapshot.revision,
                snapshot.settled_revision,
            )
        if verdict.judgement.retracted is None:
            self.books.judgements[verdict.judgement.id] = verdict.judgement
        else:
            del self.books.judgements[verdict.judgement.id]
        return verdict

    @rule(sides=parts)
    def merge(self, sides: list[frozenset[RecordKey]]) -> None:
        self.before, self.last = check.customers(self.store), self.revision
        self.judged(lambda **how: self.pipeline.merge(sides, author="a", reason="b", **how))

    @rule(sides=parts)
    def split(self, sides: list[frozenset[RecordKey]]) -> None:
        self.before, self.last = check.customers(self.store), self.revision
        self.judged(lambda **how: self.pipeline.split(sides, author="a", reason="b", **how))

    @rule(data=st.data())
    def split_customer(self, data: st.DataObject) -> None:
        """Draw a customer apart, as a steward does."""
        self.before, self.last = check.customers(self.store), self.revision
        large = sorted((group for group in grouped(self.before) if len(group) > 1), key=min)
        assume(large)
        group = data.draw(st.sampled_from(large))
        out = data.draw(st.frozensets(st.sampled_from(sorted(group)), min_size=1, max_size=len(group) - 1))
        self.judged(lambda **how: self.pipeline.split([out, group - out], author="a", reason="b", **how))

    @rule(data=st.data())
    def merge_customers(self, data: st.DataObject) -> None:
        self.before, self.last = check.customers(self.store), self.revision
        groups = sorted(grouped(self.before), key=min)
        assume(len(groups) > 1)
        pair = data.draw(st.lists(st.sampled_from(groups), min_size=2, max_size=2, unique=True))
        self.judged(lambda **how: self.pipeline.merge(pair, author="a", reason="b", **how))

    @precondition(lambda self: self.books.judgements)
    @rule(data=st.data())
    def retract(self, data: st.DataObject) -> None:
        self.before, self.last = {}, 0
        name = data.draw(st.sampled_from(sorted(self.books.judgements)))
        self.judged(lambda **how: self.pipeline.revert(judgement=name, author="a", reason="b", **how))
        assert name not in self.books.judgements

    @rule(data=st.data())
    def revert_any(self, data: st.DataObject) -> None:
        self.before, self.last = {}, 0
        with self.store.snapshot() as snapshot:
            revisions = [change.revision for change in snapshot.changes(0, 10_000)]
        assume(revisions)
        revision = data.draw(st.sampled_from(revisions))
        self.judged(lambda **how: self.pipeline.revert(revision=revision, author="a", reason="b", **how))

    @precondition(lambda self: self.last and self.revision > self.last)
    @rule()
    def revert_last(self) -> None:
        """Where nothing else came in between, all is as it was, ids too."""
        before, last = self.before, self.last
        self.before, self.last = {}, 0
        with self.store.snapshot() as snapshot:
            changes = snapshot.changes(last, 100)
            unsettled = snapshot.settled_revision != snapshot.revision
        if len(changes) != 1 or self.revision != last + 1:
            return
        told = changes[0]
        middle = check.customers(self.store)
        verdict = self.judged(
            lambda **how: self.pipeline.revert(revision=told.revision, author="a", reason="b", **how)
        )
        if verdict is None or unsettled or told.cause == Cause.DELETION:
            return
        now = check.customers(self.store)
        if verdict.judgement.kind == JudgementKind.REVERT:
            moved = {move.record: move.before for move in told.moves}
            for key, customer in moved.items():
                if customer is None and key in now:
                    assert [k for k in now if now[k] == now[key]] == [key]
        stayed = before.keys() & now.keys()
        assert {k: now[k] for k in stayed if before[k]} == {k: before[k] for k in stayed if before[k]}
        others = stayed - {move.record for move in told.moves}
        assert within(grouped(now), others) == within(grouped(middle), others)

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        check.holds(self.store, self.books, SETTINGS, self.handed_out)

    @invariant()
    def is_settled(self) -> None:
        with self.store.snapshot() as snapshot:
            waiting = snapshot.settled_revision != snapshot.revision
        if not waiting and hasattr(self, "pipeline"):
            check.settled(self.store, self.books, MODEL, self.policy, SETTINGS)

    def teardown(self) -> None:
        if hasattr(self, "pipeline"):
            for _ in range(1000):
                if not self.pipeline.settle(3):
                    break
            check.settled(self.store, self.books, MODEL, self.policy, SETTINGS)
            check.holds(self.store, self.books, SETTINGS, self.handed_out)
        self.store.close()


def _answer(act: Act, *, dry_run: bool) -> Verdict | Refusal:
    try:
        return act(dry_run=dry_run)
    except Refusal as refusal:
        return refusal


class SqliteMachine(Machine):
    """The same on the embedded store; a restart closes the file and opens it again."""

    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "store.db"
        self.store = Fragile(SqliteStore.open_writer(self.path))

    def reopen(self) -> None:
        self.store.close()
        self.store = Fragile(SqliteStore.open_writer(self.path))

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


class Neo4jMachine(Machine):
    """The same on a server; a restart opens other connections to it."""

    def open(self) -> None:
        self.held = ExitStack()
        self.store = Fragile(self.held.enter_context(stores.emptied()))

    def reopen(self) -> None:
        self.store.close()
        self.store = Fragile(self.held.enter_context(stores.opened(shared.login())))

    def teardown(self) -> None:
        super().teardown()
        self.held.close()


_SUPPRESSED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=_SUPPRESSED
)
TestSqliteMachine = SqliteMachine.TestCase
TestSqliteMachine.settings = settings(
    max_examples=5, stateful_step_count=20, deadline=None, suppress_health_check=_SUPPRESSED
)
TestNeo4jMachine = Neo4jMachine.TestCase
TestNeo4jMachine.settings = settings(
    max_examples=2, stateful_step_count=15, deadline=None, suppress_health_check=_SUPPRESSED
)
