"""Files of text: plain or gzip, UTF-8 or marked as UTF-16, read line by line however long a line is."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import IO, TextIO, cast

from resolver.batch.problems import FileProblem

MAX_RECORD = 8_000_000
"""The longest row taken, in characters."""

_NO_TABLE = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
}


def decoded(path: Path, file: IO[bytes]) -> TextIO:
    """The text of a plain or gzip file. Bytes that are no UTF-8 are kept, to reject only their row.

    Closing it closes `file`. Raises FileProblem where the file is empty or of a known other kind.
    """
    start = file.read(6)
    file.seek(0)
    if not start:
        raise FileProblem(path, "the file is empty")
    for magic, name in _NO_TABLE.items():
        if start.startswith(magic):
            raise FileProblem(path, f"is {name}; save it as CSV, JSON lines or Parquet")
    if start.startswith(b"\x1f\x8b"):
        file = cast(IO[bytes], gzip.GzipFile(fileobj=file))
        start = file.read(2)
        file.seek(0)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return io.TextIOWrapper(file, "utf-16", newline="")
    return io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")


def read_line(text: TextIO) -> str:
    """The next line with its end, empty after the last; of one that is too long the start alone.

    The rest of such a line is passed over; see `is_cut`.
    """
    line = text.readline(MAX_RECORD)
    if is_cut(line):
        while (rest := text.readline(MAX_RECORD)) and not rest.endswith(("\n", "\r")):
            pass
    return line


def is_cut(line: str) -> bool:
    """Whether it is the start of a line longer than `MAX_RECORD`."""
    return len(line) >= MAX_RECORD and not line.endswith(("\n", "\r"))
