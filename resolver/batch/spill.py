"""Many short texts of bytes in a file without a name: the system keeps in memory what it has room for."""

from __future__ import annotations

import mmap
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from typing import overload


class Spill(Sequence[bytes]):
    """Appended to, then `sealed`, then read; processes forked after that share it.

    It lies where the system keeps temporary files (TMPDIR). Raises OSError where that is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=1 << 20)  # noqa: SIM115 - it lives as long as this
        self._ends = array("q", [0])
        self._map: mmap.mmap | bytes | None = None

    def append(self, content: bytes) -> None:
        """Add one at the end."""
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def sealed(self) -> Spill:
        """The same, ready to be read; nothing is added any more."""
        self._file.flush()
        size = self._ends[-1]
        self._map = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
        self._file.close()
        return self

    def close(self) -> None:
        """Add no more; what is not sealed is lost. Idempotent."""
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> list[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | list[bytes]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if self._map is None:
            raise ValueError("not sealed yet")
        place = range(len(self))[number]
        return self._map[self._ends[place] : self._ends[place + 1]]

    def __iter__(self) -> Iterator[bytes]:
        return (self[number] for number in range(len(self)))
