"""Texts in a form that the server's indexes take and sort as Python does.

An index key holds some 8,000 bytes, and the server sorts by UTF-16 in memory but by UTF-8 in an index,
which differ above U+D7FF. So what is looked up or sorted is spelt without those characters, and cut where
it is long, with a digest of the whole in place of the rest.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

CUT: Final = 256
"""So many characters of a text stand for themselves in an index."""
_HIGH: Final = re.compile("[\ud7ff-\U0010ffff]")


def ordered(text: str) -> str:
    """A text of characters below U+D800 alone, that sorts as the given one does by code point. Injective.

    Raises `UnicodeEncodeError` where the text holds a lone surrogate.
    """
    if text.isascii():
        return text
    text.encode()
    return _HIGH.sub(_spelt, text)


def indexed(text: str) -> str:
    """The form of a text by which it is looked up: itself, but for high characters and great length."""
    spelt = ordered(text)
    if len(spelt) <= CUT:
        return spelt
    return spelt[:CUT] + sha256(text.encode()).hexdigest()


def pair(source: str, name: str) -> str:
    """One text for a key of two, that sorts as the two do one after the other. Injective."""
    return f"{source.replace(_NUL, _ESCAPED)}{_NUL}{_NUL}{name}"


def rest(text: str) -> str | None:
    """What `indexed` cuts off, as it sorts; None where it cuts nothing."""
    spelt = ordered(text)
    return spelt[CUT:] if len(spelt) > CUT else None


def raw(text: str) -> str | None:
    """The text, where `indexed` is another."""
    return None if indexed(text) == text else text


_NUL: Final = "\0"
_ESCAPED: Final = "\0\1"


def _spelt(high: re.Match[str]) -> str:
    number = ord(high[0])
    return f"\ud7ff{chr(0x100 + (number >> 12))}{chr(0x100 + (number & 0xFFF))}"
