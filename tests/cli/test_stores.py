"""Which store a command works on, and what is told where it cannot be had."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.errors import Overtaken
from resolver import opening
from resolver.cli import main
from resolver.cli.problems import Failed
from resolver.cli.stores import reading, writing
from resolver.config import load

ADDRESS = "neo4j://127.0.0.1:1"
SECRET = "geheim-9317"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESOLVER_NEO4J__PASSWORD", SECRET)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


COMMANDS = [
    ("serve", "--listen", "127.0.0.1:0"),
    ("model", "compare"),
    ("model", "adopt"),
    ("train", "--out", "m.json"),
    ("owned", "propose"),
    ("import", "rows.csv"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_its_driver_a_server_is_refused_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    Path("rows.csv").write_text("email\njan@kpnmail.nl\n")
    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    code, _, err = run(*command, "--store", ADDRESS)
    needs = "a Neo4j server needs its driver: pip install 'customer-graph[neo4j]'"
    assert (code, err) == (1, f"resolver: store: {ADDRESS}: {needs}\n")
    assert not list(Path().glob("neo4j*")), "an address is no file"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_password_in_an_address_is_refused_and_not_told(run: Run, command: tuple[str, ...]) -> None:
    Path("rows.csv").write_text("email\njan@kpnmail.nl\n")
    code, out, err = run(*command, "--store", f"neo4j://neo4j:{SECRET}@127.0.0.1:1")
    assert code == 1 and err.startswith("resolver: store: holds a user or a password; ")
    assert SECRET not in out + err


def test_the_configuration_is_shown_without_its_password(run: Run) -> None:
    code, out, _ = run("config", "check")
    assert code == 0 and SECRET not in out
    assert "environment RESOLVER_NEO4J__PASSWORD" in out


def test_what_was_written_while_it_was_read_is_told(tmp_path: Path) -> None:
    configuration = load(None, {"store": tmp_path / "s.db"}).configuration
    with writing(configuration, "") as store:
        store.put_meta({"population": "7"})
    with pytest.raises(Failed, match="it was written meanwhile"), reading(configuration):
        raise Overtaken(())
    with reading(configuration) as store:
        assert store.meta() == {"population": "7"}
        store.close()


def test_a_file_that_is_served_is_told_with_what_to_do_instead(tmp_path: Path) -> None:
    configuration = load(None, {"store": tmp_path / "s.db"}).configuration
    with (
        writing(configuration, ""),
        pytest.raises(Failed, match=r"it is being served; import with --target$"),
        writing(configuration, "import with --target"),
    ):
        pass
