"""`resolver import`."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Optional

import typer
from google.protobuf.timestamp_pb2 import Timestamp

from graph.clock import now
from graph.model import Import, ImportState
from graph.store import Store
from resolver import limits
from resolver.batch.dedupe import uncollected
from resolver.batch.importing import Moved, Reading, Run, asked, begin, end, name_of
from resolver.batch.initial import Company, Means, load
from resolver.batch.inputs import inputs
from resolver.batch.memory import cache, room, rows
from resolver.batch.memory import usual as usual_memory
from resolver.batch.problems import FileProblem
from resolver.batch.readers import read_mapping
from resolver.batch.rejects import rejects_path
from resolver.batch.watching import Watcher
from resolver.batch.workers import usual as usual_workers
from resolver.batch.workers import workers
from resolver.cli.files import described
from resolver.cli.options import (
    DEFAULT_TARGET,
    STORE,
    Channel,
    Config,
    IdColumn,
    MapFile,
    Memory,
    PolicyPreset,
    Population,
    Region,
    Source,
    Target,
    configured,
    connected,
)
from resolver.cli.outcome import many
from resolver.cli.problems import Failed, of_refusal, told
from resolver.cli.progress import Quiet, present_memory, watched
from resolver.cli.show import moment
from resolver.cli.stores import failing, writing
from resolver.config import Loaded
from resolver.intake import Refusal
from resolver.pipeline import Pipeline
from resolver.serve.process import mint, settle_terms, settled
from resolver.serve.terms import Terms
from resolver.v1 import import_service_pb2 as pb
from resolver.v1 import import_service_pb2_grpc
from resolver.whole import Vacancy, vacant

_CHUNK: Final = 20_000
"""Rows a commit at most: the more, the less often a stored neighbour is read again."""
_A_NODE_SETTLED: Final = 4
"""As many rows take what a node takes that is looked at again: all whom it meets are there already."""
_LEAST_SHARED: Final = 1 << 20
"""Bytes of a file that is done with before workers are there to share it."""
_LOOK_EVERY_SECONDS: Final = 0.5
_COLLECT_EVERY: Final = 100_000
"""Objects made before cyclic ones are looked for, which many that stay would make slow."""


def _form(text: str) -> str:
    if not limits.IMPORT.fullmatch(text):
        raise typer.BadParameter("letters, digits, '.', '_' and '-' are expected, at most 100")
    return text


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or JSON lines, gzip of either too, or Parquet.")
    ],
    target: Target = DEFAULT_TARGET,
    store: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Option(
            metavar=STORE, help="Instead: a store, whose file nobody serves; made where there is none."
        ),
    ] = None,
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="NAME", parser=_form, help="What this import is called. [the file's name]"),
    ] = None,
    id_column: IdColumn = None,
    source: Source = "",
    channel: Channel = "",
    map_file: MapFile = None,
    region: Region = None,
    rejects: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE",
            help="With --store: where rows that were not taken go, with why. [NAME.rejects.csv here]",
        ),
    ] = None,
    population: Population = None,
    policy: PolicyPreset = None,
    memory: Memory = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Import a file into a store, against itself and all that is known.

    With --store the file is imported here, at full speed: into a new store all at once, into one that is
    there in chunks, and on where it was cut. Else the service does it beside its other work: FILE then lies
    in the folder that it is configured to import from. An import is known by its name: once it is done, the
    same again changes nothing.
    """
    given = name or name_of(file)
    if store is None:
        _no_store_of_ours(rejects=rejects, population=population, policy=policy, memory=memory)
        if channel:
            raise typer.BadParameter("only with --store, or with ingest", param_hint="--channel")
        with told(target):
            _at(target, _request(file, given, id_column, source, map_file, region), quiet=quiet)
        return
    with told():
        loaded = configured(config, store=store, region=region, population=population, policy=policy)
        wanted = _Asked(given, file, source, channel, region, id_column, map_file, rejects, memory, quiet)
        with failing(loaded.configuration), vacant(loaded.configuration) as place, _collecting_seldom():
            held = _first(wanted, loaded, place) if place else _further(wanted, loaded)
        for line in _summary(held):
            typer.echo(line)


