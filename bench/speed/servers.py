"""Servers in processes of their own: the service, and the bare ones that it is measured against."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.batch.processes import descendants
from resolver.config import NESTED, PREFIX

_SAYS = "listening on "
_STOPS_SECONDS = 30.0
ROOT = Path(__file__).parents[2]


class ServerFailed(Exception):
    """A server ended before it listened."""


class Served:
    """A server for as long as the `with` lasts. Raises `ServerFailed` where it does not come up."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """`arguments` are of Python; the process prints where it is `listening on`, and ends on SIGTERM."""
        self._arguments = arguments
        self._environment = environment or {}
        self.address = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, *self._arguments],
            env={**os.environ, **self._environment},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        if not said.startswith(_SAYS):
            with self._process:
                self._process.wait(_STOPS_SECONDS)
            raise ServerFailed(f"{' '.join(self._arguments)} ended with {self._process.returncode}")
        self.address = said.removeprefix(_SAYS).strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        with self._process:
            self._process.wait(_STOPS_SECONDS)

    @property
    def process_id(self) -> int:
        """To look at it from outside."""
        return self._process.pid

    def busy_seconds(self) -> float:
        """Processor time that it and its processes have used; 0 where the system does not tell (no /proc)."""
        return sum(map(_busy_seconds, (self._process.pid, *descendants(self._process.pid))))


def _busy_seconds(process_id: int) -> float:
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def service(store: Path, batch: int) -> Served:
    """The service itself, on this store; a micro-batch is closed from `batch` arrivals."""
    arguments = ["-m", "resolver", "serve", "--store", str(store), "--listen", "127.0.0.1:0"]
    return Served(arguments, {f"{PREFIX}SERVER{NESTED}BATCH": str(batch)})


def reading(replies: Path) -> Served:
    """A bare server that answers with the row that the request is the key of; see `bare`."""
    return Served(["-m", "bench.speed.bare", "--replies", str(replies)])


def echoing(size: int) -> Served:
    """A bare server that answers everything with so many bytes."""
    return Served(["-m", "bench.speed.bare", "--bytes", str(size)])
