"""Which tests share one process where several run them: those that share a server, or a session of Spark."""

from __future__ import annotations

from typing import Final

import pytest

from tests.neo4j import shared

_GROUPS: Final = ("neo4j", "spark")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them, so that each server is started once."""
    for item in items:
        group = _group(item)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    module = getattr(item, "module", None)
    if module is not None and any(each is shared for each in vars(module).values()):
        return "neo4j"
    return next((group for group in _GROUPS if group in item.nodeid), "")
