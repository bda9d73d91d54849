"""Which record is whose, as a file says it: `record_id,customer_id`, with a `source` where there are several.

The truth comes in such a file as well, or as a column of the rows themselves. What is wrong with a file
of labels is told by its line, and ends the reading: a measure over part of them would be another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from resolver.batch.problems import FileProblem
from resolver.batch.readers import header, opened
from resolver.batch.rows import Refused

Named = tuple[str, str]
"""A record: its source, empty where none is told, and its id."""


class Cells(NamedTuple):
    """One row as it stands: its number from 1, its line in the file, and its cells or why it has none."""

    number: int
    line: int
    cells: Sequence[str] | Refused


class Matched(NamedTuple):
    """The records that two files of labels have in common, in the first one's order.

    `only_left` and `only_right` count those that stand in one alone.
    """

    records: tuple[Named, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]
    only_left: int
    only_right: int


def numbered(path: Path) -> Iterator[Cells]:
    """Every row of a file, damaged ones too, numbered as `readers.rows` numbers them."""
    with opened(path) as table:
        yield from (Cells(each.number, each.line, each.cells) for each in table.lines())


def column(paths: Sequence[Path], name: str) -> Iterator[tuple[int, str]]:
    """The cells of one column by row number, without those that are empty or damaged.

    Rows are numbered on from file to file; one that lacks the column has no cells to give.
    """
    headers = [header(path) for path in paths]
    if not any(name in columns for columns in headers):
        raise FileProblem(paths[0], f"there is no column {name!r}")
    before = number = 0
    for path, columns in zip(paths, headers, strict=True):
        place = columns.index(name) if name in columns else None
        for number, _, cells in numbered(path):
            if place is not None and not isinstance(cells, Refused) and cells[place].strip():
                yield before + number, cells[place]
        before, number = before + number, 0


def read_labels(path: Path, *, partial: bool = False) -> Mapping[Named, str]:
    """The label of each record of a file.

    A column `source` says where a record is from; of the others the first is the record's id, the
    second its label, whatever their names. In a `partial` file a record may lack a label, and is left out.

    Raises:
        FileProblem: the file cannot be read, has too few columns, or a line that is damaged, lacks an
            id or a label, or gives a record another label than a line before it.
    """
    columns = header(path)
    source = next((place for place, name in enumerate(columns) if name.strip().lower() == "source"), None)
    others = [place for place in range(len(columns)) if place != source]
    if len(others) < 2:
        raise FileProblem(path, "two columns are expected: record_id,customer_id")
    found: dict[Named, str] = {}
    for _, line, cells in numbered(path):
        if isinstance(cells, Refused):
            raise FileProblem(path, f"line {line}: {cells.reason}")
        if partial and not cells[others[1]].strip():
            continue
        for place in others[:2]:
            if not cells[place].strip():
                raise FileProblem(path, f"line {line}: column {columns[place]!r} is empty")
        record = ("" if source is None else cells[source], cells[others[0]])
        label = cells[others[1]]
        if found.setdefault(record, label) != label:
            raise FileProblem(
                path,
                f"line {line}: column {columns[others[1]]!r} differs from that of the same record before",
            )
    if not found:
        raise FileProblem(path, "there is no row in it" + (" that has a label" if partial else ""))
    return found


def match(left: Mapping[Named, str], right: Mapping[Named, str], path: Path) -> Matched:
    """The records that both have. Where one tells no sources, ids alone are compared.

    Raises:
        FileProblem: naming `path`, where then one id means records of several sources.
    """
    sourced = [any(source for source, _ in labels) for labels in (left, right)]
    if not all(sourced):
        left, right = _without_sources(left, path), _without_sources(right, path)
    common = tuple(record for record in left if record in right)
    return Matched(
        common,
        tuple(left[record] for record in common),
        tuple(right[record] for record in common),
        len(left) - len(common),
        len(right) - len(common),
    )


def _without_sources(labels: Mapping[Named, str], path: Path) -> Mapping[Named, str]:
    bare = {("", record_id): label for (_, record_id), label in labels.items()}
    if len(bare) < len(labels):
        raise FileProblem(path, "the same record id comes from several sources: a column 'source' is needed")
    return bare
