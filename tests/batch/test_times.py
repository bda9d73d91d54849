from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.batch.times import micros

NOON = 1_707_566_400_000_000  # 2024-02-10T12:00:00Z


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-10T12:00:00Z",
        "2024-02-10 12:00",
        "2024-02-10T13:00:00+01:00",
        "1707566400",
        "1707566400000",
        "1707566400000000",
        "10-02-2024 12:00",
        "10/02/2024 12:00:00",
        "10.2.2024 12:00",
        "Sat, 10 Feb 2024 12:00:00 GMT",
        "10 Feb 2024 1:00 PM +0100",
        " 2024/02/10 12:00 ",
        "2024年2月10日 12:00",
        "2024年2月10日12時",
        "2024年02月10日12时00分",
        "２０２４年２月１０日 12時0分0秒",
        "2024년 2월 10일 12시 00분",
    ],
)
def test_usual_forms(text: str) -> None:
    assert micros(text) == NOON


def test_month_first_only_when_told() -> None:
    assert micros("03/04/2026") == micros("2026-04-03")
    assert micros("03/04/2026", month_first=True) == micros("2026-03-04")


def test_a_day_without_a_time_is_its_first_moment() -> None:
    assert micros("2024-02-10") == NOON - 12 * 3_600_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "12",
        "12:30",
        "Feb 2024",
        "10 Feb",
        "Monday",
        "2024-02-30",
        "2024年2月30日",
        "2024年2月",
        "2024年2月10日 25:00",
        "10 Feb 2024 12:00 EST",
        "9" * 70,
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        micros(text)


@given(
    st.datetimes(
        timezones=st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
            lambda d: timezone(timedelta(minutes=d // timedelta(minutes=1)))
        )
    )
)
def test_iso_round_trip(moment: datetime) -> None:
    assert micros(moment.isoformat()) == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


@given(st.text(max_size=70))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(micros(text), int)
