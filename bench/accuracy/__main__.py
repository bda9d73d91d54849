"""`python -m bench.accuracy --data DIR --out report.md`: the default model on every labelled set.

Each set is made blind, resolved by `resolver dedupe` in a process of its own at the default threshold,
and measured against its truth. Suggestions are counted apart: nothing of them is in the other figures.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy import metrics
from bench.accuracy.datasets import DATASETS, Dataset, blind
from bench.command import DATA_VARIABLE, RESOLVER, RunFailed, data_folder, run
from resolver.batch.readers import FileProblem

MARKS = {
    "omni_10k": "P .98, R .72",
    "omni_100k": "P .97, R .66",
    "omni_heavy": "P .98, R .75",
    "fake_1000": "P .97, F1 .85",
    "febrl3": "F1 .99",
    "febrl3_ids": "F1 .99",
}
"""What each set must reach, pairwise."""

# Decisions that a steward is shown; a match is no suggestion, nor is what never matched.
_SUGGESTED = frozenset({"possible", "ambiguous"})
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """One set's figures. `seconds` of wall time and `peak` bytes resident are of the whole process."""

    name: str
    records: int
    people: int
    pairs: metrics.Pairwise
    b_cubed: metrics.Score
    strangers: float
    suggestions: metrics.Suggestions
    seconds: float
    peak: int


def measure(dataset: Dataset, folder: Path, command: Sequence[str]) -> Result:
    """Run `command` on one set and measure what it made of it.

    Raises:
        FileProblem: the set cannot be read.
        RunFailed: see there.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        rows, clusters, pairs = work / "rows.csv", work / "clusters.csv", work / "pairs.csv"
        truth = blind(dataset, folder, rows)
        region = ["--region", dataset.region] if dataset.region else []
        taken = ["--government-ids"] if dataset.government_ids else []
        outputs = ["--out", str(clusters), "--pairs", str(pairs)]
        arguments = [str(rows), "--id", dataset.id_column, *outputs, *region, *taken]
        seconds, peak = run([*command, "dedupe", *arguments], work / "log")
        customer = _customers(clusters)
        suggested = list(_suggested(pairs))
    if customer.keys() != truth.keys():
        raise RunFailed(f"{dataset.name}: {len(customer)} of {len(truth)} records came back")
    place = {record: position for position, record in enumerate(truth)}
    pred, true = [customer[record] for record in truth], list(truth.values())
    return Result(
        dataset.name,
        len(true),
        len(set(true)),
        metrics.pairwise(pred, true),
        metrics.b_cubed(pred, true),
        metrics.strangers_per_10000(pred, true),
        metrics.suggestions([(place[left], place[right]) for left, right in suggested], pred, true),
        seconds,
        peak,
    )


def _customers(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["record_id"]: row["customer_id"] for row in csv.DictReader(file)}


def _suggested(path: Path) -> Iterable[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["decision"] in _SUGGESTED:
                yield row["left"], row["right"]


def report(results: Sequence[Result]) -> str:
    """The figures as a Markdown table, beside the marks."""
    columns = (
        "set | records | people | P | R | F1 | mark | B-cubed P | R | F1 | strangers per 10,000 people "
        "| suggestions | missed pairs they cover | their precision | seconds | MB"
    )
    lines = [f"| {columns} |", "|---|" + "---:|" * columns.count("|")]
    for r in results:
        score = " | ".join(f"{x:.4f}" for x in (r.pairs.precision, r.pairs.recall, r.pairs.f1))
        cubed = " | ".join(f"{x:.4f}" for x in r.b_cubed)
        lines.append(
            f"| {r.name} | {r.records} | {r.people} | {score} | {MARKS.get(r.name, '')} | {cubed} "
            f"| {r.strangers:.1f} | {r.suggestions.offered} | {r.suggestions.covered:.3f} "
            f"| {r.suggestions.precision:.3f} | {r.seconds:.1f} | {r.peak / _MIB:.0f} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sets asked for and write the report."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    names = [dataset.name for dataset in DATASETS]
    parser.add_argument("--data", type=Path, help=f"folder of the sets (default: ${DATA_VARIABLE})")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="one set; repeatable")
    parser.add_argument("--out", type=Path, required=True, help="the report, in Markdown")
    parser.add_argument("--resolver", default=shlex.join(RESOLVER), help="the command to measure")
    told = parser.parse_args(arguments)
    folder = data_folder(parser, told.data)
    results = []
    for dataset in DATASETS:
        if told.only and dataset.name not in told.only:
            continue
        try:
            results.append(measure(dataset, folder, shlex.split(told.resolver)))
        except (FileProblem, RunFailed) as problem:
            print(problem, file=sys.stderr)
            return 1
        print(report(results[-1:]).splitlines()[-1], flush=True)
    told.out.write_text(report(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
