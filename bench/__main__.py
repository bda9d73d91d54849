"""`python -m bench --data DIR --out FOLDER`: accuracy, speed, graph and batch, a report each in a folder.

What follows `--` is given to the one benchmark that `--only` names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import bench.accuracy.__main__ as accuracy
import bench.batch.__main__ as batch
import bench.graph.__main__ as graph
import bench.speed.__main__ as speed
from bench.command import DATA_VARIABLE, data_folder

BENCHMARKS = {"accuracy": accuracy.main, "speed": speed.main, "graph": graph.main, "batch": batch.main}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks one after the other; returns 1 where one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--data", type=Path, help=f"folder of the sets (default: ${DATA_VARIABLE})")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="default: %(default)s")
    parser.add_argument("--only", choices=BENCHMARKS, help="one benchmark")
    parser.add_argument("more", nargs="*", help="options of the one benchmark, after --")
    told = parser.parse_args(arguments)
    folder = data_folder(parser, told.data)
    if told.more and told.only is None:
        parser.error("name the benchmark that these options are for with --only")
    told.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, run in BENCHMARKS.items():
        if told.only in {None, name}:
            report = told.out / f"{name}.md"
            status = run(["--data", str(folder), "--out", str(report), *told.more])
            print(f"{name}: {'failed' if status else report}", flush=True)
            failed |= status
    return failed


if __name__ == "__main__":
    sys.exit(main())
