"""All live records with where they came from, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from graph.model import RecordKey
from graph.store import Snapshot
from resolver.normalise import evidence
from resolver.resolve.owning import Seen, places

PAGE: Final = 1000
_CONTACTS: Final = 100_000
"""Contacts of a page of records, the latest, that are asked where they were."""


def seen(snapshot: Snapshot) -> Iterator[Seen]:
    """Every live record: its evidence as normalised, its source, and its contacts' agents and locations."""
    after = None
    while page := snapshot.all_records(after, PAGE):
        after = page[-1].key
        nodes = snapshot.nodes({record.node for record in page if record.node is not None})
        where: dict[RecordKey, set[tuple[str, str]]] = defaultdict(set)
        for contact in snapshot.timeline([record.key for record in page], None, _CONTACTS):
            where[contact.record].add((contact.agent, contact.location))
        for record in page:
            if record.node is not None:
                features = evidence.decode(nodes[record.node].features)
                yield Seen(features, places(record.key.source, where[record.key]))
