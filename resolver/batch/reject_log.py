"""The file of an import's rejected rows, which survives that the import is cut off anywhere and goes on.

How many of its bytes hold is known to whoever commits the import; what stands after them is of a chunk
that never was, and gives way to the next one.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from resolver.batch.rejects import COLUMNS
from resolver.batch.rows import Reject

_APPENDING: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class RejectLog:
    """Writes rejects to a CSV file with the columns of `RejectFile`, made at the first one.

    The file holds the user's own data. Bytes that were no UTF-8 are written as they came.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, size: int, rejects: Sequence[Reject]) -> int:
        """Have these stand after the first `size` bytes, and nothing else; returns how many bytes hold then.

        Durable when it returns. A file that was taken away meanwhile is begun anew. Raises OSError.
        """
        if not rejects and not self._path.exists():
            return 0
        descriptor = os.open(self._path, _APPENDING, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = min(size, os.fstat(descriptor).st_size)
            if not rejects and not size:
                file.truncate(0)
                return 0
            file.truncate(size)
            file.seek(size)
            text = io.TextIOWrapper(file, "utf-8", errors="surrogateescape", newline="")
            table = csv.writer(text)
            if not size:
                table.writerow(COLUMNS)
            table.writerows((each.line, each.reason, each.field, each.raw) for each in rejects)
            text.flush()
            os.fsync(descriptor)
            return file.tell()
