"""Moments as files write them, read into microseconds since 1970-01-01T00:00:00Z.

ISO 8601 first, then Unix time, then the forms that people and spreadsheets write, in English or with the
characters of China, Japan and Korea. What names no zone is UTC. Pure: no clock, so a text that leaves out
its year, month or day is refused, not completed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from dateutil import parser

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Digits of a Unix time of our days, and how many microseconds each of its units is.
_UNIX = {10: 1_000_000, 13: 1_000, 16: 1}
_LONGEST = 64
_EAST_ASIAN = re.compile(
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日号일]"
    r"(?:\s*(\d{1,2})\s*[时時시:]\s*(?:(\d{1,2})\s*(?:[分분:]\s*(?:(\d{1,2})\s*[秒초]?)?)?)?)?"
)
"""2024年3月5日 14时30分, 2024년 3월 5일 14:30:05."""
_DAYS = (datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2001-02-02"))


@lru_cache(maxsize=4096)
def micros(text: str, month_first: bool = False) -> int:
    """Microseconds since 1970 of a moment in text.

    `month_first` reads 03/04/2026 as March 4th, as is done in the United States.

    Raises:
        ValueError: not a moment, or not a whole date.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise ValueError("not a date or time")
    if text.isascii() and text.isdigit() and len(text) in _UNIX:
        return int(text) * _UNIX[len(text)]
    try:
        moment = datetime.fromisoformat(_in_digits(text))
    except ValueError:
        moment = _common_form(text, month_first)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _in_digits(text: str) -> str:
    """ISO 8601 of what is written with the characters for year, month and day; else the text."""
    if text.isascii() or not (found := _EAST_ASIAN.fullmatch(unicodedata.normalize("NFKC", text))):
        return text
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def _common_form(text: str, month_first: bool) -> datetime:
    """A form other than ISO 8601. Read twice over different days: what differs was not in the text."""
    # A year that comes first is followed by its month, in every country.
    day_first = not month_first and not text[:4].isdigit()
    try:
        readings = {parser.parse(text, default=day, dayfirst=day_first, tzinfos=_zone) for day in _DAYS}
    except (ValueError, OverflowError):
        raise ValueError("not a date or time") from None
    if len(readings) != 1:
        raise ValueError("not a whole date")
    moment: datetime = readings.pop()
    return moment


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Only numbers and UTC: a zone's letters mean different zones in different countries."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None:
        return None
    if name in ("UTC", "GMT", "Z"):
        return UTC
    raise ValueError("a zone by name")
