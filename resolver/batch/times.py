"""Moments as files write them, read into microseconds since 1970-01-01T00:00:00Z.

ISO 8601 first, then Unix time, then the forms that people and spreadsheets write. What names no zone
is UTC. Pure: no clock, so a text that leaves out its year, month or day is refused, not completed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from dateutil import parser

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Digits of a Unix time of our days, and how many microseconds each of its units is.
_UNIX = {10: 1_000_000, 13: 1_000, 16: 1}
_LONGEST = 64
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
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _common_form(text, month_first)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


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
