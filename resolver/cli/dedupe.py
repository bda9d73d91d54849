"""`resolver dedupe`."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Optional

import typer

from resolver import limits
from resolver.batch.dedupe import Deduped, Placed
from resolver.batch.dedupe import dedupe as resolved
from resolver.batch.mapping import ColumnMapping
from resolver.batch.readers import Reject, Row, read_mapping, rows
from resolver.batch.rejects import RejectFile, rejects_path
from resolver.cli.evaluate import Report, judge, truth_of
from resolver.cli.options import (
    Config,
    IdColumn,
    MapFile,
    ModelFile,
    PolicyPreset,
    Population,
    Region,
    Source,
    configured,
)
from resolver.cli.problems import Failed, told
from resolver.config import Configuration
from resolver.serve.process import now


def dedupe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, gzip of it too, or Parquet.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write which row is whose, CSV.")],
    id_column: IdColumn = None,
    source: Source = "",
    map_file: MapFile = None,
    pairs: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Option(
            metavar="FILE", help="Where to write the pairs that matched or may, with their probability."
        ),
    ] = None,
    relations: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE", help="Where to write which customers live or work together, and what they share."
        ),
    ] = None,
    region: Region = None,
    population: Population = None,
    policy: PolicyPreset = None,
    model: ModelFile = None,
    government_ids: Annotated[
        bool, typer.Option("--government-ids", help="Take national ids and passports; kept as keyed hashes.")
    ] = False,
    attributes: Annotated[
        bool,
        typer.Option(
            "--attributes", help="Take every unknown column as an attribute that counts, like occupation."
        ),
    ] = False,
    truth: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="FILE|COLUMN",
            help="Who is truly who: a column of FILE, left out of the matching, or record_id,customer_id "
            "in a CSV.",
        ),
    ] = None,
    report: Report = None,
    config: Config = None,
) -> None:
    """Tell which rows of a file are the same customer. Needs no service.

    Writes record_id,customer_id for every row, in the file's order; record_id is the row's number where
    the file names none. Without --population it is the power of ten nearest to the number of rows.
    """
    with told():
        _apart(file, out, pairs, relations, report)
        labels = truth_of(file, truth, report)
        settled = configured(
            config, region=region, policy=policy, model=model, government_ids=government_ids or None
        ).configuration
        mapping = read_mapping(
            file,
            id_column=id_column,
            map_file=map_file,
            government_ids=settled.government_ids,
            attributes=attributes,
            without=labels and labels.column,
        )
        result, rejected = resolve_file(
            file,
            mapping,
            settled,
            source=source,
            population=population,
            folder=out.parent,
            related=relations is not None,
        )
        _write(out, result.rows)
        if pairs is not None:
            _write_pairs(pairs, result)
        if relations is not None:
            _write_relations(relations, result)
        typer.echo(f"{result.counts.rows} rows, {result.counts.customers} customers, in {out}")
        typer.echo(f"{result.counts.visitors} visitors, {result.counts.suggestions} suggestions")
        if rejected.count:
            typer.echo(f"{rejected.count} rejected, in {rejected.path}")
        if labels is not None:
            judge(result, settled.rules(), labels, report)


def _apart(read: Path, *written: Path | None) -> None:
    """Refuse to write over what is read, or twice to one place. Raises Failed."""
    places = [read.resolve(), *(path.resolve() for path in written if path is not None)]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise Failed(f"{place.name}: is read or written already; name another file")


def resolve_file(
    file: Path,
    mapping: ColumnMapping,
    settled: Configuration,
    *,
    source: str,
    population: int | None,
    folder: Path,
    related: bool = False,
) -> tuple[Deduped, RejectFile]:
    """Resolve a file's rows, telling on stderr how they are read; those rejected are written to `folder`."""
    for line in mapping.describe():
        typer.echo(line, err=True)
    with RejectFile(rejects_path(file, folder)) as rejected:
        latest = now() + limits.A_DAY
        reading = rows(file, mapping, source=source, region=settled.region, latest=latest)
        secret = secrets.token_bytes(32) if settled.government_ids else None
        result = resolved(
            _noted(reading, rejected),
            settings=settled.settings(secret),
            policy=settled.rules(),
            population=population,
            document=settled.document(),
            related=related,
        )
    if result.counts.rows == result.counts.rejected:
        raise Failed(f"{file}: no row can be used")
    told_by = "" if population else f", from {result.counts.rows - result.counts.rejected} valid rows"
    typer.echo(f"population {result.population}{told_by}", err=True)
    return result, rejected


def _noted(reading: Iterator[Row | Reject], rejected: RejectFile) -> Iterator[Row | Reject]:
    """The same rows, those that were rejected written down."""
    for row in reading:
        if isinstance(row, Reject):
            rejected.write(row)
        yield row


def _write(out: Path, placed: Sequence[Placed]) -> None:
    several = len({row.source for row in placed}) > 1
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("record_id", "customer_id", "source") if several else ("record_id", "customer_id"))
        for row in placed:
            writer.writerow((row.record_id, row.customer, row.source)[: 3 if several else 2])


def _write_pairs(out: Path, result: Deduped) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("left", "right", "probability", "decision"))
        writer.writerows(
            (result.names[pair.left], result.names[pair.right], f"{pair.probability:.6f}", pair.decision)
            for pair in result.pairs
        )


def _write_relations(out: Path, result: Deduped) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("left_customer_id", "right_customer_id", "relation", "shared"))
        writer.writerows(
            (left, right, related.kind.value, " ".join(related.shared))
            for left, right, related in result.relations
        )
