"""What the benchmarks share: where the sets are, and a command run to its end and measured."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

DATA_VARIABLE = "CUSTOMER_GRAPH_DATA"
RESOLVER = (sys.executable, "-m", "resolver")
ROOT = Path(__file__).parents[1]


class RunFailed(Exception):
    """The resolver ended with an error, or its output does not cover the input."""


class Cost(NamedTuple):
    """What a whole process took: seconds of wall time, and bytes resident at its peak."""

    seconds: float
    peak: int


def run(command: Sequence[str], log: Path) -> Cost:
    """Run a command to its end; what it prints goes to `log`.

    Raises:
        RunFailed: it did not end well.
    """
    search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": search}
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise RunFailed(f"the resolver ended with {process.returncode}: {''.join(last)}")
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in KiB on Linux, in bytes on macOS
    return Cost(seconds, usage.ru_maxrss * scale)


def data_folder(parser: argparse.ArgumentParser, told: Path | None) -> Path:
    """The folder named by the flag or the environment; ends the program where neither does."""
    folder = told or Path(os.environ.get(DATA_VARIABLE, ""))
    if folder == Path():
        parser.error(f"name the folder of the sets with --data or {DATA_VARIABLE}")
    return folder


def tell(text: str) -> None:
    """Say how far it is, beside the figures."""
    print(text, file=sys.stderr, flush=True)
