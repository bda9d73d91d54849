"""The file of rejected rows: where each stood, why it was not taken, and the row as it came."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from resolver.batch.rows import Reject

COLUMNS = ("line", "reason", "field", "row")


def rejects_path(file: Path, folder: Path) -> Path:
    """`FILE.rejects.csv` in the folder of the output."""
    return folder / f"{file.name}.rejects.csv"


def rejects_paths(files: Sequence[Path], folder: Path) -> list[Path]:
    """The same for several files; a second one of the same name has `FILE.2.rejects.csv`."""
    seen: Counter[str] = Counter()
    paths = []
    for file in files:
        seen[file.name] += 1
        again = f".{seen[file.name]}" if seen[file.name] > 1 else ""
        paths.append(rejects_path(file.with_name(f"{file.name}{again}"), folder))
    return paths


class RejectFile:
    """Writes rejects to a CSV file, which is made at the first one: no reject, no file.

    The file holds the user's own data. Bytes that were no UTF-8 are written as they came.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, reject: Reject) -> None:
        """Add one reject."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        csv.writer(self._file).writerow((reject.line, reject.reason, reject.field, reject.raw))
        self.count += 1


class RejectFiles:
    """A file of rejects for each of several files that are read; see `RejectFile`."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = [RejectFile(path) for path in paths]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.__exit__(kind, error, trace)

    def write(self, place: int, reject: Reject) -> None:
        """Add a reject of the file at this place among those that are read, from 0."""
        self._files[place].write(reject)

    @property
    def count(self) -> int:
        """How many there are of all files."""
        return sum(file.count for file in self._files)

    def told(self) -> str:
        """How many there are and where they stand, for the terminal."""
        paths = ", ".join(str(file.path) for file in self._files if file.count)
        return f"{self.count} rejected" + (f", in {paths}" if paths else "")
