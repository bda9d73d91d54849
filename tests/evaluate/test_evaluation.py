from __future__ import annotations

import numpy as np
import pytest

from resolver.evaluate.candidates import Candidates, Items
from resolver.evaluate.evaluation import Suggested, advise, evaluate, weigh_up


def test_an_evaluation_counts_what_it_is_of() -> None:
    found = evaluate(["a", "a", "b"], [1, 1, 1])
    assert (found.records, found.people, found.customers, found.pairs.fn) == (3, 1, 2, 2)
    assert found.measures["pairwise_recall"].estimate == pytest.approx(1 / 3)


def test_probabilities_are_held_against_the_truth_of_the_pairs_they_speak_for() -> None:
    # Node 0 holds items 0 and 1, who are two people; node 1 item 2, node 2 item 3.
    items = Items(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1]))
    person = np.array([0, 1, 0, 0])
    candidates = Candidates(np.array([0, 0]), np.array([0, 1]), np.array([0, 10_000]), np.array([1, 2]))
    found = weigh_up(items, person, candidates, 3)
    assert found.candidates == 3
    assert found.met == pytest.approx(1 / 3)
    assert [(each.pairs, each.true.estimate) for each in found.bins] == [(1, 0.0), (2, 0.5)]
    assert found.bins[0].probability == 0.5 and found.bins[1].probability == pytest.approx(1024 / 1025)
    assert found.curve.recall_at(0.5) == pytest.approx(1 / 3)
    assert found.error == pytest.approx((0.5 + 2 * (1024 / 1025 - 0.5)) / 3)


def test_a_suggestion_is_of_two_customers_however_often_it_is_made() -> None:
    pred, truth = ["a", "a", "b", "c", "d"], [1, 1, 1, 2, 1]
    suggested = [Suggested(0, 2, 0.6), Suggested(2, 1, 0.9), Suggested(2, 3, 0.7), Suggested(0, 1, 0.99)]
    advice = advise(suggested, pred, truth)
    assert advice.whole.offered == 2
    assert advice.right == 0.5
    assert advice.per_1000_customers == 500
    assert [each.probability for each in advice.bins] == pytest.approx([0.7, 0.9])
    assert [(each.pairs, each.true.estimate) for each in advice.bins] == [(1, 0.0), (1, 1.0)]
    # Missed are a-b twice, a-d twice and b-d; suggested are the two of a-b.
    assert advice.whole.covered == pytest.approx(2 / 5)


def test_no_suggestion_is_no_work_and_no_error() -> None:
    advice = advise([], ["a"], [1])
    assert (advice.whole.offered, advice.right, advice.per_1000_customers, advice.bins) == (0, 1.0, 0.0, ())
