"""The server that the other tests rely on is real: it keeps what it acknowledged and can be killed."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.neo4j import shared
from tests.neo4j.server import Kind, NotStarted, Server


def test_it_is_neo4j_5_26_or_later() -> None:
    [component] = shared.driver(shared.login()).execute_query("CALL dbms.components()").records
    major, minor = (int(part) for part in component["versions"][0].split(".")[:2])
    assert component["name"] == "Neo4j Kernel" and (major, minor) >= (5, 26)


def test_emptied_it_holds_nothing() -> None:
    shared.driver(shared.login()).execute_query("CREATE (:Left)-[:BEHIND]->(:Left)")
    shared.empty(shared.login())
    assert (
        shared.driver(shared.login()).execute_query("MATCH (node) RETURN count(node) AS n").records[0]["n"]
        == 0
    )


def test_one_that_ends_at_once_says_what_it_wrote() -> None:
    shared.server()
    with pytest.raises(NotStarted, match="NoSuchOption"):
        Server.new(auth=False, kind=Kind(("-XX:+NoSuchOption",), {}))


def test_a_server_ends_with_those_who_started_it(tmp_path: Path) -> None:
    """Also where they are killed and can clean nothing up."""
    home = tmp_path / "home"
    home.mkdir()
    script = """
        import os, pathlib, signal, subprocess, sys
        from tests.neo4j.server import guard
        server = subprocess.Popen(["sleep", "60"])
        guard(server.pid, pathlib.Path(sys.argv[1]))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    # Its output ends when the last of them does that could write to it, the server among them.
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), home], capture_output=True, timeout=20, check=False
    )
    assert not home.exists()


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_a_server_tests_skip_but_not_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no Neo4j to test on: no Java"):
        shared.refuse("no Java")
