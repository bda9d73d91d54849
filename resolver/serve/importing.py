"""ImportService: files recorded in the background, through the one writer, between all else that it does."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import structlog
from google.protobuf.message import Message

from graph.errors import Conflict, StoreCorrupt, StoreError, StoreLocked, StoreUnavailable
from graph.model import Import, ImportState
from graph.store import Snapshot, Store
from resolver.batch.importing import Moved, Reading, Run, asked, begin, begun, end, keep, name_of
from resolver.batch.inputs import inputs
from resolver.batch.readers import FileProblem, Reject, Row, read_mapping
from resolver.intake import Refusal
from resolver.pipeline import Pipeline
from resolver.reading import pages
from resolver.serve import convert, validate
from resolver.serve.call import Call
from resolver.serve.errors import refusal_of
from resolver.serve.rereading import reread
from resolver.serve.terms import Terms
from resolver.serve.writer import Writer
from resolver.v1 import import_service_pb2 as pb

_log = structlog.get_logger("resolver.serve")

_A_CHUNK_SECONDS: Final = 0.1
"""About how long a chunk may hold the writer, so that whoever waits for it does not notice."""
_FEWEST, _MOST = 20, 2000
"""Rows of a chunk."""
_ALONE_SECONDS: Final = 0.005
"""A chunk that waited no longer for its turn had the writer to itself."""
_PAUSE_SECONDS: Final = 1.0
"""How long the imports rest where the server is overloaded or the store has failed them."""
_LOOKS: Final = 6
"""How often an import is looked after, or for, in the time in which it would be abandoned."""
_LATELY: Final = 50
"""Chunks over which the rate is taken."""
_PAGE: Final = 1000

_Item = TypeVar("_Item")

_STATES: Final = {state: pb.ImportState.Value(f"IMPORT_STATE_{state.name}") for state in ImportState}


class _Left(Exception):
    """The server stops, or the import at work was cancelled: nothing more of its file is read."""


class _Seen(NamedTuple):
    """Another's import: its time by the clock of who wrote it, and since when (monotonic) it stands so."""

    updated: int
    since: float


