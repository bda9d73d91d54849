"""CSV as people send it: any usual delimiter, gzip or not, and damage that costs one row, not the file."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from resolver.batch.problems import FileProblem
from resolver.batch.rows import MAX_FIELD, Line, Refused, is_text
from resolver.batch.text_file import MAX_RECORD, is_cut, read_line

_DELIMITERS = ",;\t|"


class _TooLong(Exception):
    """A row, or a quoted field of it that goes on over lines, runs beyond `MAX_RECORD`."""


class _Lines:
    """The lines of a text, one row at a time, with a way back.

    A quote left open makes the parser take line after line; `give_back` returns all but the first of
    them, so that only that one is lost.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._pending: deque[str] = deque()
        self.taken: list[str] = []
        self.line = 1
        self._size = 0

    def start(self) -> None:
        """The row that was being read is done with; `line` is where the next one starts."""
        self.line += len(self.taken)
        self.taken = []
        self._size = 0

    def give_back(self) -> None:
        """Let all lines of this row but the first be read again."""
        self._pending.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else read_line(self._text)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD or is_cut(line):
            raise _TooLong
        return line


class CsvFile:
    """An open CSV file: its header read, its rows still to come."""

    def __init__(self, path: Path, text: TextIO) -> None:
        first = read_line(text)
        if not first.strip():
            raise FileProblem(path, "the file is empty")
        if "\0" in first or not is_text(first):
            raise FileProblem(path, "neither CSV in UTF-8, nor JSON lines, nor Parquet")
        csv.field_size_limit(MAX_FIELD)  # the parser's own limit is lower, and one for the process
        self.delimiter = _sniff(first)
        self._lines = _Lines(text)
        self._lines.taken = [first]
        try:
            self.header = tuple(_split(first, self.delimiter))
        except csv.Error:
            raise FileProblem(path, "the header has a broken quote") from None

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
                yield Refused("longer than 8 MB, or a quote is left open")
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
        alike = all(line.count(self.delimiter) == width - 1 for line in taken)
        return alike and width > 1 and (width > 3 or len(taken) > 2)


def _broken(taken: list[str]) -> str:
    """The words for a row that the parser refused."""
    if len(taken) == 1 and len(taken[0]) > MAX_FIELD:
        return "a field is longer than 1 MB"
    return "a quote is left open" if len(taken) > 1 else "a quote is broken"


def _sniff(line: str) -> str:
    """The delimiter that stands most often in the header outside quotes; a comma where none does."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_DELIMITERS, key=bare.count)


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, strict=True))
