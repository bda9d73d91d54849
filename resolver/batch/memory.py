"""How much of a file may be unpacked at a time, within the memory that a run was given."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final

A_NODE: Final = 1_600
"""Bytes that a node takes while it is unpacked and in columns, about: measured, in the benchmark's report."""
KEPT: Final = 900
"""Bytes that a node comes to at the end, with its edges and what its component falls into, about."""
LEAST: Final = 20_000
"""Fewer nodes than these are never parted: what is parted is unpacked again and again."""
SHARE: Final = 0.75
"""Of the machine's memory that a run takes at most where it was given no bound."""

_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def amount(text: str) -> int:
    """The bytes that a text such as `800M`, `4G` or `4 GiB` names. Raises ValueError for any other."""
    found = re.fullmatch(r"([0-9]{1,12}(?:[.][0-9]{1,3})?) ?([kmgt]?)(?:i?b)?", text.strip().lower())
    if not found or not float(found.group(1)):
        raise ValueError("not an amount of memory: write 800M or 4G")
    return int(float(found.group(1)) * _UNITS[found.group(2)])


def usual() -> int:
    """What a run takes at most where it was given no bound, in bytes."""
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * SHARE)


def room(bound: int, workers: int, present: Callable[[], int]) -> Callable[[int], int | None]:
    """How many of so many nodes may be unpacked at a time; None where all may.

    `bound` is in bytes, `present` tells how many are in use. Where all are unpacked at once each worker
    comes to hold a copy of nearly all: what is looked at is no longer shared.
    """

    def of(nodes: int) -> int | None:
        left = bound - present() - nodes * KEPT
        copies = workers + 1 if workers > 1 else 1
        if nodes * A_NODE * copies <= left:
            return None
        return max(left // (A_NODE * workers), LEAST)

    return of
