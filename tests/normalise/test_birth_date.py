from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.normalise import birth_date
from resolver.normalise.features import BirthDate


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("1956-04-09", "", BirthDate(1956, 4, 9)),
        ("19560409", "", BirthDate(1956, 4, 9)),
        ("1956/4/9", "", BirthDate(1956, 4, 9)),
        ("1956-04-09T00:00:00Z", "", BirthDate(1956, 4, 9)),
        ("1956-04-09 00:00:00.000+02:00", "", BirthDate(1956, 4, 9)),
        ("03-05-1960", "NL", BirthDate(1960, 5, 3, ambiguous=True)),
        ("03/05/1960", "US", BirthDate(1960, 3, 5, ambiguous=True)),
        ("05/05/1960", "US", BirthDate(1960, 5, 5)),
        ("13/05/1960", "US", BirthDate(1960, 5, 13)),
        ("05/13/1960", "NL", BirthDate(1960, 5, 13)),
        ("5/3/1960 12:00 AM", "US", BirthDate(1960, 5, 3, ambiguous=True)),
        ("19.4.56", "DE", BirthDate(1956, 4, 19)),
        ("19.4.06", "DE", BirthDate(2006, 4, 19)),
        ("18 Oct 1968", "", BirthDate(1968, 10, 18)),
        ("October 18th, 1968", "", BirthDate(1968, 10, 18)),
        ("Friday, 18 Oct 1968", "", BirthDate(1968, 10, 18)),
        ("18-okt-68", "", BirthDate(1968, 10, 18)),
        ("3 mei 1971", "", BirthDate(1971, 5, 3)),
        ("3. März 1971", "", BirthDate(1971, 3, 3)),
        ("1er août 1971", "", BirthDate(1971, 8, 1)),
        ("3 de octubre de 1971", "", BirthDate(1971, 10, 3)),
        ("1971", "", BirthDate(1971, 0, 0)),
        ("1974年03月28日", "CN", BirthDate(1974, 3, 28)),
        ("１９７４年３月", "JP", BirthDate(1974, 3, 0)),
        ("昭和55年3月5日", "JP", BirthDate(1980, 3, 5)),
        ("令和元年5月1日生", "JP", BirthDate(2019, 5, 1)),
        ("S55年3月5日", "JP", BirthDate(1980, 3, 5)),
        ("1950년 10월 14일", "KR", BirthDate(1950, 10, 14)),
        ("5 мая 1980 г.", "RU", BirthDate(1980, 5, 5)),
        ("13.05.1980 г.", "RU", BirthDate(1980, 5, 13)),
        ("15 січня 1960 р.", "UA", BirthDate(1960, 1, 15)),
        ("12 Ekim 1975", "TR", BirthDate(1975, 10, 12)),
        ("3 września 1981 r.", "PL", BirthDate(1981, 9, 3)),
        ("2. června 1970", "CZ", BirthDate(1970, 6, 2)),
        ("1980. május 3.", "HU", BirthDate(1980, 5, 3)),
        ("5 Μαΐου 1980", "GR", BirthDate(1980, 5, 5)),
        ("١٥ مايو ١٩٨٠", "EG", BirthDate(1980, 5, 15)),
        ("ngày 5 tháng 3 năm 1980", "VN", BirthDate(1980, 3, 5)),
        ("1971-05", "", BirthDate(1971, 5, 0)),
        ("Oct 1968", "", BirthDate(1968, 10, 0)),
        ("1630-08-01", "", BirthDate(1630, 8, 1)),
        ("2000-01-01", "", BirthDate(2000, 1, 1)),
        ("1956-04-09 00:00:00", "", BirthDate(1956, 4, 9)),
        ("1956-04-09 00:00:00+02", "", BirthDate(1956, 4, 9)),
        ("'1956-04-09", "", BirthDate(1956, 4, 9)),
        ('="19.04.1956"', "DE", BirthDate(1956, 4, 19)),
        ("19560409.0", "", BirthDate(1956, 4, 9)),
        ("1956.0", "", BirthDate(1956, 0, 0)),
        ("19041956", "", BirthDate(1956, 4, 19)),
        ("09041956", "DE", BirthDate(1956, 4, 9, ambiguous=True)),
        ("04091956", "US", BirthDate(1956, 4, 9, ambiguous=True)),
        ("13249", "", BirthDate(1936, 4, 9)),
        ("33333", "", BirthDate(1991, 4, 5)),
        ("33333.0", "", BirthDate(1991, 4, 5)),
    ],
)
def test_reads_the_usual_forms(raw: str, region: str, expected: BirthDate) -> None:
    assert birth_date.normalise(raw, region) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "unknown",
        "1900-01-01",
        "01/01/1900",
        "01-01-1970",
        "1 January 1901",
        "0001-01-01",
        "9999-12-31",
        "1111-11-11",
        "31-02-1971",
        "19561399",
        "1971-13-01",
        "2100-01-01",
        "0000-00-00",
        "25569",
        "0/0/00",
        "00.00.0000",
        "30180",
        "10180",
        "50000",
        "99999",
        "19801.5",
        "1.98E+07",
        "32041956",
        "12",
        "May",
        "1971-02-30",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_birth_date_is_absent(raw: str) -> None:
    assert birth_date.normalise(raw) is None


@given(
    st.text(max_size=30) | st.text(alphabet="0123456789-/. :TZmay", max_size=20), st.sampled_from(["", "US"])
)
def test_takes_any_text(raw: str, region: str) -> None:
    found = birth_date.normalise(raw, region)
    if found is not None and found.day:
        date(found.year, found.month, found.day)


@given(st.integers(10_000, 49_999))
def test_a_spreadsheet_s_number_is_its_day_where_it_is_no_date_of_its_own(number: int) -> None:
    day = date(1899, 12, 30) + timedelta(days=number)
    found = birth_date.normalise(str(number))
    assert found == birth_date.normalise(f"{number}.0")
    expected = None if 1 <= number // 100 % 100 <= 31 else birth_date.normalise(day.isoformat())
    assert found == expected


@given(st.dates(date(1902, 1, 1), date(2025, 12, 31)))
def test_every_spelling_of_a_date_agrees(day: date) -> None:
    expected = birth_date.normalise(day.isoformat())
    spellings = [f"{day:%Y%m%d}", f"{day.day} {day:%B} {day:%Y}", f"{day:%B} {day.day}, {day:%Y}"]
    assert {birth_date.normalise(spelling) for spelling in spellings} == {expected}
    numeric = birth_date.normalise(f"{day:%d-%m-%Y}")
    if expected is None:
        assert numeric is None
    else:
        swappable = day.day <= 12 and day.day != day.month
        assert numeric == BirthDate(day.year, day.month, day.day, ambiguous=swappable)
