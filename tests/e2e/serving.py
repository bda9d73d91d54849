"""Processes of the service, killed at the end: programs as they are typed, and ones that start at once.

Those are forked from one that has imported everything and started nothing. That fork server runs no thread
and has not begun gRPC, so a child is as if it had been started afresh, and it is a process of its own: what
is killed is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from resolver.cli import import_, main
from resolver.config import load
from resolver.serve.process import run

_forking = get_context("forkserver")
_forking.set_forkserver_preload([__name__])
_START_SECONDS = 60


@contextmanager
def program(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`resolver serve` and where it listens; killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "resolver", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    ) as started:
        try:
            assert started.stdout is not None
            line = started.stdout.readline()
            assert line.startswith("listening on ")
            yield started, line.split()[-1]
        finally:
            started.kill()


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`resolver` run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "resolver", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=_START_SECONDS,
        env={**os.environ, **environment},
    )


@contextmanager
def forked(store: Path, port: int, folder: Path | None = None) -> Iterator[tuple[BaseProcess, str]]:
    """A serving process, which imports from `folder`, and where it listens; killed at the end."""
    hearing, telling = _forking.Pipe(duplex=False)
    started = _forking.Process(target=_serve, args=(store, port, folder, telling), daemon=True)
    started.start()
    try:
        assert hearing.poll(_START_SECONDS)
        yield started, hearing.recv()
    finally:
        started.kill()
        started.join()


@contextmanager
def importing(file: Path, store: Path) -> Iterator[BaseProcess]:
    """A process that imports a file into a store, in chunks or with workers; killed at the end."""
    started = _forking.Process(target=_import, args=(file, store))
    started.start()
    try:
        yield started
    finally:
        started.kill()
        started.join()


def _import(file: Path, store: Path) -> None:
    rejects = store.with_name(f"{file.name}.rejects.csv")
    told = ["--store", str(store), "--region", "NL", "--population", "1000", "--rejects", str(rejects)]
    sys.argv = ["resolver", "import", str(file), *told]
    with patch.object(import_, "_CHUNK", 20), patch.object(import_, "_LEAST_SHARED", 0):
        sys.exit(main())


def _serve(store: Path, port: int, folder: Path | None, telling: Connection) -> None:
    flags = {"store": store, "listen": f"127.0.0.1:{port}", "region": "NL", "population": 1000}
    # Without readers, which would have to be started afresh: `test_readers` has them.
    run(load(None, {**flags, "server": {"readers": 0}, "imports": {"folder": folder}}), telling.send)
