"""Whether the same rows in another order, under another hash seed, give the same partition byte for byte."""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy.contenders import Task
from bench.command import run

SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Runs of one set, its rows shuffled for each, and how many different partitions came of them."""

    set: str
    runs: int
    partitions: int


def repeated(task: Task, command: Sequence[str], options: Sequence[str]) -> Repeated:
    """Resolve a set's rows in several orders, each process with a hash seed of its own."""
    with task.rows.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    digests = set()
    for seed in SEEDS:
        random.Random(seed).shuffle(rows)
        shuffled, out = task.work / "shuffled.csv", task.work / "clusters.csv"
        with shuffled.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((header, *rows))
        told = ["dedupe", str(shuffled), "--id", task.dataset.id_column, "--out", str(out), *options]
        run(["env", f"PYTHONHASHSEED={seed}", *command, *told], task.work / "log")
        digests.add(canonical(out))
    return Repeated(task.dataset.name, len(SEEDS), len(digests))


def canonical(path: Path) -> str:
    """A digest of a partition as it is written, whatever the order of its rows."""
    lines = path.read_bytes().splitlines()
    return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()
