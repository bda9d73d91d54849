"""The store that a command works on by itself, and what goes wrong with it in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graph.errors import Overtaken, StoreError, StoreLocked
from graph.store import Store
from resolver import opening
from resolver.cli.problems import Failed
from resolver.config import Configuration


@contextmanager
def writing(configuration: Configuration, instead: str) -> Iterator[Store]:
    """The configured store, for writing; `instead` is the advice where a service has it.

    Raises `Failed`, also for what the store raises while it is worked on.
    """
    with failing(configuration):
        try:
            store = opening.writer(configuration)
        except StoreLocked:
            raise Failed(f"store: {configuration.store}: it is being served; {instead}") from None
        try:
            yield store
        finally:
            store.close()


@contextmanager
def reading(configuration: Configuration) -> Iterator[Store]:
    """The configured store, for reading beside a service. Raises `Failed`, as `writing` does."""
    with failing(configuration):
        store = opening.reader(configuration)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def failing(configuration: Configuration) -> Iterator[None]:
    """Tell what a store raises inside as `Failed`, in one line that names the store."""
    place = f"store: {configuration.store}"
    try:
        yield
    except Overtaken:
        raise Failed(f"{place}: it was written meanwhile; try again while nobody writes it") from None
    except (StoreError, opening.MissingDriver) as error:
        raise Failed(f"{place}: {error}") from None