def _no_store_of_ours(**options: object) -> None:
    """Refuse what a service settles for itself, which would else be passed over."""
    for name, value in options.items():
        if value is not None:
            raise typer.BadParameter("only with --store: a service has its own", param_hint=f"--{name}")


# -- here --------------------------------------------------------------------------------------


class _Asked(NamedTuple):
    """What is asked for, as the options have it."""

    name: str
    file: Path
    source: str
    channel: str
    region: str | None
    id_column: str | None
    map_file: Path | None
    rejects: Path | None
    memory: int | None
    quiet: bool

    @property
    def bound(self) -> int:
        """The memory to keep within, in bytes."""
        return self.memory or usual_memory()

    def begun(self, terms: Terms) -> Import:
        """A new import, told how its file is read. Raises `FileProblem` and `Failed`."""
        mapping = read_mapping(
            self.file,
            id_column=self.id_column,
            map_file=self.map_file,
            government_ids=terms.government_ids,
        )
        read = inputs((self.file,), (mapping,), self.source, self.channel)
        _describe(described(read), quiet=self.quiet)
        region = terms.settings.region if self.region is None else self.region
        path = self.rejects or rejects_path(Path(self.name), Path())
        if path.resolve() == self.file.resolve():
            raise Failed(f"{path.name}: is read already; name another file for the rejected rows")
        return asked(self.name, self.file, Reading(read[0].source, region, read[0].mapping), path, now())


def _first(wanted: _Asked, loaded: Loaded, place: Vacancy) -> Import:
    """Import a file where there is no store yet: all at once."""
    terms, kept = settled({}, loaded)
    begun = wanted.begun(terms)
    hands = usual_workers() if begun.size > _LEAST_SHARED else 1
    with watched(quiet=wanted.quiet) as watcher:
        means = Means(now, mint, workers(hands), watcher, room(wanted.bound, hands, present_memory))
        try:
            held, items = load(begun, Company(terms.model, terms.policy, terms.settings, kept), means)
            place.fill(items, cache=cache(wanted.bound))
        except KeyboardInterrupt:
            raise Failed("interrupted; there is no store yet") from None
    return held


