from __future__ import annotations

from dataclasses import replace

from graph.model import Identifier, IdentifierKind
from resolver.batch.forecast import Family, Forecast, Silenced
from resolver.batch.summary import Bond, Large, Rejection, Shared, Standing, Summary, Where
from resolver.cli.outcome import REPLACED, count_lines, forecast_lines, leading_lines, rejection_lines

HASHED = "9f86d081884c7d65"
SUMMARY = Summary(
    rows=1_200,
    rejected=7,
    rejections=(
        Rejection("not a time", "when\x1b", 6, tuple(Where("b.csv", line) for line in range(2, 7))),
        Rejection("has 2 fields", "", 1, (Where("", 12),)),
    ),
    customers=1_000,
    visitors=3,
    duplicates=190,
    merged=150,
    suggestions={"ambiguous": 2, "possible": 1_040},
    refused={"limit": 4},
    too_large=1,
    replaced=1,
    unread={"Tel. \x1bmobil": 1_002, "E-mail": 1},
    largest=(Large("17", 12, (Bond("phone", "+31612345678", 12), Bond("email", "jan@home.nl", 9))),),
    shared=(
        Shared(Identifier(IdentifierKind.HANDLE, "instagram", "@shop" * 20), 1_100, 900, 3, Standing.GENERIC),
        Shared(Identifier(IdentifierKind.GOVERNMENT, "passport", HASHED), 2, 1, 0, Standing.SPEAKS),
    ),
)
FORECAST = Forecast(
    nodes=50_000,
    blocks=1_030,
    pairs=2_001_000,
    families=(Family("phone2", 1_000, 2_000_000, 50), Family("new", 30, 1_000, 2)),
    exact=False,
    silenced=1,
    spared=1_999_000,
    explosions=(Silenced("phone::+31612345678", 2_000, 1_999_000, generic=True),),
)


def test_the_forecast_reads_as_a_table_and_says_that_it_is_a_most() -> None:
    assert list(forecast_lines(FORECAST, legible=True)) == [
        "at most 2,001,000 comparisons of 50,000 distinct records, by (shares estimated)",
        "                                    blocks  comparisons  largest block",
        "  phone's end, with a name's start   1,000    2,000,000             50",
        "  new                                   30        1,000              2",
        "1 key is silent, for too many share them: 1,999,000 comparisons less, most of them by",
        "                       records  comparisons  why",
        "  phone: +31612345678    2,000    1,999,000  generic value",
    ]
    assert "+316" not in "\n".join(forecast_lines(FORECAST, legible=False))
    bare = FORECAST._replace(families=(), pairs=0, silenced=0)
    assert list(forecast_lines(bare, legible=True)) == ["at most 0 comparisons of 50,000 distinct records"]


def test_counts_are_told_with_their_reasons() -> None:
    assert list(count_lines(SUMMARY)) == [
        "190 duplicates; 150 customers have more than one record",
        "3 visitors, 1,042 suggestions: 1,040 below threshold, 2 ambiguous",
        f"1 row replaced: {REPLACED}; where they are other people, name another --id",
        "4 refused: 4 limit",
        "1 group was too large to be weighed whole",
        "1,003 cells could not be read: 1,002 in Tel. �mobil, 1 in E-mail",
    ]
    bare = replace(SUMMARY, refused={}, unread={}, too_large=0, replaced=0)
    one = replace(bare, duplicates=1, merged=1, visitors=1, suggestions={"possible": 1})
    assert list(count_lines(one)) == [
        "1 duplicate; 1 customer has more than one record",
        "1 visitor, 1 suggestion: 1 below threshold",
    ]


def test_rejected_rows_are_told_by_reason_and_first_lines() -> None:
    assert list(rejection_lines(SUMMARY.rejections)) == [
        "  when�: not a time  6  lines b.csv 2, b.csv 3, b.csv 4, b.csv 5, b.csv 6, …",
        "  has 2 fields       1  line 12",
    ]
    assert list(rejection_lines(())) == []


def test_values_are_told_on_a_terminal_only_and_hashes_nowhere() -> None:
    shown = list(leading_lines(SUMMARY, legible=True))
    assert shown[2] == "  17             12  phone +31612345678 (all), email jan@home.nl (9)"
    assert shown[5].startswith("  handle @shop") and shown[5].endswith(
        "…    1,100        900         3  generic: weighs nothing"
    )
    assert HASHED not in "\n".join(shown)
    concealed = "\n".join(leading_lines(SUMMARY, legible=False))
    assert "phone (all), email (9)" in concealed
    assert not any(value in concealed for value in ("@shop", "+316", "jan@", HASHED))
