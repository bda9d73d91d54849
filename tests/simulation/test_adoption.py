"""Other rules adopted in the middle of everything: once all is settled the partition is theirs."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Cause, RecordKey
from graph.store import Store
from resolver.intake import Arrival, Refusal
from resolver.match.document import Document, shipped
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import Rules
from resolver.resolve.settings import Limits, Policy
from tests.conformance.oracle import OracleStore
from tests.simulation import check
from tests.simulation.books import Books
from tests.simulation.places import Place, embedded, in_memory, on_server
from tests.simulation.universe import arrivals, record_keys

SETTINGS = Settings(region="NL")
Judging = tuple[bool, tuple[frozenset[RecordKey], ...]]

judgings = st.tuples(
    st.booleans(),
    st.lists(st.frozensets(record_keys, min_size=1, max_size=2), min_size=2, max_size=2).map(tuple),
)


def other_model(version: str, household: float) -> Document:
    """A model that believes families to share another part of what they have."""
    document: dict[str, Any] = copy.deepcopy(dict(shipped()))
    for comparison in ("phone", "email", "given"):
        document["comparisons"][comparison]["equal"]["h"] *= household
    return {**document, "version": version}


TIGHT = Policy(generic_line=3, block_cap=4, identifier_cap=6, reopen_at_once=2)
RULES = (
    Rules(shipped(), 1000, TIGHT),
    Rules(shipped(), 10_000_000, replace(TIGHT, merge=0.999)),
    Rules(other_model("wary", 8.0), 1000, replace(TIGHT, never_alone=("phone", "email"))),
    Rules(other_model("bold", 0.1), 100, replace(TIGHT, merge=0.9, limits=Limits(False, "off"))),
)


class Run:
    """One store, its books, and whoever writes; a restart leaves the store alone."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self.store = store
        self.store.put_meta(rules.terms())
        self.books = Books()
        self.first = rules
        self.names = count(1)
        self.restart()

    def restart(self) -> None:
        names = self.names
        self.writer = Pipeline(
            self.store,
            model=self.first.model,
            policy=self.first.policy,
            settings=SETTINGS,
            clock=lambda: 1,
            mint=lambda: f"n{next(names):05}",
        )

    def say(self, said: Sequence[Arrival | Judging], cuts: random.Random) -> None:
        for one in said:
            if isinstance(one, Arrival):
                (answer,) = self.writer.record([one])
                if not isinstance(answer, Refusal):
                    self.books.enter(one, SETTINGS)
            else:
                self.judge(*one)
            if cuts.random() < 0.3:
                self.writer.settle(cuts.randint(1, 4))
            if cuts.random() < 0.1:
                self.restart()

    def judge(self, split: bool, parts: tuple[frozenset[RecordKey], ...]) -> None:
        try:
            verdict = (self.writer.split if split else self.writer.merge)(parts, author="a", reason="b")
        except Refusal:
            return
        self.books.judgements[verdict.judgement.id] = verdict.judgement

    def settle(self) -> None:
        while self.writer.settle(3):
            pass


@pytest.mark.parametrize(
    ("place", "examples"),
    [(in_memory, 40), (embedded, 5), (on_server, 2)],
    ids=["oracle", "sqlite", "neo4j"],
)
def test_the_partition_is_that_of_the_rules_in_force_whenever_they_were_adopted(
    place: Place, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        adopted=st.lists(st.sampled_from(range(len(RULES))), min_size=1, max_size=2),
        said=st.lists(
            st.lists(st.one_of(arrivals, arrivals, arrivals, judgings), max_size=14), min_size=3, max_size=3
        ),
        cuts=st.randoms(use_true_random=False),
    )
    def holds(adopted: list[int], said: list[list[Arrival | Judging]], cuts: random.Random) -> None:
        with place() as store:
            run = Run(store, RULES[0])
            rules = RULES[0]
            for part, number in zip(said, [*adopted, None, None], strict=False):
                run.say(part, cuts)
                if number is not None:
                    _adopt(run, rules, RULES[number])
                    rules = RULES[number]
            run.settle()
            check.holds(store, run.books, SETTINGS, ())
            check.settled(store, run.books, rules.model, rules.policy, SETTINGS)

    holds()


def _adopt(run: Run, held: Rules, rules: Rules) -> None:
    receipt = run.writer.adopt(lambda _: rules)
    assert receipt.changed == (rules.terms() != held.terms())
    with run.store.snapshot() as snapshot:
        assert Rules.of(snapshot.meta()).terms() == rules.terms()
        if receipt.changed:
            told = snapshot.change(receipt.revision)
            assert told is not None and told.cause is Cause.ADOPTION


def test_what_is_in_force_already_is_no_revision() -> None:
    run = Run(OracleStore(), RULES[0])
    receipt = run.writer.adopt(lambda rules: rules)
    assert (receipt.changed, receipt.revision, receipt.settled_revision) == (False, 0, 0)


def test_a_rehearsal_writes_nothing() -> None:
    run = Run(OracleStore(), RULES[0])
    receipt = run.writer.adopt(lambda _: RULES[1], dry_run=True)
    assert receipt.changed and receipt.revision == 0
    with run.store.snapshot() as snapshot:
        assert Rules.of(snapshot.meta()).terms() == RULES[0].terms()
