"""Reads made again where a snapshot was overtaken: the one place that an answer passes on its way out.

A store that keeps no older state raises `Overtaken` where what a snapshot is asked for has changed since
it was opened. The whole answer is then made again from another snapshot; it never mixes two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Final, TypeVar

from graph.errors import Overtaken
from resolver import backoff

_T = TypeVar("_T")

READS: Final = 6
"""How often an answer is made before its caller is told to try later."""
_FIRST_PAUSE_SECONDS: Final = 0.005
_LONGEST_PAUSE_SECONDS: Final = 0.1


def reread(read: Callable[[], _T], demand: Callable[[], object] = lambda: None) -> _T:
    """What `read` tells, which opens a snapshot of its own each time. `demand` raises where it is in vain.

    `read` may write too, as long as nothing of it has been written where `Overtaken` leaves it: what is
    read after a write is to be read again by itself. Raises `Overtaken` where it never came to an end.
    """
    for attempt in count(1):
        try:
            return read()
        except Overtaken:
            if attempt == READS:
                raise
        time.sleep(backoff.pause(attempt, _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS))
        demand()
    raise AssertionError("unreachable")
