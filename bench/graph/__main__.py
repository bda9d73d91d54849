"""`python -m bench.graph --data DIR --out report.md`: the service on a Neo4j server, against a bare driver.

Everything is a ratio to what a bare driver does on the same server in the same run, in turns (A B A B),
medians of the rounds and the ratio pair by pair. The server is started for it, as tests do. Resolving is
measured in stores of several sizes, each on a server of its own.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy.datasets import DATASETS
from bench.command import DATA_VARIABLE, RunFailed, data_folder
from bench.graph import bare, growth, inputs, lookups, streams
from bench.graph.filling import Filled, fill
from bench.graph.growth import Opened
from bench.graph.inputs import Parts, Rows
from bench.speed import lookups as asking
from bench.speed import machine
from bench.speed.clients import Clients, Unacknowledged
from bench.speed.figures import Figure, parted, ratio
from bench.speed.inputs import again
from bench.speed.report import Line, shown, table
from bench.speed.servers import Served, ServerFailed
from graph.neo4j import Address, Neo4jStore
from resolver.batch.readers import FileProblem
from resolver.config import NESTED, PREFIX, load
from resolver.serve.process import settle_terms
from resolver.serve.terms import Terms
from tests.neo4j.jars import VERSION, Missing
from tests.neo4j.server import FOR_SPEED, Login, NotStarted, Server

PARTS = ("lookup", "stream", "growth")
SIZES = (10_000, 100_000, 1_000_000)
BY_SIZE = {10_000: "omni_10k", 100_000: "omni_100k", 1_000_000: "omni_1m"}
"""The set that a greatest store of this size, or a smaller one, is drawn from."""
GOAL_LOOKUP = 0.6
GOAL_KNOWN = 0.4
GOAL_NEW = 0.15
GOAL_GROWTH = 1.5
KNOWN_A_ROUND = 1_000
"""Touchpoints of known records that are streamed in a round."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What lookups and streams work with."""

    told: argparse.Namespace
    terms: Terms
    parts: Parts
    login: Login
    service: Served
    clients: Clients


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts asked for and write the report."""
    told = _arguments(arguments)
    try:
        lines = [*_lines(told)]
    except (FileProblem, Missing, NotStarted, RunFailed, ServerFailed, Unacknowledged) as problem:
        print(problem, file=sys.stderr)
        return 1
    told.out.write_text(_document(told, lines, arguments), encoding="utf-8")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.graph", description=__doc__)
    parser.add_argument("--data", type=Path, help=f"folder of the sets (default: ${DATA_VARIABLE})")
    parser.add_argument("--out", type=Path, required=True, help="the report, in Markdown")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; repeatable")
    parser.add_argument(
        "--records", type=int, default=20_000, help="in the store that is looked up and written"
    )
    parser.add_argument("--size", action="append", type=int, help="of a store that resolves; repeatable")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each lookup round (default: 3)")
    parser.add_argument("--rounds", type=int, default=3, help="of each pair (default: 3)")
    parser.add_argument("--batch", type=int, default=100, help="touchpoints a commit, of both")
    parser.add_argument("--clients", type=int, default=1, help="client processes (default: 1)")
    parser.add_argument("--threads", type=int, default=4, help="of each client (default: 4)")
    told = parser.parse_args(arguments)
    told.data = data_folder(parser, told.data)
    told.only = told.only or PARTS
    told.size = sorted(told.size or SIZES)
    told.about = [*machine.lines()]
    return told


def _lines(told: argparse.Namespace) -> Iterator[Line]:
    if {"lookup", "stream"} & set(told.only):
        parts = inputs.parts(_source(told.data, told.records))
        with _server() as server, Clients(told.clients, told.threads) as clients:
            fill(server.login, parts.known)
            with _store(server.login) as store:
                terms = _terms(store, server.login)
            with _service(server.login, told.batch) as service:
                for part, measure in (("lookup", _lookup), ("stream", _stream)):
                    if part in told.only:
                        bench = Bench(told, terms, parts, server.login, service, clients)
                        yield from shown(measure(bench))
    if "growth" in told.only:
        yield from shown(_growth(told))


def _server() -> Server:
    """One that asks nobody who they are, so that any command can be told of it by its address alone."""
    return Server.new(auth=False, kind=FOR_SPEED)


def _terms(store: Neo4jStore, login: Login) -> Terms:
    """What a store was made with."""
    return settle_terms(store, load(None, {"store": login.uri}))


def _source(folder: Path, records: int) -> Rows:
    name = next((BY_SIZE[size] for size in sorted(BY_SIZE) if size >= records), BY_SIZE[max(BY_SIZE)])
    return Rows(next(each for each in DATASETS if each.name == name), folder, records)


@contextmanager
def _service(login: Login, batch: int) -> Iterator[Served]:
    arguments = ["-m", "resolver", "serve", "--store", login.uri, "--listen", "127.0.0.1:0"]
    with Served(arguments, {f"{PREFIX}SERVER{NESTED}BATCH": str(batch)}) as service:
        yield service


def _lookup(bench: Bench) -> Iterator[Line]:
    candidates = asking.requests(inputs.requests(bench.parts.known()))
    asked = lookups.found(bench.clients, bench.service, candidates, lookups.A_ROUND)
    keys = lookups.keys_of(asked, bench.terms.settings)
    for processes, threads in dict.fromkeys(((1, 1), (bench.told.clients, bench.told.threads))):
        with Clients(processes, threads) as callers:
            rounds = lookups.measure(
                callers,
                bench.service,
                bench.login,
                asked,
                keys,
                bench.told.rounds,
                bench.told.seconds,
                (processes, threads),
            )
        for which, rates, least in (
            (f"LookupCustomer, {processes * threads} at a time", rounds.service, GOAL_LOOKUP),
            (
                "... what an empty call and after it a bare read come to",
                rounds.reachable,
                None,
            ),
            ("... an empty call of the service", rounds.empty, None),
        ):
            yield Line(
                f"{which}, against a bare loop of the same read",
                "calls/s",
                Figure.of(rates),
                Figure.of(rounds.bare),
                ratio(rates, rounds.bare),
                least=least,
            )


def _stream(bench: Bench) -> Iterator[Line]:
    known = inputs.requests(bench.parts.known())
    rounds = bench.told.rounds + 1  # the first does not count
    count = KNOWN_A_ROUND * rounds
    known = known[:: max(1, len(known) // count)][:count]
    with bare.driver(bench.login) as driver, _store(bench.login) as store:
        for which, requests, least in (
            ("known records", again(known, 1), GOAL_KNOWN),
            ("new records", inputs.requests(bench.parts.new()), GOAL_NEW),
        ):
            runs = streams.measure(
                bench.clients,
                bench.service,
                store,
                driver,
                parted(requests, rounds),
                bench.told.batch,
            )
            rates, ceilings = [run.rate for run in runs], [run.ceiling for run in runs]
            yield Line(
                f"StreamTouchpoints, {which}, against a bare loop that merges the same nodes and relations",
                "touchpoints/s",
                Figure.of(rates),
                Figure.of(ceilings),
                ratio(rates, ceilings),
                least=least,
            )
            written = [run.written / run.touchpoints for run in runs]
            yield Line(f"... written, {which}", "nodes and relations/touchpoint", Figure.of(written))


def _growth(told: argparse.Namespace) -> Iterator[Line]:
    grown = inputs.grown(_source(told.data, max(told.size)), told.size)
    with ExitStack() as stack:
        stores = []
        for size, some in zip(grown.sizes, grown.stores, strict=True):
            server = stack.enter_context(_server())
            yield from _filled(size, fill(server.login, some))
            store = stack.enter_context(_store(server.login))
            stores.append(Opened(store, _terms(store, server.login)))
        costs = growth.measure(stores, grown.asked, told.rounds)
    for which, by_store in zip(("Resolve of", "recording, one by one,"), costs, strict=True):
        for size, seconds in zip(grown.sizes[1:], by_store[1:], strict=True):
            yield Line(
                f"{which} {len(grown.asked)} new records, {size:,} records in the store "
                f"against {grown.sizes[0]:,}",
                "ms, median of calls",
                Figure.of([each * 1e3 for each in seconds]),
                Figure.of([each * 1e3 for each in by_store[0]]),
                ratio(seconds, by_store[0]),
                most=GOAL_GROWTH,
            )


def _filled(size: int, took: Filled) -> Iterator[Line]:
    for command, seconds in (("import", took.imported), ("restore", took.restored)):
        yield Line(f"resolver {command}, {size:,} records", "records/s", Figure.of([size / seconds]))


@contextmanager
def _store(login: Login) -> Iterator[Neo4jStore]:
    store = Neo4jStore.open(Address(login.uri))
    try:
        yield store
    finally:
        store.close()


def _document(told: argparse.Namespace, lines: Sequence[Line], arguments: Sequence[str] | None) -> str:
    command = shlex.join(["python", "-m", "bench.graph", *(sys.argv[1:] if arguments is None else arguments)])
    about = "".join(f"- {line}\n" for line in told.about)
    return f"""# The graph on Neo4j

{about}- Neo4j {VERSION} community, {" ".join(FOR_SPEED.java)}, page cache 1 GiB, on the
  same machine as the service and the clients; the first rounds, in which it warms up, are not told
- stores are filled by `resolver import` into an embedded one and `resolver restore`
- lookups and streams: a store of {told.records:,} records; {told.batch} touchpoints a commit
- rounds: {told.rounds}; figures are medians (least to most), ratios are of pairs measured in turns

    {command}

{table(lines)}
"""


if __name__ == "__main__":
    sys.exit(main())
