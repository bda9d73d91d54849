from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from resolver.cli.commands import app
from resolver.sample.generate import COLUMNS, samples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["dedupe", *map(str, arguments)])


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(sample.cells for sample in samples(people=20, seed=2))
        writer.writerow(["one field"])
    return path


def test_either_engine_writes_the_same_bytes(spark: SparkSession, rows: Path, tmp_path: Path) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", 2)
    folders = []
    for engine in ("one", "spark"):
        folder = tmp_path / engine
        folder.mkdir()
        written = ("--out", folder / "out.csv", "--pairs", folder / "pairs.csv", "--engine", engine)
        found = run(rows, *written, "--region", "NL", *(("--workers", 1) if engine == "one" else ()))
        assert (found.exit_code, found.exception) == (0, None)
        folders.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert folders[0] == folders[1]
    assert set(folders[0]) == {"out.csv", "pairs.csv", "rows.csv.rejects.csv"}


def test_what_the_engine_does_not_do_is_refused_before_it_starts(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    found = run(rows, "--out", out, "--relations", tmp_path / "r.csv", "--engine", "spark")
    assert found.exit_code == 1
    assert "--relations: not with --engine spark" in found.output
    assert run(rows, "--current", rows, "--engine", "spark").exit_code == 1
    assert not out.exists()
