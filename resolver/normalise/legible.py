"""What is written in a field and cannot be read: not what is missing, or stands for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from graph.model import IdentifierKind
from resolver.normalise import birth_date, email, phone, text
from resolver.normalise.features import Flag
from resolver.normalise.form import Form
from resolver.normalise.several import parts

_NOTHING: Final = frozenset({Flag.RUBBISH, Flag.ROLE})


def is_legible(field: str, raw: str, region: str = "") -> bool:
    """Tell whether a field's text is read, or says nothing.

    `field` is a kind of identifier, or `birth_date`; telephone numbers, mailboxes and dates have a form that
    they may lack, and a number that a spreadsheet has rounded (4.91717E+11) is lost in any field. `region` is
    the ISO 3166 alpha-2 code whose national forms are read.
    """
    if text.is_rounded(raw):
        return False
    read = _READ.get(field)
    return read is None or read(raw, region)


def _phone(raw: str, region: str) -> bool:
    return _formed(phone.normalise(raw, region)) or len(parts(IdentifierKind.PHONE, raw, region)) > 1


def _email(raw: str, region: str) -> bool:
    return _formed(email.normalise(raw)) or len(parts(IdentifierKind.EMAIL, raw, region)) > 1


def _formed(form: Form | None) -> bool:
    return form is None or Flag.MALFORMED not in form.flags or not _NOTHING.isdisjoint(form.flags)


def _birth_date(raw: str, region: str) -> bool:
    return birth_date.is_date(raw, region) or text.is_placeholder(raw)


_READ: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "phone": _phone,
    "email": _email,
    "birth_date": _birth_date,
}
