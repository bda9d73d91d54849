"""The files that a command reads and writes: kept apart, and told before the work begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from resolver.batch.inputs import Input
from resolver.batch.readers import is_windows
from resolver.cli.problems import Failed


def apart(read: Sequence[Path], *written: Path | None) -> None:
    """Refuse to write over what is read, or to read or write one place twice. Raises Failed."""
    places = [path.resolve() for path in (*read, *written) if path is not None]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise Failed(f"{place.name}: is read or written already; name another file")


def described(files: Sequence[Input]) -> Iterator[str]:
    """How each column is read, and of which file it is where there are several."""
    for path, mapping, source in files:
        if len(files) > 1:
            yield f"{path}, source {source}:"
        yield from written(path)
        yield from mapping.describe()


def written(path: Path) -> Iterator[str]:
    """What somebody should know of how a file is written."""
    if is_windows(path):
        yield f"{path.name} is not UTF-8 and is read as Windows-1252; save it as UTF-8 if letters are wrong"
