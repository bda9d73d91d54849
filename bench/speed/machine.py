"""What it was measured on, in lines for the report."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import apsw

_PACKAGES = ("customer-graph", "grpcio", "protobuf", "apsw", "numpy", "rapidfuzz")


def lines() -> Iterator[str]:
    """Machine, versions, and how busy the machine was with other things."""
    yield f"{_processor()}, {os.cpu_count()} cores, {_memory()}; {platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, " + ", ".join(
        f"{name} {_version(name)}" for name in _PACKAGES
    )
    yield f"load average before: {os.getloadavg()[0]:.1f}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _version(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "not installed"
