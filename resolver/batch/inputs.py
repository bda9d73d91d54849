"""Several files read as one: each with its own header, their rows one after the other.

Rows are numbered on from file to file. Where more than one is given, the rows of a file that name no
source are from the source that the file is called after: equal record ids in two exports are two records.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from resolver.batch.mapping import ColumnMapping
from resolver.batch.problems import FileProblem
from resolver.batch.readers import Reject, Row, lines
from resolver.batch.rejects import RejectFiles
from resolver.batch.rows import Line, RowMaker, is_text


class Input(NamedTuple):
    """A file, how its columns are read, and the source of its rows that name none."""

    path: Path
    mapping: ColumnMapping
    source: str


def inputs(paths: Sequence[Path], mappings: Sequence[ColumnMapping], source: str = "") -> tuple[Input, ...]:
    """Files and how they are read, with the source of each: the one named, else called after the file.

    A single file has none of its own.

    Raises:
        FileProblem: two files are called alike, and nothing tells their rows apart.
    """
    if source or len(paths) == 1:
        return tuple(Input(path, mapping, source) for path, mapping in zip(paths, mappings, strict=True))
    found: dict[str, Input] = {}
    for path, mapping in zip(paths, mappings, strict=True):
        each = Input(path, mapping, called(path))
        if not is_text(each.source):
            raise FileProblem(path, "its name is not valid UTF-8; name the --source")
        if found.setdefault(each.source, each) is not each:
            raise FileProblem(
                path,
                f"another file is called {each.source} too, and equal record ids in both would be one "
                "record; rename one, or name the --source of rows that have no column for it",
            )
    return tuple(found.values())


def called(path: Path) -> str:
    """What a file is called without its endings: `crm` of `crm.csv.gz`."""
    return Path(path.name.removesuffix(".gz")).stem


class Found(NamedTuple):
    """A row as it stands in one of several files: the place of the file among them, from 0."""

    place: int
    line: Line


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
        make = self.maker(region=region, latest=latest)
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
