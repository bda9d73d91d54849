"""CSV as people send it: any usual delimiter, gzip or not, and damage that costs one row, not the file."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from resolver.batch.problems import FileProblem
from resolver.batch.rows import MAX_FIELD, Line, Refused, is_text
from resolver.batch.text_file import HINT, MAX_RECORD, is_cut, is_preface, read_line

_DELIMITERS = ",;\t|"
_ROW_LINES: Final = 10_000
"""The most lines of a row, which has as many where a quoted field goes on over them."""
_TRIES: Final = 8
"""So many rows may run on into one stretch of lines and come to nothing; further ones there are not tried."""
_HEADER_LINES: Final = 100
"""The most lines of a header, whose quoted names may go on over several."""
_BREAK: Final = re.compile(r"\s*[\r\n]\s*")


class _TooLong(Exception):
    """A row, or a quoted field of it that goes on over lines, runs beyond `MAX_RECORD` or `_ROW_LINES`."""


class _LeftOpen(Exception):
    """A row runs on where others did that came to nothing."""


class _Lines:
    """The lines of a text, one row at a time, with a way back.

    A quote left open makes the parser take line after line; `give_back` returns all but the first of
    them, so that only that one is lost. Rows that are all left open would run over the same lines, to one
    end, each anew: only so many may, or the time would be that of the file's square.
    """

    def __init__(self, text: TextIO, line: int) -> None:
        """`line` is the next one's number."""
        self._text = text
        self._pending: deque[str] = deque()
        self.taken: list[str] = []
        self.line = line
        self._size = 0
        self._lost_until = 0
        self._tried = 0

    def start(self) -> None:
        """The row that was being read is done with; `line` is where the next one starts."""
        self.line += len(self.taken)
        self.taken = []
        self._size = 0
        if self.line >= self._lost_until:
            self._tried = 0

    def give_back(self) -> None:
        """Let all lines of this row but the first be read again."""
        if len(self.taken) > 1:
            self._tried += 1
            self._lost_until = max(self._lost_until, self.line + len(self.taken) - 1)
        self._pending.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.taken and self._tried >= _TRIES:
            raise _LeftOpen  # for it began before the last of the lost lines
        line = self._pending.popleft() if self._pending else read_line(self._text)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD or len(self.taken) > _ROW_LINES or is_cut(line):
            raise _TooLong
        return line


class _Head(NamedTuple):
    """What stands before the first row, in so many lines."""

    lines: int
    delimiter: str
    header: tuple[str, ...]


class CsvFile:
    """An open CSV file: its header read, its rows still to come.

    Blank lines before the header, and the line `sep=;` by which spreadsheets are told the delimiter, are
    passed over. A column name that goes on over lines is in the header on one.
    """

    def __init__(self, path: Path, text: TextIO) -> None:
        csv.field_size_limit(MAX_FIELD)  # the parser's own limit is lower, and one for the process
        head = _head(path, text)
        self.header, self.delimiter = head.header, head.delimiter
        self._lines = _Lines(text, head.lines + 1)

    def lines(self) -> Iterator[Line]:
        """Each row, in order."""
        for number, cells in enumerate(self._cells(), start=1):
            yield Line(number, self._lines.line, cells, "".join(self._lines.taken).rstrip("\r\n"))

    def _cells(self) -> Iterator[list[str] | Refused]:
        """Each row's cells, or why it has none; `_lines` tells where it stands and how it was written."""
        lines, width = self._lines, len(self.header)
        parser = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            lines.start()
            try:
                cells = next(parser)
            except StopIteration:
                return
            except _TooLong:
                lines.give_back()
                yield Refused("longer than 8 MB or 10,000 lines, or a quote is left open")
            except _LeftOpen:
                yield Refused("a quote is left open")
            except csv.Error:
                reason = _broken(lines.taken)
                lines.give_back()
                yield Refused(reason)
            else:
                if len(lines.taken) > 1 and self._swallowed(cells):
                    lines.give_back()
                    yield Refused("a quote is left open")
                elif len(cells) not in (0, width):
                    yield Refused(f"has {len(cells)} fields where the header has {width}")
                elif cells:
                    yield cells

    def _swallowed(self, cells: list[str]) -> bool:
        """Whether a row over several lines is several rows that a stray quote has joined.

        It is where it has not the header's number of fields, or where every one of its lines has them
        by itself: four columns, or three lines, are not so by chance.
        """
        taken, width = self._lines.taken, len(self.header)
        if len(cells) != width:
            return True
        return _alike(taken, self.delimiter, width) and (width > 3 or len(taken) > 2)


def _alike(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether each of several lines has so many fields by itself, as far as delimiters tell."""
    return width > 1 and all(line.count(delimiter) == width - 1 for line in lines)


def _broken(taken: list[str]) -> str:
    """The words for a row that the parser refused."""
    if len(taken) == 1 and len(taken[0]) > MAX_FIELD:
        return "a field is longer than 1 MB"
    return "a quote is left open" if len(taken) > 1 else "a quote is broken"


def _head(path: Path, text: TextIO) -> _Head:
    """Read a file's lines until its header stands. Raises FileProblem."""
    before, told = 0, ""
    while is_preface(line := read_line(text)):
        before += 1
        hint = HINT.fullmatch(line)
        told = hint[1] if hint else told
    if not line:
        raise FileProblem(path, "the file is empty")
    written = [line.removeprefix("\ufeff")]
    while line and len(written) <= _HEADER_LINES:
        if "\0" in line or not is_text(line):
            raise FileProblem(path, "neither CSV in UTF-8, nor JSON lines, nor Parquet")
        delimiter = told or _sniff("".join(written))
        with suppress(csv.Error):
            names = next(csv.reader(written, delimiter=delimiter, strict=True))
            if len(written) > 1 and _alike(written, delimiter, len(names)):
                break
            header = tuple(_BREAK.sub(" ", name) for name in names)
            return _Head(before + len(written), delimiter, header)
        line = read_line(text) if sum(map(len, written)) <= MAX_FIELD else ""
        written.append(line)
    raise FileProblem(path, "the header has a broken quote")


def _sniff(header: str) -> str:
    """The delimiter that stands most often in a header outside quotes; a comma where none does."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)
