"""Birth dates in the usual written forms (ISO 8601, numeric, with the month's name)."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache

from babel import Locale

from resolver.normalise import text
from resolver.normalise.data import words
from resolver.normalise.features import BirthDate

_FIRST_YEAR = 1000
_LAST_YEAR = 2099
_NEVER = 9999
# Two digits of a year above this are of the 1900s: there is no clock here, and customers of a hundred are
# fewer than customers of school age.
_PIVOT = 25

# What systems store for *no date*: the zero of SQL Server, COM, Excel, Unix and of hurried clerks.
# 2000-01-01 stays: it is many people's birthday, and how common it is, is for the frequencies to say.
_PLACEHOLDERS = frozenset(
    {
        date(1111, 11, 11),
        date(1753, 1, 1),
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1901, 1, 1),
        date(1970, 1, 1),
    }
)

_MONTH_FIRST_REGIONS = frozenset({"US", "PH", "PW", "FM", "MH", "GU", "AS", "VI", "PR"})

# The years before the first of a Japanese era (Meiji, Taisho, Showa, Heisei, Reiwa).
_ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988,
    "令和": 2018, "M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018,
}  # fmt: skip
_EAST_ASIAN = re.compile(
    "(?P<era>明治|大正|昭和|平成|令和|[MTSHR])?\\s*"
    "(?P<year>\\d{1,4}|元)\\s*[年년]\\s*"
    "(?:(?P<month>\\d{1,2})\\s*[月월]\\s*(?:(?P<day>\\d{1,2})\\s*[日号일])?)?"
    "(?:\\s*生)?"
)
"""Year, month and day as in China, Japan and Korea; the first year of an era is *gannen*."""

_TIME = re.compile(
    r"(?:t|\s+)\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?\s*(?:[ap]m)?\s*(?:z|utc|gmt)?(?:[+-]\d{2}(?::?\d{2})?)?$"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})")
_VIETNAMESE = re.compile(r"(?:ngay\s+)?(\d{1,2})\s+thang\s+(\d{1,2}),?\s+(?:nam\s+)?(\d{4})")
_OF_THE_YEAR = re.compile(
    r"(?<=\d)\.?\s*(?:g|god[aiu]?|hoda?|rok[uia]?|rik|roku|r|y|yil[ei])\.?(?:\s*r\.?)?$"
)
"""What is written behind a year: 1980 g., 1980 roku."""
_NOTHING = re.compile(r"[0\s./-]+")
"""A date of noughts alone, 0/0/00, which is no year 2000."""
_DAY_FIRST = re.compile(r"(\d{2})(\d{2})((?:18[5-9]|19\d|20\d)\d)")
_SERIAL = re.compile(r"[1-4]\d{4}")
_EPOCH = date(1899, 12, 30)
"""The day that a spreadsheet numbers 0, of days from March 1900 on (ECMA-376 part 1, 18.17.4.1)."""
_YEAR = re.compile(r"\d{4}")
_FILLER = re.compile(r"\b(?:de|del|of|the|den|le|el|du|i|da)\b|[,.'\-/]|(?<=\d)(?:st|nd|rd|th|er|e|o|a)\b")


def _months() -> dict[str, int]:
    found = {}
    for line in words("months.txt"):
        number, *names = line.split()
        for name in names:
            found[name] = int(number)
    return found


_MONTHS = _months()
_LANGUAGES = (
    "ar be bg ca cs da de el en es et fi fr he hr hu id is it lt lv nb nl pl pt ro ru sk sl sr sr_Latn sv "
    "tr uk"
).split()


@cache
def _months_elsewhere() -> Mapping[str, int]:
    """Months by name in many languages, from CLDR, folded; none that two languages have for two months."""
    found: dict[str, set[int]] = defaultdict(set)
    for language in _LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, month in Locale.parse(language).months[context][width].items():
                    found["".join(filter(str.isalpha, text.fold(month)))].add(number)
    return {name: numbers.pop() for name, numbers in found.items() if name and len(numbers) == 1}


def _month(word: str) -> int | None:
    return _MONTHS.get(word) or _months_elsewhere().get(word)


def _whole_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= _PIVOT else 1900)


def _date(year: int, month: int, day: int, ambiguous: bool = False) -> BirthDate | None:
    """Return the date, None where there is no such day."""
    if (
        not (_FIRST_YEAR <= year <= _LAST_YEAR or year == _NEVER)
        or not 0 <= month <= 12
        or not 0 <= day <= 31
    ):
        return None
    if month == 0 or day == 0:
        return BirthDate(year, month, 0)
    try:
        date(year, month, day)
    except ValueError:
        return None
    return BirthDate(year, month, day, ambiguous)


def _stands_for_none(found: BirthDate) -> bool:
    if found.year == _NEVER:
        return True
    if not found.day:
        return found.year in {1900, 1901, 1111}
    return date(found.year, found.month, found.day) in _PLACEHOLDERS


def _numeric(first: int, second: int, year: int, region: str) -> BirthDate | None:
    """Read day and month in the region's order, and in the other where only that gives a date."""
    day, month = (second, first) if region in _MONTH_FIRST_REGIONS else (first, second)
    if month > 12:
        day, month = month, day
    return _date(year, month, day, ambiguous=day != month and day <= 12 and month <= 12)


