"""`resolver export`."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from resolver.cli.options import DEFAULT_TARGET, Target, connected
from resolver.cli.problems import told
from resolver.v1 import customer_service_pb2 as pb
from resolver.v1 import customer_service_pb2_grpc, record_pb2

_PAGE = 10_000


def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The CSV file to write.")],
    target: Target = DEFAULT_TARGET,
) -> None:
    """Write which customer every live record belongs to: record_id,customer_id.

    Where there is more than one source, a column source follows. A visitor has a customer_id of its own.
    """
    with told(target), connected(target) as channel:
        stub = customer_service_pb2_grpc.CustomerServiceStub(channel)
        typer.echo(f"{write(records(stub), out)} records in {out}")


def records(stub: customer_service_pb2_grpc.CustomerServiceStub) -> Iterator[record_pb2.Record]:
    """All live records, in order of key."""
    token = ""
    while True:
        page = stub.ListRecords(pb.ListRecordsRequest(page_size=_PAGE, page_token=token))
        yield from page.records
        token = page.next_page_token
        if not token:
            return


def write(found: Iterator[record_pb2.Record], out: Path) -> int:
    """Write records to a CSV file, which is there once it is whole; how many there are."""
    draft = out.with_name(f"{out.name}.part")
    sources: set[str] = set()
    count = 0
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("record_id", "customer_id", "source"))
            for record in found:
                writer.writerow((record.key.record_id, belongs(record), record.key.source))
                sources.add(record.key.source)
                count += 1
        if len(sources) <= 1:
            _without_source(draft)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return count


def belongs(record: record_pb2.Record) -> str:
    """The customer's id; for a visitor one that no other record has."""
    if record.customer_id:
        return record.customer_id
    key = repr((record.key.source, record.key.record_id)).encode()
    return f"visitor-{hashlib.sha256(key).hexdigest()[:24]}"


def _without_source(path: Path) -> None:
    """Leave the last column out."""
    narrow = path.with_name(f"{path.name}.narrow")
    try:
        with (
            path.open(encoding="utf-8", newline="") as wide,
            narrow.open("w", encoding="utf-8", newline="") as file,
        ):
            csv.writer(file, lineterminator="\n").writerows(row[:2] for row in csv.reader(wide))
        narrow.replace(path)
    finally:
        narrow.unlink(missing_ok=True)
