"""Persons' names, as folded tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from resolver.normalise import custom, organisation, script, text
from resolver.normalise.data import words as resource
from resolver.normalise.features import Name
from resolver.normalise.nickname import formal_initial, nicknames

_TITLES = frozenset(resource("titles.txt"))
_TITLES_BEHIND = frozenset("mr mrs ms mx mstr dr drs prof mevr mevrouw mw dhr mme mlle sra srta".split())
"""Titles that are nobody's surname (Herr, Frau, Lord and Master are), so that they are titles behind too."""
_SUFFIXES = frozenset(resource("suffixes.txt"))
_BEHIND = _SUFFIXES | _TITLES_BEHIND
_PARTICLES = frozenset(resource("particles.txt"))
# Particles that may also be somebody's given name: they join only what stands in a family name.
_ALSO_GIVEN = frozenset(
    ["al", "le", "la", "san", "santa", "mac", "da", "do", "di", "in", "lo", "abu", "st", "bin", "te"]
)
_JOINERS = frozenset({"y", "e", "i"})
_PLACEHOLDERS = frozenset(resource("name_placeholders.txt"))
_UNNAMED = frozenset(
    {("baby", "boy"), ("baby", "girl"), ("babyboy",), ("babygirl",), ("newborn",), ("neonate",)}
)
"""What a hospital calls a child that has no given name yet; `Baby Girl A` and `B` are twins and named so."""

_ARABIC_JOINED = frozenset(
    ["\u0639\u0628\u062f", "\u0627\u0628\u0648", "\u0627\u0628\u0646", "\u0628\u0646", "\u0627\u0645"]
)
"""Words that are one name with what follows: abd, abu, ibn, bin, umm."""
_HONOURED = re.compile(r"(?<=[^\W\d_]{2})\s*(?:様|さま|さん|殿|先生|女士|小姐|님|(?<=\s)씨)$")
"""What stands behind a name in Japan, China and Korea, as Mr and Mrs elsewhere stand before it."""

MIDDLE_INITIAL: Final = "middle_initial"
"""The attribute under which the initials of second given names are compared."""
_FREQUENT = 1 << 14
"""Fields that are remembered: there are fewer given names and surnames in use than persons."""

_LONGEST = 8
"""Tokens that are kept of a given or a family name."""

_ABBREVIATED_PARTICLES = re.compile(r"\bv\s?[./]?\s?d\s?[./]?\s+(?=[a-z])|\bv\.\s?d\.\s?(?=[a-z])")
_DROPPED = re.compile(r"\b\d+(?:st|nd|rd|th)\b|['`\d]")
_NO_NAME = re.compile(r"@|https?:|www\.|\d(?:\D{0,2}\d){4}|_")
_ACCOUNT = re.compile(r"[a-z.\-]+\d{2,}[\w.\-]*")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\"[^\"]*\"")
_UNWANTED = re.compile(r"[^a-z,\s-]+")
_GLUED_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}|\b[^\W\d_]\.(?=[^\W\d_]{2})")
_SLASHED = re.compile(r"([^\W\d_][^,/]*[^\W\d_]|[^\W\d_]{2})/([^\W\d_][^,/]*)")
_GLUED_TITLE = re.compile(r"(?<=[A-Z]{3})(?=(?:MR|MRS|MISS|MSTR)$)")
_CONSONANTS = re.compile(r"[BCDFGHJKLMNPQRSTVWXZ]{2,3}")


def _words(raw: str) -> list[str]:
    """Return the words of a name, folded; a comma is a word, a hyphenated name one word."""
    return list(_folded_words(raw))


@lru_cache(maxsize=_FREQUENT)
def _folded_words(raw: str) -> tuple[str, ...]:
    cleaned = text.clean(raw)
    if script.is_native(cleaned):
        return _native_words(cleaned)
    if not cleaned.isascii():
        cleaned = "".join(" " if unicodedata.category(each)[0] == "S" else each for each in cleaned)
    cleaned = _GLUED_INITIALS.sub(lambda match: match.group().replace(".", " "), _ASIDE.sub(" ", cleaned))
    folded = _ABBREVIATED_PARTICLES.sub("van der ", text.fold(cleaned))
    folded = _UNWANTED.sub(" ", _DROPPED.sub("", folded)).replace(",", " , ")
    return tuple(word.strip("-") for word in folded.split() if word.strip("-"))


