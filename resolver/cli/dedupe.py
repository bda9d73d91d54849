"""`resolver dedupe`."""

from __future__ import annotations

import csv
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Optional

import typer

from graph.clock import now
from resolver import limits
from resolver.batch.collecting import Placed
from resolver.batch.dedupe import Deduped
from resolver.batch.dedupe import dedupe as resolved
from resolver.batch.inputs import Input, Reading, inputs
from resolver.batch.memory import room
from resolver.batch.memory import usual as usual_memory
from resolver.batch.readers import Reject, read_mappings
from resolver.batch.rejects import RejectFiles, rejects_paths
from resolver.batch.summary import MOST, SILENT, Rejections, common_told, summarise
from resolver.batch.workers import usual as usual_workers
from resolver.batch.workers import workers as spread_over
from resolver.cli.evaluate import judge, truth_of
from resolver.cli.files import apart, described
from resolver.cli.on_spark import Engine, out_on_spark, resolve_on_spark
from resolver.cli.opinion import Current, Page, clusters_of, opine
from resolver.cli.options import (
    Channel,
    Config,
    Files,
    IdColumn,
    MapFile,
    Memory,
    ModelFile,
    PolicyPreset,
    Population,
    Region,
    Source,
    Workers,
    configured,
)
from resolver.cli.outcome import count_lines, leading_lines, many, rejection_lines, silent_told
from resolver.cli.problems import Failed, told
from resolver.cli.progress import Quiet, present_memory, watched
from resolver.config import Configuration


def dedupe(
    files: Files,
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Option(metavar="FILE", help="Where to write which row is whose, CSV; or ask for a --report."),
    ] = None,
    id_column: IdColumn = None,
    source: Source = "",
    channel: Channel = "",
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
            help="Who is truly who: a column of the files that have it, left out of the matching, or "
            "record_id,customer_id in a CSV.",
        ),
    ] = None,
    report: Page = None,
    current: Current = None,
    workers: Workers = None,
    memory: Memory = None,
    engine: Engine = "one",
    quiet: Quiet = False,
    config: Config = None,
) -> None:
    """Tell which rows of one or more files are the same customer. Needs no service.

    Writes record_id,customer_id for every row, in the files' order, and its source where there are several.
    Where a file names no record_id it is the row's number, counted over all files. Without --population
    it is the power of ten nearest to the number of rows.
    """
    with told():
        if not (out or report or current):
            raise Failed("nothing is asked for: name --out, --report or --current")
        if engine == "spark":
            unserved = {"--relations": relations, "--report": report, "--current": current, "--truth": truth}
            spark_out = out_on_spark(out, {**unserved, "--workers": workers, "--memory": memory})
        folder = (out or report or Path()).parent
        apart(files, *rejects_paths(files, folder), out, pairs, relations, report, current)
        labels, clusters = truth_of(files, truth, report), clusters_of(current)
        settled = configured(
            config, region=region, policy=policy, model=model, government_ids=government_ids or None
        ).configuration
        mappings = read_mappings(
            files,
            id_column=id_column,
            map_file=map_file,
            government_ids=settled.government_ids,
            attributes=attributes,
            without=labels and labels.column,
        )
        reading = inputs(files, mappings, source, channel)
        if engine == "spark":
            resolve_on_spark(reading, settled, population=population, out=spark_out, pairs=pairs)
            return
        result, rejected = resolve_file(
            reading,
            settled,
            population=population,
            folder=folder,
            related=relations is not None,
            quiet=quiet,
            workers=workers,
            memory=memory,
        )
        if out is not None:
            _write(out, result.rows)
        if pairs is not None:
            _write_pairs(pairs, result)
        if relations is not None:
            _write_relations(relations, result)
        place = "" if out is None else f", in {out}"
        typer.echo(f"{many(result.counts.rows, 'row')}, {many(result.counts.customers, 'customer')}{place}")
        for line in summed_up(result, rejected, quiet=quiet):
            typer.echo(line)
        if labels is not None:
            judge(result, settled.rules(), labels, report)
        page = None if labels else report
        if clusters or page:
            opine(result, settled.rules(), reading, rejected.rejections, clusters, page)


