from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.batch import survey
from resolver.batch.survey import names_each, unfit
from resolver.normalise.text import is_placeholder


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["red", "fair", "red"], ""),
        (["red", "", " red ", "fair"], ""),
        (["", " ", ""], "empty"),
        ([], "empty"),
        (["red", "red", ""], "one value"),
        (["1", "2", "3", ""], "comes twice"),
        (["1"], "comes twice"),
    ],
)
def test_a_column_is_judged_by_its_values(values: list[str], reason: str) -> None:
    found = unfit(["a"], ["a"], [[value] for value in values])
    assert reason in found.get("a", "") if reason else found == {}


def test_rows_are_read_only_until_every_column_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows() -> Iterator[tuple[str, str]]:
        yield from (("red", "1"), ("red", "2"), ("fair", "1"))
        raise AssertionError

    monkeypatch.setattr(survey, "SAMPLE", 3)
    assert unfit(["hair", "floor"], ["hair", "floor"], rows()) == {}


def test_what_differs_for_long_is_taken_to_differ_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "SEEN", 3)
    monkeypatch.setattr(survey, "SAMPLE", 1)
    assert set(unfit(["id"], ["id"], [[each] for each in "abcda"])) == {"id"}
    assert unfit(["id"], ["id"], [[each] for each in "abbc"]) == {}


@given(st.lists(st.tuples(st.sampled_from("ab "), st.sampled_from("abcdef"), st.just("x"))))
def test_each_column_is_judged_by_itself(rows: list[tuple[str, str, str]]) -> None:
    apart: dict[str, str] = {}
    for place, name in enumerate("pqr"):
        apart |= unfit([name], [name], [[row[place]] for row in rows])
    assert unfit(["p", "q", "r"], ["p", "q", "r"], rows) == apart


def test_a_column_put_together_from_others_says_nothing_new() -> None:
    header = ["given", "both", "family", "town"]
    rows = [
        ["Éva", "eva  de-Wit", "de Wit", "Delft"],
        ["Jan", "", "Bos", "Breda"],
        ["Jan", "JAN BOS", "Bos", "Breda"],
    ] * 2
    assert unfit(header, ["both", "town"], rows) == {"both": "it repeats other columns"}
    rows[0][1] = rows[3][1] = "miller"
    assert unfit(header, ["both", "town"], rows) == {}


@given(st.lists(st.sampled_from(["a", "b", "c", " a", "", " ", "\udcff", "é"]), max_size=8))
def test_a_column_names_each_row_where_it_is_filled_and_no_value_comes_twice(cells: list[str]) -> None:
    values = [cell.strip() for cell in cells]
    rows = [(str(number), cell) for number, cell in enumerate(cells)]
    said = bool(values) and not any(map(is_placeholder, values))
    assert names_each(rows, 1) == (said and len(set(values)) == len(values))


def test_rows_that_are_alike_and_values_that_stand_for_none_name_nothing_anew() -> None:
    assert names_each([("1", "Jan"), ("2", "Piet"), ("1", "Jan")], 0)
    assert not names_each([("1", "Jan"), ("2", "Piet"), ("1", "Kees")], 0)
    assert not names_each([("N/A", "Jan"), ("2", "Piet")], 0)


def test_it_is_not_read_to_its_end_once_it_is_known() -> None:
    def rows() -> Iterator[tuple[str, str]]:
        yield from (("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"))
        raise AssertionError

    assert not names_each(rows(), 0)
