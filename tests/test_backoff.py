from __future__ import annotations

from resolver import backoff


def test_the_bound_doubles_and_ends() -> None:
    for failures, bound in [(1, 0.1), (2, 0.2), (3, 0.4), (6, 2.0), (10_000, 2.0)]:
        drawn = [backoff.pause(failures, 0.1, 2.0) for _ in range(300)]
        assert 0.0 <= min(drawn) < bound / 2 < max(drawn) <= bound
