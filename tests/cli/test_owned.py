"""`resolver owned propose`, of a file and of a store that is being served."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver.cli import main
from resolver.config import load
from tests.serve.builders import contact, person, served

Run = Callable[..., tuple[int, str, str]]
NAMES = ("Anna", "Bram", "Cora", "Dirk", "Els", "Frank", "Gerda", "Henk", "Ilse", "Joris")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


def test_of_a_file_what_a_till_puts_on_everybody_is_told_ready_to_be_pasted(run: Run, tmp_path: Path) -> None:
    rows = [f"t{n},till,{NAMES[n % 10]},Bos{n},0205550000" for n in range(20)]
    rows += [f"w{n},web,{NAMES[n % 10]},Vos{n},06{31_415_927 + n * 7919}" for n in range(30)]
    (tmp_path / "rows.csv").write_text("\n".join(["record_id,source,given_name,surname,phone", *rows]))
    code, out, err = run("owned", "propose", "rows.csv", "--region", "NL", "--out", "owned.toml")
    assert code == 0, err
    assert "source till" in out and "100.0%" in out
    assert out.endswith('[owned]\nphones = ["+31205550000"]\n')
    assert load(tmp_path / "owned.toml").configuration.owned.phones == ("+31205550000",)


def test_of_a_store_agents_are_told_too(run: Run, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with served(store) as (_, client):
        for n in range(40):
            evidence = person(NAMES[n % 10], f"Bos{n}", "nee@klant.nl" if n < 10 else f"a{n}@kpnmail.nl")
            asked = contact(f"c{n}", evidence, record=f"r{n}")
            asked.touchpoint.agent = "kim" if n < 10 else "lee"
            client.resolution.RecordTouchpoint(asked)
        code, out, err = run("owned", "propose", "--store", store)
    assert code == 0, err
    assert "agent kim" in out and 'emails = ["nee@klant.nl"]' in out


def test_nothing_is_told_in_one_line_and_one_of_both_is_asked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("record_id,given_name,phone\n1,Jan,0612345678\n")
    assert run("owned", "propose", "rows.csv")[1] == "nothing looks like the company's own\n"
    assert run("owned", "propose")[0] == 2
    code, _, err = run("owned", "propose", "--store", tmp_path / "none.db")
    assert code == 1 and err.startswith("resolver: store: ")
