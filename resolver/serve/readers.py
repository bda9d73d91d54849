"""The processes that listen in the writer's place, as the writer sees them: started, kept up, stopped."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing import Pipe
from types import TracebackType
from typing import Final, NamedTuple, Self

import structlog

from resolver import backoff
from resolver.config import Configuration
from resolver.serve.terms import Hearing

_log = structlog.get_logger("resolver.serve")

_PROGRAM: Final = "resolver.serve.reader"
_AGAIN_SECONDS: Final = 0.1, 30.0
"""How long it takes until a reader that ended is started anew, at first and at most."""
_LAST_SECONDS: Final = 5.0
"""How long one may take to end once it has drained."""


class Post(NamedTuple):
    """What a reader is told: where to listen, beside the others, and where the writer does."""

    configuration: Configuration
    hearing: Hearing
    address: str
    writer: str


class ReaderFailed(Exception):
    """A reader has ended before it listened."""


class Readers:
    """So many processes; one that ends is started anew. Use it in a `with`; they start at once."""

    def __init__(self, count: int, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        self._post: Post | None = None
        self._leaving = threading.Event()
        self._changing = threading.Lock()
        self._readers = [_Reader() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
        for each in self._readers:
            # One that has been told nothing has nothing to finish.
            each.end(0.0 if self._post is None else self._drain_seconds + _LAST_SECONDS)

    def begin(self, post: Post) -> None:
        """Tell them what to serve; returns when all listen. Raises `ReaderFailed`."""
        self._post = post
        for each in self._readers:
            each.tell(post)
        for place, each in enumerate(self._readers):
            if not each.listens():
                raise ReaderFailed("a process that is to answer lookups does not start")
            threading.Thread(target=self._keep, args=(place, post), name="reader", daemon=True).start()

    def leave(self) -> None:
        """Have them take no further call and end; does not wait. Idempotent."""
        self._leaving.set()
        with self._changing:
            for each in self._readers:
                each.leave()

    def _keep(self, place: int, post: Post) -> None:
        """Start the reader anew whenever it ends."""
        failures = 0
        while True:
            status = self._readers[place].ended()
            if self._leaving.is_set():
                return
            failures += 1
            _log.warning("reader ended", status=status)
            self._leaving.wait(backoff.pause(failures, *_AGAIN_SECONDS))
            with self._changing:
                if self._leaving.is_set():
                    return
                reader = self._readers[place] = _Reader()
            reader.tell(post)
            if reader.listens():
                failures = 0


class _Reader:
    """One process, and the line to it: it stops when that is cut."""

    def __init__(self) -> None:
        self._line, far = Pipe()
        with far:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", _PROGRAM, str(far.fileno())],
                pass_fds=[far.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def tell(self, post: Post) -> None:
        with suppress(OSError):  # it has ended, which is seen elsewhere
            self._line.send(post)

    def listens(self) -> bool:
        """Wait until it listens; False where it has ended."""
        try:
            self._line.recv()
        except (EOFError, OSError):
            return False
        return True

    def ended(self) -> int:
        """Wait until it has ended; its status."""
        return self._process.wait()

    def leave(self) -> None:
        self._line.close()

    def end(self, patience: float) -> None:
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
