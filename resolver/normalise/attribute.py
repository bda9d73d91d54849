"""Attributes of a company's own, such as occupation or birth place: any name, any text, folded alike.

Names that several systems have for one attribute are one (`sex`, `geslacht`: `gender`), and so are the
usual codes of its values (`m`, `male`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Final

from resolver.normalise import place, text
from resolver.normalise.data import words

LONGEST: Final = 200
"""A longer value, in characters, is a note, and no two sources write the same one."""

_EVERY: Final = "*"
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_WHOLE: Final = re.compile(r"([+-]?[0-9]+)\.0")


@cache
def _names() -> Mapping[str, str]:
    found = {}
    for line in words("attribute_names.txt"):
        canonical, _, others = line.partition(" = ")
        found.update({other.strip(): canonical for other in others.split(",")})
    return found


@cache
def _wordings() -> Mapping[tuple[str, str], str]:
    found = {}
    for line in words("attribute_values.txt"):
        told, _, others = line.partition("=")
        attribute, _, canonical = told.partition(":")
        found.update({(attribute.strip(), other.strip()): canonical.strip() for other in others.split(",")})
    return found


def _city(raw: str) -> str:
    return place.normalise(city=raw).city


def _country(raw: str) -> str:
    return place.country(raw).lower()


_READ: Final[Mapping[str, Callable[[str], str]]] = {
    "birth_place": _city,
    "birth_country": _country,
    "nationality": _country,
}
"""Attributes with a reading of their own; what it cannot read is folded as any text."""


@lru_cache(maxsize=4096)
def name(raw: str) -> str:
    """Return an attribute's name in lower snake case, the usual one of its names; empty where it has none."""
    folded = text.fold(_HUMP.sub(" ", raw)) if len(raw) <= LONGEST else ""
    snake = _NO_WORD.sub("_", folded).strip("_")
    return _names().get(snake, snake)


@lru_cache(maxsize=65536)
def value(attribute: str, raw: str) -> str:
    """Return a value of an attribute (its name in normal form) as it is compared, empty where it is none.

    Text is folded, its punctuation blanks; numbers keep theirs, `1984.0` is `1984`. Placeholders and
    notes of more than `LONGEST` characters are none.
    """
    if len(raw) > LONGEST or text.is_placeholder(raw):
        return ""
    folded = text.fold(raw)
    if match := _WHOLE.fullmatch(folded):
        folded = match[1]
    plain = folded
    if any(map(str.isalpha, folded)):
        read = _READ.get(attribute)
        plain = (read(raw) if read else "") or _NO_WORD.sub(" ", folded).strip()
    wordings = _wordings()
    return wordings.get((attribute, plain), wordings.get((_EVERY, plain), plain))


def normalise(stated: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return names and values in normal form, sorted and distinct, what has none of either left out."""
    named = ((name(raw_name), raw) for raw_name, raw in stated)
    found = {(attribute, value(attribute, raw)) for attribute, raw in named if attribute}
    return tuple(sorted(pair for pair in found if pair[1]))
