"""`resolver dedupe --engine spark`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from graph.clock import now
from resolver import limits
from resolver.batch.inputs import Input
from resolver.batch.rejects import RejectFiles, rejects_paths
from resolver.batch.spark import MissingSpark, require
from resolver.cli.files import described
from resolver.cli.outcome import REPLACED, many
from resolver.cli.problems import Failed
from resolver.config import Configuration

Engine = Annotated[
    Literal["one", "spark"],
    typer.Option(help="Where the work is done: on this one machine, or on Spark (docs/spark.md)."),
]


def out_on_spark(out: Path | None, unserved: Mapping[str, object]) -> Path:
    """Where to write; refuse, before work is begun, what this engine does not do, or to do without it.

    `unserved` are options by name with what was given for each, None where nothing was. Raises Failed.
    """
    given = [name for name, value in unserved.items() if value is not None]
    if given:
        raise Failed(f"{', '.join(given)}: not with --engine spark, which writes --out and --pairs")
    if out is None:
        raise Failed("--engine spark needs --out")
    try:
        require()
    except MissingSpark as missing:
        raise Failed(str(missing)) from None
    return out


def resolve_on_spark(
    files: Sequence[Input], settled: Configuration, *, population: int | None, out: Path, pairs: Path | None
) -> None:
    """Resolve files' rows on Spark and write which row is whose; those rejected are written beside it."""
    # Only now: Spark is an extra, and takes a while to load.
    from resolver.batch.spark.engine import dedupe  # noqa: PLC0415
    from resolver.batch.spark.session import started  # noqa: PLC0415

    for line in described(files):
        typer.echo(line, err=True)
    secret = secrets.token_bytes(32) if settled.government_ids else None
    paths = rejects_paths([file.path for file in files], out.parent)
    with started() as session, RejectFiles(paths) as rejected:
        result = dedupe(
            session,
            files,
            region=settled.region,
            latest=now() + limits.A_DAY,
            settings=settled.settings(secret),
            policy=settled.rules(),
            population=population,
            document=settled.document(),
        )
        for place, reject in result.rejects():
            rejected.write(place, reject)
        if result.counts.rows == result.counts.rejected:
            raise Failed(f"{', '.join(str(file.path) for file in files)}: no row can be used")
        typer.echo(f"population {result.population:,}", err=True)
        result.write_rows(out)
        if pairs is not None:
            result.write_pairs(pairs)
    counts = result.counts
    typer.echo(f"{many(counts.rows, 'row')}, {many(counts.customers, 'customer')}, in {out}")
    typer.echo(f"{many(counts.visitors, 'visitor')}, {many(counts.suggestions, 'suggestion')}")
    if counts.replaced:
        typer.echo(f"{many(counts.replaced, 'row')} replaced: {REPLACED}")
    if rejected.count:
        typer.echo(rejected.told())
