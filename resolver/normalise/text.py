"""Folding of text: what every normaliser does to a raw value before it looks at it.

Work is bounded: no value longer than `LIMIT` characters is ever folded. Longer ones are no name,
number or address of anybody; callers treat them as malformed (see `opaque`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from resolver.normalise.data import words

LIMIT = 1000
"""The greatest length, in characters, of a value that is read at all."""

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_SPACED = frozenset({"Cc", "Zl", "Zp", "Zs"})

_VOICED = frozenset("\u3099\u309a")
"""Marks that are no accents: with them a kana is another letter, ga not ka."""
_GREEK_PAIR = re.compile("ου|[αε]υ|γ(?=[γξχ])|\\bμπ")

_PLACEHOLDERS = frozenset(words("placeholders.txt"))
_ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d*)?e\+\d{2,3}")
_ERROR = re.compile(r"#(?:n/?[abdv]|[a-z]{2,8}(?:/0)?[!?])")
_MARKED = re.compile(r"=\s*\"([^\"]*)\"|['\u2018\u2019\u00b4`]\s*(?=\S)(.*)", re.DOTALL)
_FLOAT = re.compile(r"(\+?\d+)[.,]0{1,2}")


def clean(text: str) -> str:
    """Return the text in NFC, without control, bidirectional and other invisible characters.

    Runs of white space become one blank, the ends are trimmed, and what exceeds `LIMIT` is cut off.
    """
    if len(text) > LIMIT:
        text = text[:LIMIT]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return _clean(text)


@lru_cache(maxsize=16384)
def _clean(text: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if character.isspace() or category in _SPACED:
            kept.append(" ")
        elif category not in _INVISIBLE:
            kept.append(character)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def unmarked(cleaned: str) -> str:
    """Return a cell without what a spreadsheet puts before it to keep it a text: '0123, ="0123"."""
    match = _MARKED.fullmatch(cleaned)
    return cleaned if match is None else match[1] if match[1] is not None else match[2]


def whole(cleaned: str) -> str:
    """Return a number that was taken for a fraction, 1234.0, as the whole one; any other text as it is.

    So a table writes whole numbers of which one is missing, since it knows no missing ones.
    """
    match = _FLOAT.fullmatch(cleaned)
    return cleaned if match is None else match[1]


def is_rounded(text: str) -> bool:
    """Tell whether the text is a number of which a spreadsheet has kept the first digits: 4.91717E+11."""
    return ("E+" in text or "e+" in text) and _ROUNDED.fullmatch(unmarked(fold(text))) is not None


def _greek_pair(match: re.Match[str]) -> str:
    """Two Greek letters that are one sound, as ELOT 743 (ISO 843) writes it."""
    pair = match.group()
    return {"ου": "ou", "αυ": "av", "ευ": "ev", "γ": "n", "μπ": "b"}[pair]


@lru_cache(maxsize=65536)
def _fold(text: str) -> str:
    text = clean(text).casefold()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(
            character
            for character in decomposed
            if character in _VOICED or not unicodedata.combining(character)
        )
        if not text.isascii():
            text = anyascii(_GREEK_PAIR.sub(_greek_pair, unicodedata.normalize("NFC", text)))
        text = text.lower()
    return " ".join(text.split())


def fold(text: str) -> str:
    """Return the text in lower-case ASCII: accents off, other scripts transliterated, blanks collapsed."""
    return _fold(text[:LIMIT])


def opaque(text: str) -> str:
    """Return a value that is compared byte for byte: NFC and trimmed, nothing else.

    One that is longer than `LIMIT`, or is no valid Unicode, is represented by its digest, so that what
    is kept is bounded and distinct values stay distinct.
    """
    if len(text) > LIMIT or (not text.isascii() and _SURROGATES.search(text)):
        return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return unicodedata.normalize("NFC", text).strip()


_SURROGATES = re.compile("[\ud800-\udfff]")
_NO_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=65536)
def _is_placeholder(folded: str) -> bool:
    plain = _NO_WORD.sub(" ", folded).strip()
    if not plain or plain in _PLACEHOLDERS or _ROUNDED.fullmatch(folded) or _ERROR.fullmatch(folded):
        return True
    letters = plain.replace(" ", "")
    return len(letters) >= 3 and letters.isalpha() and len(set(letters)) == 1


def is_placeholder(text: str) -> bool:
    """Tell whether the text stands for *nothing here*: empty, punctuation, n/a, null, onbekend, xxx, asdf.

    A spreadsheet's errors (#REF!) do, and the numbers that it has rounded (4.91717E+11), which are many's.
    """
    return _is_placeholder(fold(text))
