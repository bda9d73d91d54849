"""The rows that are measured on, written as a user's file; who is truly who stays beside it."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bench.accuracy.datasets import DATASETS, SEED, Dataset, blind
from resolver.sample.generate import COLUMNS, samples

SETS: Final = {10_000: "omni_10k", 100_000: "omni_100k", 1_000_000: "omni_1m"}
"""The labelled sets, by how many rows they have."""
SHARED_PHONE: Final = "+31 20 794 6810"
SHARED_COLUMN: Final = "phone_work"
"""A second phone, which the sets do not have: nobody's own is lost where it is filled."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A blind file, and each row's person by its place, which is the row's id."""

    path: Path
    id_column: str
    truth: Sequence[str]


def labelled(data: Path, rows: int, path: Path) -> Labelled:
    """So many rows of the smallest set that has them, in a drawn order. Raises FileProblem without it."""
    size = min((size for size in SETS if size >= rows), default=max(SETS))
    dataset = _dataset(SETS[size])
    whole = path.with_suffix(".whole")
    truth = blind(dataset, data, whole)
    with whole.open(encoding="utf-8", newline="") as source, path.open("w", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerows(islice(csv.reader(source), rows + 1))
    whole.unlink()
    return Labelled(path, dataset.id_column, [truth[str(place)] for place in range(min(rows, len(truth)))])


def half_shared(source: Path, without: Path, of_half: Path, seed: int = SEED) -> frozenset[int]:
    """The same rows twice with one column more: empty, and with one value on about half of them.

    The places of the others are returned, counted from 0.
    """
    draw = random.Random(seed)
    others = []
    with (
        source.open(encoding="utf-8", newline="") as rows,
        without.open("w", encoding="utf-8", newline="") as bare,
        of_half.open("w", encoding="utf-8", newline="") as filled,
    ):
        header, *read = csv.reader(rows)
        writers = csv.writer(bare), csv.writer(filled)
        for writer in writers:
            writer.writerow([*header, SHARED_COLUMN])
        for place, row in enumerate(read):
            shares = draw.random() < 0.5
            if not shares:
                others.append(place)
            writers[0].writerow([*row, ""])
            writers[1].writerow([*row, SHARED_PHONE if shares else ""])
    return frozenset(others)


def generated(folder: Path, sizes: Sequence[int], seed: int = 1) -> list[Path]:
    """Made-up touchpoints, a file for each size; each begins with all the rows of the smaller ones.

    They are one run of the generator: people are numbered on through all of them, and no two of them have
    an identifier in common unless the sample says that they share it. Files that are there are kept.
    """
    paths = [folder / f"people-{size}-{seed}.csv" for size in sizes]
    making = {size: path for size, path in zip(sizes, paths, strict=True) if not path.exists()}
    if making:
        _write(making, seed)
    return paths


def _write(making: Mapping[int, Path], seed: int) -> None:
    parts = {size: path.with_suffix(".making") for size, path in making.items()}
    with ExitStack() as stack:
        writers = [
            (size, csv.writer(stack.enter_context(part.open("w", encoding="utf-8", newline=""))))
            for size, part in parts.items()
        ]
        for _, writer in writers:
            writer.writerow(COLUMNS)
        most = max(making)
        # Everybody leaves a touchpoint at least, so that so many people are enough.
        for number, sample in enumerate(islice(samples(most, seed), most)):
            for size, writer in writers:
                if number < size:
                    writer.writerow(sample.cells)
    for size, part in parts.items():
        part.rename(making[size])


def _dataset(name: str) -> Dataset:
    return next(each for each in DATASETS if each.name == name)
