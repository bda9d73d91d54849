from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.errors import Overtaken
from graph.store import Store
from tests.conformance.factories import FACTORIES, StoreFactory
from tests.conformance.processes import SecondProcess, second_process


@pytest.fixture(params=sorted(FACTORIES))
def new_factory(request: pytest.FixtureRequest) -> Callable[[Path], StoreFactory]:
    return FACTORIES[request.param]


@pytest.fixture
def factory(new_factory: Callable[[Path], StoreFactory], tmp_path: Path) -> Iterator[StoreFactory]:
    factory = new_factory(tmp_path)
    yield factory
    factory.open().close()


@pytest.fixture
def store(factory: StoreFactory) -> Store:
    return factory.open()


class Held:
    """What a snapshot tells of that has changed since it was opened."""

    def __init__(self, factory: StoreFactory) -> None:
        self._strict = factory.keeps_older_states

    def tells(self, read: Callable[[], object], before: object) -> None:
        """It is as it was before; or, where the store keeps no older states, the snapshot says so."""
        try:
            told = read()
        except Overtaken:
            assert not self._strict
        else:
            assert told == before


@pytest.fixture
def held(factory: StoreFactory) -> Held:
    return Held(factory)


@pytest.fixture
def other_process(factory: StoreFactory) -> Iterator[SecondProcess]:
    reader = factory.reader()
    if reader is None:
        pytest.skip("one process alone sees this store")
    factory.open()
    with second_process(reader) as process:
        yield process