def _further(wanted: _Asked, loaded: Loaded) -> Import:
    """Import a file into a store that there is: in chunks, and on where it was cut."""
    with _opened(loaded) as store:
        terms = settle_terms(store, loaded)
        pipeline = Pipeline(
            store, model=terms.model, policy=terms.policy, settings=terms.settings, clock=now, mint=mint
        )
        held = begin(pipeline, wanted.begun(terms))
        already = held.state is ImportState.DONE
        with watched(quiet=wanted.quiet) as watcher:
            held = _imported(store, pipeline, held, rows(wanted.bound, present_memory(), _CHUNK), watcher)
    if already:
        typer.echo(_already(held.name, Timestamp(seconds=held.updated // 1_000_000)))
    return held


@contextmanager
def _opened(loaded: Loaded) -> Iterator[Store]:
    """The store, for writing."""
    with writing(loaded.configuration, "import with --target HOST:PORT") as store:
        try:
            yield store
        except Refusal as refusal:
            raise Failed(of_refusal(refusal)) from None


def _imported(store: Store, pipeline: Pipeline, held: Import, at_once: int, watcher: Watcher) -> Import:
    """Take an import to its end, so many rows at once, and settle what waits then."""
    if held.rows and held.state is ImportState.RUNNING:
        typer.echo(f"goes on after row {held.rows:,}", err=True)
    try:
        if held.state is ImportState.RUNNING:
            held = _recorded(Run(store, pipeline, held.name, now), at_once, watcher)
        watcher.begin("settling", None)
        while _settled(pipeline, at_once // _A_NODE_SETTLED):
            watcher.advance(at_once // _A_NODE_SETTLED)
    except FileProblem as problem:
        end(pipeline, held.name, ImportState.FAILED, now(), str(problem))
        raise
    except Moved:
        raise Failed(f"{held.name}: cancelled, or gone on with by another process") from None
    except KeyboardInterrupt:
        raise Failed("interrupted; the same again goes on where it was") from None
    return held


def _settled(pipeline: Pipeline, nodes: int) -> bool:
    with uncollected():
        return pipeline.settle(nodes)


def _recorded(run: Run, at_once: int, watcher: Watcher) -> Import:
    watcher.begin("importing", run.count() - run.held.rows)
    while run.held.state is ImportState.RUNNING:
        chunk = run.read(at_once)
        with uncollected():
            run.record(chunk, last=not chunk)
        watcher.advance(len(chunk))
    return run.held


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for cyclic garbage seldom: the many values that a long run keeps are none."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


# -- by the service ----------------------------------------------------------------------------


def _request(
    file: Path,
    name: str,
    id_column: str | None,
    source: str,
    map_file: Path | None,
    region: str | None,
) -> pb.CreateImportRequest:
    return pb.CreateImportRequest(
        name=name,
        file=str(file),
        id_column=id_column or "",
        source=source,
        map_file=str(map_file or ""),
        region=region or "",
    )


def _at(target: str, request: pb.CreateImportRequest, *, quiet: bool) -> None:
    """Have a service import a file, and look on."""
    with connected(target) as channel:
        imports = import_service_pb2_grpc.ImportServiceStub(channel)
        created = imports.CreateImport(request)
        _describe(created.columns, quiet=quiet)
        held = created.current
        if held.state == pb.IMPORT_STATE_DONE:
            typer.echo(_already(held.name, held.update_time))
        with watched(quiet=quiet) as watcher:
            held = _looked_at(imports, held, watcher)
        if held.state == pb.IMPORT_STATE_CANCELLED:
            raise Failed(f"{held.name} was cancelled after row {held.rows:,}")
        if held.state == pb.IMPORT_STATE_FAILED:
            raise Failed(f"{held.name} failed after row {held.rows:,}: {held.problem}")
        for line in _figures(held):
            typer.echo(line)


def _looked_at(
    imports: import_service_pb2_grpc.ImportServiceStub, held: pb.Import, watcher: Watcher
) -> pb.Import:
    """Poll an import until it runs no longer."""
    begun = False
    while held.state == pb.IMPORT_STATE_RUNNING:
        if held.total_rows and not begun:
            watcher.begin("importing", held.total_rows - held.rows)
            begun = True
        time.sleep(_LOOK_EVERY_SECONDS)
        before, held = held.rows, imports.GetImport(pb.GetImportRequest(name=held.name)).current
        if begun:
            watcher.advance(held.rows - before)
    return held


# -- what is shown -----------------------------------------------------------------------------


def _describe(columns: Iterable[str], *, quiet: bool) -> None:
    """Tell how the file is read."""
    for line in () if quiet else columns:
        typer.echo(line, err=True)


def _already(name: str, ended: Timestamp) -> str:
    return f"{name} was imported already, by {moment(ended)} UTC; nothing was done again. It came to:"


def _summary(held: Import) -> Iterator[str]:
    yield from _figures(
        pb.Import(
            rows=held.rows,
            recorded_rows=held.recorded,
            duplicate_rows=held.duplicates,
            superseded_rows=held.superseded,
            rejected_rows=held.rejected,
            reject_file=held.rejects,
        )
    )


_SUPERSEDED: Final = "their record is stated otherwise too, here or before, and one statement of it stands"


def _figures(held: pb.Import) -> Iterator[str]:
    yield many(held.rows, "row")
    yield f"{held.recorded_rows:,} recorded"
    yield many(held.duplicate_rows, "duplicate")
    yield f"{held.superseded_rows:,} superseded" + (f": {_SUPERSEDED}" if held.superseded_rows else "")
    yield f"{held.rejected_rows:,} rejected" + (f", in {held.reject_file}" if held.rejected_rows else "")
