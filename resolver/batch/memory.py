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
A_ROW: Final = 25_000
"""Bytes that a row takes while it is recorded in a store that is there, with those whom it meets, about."""
CACHES: Final = 256 << 20
"""Bytes that a store which is there keeps for itself while rows are recorded, about."""
FEWEST: Final = 1_000
"""So many rows are always recorded at once: each commit costs something."""
LEAST: Final = 20_000
"""Fewer nodes than these are never parted: what is parted is unpacked again and again."""
MOST_CACHE: Final = 512 << 20
"""Bytes beyond which a larger cache fills a store's file no faster."""
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


def rows(bound: int, present: int, most: int) -> int:
    """How many rows, at most `most`, may be recorded at once in a store that is there.

    `bound` is in bytes, and so is `present`, what is in use.
    """
    return min(max((bound - present - CACHES) // A_ROW, FEWEST), most)


def cache(bound: int) -> int:
    """Bytes of cache for a store's file while it is filled."""
    return min(bound // 8, MOST_CACHE)
