"""Columns of as many nodes at once as there is memory for: of all, or of those that are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from resolver.match.columns import Columns
from resolver.match.model import Model
from resolver.normalise.features import Features

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Section:
    """Columns of some nodes. `numbers` are theirs among all, in order; None where these are all."""

    columns: Columns
    nodes: Sequence[Features]
    numbers: Ints | None

    def places(self, numbers: Ints) -> Ints:
        """Where nodes stand in it that it holds."""
        return numbers if self.numbers is None else np.searchsorted(self.numbers, numbers)

    def number(self, place: int) -> int:
        """Which of all nodes stands at a place."""
        return place if self.numbers is None else int(self.numbers[place])


class Sections:
    """All nodes, of which no more than `at_once` are to be held as columns, where that is given.

    Where more are asked for in one breath they are held all the same: who asks bounds what is asked.
    """

    def __init__(
        self, model: Model, nodes: Sequence[Features], silent: frozenset[str], at_once: int | None = None
    ) -> None:
        self._model = model
        self._nodes = nodes
        self._silent = silent
        self.at_once = at_once
        self.whole = at_once is None or len(nodes) <= at_once

    @cached_property
    def _all(self) -> Section:
        return Section(Columns(self._model, self._nodes, self._silent), self._nodes, None)

    def make_ready(self) -> None:
        """Make the columns now that all who share this memory will use."""
        if self.whole:
            self._all.columns.make_ready()

    def holding(self, *numbers: Ints) -> Section:
        """Columns that hold these nodes, and maybe others."""
        if self.whole:
            return self._all
        wanted = np.unique(np.concatenate(numbers))
        nodes = [self._nodes[number] for number in wanted.tolist()]
        return Section(Columns(self._model, nodes, self._silent), nodes, wanted)
