"""Numbered migrations, one folder a store: ``0001_initial`` and on, never edited once released."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files


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
