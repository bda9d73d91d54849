"""How the interpreter of a process that serves shares itself out: collections, and turns of threads."""

from __future__ import annotations

import gc
import sys
from typing import Final

_SELDOM: Final = 700, 10, 100
"""The interpreter's own thresholds, but that what has lived long is looked through a tenth as often."""
_TURN_SECONDS: Final = 0.0005
"""How long a thread may go on while others wait. A call, and a plan, gives its turn away at each read."""


def settle_down() -> None:
    """Spare the collector what is there now, which stays to the end, and have turns be short.

    To be called once, when a process is ready: a collection stops every thread in it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    sys.setswitchinterval(_TURN_SECONDS)
