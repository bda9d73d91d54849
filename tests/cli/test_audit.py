"""Accuracy without labels, from rows to an estimate."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver.cli import main
from resolver.evaluate.audit import STRATA

Run = Callable[..., tuple[int, str, str]]

ROWS = """id,first_name,surname,phone,remarks
1,Femke,Bakker,0612345670,=HYPERLINK("x")
2,Femke,Bakker,0612345670,
3,Sanne,Bakker,0612345670,@SUM(1)
4,Wil,Zwart,+31687654321,-2+3
5,Wil,Zwart,+31 6 8765 4321,
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text(ROWS)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


def pairs() -> list[dict[str, str]]:
    with Path("pairs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def label(rows: list[dict[str, str]], answer: Callable[[dict[str, str]], str]) -> None:
    with Path("labelled.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "same": answer(row)} for row in rows)


def test_from_rows_to_an_estimate(run: Run) -> None:
    code, out, err = run("audit", "rows.csv", "--out", "pairs.csv", "--region", "NL")
    assert code == 0, err
    drawn = pairs()
    assert f"{len(drawn)} pairs in pairs.csv" in out
    assert {frozenset((row["id A"], row["id B"])) for row in drawn} >= {frozenset("12"), frozenset("45")}
    assert list(drawn[0])[:4] == ["pair", "same", "id A", "id B"]
    assert all(not row["same"] for row in drawn)
    label(drawn, lambda row: "Yes" if row["surname A"] == row["surname B"] != "Bakker" else "no")
    code, out, err = run("audit", "--label", "labelled.csv")
    assert code == 0, err
    assert "precision  0.5000" in out and "recall     1.0000" in out
    assert "Not in the recall" in out


def test_the_same_seed_draws_the_same_file(run: Run) -> None:
    files = []
    for _ in range(2):
        assert run("audit", "rows.csv", "--out", "pairs.csv", "--region", "NL", "--seed", "4")[0] == 0
        files.append(Path("pairs.csv").read_bytes())
    assert files[0] == files[1]


def test_no_value_becomes_a_formula_in_a_spreadsheet(run: Run) -> None:
    assert run("audit", "rows.csv", "--out", "pairs.csv", "--region", "NL")[0] == 0
    told = {row[f"remarks {side}"] for row in pairs() for side in "AB"}
    assert told <= {"", '\'=HYPERLINK("x")', "'@SUM(1)", "'-2+3"}
    assert "+31687654321" in {row[f"phone {side}"] for row in pairs() for side in "AB"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("same", "perhaps"), "line 2: column 'same' is neither yes nor no nor empty"),
        (("stratum", "99"), "line 2: column 'stratum' is not one of"),
        (("stratum", "x"), "line 2: column 'stratum' is not one of"),
        (("sizes", "1 2"), "line 3: column 'sizes' differs"),
        (("expected", "x"), "line 3: column 'sizes' differs"),
    ],
)
def test_a_bad_label_is_told_by_its_line(run: Run, change: tuple[str, str], told: str) -> None:
    assert run("audit", "rows.csv", "--out", "pairs.csv", "--region", "NL")[0] == 0
    rows = pairs()
    rows[0][change[0]] = change[1]
    label(rows, lambda row: row["same"] or "yes")
    code, _, err = run("audit", "--label", "labelled.csv")
    assert code == 1
    assert told in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\n1,2\n", "is it from `resolver audit`?"),
        ("same,stratum,sizes,below,expected\n", "there is no row in it"),
        ("same,stratum,sizes,below,expected\nyes,1,5,0,0\n", "not as `resolver audit` wrote it"),
        ("same,stratum,sizes,below,expected\nyes,1,a b,0,0\n", "not as `resolver audit` wrote it"),
        (
            f"same,stratum,sizes,below,expected\n,1,{' '.join('5' * len(STRATA))},0,0\n",
            "no pair is labelled yet",
        ),
    ],
)
def test_a_file_that_is_no_sample_is_told_in_one_line(run: Run, content: str, told: str) -> None:
    Path("labelled.csv").write_text(content)
    code, _, err = run("audit", "--label", "labelled.csv")
    assert code == 1
    assert told in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [(), ("rows.csv",), ("rows.csv", "--label", "x.csv"), ("rows.csv", "--out", "o", "--pairs", "0")],
)
def test_a_mistyped_command_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("audit", *arguments)[0] == 2
