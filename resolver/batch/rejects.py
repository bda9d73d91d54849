"""The file of rejected rows: where each stood, why it was not taken, and the row as it came."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from resolver.batch.rows import Reject

COLUMNS = ("line", "reason", "field", "row")


def rejects_path(file: Path, folder: Path) -> Path:
    """`FILE.rejects.csv` in the folder of the output."""
    return folder / f"{file.name}.rejects.csv"


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
