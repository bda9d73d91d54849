"""`python -m bench.accuracy --data DIR --out report.md`: this project and its peers, on every labelled set.

Each set is made blind and given to each contender, in a process of its own. What a run brought is kept in a
cache, by set, contender and version, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.accuracy import clusterings
from bench.accuracy.contenders import CONTENDERS, OURS, TRAINED, Contender, Ours, Task, offers, outcome
from bench.accuracy.datasets import DATASETS, Dataset, blind
from bench.accuracy.determinism import Repeated, repeated
from bench.accuracy.outcome import Outcome, best, recall_at
from bench.accuracy.report import point_at, report
from bench.command import DATA_VARIABLE, RESOLVER, RunFailed, data_folder
from resolver.batch.readers import FileProblem

REPEATED = ("fake_1000", "omni_10k", "omni_heavy")
"""Sets on which determinism is tried."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and write the report; 1 where a set cannot be read or ours does not run."""
    parser = _parser()
    told = parser.parse_args(arguments)
    folder = data_folder(parser, told.data)
    contenders = _contenders(told.contender, shlex.split(told.resolver))
    sets = [each for each in DATASETS if _wanted(each, told.only, large=told.large)]
    found: list[Outcome] = []
    again: list[Repeated] = []
    try:
        for dataset in sets:
            for each in _outcomes(dataset, contenders, folder, told.cache, told.limit):
                print(line(each), flush=True)
                found.append(each)
        if told.repeat:
            again = [_repeated(each, folder, told.resolver) for each in sets if each.name in REPEATED]
        compared = clusterings.tables(sets, folder, told.cache) if told.clusterings else ""
    except (FileProblem, RunFailed) as problem:
        print(problem, file=sys.stderr)
        return 1
    titles = {name: each.title for name, each in CONTENDERS.items()}
    like = {each.name: each.like for each in DATASETS if each.like}
    told.out.write_text(report(found, titles, like, again, compared), encoding="utf-8")
    return int(any(each.failed and each.contender == OURS.name for each in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    names = [dataset.name for dataset in DATASETS]
    parser.add_argument("--data", type=Path, help=f"folder of the sets (default: ${DATA_VARIABLE})")
    parser.add_argument("--only", action="append", choices=names, metavar="SET", help="one set; repeatable")
    parser.add_argument("--large", action="store_true", help="the large sets too, which take long")
    parser.add_argument(
        "--contender", action="append", choices=CONTENDERS, metavar="NAME", help="one contender; repeatable"
    )
    parser.add_argument("--repeat", action="store_true", help="try whether the row order changes anything")
    parser.add_argument("--clusterings", action="store_true", help="compare ways to cluster our scored pairs")
    parser.add_argument("--out", type=Path, required=True, help="the report, in Markdown")
    parser.add_argument("--cache", type=Path, default=_cache(), help="default: %(default)s")
    parser.add_argument("--limit", type=int, default=3600, help="seconds for one run (default: %(default)s)")
    parser.add_argument("--resolver", default=shlex.join(RESOLVER), help="the command to measure")
    return parser


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer-graph" / "accuracy"


def _contenders(names: Sequence[str] | None, resolver: Sequence[str]) -> list[Contender]:
    """Those asked for, else all that there are, ours by the command to measure."""
    chosen = [each for name, each in CONTENDERS.items() if not names or name in names]
    if TRAINED in chosen and not names and not offers(resolver, "train"):
        chosen.remove(TRAINED)
    return [replace(each, command=tuple(resolver)) if isinstance(each, Ours) else each for each in chosen]


def _wanted(dataset: Dataset, only: Sequence[str] | None, *, large: bool) -> bool:
    return dataset.name in only if only else large or not dataset.large


def _outcomes(
    dataset: Dataset, contenders: Sequence[Contender], folder: Path, cache: Path, limit: int
) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory() as name:
        task = _task(dataset, folder, Path(name), limit)
        for contender in contenders:
            if contender.takes(dataset):
                yield outcome(contender, task, cache)


def _task(dataset: Dataset, folder: Path, work: Path, limit: int = 3600) -> Task:
    rows = work / "rows.csv"
    truth = list(blind(dataset, folder, rows).values())
    return Task(dataset, rows, truth, work, limit)


def _repeated(dataset: Dataset, folder: Path, resolver: str) -> Repeated:
    with tempfile.TemporaryDirectory() as name:
        region = ["--region", dataset.region] if dataset.region else []
        return repeated(_task(dataset, folder, Path(name)), shlex.split(resolver), region)


def line(each: Outcome) -> str:
    """One outcome in a line, for those who watch."""
    about = f"{each.set} {each.contender}:"
    if each.failed:
        return f"{about} {each.failed}"
    usual, top = point_at(each, each.usual), best(each.points)
    recalls = [recall_at(each.points, precision) for precision in (0.97, 0.98, 0.99)]
    at_precision = " ".join("none" if found is None else f"{found.pairs.recall:.3f}" for found in recalls)
    figures = "P {:.4f} R {:.4f} F1 {:.4f}".format(*usual.pairs) if usual else ""
    strangers = f" strangers {usual.strangers:.0f}" if usual else ""
    chosen = f"best F1 {top.pairs.f1:.4f} at {top.threshold:.4g}, R at .97 .98 .99 {at_precision}"
    return f"{about} {figures}{strangers}; {chosen}; {each.seconds:.1f} s {each.peak >> 20} MiB"


if __name__ == "__main__":
    sys.exit(main())
