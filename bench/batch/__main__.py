"""`python -m bench.batch --data DIR --out report.md`: imports and files of millions of rows, in one run.

Whole processes are measured, with all that they start. Parts stand by themselves: a report is written anew
after each, so that a run which is broken off has told what it knew.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.batch import growth, half, importing, linking, shock
from bench.batch.callers import CallFailed
from bench.batch.feed import NotTold
from bench.batch.part import Asked, Section
from bench.command import DATA_VARIABLE, RESOLVER, RunFailed, data_folder, tell
from bench.speed import machine
from bench.speed.clients import Unacknowledged
from bench.speed.servers import ServerFailed
from resolver.batch.readers import FileProblem

PARTS: Mapping[str, Callable[[Asked], Section]] = {
    "splink": linking.measure,
    "growth": growth.measure,
    "half": half.measure,
    "import": importing.measure,
    "shock": shock.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts asked for and write the report; 1 where one of them could not be measured."""
    told = _arguments(arguments)
    command = shlex.join(["python", "-m", "bench.batch", *(sys.argv[1:] if arguments is None else arguments)])
    head = "\n".join(["# Batch", "", *(f"- {line}" for line in machine.lines()), "", f"    {command}"])
    texts = [head]
    failed = 0
    for name in told.only:
        tell(f"== {name}")
        try:
            texts.append(_measured(name, told).text())
        except (FileProblem, RunFailed, ServerFailed, Unacknowledged, CallFailed, NotTold) as problem:
            tell(str(problem))
            texts.append(f"## {name}\n\nNot measured: {problem}")
            failed = 1
        told.out.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    return failed


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.batch", description=__doc__)
    parser.add_argument("--data", type=Path, help=f"folder of the sets (default: ${DATA_VARIABLE})")
    parser.add_argument("--out", type=Path, required=True, help="the report, in Markdown")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable")
    parser.add_argument(
        "--records", type=int, help="take so many rows at most (default: what a part is about)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="of what is run in turns (default: %(default)s)"
    )
    parser.add_argument(
        "--lookups", type=float, default=100.0, help="a second, in the shock (default: %(default)g)"
    )
    parser.add_argument(
        "--touchpoints",
        type=float,
        default=0.0,
        help="a second, in the shock (default: as fast as they are acknowledged)",
    )
    parser.add_argument("--calm", type=float, default=10.0, help="seconds of each measure before the shock")
    parser.add_argument(
        "--kept", type=Path, default=_kept(), help="where rows and peers stay (default: %(default)s)"
    )
    parser.add_argument("--work", type=Path, help="where files go that do not stay (default: the system's)")
    parser.add_argument("--resolver", default=shlex.join(RESOLVER), help="the command to measure")
    told = parser.parse_args(arguments)
    told.data = data_folder(parser, told.data)
    told.only = told.only or [*PARTS]
    return told


def _kept() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer-graph" / "batch"


def _measured(name: str, told: argparse.Namespace) -> Section:
    told.kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=told.work) as folder:
        return PARTS[name](
            Asked(
                told.data,
                Path(folder),
                told.kept,
                records=told.records,
                rounds=told.rounds,
                resolver=tuple(shlex.split(told.resolver)),
                lookups=told.lookups,
                touchpoints=told.touchpoints,
                calm=told.calm,
                tell=tell,
            )
        )


if __name__ == "__main__":
    sys.exit(main())
