from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.accuracy.__main__ import measure, report
from bench.accuracy.datasets import Dataset
from bench.command import RunFailed

SET = Dataset("x", "x.csv", "rec", "who")
# Stands for a resolver that goes by the name alone.
BY_NAME = """
import csv, sys
rows = list(csv.DictReader(open(sys.argv[2])))
at = {name: sys.argv[sys.argv.index(name) + 1] for name in ("--out", "--pairs", "--id")}
with open(at["--out"], "w") as out:
    print("record_id,customer_id", file=out)
    for row in rows:
        print(row[at["--id"]], row["name"], sep=",", file=out)
with open(at["--pairs"], "w") as out:
    print("left,right,probability,decision", file=out)
    for left in rows:
        for right in rows:
            if left["name"] < right["name"]:
                print(left["rec"], right["rec"], 0.5, "possible", sep=",", file=out)
"""


def test_measures_what_the_command_made(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("who,rec,name\n1,a,Jo\n1,b,Jo\n1,c,Joe\n2,d,Joe\n")
    script = tmp_path / "by_name.py"
    script.write_text(BY_NAME)
    result = measure(SET, tmp_path, [sys.executable, str(script)])
    assert (result.records, result.people) == (4, 2)
    assert result.pairs[:3] == (1, 1, 2)
    assert result.strangers == 10_000
    assert result.suggestions == (1, 1.0, 0.5)
    assert result.seconds > 0
    assert result.peak > 1_000_000
    assert "| x | 4 | 2 | 0.5000 | 0.3333 |" in report([result])


def test_a_run_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("who,rec,name\n1,a,Jo\n")
    with pytest.raises(RunFailed, match="ended with 3: no such thing"):
        measure(SET, tmp_path, [sys.executable, "-c", "import sys; print('no such thing'); sys.exit(3)"])
