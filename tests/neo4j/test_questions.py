"""The queries of docs/graph.md on a real server: each runs, and finds something in the sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from neo4j import Driver

from graph.model import Evidence, IdentifierKind, RecordKey, StatedIdentifier
from resolver.batch.arrivals import arrival
from resolver.intake import Arrival, Receipt
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.resolve.settings import Policy
from resolver.sample.generate import REGION, sample_rows
from tests.neo4j import shared, stores

PAGE = Path(__file__).parents[2] / "docs" / "graph.md"
QUERIES = re.findall(r"```cypher\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def said(name: str, given: str, family: str, **identifiers: str) -> Arrival:
    stated = [StatedIdentifier(IdentifierKind(kind), raw) for kind, raw in identifiers.items()]
    return Arrival("desk", RecordKey("desk", name), Evidence(tuple(stated), given, family_name=family), 1)


MADE_UP = (
    [
        said(f"till {n}", given, "Bos", phone="0207946811")
        for n, given in enumerate("Jan Piet Kees Anna Eva".split())
    ],
    [
        said("web", "Sofie", "Terpstra", email="sofie.terpstra@ziggo.nl"),
        said("tel", "Sofie", "Terpstra", phone="0612349876"),
    ],
    [said("both", "Sofie", "Terpstra", email="sofie.terpstra@ziggo.nl", phone="0612349876")],
)
"""A telephone that everybody at a desk uses, and two customers who turn out to be one."""


@pytest.fixture(scope="module")
def sampled() -> Iterator[Driver]:
    names = count()
    with stores.emptied() as store:
        pipeline = Pipeline(
            store,
            model=default_model(1000),
            policy=Policy(generic_line=4),
            settings=Settings(region=REGION),
            clock=lambda: 1,
            mint=lambda: f"c{next(names):06}",
        )
        rows = [arrival(row, 1) for row, _ in sample_rows(people=25)]
        for batch in (*(rows[at : at + 80] for at in range(0, len(rows), 80)), *MADE_UP):
            assert all(isinstance(answer, Receipt) for answer in pipeline.record(batch))
        while pipeline.settle():
            pass
        yield shared.driver(shared.login())


def test_there_are_ten_questions_and_one_more() -> None:
    assert len(QUERIES) == 11


@pytest.mark.parametrize("query", QUERIES, ids=[" ".join(query.split())[:60] for query in QUERIES])
def test_a_query_of_the_page_finds_something(sampled: Driver, query: str) -> None:
    found = sampled.execute_query(query)
    assert found.records
    assert not [one for one in found.summary.gql_status_objects if one.is_notification]
