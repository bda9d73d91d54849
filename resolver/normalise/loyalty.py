"""Loyalty cards: the number that a programme prints, however a till or a form has written it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from stdnum import ean, luhn, verhoeff

from resolver.normalise import text
from resolver.normalise.features import Flag
from resolver.normalise.form import Form, flagged

CHECKS: dict[str, Callable[[str], bool]] = {
    "luhn": luhn.is_valid,
    "ean": ean.is_valid,
    "verhoeff": verhoeff.is_valid,
}
"""Check digits that a programme may declare: ISO/IEC 7812-1 (Luhn), GS1 (EAN), Verhoeff."""

_SEPARATORS = re.compile(r"[^0-9A-Z]+")
_PREFIXED = re.compile(r"[A-Z]{0,8}(\d{6,})")
_SEQUENCE = "01234567890123456789"


def programme(namespace: str) -> str:
    """Return the one spelling of a programme's name."""
    return text.fold(namespace)


def _is_rubbish(number: str) -> bool:
    if len(set(number)) == 1:
        return True
    return len(number) >= 5 and (number in _SEQUENCE or number in _SEQUENCE[::-1])


def normalise(raw: str, namespace: str = "", check: str = "") -> Form | None:
    """Return a card's number in normal form, None where the text is empty.

    Separators, a prefix of letters before six digits or more, and leading zeros are no part of it; a
    card with letters elsewhere is kept whole, in upper case. `check` names a check of `CHECKS` that
    the programme declares: a number that fails it is MALFORMED. Raises KeyError for an unknown check.
    """
    if len(raw) > text.LIMIT:
        return Form(text.opaque(raw), (Flag.MALFORMED,), namespace=programme(namespace))
    return _normalise(raw, programme(namespace), check)


@lru_cache(maxsize=65536)
def _normalise(raw: str, namespace: str, check: str) -> Form | None:
    cleaned = text.clean(raw)
    if not cleaned:
        return None
    card = _SEPARATORS.sub("", text.whole(text.fold(cleaned)).upper())
    if not card or text.is_placeholder(cleaned):
        return Form(card or cleaned, (Flag.MALFORMED, Flag.RUBBISH), namespace=namespace)
    prefixed = _PREFIXED.fullmatch(card)
    digits = prefixed.group(1) if prefixed else card
    if digits.isdigit():
        flags = []
        # Leading zeros weigh nothing in Luhn and Verhoeff sums, but an EAN has a fixed length.
        if check and not (CHECKS[check](digits) or CHECKS[check](digits.lstrip("0"))):
            flags.append(Flag.MALFORMED)
        number = digits.lstrip("0") or "0"
        if _is_rubbish(number):
            flags.append(Flag.RUBBISH)
        return Form(number, flagged(flags), namespace=namespace)
    return Form(card, (Flag.MALFORMED,) if check else (), namespace=namespace)
