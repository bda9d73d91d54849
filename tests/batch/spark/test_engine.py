"""The one-machine engine is the oracle: whatever it says, Spark says, byte for byte."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.csv
import pyarrow.parquet
import pytest

from resolver.batch.dedupe import Deduped
from resolver.batch.dedupe import dedupe as on_one_machine
from resolver.batch.inputs import Input, Reading, inputs
from resolver.batch.problems import FileProblem
from resolver.batch.readers import read_mapping
from resolver.batch.rejects import RejectFiles, rejects_paths
from resolver.resolve.settings import Policy
from resolver.sample.generate import COLUMNS, samples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = ("Jan", "Sanne", "Kees", "Femke", "Daan", "Noor", "Bram", "Lotte", "Sem", "Tess", "Finn", "Mila")
TIGHT = Policy(block_cap=4, identifier_cap=6, component_cap=3, component_limit=5, generic_line=5)
"""Small lines and caps, so that a little data crosses all of them."""


def line(**cells: str) -> str:
    return ",".join(cells.get(column, "") for column in COLUMNS)


def hostile() -> list[str]:
    """Rows at every line and cap, and some that are none."""
    switchboard = [
        line(record_id=f"s{n}", given_name=name, phone="0201234560") for n, name in enumerate(NAMES)
    ]
    # A chain: each has one value in common with the next, so that no two ends compare.
    chain = [
        line(record_id=f"c{n}", surname="Terpstra", email=f"t{n}@x.example", phone=f"06123400{n:02}")
        for n in range(30)
    ]
    links = [
        line(record_id=f"d{n}", surname="Terpstra", email=f"t{n}@x.example", phone=f"06123400{n + 1:02}")
        for n in range(29)
    ]
    alike = [line(record_id=f"a{n}", full_name="Willem Zandstra", city="Delft") for n in range(12)]
    visitors = [line(record_id=f"v{n}", device_id="kiosk 7") for n in range(5)]
    nameless = [line(phone="0687001122"), line(phone="0687001122"), line(email="solo@x.example")]
    walk_ins = [line(full_name="walk in", phone="0000000000")] * 3
    restated = [
        line(
            record_id="r1",
            given_name=name,
            email=f"{name}@x.example",
            occurred_at=f"2025-01-{day:02}T10:00:00Z",
        )
        for day, name in enumerate(("Ida", "Ada", "Eva"), start=1)
    ]
    broken = [
        "too,few",
        line(record_id="b1", given_name='"Open'),
        line(occurred_at="some day", channel="web"),
    ]
    return [
        *switchboard,
        *chain,
        *links,
        *alike,
        *visitors,
        *nameless,
        *walk_ins,
        *restated,
        *broken,
        line(city="\udcff\udcfe"),
    ]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return [*hostile(), *(",".join(sample.cells) for sample in samples(people=40, seed=3))]


def written(path: Path, rows: Sequence[str]) -> Path:
    text = "\n".join((",".join(COLUMNS), *rows)) + "\n"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def opened(*paths: Path) -> tuple[Input, ...]:
    return inputs(paths, [read_mapping(path) for path in paths])


def compare(spark: SparkSession, folder: Path, files: Sequence[Input], policy: Policy) -> Deduped:
    """Both engines over the same files: the same rows, counts, rejects, pairs. What the one says."""
    from resolver.batch.spark.engine import dedupe  # noqa: PLC0415 - pyspark may be missing

    rejects = [folder / "one", folder / "spark"]
    for place in rejects:
        place.mkdir()
    paths = [file.path for file in files]
    with RejectFiles(rejects_paths(paths, rejects[0])) as told:
        one = on_one_machine(Reading(files, told).rows(region="NL"), policy=policy)
    many = dedupe(spark, files, region="NL", policy=policy)
    with RejectFiles(rejects_paths(paths, rejects[1])) as told:
        for number, reject in many.rejects():
            told.write(number, reject)
    assert many.counts == one.counts
    assert many.population == one.population
    assert list(many.rows()) == list(one.rows)
    many.write_pairs(folder / "pairs.csv")
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = [tuple(row[:4]) for row in csv.reader(file)][1:]
    assert pairs == [
        (one.names[left], one.names[right], f"{probability:.6f}", decision)
        for left, right, _, probability, decision in one.pairs
    ]
    contents = [{path.name: path.read_bytes() for path in place.iterdir()} for place in rejects]
    assert contents[0] == contents[1]
    return one


def test_the_same_answer_shuffled_where_every_line_is_crossed(
    spark: SparkSession, tmp_path: Path, lines: list[str]
) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", 7)
    shuffled = random.Random(5).sample(lines, len(lines))
    counts = compare(spark, tmp_path, opened(written(tmp_path / "rows.csv", shuffled)), TIGHT).counts
    assert counts.too_large > 0 and counts.suggestions > 1


def test_several_files_are_one(spark: SparkSession, tmp_path: Path, lines: list[str]) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", 2)
    whole = written(
        tmp_path / "whole.csv", [each for each in lines if '"' not in each and "\udcff" not in each][1:200]
    )
    table = pyarrow.csv.read_csv(
        whole,
        parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=lambda _: "skip"),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pyarrow.string())),
    )
    pyarrow.parquet.write_table(table, tmp_path / "shop.parquet")
    web = written(tmp_path / "web.csv", [*hostile()[-4:], *lines[-150:]])
    found = compare(spark, tmp_path, opened(tmp_path / "shop.parquet", web), Policy())
    assert len({placed.source for placed in found.rows}) > 2
    counts = found.counts
    assert min(counts.rejected, counts.visitors, counts.matches, counts.suggestions) > 1


def test_nothing_but_rejects_has_an_answer(spark: SparkSession, tmp_path: Path) -> None:
    found = compare(spark, tmp_path, opened(written(tmp_path / "rows.csv", ["too,few"])), Policy())
    assert found.counts.rejected == 1


def test_a_file_that_has_changed_since_is_told_in_one_line(spark: SparkSession, tmp_path: Path) -> None:
    from resolver.batch.spark.engine import dedupe  # noqa: PLC0415 - pyspark may be missing

    path = written(tmp_path / "rows.csv", [line(phone="0612345671")])
    files = opened(path)
    path.write_text("other\n1\n")
    with pytest.raises(FileProblem, match=r"rows\.csv: the header is not the one"):
        dedupe(spark, files)
    path.unlink()
    with pytest.raises(FileProblem, match=r"rows\.csv: there is no such file"):
        dedupe(spark, files)
