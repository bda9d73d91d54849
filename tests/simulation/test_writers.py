"""Two writers on one store: whoever was planned on something stale is planned again, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import Conflict
from graph.model import (
    ChangeSet,
    Evidence,
    IdentifierKind,
    ReadSet,
    RecordKey,
    StatedIdentifier,
)
from graph.sqlite.store import SqliteStore
from graph.store import Store
from resolver.intake import Arrival, Receipt, Refusal
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline.pipeline import ATTEMPTS
from resolver.resolve.settings import Policy
from tests.conformance.oracle import OracleStore
from tests.simulation import check
from tests.simulation.books import Books
from tests.simulation.relay import Relay
from tests.simulation.universe import POLICIES, POPULATION, arrivals, record_keys

MODEL = default_model(POPULATION)
SETTINGS = Settings(region="NL")
PHONE = (StatedIdentifier(IdentifierKind.PHONE, "0612349876"),)

Act = Callable[[Pipeline, Books], None]


class Raced(Relay):
    """A store on which another writer commits between a plan's reading and its applying."""

    def __init__(self, store: Store, meanwhile: Sequence[Callable[[], None]]) -> None:
        super().__init__(store)
        self.meanwhile = list(meanwhile)
        self.conflicts = 0

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        try:
            return super().apply(change_sets, read_set)
        except Conflict:
            self.conflicts += 1
            raise


def pipeline(store: Store, policy: Policy, names: Iterator[int]) -> Pipeline:
    return Pipeline(
        store,
        model=MODEL,
        policy=policy,
        settings=SETTINGS,
        clock=lambda: 1,
        mint=lambda: f"n{next(names):05}",
    )


def record(batch: Sequence[Arrival]) -> Act:
    """Recording a batch. Touchpoints are left out: their keys are no part of a read set."""

    def act(writer: Pipeline, books: Books) -> None:
        for arrival, answer in zip(batch, writer.record(batch), strict=True):
            assert isinstance(answer, Receipt)
            books.enter(arrival, SETTINGS)

    return act


def judge(split: bool, parts: Sequence[frozenset[RecordKey]]) -> Act:
    def act(writer: Pipeline, books: Books) -> None:
        try:
            verdict = (writer.split if split else writer.merge)(parts, author="a", reason="b")
        except Refusal:
            return
        books.judgements[verdict.judgement.id] = verdict.judgement

    return act


def settle(writer: Pipeline, books: Books) -> None:
    writer.settle(3)


batches = st.lists(arrivals.filter(lambda a: a.touchpoint is None), min_size=1, max_size=4)
judging = st.builds(
    judge, st.booleans(), st.lists(st.frozensets(record_keys, min_size=1, max_size=2), min_size=2, max_size=2)
)
acts = st.one_of(batches.map(record), batches.map(record), judging, st.just(settle))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    policy=st.sampled_from(sorted(POLICIES)),
    before=st.lists(acts, max_size=3),
    ours=acts,
    theirs=st.lists(acts, min_size=1, max_size=2),
)
def test_whatever_another_writer_commits_in_between_nothing_is_planned_on_what_was(
    policy: str, before: list[Act], ours: Act, theirs: list[Act]
) -> None:
    store, books, names = OracleStore(), Books(), count(1)
    other = pipeline(store, POLICIES[policy], names)
    for act in before:
        act(other, books)
    meanwhile = [partial(act, other, books) for act in theirs]
    ours(pipeline(Raced(store, meanwhile), POLICIES[policy], names), books)
    while other.settle(2):
        pass
    check.holds(store, books, SETTINGS, ())
    check.settled(store, books, MODEL, POLICIES[policy], SETTINGS)


def stated(name: str, evidence: Evidence) -> Arrival:
    return Arrival("till", RecordKey("till", name), evidence, 1)


def compared_with_all_at_once(store: Store, books: Books, policy: Policy) -> None:
    check.holds(store, books, SETTINGS, ())
    check.settled(store, books, MODEL, policy, SETTINGS)


def test_a_value_that_speaks_again_meanwhile_is_heard() -> None:
    """It was silent when read, and nothing else is shared by those whom it joins."""
    store, books, names, policy = OracleStore(), Books(), count(1), Policy(generic_line=3)
    account = (StatedIdentifier(IdentifierKind.EXTERNAL, "4711", "crm"),)
    other = pipeline(store, policy, names)
    for name in ("Jan", "Piet", "Sanne"):
        record([stated(name, Evidence(account, name))])(other, books)
    gone = record([Arrival("till", RecordKey("till", "Sanne"), None, 2, deleted=True)])
    raced = Raced(store, [lambda: gone(other, books)])
    ours = record([stated("late", Evidence(account, "Jan", family_name="de Vries"))])
    ours(pipeline(raced, policy, names), books)
    assert raced.conflicts == 1
    compared_with_all_at_once(store, books, policy)


