from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.learn.em import HOUSEHOLD, SAME, STRANGER, Mixture, Patterns, fit, posterior
from resolver.learn.levels import NONE

# Five comparisons of three levels: equal, close, different.
TRUE = Mixture(
    np.array([[0.6, 0.15, 0.25], [0.1, 0.05, 0.85]]),
    (
        np.array([[0.8, 0.15, 0.05], [0.02, 0.03, 0.95], [0.01, 0.02, 0.97]]),
        np.array([[0.7, 0.1, 0.2], [0.9, 0.05, 0.05], [0.02, 0.03, 0.95]]),
        np.array([[0.5, 0.2, 0.3], [0.4, 0.1, 0.5], [0.01, 0.04, 0.95]]),
        np.array([[0.9, 0.06, 0.04], [0.01, 0.04, 0.95], [0.01, 0.02, 0.97]]),
        np.array([[0.65, 0.25, 0.1], [0.8, 0.1, 0.1], [0.05, 0.1, 0.85]]),
    ),
)
HOME = (1, 2, 4)
"""What the household shares and is learnt; the others tell its members apart and stay."""


def drawn(count: int, seed: int, missing: float = 0.2) -> Patterns:
    chance = np.random.default_rng(seed)
    group = chance.integers(0, 2, count)
    kind = [chance.choice(3, p=TRUE.shares[each]) for each in group.tolist()]
    level = np.array(
        [[chance.choice(3, p=chances[each]) for each in kind] for chances in TRUE.chances], np.int8
    ).reshape(len(TRUE.chances), count)
    level[chance.random(level.shape) < missing] = NONE
    return Patterns(level, np.zeros(count), group, np.ones(count))


def off(
    chances: tuple[np.ndarray, ...], kind: int, variables: tuple[int, ...], by: float
) -> list[np.ndarray]:
    """The true chances, those of one class moved towards even ones."""
    moved = [each.copy() for each in chances]
    for variable in variables:
        moved[variable][kind] = (1 - by) * moved[variable][kind] + by / 3
    return moved


def start() -> Mixture:
    moved = off(TRUE.chances, SAME, (0, 1, 2, 3, 4), 0.4)
    moved = off(tuple(moved), HOUSEHOLD, HOME, 0.4)
    return Mixture(np.full((2, 3), 1 / 3), tuple(moved))


FREE = {SAME: range(5), HOUSEHOLD: HOME}


def test_what_the_patterns_were_drawn_from_is_found_again() -> None:
    found = fit(drawn(12_000, 7), start(), FREE, pull=5).mixture
    assert found.shares == pytest.approx(TRUE.shares, abs=0.03)
    for variable, chances in enumerate(TRUE.chances):
        assert found.chances[variable][SAME] == pytest.approx(chances[SAME], abs=0.03)
        if variable in HOME:
            assert found.chances[variable][HOUSEHOLD] == pytest.approx(chances[HOUSEHOLD], abs=0.06)


def test_what_is_fixed_stays() -> None:
    begun = start()
    found = fit(drawn(2000, 3), begun, FREE).mixture
    for variable in range(5):
        assert (found.chances[variable][STRANGER] == begun.chances[variable][STRANGER]).all()
    assert (found.chances[0][HOUSEHOLD] == begun.chances[0][HOUSEHOLD]).all()


def test_how_often_one_person_differs_is_bounded_and_the_objective_still_never_falls() -> None:
    most = {(SAME, 0): np.array([1.0, 1.0, 0.02]), (SAME, 3): np.array([1.0, 1.0, 0.5])}
    found = fit(drawn(3000, 3), start(), FREE, most=most)
    chances = found.mixture.chances[0][SAME]
    assert chances[-1] == pytest.approx(0.02)
    assert chances.sum() == pytest.approx(1)
    assert found.mixture.chances[3][SAME][-1] < 0.1
    objective = np.array(found.objective)
    # The start may lie outside the bound; from the first step on every one is inside.
    assert (np.diff(objective[1:]) >= -1e-9 * (1 + np.abs(objective[2:]))).all()


def test_what_a_bound_leaves_breaks_no_other_bound() -> None:
    most = {(SAME, 0): np.array([1.0, 0.03, 0.02])}
    free = start().chances[0][SAME]
    assert free[1] > 0.03
    assert free[2] > 0.02
    chances = fit(drawn(3000, 3), start(), FREE, most=most).mixture.chances[0][SAME]
    assert chances.sum() == pytest.approx(1)
    assert chances[1] <= 0.03 + 1e-12
    assert chances[2] <= 0.02 + 1e-12


def test_without_pairs_the_start_stays() -> None:
    begun = start()
    found = fit(drawn(0, 3), begun, FREE).mixture
    for before, after in zip(begun.chances, found.chances, strict=True):
        assert after == pytest.approx(before)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 300), pull=st.floats(0.5, 100))
def test_the_objective_never_falls(seed: int, count: int, pull: float) -> None:
    objective = np.array(fit(drawn(count, seed), start(), FREE, pull=pull, rounds=30).objective)
    assert (np.diff(objective) >= -1e-9 * (1 + np.abs(objective[1:]))).all()


def test_the_order_of_the_pairs_does_not_matter() -> None:
    patterns = drawn(1500, 5)
    turn = np.random.default_rng(1).permutation(1500)
    turned = Patterns(
        patterns.level[:, turn], patterns.rarity[turn], patterns.group[turn], patterns.weight[turn]
    )
    one, other = (fit(each, start(), FREE).mixture for each in (patterns, turned))
    for here, there in zip(one.chances, other.chances, strict=True):
        assert here == pytest.approx(there, rel=1e-6)


def test_a_weight_of_two_is_the_pair_twice() -> None:
    patterns = drawn(400, 9)
    twice = Patterns(
        *(
            np.concatenate([each, each], axis=-1)
            for each in (patterns.level, patterns.rarity, patterns.group, patterns.weight)
        )
    )
    heavy = Patterns(patterns.level, patterns.rarity, patterns.group, patterns.weight * 2)
    one, other = (fit(each, start(), FREE, rounds=20).mixture for each in (twice, heavy))
    for here, there in zip(one.chances, other.chances, strict=True):
        assert here == pytest.approx(there, rel=1e-6)


def test_a_rare_value_makes_strangers_less_likely() -> None:
    level = np.zeros((5, 2), np.int8)
    patterns = Patterns(level, np.array([0.0, -10.0]), np.zeros(2, np.int64), np.ones(2))
    common, rare = posterior(patterns, TRUE)[STRANGER]
    assert rare < common
