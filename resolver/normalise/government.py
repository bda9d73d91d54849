"""Government ids: kept only as keyed hashes (HMAC-SHA256, RFC 2104), compared exactly."""

from __future__ import annotations

import hashlib
import hmac
import re

from resolver.normalise import text
from resolver.normalise.features import Flag
from resolver.normalise.form import Form

_SEPARATORS = re.compile(r"[^0-9A-Z]+")


def normalise(raw: str, secret: bytes, namespace: str = "") -> Form | None:
    """Return the keyed hash of a government id, None where the text is empty.

    Blanks, separators and case are no part of the number. `secret` keys the hash: hashes under two
    secrets never agree. The number itself is never in the answer. Raises ValueError for an empty secret.
    """
    if not secret:
        raise ValueError("a government id needs a secret to be hashed with")
    number = _SEPARATORS.sub("", text.fold(raw).upper()) if len(raw) <= text.LIMIT else text.opaque(raw)
    if not number:
        return None
    flags: tuple[Flag, ...] = (Flag.OPAQUE,)
    if len(set(number)) == 1 or text.is_placeholder(raw) or number in "01234567890":
        flags = (Flag.OPAQUE, Flag.RUBBISH)
    hashed = hmac.new(secret, number.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return Form(hashed, flags, namespace=text.fold(namespace))
