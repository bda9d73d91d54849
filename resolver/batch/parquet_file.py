"""Parquet: every scalar type as the text that CSV would hold."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resolver.batch.problems import FileProblem
from resolver.batch.rows import Line

_BATCH: Final = 1024
"""The most rows decoded at once."""
_FEWEST: Final = 32
"""Rows of each row group that are decoded first, to see how long they are."""
_ROOM: Final = 8 << 20
"""Bytes of values that become text at once, about."""
_UNREADABLE: Final = "(unreadable)"
"""For a value that cannot be one of Python's, such as a date beyond the year 9999."""


def is_parquet(path: Path, file: IO[bytes]) -> bool:
    """Whether the file begins as Parquet does; one that only claims to by its name is refused."""
    start = file.read(4)
    file.seek(0)
    if start != b"PAR1" and start and path.suffix in (".parquet", ".pq"):
        raise FileProblem(path, "is not Parquet")
    return start == b"PAR1"


class ParquetFile:
    """An open Parquet file: its schema read, its rows still to come."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        try:
            self._table = pq.ParquetFile(file)
        except (pa.ArrowException, OSError):
            raise FileProblem(path, "is not Parquet, or is damaged") from None
        self.header = tuple(self._table.schema_arrow.names)

    def lines(self) -> Iterator[Line]:
        """Each row, its values as text, in order; its line is its number."""
        for number, cells in enumerate(self._cells(), start=1):
            yield Line(number, number, cells, _raw(cells))

    def _cells(self) -> Iterator[tuple[str, ...]]:
        for group in range(self._table.num_row_groups):
            for batch in self._batches(group):
                yield from zip(*(_texts(column) for column in batch.columns), strict=True)

    def _batches(self, group: int) -> Iterator[pa.RecordBatch]:
        """The rows of a row group, fewer at once where they are long, however short they are written."""
        size, done, over = _FEWEST, 0, False
        while not over:
            for batch in self._after(group, done, size):
                fits = _fitting(batch)
                yield from (batch.slice(at, fits) for at in range(0, len(batch), fits))
                first, done = not done, done + len(batch)
                if 2 * fits <= size or (first and fits > size):  # not for less: what is done is decoded again
                    size = fits
                    break
            else:
                over = True

    def _after(self, group: int, done: int, size: int) -> Iterator[pa.RecordBatch]:
        """The rows of a row group after so many, in batches of a size."""
        for batch in self._table.iter_batches(batch_size=size, row_groups=[group]):
            if done < len(batch):
                yield batch.slice(done)
            done = max(done - len(batch), 0)


def _fitting(batch: pa.RecordBatch) -> int:
    """How many rows like these may be decoded at once."""
    return max(1, min(_BATCH, _ROOM * len(batch) // max(1, sum(map(_bytes, batch.columns)))))


def _bytes(column: pa.Array) -> int:
    """What a column takes, the values of a dictionary left out, which all its batches share."""
    size: int = (column.indices if pa.types.is_dictionary(column.type) else column).nbytes
    return size


def _raw(cells: Sequence[str]) -> str:
    """A Parquet row has no text of its own: it is written as CSV would write it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _texts(column: pa.Array) -> list[str]:
    """A column's values as CSV would hold them; null is empty."""
    if pa.types.is_dictionary(column.type):
        used = column.indices.dictionary_encode()
        values = _texts(column.dictionary.take(used.dictionary))  # each once: rows share it
        return ["" if place is None else values[place] for place in used.indices.to_pylist()]
    kind = column.type
    if column.type == pa.string():
        with suppress(UnicodeDecodeError):
            return [value or "" for value in column.to_pylist()]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.large_binary())
        kind = column.type
    if pa.types.is_timestamp(kind):
        column = pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_float16(kind) or pa.types.is_float32(kind):
        # The shortest text of the narrow number, not the wide number's long tail of digits.
        column = pc.cast(pc.cast(column, pa.string()), pa.float64())
    try:
        return [_text(value) for value in column.to_pylist()]
    except (ValueError, OverflowError, KeyError):
        return [_told(scalar) for scalar in column]


def _told(scalar: pa.Scalar) -> str:
    """One value as text where not all of its column can be Python's."""
    try:
        return _text(scalar.as_py())
    except (ValueError, OverflowError, KeyError):
        return _UNREADABLE


def _text(value: object) -> str:
    """One value as text: ISO dates, whole numbers without a fraction, not-a-number as absent."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "surrogateescape")
        case bool():
            return "true" if value else "false"
        case float():
            if math.isnan(value):
                return ""
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            midnight = value.tzinfo is None and value.time() == value.min.time()
            return value.date().isoformat() if midnight else value.isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
