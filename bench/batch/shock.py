"""A number turns generic under a service at work: an import brings the line's last few descriptions.

A shop has booked thousands of guests under its own number and one clerk's name. Then a file comes in which
other people state that number, and all who hold it are looked at again and fall apart by their addresses,
while the service is asked and told as before.
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final, NamedTuple

import grpc

from bench.accuracy.datasets import SEED
from bench.batch.callers import Acknowledged, Callers, Wait
from bench.batch.feed import Follower
from bench.batch.files import SHARED_PHONE, Labelled, labelled
from bench.batch.part import Asked, Section, shown
from bench.command import RunFailed, run
from bench.speed import lookups
from bench.speed.figures import Figure, percentile, ratio
from bench.speed.report import Line
from bench.speed.servers import Served, echoing
from graph.sqlite import SqliteStore
from resolver.batch import readers
from resolver.batch.readers import Row
from resolver.cli.delivery import touchpoint_request
from resolver.config import NESTED, PREFIX
from resolver.v1 import change_pb2, import_service_pb2_grpc
from resolver.v1 import import_service_pb2 as pb
from resolver.v1 import resolution_service_pb2 as resolution_pb
from resolver.v1.customer_service_pb2 import LookupCustomerRequest
from resolver.v1.record_pb2 import RecordKey

ROWS: Final = 100_000
GUESTS: Final = 20_000
GUESTS_LEAST: Final = 2_000
"""However few rows there are: fewer than a thousand would be looked at in the commit that re-opens them."""
OTHERS: Final = 20
"""People who state the shop's number too: more than a value may have."""
SEEN_SHARE: Final = 0.9
"""Of the guests, to be seen waiting at one moment: some are done with before anybody looks."""
MOST_P99_MS: Final = 20.0
LEAST_RATE: Final = 0.5
ECHO_SHARE: Final = 0.1
"""Of the lookups' rate, that of calls to a server with nothing in it: what the machine itself takes then."""
_ECHO_BYTES: Final = 1_000
_LOOK_EVERY_SECONDS: Final = 0.5
_SETTLES_SECONDS: Final = 1800.0
_COLUMNS: Final = (
    "record_id",
    "channel",
    "created_at",
    "given_name",
    "surname",
    "phone",
    "postcode",
)
_WHEN: Final = "2026-03-01T10:00:00Z"
_FILE: Final = "shock.csv"
_LETTERS: Final = "ABCDE"

Cells = Mapping[str, str]


class Span(NamedTuple):
    """From one moment to another, of the monotonic clock."""

    start: float
    end: float

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, float) and self.start <= moment < self.end

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Seen:
    """What was answered, and when what went on: lookups `alone`, ingest too `before` the import, the `shock`.

    `echoes` are answers of a server with nothing in it, all the while. The shock lasts until all that was
    re-opened is settled; the file itself was in at `imported`. `waiting` is the most nodes that were seen to
    wait to be looked at again. `wrong`: see `Follower.wrong`.
    """

    waits: Sequence[Wait]
    echoes: Sequence[Wait]
    acknowledged: Sequence[Acknowledged]
    alone: Span
    before: Span
    shock: Span
    imported: float
    waiting: int
    changes: Sequence[change_pb2.Change]
    wrong: int