def _spelled(folded: str) -> BirthDate | None:
    """Read a date with the month's name: 18 Oct 1968, October 18, 1968, 18 de octubre de 1968."""
    month = None
    numbers = []
    for word in _FILLER.sub(" ", folded).split():
        for part in re.findall(r"\d+|[a-z]+", word):
            if part.isdigit():
                numbers.append(part)
            elif month is None and (named := _month(part)) is not None:
                month = named
            elif len(part) > 2 and numbers:
                return None
    if month is None or not 1 <= len(numbers) <= 2:
        return None
    if len(numbers) == 1:
        return _date(int(numbers[0]), month, 0) if len(numbers[0]) == 4 else None
    first, second = numbers
    if len(first) == 4:
        first, second = second, first
    if len(first) > 2 or len(second) not in {2, 4}:
        return None
    return _date(_whole_year(second), month, int(first))


def normalise(raw: str, region: str = "") -> BirthDate | None:
    """Return the date that the text states, None where it states none, an impossible or a made-up one.

    `region` (ISO 3166 alpha-2) says whether the month is written first, as in the United States. Where
    day and month could be read either way the date is `ambiguous`, unless the year stands first. Month
    and day are 0 where only a year, or a year and a month, is given. Years run from 1000 to 2099. Five digits
    are a day as spreadsheets number it, of 1927 to 2036, where they can be no date of their own.
    """
    found = _read(raw, region.upper()) if len(raw) <= text.LIMIT else None
    return None if found is None or _stands_for_none(found) else found


def is_date(raw: str, region: str = "") -> bool:
    """Tell whether the text states a date, be it one that stands for none (1900-01-01, 00.00.0000)."""
    if len(raw) > text.LIMIT:
        return False
    return _read(raw, region.upper()) is not None or _NOTHING.fullmatch(text.fold(raw)) is not None


def _serial(digits: str) -> BirthDate | None:
    """Read the number of a day in a spreadsheet whose cell was not shown as a date.

    Five digits may also be a day, a month and two digits of a year of which the first zero is lost; those
    that may are not read.
    """
    if 1 <= int(digits[1:3]) <= 31:
        return None
    day = _EPOCH + timedelta(days=int(digits))
    return _date(day.year, day.month, day.day)


def _east_asian(raw: str) -> BirthDate | None:
    """Read a date with the characters for year, month and day behind its numbers."""
    match = _EAST_ASIAN.fullmatch(unicodedata.normalize("NFKC", raw).strip())
    if match is None:
        return None
    year = 1 if match["year"] == "元" else int(match["year"])
    if match["era"]:
        year += _ERAS[match["era"]]
    return _date(year, int(match["month"] or 0), int(match["day"] or 0))


@lru_cache(maxsize=65536)
def _read(raw: str, region: str) -> BirthDate | None:
    if not raw.isascii() and (found := _east_asian(raw)) is not None:
        return found
    folded = text.fold(raw)
    if not folded:
        return None
    folded = text.whole(text.unmarked(folded))
    folded = _OF_THE_YEAR.sub("", _TIME.sub("", folded)).strip(" .,;()[]'\"")
    if _NOTHING.fullmatch(folded):
        return None
    if match := _COMPACT.fullmatch(folded):
        found = _date(int(match[1]), int(match[2]), int(match[3]))
        if found is not None or not (match := _DAY_FIRST.fullmatch(folded)):
            return found
        return _numeric(int(match[1]), int(match[2]), int(match[3]), region)
    if match := _YEAR_FIRST.fullmatch(folded):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.fullmatch(folded):
        return _numeric(int(match[1]), int(match[2]), _whole_year(match[3]), region)
    if match := _YEAR_MONTH.fullmatch(folded):
        return _date(int(match[1]), int(match[2]), 0)
    if match := _MONTH_YEAR.fullmatch(folded):
        return _date(int(match[2]), int(match[1]), 0)
    if match := _VIETNAMESE.fullmatch(folded):
        return _date(int(match[3]), int(match[2]), int(match[1]))
    if _SERIAL.fullmatch(folded):
        return _serial(folded)
    if _YEAR.fullmatch(folded):
        return _date(int(folded), 0, 0)
    return _spelled(folded)