def _pieces(native: str) -> list[str]:
    """Return the words of a name in a script of `script`, still as written; a comma is a word."""
    bare = _HONOURED.sub("", _ASIDE.sub(" ", native))
    bare = bare.replace("\u3001", ",").replace("\uff0c", ",").replace("\u060c", ",").replace(",", " , ")
    return [piece for piece in re.split(r"[\s\u00b7\u30fb]+", bare) if piece]


def _native_words(native: str) -> tuple[str, ...]:
    found: list[str] = []
    pending = ""
    for piece in _pieces(native):
        kept = script.word(piece)
        if kept in _ARABIC_JOINED:
            pending += kept
            continue
        folded = kept or _UNWANTED.sub("", text.fold(piece)).strip("- ").replace(" ", "")
        if pending or folded:
            found.append(pending + folded)
        pending = ""
    return (*found, pending) if pending else tuple(found)


@lru_cache(maxsize=_FREQUENT)
def _is_name(raw: str) -> bool:
    """Tell whether the field holds words of a person's name.

    A number, an address, an account, a placeholder or an organisation's name is none.
    """
    if not raw or len(raw) > text.LIMIT or organisation.is_organisation(raw):
        return False
    folded = text.fold(raw)
    if not folded or _NO_NAME.search(folded) or _ACCOUNT.fullmatch(folded):
        return False
    return folded == "nan" or not text.is_placeholder(folded)  # Nan is short for Nancy too


def _is_title(words: list[str], at: int) -> bool:
    """Tell whether a word stands before a name as a title; before a comma it is a family name."""
    return words[at] in _TITLES and words[at + 1] != ","


def _strip(words: list[str]) -> list[str]:
    """Drop titles in front and suffixes behind, as long as something remains."""
    start, end = (2 if words[:2] == ["de", "heer"] and len(words) > 2 else 0), len(words)
    while start < end - 1 and (words[start] == "," or _is_title(words, start)):
        start += 1
    while end > start + 1 and (words[end - 1] in _BEHIND or words[end - 1] == ","):
        end -= 1
    return words[start:end]


@lru_cache(maxsize=65536)
def _only(raw: str, honours: frozenset[str]) -> bool:
    """Tell whether a field that should hold a name holds a title, or a degree, instead."""
    words = _words(raw)
    return bool(words) and honours.issuperset(words)


def _parts(words: Iterable[str]) -> list[str]:
    """Return the words without commas, hyphenated names taken apart."""
    return [part for word in words if word != "," for part in word.split("-") if part]


def _join(words: Iterable[str]) -> tuple[str, ...]:
    """Return a family name's tokens: particles are joined to the word that follows, *y* is dropped."""
    tokens: list[str] = []
    pending = ""
    for word in _parts(words):
        if word in _JOINERS and tokens and not pending:
            continue
        pending += word
        if word not in _PARTICLES:
            tokens.append(pending)
            pending = ""
    return (*tokens, pending) if pending else tuple(tokens)


def _family(words: list[str]) -> tuple[str, ...]:
    """Return the tokens of a family name that may be written *Berg, van der*."""
    words = _strip(words)
    if "," in words:
        cut = words.index(",")
        words = words[cut + 1 :] + words[:cut]
    return _join(words)


def _given(raw: str) -> list[str]:
    """Return the words of a given name; capitals without a vowel (JP, MJ) are the initials that they are."""
    capitals = raw.strip(" .")
    return list(capitals.lower()) if _CONSONANTS.fullmatch(capitals) else _strip(_words(raw))


def _named(given: Iterable[str], family: tuple[str, ...], ordered: bool) -> Name | None:
    forenames = tuple(_parts(given))
    if family and forenames in _UNNAMED:
        forenames = ()
    tokens = forenames + family
    if all(token in _PLACEHOLDERS for token in tokens):
        return None
    if len(tokens) > 1 and set(tokens) <= {"nan", "n"}:  # N.N., nomen nescio; nan is also Nancy
        return None
    forenames = tuple(custom.called_by(forenames, family))
    return Name(forenames[:_LONGEST], family[:_LONGEST], ordered)


