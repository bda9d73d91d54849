"""A store filled as anybody fills one from a file: by `resolver import` and `resolver restore`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from bench.command import RESOLVER, run, tell
from bench.graph.inputs import Some
from tests.neo4j.server import Login


class Filled(NamedTuple):
    """Seconds that each step of it took."""

    imported: float
    restored: float


def fill(login: Login, some: Some) -> Filled:
    """Fill an empty server with these rows. Raises RunFailed.

    They are imported all at once into an embedded store, which is then copied: the customers, ids and
    history that recording them one by one would have come to.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, store, log = folder / "rows.csv", folder / "store.db", folder / "log"
        some.write(rows)
        told = ["--store", str(store), "--id", some.id_column, "--name", "bench", "--quiet"]
        tell("importing records into an embedded store")
        imported = run([*RESOLVER, "import", str(rows), *told], log)
        tell("restoring the server from that")
        restored = run([*RESOLVER, "restore", "--from", str(store), "--store", login.uri, "--quiet"], log)
        return Filled(imported.seconds, restored.seconds)
