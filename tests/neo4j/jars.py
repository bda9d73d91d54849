"""The jars of a Neo4j community server, fetched by Maven once and kept in the user's cache folder.

Maven resolves them, from the repositories that the user's own settings name, and checks each against its
checksum. Where Java is installed and Maven is not, Maven itself is fetched, as its wrapper would do it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "5.26.28"
OLDEST_JAVA = 17
POM = Path(__file__).with_name("pom.xml")

MAVEN = "3.9.11"
MAVEN_URL = (
    f"https://repo.maven.apache.org/maven2/org/apache/maven/apache-maven/{MAVEN}/apache-maven-{MAVEN}-bin.zip"
)
MAVEN_SHA512 = (
    "03e2d65d4483a3396980629f260e25cac0d8b6f7f2791e4dc20bc83f9514db8d"
    "0f05b0479e699a5f34679250c49c8e52e961262ded468a20de0be254d8207076"
)


class Missing(Exception):
    """No Neo4j server can be had here; the text is one line that says why."""


def java() -> str:
    """The `java` to start. Raises Missing where there is none or one that is too old."""
    path = shutil.which("java")
    if path is None:
        raise Missing(f"Java {OLDEST_JAVA} or newer is not installed")
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise Missing(f"Java {OLDEST_JAVA} or newer is needed, found {(told.splitlines() or ['none'])[0]}")
    return path


def cache_folder() -> Path:
    """Where the jars of this version are kept; it is there only when all of them are."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "customer-graph" / f"neo4j-{VERSION}"


def jars() -> Path:
    """A folder of jars, fetched where it is not there yet (118 MB). Raises Missing."""
    java()
    folder = cache_folder()
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.with_name(f"{folder.name}.lock")):
            if not folder.exists():
                _fetch(folder)
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time; the lock falls with the process that holds it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    """Fill `folder` under another name and rename it at the end, so that no part of it is ever used."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # left by one that was interrupted
    unfinished.mkdir()
    print(f"fetching Neo4j {VERSION} to {folder}, once", flush=True)  # noqa: T201 - it takes a while
    try:
        maven = shutil.which("mvn")
        _copy_jars([maven] if maven else ["sh", str(_unpacked_maven(unfinished))], unfinished / "jars")
        (unfinished / "jars").rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _copy_jars(maven: list[str], folder: Path) -> None:
    done = subprocess.run(
        [*maven, "-q", "-B", "-f", POM, f"-Dneo4j.version={VERSION}", "dependency:copy-dependencies",
         "-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if "ERROR" in line] or ["nothing"]
        raise Missing(f"Maven could not fetch Neo4j {VERSION}; it said: {said[0]}")


def _unpacked_maven(folder: Path) -> Path:
    try:
        with urllib.request.urlopen(MAVEN_URL, timeout=60) as reply:
            packed = reply.read()
    except OSError as error:
        raise Missing(f"Maven is not installed and could not be fetched: {error}") from error
    if hashlib.sha512(packed).hexdigest() != MAVEN_SHA512:
        raise Missing(f"{MAVEN_URL} is not the Maven that is expected (SHA-512)")
    archive = folder / "maven.zip"
    archive.write_bytes(packed)
    with zipfile.ZipFile(archive) as parts:
        parts.extractall(folder)
    return folder / f"apache-maven-{MAVEN}" / "bin" / "mvn"
