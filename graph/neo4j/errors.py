"""The driver's refusals as the store's errors: one line each, never a value.

None is chained: the server's messages repeat the values that they are about.
"""

from __future__ import annotations

from traceback import clear_frames
from types import TracebackType

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConstraintError,
    DriverError,
    Forbidden,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.errors import StoreError, StoreUnavailable

_ENDED = (
    "Neo.ClientError.Transaction.LockClientStopped",
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
    "Neo.ClientError.Transaction.TransactionTerminated",
    "Neo.TransientError.Transaction.Terminated",
)


class _Translated:
    """Turns whatever the driver, or binding a value, raises within into a `StoreError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, (Neo4jError, DriverError)):
            raise translation(error) from None
        if isinstance(error, (UnicodeEncodeError, OverflowError)):
            # What was half packed stays in the connection's buffer as long as these frames look at it.
            clear_frames(trace)
        if isinstance(error, UnicodeEncodeError):
            raise StoreError("a text holds a lone surrogate, which has no bytes") from None
        if isinstance(error, OverflowError):
            raise StoreError("a number does not fit into 64 bits") from None


translated = _Translated()
"""`with translated:` around every use of the driver."""


def unreachable(error: Neo4jError | DriverError) -> bool:
    """Whether the server, or the way to it, failed: the same may succeed on another connection."""
    return isinstance(error, (ServiceUnavailable, SessionExpired, TransientError)) or error.is_retryable()


def translation(error: Neo4jError | DriverError) -> StoreError:
    """The store's error for one of the driver's."""
    if isinstance(error, ConstraintError):
        return StoreError("the change contradicts what is stored: a key is there already")
    if isinstance(error, (AuthError, Forbidden)):
        return StoreError("the server refuses the user or the password, or lets the user not do this")
    if isinstance(error, ConfigurationError):
        return StoreError("the server's address, or how it is to be reached, makes no sense to the driver")
    if isinstance(error, Neo4jError):
        if error.code in _ENDED:
            return StoreUnavailable("the server ended the transaction: it took too long")
        if unreachable(error):
            return StoreUnavailable("the server cannot do this now")
        return StoreError(f"the server refused ({error.code})")
    return StoreUnavailable("the server cannot be reached")
