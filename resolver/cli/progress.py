"""How far a long run is, told on stderr: a bar on a terminal, else a line for each stage that is done."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from resolver.batch.forecast import Forecast, forecast
from resolver.batch.nodes import Blocks
from resolver.batch.watching import Unwatched, Watcher
from resolver.cli.outcome import forecast_lines
from resolver.resolve.partition import Evidence

Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        help="Tell neither what comparing will take nor how far it is, and of the outcome only the counts.",
    ),
]

SHOWN_EVERY: Final = 0.2
"""Seconds between two looks at a terminal; steps come by the million."""

_PRESENT: Final = Path("/proc/self/statm")


@contextmanager
def watched(*, quiet: bool = False) -> Iterator[Watcher]:
    """Who tells of the run inside on stderr; nobody where it is to be `quiet`.

    A stage that was broken off is not told as done.
    """
    if quiet:
        yield Unwatched()
    elif sys.stderr.isatty() and not Console(stderr=True).is_dumb_terminal:
        bar = Bar()
        with bar.progress:
            yield bar
            bar.finish()
    else:
        lines = Lines()
        yield lines
        lines.finish()


class Lines:
    """One line a stage, when it is done: for a log, so without a value of the file."""

    def __init__(self) -> None:
        self._stage = ""
        self._done = 0
        self._since = monotonic()

    def begin(self, stage: str, total: int | None) -> None:
        """A stage starts; the one before it is done."""
        del total
        self.finish()
        self._stage, self._done, self._since = stage, 0, monotonic()

    def advance(self, steps: int) -> None:
        """So many steps more are done."""
        self._done += steps

    def blocked(self, blocks: Blocks, evidence: Evidence) -> None:
        """Tell what comparing will take."""
        for line in forecast_lines(_forecast(blocks, evidence), legible=False):
            typer.echo(line, err=True)

    def finish(self) -> None:
        """The last stage is done."""
        if self._stage:
            seconds = monotonic() - self._since
            counted = f"{self._done:,} in " if self._done else ""
            rate = f", {self._done / seconds:,.0f}/s" if self._done and seconds else ""
            peak = f", peak memory {in_bytes(peak_memory())}"
            typer.echo(f"{self._stage}: {counted}{seconds:.1f} s{rate}{peak}", err=True)
        self._stage = ""


class Bar:
    """A bar for each stage, the one under way with what it does now."""

    def __init__(self) -> None:
        self.progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            _Count(),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            _Memory(),
            console=Console(stderr=True),
            auto_refresh=False,  # that takes a thread, and workers are forked
            redirect_stdout=False,
        )
        self._task: TaskID | None = None
        self._pending = 0
        self._shown = 0.0

    def begin(self, stage: str, total: int | None) -> None:
        """A stage starts; the one before it is done."""
        self.finish()
        self._task = self.progress.add_task(stage, total=total)
        self.progress.refresh()

    def advance(self, steps: int) -> None:
        """So many steps more are done."""
        self._pending += steps
        if monotonic() - self._shown >= SHOWN_EVERY:
            self._show()

    def blocked(self, blocks: Blocks, evidence: Evidence) -> None:
        """Tell above the bars what comparing will take."""
        lines = "\n".join(forecast_lines(_forecast(blocks, evidence), legible=True))
        self.progress.console.print(lines, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def finish(self) -> None:
        """The last stage is done."""
        if self._task is None:
            return
        self._show()
        done = next(task.completed for task in self.progress.tasks if task.id == self._task)
        self.progress.update(self._task, total=done, peak=peak_memory())
        self.progress.stop_task(self._task)
        self.progress.refresh()
        self._task = None

    def _show(self) -> None:
        if self._task is not None and self._pending:
            self.progress.advance(self._task, self._pending)
        self._pending, self._shown = 0, monotonic()
        self.progress.refresh()


def _forecast(blocks: Blocks, evidence: Evidence) -> Forecast:
    return forecast(blocks, evidence.blocks, evidence.silent)


class _Count(ProgressColumn):
    """Steps done, of how many."""

    def render(self, task: Task) -> Text:
        of = f"/{task.total:,.0f}" if task.total and not task.finished else ""
        return Text(f"{task.completed:,.0f}{of}" if task.completed or of else "", justify="right")


class _Rate(ProgressColumn):
    """Steps a second: of late, and over all of a stage that is done."""

    def render(self, task: Task) -> Text:
        taken = task.finished_time
        speed = task.completed / taken if taken else task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", justify="right")


class _Memory(ProgressColumn):
    """Resident memory now; of a stage that is done, the greatest until then."""

    def render(self, task: Task) -> Text:
        return Text(in_bytes(task.fields.get("peak") or present_memory()), justify="right")


def present_memory() -> int:
    """Bytes of memory that this process holds now; where the system does not say, the most it ever held."""
    try:
        pages = int(_PRESENT.read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return peak_memory()
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak_memory() -> int:
    """Bytes of memory that this process held at most, those beside it that work for it left out."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024  # macOS alone counts in bytes


def in_bytes(number: int) -> str:
    """A number of bytes as a person reads it: 1.2 GiB, or 340 MiB."""
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"
