"""`resolver restore`, `dump`, `migrate` and `doctor` between a file and a server."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver.cli import main
from tests.doctor.stores import furnished
from tests.neo4j import shared

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> str:
    login = shared.login()
    shared.empty(login)
    monkeypatch.setenv("RESOLVER_NEO4J__USER", login.user or "neo4j")
    if login.password:
        monkeypatch.setenv("RESOLVER_NEO4J__PASSWORD", login.password)
    return login.uri


@pytest.fixture
def run(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Run:
    del server
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


def test_a_store_moves_to_a_server_and_back(run: Run, server: str, tmp_path: Path) -> None:
    furnished(tmp_path / "store.db")
    code, out, err = run("restore", "--from", "store.db", "--store", server, "--quiet")
    assert (code, err) == (0, "")
    assert out.startswith(f"{server} is at revision ")
    code, out, _ = run("doctor", "--store", server, "--partition", "all", "--json")
    assert (code, json.loads(out)["sound"], len(json.loads(out)["checks"])) == (0, True, 13)
    assert run("doctor", "--store", server, "--partition", 3, "--quiet")[0] == 0
    assert run("dump", "out.zst", "--store", server, "--quiet")[0] == 0
    assert run("restore", "out.zst", "--store", "back.db", "--quiet")[0] == 0
    assert run("doctor", "--store", "back.db", "--partition", "all", "--quiet")[0] == 0
    code, _, err = run("restore", "out.zst", "--store", server, "--quiet")
    assert (code, err) == (1, f"resolver: store: {server}: there is a store already, and it is not empty\n")


def test_a_server_is_brought_to_this_generation(run: Run, server: str) -> None:
    with shared.driver(shared.login()).session() as session:
        session.run("MATCH (m:Migration) DELETE m").consume()
    assert "1 initial: to be done" in run("migrate", "--store", server, "--dry-run")[1]
    assert "1 initial: done" in run("migrate", "--store", server)[1]
    assert "of this program's generation" in run("migrate", "--store", server)[1]
    assert run("doctor", "--store", server, "--quiet")[:2][0] == 0
