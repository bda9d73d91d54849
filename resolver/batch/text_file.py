"""Files of text: plain or gzip, UTF-8, marked as UTF-16 or in Windows-1252, read line by line.

However long a line is, so much of it is read that memory stays bounded.
"""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path
from typing import IO, Final, TextIO, cast

from resolver.batch.problems import FileProblem

MAX_RECORD = 8_000_000
"""The longest row taken, in characters."""

WINDOWS: Final = "cp1252"
"""What spreadsheets of western Europe and America write unless they are told to write UTF-8."""
HINT: Final = re.compile('\ufeff?"?sep=([^\\w\\s"]|\t)"?\\s*', re.IGNORECASE)
"""The line by which spreadsheets are told the delimiter of the CSV that follows."""
_SAMPLE: Final = 1 << 16
_NO_ACCIDENT: Final = 3
"""So many lines that are no UTF-8, and none of UTF-8 beyond ASCII, are another encoding; fewer are damage."""

_NO_TABLE = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
}


def decoded(path: Path, file: IO[bytes]) -> TextIO:
    """The text of a plain or gzip file. Bytes that are no text are kept, to reject only their row.

    Its `encoding` tells how it is read. Closing it closes `file`. Raises FileProblem where the file is
    empty or of a known other kind.
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
    encoding = WINDOWS if _is_windows(file.read(_SAMPLE)) else "utf-8-sig"
    file.seek(0)
    return io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")


def _is_windows(sample: bytes) -> bool:
    """Whether a file that starts so is in Windows-1252: its header, or all that is more than ASCII."""
    lines = sample.splitlines()
    if len(sample) == _SAMPLE:
        lines = lines[:-1]  # it may be cut within a letter
    if sample.isascii() or b"\0" in sample or not lines:
        return False
    told = [_is_utf8(line) for line in lines if not line.isascii()]
    header = next((line for line in lines if not is_preface(line.decode("latin-1") + "\n")), b"")
    return not any(told) and (len(told) >= _NO_ACCIDENT or not _is_utf8(header))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_preface(line: str) -> bool:
    """Whether a line before a header names no column: it is blank, of delimiters alone, or a `HINT`."""
    return bool(line) and (not line.strip("\ufeff ,;|\t\r\n") or HINT.fullmatch(line) is not None)


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
