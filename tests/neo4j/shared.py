"""The one Neo4j server of a test session: the one that NEO4J_URI names, else one that is started here.

    login = shared.login()   # skips the test where there is none to be had; fails it where CI is set
    shared.empty(login)      # no node, no relation; constraints and indexes stay

`NEO4J_USER` and `NEO4J_PASSWORD` go with `NEO4J_URI`. Its database must be empty at first, since the tests
empty it again and again.
"""

from __future__ import annotations

import atexit
import os
from functools import cache
from typing import NoReturn

import pytest
from neo4j import Driver, GraphDatabase

from tests.neo4j.jars import Missing
from tests.neo4j.server import Login, Server, answers


def login() -> Login:
    """Where the server is; started with the first call, ended with the process."""
    found = _found()
    if isinstance(found, str):
        refuse(found)
    return found.login if isinstance(found, Server) else found


def server() -> Server:
    """The same where it was started here, and so may be killed; else one that is started for this."""
    found = _own() if isinstance(_found(), Login) else _found()
    if not isinstance(found, Server):
        refuse(str(found))
    return found


@cache
def driver(at: Login) -> Driver:
    """A bare driver, to look behind the store's back; the same one in each call."""
    opened = GraphDatabase.driver(at.uri, auth=at.auth)
    atexit.register(opened.close)
    return opened


def empty(at: Login) -> None:
    """Remove all nodes and relations; constraints and indexes stay, since they take long to make."""
    driver(at).execute_query("MATCH (node) DETACH DELETE node")


def refuse(reason: str) -> NoReturn:
    """Skip this test for want of a server, or fail it where nothing may be skipped."""
    line = f"no Neo4j to test on: {reason} (or set NEO4J_URI)"
    if os.environ.get("CI"):
        pytest.fail(line, pytrace=False)
    pytest.skip(line)


@cache
def _found() -> Login | Server | str:
    """The server, or the one line that says why there is none."""
    uri = os.environ.get("NEO4J_URI")
    return _own() if uri is None else _named(uri)


def _named(uri: str) -> Login | str:
    named = Login(uri, os.environ.get("NEO4J_USER", "neo4j"), os.environ.get("NEO4J_PASSWORD"))
    if not answers(named):
        return "the server at NEO4J_URI does not answer, or not to NEO4J_USER with NEO4J_PASSWORD"
    if driver(named).execute_query("MATCH (node) RETURN node LIMIT 1").records:
        return "the database at NEO4J_URI is not empty, and the tests would empty it"
    atexit.register(empty, named)
    return named


@cache
def _own() -> Server | str:
    try:
        started = Server.new()
    except Missing as missing:
        return str(missing)
    atexit.register(started.close)
    return started
