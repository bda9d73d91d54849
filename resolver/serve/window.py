"""A stream's window: what has been read from it and not been answered yet, in order and bounded."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Window(Generic[T]):
    """Hands items from the thread that reads a stream to the one that answers it.

    At most `size` are in it; `put` waits for room. Closed, it takes nothing more and ends at once;
    finished, it ends once all that is in it has been taken.
    """

    def __init__(self, size: int) -> None:
        self._items: deque[T] = deque()
        self._size = size
        self._changed = threading.Condition()
        self._finished = False
        self._closed = False

    @property
    def _ended(self) -> bool:
        return self._finished or self._closed

    def put(self, item: T) -> bool:
        """Add an item when there is room; False where nobody will take it any longer."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or len(self._items) < self._size)
            if self._ended:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def finish(self) -> bool:
        """Nothing more comes. Whether that is news."""
        with self._changed:
            before, self._finished = self._finished, True
            self._changed.notify_all()
            return not before

    def close(self) -> None:
        """Nobody takes anything any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        """Items in order, each once, until finished or closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._ended)
                if self._closed or not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
