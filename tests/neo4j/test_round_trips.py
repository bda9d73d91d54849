"""How often the store waits for the server does not depend on how much it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest

from graph.model import (
    Evidence,
    Identifier,
    IdentifierKind,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from graph.store import Store
from resolver.intake import Arrival
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.resolve.settings import Policy
from tests.neo4j import shared, stores
from tests.neo4j.proxy import Proxy

FEW, MANY = 10, 200


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(shared.server().port) as proxy:
        yield proxy


@pytest.fixture
def store(proxy: Proxy) -> Iterator[Store]:
    login = shared.server().login
    shared.empty(login)
    with stores.opened(replace(login, uri=f"bolt://127.0.0.1:{proxy.port}")) as store:
        yield store


@pytest.fixture
def pipeline(store: Store) -> Pipeline:
    names = count()
    model, settings = default_model(1000), Settings(region="NL")
    return Pipeline(
        store,
        model=model,
        policy=Policy(),
        settings=settings,
        clock=lambda: 1,
        mint=lambda: f"n{next(names)}",
    )


@contextmanager
def trips(proxy: Proxy, expected: int) -> Iterator[None]:
    before = proxy.trips
    yield
    assert proxy.trips - before == expected


def phone(who: int) -> int:
    """A mobile number of this person's own, without its country's prefix."""
    return 612_349_876 + 7_919 * who


def arrivals(people: range, touchpoint: str) -> list[Arrival]:
    """A touchpoint of each of these people, who have nothing in common."""
    said = []
    for who in people:
        key = RecordKey("web", f"r{who}")
        told = Touchpoint(
            TouchpointKey("web", f"{touchpoint}{who}"), key, "", 1_785_000_000_000_000, 0, "web"
        )
        mobile = StatedIdentifier(IdentifierKind.PHONE, f"0{phone(who)}")
        said.append(Arrival("web", key, Evidence((mobile,)), 1, touchpoint=told))
    return said


def test_a_lookup_is_one_round_trip(proxy: Proxy, store: Store, pipeline: Pipeline) -> None:
    pipeline.record(arrivals(range(1), "t"))
    mobile = Identifier(IdentifierKind.PHONE, "", f"+31{phone(0)}")
    store.glance(mobile)
    with trips(proxy, 1):
        assert store.glance(mobile).customer


@pytest.mark.parametrize("kind", ["new", "known"])
def test_a_batch_costs_as_many_round_trips_whatever_its_size(
    proxy: Proxy, pipeline: Pipeline, kind: str
) -> None:
    pipeline.record(arrivals(range(2 * MANY if kind == "known" else 2), "t"))
    taken = []
    for people in (range(2, 2 + FEW), range(2 + FEW, 2 + FEW + MANY)):
        before = proxy.trips
        pipeline.record(arrivals(people, "u"))
        taken.append(proxy.trips - before)
    assert taken[0] == taken[1]
