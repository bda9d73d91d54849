"""What a whole command took, with every process that it started: time, processor time, memory at its peak.

Workers are forked and share pages with one another, so that their resident sizes cannot be added up. Summed
is the proportional set size: a page that several processes share counts for each of them in part.
"""

from __future__ import annotations

import os
import resource
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from bench.command import RunFailed, run

EVERY_SECONDS: Final = 0.5
_PROCESSES: Final = Path("/proc")


class Spent(NamedTuple):
    """Seconds of wall time and of processors, and bytes of all processes together at the peak.

    `peak` is the most that was seen, looking every half second; 0 where the system does not tell.
    """

    seconds: float
    cpu: float
    peak: int


def spent(command: Sequence[str], log: Path) -> Spent:
    """Run a command to its end; what it prints goes to `log`.

    Raises:
        RunFailed: it did not end well.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Peak(os.getpid()) as peak:
        try:
            cost = run(command, log)
        except RunFailed as problem:
            raise RunFailed(str(problem).replace("the resolver", _name(command), 1)) from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Spent(cost.seconds, cpu, peak.bytes)


class Peak:
    """The most memory that all descendants of a process held at one moment, while the `with` lasts.

    Those that there are already when it begins are not of the run.
    """

    def __init__(self, ancestor: int) -> None:
        self.bytes = 0
        self._ancestor = ancestor
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._others = frozenset(descendants(self._ancestor))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            own = [each for each in descendants(self._ancestor) if each not in self._others]
            self.bytes = max(self.bytes, sum(map(proportional, own)))


def descendants(ancestor: int) -> Iterator[int]:
    """Ids of the processes that a process has started, that these have started, and so on."""
    children: dict[int, list[int]] = defaultdict(list)
    for process in _PROCESSES.glob("[0-9]*"):
        if (parent := _parent(process)) is not None:
            children[parent].append(int(process.name))
    found = list(children[ancestor])
    while found:
        process_id = found.pop()
        yield process_id
        found.extend(children[process_id])


def proportional(process_id: int) -> int:
    """Bytes that a process holds, its part of what it shares; 0 of one that has ended."""
    try:
        text = (_PROCESSES / str(process_id) / "smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Pss:")), 0)


def _parent(process: Path) -> int | None:
    try:
        # The name, in brackets, may hold anything; the state and the parent's id follow it.
        return int((process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return None


def _name(command: Sequence[str]) -> str:
    """What a command is called in an error: its module or its program."""
    return command[command.index("-m") + 1] if "-m" in command else command[0]
