"""Whoever follows the feed of changes, and whether it was told all of them in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

import grpc

from resolver.v1 import change_pb2, customer_service_pb2_grpc
from resolver.v1 import customer_service_pb2 as pb

_CATCHES_UP_SECONDS: Final = 60.0
_PAGE: Final = 1_000


class NotTold(Exception):
    """The feed stays behind."""


class Follower:
    """Follows the feed in a thread from the revision that is the latest now. Use it in a `with`."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._customers = customer_service_pb2_grpc.CustomerServiceStub(channel)
        self.changes: list[change_pb2.Change] = []

    def __enter__(self) -> Self:
        self.start = self._latest()
        self._call = self._customers.WatchChanges(pb.WatchChangesRequest(after_revision=self.start))
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call.cancel()
        self._thread.join()

    def wrong(self) -> int:
        """How many changes of the history it was not told at their place. Nothing may be written meanwhile.

        Raises `NotTold` where it does not come to the end of it.
        """
        history = [*self._history()]
        end = time.monotonic() + _CATCHES_UP_SECONDS
        while history and history[-1] > max(self._told(), default=0):
            if time.monotonic() > end:
                raise NotTold(f"the feed stays behind at revision {max(self._told(), default=0)}")
            time.sleep(0.05)
        return misplaced(self._told(), history)

    def _told(self) -> list[int]:
        return [each.revision for each in self.changes]

    def _follow(self) -> None:
        try:
            for reply in self._call:
                self.changes.extend(reply.changes)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                raise

    def _latest(self) -> int:
        return int(self._customers.ListChanges(pb.ListChangesRequest(page_size=1)).revision)

    def _history(self) -> Iterator[int]:
        asked = pb.ListChangesRequest(after_revision=self.start, page_size=_PAGE)
        while True:
            reply = self._customers.ListChanges(asked)
            yield from (each.revision for each in reply.changes)
            if not reply.next_page_token:
                return
            asked.page_token = reply.next_page_token


def misplaced(told: list[int], history: list[int]) -> int:
    """Places at which two runs of revisions differ; what one of them has more counts too."""
    both = sum(one != other for one, other in zip(told, history, strict=False))
    return both + abs(len(told) - len(history))
