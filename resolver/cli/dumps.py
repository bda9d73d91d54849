"""Dumps as files and pipes: for their owner's eyes alone, compressed as their name says."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Final, cast

import pyarrow as pa
import typer

from graph.dump import DumpDamaged, read
from graph.whole import SECTIONS, Head, Item, SilentKey, WaitingNode, sections
from resolver.batch.watching import Watcher

Quiet = Annotated[bool, typer.Option("--quiet", help="Do not tell how far it is.")]

PIPE: Final = "-"
"""Stands for stdin and stdout."""
_CODECS: Final = {".zst": "zstd", ".gz": "gzip"}
_MAGICS: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x8b": "gzip"}
_STAGES: Final[Mapping[type[Item], str]] = {
    Head: "settings",
    SilentKey: "silent keys",
    WaitingNode: "waiting nodes",
}
_BUFFER: Final = 1 << 20
_TOLD_EVERY: Final = 1_000


def write(lines: Iterable[bytes], out: str) -> None:
    """Write the lines of a dump to a file, which is there once it is whole, or to stdout where `out` is `-`.

    Only its owner may read the file. Raises OSError.
    """
    if out == PIPE:
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with (
            os.fdopen(opened, "wb", buffering=_BUFFER) as file,
            _compressed(file, _CODECS.get(path.suffix, "")) as written,
        ):
            for line in lines:
                written.write(line)
        _sync(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def items(file: str) -> Iterator[Iterator[Item]]:
    """The items of a dump in a file, or on stdin where it is `-`, compressed or not.

    Raises OSError; the items `DumpDamaged`, at the latest at their end, where the dump is not whole.
    """
    with ExitStack() as stack:
        if file == PIPE:
            plain: IO[bytes] = sys.stdin.buffer
        else:
            plain = stack.enter_context(Path(file).open("rb", buffering=_BUFFER))
        buffered = cast(io.BufferedReader, plain)
        codec = next((name for magic, name in _MAGICS.items() if buffered.peek(4).startswith(magic)), "")
        yield read(_whole_lines(_lines(buffered, codec)))


def watched(stream: Iterable[Item], watcher: Watcher) -> Iterator[Item]:
    """The same items; section by section the watcher is told of them."""
    for kind, section in sections(stream):
        watcher.begin(_STAGES.get(kind, f"{SECTIONS[kind]}s"), None)
        count = 0
        for count, item in enumerate(section, 1):
            yield item
            if count % _TOLD_EVERY == 0:
                watcher.advance(_TOLD_EVERY)
        watcher.advance(count % _TOLD_EVERY)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _compressed(file: IO[bytes], codec: str) -> Iterator[Any]:
    if codec == "zstd":
        with pa.CompressedOutputStream(pa.PythonFile(file, "w"), codec) as stream:
            yield stream
    elif codec == "gzip":
        # Without a time in it: equal stores give equal files.
        with (
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3, mtime=0) as stream,
            io.BufferedWriter(cast(Any, stream), _BUFFER) as buffered,
        ):
            yield buffered
    else:
        yield file


def _lines(file: io.BufferedReader, codec: str) -> Iterable[bytes]:
    if codec == "zstd":
        stream = cast(Any, pa.CompressedInputStream(pa.PythonFile(file, "r"), codec))
        return io.BufferedReader(stream, _BUFFER)
    return gzip.GzipFile(fileobj=file) if codec == "gzip" else file


def _whole_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines; what the compression finds damaged is told as a dump that is."""
    number = 0
    try:
        for line in lines:
            number += 1
            yield line
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk's making
        raise DumpDamaged(f"what follows line {number} cannot be decompressed") from None
