"""A Neo4j community server that a test starts, stops, kills and starts again.

    with Server.new() as server:
        GraphDatabase.driver(server.login.uri, auth=server.login.auth)

Its home is a temporary folder, its port a free one, and both stay the same until it is closed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from tests.neo4j.jars import jars, java

READY_WITHIN = 60.0
"""Seconds from the start to the first answer; some 7 on two free cores."""
STOPPED_WITHIN = 60.0
SILENT_AT_MOST = 6
"""Seconds after which the driver takes a connection for dead on which not even a sign of life has come."""


class Kind(NamedTuple):
    """What a server is started for: options of Java, and settings of its own besides those of all."""

    java: tuple[str, ...]
    settings: Mapping[str, str]


FOR_TESTS = Kind(
    ("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    {
        "server.memory.pagecache.size": "128m",
        # A database that is emptied again and again would have every query planned anew each time.
        "dbms.cypher.min_replan_interval": "1h",
    },
)
"""Quick to start and small, for little data."""
FOR_SPEED = Kind(("-Xms2g", "-Xmx2g", "-XX:+UseG1GC"), {"server.memory.pagecache.size": "1g"})
"""As a small server in production."""

_OPENED = ("java.nio", "java.io", "sun.nio.ch")
_SETTINGS = """\
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.bolt.connection_keep_alive={keep_alive}s
server.bolt.connection_keep_alive_probes=2
dbms.security.auth_enabled={auth}
dbms.usage_report.enabled=false
db.tx_log.preallocate=false
"""
# Reads until those who hold the other end are gone, in whatever way, then ends the server and its data.
_GUARD = 'read -r _; kill -9 "$0"; rm -rf "$1"'


class NotStarted(Exception):
    """The server ended or did not answer in time; holds the last lines that it wrote."""


@dataclass(frozen=True, slots=True)
class Login:
    """Where a server is and who may come in. `user` and `password` are None where it asks nobody."""

    uri: str
    user: str | None = None
    password: str | None = None

    @property
    def auth(self) -> tuple[str, str] | None:
        """As the driver takes it."""
        return None if self.user is None or self.password is None else (self.user, self.password)


class Server:
    """One server: its home folder, its port and, while it runs, its process."""

    def __init__(self, home: Path, port: int, password: str | None, kind: Kind) -> None:
        self.home = home
        self.port = port
        self.login = Login(f"neo4j://127.0.0.1:{port}", password and "neo4j", password)
        self._kind = kind
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @classmethod
    def new(cls, *, auth: bool = True, kind: Kind = FOR_TESTS) -> Server:
        """A server without data, running and answering. Raises Missing and NotStarted."""
        jars()  # said to be missing before anything is made
        home = Path(tempfile.mkdtemp(prefix="customer-graph-neo4j-"))
        port = free_port()
        for folder in ("conf", "data", "logs", "run", "plugins", "import"):
            (home / folder).mkdir()
        settings = _SETTINGS.format(port=port, auth=str(auth).lower(), keep_alive=SILENT_AT_MOST // 2)
        settings += "".join(f"{name}={value}\n" for name, value in kind.settings.items())
        (home / "conf" / "neo4j.conf").write_text(settings)
        server = cls(home, port, secrets.token_urlsafe(12) if auth else None, kind)
        try:
            server._set_password()
            server.start()
        except BaseException:
            server.close()
            raise
        return server

    def start(self) -> None:
        """Start it on the data and the port that it had, and wait until it answers. Raises NotStarted."""
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        with self._console.open("ab") as console:
            self._process = subprocess.Popen(
                [
                    *self._java(*self._kind.java, *opened),
                    "org.neo4j.server.CommunityEntryPoint",
                    f"--home-dir={self.home}",
                    f"--config-dir={self.home / 'conf'}",
                    "--console-mode",
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env=self._environment,
            )
        self._guard = guard(self._process.pid, self.home)
        self._await_ready(self._process)

    def stop(self) -> None:
        """End it as an operator would, with its data in order; some 10 s."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as power failure would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it stand still, as on a disk that does not answer: connections stay open and nothing moves."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End it and remove its data. May be called again."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self, lines: int = 20) -> str:
        """The last lines that it wrote to its console."""
        if not self._console.exists():
            return ""
        return "\n".join(self._console.read_text("utf-8", "replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _console(self) -> Path:
        return self.home / "logs" / "console.log"

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}

    def _java(self, *options: str) -> list[str]:
        found = f"{self.home / 'plugins'}/*:{self.home / 'conf'}:{jars()}/*"
        return [java(), *options, "-Dlog4j2.disable.jmx=true", "-cp", found]

    def _set_password(self) -> None:
        if self.login.password is None:
            return
        admin = "org.neo4j.server.startup.Neo4jAdminCommand"
        done = subprocess.run(
            [*self._java(*FOR_TESTS.java), admin, "dbms", "set-initial-password", self.login.password],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotStarted(f"Neo4j took no password:\n{done.stdout}{done.stderr}")

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not (_listens(self.port) and answers(self.login)):
            if (ended := process.poll()) is not None:
                raise NotStarted(f"Neo4j ended with {ended} before it answered:\n{self.log()}")
            if time.monotonic() > deadline:
                raise NotStarted(f"Neo4j did not answer within {READY_WITHIN:.0f} s:\n{self.log()}")
            time.sleep(0.1)

    def _end(self, how: signal.Signals) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None
        if self._process is not None:
            self._signal(how)
            self._process.wait(STOPPED_WITHIN)
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def guard(process_id: int, home: Path) -> subprocess.Popen[bytes]:
    """A process that ends the server, and removes its home, as soon as this one is gone, in whatever way."""
    return subprocess.Popen(
        ["sh", "-c", _GUARD, str(process_id), str(home)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # what interrupts the tests must not end it before its time
    )


def answers(login: Login) -> bool:
    """Whether a server answers there; False also where it says that it is not ready."""
    with GraphDatabase.driver(login.uri, auth=login.auth, connection_timeout=5) as driver:
        try:
            driver.verify_connectivity()
        except (DriverError, Neo4jError):
            return False
    return True


def _listens(port: int) -> bool:
    """Asked before `answers`, since a driver logs each time that it is refused."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