def test_a_value_that_falls_silent_meanwhile_is_heard_no_more() -> None:
    """What it holds together stays as it is and weighs less, and that is news to whoever comes next."""
    store, books, names, policy = OracleStore(), Books(), count(1), Policy(generic_line=2)
    account = (StatedIdentifier(IdentifierKind.EXTERNAL, "4711", "crm"),)
    other = pipeline(store, policy, names)
    jan = Evidence(account, "Jan", family_name="de Vries", birth_date="1960-05-03")
    record([stated("a", jan), stated("b", replace(jan, postcode="1011 AB"))])(other, books)
    apart = [frozenset({RecordKey("till", "a")}), frozenset({RecordKey("till", "b")})]
    judge(True, apart)(other, books)
    silencing = record([stated("p", Evidence(account, "Piet"))])
    raced = Raced(store, [lambda: silencing(other, books)])
    ours = record([stated("c", replace(jan, identifiers=()))])
    ours(pipeline(raced, policy, names), books)
    assert raced.conflicts == 1
    compared_with_all_at_once(store, books, policy)


def test_a_value_of_another_household_member_that_falls_silent_meanwhile_is_heard_no_more() -> None:
    """It stands between two who are related, no block that they share has changed, and no edge joins them."""
    store, books, names, policy = OracleStore(), Books(), count(1), Policy(generic_line=3)
    card = StatedIdentifier(IdentifierKind.LOYALTY, "4711023856", "club")
    hers = StatedIdentifier(IdentifierKind.LOYALTY, "9930127745", "club")
    other = pipeline(store, policy, names)
    record([stated("a", Evidence((*PHONE, card), "Jan", family_name="Bakker"))])(other, books)
    silencing = record(
        [stated(name, Evidence((card,), name, family_name="Smit")) for name in ("Piet", "Sanne", "Kees")]
    )
    raced = Raced(store, [lambda: silencing(other, books)])
    ours = record([stated("b", Evidence((*PHONE, hers), "Lotte", family_name="Bakker"))])
    ours(pipeline(raced, policy, names), books)
    compared_with_all_at_once(store, books, policy)
    assert raced.conflicts == 1


def test_a_contradiction_that_another_writer_completes_far_away_is_seen() -> None:
    """Of keys that no record has yet: nothing but the judgements themselves ties them."""
    store, books, names = OracleStore(), Books(), count(1)
    other = pipeline(store, Policy(), names)

    def group(*letters: str) -> list[frozenset[RecordKey]]:
        return [frozenset(RecordKey("till", letter) for letter in word) for word in letters]

    for pair in ("ab", "bc", "xy", "yz"):
        other.merge(group(pair), author="s", reason="r")
    raced = Raced(store, [lambda: judge(False, group("cx"))(other, books)])
    with pytest.raises(Refusal, match="contradicts"):
        pipeline(raced, Policy(), names).split(group("a", "z"), author="s", reason="r")
    assert raced.conflicts == 1


def test_two_writers_in_two_threads_lose_nothing(tmp_path: Path) -> None:
    store, books = SqliteStore.open_writer(tmp_path / "store.db"), Books()
    said = [
        Arrival("till", RecordKey("till", f"r{n:02}"), Evidence(PHONE, given, family_name="Bakker"), 1)
        for n, given in enumerate(("Jan", "Piet", "Jan", "Sanne", "J.", "Kees") * 5)
    ]
    failed: list[BaseException] = []

    def write(part: int) -> None:
        try:
            writer = pipeline(store, POLICIES["queued"], count(part * 100_000))
            for arrival in said[part::2]:
                writer.record([arrival])
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=write, args=(part,)) for part in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    for arrival in said:
        books.enter(arrival, SETTINGS)
    last = pipeline(store, POLICIES["queued"], count(900_000))
    while last.settle():
        pass
    check.holds(store, books, SETTINGS, ())
    check.settled(store, books, MODEL, POLICIES["queued"], SETTINGS)
    store.close()


def test_a_writer_who_is_overtaken_again_and_again_says_so() -> None:
    store, names = OracleStore(), count(1)
    other = pipeline(store, Policy(), names)

    def overtake() -> None:
        arrival = Arrival("till", RecordKey("till", f"r{next(names)}"), Evidence(PHONE, "Jan"), next(names))
        other.record([arrival])

    raced = Raced(store, [overtake] * ATTEMPTS)
    with pytest.raises(Conflict):
        pipeline(raced, Policy(), names).record(
            [Arrival("till", RecordKey("till", "z"), Evidence(PHONE, "Jan"), 1)]
        )
    assert raced.conflicts == ATTEMPTS
