"""`resolver ingest`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from graph.clock import now
from resolver import limits
from resolver.batch.inputs import Reading, inputs
from resolver.batch.readers import Reject, Row, read_mappings
from resolver.batch.rejects import RejectFiles, rejects_paths
from resolver.cli.delivery import Answer, Sender
from resolver.cli.files import apart, described
from resolver.cli.options import (
    DEFAULT_TARGET,
    Channel,
    Files,
    IdColumn,
    MapFile,
    Region,
    Source,
    Target,
    connected,
    reached,
)
from resolver.cli.outcome import REPLACED, many
from resolver.cli.problems import told
from resolver.v1 import record_pb2
from resolver.v1 import resolution_service_pb2 as pb


def ingest(
    files: Files,
    target: Target = DEFAULT_TARGET,
    id_column: IdColumn = None,
    source: Source = "",
    channel: Channel = "",
    map_file: MapFile = None,
    region: Region = None,
    rejects: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Option(
            metavar="FILE",
            help="Where the rows of a single file that were not taken go, with why. Else each file's go to "
            "NAME.rejects.csv here.",
        ),
    ] = None,
) -> None:
    """Send the rows of one or more files to the service.

    A row with a channel and a time is a touchpoint that carries its record; without them it is a record.
    May be run again after a failure: what was recorded already is not recorded twice.
    """
    if rejects is not None and len(files) > 1:
        raise typer.BadParameter("--rejects is for a single FILE")
    with told(target):
        refused = [rejects] if rejects is not None else rejects_paths(files, Path())
        apart(files, *refused)
        mappings = read_mappings(files, id_column=id_column, map_file=map_file)
        read = inputs(files, mappings, source, channel)
        for line in described(read):
            typer.echo(line, err=True)
        summary = Summary()
        latest = now() + limits.A_DAY
        with RejectFiles(refused) as rejected, connected(target) as service:
            reached(service, target)
            reading = Reading(read, rejected)
            taken = _taken(reading.rows(region=region or "", latest=latest), summary)
            for answer in _shown(Sender(service).send(taken)):
                summary.count(answer)
                if answer.error is not None:
                    reading.refuse(_reject(answer))
            for line in summary.lines(rejected):
                typer.echo(line)


class Summary:
    """What became of all rows."""

    def __init__(self) -> None:
        self.rows = 0
        self._counts: Counter[str] = Counter()
        self._customers: set[str] = set()

    def count(self, answer: Answer) -> None:
        """Add one row's answer."""
        if answer.error is not None:
            return
        duplicate = answer.outcome == pb.TOUCHPOINT_OUTCOME_DUPLICATE or (
            answer.outcome == pb.TOUCHPOINT_OUTCOME_UNSPECIFIED
            and answer.statement == record_pb2.STATEMENT_OUTCOME_UNCHANGED
        )
        self._counts["duplicates" if duplicate else "recorded"] += 1
        self._counts["superseded"] += answer.statement == record_pb2.STATEMENT_OUTCOME_SUPERSEDED
        if answer.customer:
            self._customers.add(answer.customer)

    def lines(self, rejected: RejectFiles) -> Iterator[str]:
        """The summary, a line a figure."""
        yield many(self.rows, "row")
        yield f"{self._counts['recorded']:,} recorded"
        yield many(self._counts["duplicates"], "duplicate")
        superseded = self._counts["superseded"]
        yield f"{superseded:,} superseded" + (f": {REPLACED}" if superseded else "")
        yield rejected.told()
        yield f"{many(len(self._customers), 'customer')} seen"


def _taken(reading: Iterator[Row | Reject], summary: Summary) -> Iterator[Row]:
    for row in reading:
        summary.rows += 1
        if isinstance(row, Row):
            yield row


def _reject(answer: Answer) -> Reject:
    """A row that the service refused."""
    error = answer.error
    field = error.field_violations[0].field if error and error.field_violations else ""
    return Reject(answer.row.number, answer.row.line, error.message if error else "", field, answer.row.raw)


def _shown(answers: Iterator[Answer]) -> Iterator[Answer]:
    """The same, counted on a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("rows", total=None)
        for answer in answers:
            yield answer
            progress.advance(task)
