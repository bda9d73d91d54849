"""`python -m bench.accuracy.scenarios`: every scenario resolved with the default model, beside its target."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.accuracy.scenarios import all_scenarios
from bench.accuracy.scenarios.examples import examples
from bench.accuracy.scenarios.measure import Result, measured
from resolver.resolve.settings import Policy

SEED = 1


def report(results: Sequence[Result]) -> str:
    """The figures as a Markdown table, a line for each group of people."""
    columns = (
        "scenario | people in it | people | records | mixed per 10,000 | P | R | R, own identifier | target "
        "| met | suggestions | missed pairs they cover | their precision"
    )
    lines = [f"| {columns} |", "|---|---|" + "---:|" * (columns.count("|") - 1)]
    lines += [line for result in results for line in _lines(result)]
    return "\n".join(lines) + "\n"


def _lines(result: Result) -> list[str]:
    target = result.scenario.target
    mark = f"<= {target.mixed:g}, R >= {target.recall:g}" if target else ""
    lines = []
    for f in result.figures:
        met = "" if target is None else "yes" if f.reaches(target) else "NO"
        cells = (
            *(result.scenario.name, f.group, f.people, f.records, f"{f.mixed:.0f}", f"{f.precision:.4f}"),
            *(f"{f.recall:.4f}", f"{f.recall_own:.4f}", mark, met),
            *(f.suggestions, f"{f.covered:.3f}", f"{f.suggested_precision:.3f}"),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the scenarios asked for, print the table and write it where told."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy.scenarios", description=__doc__)
    names = [scenario.name for scenario in all_scenarios()]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="one; repeatable")
    parser.add_argument("--out", type=Path, help="the report, in Markdown")
    parser.add_argument("--people", type=int, default=0, help="people in each (default: the scenario's own)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threshold", type=float, help="merge from this probability (default: the policy's)")
    parser.add_argument("--examples", type=int, default=0, help="so many false merges and misses of each")
    told = parser.parse_args(arguments)
    policy = Policy() if told.threshold is None else replace(Policy(), merge=told.threshold)
    results: list[Result] = []
    print("\n".join(report([]).splitlines()))
    for scenario in all_scenarios():
        if told.only and scenario.name not in told.only:
            continue
        results.append(measured(scenario, told.seed, told.people, policy))
        print("\n".join(_lines(results[-1])), flush=True)
        if told.examples:
            found = examples(scenario, told.seed, told.people, policy, told.examples)
            print("", *(each.told() for each in found), sep="\n", end="\n\n", flush=True)
    if told.out:
        told.out.write_text(report(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
