"""A virtualenv for each peer, made once, with the versions that `peers/requirements-*.txt` pins."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

_PEERS = Path(__file__).parent / "peers"


class NotMade(Exception):
    """A virtualenv that could not be made; the text is the last line of what the installer said."""


def requirements(name: str) -> Path:
    """Where a peer's versions are pinned."""
    return _PEERS / f"requirements-{name}.txt"


def python_of(name: str, cache: Path) -> Path:
    """The interpreter of a peer's virtualenv, which is made below `cache` where it is not there.

    Raises:
        NotMade: the peer cannot be installed here.
    """
    pinned = requirements(name)
    folder = cache / "venvs" / f"{name}-{hashlib.sha256(pinned.read_bytes()).hexdigest()[:12]}"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        _said([sys.executable, "-m", "venv", "--clear", str(folder)])
        _said([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(pinned)])
        ready.touch()
    return python


def _said(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMade("".join((done.stderr or done.stdout).strip().splitlines()[-1:]))
