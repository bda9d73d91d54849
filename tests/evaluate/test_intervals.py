from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.evaluate import measures
from resolver.evaluate.intervals import NAMES, intervals, wilson

PARTITIONS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14).map(
    lambda labels: ([p for p, _ in labels], [t for _, t in labels])
)


def population(people: int, seed: int) -> tuple[list[int], list[int]]:
    """People of one to six records: of some a record went to the next person, of some it stands alone."""
    chance = random.Random(seed)
    pred: list[int] = []
    truth: list[int] = []
    for person in range(people):
        for _ in range(chance.randint(1, 6)):
            truth.append(person)
            drawn = chance.random()
            pred.append(person + 1 if drawn < 0.04 else -len(pred) - 1 if drawn < 0.2 else person)
    return pred, truth


@settings(deadline=None)
@given(PARTITIONS)
def test_the_estimates_are_the_measures(partitions: tuple[list[int], list[int]]) -> None:
    pred, truth = partitions
    found = intervals(pred, truth, replicates=5)
    steps = measures.merge_distance(pred, truth)
    people = max(len(set(truth)), 1)
    expected = {
        **dict(zip(NAMES[:3], measures.pairwise(pred, truth)[3:], strict=True)),
        "strangers_per_10000": measures.strangers_per_10000(pred, truth),
        "splits_per_1000_people": 1000 * steps.splits / people,
        "merges_per_1000_people": 1000 * steps.merges / people,
        "variation_of_information": measures.variation_of_information(pred, truth),
    }
    if pred:
        expected |= dict(zip(NAMES[3:6], measures.b_cubed(pred, truth), strict=True))
        expected |= dict(zip(NAMES[6:9], measures.cluster_exact(pred, truth), strict=True))
    assert {name: found[name].estimate for name in expected} == pytest.approx(expected)
    assert all(each.low <= each.estimate <= each.high for each in found.values())


def test_the_interval_covers_the_truth_of_the_population_as_often_as_it_says() -> None:
    names = ("pairwise_precision", "pairwise_recall", "b_cubed_f1", "strangers_per_10000")
    whole = intervals(*population(40_000, 0), replicates=2)
    runs = 120
    covered = dict.fromkeys(names, 0)
    for seed in range(1, runs + 1):
        found = intervals(*population(300, seed), replicates=200)
        for name in names:
            covered[name] += found[name].low <= whole[name].estimate <= found[name].high
    assert all(0.87 * runs <= count for count in covered.values()), covered


def test_pairs_of_one_group_are_not_taken_for_independent() -> None:
    # One cluster of 40 strangers makes 780 false pairs: one event, and no sign of 780.
    truth = [*range(100), *range(100), *range(100, 140)]
    pred = [*range(100), *range(100), *([1000] * 40)]
    found = intervals(pred, truth)["pairwise_precision"]
    assert found.low < 0.07 and found.high == 1
    independent = wilson(100, 880)
    assert found.high - found.low > 5 * (independent.high - independent.low)


def test_a_seed_gives_one_answer_whatever_the_order() -> None:
    pred, truth = population(200, 3)
    order = random.Random(1).sample(range(len(pred)), len(pred))
    again = intervals([pred[i] for i in order], [truth[i] for i in order])
    for name, each in intervals(pred, truth).items():
        assert again[name] == pytest.approx(each)
    assert intervals(pred, truth, seed=2) != intervals(pred, truth, seed=1)


def test_no_error_seen_is_not_no_error() -> None:
    found = intervals(range(50), range(50))
    assert found["strangers_per_10000"].estimate == 0 < found["strangers_per_10000"].high < 1000
    assert found["cluster_f1"].high == 1 > found["cluster_f1"].low > 0.9


def test_wilson_is_the_textbook_one() -> None:
    assert wilson(81, 263) == pytest.approx((0.30798, 0.25528, 0.36620), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0, 0, 0.27753), abs=1e-4)
    assert wilson(10, 10).high == 1
    assert wilson(0, 0)[1:] == (0, 1)
