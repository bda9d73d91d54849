"""`python -m resolver.sample --people N --seed S --out touchpoints.csv --truth truth.csv`."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from resolver.sample.generate import COLUMNS, DEFAULT_PEOPLE, DEFAULT_SEED, TRUTH, samples


def write(out: Path, truth: Path, people: int = DEFAULT_PEOPLE, seed: int = DEFAULT_SEED) -> int:
    """Write the touchpoints and who they are of as two CSV files; how many there are."""
    count = 0
    with (
        out.open("w", encoding="utf-8", newline="") as rows,
        truth.open("w", encoding="utf-8", newline="") as who,
    ):
        row_writer, truth_writer = csv.writer(rows, lineterminator="\n"), csv.writer(who, lineterminator="\n")
        row_writer.writerow(COLUMNS)
        truth_writer.writerow(TRUTH)
        for sample in samples(people, seed):
            row_writer.writerow(sample.cells)
            truth_writer.writerow(sample.truth)
            count += 1
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a sample."""
    parser = argparse.ArgumentParser(prog="python -m resolver.sample", description="Made-up touchpoints.")
    parser.add_argument(
        "--people", type=int, default=DEFAULT_PEOPLE, help="at least so many (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help="same seed, same bytes (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, required=True, help="the touchpoints, CSV")
    parser.add_argument("--truth", type=Path, required=True, help="whose each is, CSV")
    told = parser.parse_args(arguments)
    count = write(told.out, told.truth, told.people, told.seed)
    sys.stderr.write(f"{count} touchpoints in {told.out}, the truth in {told.truth}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
