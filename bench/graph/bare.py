"""The driver as it comes, but for the remarks on queries, which the store does not ask for either."""

from __future__ import annotations

from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity

from tests.neo4j.server import Login


def driver(login: Login) -> Driver:
    """Bare, to measure against."""
    return GraphDatabase.driver(
        login.uri, auth=login.auth, notifications_min_severity=NotificationMinimumSeverity.OFF
    )
