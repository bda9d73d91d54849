"""Questions that many threads ask at one time, put to the server together.

A question costs the driver and the server far more than what is asked: whoever asks while others wait shares
that with them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from graph.errors import StoreUnavailable

K = TypeVar("K")
V = TypeVar("V")

_MOST: Final = 100
"""Questions that are asked together."""
_PATIENCE_SECONDS: Final = 0.02
"""How long those who come later wait for those who are on their way, one of whom may take long."""


class Together(Generic[K, V]):
    """Answers questions of any thread by `ask`, which takes several and answers each, in their order.

    Who comes while none is on its way asks at once. Who comes later waits until that one is back, though
    not for long, and then all who have gathered ask together. No question is on its way before it came, so
    its answer is never older than it.
    """

    def __init__(self, ask: Callable[[Sequence[K]], Sequence[V]]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._waiting: deque[_Asked[K, V]] = deque()
        self._on_their_way = 0

    def __call__(self, question: K) -> V:
        """The answer; raises what `ask` raises for this question, `StoreUnavailable` where it is for any."""
        mine = _Asked[K, V](question)
        with self._lock:
            goes = not self._on_their_way
            if goes:
                self._on_their_way += 1
            else:
                self._waiting.append(mine)
        if goes or self._is_to_go(mine):
            self._go(mine)
        if mine.unavailable is not None:
            raise StoreUnavailable(*mine.unavailable.args)
        # Where several failed together it may be another's doing: each asks by itself.
        return self._ask([question])[0] if mine.answer is None else mine.answer[0]

    def _is_to_go(self, mine: _Asked[K, V]) -> bool:
        """Wait; whether the question is to be asked by who waits, else it has been."""
        if mine.wait(_PATIENCE_SECONDS):
            return mine.goes
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
                self._on_their_way += 1
                return True
        mine.wait()
        return mine.goes

    def _go(self, mine: _Asked[K, V]) -> None:
        """Ask, and for all who wait; then have the next one go."""
        with self._lock:
            others = [self._waiting.popleft() for _ in range(min(_MOST - 1, len(self._waiting)))]
        together = [mine, *others]
        try:
            answers = self._ask([each.question for each in together])
            for each, answer in zip(together, answers, strict=True):
                each.answer = (answer,)
        except StoreUnavailable as error:
            for each in together:
                each.unavailable = error
        except Exception:
            if not others:
                raise
        finally:
            with self._lock:
                following = self._waiting.popleft() if self._waiting else None
                self._on_their_way -= following is None
            if following is not None:
                following.tell(goes=True)
            for each in others:
                each.tell(goes=False)


class _Asked(Generic[K, V]):
    """A question of a thread that waits; `answer` holds its answer, once there is one.

    `goes`: who waits is to go and ask; `unavailable`: there was nobody to answer.
    """

    __slots__ = ("_told", "answer", "goes", "question", "unavailable")

    def __init__(self, question: K) -> None:
        self.question = question
        self.answer: tuple[V] | None = None
        self.unavailable: StoreUnavailable | None = None
        self.goes = False
        # A bare lock: an event would be made of four objects for each lookup.
        self._told = threading.Lock()
        self._told.acquire()

    def tell(self, *, goes: bool) -> None:
        """End the wait."""
        self.goes = goes
        self._told.release()

    def wait(self, seconds: float = -1) -> bool:
        """Wait until told, so long at most; whether it was."""
        return self._told.acquire(timeout=seconds)
