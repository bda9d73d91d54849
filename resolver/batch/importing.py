"""A file imported into a store under a name: in chunks, each in one commit with how far it has come.

Killed at any moment and run again, an import goes on after the last row that was committed: no row is
recorded twice and none is left out, nor is a rejected one. What it records it records through the
pipeline, as everything that arrives is.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol, Self, TypeVar

import msgspec

from graph.model import Import, ImportState
from graph.store import Snapshot, Store
from resolver import limits
from resolver.batch.arrivals import arrival
from resolver.batch.mapping import ColumnMapping
from resolver.batch.preparing import portion
from resolver.batch.problems import FileProblem, readable
from resolver.batch.readers import Reject, Row, lines, rows
from resolver.batch.reject_log import RejectLog
from resolver.intake import Outcome, Refusal, Standing
from resolver.pipeline import Pipeline
from resolver.pipeline.ledger import Taken

_PIECE: Final = 1 << 20
_TEXT: Final = 16 << 20
"""Characters of rows as they came after which a chunk has enough of them."""

_ANOTHER_NAME: Final = "import it anew, where known rows change nothing, under another name"

_Item = TypeVar("_Item")
Stamp = tuple[int, int, int]
"""What tells whether somebody has written to a file: its inode, its size, and when it was last written."""


class Passing(Protocol):
    """How the pieces of a file go by while it is read: as they are, or up to an error that ends it."""

    def __call__(self, items: Iterable[_Item], /) -> Iterator[_Item]:
        """The pieces, in order."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file's rows are read; see `readers.rows`."""

    source: str
    region: str
    mapping: ColumnMapping

    def text(self) -> str:
        """The same as an import keeps it."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of(cls, text: str) -> Self:
        """What `text` wrote."""
        return msgspec.json.decode(text, type=cls)


class Content(NamedTuple):
    """What a file holds: SHA-256 of its bytes in hex, and how many they are."""

    digest: str
    size: int


class Moved(Exception):
    """The import is no longer as whoever works on it has left it: cancelled, or gone on with by another."""


def content(path: Path, passing: Passing = iter) -> Content:
    """Read a file once, to tell it from any other. Raises `FileProblem`."""
    digest, size = hashlib.sha256(), 0
    with readable(path), path.open("rb") as file:
        for piece in passing(iter(partial(file.read, _PIECE), b"")):
            digest.update(piece)
            size += len(piece)
    return Content(digest.hexdigest(), size)


def name_of(file: Path) -> str:
    """The name of an import that was given none: the file's own, in the form of `limits.IMPORT`."""
    return re.sub("[^A-Za-z0-9._-]+", "-", file.name).lstrip(".-")[:100] or "import"


def asked(name: str, file: Path, reading: Reading, rejects: Path, now: int) -> Import:
    """A new import of a file; `rejects` is where its rejected rows go. Raises `FileProblem`."""
    digest, size = content(file)
    return Import(
        name=name,
        file=str(file.resolve()),
        digest=digest,
        size=size,
        reading=reading.text(),
        state=ImportState.RUNNING,
        created=now,
        updated=now,
        rejects=str(rejects.resolve()),
    )


def begun(held: Import | None, asked: Import) -> Import:
    """How an import stands once it is asked for: a new one, or the one that is there, which goes on.

    One that is done stays so, as does one that runs. Raises `Refusal`: import_differs where the name is
    another file's, or the file was to be read in another way.
    """
    if held is None:
        return asked
    if held.digest != asked.digest:
        raise Refusal("import_differs", f"{_difference(held, asked)}; {_ANOTHER_NAME}", "name")
    if held.reading != asked.reading:
        problem = f"an import of this name reads the file in another way; {_ANOTHER_NAME}"
        raise Refusal("import_differs", problem, "name")
    if held.state is ImportState.DONE or (held.state, held.file) == (ImportState.RUNNING, asked.file):
        return held
    return replace(held, file=asked.file, state=ImportState.RUNNING, updated=asked.updated, problem="")


def _difference(held: Import, asked: Import) -> str:
    """What the content of an import's file and of the one asked for differ in, in words."""
    if held.file != asked.file:
        return "an import of this name is of another file"
    more = asked.size - held.size
    how = f"has grown by {more:,} bytes" if more > 0 else "has changed"
    return f"the file {how} since it was imported under this name"


def begin(pipeline: Pipeline, asked: Import) -> Import:
    """Enter an import, or have the one of this name go on; see `begun`."""
    return _noted(pipeline, asked.name, lambda held: begun(held, asked))


def keep(pipeline: Pipeline, left: Import, now: int) -> Import:
    """Note that an import is being worked on, by whoever has left it like this or found it left so.

    Raises `Moved` where it is no longer like this: of several who find it so, one comes to keep it.
    """

    def kept(held: Import | None) -> Import:
        if held is None or _other(held, left):
            raise Moved
        return replace(held, updated=max(now, held.updated + 1))

    return _noted(pipeline, left.name, kept)


def end(pipeline: Pipeline, name: str, state: ImportState, now: int, problem: str = "") -> Import:
    """Cancel an import, or note why it failed; one that is not running stays as it is.

    Raises `Refusal`: import_not_found.
    """

    def ended(held: Import | None) -> Import:
        if held is None:
            raise Refusal("import_not_found", "there is no import of this name", "name")
        if held.state is not ImportState.RUNNING:
            return held
        return replace(held, state=state, updated=now, problem=problem)

    return _noted(pipeline, name, ended)


