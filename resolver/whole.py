"""Whole stores, read and made as the configuration says: for dumps, for moving, for the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.migrations import Migration
from graph.sqlite import contents as sqlite_contents
from graph.sqlite import filling as sqlite_filling
from graph.sqlite import generation as sqlite_generation
from graph.sqlite.filling import Vacancy
from graph.whole import Contents, Item
from resolver import opening
from resolver.config import Configuration

__all__ = ["Vacancy", "contents", "fill", "generation", "vacant"]


@contextmanager
def contents(configuration: Configuration) -> Iterator[Contents]:
    """All of the configured store at one revision.

    An embedded store may be written meanwhile; a server's then raises `Overtaken`. Raises what
    `resolver.opening.reader` does.
    """
    place = configuration.store
    if isinstance(place, Path):
        with sqlite_contents.contents(place) as held:
            yield held
        return
    address, limits = opening.server(configuration, place)
    from graph.neo4j import whole  # noqa: PLC0415 - the driver is an extra

    with whole.contents(address, limits=limits) as held:
        yield held


def fill(configuration: Configuration, items: Iterable[Item]) -> int:
    """Make the configured store of these items; it must not be there, or be empty. The revision it is at.

    Where it fails, also because the items do, there is no store. Raises what `resolver.opening.writer` does.
    """
    place = configuration.store
    if isinstance(place, Path):
        opening.make_folder(place)
        return sqlite_filling.fill(place, items)
    address, limits = opening.server(configuration, place)
    from graph.neo4j import whole  # noqa: PLC0415

    return whole.fill(address, items, limits=limits)


@contextmanager
def vacant(configuration: Configuration) -> Iterator[Vacancy | None]:
    """Hold the place of an embedded store where there is none, or an empty one; None for any other store.

    Raises what `resolver.opening.writer` does.
    """
    place = configuration.store
    if not isinstance(place, Path) or not sqlite_filling.is_vacant(place):
        yield None
        return
    opening.make_folder(place)
    with sqlite_filling.vacant(place) as held:
        yield held


def generation(configuration: Configuration) -> tuple[int, tuple[Migration, ...]]:
    """The generation of the configured store, and the steps to this program's. Changes nothing."""
    place = configuration.store
    if isinstance(place, Path):
        return sqlite_generation.generation(place)
    address, limits = opening.server(configuration, place)
    from graph.neo4j import whole  # noqa: PLC0415

    return whole.generation(address, limits=limits)
