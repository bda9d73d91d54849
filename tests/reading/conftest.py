from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.store import Store
from tests.conformance.factories import FACTORIES, StoreFactory


@pytest.fixture(params=sorted(FACTORIES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Every store that there is: reading must not tell them apart."""
    new: Callable[[Path], StoreFactory] = FACTORIES[request.param]
    opened = new(tmp_path).open()
    yield opened
    opened.close()