def _comma(words: list[str]) -> Name | None:
    """Read *family, given*, with the particles on either side."""
    cut = words.index(",")
    given = _strip(words[cut + 1 :])
    if len(given) > 1 and given[-1] in _TITLES:
        given.pop()
    elif given and given[-1] in _TITLES_BEHIND:  # Keller, Mrs
        given = []
    end = len(given)
    while end > 0 and given[end - 1] in _PARTICLES and (end > 1 or given[0] not in _ALSO_GIVEN):
        end -= 1
    return _named(given[:end], _join(given[end:] + words[:cut]), ordered=True)


def _family_start(words: list[str]) -> int | None:
    """Return where a family name surely begins: at a particle, or before a Spanish *y*."""
    for at, word in enumerate(words):
        first, *_, last = word.split("-") if "-" in word else (word, word)
        if at > 1 and word == "y" and at < len(words) - 1:
            return at - 1
        if "-" in word and at > 0 and (first in _PARTICLES or last in _PARTICLES):
            return at
        if word in _PARTICLES and at < len(words) - 1 and (at > 0 or word not in _ALSO_GIVEN):
            return at
    return None


def _east_asian(raw: str, region: str) -> Name | None:
    """Read a Chinese, Japanese or Korean name, its parts written apart or not; None where it is none."""
    pieces = _pieces(text.clean(raw))
    if "," in pieces or not all(map(script.family_first, pieces)):
        return None
    parts = script.parted(pieces[0], region) if len(pieces) == 1 else pieces
    if not parts:
        return None
    family, *given = parts
    return _named(_words("".join(given)), _join(_words(family)), ordered=True)


def _with_comma(raw: str) -> str:
    """Return a name as airlines and hotels write it, KELLER/ANNA MRS, with a comma; any other as it is.

    Without a title only where it is one word in capitals on the right: ANNA/OTTO KELLER are two people.
    """
    match = _SLASHED.fullmatch(raw.strip())
    if match is None:
        return raw
    family, given = match.groups()
    *forenames, last = (_GLUED_TITLE.sub(" ", given) if raw.isupper() else given).split()
    titled = forenames and text.fold(last).strip(".") in _TITLES
    return f"{family}, {' '.join((*forenames, last))}" if titled or (raw.isupper() and not forenames) else raw


def _display(raw: str, region: str) -> Name | None:
    """Read a name that is written as one text."""
    raw = _with_comma(raw)
    if script.family_first(raw) and (found := _east_asian(raw, region)) is not None:
        return found
    written = _words(raw)
    words = _strip(written)
    if not words:
        return None
    if "," in words:
        return _comma(words)
    if (parts := custom.family_first(raw, words)) is not None:
        return _named(parts.given, _join(parts.family), ordered=parts.ordered)
    start = _family_start(words)
    if start is not None:
        return _named(words[:start], _join(words[start:]), ordered=True)
    if len(words) == 1:
        if len(written) > 1 and (written[0] in _TITLES or written[-1] in _TITLES_BEHIND):  # Mr Smith
            return _named((), _join(words), ordered=True)
        return _named(words, (), ordered=False)
    if (parts := custom.two_surnames(words, region)) is not None:
        return _named(parts.given, _join(parts.family), ordered=parts.ordered)
    initial_first = len(words) > 1 and len(words[0]) == 1 and len(words[-1]) > 1
    return _named(words[:-1], _join(words[-1:]), ordered=initial_first)


def _settle(display: Name, given: str, family: str) -> Name:
    """Put a display name in order by the part that is known."""
    if (display.ordered and display.given) or not (given or family):
        return display
    known = _family(_words(family)) if family else tuple(_parts(_given(given)))
    tokens = display.given + display.family
    rest = tuple(token for token in tokens if token not in known)
    if not rest:
        return display
    if len(rest) == len(tokens) and _may_hold(tokens, known):
        return display
    # Where it may not, a column called *Name* holds what the part's own does not: *Name, Vorname*.
    return Name(rest, known) if family else Name(known, rest)


