"""Which of a family's namesakes a name says it is: Jr, Sr, III."""

from __future__ import annotations

import re
from typing import Final

from resolver.normalise import text

ATTRIBUTE: Final = "generation"
"""The attribute under which it is compared."""

_GENERATIONS: Final = {
    "sr": "senior", "snr": "senior",
    "jr": "junior", "jnr": "junior", "ii": "junior", "2nd": "junior",
    "iii": "third", "3rd": "third",
    "iv": "fourth", "4th": "fourth",
}  # fmt: skip
_ENDINGS: Final = tuple(_GENERATIONS)
_LAST: Final = re.compile(rf"\w[\s,]+({'|'.join(_GENERATIONS)})\.?$")


def normalise(*names: str) -> str:
    """Return the generation that stands behind a name, in one word; empty where none does.

    `names` are a person's name as written, in parts or in whole. The second of a name is mostly its
    *junior*, so both are one. In front, *Sr.* is a Spanish gentleman, and alone it is no generation.
    """
    for written in names:
        # Nearly no name ends so, which is seen before it is folded.
        if written.rstrip(" .").lower().endswith(_ENDINGS) and len(written) <= text.LIMIT:
            match = _LAST.search(text.fold(written))
            if match is not None:
                return _GENERATIONS[match[1]]
    return ""
