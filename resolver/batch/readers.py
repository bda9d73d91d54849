"""Files become rows, one at a time: CSV (gzip too) and Parquet, in memory that does not grow with the file.

A row that cannot be used becomes a `Reject` and the next one is read; only a file that cannot be read
at all raises `FileProblem`. What a file is, is told by its first bytes, never by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from resolver.batch.csv_file import csv_rows, open_csv
from resolver.batch.mapping import ColumnMapping, Field, guess, parse_map
from resolver.batch.parquet_file import is_parquet, open_parquet, parquet_cells, parquet_rows
from resolver.batch.problems import FileProblem, of_mapping, readable
from resolver.batch.rows import Refused, Reject, Row, RowMaker, TouchpointFields
from resolver.batch.survey import unfit

__all__ = ["FileProblem", "Reject", "Row", "TouchpointFields", "cells", "header", "read_mapping", "rows"]


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
    told: Mapping[str, Field | None] = {}
    if map_file is not None:
        with readable(map_file), of_mapping(map_file):
            told = parse_map(map_file.read_text(encoding="utf-8"))
    columns = header(path)
    if without is not None:
        told = {**told, without: None}
    with of_mapping(path):
        mapping = guess(columns, id_column=id_column, told=told, government_ids=government_ids)
    if not (attributes and mapping.unknown):
        return mapping
    return mapping.with_attributes(unfit(mapping.header, mapping.unknown, cells(path)))


def header(path: Path) -> tuple[str, ...]:
    """The column names of a file, as they stand in it."""
    with readable(path), path.open("rb") as file:
        if is_parquet(path, file):
            return tuple(open_parquet(path, file).schema_arrow.names)
        with open_csv(path, file) as text:
            return text.header


def rows(
    path: Path,
    mapping: ColumnMapping,
    *,
    source: str = "",
    region: str = "",
    latest: int | None = None,
) -> Iterator[Row | Reject]:
    """Read a file's rows, in order.

    Args:
        path: CSV in UTF-8 (or UTF-16 with its mark), plain or gzip, or Parquet.
        mapping: of this file's header.
        source: the source of rows that do not name theirs; `default` where this is empty too.
        region: ISO 3166 alpha-2; how national phone numbers and dates are read.
        latest: the greatest time taken, microseconds since 1970; a row from later is rejected.

    Raises:
        FileProblem: the file cannot be read, or no longer has the mapping's header, or is damaged.
    """
    make = RowMaker(mapping, source=source, region=region, latest=latest)
    with readable(path), path.open("rb") as file:
        if is_parquet(path, file):
            table = open_parquet(path, file)
            _same_header(path, tuple(table.schema_arrow.names), mapping)
            yield from parquet_rows(table, make)
        else:
            with open_csv(path, file) as text:
                _same_header(path, text.header, mapping)
                yield from csv_rows(text, make)


def cells(path: Path) -> Iterator[tuple[str, ...]]:
    """Each row of a file as bare text in the header's order, without mapping; damaged rows are left out."""
    with readable(path), path.open("rb") as file:
        if is_parquet(path, file):
            yield from parquet_cells(open_parquet(path, file))
        else:
            with open_csv(path, file) as text:
                yield from (tuple(row) for row in text.cells() if not isinstance(row, Refused))


def _same_header(path: Path, found: tuple[str, ...], mapping: ColumnMapping) -> None:
    if found != mapping.header:
        raise FileProblem(path, "the header is not the one that the mapping was made for")
