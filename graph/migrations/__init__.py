"""Numbered migrations, one folder a store: ``0001_initial`` and on, never edited once released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from graph.errors import StoreCorrupt


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a store's generation to the next.

    `digest` is the SHA-256 of `text` in hex: a store refuses to go on with a step that was altered
    after it had been applied.
    """

    number: int
    name: str
    digest: str
    text: str


def migrations(store: str) -> tuple[Migration, ...]:
    """All migrations of a store (`sqlite`, `neo4j`), in order of number, which counts from 1 without gaps."""
    steps = []
    for entry in sorted(files(__name__).joinpath(store).iterdir(), key=lambda entry: entry.name):
        number, _, name = entry.name.rpartition(".")[0].partition("_")
        if not number.isdecimal():
            continue
        text = entry.read_text(encoding="utf-8")
        steps.append(Migration(int(number), name, sha256(text.encode()).hexdigest(), text))
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise ValueError(f"the migrations of {store} are not numbered from 1 without gaps")
    return tuple(steps)


def taken(held: Sequence[tuple[int, str]], steps: Sequence[Migration], *, complete: bool = True) -> int:
    """How many of `steps` a store holds, after making sure that they are these very steps.

    `held` are the numbers and digests of those that it notes, in order. Raises `StoreCorrupt` where one
    differs, where the store is newer, and, if `complete`, older.
    """
    if len(held) > len(steps):
        raise StoreCorrupt("the store is of a newer generation than this program")
    if list(held) != [(step.number, step.digest) for step in steps[: len(held)]]:
        raise StoreCorrupt("the store was made by an altered migration")
    if complete and len(held) < len(steps):
        raise StoreCorrupt("the store is of an older generation: open it for writing once")
    return len(held)
