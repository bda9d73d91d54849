"""Stores to measure on: made once by the pipeline, kept in a folder, copied before each use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from bench.speed.inputs import Requests
from graph.clock import now
from graph.sqlite import SqliteStore
from resolver.config import Loaded, load
from resolver.pipeline import Pipeline
from resolver.serve import convert
from resolver.serve.process import mint, settle_terms
from resolver.serve.terms import Terms

AT_ONCE = 500
_CODE = ("graph", "resolver/normalise", "resolver/match", "resolver/resolve", "resolver/pipeline")
"""What decides what a store holds."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A store with all that records and resolves in it."""

    store: SqliteStore
    pipeline: Pipeline
    terms: Terms


def configured(path: Path, **flags: object) -> Loaded:
    """The configuration under which everything here is measured: the default one, on this store."""
    return load(None, {"store": path, **flags})


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """A store opened to write, made where there is none."""
    store = SqliteStore.open_writer(path)
    try:
        terms = settle_terms(store, configured(path))
        yield Opened(
            store,
            Pipeline(
                store, model=terms.model, policy=terms.policy, settings=terms.settings, clock=now, mint=mint
            ),
            terms,
        )
    finally:
        store.close()


def kept(folder: Path, name: str, requests: Requests, tell: Callable[[str], None]) -> Path:
    """A store that holds these requests; from the folder if it is there and of this code, else made now."""
    path = folder / f"{name}-{len(requests)}-{_fingerprint(requests)}.db"
    if path.exists():
        return path
    making = path.with_suffix(".making")
    discard(making)
    tell(f"making {path}: {len(requests)} touchpoints, once")
    with opened(making) as target:
        for at in range(0, len(requests), AT_ONCE):
            batch = [convert.touchpoint_arrival(each, now()) for each in requests[at : at + AT_ONCE]]
            target.pipeline.record(batch)
        while target.pipeline.settle():
            pass
    copy(making, path)
    discard(making)
    return path


def copy(source: Path, target: Path) -> Path:
    """The store as it is committed now, page by page, in a file of its own; somebody may be writing to it."""
    discard(target)
    part = target.with_suffix(".part")
    discard(part)
    reading = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
    writing = apsw.Connection(str(part))
    try:
        with writing.backup("main", reading, "main") as backup:
            backup.step()
    finally:
        writing.close()
        reading.close()
    part.rename(target)
    return target


def discard(path: Path) -> None:
    """Remove a store and the files beside it, if they are there."""
    for name in ("", "-wal", "-shm", "-writer"):
        path.with_name(path.name + name).unlink(missing_ok=True)


def _fingerprint(requests: Requests) -> str:
    """Of what is recorded and of the code that records it."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[2]
    for path in sorted(path for folder in _CODE for path in root.joinpath(folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    for request in requests:
        digest.update(request.SerializeToString(deterministic=True))
    return digest.hexdigest()[:12]
