"""Several writers, none of them leading, on one server: they end where one alone would have."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import Conflict
from graph.model import RecordKey, TouchpointKey
from graph.store import Store
from resolver.intake import Arrival, Outcome, Receipt
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from tests.conformance.oracle import OracleStore
from tests.neo4j import shared, stores
from tests.neo4j.server import Login
from tests.simulation import check
from tests.simulation.books import Books, grouped
from tests.simulation.universe import POLICIES, POPULATION, arrivals

MODEL = default_model(POPULATION)
SETTINGS = Settings(region="NL")
REPLICAS = 3
AT_ONCE = 4

_forking = get_context("forkserver")
_forking.set_forkserver_preload([__name__])


def pipeline(store: Store, policy: str, name: str) -> Pipeline:
    numbers = count(1)
    return Pipeline(
        store,
        model=MODEL,
        policy=POLICIES[policy],
        settings=SETTINGS,
        clock=lambda: 1,
        mint=lambda: f"{name}{next(numbers):05}",
    )


def replica(login: Login, policy: str, name: str, said: Sequence[Arrival]) -> list[tuple[Arrival, Receipt]]:
    """Record all this in small batches, as one of several that do; what was overtaken is sent again."""
    answered: list[tuple[Arrival, Receipt]] = []
    with stores.opened(login) as store:
        writer = pipeline(store, policy, name)
        for at in range(0, len(said), AT_ONCE):
            batch = said[at : at + AT_ONCE]
            for arrival, answer in zip(batch, _sent(writer, batch), strict=True):
                assert isinstance(answer, Receipt), answer
                answered.append((arrival, answer))
            try:
                writer.settle(2, attempts=1)
            except Conflict:
                continue  # another is at it
    return answered


def _sent(writer: Pipeline, batch: Sequence[Arrival]) -> list[object]:
    while True:
        try:
            return [*writer.record(batch)]
        except Conflict:
            continue


def in_threads() -> Executor:
    return ThreadPoolExecutor(REPLICAS)


def in_processes() -> Executor:
    return ProcessPoolExecutor(REPLICAS, _forking)


def compatible(said: Sequence[Arrival]) -> list[Arrival]:
    """Without those whose touchpoint another tells otherwise: which of them counts, the order says."""
    firsts = {one.touchpoint.key: one for one in reversed(said) if one.touchpoint is not None}
    return [one for one in said if one.touchpoint is None or firsts[one.touchpoint.key] == one]


@pytest.mark.parametrize(
    ("executor", "examples"), [(in_threads, 3), (in_processes, 1)], ids=["threads", "processes"]
)
def test_replicas_fed_the_same_in_other_orders_end_where_one_does(
    executor: Callable[[], Executor], examples: int
) -> None:
    login = shared.login()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        policy=st.sampled_from(sorted(POLICIES)),
        said=st.lists(arrivals, min_size=30, max_size=50).map(compatible),
        cuts=st.randoms(use_true_random=False),
    )
    def holds(policy: str, said: list[Arrival], cuts: random.Random) -> None:
        with stores.emptied() as store, executor() as replicas:
            # Each arrival goes to two of three.
            parts = [[one for n, one in enumerate(said) if n % REPLICAS != r] for r in range(REPLICAS)]
            for part in parts:
                cuts.shuffle(part)
            running = [
                replicas.submit(replica, login, policy, name, part)
                for name, part in zip("abc", parts, strict=True)
            ]
            answered = [each for one in running for each in one.result()]
            last = pipeline(store, policy, "z")
            while last.settle(7):
                pass
            books = Books()
            for one in said:
                books.enter(one, SETTINGS)
            check.holds(store, books, SETTINGS, {receipt.customer for _, receipt in answered})
            check.settled(store, books, MODEL, POLICIES[policy], SETTINGS)
            assert grouped(check.customers(store)) == grouped(alone(policy, said))
            created_once(answered)
            revisions(store, answered)

    holds()


def alone(policy: str, said: Sequence[Arrival]) -> dict[RecordKey, str | None]:
    """Where one writer puts each record, on a store of its own."""
    store = OracleStore()
    writer = pipeline(store, policy, "n")
    writer.record(said)
    while writer.settle():
        pass
    return check.customers(store)


def created_once(answered: Sequence[tuple[Arrival, Receipt]]) -> None:
    """Each touchpoint was new to exactly one of those that were told of it."""
    created: Counter[TouchpointKey] = Counter()
    for arrival, receipt in answered:
        if arrival.touchpoint is not None:
            created[arrival.touchpoint.key] += receipt.outcome == Outcome.CREATED
    assert set(created.values()) <= {1}


def revisions(store: Store, answered: Sequence[tuple[Arrival, Receipt]]) -> None:
    """No revision was given twice, and none that was told is later than the store's last."""
    with store.snapshot() as snapshot:
        changes = [change.revision for change in snapshot.changes(0, 100_000)]
        assert changes == sorted(set(changes))
        assert max(receipt.revision for _, receipt in answered) <= snapshot.revision
