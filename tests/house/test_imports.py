"""The direction of imports: the core is pure, the graph knows nobody, one module joins them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.imports import PURE, ROOT, Module, breaches, modules, within

JOINING = (
    "resolver.pipeline",
    "resolver.reading",
    "resolver.inquiry",
    "resolver.what_if",
    "resolver.doctor",
    "resolver.serve.process",
)
"""One module writes; three answer questions through a snapshot; one puts the parts together."""


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_direction_of_imports(module: Module) -> None:
    assert breaches(module) == []


def test_few_join_the_pure_part_and_the_store() -> None:
    joining = {
        module.name
        for module in modules()
        if any(within(target, ("graph.store",)) for target in module.imports())
        and any(within(target, PURE) for target in module.imports())
    }
    assert {name for name in joining if not within(name, JOINING)} == set()


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_every_module_says_what_it_is(module: Module) -> None:
    assert module.documented()


def test_proto_is_no_package() -> None:
    assert list((ROOT / "proto").rglob("__init__.py")) == []


def test_modules_are_found() -> None:
    names = {module.name for module in modules()}
    assert {"graph.model", "graph.store", "resolver.normalise.features"} <= names
    assert not any(Path(name).stem.endswith("_pb2") for name in names)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("graph.model", "import resolver.match"),
        ("graph.model", "import time"),
        ("graph.sqlite.__init__", "from resolver import match"),
        ("resolver.match.model", "import sqlite3"),
        ("resolver.match.model", "def f():\n    from time import monotonic"),
        ("resolver.match.model", "from os import path"),
        ("resolver.normalise.__init__", "from .. import pipeline"),
        ("resolver.resolve.plan", "from ..pipeline import run"),
        ("resolver.resolve.plan", "from graph.store import Store"),
        ("resolver.profile.rank", "import datetime\nnow = datetime.datetime.now()"),
        ("resolver.profile.rank", "open('x')"),
        ("resolver.batch.engine", "import grpc"),
        ("resolver.console.page", "import graph.sqlite"),
        ("resolver.pipeline", "from graph.sqlite.store import SqliteStore"),
        ("resolver.serve.server", "from resolver.cli import main"),
    ],
)
def test_canary_a_breach_is_told(name: str, source: str) -> None:
    assert len(breaches(Module(name, source))) > 0


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("resolver.match.model", "from graph.model import Record\nfrom resolver.normalise import phone"),
        ("resolver.match.__init__", "from .model import Model"),
        ("resolver.pipeline", "from graph.store import Store\nfrom resolver.match import model"),
        ("resolver.serve.server", "import grpc"),
        ("resolver.opening", "from graph.sqlite import SqliteStore"),
    ],
)
def test_canary_what_is_allowed_is_no_breach(name: str, source: str) -> None:
    assert breaches(Module(name, source)) == []


def test_canary_a_silent_module_is_told() -> None:
    assert not Module("graph.silent", "x = 1").documented()
