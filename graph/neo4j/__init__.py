"""The store on a Neo4j server: any number of processes read and write one graph.

Needs the extra `neo4j`, so it is imported only where such a store is opened.
"""

from __future__ import annotations

from graph.neo4j.connection import Address, Limits
from graph.neo4j.store import Neo4jStore

__all__ = ["Address", "Limits", "Neo4jStore"]
