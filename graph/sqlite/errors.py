"""SQLite's refusals as the store's errors: one line each, never a value."""

from __future__ import annotations

import apsw

from graph.errors import StoreCorrupt, StoreError, StoreUnavailable

_UNAVAILABLE: dict[type[apsw.Error], str] = {
    apsw.BusyError: "the store is busy",
    apsw.LockedError: "the store is busy",
    apsw.FullError: "the store's disk is full",
    apsw.IOError: "the store's file cannot be read or written",
    apsw.CantOpenError: "the store's file cannot be opened",
    apsw.ReadOnlyError: "the store's file may not be written",
    apsw.PermissionsError: "the store's file may not be opened",
    apsw.NoMemError: "the store is out of memory",
    apsw.InterruptError: "the store was interrupted",
    apsw.ConnectionClosedError: "the store is closed",
}


class _Translated:
    """Turns whatever SQLite, or binding a value to it, raises within into a `StoreError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, *__: object) -> None:
        if isinstance(error, apsw.Error):
            raise _translation(error) from error
        if isinstance(error, UnicodeEncodeError):
            # Not chained: the error holds the whole text.
            raise StoreError("a text holds a lone surrogate, which has no bytes") from None
        if isinstance(error, OverflowError):
            raise StoreError("a number does not fit into 64 bits") from None


translated = _Translated()
"""`with translated:` around every use of SQLite."""


def _translation(error: apsw.Error) -> StoreError:
    if isinstance(error, (apsw.CorruptError, apsw.NotADBError)):
        return StoreCorrupt("the store's file is damaged or is not a database")
    if isinstance(error, apsw.ConstraintError):
        return StoreError("the change contradicts what is stored: a key is there already")
    for kind, text in _UNAVAILABLE.items():
        if isinstance(error, kind):
            return StoreUnavailable(text)
    return StoreError(f"the store failed ({type(error).__name__})")
