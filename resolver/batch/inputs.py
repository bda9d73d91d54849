"""Several files read as one: each with its own header, their rows one after the other.

Rows are numbered on from file to file. The rows of a file that name no source are from the source that
the file is called after: equal record ids in two exports are two records, the same export again is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from resolver import limits
from resolver.batch.mapping import ColumnMapping
from resolver.batch.problems import FileProblem
from resolver.batch.readers import Reject, Row, cells, lines
from resolver.batch.rejects import RejectFiles
from resolver.batch.repeats import Repeats
from resolver.batch.rows import DEFAULT_SOURCE, Line, RowMaker, is_text
from resolver.batch.survey import names_each


class Input(NamedTuple):
    """A file, how its columns are read, and the source of its rows that name none."""

    path: Path
    mapping: ColumnMapping
    source: str


def inputs(
    paths: Sequence[Path], mappings: Sequence[ColumnMapping], source: str = "", channel: str = ""
) -> tuple[Input, ...]:
    """Files and how they are read, with the source of each: the one named, else called after the file.

    Where no column names the record and one is an id of another kind (`customer_id`) that names each row,
    it names the record. Of a source that is named it is an identifier too, for others may state it; of one
    called after the file it would only tell apart whom the file has twice.

    `channel` is that of rows that name none.

    Raises:
        FileProblem: two files are called alike, or one of several like no source can be, and nothing tells
            their rows apart.
    """
    mappings = [replace(mapping, channel=channel) for mapping in mappings] if channel else mappings
    if not source and len(paths) > 1:
        _tell_apart(paths)
    return tuple(
        Input(path, _named(path, mapping, source), source or source_of(path))
        for path, mapping in zip(paths, mappings, strict=True)
    )


def _tell_apart(paths: Sequence[Path]) -> None:
    """Raise `FileProblem` where several files' names give them no sources of their own."""
    met: set[str] = set()
    for path in paths:
        source = source_of(path)
        if source == DEFAULT_SOURCE != called(path):
            raise FileProblem(path, "its name cannot be a source's; name the --source")
        if source in met:
            raise FileProblem(
                path,
                f"another file is called {source} too, and equal record ids in both would be one "
                "record; rename one, or name the --source of rows that have no column for it",
            )
        met.add(source)


def _named(path: Path, mapping: ColumnMapping, source: str) -> ColumnMapping:
    column = mapping.only_id()
    if column is None or not names_each(cells(path, mapping.header), column.place):
        return mapping
    return mapping.also_named_by(column) if source else mapping.named_by(column)


def called(path: Path) -> str:
    """What a file is called without its endings: `crm` of `crm.csv.gz`."""
    name = Path(path.name)
    return Path(name.stem).stem if name.suffix.lower() == ".gz" else name.stem


def source_of(path: Path) -> str:
    """The source of a file's rows that name none: it is called after the file, date and all.

    A name that no source can have (no UTF-8, a control character, too long) makes it the default one.
    """
    name = called(path)
    fit = is_text(name) and limits.text_rule("RecordKey.source").fault(name) is None
    return name if fit else DEFAULT_SOURCE


class Found(NamedTuple):
    """A row as it stands in one of several files: the place of the file among them, from 0."""

    place: int
    line: Line

    @property
    def raw(self) -> str:
        """The row as it came."""
        return self.line.raw


class Reading:
    """The rows of several files as they are read; those that were rejected are written down."""

    def __init__(self, files: Sequence[Input], rejected: RejectFiles) -> None:
        self._files = files
        self._rejected = rejected
        self._ends: list[int] = []

    def lines(self) -> Iterator[Found]:
        """Every row of every file as it stands there, numbered on from file to file. To be called once."""
        before = 0
        for place, (path, mapping, _) in enumerate(self._files):
            number = before
            for line in lines(path, mapping):
                number = before + line.number
                yield Found(place, line._replace(number=number))
            before = number
            self._ends.append(before)

    def maker(self, *, region: str = "", latest: int | None = None) -> Callable[[Found], Row | Reject]:
        """What makes a row of each of `lines`, in whatever process; see `readers.rows`."""
        makers = [
            RowMaker(mapping, source=source, region=region, latest=latest)
            for _, mapping, source in self._files
        ]
        return lambda found: makers[found.place](*found.line)

    def rows(self, *, region: str = "", latest: int | None = None) -> Iterator[Row | Reject]:
        """Every row of every file; those that are rejected are written down. To be called once."""
        return Repeats().rows(self._made(self.maker(region=region, latest=latest)))

    def _made(self, make: Callable[[Found], Row | Reject]) -> Iterator[Row | Reject]:
        for found in self.lines():
            row = make(found)
            if isinstance(row, Reject):
                self._rejected.write(found.place, row)
            yield row

    def refuse(self, reject: Reject) -> None:
        """Write down a row that was read and is not taken."""
        self._rejected.write(self._place(reject.number), reject)

    def file_of(self, number: int) -> Input:
        """The file that a row is from which has been read."""
        return self._files[self._place(number)]

    def _place(self, number: int) -> int:
        return bisect_left(self._ends, number)
