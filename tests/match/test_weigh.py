from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.match.columns import Columns
from resolver.match.model import default_model
from resolver.match.weigh import (
    ATTRIBUTES,
    Saying,
    Weights,
    add_odds,
    combined,
    probability,
    sayings,
    threshold,
    verdict,
)
from tests.resolve.people import record

MODEL = default_model(10_000)
WEIGHT = st.integers(-15_000, 30_000)
SAYINGS = st.dictionaries(st.integers(0, len(ATTRIBUTES) - 1), st.tuples(WEIGHT, WEIGHT))


def columns(said: list[Saying]) -> Weights:
    weights = Weights.blank(len(said))
    for pair, says in enumerate(said):
        for row, (stranger, household) in says.items():
            weights.compared[row, pair] = True
            weights.stranger[row, pair], weights.household[row, pair] = stranger, household
    return weights


@given(st.lists(SAYINGS, min_size=1, max_size=20))
def test_one_pair_and_a_column_of_pairs_have_the_same_bits(said: list[Saying]) -> None:
    weights = columns(said)
    assert verdict(MODEL, weights).combined.tolist() == [combined(MODEL, each) for each in said]
    assert sayings(weights) == said


@given(WEIGHT, WEIGHT)
def test_odds_of_the_alternatives_add(one: int, other: int) -> None:
    exact = -1000 * math.log2(2 ** (-one / 1000) + 2 ** (-other / 1000))
    found = int(add_odds(np.array([one]), np.array([other]))[0])
    assert found == pytest.approx(exact, abs=1)
    assert found == int(add_odds(np.array([other]), np.array([one]))[0]) <= min(one, other)


@given(st.floats(0.01, 0.999))
def test_a_threshold_is_the_least_weight_that_reaches_it(share: float) -> None:
    weight = threshold(share)
    assert probability(weight) >= share - 1e-12
    assert probability(weight - 2) < share


def test_no_number_of_shared_family_values_outweighs_another_given_name() -> None:
    row = {name: number for number, name in enumerate(ATTRIBUTES)}
    shared = {row[name]: (20_000, 6_000) for name in ("phone", "email", "place", "family")}
    same = model_says("given", "equal")
    other = model_says("given", "different")
    assert combined(MODEL, {**shared, row["given"]: other}) < threshold(0.95)
    assert combined(MODEL, {**shared, row["given"]: same}) >= threshold(0.99)


def model_says(comparison: str, level: str) -> tuple[int, int]:
    weights = MODEL.level(comparison, level)
    return weights.stranger, weights.household


def test_two_birth_dates_in_one_house_are_two_people_unless_the_name_outweighs_them() -> None:
    home = {"phone": "0612345671", "email": "familie.verenlaar@gmail.com"}

    def weight(one: str, other: str) -> int:
        left, right = record(one, "2013-02-11", **home), record(other, "2015-09-24", **home)
        columns = Columns(MODEL, [left, right], frozenset())
        return columns.pairs(np.array([0]), np.array([1]))[0].weight

    assert weight("Roan Verenlaar", "Ryan Verenlaar") < threshold(0.99)
    assert weight("J Verenlaar", "Jordy Verenlaar") < threshold(0.99)
    assert weight("Wietske Verenlaar", "Wietske Verenlaar") > weight("Roan Verenlaar", "Ryan Verenlaar")