def resolve_file(
    files: Sequence[Input],
    settled: Configuration,
    *,
    population: int | None,
    folder: Path,
    related: bool = False,
    quiet: bool = False,
    workers: int | None = 1,
    memory: int | None = None,
) -> tuple[Deduped, CountedRejects]:
    """Resolve files' rows, telling on stderr how they are read and, unless `quiet`, how far it is.

    Those rejected are written to `folder`. `workers` and `memory`, in bytes, are the usual ones where None.
    """
    for line in described(files):
        typer.echo(line, err=True)
    with CountedRejects([file.path for file in files], folder) as rejected, watched(quiet=quiet) as watcher:
        latest = now() + limits.A_DAY
        reading = Reading(files, rejected)
        hands = workers or usual_workers()
        secret = secrets.token_bytes(32) if settled.government_ids else None
        result = resolved(
            reading.lines(),
            make=reading.maker(region=settled.region, latest=latest),
            refused=reading.refuse,
            settings=settled.settings(secret),
            policy=settled.rules(),
            population=population,
            document=settled.document(),
            related=related,
            watcher=watcher,
            room=room(memory or usual_memory(), hands, present_memory),
            spread=spread_over(hands),
        )
    if result.counts.rows == result.counts.rejected:
        raise Failed(f"{', '.join(str(file.path) for file in files)}: no row can be used")
    told_by = "" if population else f", from {many(result.counts.rows - result.counts.rejected, 'valid row')}"
    typer.echo(f"population {result.population:,}{told_by}", err=True)
    if result.counts.visitors > SILENT * result.counts.records:
        typer.echo(f"warning: {silent_told(result.counts.visitors, result.counts.records)}", err=True)
    return result, rejected


class CountedRejects(RejectFiles):
    """The rejects of several files, written to `folder` and counted by reason."""

    def __init__(self, files: Sequence[Path], folder: Path) -> None:
        super().__init__(rejects_paths(files, folder))
        self.rejections = Rejections()
        self._names = [path.name for path in files] if len(files) > 1 else [""]

    def write(self, place: int, reject: Reject) -> None:
        """Add a reject of the file at this place among those that are read, from 0."""
        super().write(place, reject)
        self.rejections.take(reject, self._names[place])


def summed_up(result: Deduped, rejected: CountedRejects, *, quiet: bool = False) -> Iterator[str]:
    """What became of the rows, counts first; whose values are whose only on a terminal, never if `quiet`."""
    summary = summarise(result, rejected.rejections, 0 if quiet else MOST)
    yield from count_lines(summary)
    if rejected.count:
        yield rejected.told()
    if not quiet:
        yield from rejection_lines(summary.rejections)
        yield from leading_lines(summary, legible=sys.stdout.isatty())
    if summary.common:
        yield f"caution: {common_told(summary.common)}"


def _write(out: Path, placed: Sequence[Placed]) -> None:
    several = len({row.source for row in placed if row.key is not None}) > 1
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("record_id", "customer_id", "source") if several else ("record_id", "customer_id"))
        for row in placed:
            writer.writerow((row.record_id, row.customer, row.source)[: 3 if several else 2])


def _write_pairs(out: Path, result: Deduped) -> None:
    columns = ("left", "right", "probability", "decision", "left_source", "right_source")
    wanted = len(columns) if len({key.source for key in result.names}) > 1 else 4
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns[:wanted])
        for left, right, _, probability, decision in result.pairs:
            names = (result.names[left], result.names[right])
            row = (*names, f"{probability:.6f}", decision, left.source, right.source)
            writer.writerow(row[:wanted])


def _write_relations(out: Path, result: Deduped) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("left_customer_id", "right_customer_id", "relation", "shared"))
        writer.writerows(
            (left, right, related.kind.value, " ".join(related.shared))
            for left, right, related in result.relations
        )
