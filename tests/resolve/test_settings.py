from __future__ import annotations

import pytest

from resolver.match.weigh import probability
from resolver.resolve.settings import Policy


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
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=" "):
        Policy(**wrong)  # type: ignore[arg-type]
