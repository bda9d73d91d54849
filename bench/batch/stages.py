"""Where the time went: the stages that a command tells of on stderr, one line each when it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.batch.processes import Spent

_STAGE = re.compile(r"(?P<name>[a-z][^:]*): (?:[\d,]+ in )?(?P<seconds>[\d,]+\.\d) s(?:, .*)?")


class Stage(NamedTuple):
    """What a command did, and the seconds of wall time that this took."""

    name: str
    seconds: float


def stages(log: Path, whole: Spent) -> Iterator[Stage]:
    """The stages that a log tells of, in order; what is left of the whole run comes last."""
    left = whole.seconds
    for line in log.read_text(errors="replace").splitlines():
        if found := _STAGE.fullmatch(line):
            stage = Stage(found["name"], float(found["seconds"].replace(",", "")))
            left -= stage.seconds
            yield stage
    yield Stage("start, writing and end", left)


def profile(title: str, log: Path, whole: Spent) -> str:
    """The stages of a run as a table."""
    rows = [
        f"| {each.name} | {each.seconds:.1f} | {each.seconds / whole.seconds:.0%} |"
        for each in stages(log, whole)
    ]
    return "\n".join([f"Stages of {title}:\n", "| stage | s | of the whole |", "|---|---:|---:|", *rows])
