"""Organisations' names: folded tokens without the legal form."""

from __future__ import annotations

import re
from functools import lru_cache

from resolver.normalise import text
from resolver.normalise.data import words

_APOSTROPHES = re.compile(r"['\u2018\u2019`]")
_DOTTED = re.compile(r"\b(?:[a-z]\.\s?){1,5}[a-z]\b\.?")
_SPLIT = re.compile(r"[^a-z0-9]+")
_FORMS = frozenset(words("legal_forms.txt"))
_JOINERS = frozenset({"and", "en", "und", "et", "y", "e", "the", "de", "of"})
# Legal forms that are no one's name either: one of them at the end tells an organisation.
# Forms that are also words, surnames or initials tell nothing by themselves.
_CERTAIN = _FORMS - frozenset(
    [
        "co",
        "company",
        "sa",
        "as",
        "ab",
        "sc",
        "kg",
        "se",
        "ag",
        "spa",
        "oy",
        "eg",
        "ev",
        "og",
        "sas",
        "nv",
        "lp",
        "lda",
        "doo",
        "ood",
        "tov",
        "fop",
    ]
)
_CERTAIN_DOTTED = re.compile(r"[^,]\s(?:s\.a|a\.g|n\.v|s\.p\.a|a\.s|e\.v|k\.g)\.?$")
_INITIALS_BEHIND = re.compile(r",\s*(?:[a-z]\.?\s?){1,2}$")
_FIRM = re.compile(
    r"(?:&|\+|\ben\b|\band\b|\bund\b|\bet\b)\s*"
    r"(?:zn|zoon|zonen|zns|sons|sohn|soehne|sohne|fils|co|cie|partners|dochters)\b\.?$"
)
_FORM_FIRST = frozenset({"ooo", "zao", "oao", "pao", "tov", "fop"})
"""Legal forms that stand before the name, in Russian and Ukrainian."""
_FORM_WRITTEN = re.compile(
    "株式会社|有限会社|合同会社|有限公司|有限責任公司|주식회사|\\((?:株|有|주)\\)|㈱|㈜|شركة"
)
"""Legal forms of Japan, China, Korea and the Arab countries, wherever they stand."""
_TRADE_FIRST = frozenset(
    [
        "stichting",
        "vereniging",
        "gemeente",
        "ministerie",
        "hogeschool",
        "universiteit",
        "university",
        "universitat",
        "universite",
        "bakkerij",
        "garage",
        "restaurant",
        "hotel",
        "apotheek",
        "drogisterij",
        "makelaardij",
        "notariskantoor",
        "ziekenhuis",
    ]
)
_TRADE_LAST = frozenset(
    [
        "university",
        "hospital",
        "foundation",
        "institute",
        "verzekeringen",
        "holding",
        "group",
        "consulting",
        "consultancy",
        "logistics",
        "solutions",
        "services",
        "company",
    ]
)


def _fold(name: str) -> str:
    folded = _APOSTROPHES.sub("", text.fold(name if name.isascii() else _FORM_WRITTEN.sub(" ", name)))
    return _DOTTED.sub(lambda match: match.group().replace(".", "").replace(" ", "") + " ", folded)


@lru_cache(maxsize=65536)
def _tokens(name: str) -> tuple[str, ...]:
    tokens = [token for token in _SPLIT.split(_fold(name)) if token]
    kept = [token for token in tokens if token not in _FORMS and token not in _JOINERS]
    return tuple(kept or tokens)


def normalise(name: str) -> tuple[str, ...]:
    """Return the tokens of an organisation's name, in order, without legal form, articles and *and*.

    Empty where the text is empty or a placeholder.
    """
    cleaned = text.clean(name)
    if not cleaned or text.is_placeholder(cleaned):
        return ()
    return _tokens(cleaned)


@lru_cache(maxsize=65536)
def _is_organisation(name: str) -> bool:
    if not name.isascii() and _FORM_WRITTEN.search(name):
        return True
    plain = _APOSTROPHES.sub("", text.fold(name)).strip(" ,")
    if _INITIALS_BEHIND.search(plain):
        return False
    if _FIRM.search(plain) or _CERTAIN_DOTTED.search(plain):
        return True
    tokens = [token for token in _SPLIT.split(_fold(name)) if token]
    if len(tokens) < 2:
        return False
    if tokens[0] in _FORM_FIRST and not name.isascii():
        return True
    return tokens[-1] in _CERTAIN or tokens[0] in _TRADE_FIRST or tokens[-1] in _TRADE_LAST


def is_organisation(name: str) -> bool:
    """Tell whether text in a person's name field names an organisation: a legal form, *& Zn*, a trade."""
    return _is_organisation(text.clean(name))
