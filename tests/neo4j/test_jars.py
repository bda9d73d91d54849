"""Jars are fetched once, whoever asks; what was not fetched whole is not used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.neo4j import jars


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a Maven in place that does what it is told in shell; answers the file that counts its calls."""
    try:
        jars.java()
    except jars.Missing as missing:
        pytest.skip(str(missing))
    calls = tmp_path / "calls"

    def put(does: str) -> Path:
        program = tmp_path / "mvn"
        program.write_text(
            f'#!/bin/sh\necho called >> {calls}\nfor last; do :; done\nfolder="${{last#*=}}"\n{does}\n'
        )
        program.chmod(0o755)
        return calls

    for needed in ("java", "sh", "mkdir", "sleep"):
        (tmp_path / needed).symlink_to(str(shutil.which(needed)))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return put


def test_many_who_ask_at_once_fetch_once(maven: Callable[[str], Path]) -> None:
    calls = maven('mkdir -p "$folder"; sleep 0.2; echo > "$folder/neo4j.jar"')
    with ThreadPoolExecutor(4) as askers:
        folders = list(askers.map(lambda _: jars.jars(), range(4)))
    assert set(folders) == {jars.cache_folder()}
    assert [path.name for path in folders[0].iterdir()] == ["neo4j.jar"]
    assert calls.read_text().split() == ["called"]


def test_an_unfinished_fetch_is_not_used(maven: Callable[[str], Path]) -> None:
    maven('mkdir -p "$folder"; echo > "$folder/half.jar"; echo "[ERROR] no network"; exit 1')
    with pytest.raises(jars.Missing, match=r"it said: \[ERROR\] no network"):
        jars.jars()
    assert not jars.cache_folder().exists()
    maven('mkdir -p "$folder"; echo > "$folder/neo4j.jar"')
    assert [path.name for path in jars.jars().iterdir()] == ["neo4j.jar"]


def test_where_maven_is_missing_only_the_expected_one_is_fetched(
    maven: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.zip"
    other.write_bytes(b"not Maven")
    monkeypatch.setattr(jars, "MAVEN_URL", other.as_uri())
    with pytest.raises(jars.Missing, match="not the Maven that is expected"):
        jars.jars()
    monkeypatch.setattr(jars, "MAVEN_URL", (tmp_path / "nowhere").as_uri())
    with pytest.raises(jars.Missing, match="could not be fetched"):
        jars.jars()


def test_java_that_is_not_there_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(jars.Missing, match="not installed"):
        jars.jars()
