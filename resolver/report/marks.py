"""How the fields of two sides compare, as a mark beside each: the same, nearly, or another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from resolver.resolve.explain import Compared, Comparison

Mark = Literal["same", "near", "other"]

DIFFERS: Final = frozenset({"different", "uninitial", "unknown"})
"""Levels that say that two values are not one."""
_EQUAL: Final = frozenset({"equal", "landline", "fine", "coarse", "equal_in_postcode"})

_FIELDS: Final[Mapping[str, str]] = {
    "given": "given_name",
    "family": "family_name",
    "birth": "birth_date",
}
"""Fields that are called otherwise than what is compared of them."""


def marks(comparison: Comparison) -> Mapping[str, Mark]:
    """By the name of a field (see `resolver.batch.mapping.Field`), how the two sides compare in it.

    Fields that were not compared are not there, nor names of which one cannot be read in the script of
    the other. A full name is the same where both its parts are.
    """
    found = dict(mark for each in comparison.attributes if not _is_unread(each) for mark in _marks(each))
    named = [found[name] for name in ("given_name", "family_name") if name in found]
    if named:
        found["full_name"] = max(named, key=_ORDER.index)
    return found


_ORDER: Final[tuple[Mark, ...]] = ("same", "near", "other")


def _is_unread(compared: Compared) -> bool:
    return compared.level == "unread" and not compared.stranger


def _marks(compared: Compared) -> Iterator[tuple[str, Mark]]:
    if compared.attribute in {"place", "attributes"}:
        for part in compared.level.split(", "):
            name, _, level = part.rpartition(" ")
            yield name, _mark(level)
            if name == "street":
                yield "house_number", "other" if level == "road" else _mark(level)
    else:
        mark = _mark(compared.level)
        # Several values of a side may speak against although the best of them agree.
        against = mark == "near" and compared.stranger < 0
        yield _FIELDS.get(compared.attribute, compared.attribute), "other" if against else mark


def _mark(level: str) -> Mark:
    return "same" if level in _EQUAL else "other" if level in DIFFERS else "near"
