"""`python -m bench.speed --data DIR --out report.md`: the service on its embedded store, against ceilings.

Everything is a ratio to a ceiling measured in the same run by the same clients, in turns (A B A B),
medians of the rounds and the ratio pair by pair, since a machine is never as fast twice. Stores are made
once and kept in the folder that `--stores` names.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy.datasets import DATASETS, blind
from bench.command import DATA_VARIABLE, RESOLVER, RunFailed, data_folder, run, tell
from bench.speed import growth, inputs, lookups, machine, pace, report, servers, stores, streams
from bench.speed.clients import LOOKUP, RECORD, Clients, Unacknowledged
from bench.speed.figures import Figure, parted
from bench.speed.inputs import Inputs
from bench.speed.report import Line
from bench.speed.servers import ServerFailed
from resolver.batch.readers import FileProblem

DATASET = next(each for each in DATASETS if each.name == "omni_100k")
PARTS = ("lookup", "stream", "latency", "growth", "dedupe")
KNOWN_A_ROUND = 5_000
"""Touchpoints of known records that are streamed in a round."""
UNARY = 3_000
"""Single calls of one kind, at most, of which latencies are told."""
NEW_UNARY_SHARE = 4
"""One new record in so many is recorded by a call of its own, the others are streamed."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Bench:
    """What every part works with."""

    clients: Clients
    inputs: Inputs
    store: Path
    folder: Path
    rounds: int
    seconds: float
    batch: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts asked for and write the report."""
    told = _arguments(arguments)
    try:
        lines = [*_lines(told)]
    except (FileProblem, RunFailed, ServerFailed, Unacknowledged) as problem:
        print(problem, file=sys.stderr)
        return 1
    told.out.write_text(_document(told, lines, arguments), encoding="utf-8")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    parser.add_argument("--data", type=Path, help=f"folder of the sets (default: ${DATA_VARIABLE})")
    parser.add_argument("--out", type=Path, required=True, help="the report, in Markdown")
    parser.add_argument("--records", type=int, help=f"take so many of {DATASET.name} (default: all)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each lookup round (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, help="of each pair (default: 5)")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable")
    parser.add_argument(
        "--stores",
        type=Path,
        default=Path(tempfile.gettempdir()) / "customer-graph-bench",
        help="where stores are kept between runs (default: %(default)s)",
    )
    parser.add_argument(
        "--batch", type=int, default=100, help="touchpoints a commit, in the service as in the ceiling"
    )
    parser.add_argument("--clients", type=int, default=2, help="client processes (default: 2)")
    parser.add_argument("--threads", type=int, default=4, help="of each client (default: 4)")
    parser.add_argument("--resolver", default=shlex.join(RESOLVER), help="the command to measure dedupe of")
    told = parser.parse_args(arguments)
    told.data = data_folder(parser, told.data)
    told.only = told.only or PARTS
    told.about = [*machine.lines()]
    return told


def _lines(told: argparse.Namespace) -> Iterator[Line]:
    told.stores.mkdir(parents=True, exist_ok=True)
    read = inputs.read(DATASET, told.data, told.records)
    with tempfile.TemporaryDirectory(dir=told.stores) as name:
        folder = Path(name)
        if {"lookup", "stream", "latency"} & set(told.only):
            large = stores.kept(told.stores, "all", read.known, tell)
            with Clients(told.clients, told.threads) as clients:
                bench = Bench(clients, read, large, folder, told.rounds, told.seconds, told.batch)
                for part, measure in (("lookup", _lookup), ("stream", _stream), ("latency", _latency)):
                    if part in told.only:
                        yield from report.shown(measure(bench))
        if "growth" in told.only:
            yield from report.shown(_growth(told, read, folder))
        if "dedupe" in told.only:
            yield from report.shown(_dedupe(told, folder))


def _lookup(bench: Bench) -> Iterator[Line]:
    count = lookups.A_ROUND * (bench.rounds + 1)
    store = stores.copy(bench.store, bench.folder / "lookup.db")
    ready = lookups.asked(bench.clients, store, lookups.requests(bench.inputs.known), count)
    warm, cold = lookups.measure(bench.clients, store, bench.folder, ready, bench.rounds, bench.seconds)
    stores.discard(store)
    yield from report.of_lookups(warm, f"warm, replies of {ready.reply_bytes} bytes")
    yield from report.of_lookups(cold, "each customer for the first time")


def _stream(bench: Bench) -> Iterator[Line]:
    known = _again(bench, KNOWN_A_ROUND * bench.rounds, 1)
    pointing = inputs.bare(_again(bench, KNOWN_A_ROUND * bench.rounds, 2))
    new = bench.inputs.new[len(bench.inputs.new) // NEW_UNARY_SHARE :]
    store = stores.copy(bench.store, bench.folder / "stream.db")
    with servers.service(store, bench.batch) as server:
        for which, requests, goal in (
            ("known records", known, report.GOAL_KNOWN),
            ("known records, without evidence", pointing, None),
            ("new records", new, report.GOAL_NEW),
        ):
            parts = parted(requests, bench.rounds)
            runs = streams.measure(bench.clients, server, store, bench.folder, parts, bench.batch)
            yield from report.of_stream(runs, which, goal)
    stores.discard(store)


def _latency(bench: Bench) -> Iterator[Line]:
    new = bench.inputs.new[: len(bench.inputs.new) // NEW_UNARY_SHARE]
    asked = lookups.requests(bench.inputs.known)[: UNARY * pace.MAXIMUM_SHARE]
    store = stores.copy(bench.store, bench.folder / "latency.db")
    with servers.service(store, bench.batch) as server:
        for which, method, requests in (
            ("LookupCustomer, by any identifier", LOOKUP, asked),
            ("RecordTouchpoint, known record", RECORD, _serialised(_again(bench, UNARY, 3))),
            ("RecordTouchpoint, new record", RECORD, _serialised(new)),
        ):
            waits = pace.measure(bench.clients, server, method, requests, bench.rounds)
            yield from report.of_waits(waits, which)
    stores.discard(store)


def _growth(told: argparse.Namespace, read: Inputs, folder: Path) -> Iterator[Line]:
    small = stores.kept(told.stores, "few", read.few, tell)
    large = stores.kept(told.stores, "all", read.known, tell)
    resolving, recording = growth.measure(small, large, folder, read.asked, told.rounds)
    sizes = len(read.few), len(read.known)
    yield report.of_growth(resolving, f"Resolve of {len(read.asked)} new records", *sizes)
    yield report.of_growth(recording, f"recording {len(read.asked)} new records one by one", *sizes)


def _dedupe(told: argparse.Namespace, folder: Path) -> Iterator[Line]:
    rows, clusters = folder / "rows.csv", folder / "clusters.csv"
    truth = blind(DATASET, told.data, rows)
    command = [*shlex.split(told.resolver), "dedupe", str(rows), "--id", DATASET.id_column]
    cost = run([*command, "--out", str(clusters)], folder / "log")
    with clusters.open(encoding="utf-8") as file:
        written = sum(1 for _ in file) - 1
    if written != len(truth):
        raise RunFailed(f"dedupe wrote {written} of {len(truth)} rows")
    name = f"resolver dedupe of {DATASET.name}, file to clusters"
    yield Line(name, "s", Figure.of([cost.seconds]), most=report.GOAL_DEDUPE_SECONDS)
    yield Line(f"{name}, at its peak", "MiB resident", Figure.of([cost.peak / _MIB]))


def _again(bench: Bench, count: int, number: int) -> inputs.Requests:
    """Touchpoints of known records, spread over the store; another `number`, others."""
    known = bench.inputs.known
    return inputs.again(known[:: max(1, len(known) // count)][:count], number)


def _serialised(requests: inputs.Requests) -> list[bytes]:
    return [request.SerializeToString() for request in requests]


def _document(told: argparse.Namespace, lines: Sequence[Line], arguments: Sequence[str] | None) -> str:
    command = shlex.join(["python", "-m", "bench.speed", *(sys.argv[1:] if arguments is None else arguments)])
    about = "".join(f"- {line}\n" for line in told.about)
    return f"""# Speed

{about}- clients: {told.clients} Python processes of {told.threads} threads, on the same machine; their
  own work is in every rate, so what a call costs the server is told in its processor time too
- commits of {told.batch} touchpoints in streams, of the service as of the raw writes; `synchronous=FULL`, WAL
- rounds: {told.rounds}; figures are medians (least to most), ratios are of pairs measured in turns

    {command}

{report.table(lines)}
"""


if __name__ == "__main__":
    sys.exit(main())
