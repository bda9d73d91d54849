from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.neo4j import Address, Neo4jStore
from tests.neo4j import shared, stores
from tests.neo4j.server import Login


@pytest.fixture
def login() -> Login:
    return shared.login()


@pytest.fixture
def address(login: Login) -> Address:
    return Address(login.uri, login.user or "", login.password or "")


@pytest.fixture
def store(login: Login) -> Iterator[Neo4jStore]:
    with stores.emptied(login) as store:
        yield store
