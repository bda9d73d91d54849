"""What the parts share: what they are told, and what they answer, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.batch.processes import Spent
from bench.command import RESOLVER
from bench.speed.figures import Figure
from bench.speed.report import Line

MIB: Final = 1 << 20
GIB: Final = 1 << 30
HEAD: Final = "| measure | unit | figure | beside | ratio | goal |\n|---|---|---:|---:|---:|---|"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a part is told.

    `records`: how many rows to take at most; None: as many as the part is about. `folder` is emptied
    afterwards, `kept` is not: rows that were made once, and peers' virtualenvs. `lookups` and `touchpoints`
    are how many come a second in the shock, of the latter 0 for as many as are acknowledged; before it
    `calm` seconds are measured.
    """

    data: Path
    folder: Path
    kept: Path
    records: int | None = None
    rounds: int = 1
    resolver: Sequence[str] = RESOLVER
    lookups: float = 100.0
    touchpoints: float = 0.0
    calm: float = 10.0
    tell: Callable[[str], None] = print

    def rows(self, usual: int) -> int:
        """How many rows to take where a part is about so many."""
        return usual if self.records is None else min(usual, self.records)


@dataclass(frozen=True, slots=True)
class Section:
    """One part's answer: figures, and tables or remarks in Markdown that follow them."""

    title: str
    about: str
    lines: Sequence[Line]
    remarks: Sequence[str] = ()

    def text(self) -> str:
        """The section as it stands in the report."""
        table = "\n".join([HEAD, *(line.row() for line in self.lines)])
        return "\n\n".join([f"## {self.title}", self.about, table, *self.remarks])


def of_costs(name: str, runs: Sequence[Spent], *, most_gib: float | None = None) -> Iterator[Line]:
    """What runs of one command took; `most_gib` is the goal of their memory."""
    yield Line(name, "s", Figure.of([each.seconds for each in runs]))
    yield Line("... of processors", "s", Figure.of([each.cpu for each in runs]))
    yield Line("... memory at its peak", "GiB", Figure.of([each.peak / GIB for each in runs]), most=most_gib)


def shown(lines: Iterable[Line], tell: Callable[[str], None]) -> list[Line]:
    """The lines, each told as it comes: a part may take long."""
    found = []
    for line in lines:
        tell(line.row())
        found.append(line)
    return found
