"""JSON lines: an object a line, every value as the text that CSV would hold.

What is nested is spread over columns, so that nothing of it is lost: the values of a list are `phone`,
`phone.2`, `phone.3`, those of an object `address.city`, those of lists in a list `spot.1`, `spot.1.2`,
`spot.2`. The header has them under these names. Source: https://jsonlines.org, RFC 8259.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

import msgspec

from resolver.batch.problems import FileProblem
from resolver.batch.rows import Line, Refused, is_text
from resolver.batch.text_file import is_cut, read_line

MAX_COLUMNS: Final = 1000
"""So many names are columns, in order of first appearance; a row with another one is rejected."""
MAX_NAME: Final = 1000
"""The longest name taken, in characters."""

_PEEKED: Final = 4096
_NAMES: Final = (".jsonl", ".ndjson")
_WHOLE: Final = re.compile(r"(-?[0-9]+)\.0+")


def is_json_lines(path: Path, text: TextIO) -> bool:
    """Whether a text begins with an object; one that only claims to by its name, or an array, is refused."""
    start = text.read(_PEEKED).lstrip()
    text.seek(0)
    if re.match(r"\[\s*(\{|$)", start):
        raise FileProblem(path, "is a JSON array; write each of its objects on a line of its own")
    if start and not start.startswith("{") and path.name.removesuffix(".gz").endswith(_NAMES):
        raise FileProblem(path, "is not JSON lines")
    return start.startswith("{")


class JsonLinesFile:
    """An open file of JSON lines.

    `header` is every name in the file, in order of first appearance, for which all of it is read once;
    that is spared where the header is known from before.
    """

    def __init__(self, path: Path, text: TextIO, header: Sequence[str] | None = None) -> None:
        self._path, self._text = path, text
        self.header = self._names() if header is None else tuple(header)

    def lines(self) -> Iterator[Line]:
        """Each row, in order; a name that it lacks is an empty cell. Raises FileProblem as `rows` does."""
        places = {name: place for place, name in enumerate(self.header)}
        for number, (line, raw) in enumerate(self._written(), start=1):
            try:
                cells: Sequence[str] | Refused = self._placed(_fields(raw), places)
            except Refused as refused:
                cells = refused
            yield Line(number, line, cells, raw)

    def _placed(self, fields: Mapping[str, str], places: Mapping[str, int]) -> Sequence[str]:
        cells = [""] * len(places)
        for name, text in fields.items():
            if name in places:
                cells[places[name]] = text
                continue
            _check(name)
            if len(places) >= MAX_COLUMNS:
                raise Refused(f"has a name beyond the file's first {MAX_COLUMNS:,}")
            raise FileProblem(self._path, "it has a name that the mapping's header has not")
        return cells

    def _names(self) -> tuple[str, ...]:
        """Every name of a usable row, so many as are taken."""
        names: dict[str, None] = {}
        for _, raw in self._written():
            # Most rows bring no new name, which is told several times faster than what they hold.
            with suppress(ValueError):
                if _flat(raw).keys() <= names.keys():
                    continue
            with suppress(Refused):
                for name in _fields(raw):
                    _check(name)
                    if len(names) < MAX_COLUMNS:
                        names.setdefault(name)
        self._text.seek(0)
        if not names:
            raise FileProblem(self._path, "no line of it is a JSON object with a name in it")
        return tuple(names)

    def _written(self) -> Iterator[tuple[int, str]]:
        """Each line that is not blank, by its number in the file."""
        number = 0
        while line := read_line(self._text):
            number += 1
            if not line.isspace():
                yield number, line.rstrip("\r\n")


def _fields(line: str) -> Mapping[str, str]:
    """The cells of one line by the name of their column. Raises Refused."""
    if is_cut(line):
        raise Refused("longer than 8 MB")
    try:
        row = _decode(line)
        if not isinstance(row, tuple):
            raise Refused("is not a JSON object")
        return _plain(row) or _nested(row)
    except RecursionError:
        raise Refused("is nested too deeply") from None
    except ValueError:
        raise Refused("is not JSON") from None


def _plain(row: Sequence[tuple[str, object]]) -> Mapping[str, str] | None:
    """The cells of a row that holds but texts, numbers and nulls, each under its name; else None."""
    fields: dict[str, str] = {}
    for name, value in row:
        if isinstance(value, str):
            fields[name] = value
        elif value is None:
            fields[name] = ""
        else:
            return None
    return fields if len(fields) == len(row) <= MAX_COLUMNS else None


def _nested(row: Sequence[tuple[str, object]]) -> Mapping[str, str]:
    """The cells of any row."""
    fields: dict[str, str] = {}
    for name, value in row:
        _spread(name, value, fields)
    return fields


def _spread(name: str, value: object, fields: dict[str, str]) -> None:
    """Add a value under its name, those of a list or an object under a name each."""
    match value:
        case str():
            _add(name, value, fields)
        case bool():
            _add(name, "true" if value else "false", fields)
        case list() if value:
            for place, each in enumerate(value, start=1):
                first = place == 1 and not isinstance(each, list)
                _spread(name if first else f"{name}.{place}", each, fields)
        case tuple() if value:
            for inner, each in value:
                _spread(f"{name}.{inner}", each, fields)
        case _:  # null, and what holds nothing
            _add(name, "", fields)


def _add(name: str, text: str, fields: dict[str, str]) -> None:
    _check(name)
    if name in fields:
        raise Refused("the same name comes twice", name)
    if len(fields) == MAX_COLUMNS:
        raise Refused(f"has more than {MAX_COLUMNS:,} values")
    fields[name] = text


def _check(name: str) -> None:
    """Refuse a name that cannot be a column's."""
    if len(name) > MAX_NAME:
        raise Refused(f"a name is longer than {MAX_NAME:,} characters")
    if not name.isascii() and not is_text(name):
        raise Refused("a name is not valid UTF-8")


def _number(written: str) -> str:
    """A number as it is written, a whole one without its fraction."""
    whole = _WHOLE.fullmatch(written)
    return whole[1] if whole else written


def _constant(written: str) -> str:
    """What is no JSON, though some write it: not-a-number is absent, infinity stays as it is written."""
    return "" if written == "NaN" else written


_flat: Final = msgspec.json.Decoder(dict[str, str | int | float | bool | None]).decode
_decode: Final = json.JSONDecoder(
    # An object is a tuple of its pairs, in order: none is lost where a name comes twice.
    object_pairs_hook=tuple,
    parse_int=str,
    parse_float=_number,
    parse_constant=_constant,
).decode
