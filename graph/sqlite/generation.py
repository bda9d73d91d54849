"""How far a store's file has come on the way to this program's generation, told without changing it."""

from __future__ import annotations

from pathlib import Path

from graph.migrations import Migration, migrations
from graph.sqlite.connection import connect_reader
from graph.sqlite.errors import translated
from graph.sqlite.migrate import check


def generation(path: Path | str) -> tuple[int, tuple[Migration, ...]]:
    """The generation of a store's file, and the steps that it lacks.

    Raises as `SqliteStore.open_reader` does, but for one of an older generation.
    """
    steps = migrations("sqlite")
    with translated:
        connection = connect_reader(Path(path))
        try:
            held = check(connection, steps, complete=False)
        finally:
            connection.close()
    return held, steps[held:]
