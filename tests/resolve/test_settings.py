from __future__ import annotations

import pytest

from resolver.match.weigh import probability
from resolver.resolve.settings import PRESETS, Limits, Policy


def test_thresholds_are_the_least_weights_that_reach_them() -> None:
    policy = Policy()
    assert probability(policy.merge_weight) >= 0.99 > probability(policy.merge_weight - 2)
    assert policy.edge_weight < policy.possible_weight == 0 < policy.merge_weight


@pytest.mark.parametrize(
    "wrong",
    [
        {"merge": 1.0},
        {"merge": 0.4},
        {"edge": 0.0},
        {"generic_line": 1},
        {"block_cap": 0},
        {"component_limit": 100},
        {"never_alone": ("surname",)},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=" "):
        Policy(**wrong)  # type: ignore[arg-type]


def test_presets_are_in_order_and_the_default_is_one_of_them() -> None:
    assert PRESETS["strict"] > PRESETS["default"] == Policy().merge > PRESETS["balanced"]


def test_a_limit_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="birth_date"):
        Limits(birth_date="often")  # type: ignore[arg-type]


def test_terms_tell_a_policy_whole_and_what_they_lack_is_as_by_default() -> None:
    policy = Policy(merge=0.95, block_cap=7, never_alone=("phone", "name"), limits=Limits(external=True))
    assert Policy.of({**policy.terms(), "region": "NL"}) == policy
    assert policy == Policy.of({k: v for k, v in policy.terms().items() if v != Policy().terms()[k]})
    assert Policy.of({}) == Policy()
    assert Policy(reopen_at_once=5).terms() == Policy().terms()


def test_the_order_of_kinds_says_nothing() -> None:
    assert Policy(never_alone=("phone", "name", "name")) == Policy(never_alone=("name", "phone"))
