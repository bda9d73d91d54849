"""Files become rows, one at a time, in memory that does not grow with the file.

They are CSV or JSON lines, gzip of either too, or Parquet.

A row that cannot be used becomes a `Reject` and the next one is read; only a file that cannot be read
at all raises `FileProblem`. What a file is, is told by its first bytes, never by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path
from typing import Protocol

from resolver.batch.csv_file import CsvFile
from resolver.batch.json_lines import JsonLinesFile, is_json_lines
from resolver.batch.mapping import ColumnMapping, Field, guess, parse_map
from resolver.batch.parquet_file import ParquetFile, is_parquet
from resolver.batch.problems import FileProblem, of_mapping, readable
from resolver.batch.repeats import Repeats
from resolver.batch.rows import Line, Refused, Reject, Row, RowMaker, TouchpointFields
from resolver.batch.survey import unfit
from resolver.batch.text_file import WINDOWS, decoded

__all__ = [
    "FileProblem",
    "Reject",
    "Row",
    "Table",
    "TouchpointFields",
    "cells",
    "header",
    "is_windows",
    "opened",
    "read_mapping",
    "read_mappings",
    "rows",
]


class Table(Protocol):
    """An open file, of whichever format."""

    @property
    def header(self) -> tuple[str, ...]:
        """The column names as they stand in it."""

    def lines(self) -> Iterator[Line]:
        """Its rows, in order; to be called once."""


@contextmanager
def opened(path: Path, header: Sequence[str] | None = None) -> Iterator[Table]:
    """A file to read. Of JSON lines a header known from before spares a pass over the file.

    Raises:
        FileProblem: also for what goes wrong while it is read.
    """
    with readable(path), path.open("rb") as file:
        if is_parquet(path, file):
            yield ParquetFile(path, file)
            return
        with decoded(path, file) as text:
            yield JsonLinesFile(path, text, header) if is_json_lines(path, text) else CsvFile(path, text)


def read_mapping(
    path: Path,
    *,
    id_column: str | None = None,
    map_file: Path | None = None,
    government_ids: bool = False,
    attributes: bool = False,
    without: str | None = None,
) -> ColumnMapping:
    """Read a file's header and understand it; see `mapping.guess`. The column `without` is left out.

    With `attributes` every column that is not understood is taken as an attribute, except those whose
    values show that they are none (see `survey.unfit`): the file's rows are read for that.

    Raises:
        FileProblem: no such file, a folder, empty, no table, or a header that cannot be used.
    """
    (mapping,) = read_mappings(
        (path,),
        id_column=id_column,
        map_file=map_file,
        government_ids=government_ids,
        attributes=attributes,
        without=without,
    )
    return mapping


def read_mappings(
    paths: Sequence[Path],
    *,
    id_column: str | None = None,
    map_file: Path | None = None,
    government_ids: bool = False,
    attributes: bool = False,
    without: str | None = None,
) -> tuple[ColumnMapping, ...]:
    """The same of several files. A column that is named counts in each that has it; one at least must."""
    told: Mapping[str, Field | None] = {}
    if map_file is not None:
        with readable(map_file), of_mapping(map_file):
            told = parse_map(map_file.read_text(encoding="utf-8"))
    if without is not None:
        told = {**told, without: None}
    headers = [header(path) for path in paths]
    anywhere = frozenset[str]().union(*headers)
    mappings = []
    for path, columns in zip(paths, headers, strict=True):
        elsewhere = anywhere.difference(columns)
        with of_mapping(path):
            mapping = guess(
                columns,
                id_column=None if id_column in elsewhere else id_column,
                told={name: field for name, field in told.items() if name not in elsewhere},
                government_ids=government_ids,
            )
        if attributes and mapping.unknown:
            mapping = mapping.with_attributes(unfit(columns, mapping.unknown, cells(path, columns)))
        mappings.append(mapping)
    return tuple(mappings)


def header(path: Path) -> tuple[str, ...]:
    """The column names of a file, as they stand in it."""
    with opened(path) as table:
        return table.header


def is_windows(path: Path) -> bool:
    """Whether a file's text is taken for Windows-1252, since it is no UTF-8."""
    with readable(path), path.open("rb") as file:
        if is_parquet(path, file):
            return False
        with decoded(path, file) as text:
            return text.encoding == WINDOWS


def lines(path: Path, mapping: ColumnMapping) -> Iterator[Line]:
    """A file's rows as they stand in it, in order.

    Args:
        path: CSV or JSON lines in UTF-8 (or UTF-16 with its mark, or Windows-1252), plain or gzip, or
            Parquet.
        mapping: of this file's header.

    Raises:
        FileProblem: the file cannot be read, or no longer has the mapping's header, or is damaged.
    """
    with opened(path, mapping.header) as table:
        if table.header != mapping.header:
            raise FileProblem(path, "the header is not the one that the mapping was made for")
        yield from table.lines()


def rows(
    path: Path, mapping: ColumnMapping, *, source: str = "", region: str = "", latest: int | None = None
) -> Iterator[Row | Reject]:
    """Read a file's rows, in order.

    Args:
        path: see `lines`.
        mapping: of this file's header.
        source: the source of rows that do not name theirs; `default` where this is empty too.
        region: ISO 3166 alpha-2; how national phone numbers and dates are read.
        latest: the greatest time taken, microseconds since 1970; a row from later is rejected.

    Raises:
        FileProblem: see `lines`.
    """
    make = RowMaker(mapping, source=source, region=region, latest=latest)
    return Repeats().rows(starmap(make, lines(path, mapping)))


def cells(path: Path, header: Sequence[str] | None = None) -> Iterator[tuple[str, ...]]:
    """Each row of a file as bare text in the header's order, without mapping; damaged rows are left out.

    A header known from before is taken as `opened` takes it.
    """
    with opened(path, header) as table:
        yield from (tuple(each.cells) for each in table.lines() if not isinstance(each.cells, Refused))
