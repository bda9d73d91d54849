"""Government ids: kept only as keyed hashes (HMAC-SHA256, RFC 2104), by which a slip can still be told.

Beside the hash of the whole number stand short hashes of it and of what remains when one character is
left out (the deletion neighbourhood of SymSpell). Two numbers one edit apart (a character mistyped, left
out or put in, or two neighbours swapped) have one of them in common. So have numbers of which one
character was moved, which leaves at most 9n² of the 10ⁿ numbers of n digits: for nine digits less than
one in a million. Numbers further apart have none, but for hashes of 48 bits that collide by chance.

Without the key the form tells of a number its length, and which others are near it: with one number
known, a near one is one of some hundreds. With the key numbers can be enumerated, as from any keyed hash.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from typing import Final

from resolver.normalise import text
from resolver.normalise.features import Flag
from resolver.normalise.form import Form

SHORTEST: Final = 6
"""Numbers of fewer characters are too dense for one slip to mean the same: they have no short hashes."""
LONGEST: Final = 18
"""Nor have longer ones: no register issues them."""
WIDTH: Final = LONGEST + 1
"""The most short hashes that one number has."""

_SEPARATORS = re.compile(r"[^0-9A-Z]+")
_SHORT: Final = 12
_SEAL: Final = 16
_KEPT = re.compile(rf"[0-9a-f]{{64}}(?:\.[0-9a-f]{{{_SHORT}}}){{0,{WIDTH}}}\.[0-9a-f]{{{_SEAL}}}")

_ISSUED: Final = (Flag.OPAQUE,)
_RUBBISH: Final = (Flag.OPAQUE, Flag.RUBBISH)


def normalise(raw: str, secret: bytes, namespace: str = "") -> Form | None:
    """Return the keyed form of a government id, None where the text is empty.

    The form is `hash.short.….seal` in lower-case hexadecimal digits: 64, then 12 for each of `near`, sorted,
    then 16. Blanks, separators and case are no part of the number. `secret` keys the hashes: forms under
    two secrets never agree. The number itself is never in the answer. A form that was made under this
    secret, which its seal tells, is answered as it is: what is kept can be read again. Raises ValueError
    for an empty secret.
    """
    if not secret:
        raise ValueError("a government id needs a secret to be hashed with")
    within = text.fold(namespace)
    kept = _kept(raw, secret)
    if kept is not None:
        return Form(raw, kept, namespace=within)
    number = _SEPARATORS.sub("", text.fold(raw).upper()) if len(raw) <= text.LIMIT else text.opaque(raw)
    if not number:
        return None
    rubbish = len(set(number)) == 1 or text.is_placeholder(raw) or number in "01234567890"
    flags = _RUBBISH if rubbish else _ISSUED
    near = () if rubbish else sorted({_keyed(secret, f"near {part}")[:_SHORT] for part in _parts(number)})
    body = ".".join((_keyed(secret, number), *near))
    return Form(f"{body}.{_seal(body, flags, secret)}", flags, namespace=within)


def near(form: str) -> tuple[str, ...]:
    """Return the short hashes of a form: two numbers one edit apart have one in common. At most `WIDTH`."""
    return tuple(form.split(".")[1:-1])


def _parts(number: str) -> Iterator[str]:
    """The number and what is left of it without each of its characters, one more than it has characters.

    Without either of two like neighbours the same is left. In its stead stands what is part of no number,
    so that how many parts there are does not tell of like neighbours.
    """
    if not SHORTEST <= len(number) <= LONGEST:
        return
    yield number
    for at, character in enumerate(number):
        again = at > 0 and number[at - 1] == character
        yield f"{number} {at}" if again else number[:at] + number[at + 1 :]


def _kept(raw: str, secret: bytes) -> tuple[Flag, ...] | None:
    """The flags of a form made under this secret, None for any other text, be it a hash of another making."""
    if not _KEPT.fullmatch(raw):
        return None
    body, _, seal = raw.rpartition(".")
    made = (flags for flags in (_ISSUED, _RUBBISH) if hmac.compare_digest(seal, _seal(body, flags, secret)))
    return next(made, None)


def _seal(body: str, flags: tuple[Flag, ...], secret: bytes) -> str:
    return _keyed(secret, f"sealed {' '.join(flags)} {body}")[:_SEAL]


def _keyed(secret: bytes, message: str) -> str:
    """A number's own hash. What else is hashed begins with a word and a blank, which no number has."""
    return hmac.digest(secret, message.encode(), "sha256").hex()
