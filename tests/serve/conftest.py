from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serve.builders import Stubs, served


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    """One server for a module; tests keep apart by the names they use."""
    with served(tmp_path_factory.mktemp("store") / "customers.db") as (_, client):
        yield client