class Importer:
    """Owns the thread that works on imports, one at a time, the first created first.

    It goes on with those that an earlier process left running, as far as their files lie in `folder`. Where
    several processes serve the store, an import is kept by the one that has written it last; it is
    anybody's once that one has written nothing of it for `abandoned` seconds, 0 where there is no other.
    """

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        writer: Writer,
        folder: Path | None,
        clock: Callable[[], int],
        *,
        abandoned: float = 0.0,
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._writer = writer
        self._folder = folder
        self._clock = clock
        self._abandoned = abandoned
        self._look = abandoned / _LOOKS if abandoned else None
        self._ours: dict[str, int] = {}
        self._others: dict[str, _Seen] = {}
        self._due = threading.Event()
        self._closing = threading.Event()
        self._cancelled = threading.Event()
        self._name = ""
        self._lately: deque[tuple[float, int]] = deque(maxlen=_LATELY)
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)
        if folder is not None:
            self._due.set()
            self._thread.start()

    def begun(self, held: Import) -> None:
        """Work on an import that was begun here."""
        self._ours[held.name] = held.updated
        self._due.set()

    def cancelled(self, name: str) -> None:
        """Leave off an import that was cancelled here, if it is the one at work."""
        if name == self._name:
            self._cancelled.set()

    def close(self) -> None:
        """Leave off after the chunk at hand, or where a file is looked through at once. Idempotent."""
        self._closing.set()
        self._due.set()
        if self._folder is not None:
            self._thread.join()

    def rate(self, name: str) -> float:
        """Rows a second of an import, lately; 0 where it is not the one at work."""
        marks = tuple(self._lately)
        if name != self._name or len(marks) < 2:
            return 0.0
        (first, before), (last, now) = marks[0], marks[-1]
        return (now - before) / max(last - first, 1e-9)

    # -- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            self._due.wait(self._look)
            self._due.clear()
            try:
                while not self._closing.is_set() and (held := self._first()) is not None:
                    self._work(held)
            except Exception as error:  # noqa: BLE001 - what is left is kept in the store and is tried again
                refusal_of(error, "import")
                self._closing.wait(_PAUSE_SECONDS)
                self._due.set()
            self._name = ""

    def _first(self) -> Import | None:
        """The import that has its turn: of those that are this process's, or nobody's, the first created."""
        running = reread(self._running)
        self._others = {
            each.name: self._seen(each) for each in running if self._ours.get(each.name) != each.updated
        }
        now = time.monotonic()
        for each in running:
            if each.name not in self._others or now - self._others[each.name].since >= self._abandoned:
                return each
        return None

    def _running(self) -> list[Import]:
        """The imports that run and have their files here, the first created first."""
        found: list[Import] = []
        before = None
        with self._store.snapshot() as snapshot:
            while page := snapshot.all_imports(before, _PAGE):
                before = page[-1].created, page[-1].name
                found += [each for each in page if each.state is ImportState.RUNNING and self._here(each)]
        return found[::-1]

    def _here(self, held: Import) -> bool:
        return self._folder is not None and Path(held.file).is_relative_to(self._folder)

    def _seen(self, held: Import) -> _Seen:
        before = self._others.get(held.name)
        return before if before and before.updated == held.updated else _Seen(held.updated, time.monotonic())

    def _work(self, held: Import) -> None:
        """Work on an import until it is done or stopped, or another process keeps it, or the server stops."""
        name, size = held.name, _FEWEST
        self._name = name
        self._cancelled.clear()
        self._lately.clear()
        try:
            run, read = self._begin(held, size)
            while not self._leaves():
                self._lately.append((time.monotonic(), run.held.rows))
                chunk = read[:size]
                try:
                    took = self._record(run, chunk, last=not chunk)
                except (Conflict, StoreUnavailable, Refusal) as error:
                    self._rest(error)
                    size = _FEWEST  # what is planned sooner is overtaken less
                    continue
                self._ours[name] = run.held.updated
                if run.held.state is not ImportState.RUNNING:
                    return
                size = min(_MOST, max(_FEWEST, int(size * min(2.0, _A_CHUNK_SECONDS / took))))
                read = read[len(chunk) :] or run.read(size)
        except Moved:
            self._ours.pop(name, None)
        except _Left:
            return
        except (Conflict, StoreUnavailable, StoreCorrupt, StoreLocked, Refusal):
            raise
        except FileProblem as problem:
            self._fail(name, _told(problem))
        except Exception as error:  # noqa: BLE001 - what the store refuses of one file must not stop the others
            self._fail(name, str(refusal_of(error, "import")))

    def _begin(self, held: Import, size: int) -> tuple[Run, Sequence[Row | Reject]]:
        """A run and its first rows; the import is kept meanwhile, for a long file is long looked through."""
        kept = self._keep(held)
        found = threading.Event()

        def keep() -> None:
            nonlocal kept
            while not found.wait(self._look):
                try:
                    kept = self._keep(kept)
                except Moved:
                    self._cancelled.set()
                    return
                except (StoreError, Refusal):
                    continue  # the store is away or the writer busy; there is time for some more attempts

        keeping = threading.Thread(target=keep, name="import-keep", daemon=True)
        keeping.start()
        try:
            run = Run(self._store, self._pipeline, held.name, self._clock, self._passing)
            run.count()
            chunk = run.read(size)
        finally:
            found.set()
            keeping.join()
        run.held = kept
        return run, chunk

    def _leaves(self) -> bool:
        """Whether the import at work is to be worked on no more."""
        return self._closing.is_set() or self._cancelled.is_set()

    def _passing(self, items: Iterable[_Item], /) -> Iterator[_Item]:
        """The pieces of a file, as long as it is to be read."""
        for item in items:
            if self._leaves():
                raise _Left
            yield item

    def _rest(self, error: Conflict | StoreUnavailable | Refusal) -> None:
        """Wait before a chunk is recorded again. Raises the error where that may not help."""
        if isinstance(error, Refusal) and error.reason != "overloaded":
            raise error
        refusal_of(error, "import")
        self._closing.wait(_PAUSE_SECONDS)

    def _keep(self, held: Import) -> Import:
        kept = self._writer.act(lambda: keep(self._pipeline, held, self._clock())).result()
        self._ours[held.name] = kept.updated
        return kept

    def _record(self, run: Run, chunk: Sequence[Row | Reject], *, last: bool) -> float:
        """Record a chunk in the writer's turn; how many seconds it took.

        Where others wait for the writer too, it rests as long as it worked: they keep half of it at least.
        """
        times = [time.monotonic()]

        def act() -> None:
            times.append(time.monotonic())
            try:
                run.record(chunk, last=last)
            finally:
                times.append(time.monotonic())

        self._writer.act(act).result()
        waited, took = times[1] - times[0], times[2] - times[1]
        if waited > _ALONE_SECONDS:
            self._closing.wait(took)
        return took

    def _fail(self, name: str, problem: str) -> None:
        _log.warning("import failed", name=name)
        failed = ImportState.FAILED
        self._writer.act(lambda: end(self._pipeline, name, failed, self._clock(), problem)).result()


