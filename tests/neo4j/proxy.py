"""A TCP proxy between a driver and its server: loses what a network may lose, and counts the round trips.

with Proxy(server.port) as proxy:
    store = ... f"bolt://127.0.0.1:{proxy.port}" ...
    proxy.lose("answer")   # of the next commit: the server has done it and nobody hears of it
    proxy.lose("commit")   # the next commit itself: the server never hears of it
    proxy.cut()            # all connections that are open now
    proxy.trips            # how often the client has waited for an answer
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Final, Literal, Self

_COMMIT: Final = b"\x00\x02\xb0\x12\x00\x00"
"""Bolt's COMMIT, a message of one chunk: its length, a structure without fields, its signature, the end."""
_PIECE: Final = 1 << 16

Loss = Literal["commit", "answer"]


class Proxy:
    """Listens on a port of its own for as long as the `with` lasts."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.lost = 0
        self.trips = 0
        self._loss: Loss | None = None
        self._guard = threading.Lock()
        self._open: set[_Connection] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _shut(self._listening)  # which wakes whoever waits in accept(), as closing would not
        self._listening.close()
        self.cut()

    def lose(self, what: Loss) -> None:
        """Lose the next commit, or the answer to it, and the connection with it; once."""
        with self._guard:
            self._loss = what

    def cut(self) -> None:
        """Cut every connection that is open now; new ones are taken."""
        with self._guard:
            held = list(self._open)
        for connection in held:
            connection.cut()

    def loss_of(self, sent: bytes) -> Loss | None:
        """What is to be lost of this, which a client has sent."""
        if _COMMIT not in sent:
            return None
        with self._guard:
            loss, self._loss = self._loss, None
            self.lost += loss is not None
            return loss

    def answered(self) -> None:
        """Count a round trip."""
        with self._guard:
            self.trips += 1

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()  # as if nobody listened
                continue
            connection = _Connection(self, client, server)
            with self._guard:
                self._open.add(connection)
            threading.Thread(target=self._carry, args=(connection,), daemon=True).start()

    def _carry(self, connection: _Connection) -> None:
        connection.carry()
        with self._guard:
            self._open.discard(connection)


class _Connection:
    """One client and the server: two threads carry what comes, until either end is shut."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._waiting = False
        self._losing = False

    def carry(self) -> None:
        """Both ways, until the end."""
        with self._client, self._server:
            back = threading.Thread(target=self._back, daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                self._forth()
            if not self._losing:
                self.cut()
            back.join()

    def cut(self) -> None:
        """Shut both ends, whatever is on its way."""
        _shut(self._client)
        _shut(self._server)

    def _forth(self) -> None:
        while sent := self._client.recv(_PIECE):
            loss = self._proxy.loss_of(sent)
            if loss == "commit":
                return
            self._losing = loss == "answer"
            self._waiting = True
            self._server.sendall(sent)
            if self._losing:
                return

    def _back(self) -> None:
        with contextlib.suppress(OSError):
            while answer := self._server.recv(_PIECE):
                if self._losing:
                    break
                if self._waiting:
                    self._waiting = False
                    self._proxy.answered()
                self._client.sendall(answer)
        self.cut()


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
