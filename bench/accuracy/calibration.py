"""Whether stated probabilities are true: of pairs given p, how many are one person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from bench.accuracy.outcome import Band

DECILES: Final = tuple(n / 10 for n in range(11))
LEAST: Final = 200
"""Fewer pairs in a band say nothing of its calibration."""


def bands(stated: ArrayLike, true: ArrayLike, edges: Sequence[float] = DECILES) -> list[Band]:
    """Pairs by their stated probability; the last band holds its upper edge too. Empty bands are left out."""
    p, is_true = np.asarray(stated, np.float64), np.asarray(true, bool)
    place = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    return [
        Band(
            edges[n], edges[n + 1], int(inside.sum()), float(p[inside].mean()), float(is_true[inside].mean())
        )
        for n in range(len(edges) - 1)
        if (inside := place == n).any()
    ]


def worst(found: Sequence[Band], least: int = LEAST) -> float | None:
    """The greatest difference between stated and true over bands of `least` pairs; None without one."""
    return max((abs(band.stated - band.true) for band in found if band.pairs >= least), default=None)