def measure(asked: Asked) -> Section:
    """Raises RunFailed, ServerFailed, Unacknowledged, CallFailed, NotTold; FileProblem without the set."""
    many = asked.rows(ROWS)
    guests = max(GUESTS_LEAST, GUESTS * many // ROWS)
    rows = labelled(asked.data, many, asked.folder / "rows.csv")
    known, new = _halves(rows, asked.folder)
    asked.tell(f"importing {many // 2:,} rows and {guests:,} guests, to begin with")
    store = asked.folder / "shock.db"
    booked = _written(asked.folder / "guests.csv", _guests(guests))
    for path in (known, booked):
        told = ["import", str(path), "--store", str(store), "--id", rows.id_column, "--quiet"]
        run([*asked.resolver, *told, "--rejects", str(asked.folder / "rejects.csv")], asked.folder / "log")
    folder = asked.folder / "imports"
    folder.mkdir()
    _written(folder / _FILE, _others())
    asking = _lookups(known, rows.id_column, guests)
    telling = [each.SerializeToString() for each in _requests(new, rows.id_column)]
    seen = _shocked(asked, store, folder, asking, telling)
    about = (
        f"A service with {many // 2:,} records and {guests:,} guests of a shop; an import of {OTHERS} rows "
        f"makes its number generic. Lookups come at {asked.lookups:g}/s from one process, every other one of "
        f"a guest, who may just have been re-opened; touchpoints from another, {_pace(asked.touchpoints)}; "
        f"all on the same machine. Beside a lookup: what a server with nothing in it took at the same time, "
        f"called {asked.lookups * ECHO_SHARE:g} times a second."
    )
    return Section("Shock", about, shown(_lines(seen, guests), asked.tell))


def _shocked(
    asked: Asked, store: Path, folder: Path, asking: Sequence[bytes], telling: Sequence[bytes]
) -> Seen:
    arguments = ["-m", "resolver", "serve", "--store", str(store), "--listen", "127.0.0.1:0"]
    with (
        Served(arguments, {f"{PREFIX}IMPORTS{NESTED}FOLDER": str(folder)}) as server,
        echoing(_ECHO_BYTES) as echo,
        grpc.insecure_channel(server.address) as channel,
        Follower(channel) as follower,
        Callers(server.address, 3) as callers,
    ):
        waits = callers.ask(asking, asked.lookups)
        echoes = callers.ask(asking, asked.lookups * ECHO_SHARE, echo.address)
        alone = _calm(asked, "lookups alone")
        acknowledged = callers.tell(telling, asked.touchpoints)
        before = _calm(asked, "lookups and ingest")
        asked.tell("and the import")
        begun = time.monotonic()
        imported, waiting = _import(channel, store, waits, acknowledged)
        shock = Span(begun, time.monotonic())
        callers.stop()
        return Seen(
            waits.result(),
            echoes.result(),
            acknowledged.result(),
            alone,
            before,
            shock,
            imported,
            waiting,
            follower.changes,
            follower.wrong(),
        )


def _calm(asked: Asked, what: str) -> Span:
    """Wait, and wait as long again; the first half, in which much is new to the service, does not count."""
    asked.tell(f"{what}, {asked.calm:g} s after as many to warm up")
    time.sleep(asked.calm)
    begun = time.monotonic()
    time.sleep(asked.calm)
    return Span(begun, time.monotonic())


def _import(channel: grpc.Channel, store: Path, *callers: Future[Any]) -> tuple[float, int]:
    """Have the service import the file, and wait until all is settled; when it was in, and what waited."""
    imports = import_service_pb2_grpc.ImportServiceStub(channel)
    imports.CreateImport(pb.CreateImportRequest(file=_FILE, name=_FILE, id_column="record_id"))
    end = time.monotonic() + _SETTLES_SECONDS
    imported, revision, waiting = 0.0, 0, 0
    reader = SqliteStore.open_reader(store)
    try:
        while time.monotonic() < end:
            for each in callers:
                if each.done():
                    each.result()
            with reader.snapshot() as snapshot:
                waiting = max(waiting, len(snapshot.waiting(10 * GUESTS)))
            reply = imports.GetImport(pb.GetImportRequest(name=_FILE))
            if reply.current.state not in {pb.IMPORT_STATE_RUNNING, pb.IMPORT_STATE_DONE}:
                raise RunFailed(f"the import ended: {reply.current.problem}")
            if reply.current.state == pb.IMPORT_STATE_DONE and not imported:
                imported, revision = time.monotonic(), reply.revision
            if imported and reply.settled_revision >= revision:
                return imported, waiting
            time.sleep(_LOOK_EVERY_SECONDS)
    finally:
        reader.close()
    raise RunFailed("what the import re-opened was not settled in time")


def _lines(seen: Seen, guests: int) -> Iterator[Line]:
    for what, span, most in (
        ("lookups alone", seen.alone, None),
        ("with ingest, before the import", seen.before, None),
        ("with ingest, while it runs and re-opens", seen.shock, MOST_P99_MS),
    ):
        waits, echoes = (
            [each.seconds * 1e3 for each in of if each.due in span] for of in (seen.waits, seen.echoes)
        )
        if waits and echoes:
            name = f"LookupCustomer, {what}"
            yield Line(f"{name}, p50 of {len(waits)}", "ms", _share(waits, 0.5), _share(echoes, 0.5))
            yield Line(f"{name}, p99", "ms", _share(waits, 0.99), _share(echoes, 0.99), most=most)
            yield Line(f"{name}, slowest", "ms", _share(waits, 1.0), _share(echoes, 1.0))
    during, before = ([rate(seen.acknowledged, span)] for span in (seen.shock, seen.before))
    yield Line(
        "StreamTouchpoints, while it runs and re-opens, against before",
        "touchpoints/s",
        Figure.of(during),
        Figure.of(before),
        ratio(during, before),
        least=LEAST_RATE,
    )
    yield Line("the file imported, after", "s", Figure.of([seen.imported - seen.shock.start]))
    yield Line("all settled, after", "s", Figure.of([seen.shock.seconds]))
    yield Line(
        "nodes re-opened, waiting at once", "nodes", Figure.of([seen.waiting]), least=SEEN_SHARE * guests
    )
    reopened = sum(each.cause == change_pb2.CHANGE_CAUSE_REOPENED for each in seen.changes)
    yield Line("changes told by the feed, of customers re-opened", "changes", Figure.of([reopened]))
    yield Line("... in all", "changes", Figure.of([len(seen.changes)]))
    yield Line("... missed, told twice or out of order", "changes", Figure.of([seen.wrong]), most=0)


def _share(waits: Sequence[float], share: float) -> Figure:
    return Figure.of([percentile(waits, share)])


def rate(acknowledged: Sequence[Acknowledged], span: Span) -> float:
    """Touchpoints of new records a second; where these ran out, until then. Raises RunFailed without any."""
    ran_out = min((each.at for each in acknowledged if each.again), default=span.end)
    if ran_out <= span.start:
        raise RunFailed("new records ran out too soon: take more, or fewer a second with --touchpoints")
    new = Span(span.start, min(span.end, ran_out))
    return sum(each.touchpoints for each in acknowledged if each.at in new) / new.seconds


def _pace(rate: float) -> str:
    return f"at {rate:g}/s" if rate else "as fast as they are acknowledged"


# -- the files ---------------------------------------------------------------------------------


def _halves(rows: Labelled, folder: Path) -> tuple[Path, Path]:
    """Every other row, so that most people are known when the rest of their records comes."""
    paths = folder / "known.csv", folder / "new.csv"
    with (
        rows.path.open(encoding="utf-8", newline="") as source,
        paths[0].open("w", encoding="utf-8", newline="") as known,
        paths[1].open("w", encoding="utf-8", newline="") as new,
    ):
        writers = csv.writer(known), csv.writer(new)
        header, *read = csv.reader(source)
        for writer in writers:
            writer.writerow(header)
        for place, row in enumerate(read):
            writers[place % 2].writerow(row)
    return paths


def _lookups(known: Path, id_column: str, guests: int) -> list[bytes]:
    """Lookups by one identifier each of those who are known, and in between by record of guests."""
    asked = lookups.requests(_requests(known, id_column))
    numbers = random.Random(SEED).sample(range(guests), min(guests, len(asked)))
    records = (RecordKey(source="guests", record_id=f"guest-{number}") for number in cycle(numbers))
    of_guests = (LookupCustomerRequest(record=key).SerializeToString() for key in records)
    return [each for both in zip(asked, of_guests, strict=False) for each in both]


def _requests(path: Path, id_column: str) -> list[resolution_pb.RecordTouchpointRequest]:
    read = (row for row in readers.rows(path, readers.read_mapping(path, id_column=id_column)))
    return [
        touchpoint_request(row, row.touchpoint)
        for row in read
        if isinstance(row, Row) and row.touchpoint is not None
    ]


def _guests(count: int) -> Iterator[Cells]:
    """Two records of each postcode: one customer while the number speaks, and two when it is generic."""
    for number in range(count):
        where = number // 2
        yield {
            **_stated(f"guest-{number}", "J." if number % 2 else "Jan", "de Jong"),
            "postcode": f"{1000 + where % 9000} {_LETTERS[where // 9000]}B",
        }


def _others() -> Iterator[Cells]:
    """People of as many names who state the shop's number."""
    for number in range(OTHERS):
        yield _stated(f"other-{number}", f"{_word(number).capitalize()}", f"{_word(97 * number)}sen")


def _stated(record_id: str, given_name: str, surname: str) -> Cells:
    return {
        "record_id": record_id,
        "channel": "shop",
        "created_at": _WHEN,
        "given_name": given_name,
        "surname": surname,
        "phone": SHARED_PHONE,
    }


def _word(number: int) -> str:
    """A word of its own for each number, such as might be a name."""
    syllables = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
    return "".join(syllables[number // 20**place % 20] for place in range(4))


def _written(path: Path, rows: Iterable[Cells]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path
