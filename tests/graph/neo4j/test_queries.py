"""How the server means to answer each query: by looking things up, never by going through all there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graph.neo4j import Neo4jStore, queries, reading
from tests.neo4j import shared

WHOLE = {"_META", "_ALL_IMPORTS", "REOPEN_ALL"}
"""Settings and imports are few; an adoption is about every node."""

TEXTS = {
    f"{module.__name__}.{name}": text
    for module in (reading, queries)
    for name, text in vars(module).items()
    if isinstance(text, str)
    and text.startswith(("\nUNWIND", "\nMATCH", "\nMERGE", "\nCALL", "\nWITH COLLECT", "MATCH", "CALL"))
    and name not in ("_NOW", "_SURE", "_HELD", "_CARRIED")
}


def steps(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from steps(child)


def test_all_queries_are_looked_at() -> None:
    assert len(TEXTS) > 60


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_query_looks_up_what_it_is_about(store: Neo4jStore, name: str) -> None:
    plan = shared.driver(shared.login()).execute_query("EXPLAIN " + TEXTS[name]).summary.plan
    assert plan is not None
    scans = [step for step in steps(plan) if "Scan" in step]
    assert not scans or name.rpartition(".")[2] in WHOLE
