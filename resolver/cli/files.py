"""The files that a command reads and writes: kept apart, and told before the work begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from resolver.batch.inputs import Input, called
from resolver.batch.readers import is_windows
from resolver.cli.problems import Failed

_DATED: Final = re.compile(r"(?<!\d)(?:19|20)\d\d([-_. ]?)(?:0[1-9]|1[0-2])(?:\1[0-3]\d)?(?!\d)")
"""A year and a month, or a day, as exports that are made again and again have them in their names."""


def apart(read: Sequence[Path], *written: Path | None) -> None:
    """Refuse to write over what is read, or to read or write one place twice. Raises Failed."""
    places = [path.resolve() for path in (*read, *written) if path is not None]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise Failed(f"{place.name}: is read or written already; name another file")


def described(files: Sequence[Input]) -> Iterator[str]:
    """The source of each file's rows, and how its columns are read."""
    for path, mapping, source in files:
        yield f"{path}, source {source}:"
        if source == called(path) and _DATED.search(source):
            yield "its name has a date: name the --source for rows of another day's file to take their place"
        yield from written(path)
        yield from mapping.describe()
        yield from (f"warning: {each}" for each in mapping.warnings())


def written(path: Path) -> Iterator[str]:
    """What somebody should know of how a file is written."""
    if is_windows(path):
        yield f"{path.name} is not UTF-8 and is read as Windows-1252; save it as UTF-8 if letters are wrong"
