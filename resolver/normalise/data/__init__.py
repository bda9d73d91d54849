"""Word lists that the normalisers rest on, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def words(name: str) -> tuple[str, ...]:
    """Return the lines of a resource beside this module, without comments (`#`) and empty lines."""
    lines = resources.files(__name__).joinpath(name).read_text(encoding="utf-8").splitlines()
    stripped = (line.partition("#")[0].strip() for line in lines)
    return tuple(line for line in stripped if line)
