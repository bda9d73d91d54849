"""What a long run tells of itself on its way: a stage, how far it is, what blocking will bring."""

from __future__ import annotations

from typing import Protocol

from resolver.batch.nodes import Blocks
from resolver.resolve.partition import Evidence


class Watcher(Protocol):
    """Who looks on while a file is resolved. Told in order: stages never overlap."""

    def begin(self, stage: str, total: int | None) -> None:
        """A stage starts, of so many steps where that is known."""

    def advance(self, steps: int) -> None:
        """So many steps of the stage are done since it was last told."""

    def blocked(self, blocks: Blocks, evidence: Evidence) -> None:
        """By which keys nodes are found, before any pair is compared; silent ones find nobody."""


class Unwatched:
    """Nobody looks on."""

    def begin(self, stage: str, total: int | None) -> None:
        """Go on."""

    def advance(self, steps: int) -> None:
        """Go on."""

    def blocked(self, blocks: Blocks, evidence: Evidence) -> None:
        """Go on."""