def advanced(held: Import, taken: Sequence[Taken], rejects: Sequence[Reject]) -> Import:
    """An import once more rows are in: those that were taken, and the rejected, which are written down.

    Raises `FileProblem` where they cannot be.
    """
    counts = Counter(map(_duplicate, taken))
    try:
        rejects_size = RejectLog(Path(held.rejects)).put(held.rejects_size, rejects)
    except OSError as error:
        raise FileProblem(Path(held.rejects), f"cannot be written: {error.strerror}") from None
    return replace(
        held,
        rows=held.rows + len(taken) + len(rejects),
        recorded=held.recorded + counts[False],
        duplicates=held.duplicates + counts[True],
        superseded=held.superseded
        + sum(each.replaces or each.standing is Standing.SUPERSEDED for each in taken),
        rejected=held.rejected + len(rejects),
        rejects_size=rejects_size,
    )


def checked(held: Import, passing: Passing = iter) -> Stamp:
    """The stamp of an import's file. Raises `FileProblem` where it is not what the import was begun with."""
    path = Path(held.file)
    before = stamp(path)
    if content(path, passing).digest != held.digest:
        raise FileProblem(path, "is not the file that the import was begun with")
    return before


def stamp(path: Path) -> Stamp:
    """What tells whether somebody has written to a file meanwhile. Raises `FileProblem`."""
    with readable(path):
        stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def unchanged(path: Path, before: Stamp) -> None:
    """Raise `FileProblem` where a file's stamp is not what it was."""
    if stamp(path) != before:
        raise FileProblem(path, "has changed while it was read")


class Run:
    """A running import at work.

    `count` and `read` only read the file; `record` writes, and is for whoever may use the pipeline.
    Whatever is read of the file goes by way of `passing`.
    """

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        name: str,
        clock: Callable[[], int],
        passing: Passing = iter,
    ) -> None:
        """Raises `FileProblem` where the file is not the one that the import was begun with."""
        with store.snapshot() as snapshot:
            self.held = snapshot.imports([name])[name]
        self._pipeline = pipeline
        self._clock = clock
        self._path = Path(self.held.file)
        self._total = self.held.total
        self._passing = passing
        self._stamp = checked(self.held, passing)
        reading = Reading.of(self.held.reading)
        self._mapping = reading.mapping
        every = rows(
            self._path,
            reading.mapping,
            source=reading.source,
            region=reading.region,
            latest=self.held.created + limits.A_DAY,
        )
        self._rows = islice(passing(every), self.held.rows, None)

    def count(self) -> int:
        """How many rows the file has, which is read through once for it. Raises `FileProblem`.

        So a file that is damaged anywhere is told before anything of it is recorded. Damaged rows, which
        are rejected, are counted as any.
        """
        self._total = self._total or sum(1 for _ in self._passing(lines(self._path, self._mapping)))
        return self._total

    def read(self, most: int) -> Sequence[Row | Reject]:
        """The next rows, none only at the end; fewer than `most` where they are long.

        Raises `FileProblem`, also where somebody has written to the file.
        """
        chunk = portion(self._rows, most, _TEXT)
        unchanged(self._path, self._stamp)
        return chunk

    def record(self, chunk: Sequence[Row | Reject], *, last: bool) -> Import:
        """Record rows; durable, and the import with them, when it returns. `last`: none follow.

        Raises `Moved`, `FileProblem` where rejected rows cannot be written, and what `Pipeline.record`
        does; nothing has been recorded then.
        """
        now = self._clock()
        after = self.held

        def progress(snapshot: Snapshot, answers: Sequence[Taken | Refusal]) -> Import:
            nonlocal after
            held = snapshot.imports([self.held.name])[self.held.name]
            if _other(held, self.held):
                raise Moved
            after = self._after(held, chunk, answers)
            after = replace(after, updated=max(now, held.updated + 1))
            if last:
                after = replace(after, state=ImportState.DONE, total=after.rows)
            return after

        self._pipeline.record([arrival(row, now) for row in chunk if isinstance(row, Row)], progress)
        self.held = after
        return after

    def _after(
        self, held: Import, chunk: Sequence[Row | Reject], answers: Sequence[Taken | Refusal]
    ) -> Import:
        """How far an import has come with a chunk, of whose rows these became of the usable ones."""
        became = iter(answers)
        answered = [(row, next(became) if isinstance(row, Row) else None) for row in chunk]
        rejects = [_reject(row, answer) for row, answer in answered if not isinstance(answer, Taken)]
        taken = [answer for answer in answers if isinstance(answer, Taken)]
        return replace(advanced(held, taken, rejects), total=self._total)


def _other(held: Import, left: Import) -> bool:
    """Whether somebody else has written an import since it was left, or it is to be worked on no more.

    Whoever writes it makes it later, so that its time is like no other's.
    """
    return held.state is not ImportState.RUNNING or (held.rows, held.updated) != (left.rows, left.updated)


def _duplicate(taken: Taken) -> bool:
    """Whether a row said nothing new: its touchpoint is known, or its record as it is."""
    if taken.outcome is Outcome.NONE:
        return taken.standing is Standing.UNCHANGED
    return taken.outcome is Outcome.DUPLICATE


def _reject(row: Row | Reject, answer: Taken | Refusal | None) -> Reject:
    if isinstance(row, Reject):
        return row
    refused = answer if isinstance(answer, Refusal) else Refusal("", "")
    return Reject(row.number, row.line, str(refused), refused.field, row.raw)


class _Unchanged(Exception):
    """There is nothing to be written."""


def _noted(pipeline: Pipeline, name: str, change: Callable[[Import | None], Import]) -> Import:
    """Write an import as `change` makes it of how it stood; the same is not written again."""
    after: list[Import] = []

    def progress(snapshot: Snapshot, _: Sequence[Taken | Refusal]) -> Import:
        held = snapshot.imports([name]).get(name)
        after[:] = [change(held)]
        if after[0] == held:
            raise _Unchanged
        return after[0]

    with suppress(_Unchanged):
        pipeline.record([], progress)
    return after[0]
