"""Ids by which another system names the party: opaque, byte-exact after NFC and trimming."""

from __future__ import annotations

import re

from resolver.normalise import text
from resolver.normalise.features import Flag
from resolver.normalise.form import Form, flagged

_NOBODY = re.compile(r"[0\-\s]*|-1|\W+")


def normalise(raw: str, namespace: str = "") -> Form | None:
    """Return an external id in normal form, None where the text is empty.

    `namespace` is the system's name, folded. Values that systems write for *no id* (0, -1, null,
    anonymous) are RUBBISH.
    """
    value = text.opaque(raw)
    if not value or not text.clean(value):
        return None
    flags = [Flag.OPAQUE]
    if _NOBODY.fullmatch(value) or text.is_placeholder(value):
        flags.append(Flag.RUBBISH)
    return Form(value, flagged(flags), namespace=text.fold(namespace))
