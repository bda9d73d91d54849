"""Columns that belong together: one address, one name, of the several that a row may hold. Pure.

A row of an order has the street of billing and the street of shipping, one of a voter a residence and a
box for mail. What is made of a row comes from one such group: the street of the one with the postcode of
the other is nobody's address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from resolver.batch.mapping import Column, which

PERSON: Final = ("given_name", "middle_name", "family_name", "family_prefix", "name_suffix")
ADDRESS: Final = ("house_number", "street", "postcode", "postcode_city", "city", "state", "country")
_LEADING: Final[Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {
    PERSON: (("family_name",), ("given_name",)),
    ADDRESS: (("street",), ("postcode", "postcode_city", "city")),
}
"""Of the fields those that make a group one by itself, the first that any has."""

_PLAIN: Final[frozenset[str]] = frozenset()
"""Of the columns that say nothing of which."""
_ELSEWHERE: Final = frozenset(
    "mail mailing postal shipping ship delivery verzending bezorging business work werk zakelijk card".split()
)
_FURTHER: Final = frozenset("other alternate secondary alt".split())


class Group(NamedTuple):
    """The places of the columns of each field, in the order in which they are asked."""

    fields: tuple[tuple[str, tuple[int, ...]], ...]
    leading: tuple[tuple[int, ...], ...]

    def texts(self, cells: Sequence[str]) -> dict[str, str]:
        """The first filled cell of each field."""
        found: dict[str, str] = {}
        for field, places in self.fields:
            for place in places:
                if cells[place] and not cells[place].isspace():
                    found[field] = cells[place]
                    break
        return found


class Groups:
    """The groups that a header has of these fields, the one that is asked first before the others.

    What is no group by itself is lent to the groups that lack it, where it says nothing of which (`zip`
    beside `res_street` and `mail_street`) or where none has it (`Billing City` beside `Street`).
    """

    def __init__(self, columns: Sequence[Column], fields: tuple[str, ...]) -> None:
        self._groups = tuple(_groups([each for each in columns if each.field.name in fields], fields))

    def texts(self, cells: Sequence[str]) -> dict[str, str]:
        """What the first group says of whose leading fields one is filled, else the first of all."""
        if len(self._groups) > 1:
            for rank in range(len(self._groups[0].leading)):
                for group in self._groups:
                    if any(cells[place].strip() for place in group.leading[rank]):
                        return group.texts(cells)
        return self._groups[0].texts(cells) if self._groups else {}


def _groups(columns: Sequence[Column], fields: tuple[str, ...]) -> Iterator[Group]:
    held: dict[frozenset[str], list[Column]] = {}
    for column in columns:
        held.setdefault(which(column.name), []).append(column)
    whole = next(filter(None, (_whole(held, leading) for leading in _LEADING[fields])), [])
    if not whole:
        yield _group(columns, (), fields)
    own = {column.field for name in whole for column in held[name]}
    rest = [(name, column) for name in held if name not in whole for column in held[name]]
    lent = [column for name, column in rest if name == _PLAIN or column.field not in own]
    for name in sorted(whole, key=_rank):
        yield _group(held[name], lent, fields)


def _whole(held: Mapping[frozenset[str], Sequence[Column]], leading: tuple[str, ...]) -> list[frozenset[str]]:
    """The groups that have one of the fields that make them one."""
    return [name for name, columns in held.items() if any(each.field.name in leading for each in columns)]


def _group(columns: Sequence[Column], lent: Sequence[Column], fields: tuple[str, ...]) -> Group:
    own = {column.field.name for column in columns}
    columns = [*columns, *(each for each in lent if each.field.name not in own)]
    return Group(
        tuple((field, places) for field in fields if (places := _places(columns, (field,)))),
        tuple(_places(columns, leading) for leading in _LEADING[fields]),
    )


def _places(columns: Sequence[Column], fields: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(column.place for column in columns if column.field.name in fields)


def _rank(name: frozenset[str]) -> int:
    """Where one lives and what says nothing of which come before where one gets one's mail."""
    return 2 if name & _FURTHER else 1 if name & _ELSEWHERE else 0
