"""What keeps a file from being read, said in one line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from resolver.batch.mapping import MappingError


class FileProblem(Exception):
    """A file that cannot be read at all. One line that names the file and the column, never a value."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what opening and reading a file may raise into one line."""
    try:
        yield
    except FileNotFoundError:
        raise FileProblem(path, "there is no such file") from None
    except IsADirectoryError:
        raise FileProblem(path, "is a folder") from None
    except PermissionError:
        raise FileProblem(path, "may not be read") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FileProblem(path, "its gzip is damaged or cut short") from None
    except UnicodeError:
        raise FileProblem(path, "its encoding is damaged") from None
    except pa.ArrowException:
        raise FileProblem(path, "its Parquet is damaged") from None
    except OSError as error:
        raise FileProblem(path, f"cannot be read: {error.strerror or 'damaged'}") from None


@contextmanager
def of_mapping(path: Path) -> Iterator[None]:
    """Name the file whose header or map could not be understood."""
    try:
        yield
    except MappingError as error:
        raise FileProblem(path, str(error)) from None
