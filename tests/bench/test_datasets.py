from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bench.accuracy.datasets import DATASETS, Dataset, blind
from resolver.batch.readers import FileProblem

SET = Dataset("x", "x.csv", "rec", "who", renamed=(("postcode_fake", "postcode"),))


def write(folder: Path, rows: int = 50) -> None:
    lines = [f"p{n // 2},rec-{n // 2}-{n},n{n},z{n}" for n in range(rows)]
    (folder / "x.csv").write_text("\n".join(["who,rec,name,postcode_fake", *lines]))


def test_neither_truth_nor_old_id_is_left(tmp_path: Path) -> None:
    write(tmp_path)
    truth = blind(SET, tmp_path, tmp_path / "blind.csv")
    with (tmp_path / "blind.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["rec", "name", "postcode"]
    assert [row["rec"] for row in rows] == [str(n) for n in range(50)]
    assert [row["name"] for row in rows] != [f"n{n}" for n in range(50)]
    assert {row["name"]: truth[row["rec"]] for row in rows} == {f"n{n}": f"p{n // 2}" for n in range(50)}


def test_the_order_is_drawn_from_the_seed(tmp_path: Path) -> None:
    write(tmp_path)
    outs = []
    for number, seed in enumerate((1, 1, 2)):
        blind(SET, tmp_path, tmp_path / f"{number}.csv", seed)
        outs.append((tmp_path / f"{number}.csv").read_bytes())
    assert outs[0] == outs[1] != outs[2]


def test_a_set_without_its_columns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("rec,name\n1,a\n")
    with pytest.raises(FileProblem, match="'who'"):
        blind(SET, tmp_path, tmp_path / "out.csv")


def test_sets_with_the_same_rows_differ_in_what_is_taken() -> None:
    named = {each.name: each for each in DATASETS}
    assert len(named) == len(DATASETS)
    pairs = [(each, named[each.like]) for each in DATASETS if each.like]
    assert pairs
    for each, base in pairs:
        assert each.file == base.file
        assert each.government_ids and not base.government_ids


def test_what_takes_long_is_asked_for() -> None:
    assert [each.name for each in DATASETS if each.large] == ["omni_1m"]
