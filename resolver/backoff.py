"""How long to wait before something is tried again that others are at too."""

from __future__ import annotations

import random


def pause(failures: int, first: float, longest: float) -> float:
    """Seconds to wait after so many failures in a row, at least one: between nothing and a bound.

    The bound is `first` after the first failure, doubles with each and ends at `longest`. All of it is
    left to chance ("full jitter", M. Brooker, Exponential Backoff and Jitter, 2015), so that two who have
    met once do not meet again.
    """
    return random.uniform(0.0, min(longest, first * 2.0 ** min(failures - 1, 30)))  # noqa: S311 - no secret