def _may_hold(tokens: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Tell whether a display name may spell a part that is known otherwise: J. for Jan, Bob for Robert."""
    if not known:
        return True
    meant = nicknames(known[0]) | {known[0]}
    return any(
        token[0] == known[0][0] or not meant.isdisjoint(nicknames(token) | {token}) for token in tokens
    )


def _given_only(given: str, middle: str, region: str) -> Name | None:
    """Read a given name's field without a family name's: several words, or characters, are a whole name."""
    if len(given) >= (4 if region == "JP" else 3) and script.family_first(given):
        whole = _east_asian(given, region)
        if whole is not None:
            return whole
    words = _given(given)
    if middle or len(words) < 2 or all(len(word) == 1 for word in words):
        return _named([*words, *_words(middle)], (), ordered=True)
    return _display(given, region)


def _both(given: str, middle: str, family: str) -> Name | None:
    """Read the fields, with particles and a repeated family name in the wrong one put right."""
    surname, forenames, between = _family(_words(family)), _given(given), _words(middle)
    if between and not custom.is_vietnamese(surname) and all(word in _PARTICLES for word in between):
        surname, between = _join([*between, *_words(family)]), []
    if not forenames and any(map(custom.is_patronymic, between)):
        between = []  # the father's name is nobody's first
    for start in range(1, len(forenames)):
        if _join(forenames[start:]) == surname:  # Jan de Vries, de Vries
            return _named(forenames[:start] + between, surname, ordered=True)
    end = len(forenames)
    while end > 1 and forenames[end - 1] in _PARTICLES - _ALSO_GIVEN:
        end -= 1
    if end < len(forenames):  # Jan van, Berg
        surname = _join([*forenames[end:], *_words(family)])
    return _named(forenames[:end] + between, surname, ordered=True)


def _completed(name: Name, display: Name | None) -> Name:
    """Add what the whole name holds besides the parts: middle names, and the name behind a lone title."""
    if display is None:
        return name
    more = tuple(word for word in display.given + display.family if word not in name.given + name.family)
    if not more or not set(name.family) <= {*display.given, *display.family}:
        return name
    known = tuple(word for word in name.given if word not in _TITLES)
    return Name((*known, *more)[:_LONGEST], name.family, name.ordered)


def normalise(
    given_name: str = "",
    middle_name: str = "",
    family_name: str = "",
    full_name: str = "",
    region: str = "",
) -> Name | None:
    """Return a person's name, None where the fields hold none.

    A given name without a family name that has several words is a whole name. `full_name` is read
    where a part is missing, and for the middle names that it adds. Fields that hold a number, an
    address, an account, a placeholder or an organisation's name are ignored, as is what is longer than
    `text.LIMIT`. `region` is the ISO 3166 alpha-2 code whose customs tell where in one text a family name
    starts, as far as the text itself does not.
    """
    if max(len(given_name), len(middle_name), len(family_name), len(full_name)) > text.LIMIT:
        given_name, middle_name, family_name, full_name = (
            written if len(written) <= text.LIMIT else ""
            for written in (given_name, middle_name, family_name, full_name)
        )
    return _normalise(given_name, middle_name, family_name, full_name, region)


@lru_cache(maxsize=65536)
def _normalise(
    given_name: str, middle_name: str, family_name: str, full_name: str, region: str
) -> Name | None:
    given, middle, family, full = (
        written if _is_name(written) else "" for written in (given_name, middle_name, family_name, full_name)
    )
    if (family or full) and _only(given, _TITLES):
        given = ""
    if (given or full) and _only(family, _SUFFIXES):
        family = ""
    if full and not (given and family):
        display = _display(full, region)
        if display is not None:
            return _settle(display, given, family)
    if given and family:
        both = _both(given, middle, family)
        return _completed(both, _display(full, region)) if both is not None and full else both
    if given:
        return _given_only(given, middle, region)
    if not family:
        return None
    words = _words(family)
    if "," in words and not all(word in _PARTICLES for word in words[words.index(",") + 1 :]):
        return _display(family, region)
    return _both("", middle, family)


def description(name: Name | None) -> str | None:
    """Return what a name comes to where people are counted: one person's spellings once; None for no name.

    The folded initial of the given name, nicknames read as the formal name, else the surname.
    """
    if name is None:
        return None
    if name.given:
        return formal_initial(script.latin(name.given[0]))
    return f"surname:{''.join(map(script.latin, name.family))}"


def latin(name: Name | None) -> Name | None:
    """Return the name in Latin letters throughout, under which it is found whatever it is written in."""
    if name is None or all(token.isascii() for token in name.given + name.family):
        return name
    return Name(tuple(map(script.latin, name.given)), tuple(map(script.latin, name.family)), name.ordered)


def middle_initials(name: Name) -> frozenset[str]:
    """Return the initials of the given names after the first, as far as they surely are given names.

    In one text whose order is not known, *Ana Garcia Lopez*, only what is written as an initial is.
    """
    return frozenset(word[0] for word in name.given[1:] if name.ordered or len(word) == 1)
