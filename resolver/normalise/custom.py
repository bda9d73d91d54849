"""Where a family name starts in one text, by the customs of those who bear it: words in, parts out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Parts(NamedTuple):
    """The words of a name as given and family name, and whether that order is certain."""

    given: Sequence[str]
    family: Sequence[str]
    ordered: bool


_VIETNAMESE = frozenset(
    "nguyen tran pham huynh hoang phan vu vo dang bui ngo duong ly dinh truong luong trinh mai le do "
    "ho".split()
)
"""Vietnamese family names, of which fourteen are nine tenths of the people."""
_ALSO_ELSEWHERE = frozenset(["mai", "le", "do", "ho", "ly", "vo", "dang"])
"""Those that mean something else without their marks."""
_MIDDLE = frozenset(
    "thi van ngoc minh duc thu huu thanh quoc xuan kim hong dinh cong quang trong nhu bich phuong my ba "
    "dang".split()
)
"""Words that stand between a Vietnamese family name and the name that people are called by."""
_MARKED = re.compile("[\u0103\u0111\u01a1\u01b0\u1ea0-\u1ef9]", re.IGNORECASE)
"""Letters that Vietnamese has and next to no other language."""

_CYRILLIC = re.compile("[\u0400-\u052f]")
_PATRONYMIC = re.compile(r"..(?:[oe]vich|[iy]ch|[oei]vna|ichna)$")
_OF_WOMEN = "vna"
"""A patronymic ends so and no surname does, in Latin letters too."""

_TWO_SURNAMES = frozenset("ES MX CO PE CL VE EC GT CU BO DO HN PY SV NI CR PA UY".split())
"""Regions (ISO 3166 alpha-2) where people have their father's surname and their mother's."""
_SECOND_GIVEN = frozenset(
    "maria jose luis carlos antonio manuel angel luisa isabel carmen teresa jesus javier alberto miguel "
    "jorge francisco fernando enrique eduardo david andres pablo rosa elena cristina victoria ines "
    "belen".split()
)
"""Second parts of the usual double given names of Spanish: Jose Luis, Ana Maria."""


def family_first(raw: str, words: Sequence[str]) -> Parts | None:
    """Return the parts of a Vietnamese name, or of one with a patronymic or initials; None for any other.

    `words` are those of the text `raw`, folded. The family name of these stands first, or may.
    """
    return _vietnamese(raw, words) or _with_patronymic(raw, words)


def _vietnamese(raw: str, words: Sequence[str]) -> Parts | None:
    if len(words) < 2 or words[0] not in _VIETNAMESE or words[-1] in _VIETNAMESE:
        return None
    told = words[0] not in _ALSO_ELSEWHERE and len(words) > 2 and words[1] in _MIDDLE
    return Parts(words[1:], words[:1], ordered=True) if told or _MARKED.search(raw) else None


def _with_patronymic(raw: str, words: Sequence[str]) -> Parts | None:
    """Ivanov Ivan Ivanovich, Ivan Ivanovich Ivanov, Ivanov I. I."""
    if len(words) != 3:
        return None
    first, second, third = words
    if len(first) > 1 and len(second) == len(third) == 1:
        return Parts(words[1:], words[:1], ordered=True)
    if _CYRILLIC.search(raw) is None and not third.endswith(_OF_WOMEN):
        return None
    if _PATRONYMIC.search(second):
        return Parts(words[:2], words[2:], ordered=True)
    return Parts(words[1:], words[:1], ordered=True) if _PATRONYMIC.search(third) else None


def is_patronymic(word: str) -> bool:
    """Tell whether a folded word is a father's name: Ivanovich, Ivanovna."""
    return _PATRONYMIC.search(word) is not None


def two_surnames(words: Sequence[str], region: str) -> Parts | None:
    """Return the parts of a name of more than two words where people have two surnames, None elsewhere."""
    if region not in _TWO_SURNAMES or len(words) < 3:
        return None
    cut = 2 if len(words) > 3 or words[1] in _SECOND_GIVEN else 1
    return Parts(words[:cut], words[cut:], ordered=False)


def is_vietnamese(family: Sequence[str]) -> bool:
    """Tell whether a family name, folded, is one of the few that nearly all Vietnamese have."""
    return bool(family) and family[0] in _VIETNAMESE


def called_by(given: Sequence[str], family: Sequence[str]) -> Sequence[str]:
    """Return given names with the one first that people are called by, which in Vietnam is the last."""
    if len(given) > 1 and is_vietnamese(family) and given[0] in _MIDDLE:
        return (given[-1], *given[:-1])
    return given
