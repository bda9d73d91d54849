"""What columns of a file are by their values alone: what cannot be an attribute, what names each row. Pure.

An attribute says something of its own where some rows share a value and others do not. A column that is
empty or constant says nothing, one in which no value comes twice is an id, a time or free text, and one
whose words all stand in the row's known columns (a name put together again) says nothing new.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Final

import numpy as np

from resolver.normalise import text

SEEN: Final = 100_000
"""A column of which so many values are all different is taken to have no value twice."""
SAMPLE: Final = 1000
"""So many filled cells of a column tell whether it repeats others."""
REPEATED: Final = 0.9
"""From this share of its cells on a column is taken to repeat others; some words are misspelt."""

_EMPTY: Final = "it is empty"
_CONSTANT: Final = "it has one value only"
_UNIQUE: Final = "no value comes twice: an id or free text"
_REPEATS: Final = "it repeats other columns"


class _Row:
    """One row; the words of its known columns are folded when first asked for."""

    def __init__(self, cells: Sequence[str], known: Sequence[int]) -> None:
        self._cells, self._places = cells, known

    @cached_property
    def known(self) -> set[str]:
        return set().union(*(_words(self._cells[place]) for place in self._places))


@dataclass(slots=True)
class _Seen:
    """What has been seen of one column, until it is known whether it may be an attribute."""

    values: set[str] = field(default_factory=set)
    comes_again: bool = False
    cells: int = 0
    repeated: int = 0

    @property
    def decided(self) -> bool:
        varies = (self.comes_again and len(self.values) > 1) or len(self.values) >= SEEN
        return varies and self.cells >= SAMPLE

    def see(self, cell: str, row: _Row) -> None:
        """Read one cell of a row."""
        value = cell.strip()
        if not value:
            return
        if value in self.values:
            self.comes_again = True
        elif len(self.values) < SEEN:
            self.values.add(value)
        if self.cells < SAMPLE:
            self.cells += 1
            self.repeated += _words(value) <= row.known

    def fault(self) -> str:
        """Why the column is no attribute; empty where it may be one."""
        if not self.values:
            return _EMPTY
        if not self.comes_again:
            return _UNIQUE
        if len(self.values) == 1:
            return _CONSTANT
        return _REPEATS if self.repeated >= REPEATED * self.cells else ""


def unfit(header: Sequence[str], names: Sequence[str], rows: Iterable[Sequence[str]]) -> Mapping[str, str]:
    """The columns among `names` that cannot be attributes, each with the reason.

    `rows` are the file's cells in the header's order; they are read until every column is decided.
    """
    places = {header.index(name): _Seen() for name in names}
    others = [place for place in range(len(header)) if place not in places]
    open_ = list(places.items())
    for cells in rows:
        row = _Row(cells, others)
        for place, column in open_:
            column.see(cells[place], row)
        open_ = [(place, column) for place, column in open_ if not column.decided]
        if not open_:
            break
    faults = ((header[place], column.fault()) for place, column in places.items())
    return {name: fault for name, fault in faults if fault}


def names_each(rows: Iterable[Sequence[str]], place: int) -> bool:
    """Whether the column at this place is filled in every row and tells apart those that are not alike.

    Blanks around a value do not count, and what stands for none fills nothing.
    """
    values, wholes = array("Q"), array("Q")
    for number, row in enumerate(rows, start=1):
        value = row[place].strip()
        if text.is_placeholder(value):
            return False
        values.append(_digest(value))
        wholes.append(_digest("\x1f".join(row)))
        if number & (number - 1) == 0 and _comes_again(values, wholes):
            return False
    return bool(values) and not _comes_again(values, wholes)


def _digest(value: str) -> int:
    return int.from_bytes(blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _comes_again(values: array[int], wholes: array[int]) -> bool:
    """Whether two rows that are not alike have one value."""
    value, whole = np.array(values, np.uint64), np.array(wholes, np.uint64)
    order = np.lexsort((whole, value))
    same = value[order[1:]] == value[order[:-1]]
    return bool((same & (whole[order[1:]] != whole[order[:-1]])).any())


def _words(cell: str) -> set[str]:
    """The words of a cell, folded; what is no letter or digit parts them."""
    return set("".join(each if each.isalnum() else " " for each in text.fold(cell)).split())
