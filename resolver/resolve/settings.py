"""The policy under which records become customers: one place, checked when it is built."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from resolver.match.weigh import threshold


@dataclass(frozen=True)
class Policy:
    """Thresholds are probabilities; caps and lines are counts.

    `merge`: from here customers are joined. `possible`: from here a pair is suggested. `edge`: from here
    a pair of nodes is an edge. `ambiguous_within`: how near, in bits, two rivals are about equal.
    `generic_line`: distinct person descriptions from which a value is generic. `block_cap`,
    `identifier_cap`: distinct nodes above which a block falls silent. `component_cap`,
    `component_limit`: sizes from which a component drops edges, and is no longer clustered whole.
    `reopen_at_once`: how many nodes a crossing re-opens in its own commit; more are queued.
    """

    merge: float = 0.99
    possible: float = 0.5
    edge: float = 0.1
    ambiguous_within: int = 3
    generic_line: int = 8
    block_cap: int = 50
    identifier_cap: int = 500
    component_cap: int = 200
    component_limit: int = 2000
    reopen_at_once: int = 1000

    def __post_init__(self) -> None:
        if not 0 < self.edge < self.possible < self.merge < 1:
            raise ValueError("thresholds must be 0 < edge < possible < merge < 1")
        for name in ("generic_line", "block_cap", "identifier_cap", "component_cap", "reopen_at_once"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} must be at least 2")
        if self.component_limit < self.component_cap:
            raise ValueError("component_limit must be at least component_cap")

    @cached_property
    def merge_weight(self) -> int:
        """The merge threshold as a match weight, in 1/1000 bit."""
        return threshold(self.merge)

    @cached_property
    def possible_weight(self) -> int:
        """The possible threshold as a match weight, in 1/1000 bit."""
        return threshold(self.possible)

    @cached_property
    def edge_weight(self) -> int:
        """The edge threshold as a match weight, in 1/1000 bit."""
        return threshold(self.edge)
