from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.speed.figures import Figure, in_turns, parted, percentile, ratio


def test_a_figure_is_median_least_and_most() -> None:
    assert Figure.of([3, 1, 9]) == Figure(3, 1, 9)


def test_a_ratio_is_taken_pair_by_pair() -> None:
    # The machine halves its speed after the first pair: the ratio stays, though the medians' would not.
    assert ratio([10, 5, 5, 4], [20, 10, 10, 8]) == Figure(0.5, 0.5, 0.5)
    assert ratio([1, 3], [2, 2]) == Figure(1.0, 0.5, 1.5)


def test_a_percentile_is_one_of_the_values() -> None:
    hundred = list(range(100, 0, -1))
    assert (percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)) == (50, 99, 100)
    assert percentile([7], 0.5) == percentile([7], 0.99) == 7


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 1))
def test_a_percentile_leaves_no_more_than_its_share_above(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    below = sum(value < found for value in values)
    assert below < share * len(values) + 1e-9 or below == 0
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_acts_take_turns_and_are_told_the_round() -> None:
    said: list[tuple[str, int]] = []

    def act(name: str, number: int) -> int:
        said.append((name, number))
        return number * len(name)

    assert in_turns(2, lambda n: act("a", n), lambda n: act("bb", n)) == [[0, 1], [0, 2]]
    assert said == [("a", 0), ("bb", 0), ("a", 1), ("bb", 1)]


@given(st.lists(st.integers()), st.integers(1, 9))
def test_parts_are_the_whole_in_order(values: list[int], count: int) -> None:
    parts = parted(values, count)
    assert len(parts) == count
    assert [value for part in parts for value in part] == values
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
