"""Sequence neutrality: the partition is a function of what was said, whatever came first and with what."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, RecordKey, StatedIdentifier
from graph.store import Store
from resolver.intake import Arrival, Refusal
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from tests.simulation import check
from tests.simulation.books import Books, grouped
from tests.simulation.places import Place, embedded, in_memory, on_server
from tests.simulation.universe import POLICIES, POPULATION, arrivals, evidences, record_keys

MODEL = default_model(POPULATION)
SETTINGS = Settings(region="NL")

Judging = tuple[bool, tuple[frozenset[RecordKey], ...]]


def run(
    store: Store, policy: str, said: Sequence[Arrival | Judging], cuts: random.Random, *, between: bool
) -> Books:
    """Say all this in order, in batches of any size, settling in between or only at the end."""
    books, names = Books(), count(1)
    pipeline = Pipeline(
        store,
        model=MODEL,
        policy=POLICIES[policy],
        settings=SETTINGS,
        clock=lambda: 1,
        mint=lambda: f"n{next(names):05}",
    )
    batch: list[Arrival] = []

    def flush() -> None:
        for arrival, answer in zip(batch, pipeline.record(batch), strict=True):
            if not isinstance(answer, Refusal):
                books.enter(arrival, SETTINGS)
        batch.clear()
        if between:
            pipeline.settle(cuts.randint(1, 5))

    for one in said:
        if isinstance(one, Arrival):
            batch.append(one)
            if cuts.random() < 0.4:
                flush()
            continue
        flush()
        split, parts = one
        try:
            verdict = (pipeline.split if split else pipeline.merge)(parts, author="a", reason="b")
        except Refusal:
            continue
        books.judgements[verdict.judgement.id] = verdict.judgement
    flush()
    while pipeline.settle(7):
        pass
    return books


judgings = st.tuples(
    st.booleans(),
    st.lists(st.frozensets(record_keys, min_size=1, max_size=2), min_size=2, max_size=2).map(tuple),
)
"""By record key, so that they may come before the records."""


def _hold(
    place: Place, policy: str, said: list[Arrival | Judging], cuts: random.Random, *, between: bool
) -> tuple[object, ...]:
    """What it comes to, after which judgements."""
    with place() as store:
        books = run(store, policy, said, cuts, between=between)
        check.holds(store, books, SETTINGS, ())
        check.settled(store, books, MODEL, POLICIES[policy], SETTINGS)
        truth = books.truth(MODEL, POLICIES[policy], SETTINGS)
        judged = frozenset(frozenset(one.parts) for one in books.judgements.values())
        return judged, truth.customers, truth.visitors, truth.doubts, truth.silent


@pytest.mark.parametrize(
    ("place", "examples"),
    [(in_memory, 25), (embedded, 5), (on_server, 2)],
    ids=["oracle", "sqlite", "neo4j"],
)
def test_any_order_and_any_batches_end_in_the_partition_of_all_at_once(place: Place, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        policy=st.sampled_from(sorted(POLICIES)),
        stated=st.lists(arrivals, min_size=4, max_size=25),
        judged=st.lists(judgings, max_size=3),
        cuts=st.randoms(use_true_random=False),
        between=st.booleans(),
        data=st.data(),
    )
    def holds(
        policy: str,
        stated: list[Arrival],
        judged: list[Judging],
        cuts: random.Random,
        between: bool,
        data: st.DataObject,
    ) -> None:
        # A touchpoint is its first statement and a judgement is refused by those before it: where one
        # outcome is to be compared with another both must have been accepted, in whatever order.
        firsts = {a.touchpoint.key: a for a in reversed(stated) if a.touchpoint is not None}
        stated = [a for a in stated if a.touchpoint is None or firsts[a.touchpoint.key] is a]
        outcomes = set()
        for _ in range(2):
            order: list[Arrival | Judging] = [*data.draw(st.permutations(stated)), *stated[::3]]
            for one in judged[:1]:
                order.insert(data.draw(st.integers(0, len(order))), one)
            outcomes.add(_hold(place, policy, order, cuts, between=between))
        assert len(outcomes) == len({judged for judged, *_ in outcomes})
        order = [*stated]
        for one in judged:
            order.insert(data.draw(st.integers(0, len(order))), one)
        _hold(place, policy, order, cuts, between=between)

    holds()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    policy=st.sampled_from(("tight", "queued", "broken")),
    evidence=st.lists(evidences, min_size=8, max_size=25),
    cuts=st.randoms(use_true_random=False),
)
def test_records_that_come_and_go_leave_what_never_came(
    policy: str, evidence: list[Evidence], cuts: random.Random
) -> None:
    """What fell silent through records that are gone speaks again, and merges that it hid appear."""
    keys = [RecordKey("till", f"r{n:02}") for n in range(len(evidence))]
    stated: list[Arrival | Judging] = [
        Arrival("till", key, one, 1) for key, one in zip(keys, evidence, strict=True)
    ]
    cuts.shuffle(stated)
    gone = cuts.sample(keys, len(keys) // 2)
    stated += [Arrival("till", key, None, 2, deleted=True) for key in gone]
    with in_memory() as store:
        books = run(store, policy, stated, cuts, between=cuts.random() < 0.5)
        check.settled(store, books, MODEL, POLICIES[policy], SETTINGS)
        came = check.customers(store)
    with in_memory() as store:
        never = [one for one in stated[: len(keys)] if isinstance(one, Arrival) and one.record not in gone]
        books = run(store, policy, never, cuts, between=False)
        check.settled(store, books, MODEL, POLICIES[policy], SETTINGS)
        alone = check.customers(store)
    assert grouped(came) == grouped(alone)


@pytest.mark.parametrize("policy", ["tight", "broken"])
def test_people_who_write_from_a_role_mailbox_do_not_take_it_from_its_organisation(policy: str) -> None:
    """It is a key to the organisation alone, and only those found under a key are counted."""
    mailbox = (StatedIdentifier(IdentifierKind.EMAIL, "info@bakker.nl"),)
    said: list[Arrival | Judging] = [
        *(
            Arrival(
                "till",
                RecordKey("till", f"o{city}"),
                Evidence(mailbox, organisation="Bakker B.V.", city=city),
                1,
            )
            for city in ("Utrecht", "Amsterdam")
        ),
        *(
            Arrival("till", RecordKey("till", f"p{name}"), Evidence(mailbox, name, family_name="Jansen"), 1)
            for name in ("Jan", "Piet", "Sanne", "Kees", "Anna")
        ),
    ]
    with in_memory() as store:
        books = run(store, policy, said, random.Random(1), between=False)
        check.settled(store, books, MODEL, POLICIES[policy], SETTINGS)
