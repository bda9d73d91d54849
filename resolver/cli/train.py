"""`resolver train`."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Optional

import typer

from graph.clock import now
from graph.model import Judgement, RecordKey
from resolver import limits
from resolver.batch.dedupe import collect, nearest_power
from resolver.batch.inputs import Reading, inputs
from resolver.batch.problems import readable
from resolver.batch.readers import Reject, Row, read_mappings
from resolver.batch.rejects import RejectFiles, rejects_paths
from resolver.cli.files import apart, described
from resolver.cli.options import (
    STORE,
    Config,
    IdColumn,
    MapFile,
    ModelFile,
    Population,
    Region,
    Source,
    configured,
)
from resolver.cli.problems import Failed, told
from resolver.cli.stores import reading
from resolver.config import Configuration
from resolver.learn.train import Grouping, Judged, train
from resolver.match.document import Document, write
from resolver.normalise.evidence import decode
from resolver.normalise.features import Features

SAME: Final = frozenset({"match", "same", "merge", "yes", "true", "1"})
DIFFERENT: Final = frozenset({"non_match", "different", "split", "no", "false", "0"})
PAGE: Final = 1000


@dataclass(slots=True)
class Known:
    """The records to learn from: how many rows they came from, and their evidence by what they are called.

    A record is called by its id, where no other source has the same, and by `source:id`. `groupings` are
    the judgements that a store holds.
    """

    rows: int = 0
    nodes: list[Features] = field(default_factory=list)
    named: dict[str, Features | None] = field(default_factory=dict)
    population: int | None = None
    groupings: list[Grouping] = field(default_factory=list)

    def add(self, key: RecordKey, name: str, features: Features) -> None:
        """Take a record."""
        self.nodes.append(features)
        self.named[name] = None if name in self.named else features
        self.named[f"{key.source}:{name}"] = features


def train_model(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the model, JSON.")],
    files: Annotated[
        Optional[list[Path]],  # noqa: UP045 - typer reads it
        typer.Argument(
            metavar="[FILE]",
            help="CSV or JSON lines, gzip of either too, or Parquet. Of several files each has its own "
            "columns; rows that name no source have their file's name for it.",
        ),
    ] = None,
    store: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar=STORE, help="Instead: a store. It may be served meanwhile."),
    ] = None,
    id_column: IdColumn = None,
    source: Source = "",
    map_file: MapFile = None,
    region: Region = None,
    population: Population = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Which pairs are drawn.")] = 0,
    judgements: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="Stewards' decisions, CSV: left,right,decision (same or different). "
            "Those that a --store holds count without it.",
        ),
    ] = None,
    model: ModelFile = None,
    government_ids: Annotated[
        bool, typer.Option("--government-ids", help="Take national ids and passports; kept as keyed hashes.")
    ] = False,
    attributes: Annotated[
        bool,
        typer.Option("--attributes", help="Take every unknown column as an attribute that counts."),
    ] = False,
    config: Config = None,
) -> None:
    """Learn a model from records, without labels. The same records and seed give the same file.

    Starts from --model, else from what ships, and keeps of it what cannot be learnt; `resolver model show`
    tells which. Without --population it is the store's, else the power of ten nearest to the rows.
    """
    with told():
        settled = configured(
            config, store=store, region=region, model=model, government_ids=government_ids or None
        ).configuration
        if files and store is None:
            apart(files, *rejects_paths(files, out.parent), out)
            mappings = read_mappings(
                files,
                id_column=id_column,
                map_file=map_file,
                government_ids=settled.government_ids,
                attributes=attributes,
            )
            read = inputs(files, mappings, source)
            for line in described(read):
                typer.echo(line, err=True)
            with RejectFiles(rejects_paths(files, out.parent)) as rejected:
                reading = Reading(read, rejected).rows(region=settled.region, latest=now() + limits.A_DAY)
                known = _of_files(reading, settled)
        elif store is not None and not files:
            known = _of_store(settled)
        else:
            raise typer.BadParameter("give a FILE, or --store")
        if not known.nodes:
            raise Failed(f"{store or ', '.join(map(str, files or ()))}: no record to learn from")
        document = train(
            known.nodes,
            population=population or known.population or nearest_power(known.rows),
            rows=known.rows,
            seed=seed,
            start=settled.document(),
            policy=settled.rules(),
            judged=list(_judged(judgements, known.named)) if judgements is not None else (),
            groupings=known.groupings,
        )
        out.write_bytes(write(document))
    for line in _told(document):
        typer.echo(line)
    typer.echo(f"model {document['version']} in {out}; see: resolver model show {out}")


def _of_files(reading: Iterator[Row | Reject], settled: Configuration) -> Known:
    secret = secrets.token_bytes(32) if settled.government_ids else None
    found = collect(reading, settings=settled.settings(secret), policy=settled.rules())
    known = Known(found.rows - found.rejected)
    for key, node in found.evidence.records:
        known.add(key, found.names[key], found.evidence.nodes[node])
    return known


def _of_store(settled: Configuration) -> Known:
    with reading(settled) as store, store.snapshot() as snapshot:
        known = Known(population=_population(snapshot.meta()))
        judgements = list(_in_force(snapshot.all_judgements))
        judged: dict[RecordKey, Features | None] = {
            key: None for each in judgements for part in each.parts for key in part
        }
        after = None
        while page := snapshot.all_records(after, PAGE):
            after = page[-1].key
            nodes = snapshot.nodes({record.node for record in page if record.node is not None})
            for record in page:
                if record.node is not None:
                    features = decode(nodes[record.node].features)
                    known.add(record.key, record.key.record_id, features)
                    if record.key in judged:
                        judged[record.key] = features
    known.rows = len(known.nodes)
    known.groupings = [_grouping(each, judged) for each in judgements]
    return known


def _in_force(pages: Callable[[int, int], Sequence[Judgement]]) -> Iterator[Judgement]:
    after = 0
    while page := pages(after, PAGE):
        yield from (each for each in page if each.retracted is None)
        after = page[-1].revision


def _grouping(judgement: Judgement, judged: Mapping[RecordKey, Features | None]) -> Grouping:
    """A judgement by what its records say, those that are no more left out."""
    parts = ([judged[key] for key in sorted(part)] for part in judgement.parts)
    return Grouping(tuple(tuple(each for each in part if each is not None) for part in parts))


def _population(kept: Mapping[str, str]) -> int | None:
    return int(kept["population"]) if "population" in kept else None


def _judged(path: Path, named: Mapping[str, Features | None]) -> Iterator[Judged]:
    """The decisions of a file; those that decide nothing (unsure, possible) are passed over."""
    with readable(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := {"left", "right", "decision"} - set(reader.fieldnames or ()):
            raise Failed(f"{path}: no column {', '.join(sorted(missing))}")
        for number, row in enumerate(reader, start=2):
            decision = (row["decision"] or "").strip().lower().replace("-", "_").replace(" ", "_")
            if decision in SAME | DIFFERENT:
                sides = [named.get(row[side] or "") for side in ("left", "right")]
                left, right = sides
                if left is None or right is None:
                    raise Failed(f"{path}: line {number}: names no record, or one that two sources have")
                yield Judged(left, right, decision in SAME)


def _told(document: Document) -> Iterator[str]:
    """What was learnt and what was not, in a few lines."""
    accounts: Mapping[str, Mapping[str, Sequence[str]]] = document["learnt"]["comparisons"]
    learnt = [name for name, account in accounts.items() if "m" in account["learnt"]]
    yield f"learnt: {', '.join(learnt) or 'nothing'}"
    kept = [name for name in accounts if name not in learnt]
    yield f"as before, for too little was seen: {', '.join(kept) or 'nothing'}"


__all__ = ["train_model"]