class Importing:
    """The handlers. `folder` is where files are imported from, None for nowhere."""

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        writer: Writer,
        importer: Importer,
        terms: Terms,
        folder: Path | None,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._writer = writer
        self._importer = importer
        self._terms = terms
        self._folder = folder
        self._clock = clock

    def create_import(self, request: pb.CreateImportRequest, call: Call) -> Message:
        """Begin an import."""
        self._check(request)
        if self._folder is None:
            raise Refusal("imports_not_configured", "this server imports no files: imports.folder is not set")
        try:
            reading, wanted = self._asked(request, self._folder)
        except FileProblem as problem:
            raise Refusal("file_unreadable", _told(problem)) from None
        if request.validate_only:
            with self._store.snapshot() as snapshot:
                held = begun(snapshot.imports([wanted.name]).get(wanted.name), wanted)
        else:
            held = call.result(self._writer.act(lambda: begin(self._pipeline, wanted)))
            if held.state is ImportState.RUNNING and held.updated == wanted.updated:
                self._importer.begun(held)
        with self._store.snapshot() as snapshot:
            return pb.CreateImportResponse(
                current=self._out(held),
                columns=[*reading.mapping.describe(), *reading.mapping.warnings()],
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def get_import(self, request: pb.GetImportRequest, call: Call) -> Message:
        """Tell how far an import has come."""
        self._check(request)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            return pb.GetImportResponse(
                current=self._out(_held(snapshot, request.name)),
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def list_imports(self, request: pb.ListImportsRequest, call: Call) -> Message:
        """List imports, the last created first."""
        self._check(request)
        size = pages.page_size(request.page_size, 50, 1000)
        with call.snapshot(self._store, request.min_revision) as snapshot:
            page = pages.imports(snapshot, request.page_token, size)
            return pb.ListImportsResponse(
                imports=[self._out(each) for each in page.entries],
                next_page_token=page.next_page_token,
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    def cancel_import(self, request: pb.CancelImportRequest, call: Call) -> Message:
        """Stop an import."""
        self._check(request)
        cancelled = ImportState.CANCELLED
        act = self._writer.act(lambda: end(self._pipeline, request.name, cancelled, self._clock()))
        held = call.result(act)
        self._importer.cancelled(request.name)
        with self._store.snapshot() as snapshot:
            return pb.CancelImportResponse(
                current=self._out(held),
                revision=snapshot.revision,
                settled_revision=snapshot.settled_revision,
            )

    # -- what is asked -----------------------------------------------------------------------

    def _check(self, request: Message) -> None:
        validate.check(request, now=self._clock(), government_ids=self._terms.government_ids)

    def _asked(self, request: pb.CreateImportRequest, folder: Path) -> tuple[Reading, Import]:
        """How the file is to be read, and the import of it. Raises `Refusal` and `FileProblem`."""
        path = _inside(folder, request.file, "file")
        mapping = read_mapping(
            path,
            id_column=request.id_column or None,
            map_file=_inside(folder, request.map_file, "map_file") if request.map_file else None,
            government_ids=self._terms.government_ids,
        )
        (read,) = inputs((path,), (mapping,), request.source)
        reading = Reading(read.source, request.region.upper() or self._terms.settings.region, read.mapping)
        name = request.name or name_of(path)
        rejects = folder / f"{name}.rejects.csv"
        if rejects == path:
            raise Refusal("field_invalid", "rejected rows would be written over the file", "name")
        return reading, asked(name, path, reading, rejects, self._clock())

    # -- what is told ------------------------------------------------------------------------

    def _out(self, held: Import) -> pb.Import:
        return pb.Import(
            name=held.name,
            file=self._shown(held.file),
            state=_STATES[held.state],
            create_time=convert.timestamp(held.created),
            update_time=convert.timestamp(held.updated),
            total_bytes=held.size,
            total_rows=held.total,
            rows=held.rows,
            recorded_rows=held.recorded,
            duplicate_rows=held.duplicates,
            superseded_rows=held.superseded,
            rejected_rows=held.rejected,
            rows_per_second=self._importer.rate(held.name),
            reject_file=self._shown(held.rejects) if held.rejected else "",
            problem=held.problem,
        )

    def _shown(self, path: str) -> str:
        """A path as it is told: below the folder, and nothing of where that lies."""
        whole = Path(path)
        inside = self._folder is not None and whole.is_relative_to(self._folder)
        return str(whole.relative_to(self._folder)) if inside and self._folder else whole.name


def _inside(folder: Path, file: str, field: str) -> Path:
    """A file in the folder, links followed. Raises `Refusal` where it is none, or lies outside."""
    try:
        path = (folder / file).resolve()
        if not path.is_relative_to(folder):
            raise Refusal("field_invalid", "lies outside the folder that is imported from", field)
        if path.is_file():
            return path
    except (OSError, RuntimeError):  # links that lead in a circle are the latter
        pass
    raise Refusal("file_not_found", "there is no such file in the folder that is imported from", field)


def _told(problem: FileProblem) -> str:
    """What keeps a file from being read, without where it lies on the server."""
    return str(problem).replace(str(problem.path), problem.path.name)


def _held(snapshot: Snapshot, name: str) -> Import:
    held = snapshot.imports([name]).get(name)
    if held is None:
        raise Refusal("import_not_found", "there is no import of this name", "name")
    return held
