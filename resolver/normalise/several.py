"""Several telephone numbers or mailboxes in one cell, as address books and tables of contacts write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from graph.model import IdentifierKind
from resolver.normalise import email, phone, place, text

MOST: Final = 20
"""A cell of more parts is no list of one person's."""

_BETWEEN: Final = re.compile(r"[;,|\r\n]|:::|\s/\s|/(?=\+)")
_BLANK: Final = re.compile(r"[\s;,|/]+|:::")


def parts(kind: IdentifierKind, raw: str, *regions: str) -> tuple[str, ...]:
    """Return the identifiers that a cell holds: several where each is well formed by itself, else the cell.

    They are parted by `;`, `,`, `|`, `:::`, ` / ` or a line break, mailboxes by blanks too; a telephone
    number is well formed where a plan assigns it. `regions` are countries, by code or name, of which the
    first that is one says how national numbers are read.
    """
    if len(raw) > text.LIMIT:
        return (raw,)
    if kind is IdentifierKind.EMAIL and raw.count("@") > 1:
        bare = () if "<" in raw else _parted(raw, _BLANK, _is_mailbox)
        return _parted(raw, _BETWEEN, _is_mailbox) or bare or (raw,)
    if kind is IdentifierKind.PHONE and _BETWEEN.search(raw):
        region = next(filter(None, map(place.country, regions)), "")
        return _parted(raw, _BETWEEN, partial(phone.is_assigned, region=region)) or (raw,)
    return (raw,)


def _parted(raw: str, between: re.Pattern[str], well_formed: Callable[[str], bool]) -> tuple[str, ...]:
    found = tuple(filter(None, map(str.strip, between.split(raw))))
    return found if 1 < len(found) <= MOST and all(map(well_formed, found)) else ()


def _is_mailbox(written: str) -> bool:
    form = email.normalise(written)
    return form is not None and bool(form.address)
