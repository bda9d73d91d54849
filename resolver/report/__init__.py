"""Reports: charts and pages that stand by themselves, for people who read no tables of JSON.

Needs the extra `report` (matplotlib, jinja2); `require` says so before work is begun in vain.
"""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["MissingExtra", "require"]


class MissingExtra(Exception):
    """A report is asked for, and what draws it is not installed. One line that says how to get it."""


def require() -> None:
    """Raise MissingExtra where a report could not be made."""
    missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"a report needs {' and '.join(missing)}: pip install 'customer-graph[report]'")
